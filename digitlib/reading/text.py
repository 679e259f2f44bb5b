"""Letters, or letters and digits, in rows: picture in, `Text` out."""

import functools
from pathlib import Path

from digitlib.reading.both import BothNetworks, as_recognizer
from digitlib.reading.components import Component
from digitlib.reading.images import Source, load_picture
from digitlib.reading.network import LETTERS_FILE, Recognizer
from digitlib.reading.number import Number, Rows, read_number
from digitlib.reading.page import Page, find_ink_rows
from digitlib.reading.straighten import straighten
from digitlib.reading.two_readers import read_rows

KINDS = ("digits", "letters", "both")
"""What `read_text` may be asked to read."""
DUST = 0.05
"""Size of a speck that is no dot, as a proportion of the height of the stroke under it."""
DOT_GAP = 0.6
"""Most paper between a letter and its dot, as a proportion of the height of the stroke under it."""


class Text(Rows):
    """The characters of a picture in reading order; iterating gives each `Reading`."""


def read_text(
    source: Source, what: str = "both", network: Recognizer | str | Path | None = None
) -> Text | Number:
    """Read rows of characters.

    With "both" the networks of digits and of letters look at each character. A 0 and an O, a 1 and an I, a 2
    and a Z, a 5 and an S may be the same strokes: then the probability is shared between both, and the
    reading is not certain.

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
    >>> import numpy as np
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
    letters = as_recognizer(LETTERS_FILE if network is None else network)
    page_network = BothNetworks(letters) if what == "both" else letters
    picture = straighten(load_picture(source))
    ink, rows, _ = find_ink_rows(picture)
    page = Page(picture, ink, page_network, "character")
    read, confidence, _ = read_rows(_with_dots(rows, ink.components), page, network is None)
    return Text(read, confidence)


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
