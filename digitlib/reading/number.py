"""Several digits: picture in, `Number` out."""

import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from digitlib.reading.allowed import Allowed, make_allowed
from digitlib.reading.both import as_recognizer
from digitlib.reading.components import Box
from digitlib.reading.images import Source, load_picture
from digitlib.reading.network import Recognizer
from digitlib.reading.page import Page, find_ink_rows
from digitlib.reading.reader import Reading
from digitlib.reading.straighten import straighten
from digitlib.reading.two_readers import read_rows

CERTAIN = 0.78
"""Confidence of a whole text from which it is certain, if each of its characters has `CERTAIN_EACH`: of real
numbers that reached both, 99 % were right."""
CERTAIN_EACH = 0.85
"""Confidence that each character of a certain text has."""


@dataclass(frozen=True, eq=False)
class Rows:
    """What is read in rows; iterating gives each `Reading` in reading order."""

    rows: tuple[tuple[Reading, ...], ...]  # from top to bottom, each from left to right
    confidence: float  # that the whole text is right, 0 to 1

    @property
    def text(self) -> str:
        """The characters as text, a line for each row."""
        return "\n".join("".join(reading.label for reading in row) for row in self.rows)

    @property
    def certain(self) -> bool:
        """Whether the whole text is certain, and each of its characters."""
        return self.confidence >= CERTAIN and all(one.confidence >= CERTAIN_EACH for one in self)

    def __iter__(self) -> Iterator[Reading]:
        return (reading for row in self.rows for reading in row)

    def __len__(self) -> int:
        return sum(map(len, self.rows))

    def __repr__(self) -> str:
        sure = "certain" if self.certain else "not sure"
        return f"{type(self).__name__}({self.text!r}, confidence {self.confidence:.1%}, {sure})"


@dataclass(frozen=True, eq=False, repr=False)
class Number(Rows):
    """The digits of a picture in reading order; iterating gives a `Reading` for each."""

    skipped: list[Box]  # separators (dashes, dots, commas) and other signs that were passed over
    allowed: Allowed | None = None  # what was known of each row

    @property
    def text(self) -> str:
        """The digits as text, a line for each row, with the signs of the pattern."""
        rows = ("".join(reading.label for reading in row) for row in self.rows)
        return "\n".join(rows if self.allowed is None else map(self.allowed.shown, rows))


def read_number(
    source: Source,
    network: Recognizer | str | Path | None = None,
    among: Iterable[str | int] | None = None,
    pattern: str | None = None,
    at_most: int | None = None,
) -> Number:
    """Read all digits of a picture, row by row, each from left to right.

    Parameters
    ----------
    source, network : object
        As `read_digit` takes them.
    among, pattern, at_most : object, optional
        What is known of each row; see `digitlib.reading.allowed.make_allowed`.

    Returns
    -------
    Number
        A `Reading` for each digit, the `text` of all, and the signs that were `skipped`.

    Raises
    ------
    ImageError, NoDigitError, ModelError
        As `read_digit` does.
    ValueError
        What is said to be known cannot be.

    Examples
    --------
    >>> import numpy as np
    >>> page = np.full((120, 300), 230, np.uint8)
    >>> page[30:100, 45:53] = page[30:100, 145:153] = page[30:100, 245:253] = 40
    >>> read_number(page).text
    '111'
    """
    allowed, recognizer = make_allowed(among, pattern, at_most), as_recognizer(network)
    if allowed is not None and not set(string.digits) <= set(recognizer.classes):
        classes = ", ".join(recognizer.classes)
        raise ValueError(f"What is known needs a network of digits; this one tells {classes} apart.")
    picture = straighten(load_picture(source))
    ink, found, skipped = find_ink_rows(picture)
    rows, confidence, signs = read_rows(found, Page(picture, ink, recognizer), network is None, allowed)
    boxes = [picture.upright_box(component.box, ink.scale) for component in skipped]
    boxes += [box for box in signs if box not in boxes]
    return Number(rows, confidence, boxes, allowed)
