"""The command `read`: digits, numbers or letters of pictures, a line for each picture."""

import argparse
import functools
import json
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from digitlib.reading.allowed import make_allowed
from digitlib.reading.network import Recognizer, load_recognizer
from digitlib.reading.number import Number, read_number
from digitlib.reading.picture import ImageError
from digitlib.reading.reader import Reading, read_digit, read_letter
from digitlib.reading.text import Text, read_text

FEW = 32
"""Pictures for which a further process is worth its start."""
SHARE = 8
"""Pictures that a process takes at once."""


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
    if options.network:
        _network(options.network)  # so that a damaged one is told once, and not with each picture
    known = {"among": _among(options.among), "pattern": options.pattern, "at_most": options.at_most}
    if options.number:
        make_allowed(**known)  # a wrong one, too
    what = "letters" if options.letters else "both" if options.both else "digits"
    known = {name: value for name, value in known.items() if value is not None}
    if known and not (options.number and what == "digits"):
        raise ValueError("What is known of a text is for numbers: add --number, without --letters or --both.")
    photos = list(photos)
    one = not options.number and what != "both"
    answer = functools.partial(_answer, what=what, one=one, known=known, network=options.network)
    failures = 0
    for done, (photo, (result, text)) in enumerate(zip(photos, _answers(photos, answer), strict=True)):
        failures += "error" in result
        line = json.dumps({"file": photo, **result}) if options.json else f"{_printable(photo)}  {text}"
        print(line, flush=True)
        _show_progress(done + 1, len(photos))
    return 1 if failures else 0


def _answers(photos: list[str], answer: Callable[[str], tuple[dict, str]]) -> Iterator[tuple[dict, str]]:
    """Yield the answers to pictures in their order; many are shared among all cores."""
    workers = min(os.cpu_count() or 1, len(photos) // FEW)
    if workers < 2:
        yield from map(answer, photos)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _leave_ctrl_c) as pool:
        try:
            yield from pool.map(answer, photos, chunksize=SHARE)
        finally:
            pool.shutdown(cancel_futures=True)


def _leave_ctrl_c() -> None:
    """Leave Ctrl-C to the process that shares out the work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _answer(photo: str, what: str, one: bool, known: dict, network: Path | None) -> tuple[dict, str]:
    """Return the answer to a picture as values for JSON and as text."""
    rows = functools.partial(read_number, **known) if known else functools.partial(read_text, what=what)
    read, tell = (read_letter if what == "letters" else read_digit, _character) if one else (rows, _text)
    try:
        return tell(read(photo, network=_network(network) if network else None))
    except ImageError as error:
        return {"error": str(error)}, f"error: {error}"


@functools.cache
def _network(network: Path) -> Recognizer:
    return load_recognizer(network)


def _show_progress(done: int, of: int) -> None:
    """Show on the terminal how many pictures are read, where the answers go elsewhere."""
    if sys.stderr.isatty() and not sys.stdout.isatty():
        end = "\n" if done == of else ""
        print(f"\rread {done:,} of {of:,} pictures", end=end, file=sys.stderr, flush=True)


def _among(given: str | None) -> list[str] | None:
    """Return the texts of a file, one a line, or of a list with commas."""
    if given is None:
        return None
    try:
        return Path(given).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError):
        return given.split(",")


def _character(reading: Reading) -> tuple[dict, str]:
    """Return a reading as values for JSON and as text."""
    digits = all(name.isdecimal() for name in reading.classes)
    values = {
        **({"digit": reading.digit} if digits else {"label": reading.label, "classes": reading.classes}),
        "confidence": reading.confidence,
        "certain": reading.certain,
        "probabilities": reading.probabilities.tolist(),
    }
    return values, _sentence(reading.label, reading.confidence, reading.certain)


def _text(text: Number | Text) -> tuple[dict, str]:
    """Return a number or a text as values for JSON and as text."""
    values = {
        "text": text.text,
        "confidence": text.confidence,
        "certain": text.certain,
        "digits" if isinstance(text, Number) else "characters": [
            {**_character(reading)[0], "box": list(reading.box)} for reading in text
        ],
    }
    return values, _sentence(text.text.replace("\n", " / "), text.confidence, text.certain)


def _sentence(text: str, confidence: float, certain: bool) -> str:
    return f"{text}  {confidence:.1%}" + ("" if certain else "  not sure")


def _printable(name: str) -> str:
    return name if name.isprintable() else ascii(name)
