"""The command `read`: digits or numbers of pictures, a line for each picture."""

import argparse
import functools
import json
from collections.abc import Iterable
from pathlib import Path

from digitlib.reading.allowed import make_allowed
from digitlib.reading.images import ImageError
from digitlib.reading.network import load_recognizer
from digitlib.reading.number import Number, read_number
from digitlib.reading.reader import Reading, read_digit


def read_pictures(photos: Iterable[str], options: argparse.Namespace) -> int:
    """Read pictures, and print a line for each.

    Parameters
    ----------
    photos : iterable of str
        Names of files.
    options : argparse.Namespace
        Of the command.

    Returns
    -------
    int
        The exit status: 1 if a picture could not be read.

    Raises
    ------
    ValueError
        What is said to be known of the texts cannot be.
    """
    network = load_recognizer(options.network) if options.network else None
    known = {"among": _among(options.among), "pattern": options.pattern, "at_most": options.at_most}
    if options.number:
        make_allowed(**known)  # so that a wrong one is told once, and not with each picture
    elif any(value is not None for value in known.values()):
        raise ValueError("What is known of a text is for numbers: add --number.")
    read_photo = functools.partial(read_number, **known) if options.number else read_digit
    failures = 0
    for photo in photos:
        try:
            found = read_photo(photo, network=network)
        except ImageError as error:
            failures += 1
            result, text = {"error": str(error)}, f"error: {error}"
        else:
            result, text = _number(found) if options.number else _digit(found)
        line = json.dumps({"file": photo, **result}) if options.json else f"{_printable(photo)}  {text}"
        print(line, flush=True)
    return 1 if failures else 0


def _among(given: str | None) -> list[str] | None:
    """Return the texts of a file, one a line, or of a list with commas."""
    if given is None:
        return None
    try:
        return Path(given).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError):
        return given.split(",")


def _digit(reading: Reading) -> tuple[dict, str]:
    """Return a reading as values for JSON and as text."""
    values = {
        "digit": reading.digit,
        "confidence": reading.confidence,
        "certain": reading.certain,
        "probabilities": reading.probabilities.tolist(),
    }
    return values, _sentence(str(reading.digit), reading.confidence, reading.certain)


def _number(number: Number) -> tuple[dict, str]:
    """Return a number as values for JSON and as text."""
    digits = [{**_digit(reading)[0], "box": list(reading.box)} for reading in number]
    values = {
        "text": number.text,
        "confidence": number.confidence,
        "certain": number.certain,
        "digits": digits,
    }
    return values, _sentence(number.text.replace("\n", " / "), number.confidence, number.certain)


def _sentence(text: str, confidence: float, certain: bool) -> str:
    return f"{text}  {confidence:.1%}" + ("" if certain else "  not sure")


def _printable(name: str) -> str:
    return name if name.isprintable() else ascii(name)
