"""Doubt a 1 between two characters that leans and stands out above and below both: a slash looks just so."""

from collections.abc import Sequence

import cv2
import numpy as np

from digitlib.reading.reader import Reading

STROKES = "1", "I"
"""What a slash is taken for."""
LEAN = 0.12
"""Pixels to the right for each pixel upwards from which a stroke leans: about 7 degrees."""
BEYOND = 0.02
"""How far a slash stands out above and below both neighbors, in its own height: two pixels of a hundred are
more than the blurred edge of a stroke."""


def possible_slashes(row: Sequence[Reading]) -> list[int]:
    """Find what may be a slash instead of the 1 or the I that was read.

    Parameters
    ----------
    row : sequence of Reading
        From left to right.

    Returns
    -------
    list of int
        Places in the row.
    """
    return [
        place
        for place, (left, stroke, right) in enumerate(zip(row, row[1:], row[2:], strict=False), start=1)
        if stroke.label in STROKES and _stands_out(stroke, left, right) and _leans(stroke.image)
    ]


def _stands_out(stroke: Reading, left: Reading, right: Reading) -> bool:
    """Return whether a stroke begins above both neighbors, and ends below both."""
    more = BEYOND * stroke.box.height
    above = min(left.box.row, right.box.row) - stroke.box.row
    below = stroke.box.bottom - max(left.box.bottom, right.box.bottom)
    return min(above, below) > more


def _leans(image: np.ndarray) -> bool:
    """Return whether ink moves to the right as it goes up, by its second moments."""
    moments = cv2.moments(image)
    return -moments["mu11"] > LEAN * moments["mu02"]
