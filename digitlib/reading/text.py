"""Letters, or letters and digits, in rows: picture in, `Text` out."""

import functools
import string
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from digitlib.reading.components import Component, crop_component
from digitlib.reading.images import Source, load_picture
from digitlib.reading.network import LETTERS_FILE, ModelError, Recognizer, load_recognizer
from digitlib.reading.normalize import Prepared, prepare_digit
from digitlib.reading.number import Number, Rows, read_number
from digitlib.reading.page import find_ink_rows, prepare_part
from digitlib.reading.reader import Reading, as_recognizer, make_reading, with_words
from digitlib.reading.straighten import straighten

KINDS = ("digits", "letters", "both")
"""What `read_text` may be asked to read."""
LIKE_LETTERS = (0, 1, 2, 5)
"""Digits that many write like the letters O, I, Z and S."""
DUST = 0.05
"""Size of a speck that is no dot, as a proportion of the height of the stroke under it."""
DOT_GAP = 0.6
"""Most paper between a letter and its dot, as a proportion of the height of the stroke under it."""


@dataclass(frozen=True, eq=False, repr=False)
class Text(Rows):
    """The characters of a picture in reading order; iterating gives each `Reading`."""

    @property
    def text(self) -> str:
        """The characters as text, a line for each row."""
        return "\n".join("".join(reading.label for reading in row) for row in self.rows)

    @property
    def confidence(self) -> float:
        """That the whole text is right, 0 to 1: the product of all."""
        return float(np.prod([reading.confidence for reading in self]))

    @property
    def certain(self) -> bool:
        """Whether every character is certain."""
        return all(reading.certain for reading in self)


def read_character(source: Source, skip: tuple[str, ...] = ()) -> Reading:
    """Read the one character of a picture, digit or letter, with both networks.

    See `read_text`.

    Parameters
    ----------
    source, skip : object
        As `read_digit` takes them.

    Returns
    -------
    Reading
        Its classes are the ten digits and the 26 letters.

    Raises
    ------
    ImageError, NoDigitError, ModelError
        As `read_digit` does.

    Examples
    --------
    >>> page = np.full((120, 100), 230, np.uint8)
    >>> page[20:100, 30:40] = page[90:100, 30:75] = 40
    >>> read_character(page).label
    'L'
    """
    prepared = with_words(prepare_digit(load_picture(source), skip), "character")
    table, both = _ask_both(prepared.image[None], load_recognizer(LETTERS_FILE))
    return make_reading(table[0], prepared, both)


def _ask_both(images: np.ndarray, letters: Recognizer) -> tuple[np.ndarray, "_Both"]:
    """Return what both networks say to images, (N, 36), and what they know together."""
    if "".join(letters.classes) != string.ascii_uppercase:
        raise ModelError(
            f"This network knows {', '.join(letters.classes)}. "
            "Allowed beside the one of digits is one of A to Z."
        )
    digits = load_recognizer()
    threshold = max(digits.certainty_threshold, letters.certainty_threshold)
    table = weigh(digits.probabilities(images), letters.probabilities(images))
    return table, _Both((*digits.classes, *letters.classes), threshold)


