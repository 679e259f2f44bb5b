"""Drawings as a hand makes them on the pad: strokes of points, in pixels of the pad."""

import numpy as np

from digitlib.handwriting.glyphs import DIGITS, parse
from digitlib.handwriting.pen import bend

PAD = (640, 480)
"""Columns and rows of the pad's picture."""


def drawing(digit, rng, size=None, corner=None, width=None):
    """Return the strokes of a digit, each {"width", "points": [[x, y], ...]}, somewhere on the pad."""
    forms = list(DIGITS[digit].values())
    strokes = bend(parse(forms[rng.integers(len(forms))]), rng)
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    size = size or rng.uniform(60, 400)
    size /= max(high - low)
    rows, columns = (high - low) * size
    if corner is None:
        corner = rng.uniform(20, max(21, PAD[0] - columns - 20)), rng.uniform(20, max(21, PAD[1] - rows - 20))
    width = width or float(rng.uniform(4, 40))
    placed = [(stroke - low) * size + np.array(corner)[::-1] for stroke in strokes]
    return [{"width": width, "points": stroke[:, ::-1].round(2).tolist()} for stroke in placed]
