"""Doubt rows that run out of the picture: a digit that the border cuts may be another, or be passed over."""

import functools

from digitlib.reading.binarize import Ink
from digitlib.reading.components import Box

SIZES = 0.25, 1.4
"""Least and most height of what is left of a digit at the border, in heights of its row."""
NARROWEST = 0.1
"""Least width of it, in its own height: the side of a cell is narrower."""
NEAR = 1.0
"""Most paper between it and the row, in heights of the row."""
MARGIN = 0.1
"""Least paper above and below it, in heights of the row: a close crop has less."""


def runs_out(row: Box, ink: Ink) -> bool:
    """Return whether a row may end in a digit that the border of the picture cuts.

    Ink as tall as a digit, or pieces of it, lies at the border then, read or not.

    Parameters
    ----------
    row : Box
        Around the digits of the row that are read.
    ink : Ink
        That of the page.

    Returns
    -------
    bool

    Examples
    --------
    >>> import numpy as np
    >>> from digitlib.reading.binarize import binarize
    >>> page = np.full((120, 300), 235, np.uint8)
    >>> page[30:90, 210:230] = page[30:90, 270:290] = 30
    >>> [runs_out(Box(30, 210, 60, 20), binarize(part)) for part in (page, page[:, :280])]
    [False, True]
    """
    rows, columns = ink.labels.shape
    level = [one.box for one in ink.components if row.row <= one.box.row + one.box.height / 2 <= row.bottom]
    left = [box for box in level if box.column == 0]
    right = [box for box in level if box.right == columns]
    for boxes in filter(None, (left, right)):
        box = functools.reduce(Box.around, boxes)  # what is left of a digit may be several pieces
        size = SIZES[0] <= box.height / row.height <= SIZES[1] and box.width >= NARROWEST * box.height
        near = max(row.column - box.right, box.column - row.right) < NEAR * row.height
        if size and near and min(box.row, rows - box.bottom) > MARGIN * row.height:
            return True
    return False