def read_text(
    source: Source, what: str = "both", network: Recognizer | str | Path | None = None
) -> Text | Number:
    """Read rows of characters that stand apart.

    Letters have no line reader yet, so touching ones are not cut apart. With "both" each of the two networks
    looks at each character. A 0 and an O, a 1 and an I, a 2 and a Z, a 5 and an S may be the same strokes:
    then the probability is shared between both, and the reading is not certain.

    Parameters
    ----------
    source : path, bytes or uint8 array
        As `read_digit` takes it.
    what : {"digits", "letters", "both"}
        What is to be read. "digits" is `read_number`.
    network : Recognizer or path, optional
        A network of your own, of digits or else of letters; by default those that digitlib ships.

    Returns
    -------
    Text or Number
        A `Reading` for each character, and the `text` of all.

    Raises
    ------
    ImageError, NoDigitError, ModelError
        As `read_digit` does.
    ValueError
        What is to be read is something else.

    Examples
    --------
    >>> page = np.full((120, 200), 230, np.uint8)
    >>> page[20:100, 30:40] = page[90:100, 30:75] = 40
    >>> page[20:100, 120:130] = page[20:30, 100:150] = 40
    >>> read_text(page, "letters").text
    'LT'
    """
    if what not in KINDS:
        raise ValueError(f"what is {what!r}; allowed are {', '.join(KINDS)}.")
    if what == "digits":
        return read_number(source, network)
    picture = straighten(load_picture(source))
    ink, rows, _ = find_ink_rows(picture)

    def prepare(character: Component) -> Prepared:
        crop = crop_component(ink.soft, ink.labels, character)
        return with_words(prepare_part(crop, character.box, picture, ink), "character")

    prepared = [[prepare(character) for character in row] for row in _with_dots(rows, ink.components)]
    images = np.stack([character.image for row in prepared for character in row])
    letters = as_recognizer(LETTERS_FILE if network is None else network)
    if what == "both":
        table, reader = _ask_both(images, letters)
    else:
        table, reader = letters.probabilities(images), letters
    answers = iter(table)
    return Text(
        tuple(tuple(make_reading(next(answers), character, reader) for character in row) for row in prepared)
    )


def weigh(digits: np.ndarray, letters: np.ndarray) -> np.ndarray:
    """Join what two networks say, each as far as it is sure of anything.

    A network that sees nothing it knows has learnt to find all classes alike; its entropy is the highest then
    (C. E. Shannon, "A mathematical theory of communication", 1948). The network of letters has learnt that of
    digits, too, except of those that look like letters. So where it is sure, it is a letter, unless the other
    is sure of one of these digits.

    Parameters
    ----------
    digits, letters : (N, 10) and (N, 26) float arrays
        Probabilities.

    Returns
    -------
    (N, 36) float32 array
        Probabilities of digits, then letters.

    Examples
    --------
    >>> joined = weigh(np.full((1, 10), 0.1), np.eye(26)[[3]])
    >>> int(joined.argmax()), round(float(joined.max()), 3)
    (13, 1.0)
    """
    sure = _sureness(letters)
    alike = digits[:, LIKE_LETTERS].sum(axis=1, keepdims=True)
    joined = np.concatenate([_sureness(digits) * (1 - sure * (1 - alike)) * digits, sure * letters], axis=1)
    return (joined / joined.sum(axis=1, keepdims=True)).astype(np.float32)


def _sureness(probabilities: np.ndarray) -> np.ndarray:
    """Return how far probabilities are from all alike, (N, 1), above 0 to 1."""
    entropy = -(probabilities * np.log(probabilities + 1e-12)).sum(axis=1, keepdims=True)
    return np.clip(1 - entropy / np.log(probabilities.shape[1]), 1e-6, 1)


class _Both(NamedTuple):
    """What the two networks know together."""

    classes: tuple[str, ...]
    certainty_threshold: float


def _with_dots(rows: list[list[Component]], pieces: list[Component]) -> list[list[Component]]:
    """Join what stands in no row to the character under it: the dots of i and j."""
    known = {label for row in rows for character in row for label in character.labels}
    dots = [piece for piece in pieces if not known.intersection(piece.labels)]

    def whole(character: Component) -> Component:
        return functools.reduce(Component.joined, (dot for dot in dots if _dots(dot, character)), character)

    return [[whole(character) for character in row] for row in rows]


def _dots(piece: Component, character: Component) -> bool:
    """Return whether a piece of ink is the dot of a character: above it, not far, and larger than dust."""
    dot, box = piece.box, character.box
    above = 0 <= box.row - dot.bottom < DOT_GAP * box.height
    over = dot.column < box.right and box.column < dot.right
    return above and over and max(dot.height, dot.width) > DUST * box.height
