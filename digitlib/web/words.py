"""What the demo says: texts by key and language, and how their values are written."""

import json
from collections.abc import Sequence
from pathlib import Path

LANGUAGES = ("en", "de", "fr", "es")
_FOLDER = Path(__file__).parent / "static" / "words"
_PER_CENT = "\N{NO-BREAK SPACE}%"


def words() -> dict[str, dict[str, str]]:
    """Return all texts: language to key to text, with {values} in it."""
    files = {language: _FOLDER / f"{language}.json" for language in LANGUAGES}
    return {language: json.loads(file.read_text(encoding="utf-8")) for language, file in files.items()}


_WORDS = words()["en"]


def say(key: str, **values: object) -> str:
    """Return the English text of a key, with its values filled in.

    Parameters
    ----------
    key : str
        A key of the words in `digitlib/web/static/words`.
    **values : object
        What stands in braces there. `percent` and `other` are probabilities, `certainty` is a key, and
        `places` a list of places, counted from 0.

    Returns
    -------
    str

    Examples
    --------
    >>> say("either", digit=4, percent=0.55, second=9, other=0.4).replace("\N{NO-BREAK SPACE}", " ")
    'I am not sure: 4 (55 %) or 9 (40 %)?'
    """
    filled = {"a": "an" if str(values.get("digit")) == "8" else "a"} | values
    for name, write in {
        "percent": per_cent,
        "other": per_cent,
        "certainty": _WORDS.get,
        "places": _places,
    }.items():
        if name in values:
            filled[name] = write(values[name])
    return _WORDS[key].format(**filled)


def _places(places: Sequence[int]) -> str:
    """Return the places of digits in words: "the first and fourth"."""
    names = _WORDS["ordinals"].split()
    if len(places) > 2 or max(places) >= len(names):
        return say("of_them", count=len(places))
    return say("the_places", list=f" {_WORDS['and']} ".join(names[place] for place in places))


def per_cent(probability: float) -> str:
    r"""Return a probability in per cent, never 0 % and never 100 %.

    Parameters
    ----------
    probability : float, 0 to 1

    Returns
    -------
    str
        A whole number from 1 to 99, and a per cent sign.

    Examples
    --------
    >>> per_cent(0.9999), per_cent(0.5)
    ('more than 99\xa0%', '50\xa0%')
    """
    if probability > 0.99:
        return f"{_WORDS['more_than']} 99{_PER_CENT}"
    return (
        f"{_WORDS['less_than']} 1{_PER_CENT}" if probability < 0.01 else f"{100 * probability:.0f}{_PER_CENT}"
    )
