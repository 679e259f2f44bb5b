"""The answers of the demo: from the bytes of an image to an `Answer` in plain English."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitlib.reading.images import load_picture
from digitlib.reading.network import Recognizer
from digitlib.reading.number import Number, read_number
from digitlib.reading.picture import ImageError, NoDigitError, Picture
from digitlib.reading.reader import Reading, read_character, read_digit, read_letter
from digitlib.reading.text import KINDS, Text, read_text
from digitlib.web.words import say

LARGEST = 8 * 2**20
"""Largest image file that the demo opens, in bytes; the browser sends much smaller ones."""

_RUNNER_UP = 0.1  # a second digit is named in the sentence from this probability on
_NOTHING = 0.4  # below this confidence the image shows no digit


@dataclass(frozen=True)
class Answer:
    """The answer of the demo to an image.

    Attributes
    ----------
    sentence : str
        The answer, or the problem with the image, in plain English.
    headline : str
        The same in a few characters, shown large: the digit, a number (a line for each row), or nothing.
    mood : {"welcome", "sure", "unsure", "problem"}
        Kind of the answer; it sets the colour of the page.
    picture : Picture or None
        The image, if it could be opened.
    readings : tuple of Reading
        No digit, one digit, or the digits of a number in reading order.
    skip : tuple of str
        The preprocessing steps that were switched off.
    network : Recognizer or None
        The network that answered; None for the one that digitlib ships.
    said : (str, dict)
        Key and values of the sentence, from which a page makes it in another language; see `say`.
    what : {"digits", "letters", "both"}
        What was looked for.
    """

    sentence: str
    headline: str = ""
    mood: str = "welcome"
    picture: Picture | None = None
    readings: tuple[Reading, ...] = ()
    skip: tuple[str, ...] = ()
    network: Recognizer | None = None
    said: tuple[str, dict] = ("welcome", {})
    what: str = KINDS[0]

    @property
    def reading(self) -> Reading | None:
        """The first digit, or None."""
        return self.readings[0] if self.readings else None


def _make(
    key: str,
    values: dict,
    headline: str,
    mood: str,
    picture: Picture | None = None,
    readings: tuple[Reading, ...] = (),
    skip: tuple[str, ...] = (),
    network: Recognizer | None = None,
    what: str = KINDS[0],
) -> Answer:
    """Return an answer with the sentence of a key."""
    without = say("without", steps=", ".join(skip)) if skip else ""
    sentence = without + say(key, **values) + (f" {say('signs')}" if values.get("signs") else "")
    return Answer(sentence, headline, mood, picture, readings, skip, network, (key, values), what)


WELCOME = _make("welcome", {}, "?", "welcome")
BROKEN = _make("broken", {}, "!", "problem")
NO_NETWORK = _make("no_network", {}, "!", "problem")
SLOW = _make("slow", {}, "!", "problem")


def answer(
    data: bytes, skip: Sequence[str] = (), network: Recognizer | None = None, what: str = KINDS[0]
) -> Answer:
    """Return the answer to an image file: digit, number or letters, in plain English.

    Introduced in notebook 06.

    Parameters
    ----------
    data : bytes
        The content of an image file: JPEG, PNG, GIF, BMP, WebP or TIFF, of at most `LARGEST` bytes.
    skip : sequence of str
        Preprocessing steps to leave out; see `digitlib.preprocess.trace`. The image is then read as one
        digit.
    network : Recognizer, optional
        A network of your own (see `digitlib.load_recognizer`); by default those that digitlib ships.
    what : {"digits", "letters", "both"}
        What to look for. A network of your own looks for what it knows.

    Returns
    -------
    Answer
        Also for a file that is no image or shows no digit.

    Raises
    ------
    ModelError
        The trained network is missing or damaged.

    Examples
    --------
    >>> answer(b"Dear diary").mood
    'problem'
    """
    if len(data) > LARGEST:
        values = {"size": round(len(data) / 2**20), "most": LARGEST // 2**20}
        return _make("too_large", values, "!", "problem")
    try:
        picture = load_picture(data)
    except ImageError as error:
        return _make("file", {"detail": _sentence(error)}, "!", "problem")
    return answer_picture(picture, tuple(skip), network, what)


def answer_picture(picture: Picture, skip: tuple[str, ...], network: Recognizer | None, what: str) -> Answer:
    """Return the answer to a picture that was loaded before.

    Parameters
    ----------
    picture : Picture
    skip, network, what : object
        As `answer` takes them.

    Returns
    -------
    Answer

    Examples
    --------
    >>> answer_picture(load_picture(np.full((90, 90), 255, np.uint8)), (), None, "digits").headline
    '?'
    """
    if network is not None:
        what = network.what
    try:
        reading, text = _read(picture, skip, network, what)
    except NoDigitError as error:
        values = {"detail": _sentence(error)} if skip else {}
        key = "nothing_left" if skip else _key("no_digit", what)
        return _make(key, values, "?", "problem", picture, (), skip, network, what)
    if _is_number(text):
        in_words = _number_in_words(text, reading) if what == "digits" else _text_in_words(text)
        return _make(*in_words, picture, tuple(text), (), network, what)
    key, *in_words = _in_words(reading)
    return _make(_key(key, what), *in_words, picture, (reading,), skip, network, what)


def _read(
    picture: Picture, skip: tuple[str, ...], network: Recognizer | None, what: str
) -> tuple[Reading, Number | Text | tuple]:
    """Return the one character of a picture, and all of them: none where a step is left out."""
    if what == "digits":
        reading = read_digit(picture, skip, network)
        return reading, () if skip else read_number(picture, network=network)
    reading = read_character(picture, skip) if what == "both" else read_letter(picture, skip, network)
    return reading, () if skip else read_text(picture, what, network)


def _key(key: str, what: str) -> str:
    """Return the key of the sentence that says the same of letters."""
    return key if what == "digits" or key == "either" else f"{key}_text"


def _text_in_words(text: Text) -> tuple[str, dict, str, str]:
    """Return key and values of the sentence, headline and mood for several characters."""
    values = {"count": len(text), "shown": ", then ".join(text.text.split("\n")), "percent": text.confidence}
    if not text.certain:
        return "many_unsure_text", values, text.text, "unsure"
    return "many_text", values | {"certainty": _certainty(text.confidence)}, text.text, "sure"


def _sentence(error: Exception) -> str:
    message = str(error)
    return message[:1].upper() + message[1:]


def _is_number(number: Number | Text | tuple) -> bool:
    """Return whether an image shows a number: two digits or more, all certain, or most and a likely text.

    Some components of a drawing may resemble digits, but rarely all of them, and hardly ever do both readers
    see the same ones. A number of certain digits may still be unlikely: as where the border cuts the last.
    """
    certain = sum(one.certain for one in number)
    likely = 2 * certain > len(number) and number.confidence > _LIKELY_TEXT
    return len(number) > 1 and (certain == len(number) or likely)


def _in_words(reading: Reading) -> tuple[str, dict, str, str]:
    """Return key and values of the sentence, headline and mood for one digit."""
    label, values = reading.label, {"digit": reading.label, "percent": reading.confidence}
    if reading.certain:
        return "sure", values | {"certainty": _certainty(reading.confidence)}, label, "sure"
    if reading.confidence < _NOTHING:
        return "unknown", {}, "?", "unsure"
    second = int(np.argsort(reading.probabilities)[-2])
    other = float(reading.probabilities[second])
    if other < _RUNNER_UP:
        return "unsure", values, f"{label}?", "unsure"
    values |= {"second": reading.classes[second], "other": other}
    return "either", values, say("or", **values), "unsure"


def _number_in_words(number: Number, reading: Reading) -> tuple[str, dict, str, str]:
    """Return the same for several digits; `reading` is what one digit would be."""
    rows = number.text.split("\n")
    values = {"count": len(number), "shown": ", then ".join(rows), "signs": len(number.skipped)}
    if doubtful := [index for index, one in enumerate(number) if not one.certain]:
        return "number_doubtful", values | {"places": doubtful}, number.text, "unsure"
    if len(rows) > 1 and all(_inside(one.box, reading.box) for one in number):
        # Parts above each other that may belong to one digit, as where a shadow cuts a stroke in two.
        return "parts", values, number.text, "unsure"
    values["percent"] = number.confidence
    if not number.certain:
        return "number_unsure", values, number.text, "unsure"
    return "number", values | {"certainty": _certainty(number.confidence)}, number.text, "sure"


def _inside(box: tuple[int, int, int, int], around: tuple[int, int, int, int]) -> bool:
    row, column, height, width = box
    top, left, tall, wide = around
    return row >= top and column >= left and row + height <= top + tall and column + width <= left + wide


def _certainty(confidence: float) -> str:
    """Return the key of the word for a confidence."""
    if confidence > 0.99:
        return "almost_certain"
    return "quite_sure" if confidence > 0.9 else "fairly_sure"


_LIKELY_TEXT = 0.3
"""Confidence of a whole text below which doubtful parts of an image are not said to be a number."""
