"""A page of several characters: its ink in rows, and each character ready for a network."""

import numpy as np

from digitlib.reading.binarize import Ink, binarize
from digitlib.reading.components import Box, Component
from digitlib.reading.normalize import Prepared, mnist_steps
from digitlib.reading.picture import NoDigitError, Picture, Step
from digitlib.reading.rows import find_rows

PAGE_SIDE = 2_000
"""Longest side at which a page of several digits is worked on, in pixels."""
MOST_ROWS = 60
"""Most rows of a page that are read, so that none takes much longer than a second: squared paper has 59."""
MOST_DIGITS = 1_200
"""Most digits of a page that are read, for the same reason."""


def find_ink_rows(picture: Picture) -> tuple[Ink, list[list[Component]], list[Component]]:
    """Find the ink of a page, and its rows.

    Parameters
    ----------
    picture : Picture
        Straightened.

    Returns
    -------
    ink, rows, skipped
        As `binarize` and `find_rows` give them.

    Raises
    ------
    NoDigitError
        There is no ink, or more pieces of it than anyone writes.

    Examples
    --------
    >>> from digitlib.reading.images import load_picture
    >>> page = np.full((120, 300), 230, np.uint8)
    >>> page[30:100, 45:53] = page[30:100, 145:153] = 40
    >>> _, rows, _ = find_ink_rows(load_picture(page))
    >>> [len(row) for row in rows]
    [2]
    """
    ink = binarize(picture.pixels, working_side=PAGE_SIDE)
    if not ink.components:
        raise NoDigitError("The picture holds no ink: only dust was found.")
    rows, skipped = find_rows(ink.components, ink.labels.shape)
    pieces = sum(map(len, rows))
    if len(rows) > MOST_ROWS or pieces > MOST_DIGITS:
        raise NoDigitError(
            f"There are {pieces:,} pieces of ink in {len(rows)} rows, like dots or a pattern. "
            f"Allowed are {MOST_DIGITS:,} in {MOST_ROWS}: show a part of the page."
        )
    return ink, rows, skipped


def prepare_part(crop: np.ndarray, box: Box, picture: Picture, ink: Ink) -> Prepared:
    """Take one digit of a page through the last steps.

    Parameters
    ----------
    crop : (H, W) uint8 array
        Its soft ink.
    box : Box
        Where it is in the ink.
    picture, ink : Picture, Ink
        Of the page.

    Returns
    -------
    Prepared

    Examples
    --------
    >>> from digitlib.reading.images import load_picture
    >>> page = np.full((120, 300), 230, np.uint8)
    >>> page[30:100, 45:53] = 40
    >>> picture = load_picture(page)
    >>> ink, ((digit,),), _ = find_ink_rows(picture)
    >>> prepare_part(ink.soft[digit.box.slices], digit.box, picture, ink).image.shape
    (28, 28)
    """
    note = f"One of several digits: {box.height} rows tall and {box.width} columns wide."
    steps = (*picture.steps, *ink.steps, Step("crop", crop, note), *mnist_steps(crop))
    return Prepared(steps[-1].image, steps, picture.upright_box(box, ink.scale), ink.light, box, False)
