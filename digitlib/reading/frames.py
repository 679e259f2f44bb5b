"""Find drawn frames: closed lines of any form, with ink inside that they do not touch."""

from collections.abc import Iterator

import cv2
import numpy as np

from digitlib.reading.components import Component, stroke_width

INSIDE = 0.15
"""Least height of what a frame holds, as a share of its own: less is dust, or a dot in a zero."""
DOT = 1.8
"""Least height of what a frame holds, in widths of its line: a dot or a dash in a zero is less."""
BEYOND = 2.0
"""Farthest that the ink of a frame may lie from its outline, in widths of its line."""


def find_frames(labels: np.ndarray, components: list[Component]) -> np.ndarray:
    """Find ink that frames other ink: circles, squares, bubbles, diamonds.

    No digit encloses anything. A frame is one closed line: all its ink lies along its outline, and other ink
    lies within. So a box that a digit touches is none here, and nothing written is lost with a frame.

    Parameters
    ----------
    labels : (H, W) int32 array
        Numbers of the components; 0 for paper.
    components : list of Component

    Returns
    -------
    (H, W) bool array
        True on frames.

    Examples
    --------
    >>> from digitlib.reading.components import find_components
    >>> mask = np.zeros((100, 100), np.uint8)
    >>> _ = cv2.circle(mask, (50, 50), 40, 255, 3)
    >>> mask[35:65, 48:53] = 255
    >>> frames = find_frames(*find_components(mask))
    >>> bool(frames[50, 10]), bool(frames[50, 50])
    (True, False)
    """
    frames = np.zeros(labels.shape, bool)
    for outer, held in _nested(components):
        part = labels[outer.box.slices]
        ink = np.isin(part, outer.labels)
        inside = _filled(ink)
        width = stroke_width(ink.astype(np.uint8) * 255)
        tall = [label for inner in held if inner.box.height > DOT * width for label in inner.labels]
        if (np.isin(part, tall) & inside).any() and _is_line(ink, inside, width):
            frames[outer.box.slices] |= ink
    return frames


def _nested(components: list[Component]) -> Iterator[tuple[Component, list[Component]]]:
    """Yield components with those inside their boxes that are not small beside them.

    Sorted by columns, each is compared with its neighbors only: a page may hold ten thousand dots.
    """
    ordered = sorted(components, key=lambda component: component.box.column)
    rows, columns, heights, widths = np.array([c.box for c in ordered], int).reshape(-1, 4).T
    bottoms, rights = rows + heights, columns + widths
    firsts, ends = np.searchsorted(columns, columns), np.searchsorted(columns, rights)
    for index, (outer, first, end) in enumerate(zip(ordered, firsts.tolist(), ends.tolist(), strict=True)):
        near = slice(first, end)
        inside = (rows[near] >= rows[index]) & (bottoms[near] <= bottoms[index])
        inside &= (rights[near] <= rights[index]) & (heights[near] >= INSIDE * heights[index])
        inside[index - first] = False
        if inside.any():
            yield outer, [ordered[first + place] for place in np.flatnonzero(inside)]


def _filled(ink: np.ndarray) -> np.ndarray:
    """Return everything within the outer contours of ink, ink included."""
    filled = np.zeros(ink.shape, np.uint8)
    outlines, _ = cv2.findContours(ink.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(filled, outlines, -1, 255, cv2.FILLED) > 0


def _is_line(ink: np.ndarray, inside: np.ndarray, width: float) -> bool:
    """Return whether ink, in strokes of a width, lies along the outline of what it encloses."""
    framed = cv2.copyMakeBorder(inside.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    depth = cv2.distanceTransform(framed, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return float(depth[ink].max()) <= BEYOND * width
