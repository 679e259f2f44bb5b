"""Drawings as a hand makes them on the pad: strokes of points, in pixels of the pad."""

import cv2
import numpy as np

from digitlib.handwriting.glyphs import DIGITS, parse
from digitlib.handwriting.pen import bend

PAD = (640, 480)
"""Columns and rows of the pad's picture."""


def drawing(digit, rng, size=None, corner=None, width=None, form=None):
    """Return the strokes of a digit, each {"width", "points": [[x, y], ...]}, somewhere on the pad."""
    forms = [DIGITS[digit][form]] if form else list(DIGITS[digit].values())
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


def pad_picture(strokes, rng, width=28):
    """Return the PNG of a pad on which a hand drew strokes, each [(row, column), ...]."""
    slant, size = rng.normal(0, 0.08), rng.uniform(230, 340)
    shaken = [np.array(stroke) + rng.normal(0, 0.018, (len(stroke), 2)) for stroke in strokes]
    leaning = [stroke - np.outer(stroke[:, 0], (0, slant)) for stroke in shaken]
    points = np.concatenate(leaning)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = size / max(high - low)
    page = np.full(PAD[::-1], 255, np.uint8)
    for stroke in leaning:
        placed = (stroke - (low + high) / 2) * scale + np.array(PAD[::-1]) / 2
        cv2.polylines(page, [np.rint(placed[:, ::-1]).astype(int)], False, 0, width, cv2.LINE_AA)
    return cv2.imencode(".png", page)[1].tobytes()
