"""Find the printed lines of paper and forms in an ink mask, and take them away without cutting the digit."""

import cv2
import numpy as np

from digitlib.reading.components import Component, stroke_width

FILLED = 0.75
"""Share of its bounding box that the ink of a printed box covers at most, with what is written in it."""
TILT = np.radians(12)
"""How far from level or upright a printed line may lean (photos are never quite straight)."""


def remove_lines(mask: np.ndarray, components: list[Component]) -> tuple[np.ndarray, int]:
    """Erase long straight lines from an ink mask (H, W); strokes that cross them stay.

    A line is followed from border to border (P. V. C. Hough, "Method and means for recognizing complex
    patterns", 1962). Where the ink on it is no thicker than the line itself it is erased; where it is thicker
    a stroke crosses, and stays (C. Dalitz et al., "A comparative study of staff removal algorithms", 2008).
    Introduced in notebook 02.

    Returns
    -------
    mask, count : (H, W) uint8 array, int
        The mask without the lines, and their number.

    Examples
    --------
    >>> from digitlib.reading.components import find_components
    >>> mask = np.zeros((200, 200), np.uint8)
    >>> mask[100:103] = mask[40:160, 90:100] = 255   # a ruled line, and a stroke across it
    >>> cleaned, count = remove_lines(mask, find_components(mask)[1])
    >>> count, int(cleaned[101, 20]), int(cleaned[101, 95])
    (1, 0, 255)
    """
    if min(mask.shape) < 60 or not components:
        return mask, 0
    boxes = np.array([component.box for component in components])
    if _reach_across(boxes, mask.shape):
        thickest = max(4, 0.04 * min(mask.shape))
        level, upright = _without_level_lines(mask, thickest), _without_level_lines(mask.T, thickest)
        cleaned, found = level[0] & upright[0].T, level[1] + upright[1]
        # One line alone is print only if it is finer than the pen: it may be the foot of a 2.
        if len(found) == 1 and found[0] > 0.8 * stroke_width(cleaned):
            return mask, 0
        return cleaned, len(found)
    cleaned, count = mask, 0
    areas, sides = np.array([component.area for component in components]), boxes[:, 2:]
    hollow = areas < FILLED * sides.prod(axis=1)
    for top, left, height, width in boxes[hollow & (sides.min(axis=1) > 40)]:
        around = np.s_[max(0, top - 6) : top + height + 6, max(0, left - 6) : left + width + 6]
        part = cleaned[around]
        if _is_ruled(part) and _is_ruled(part.T):
            thickest = max(4, 0.05 * min(width, height))
            level, upright = _without_level_lines(part, thickest), _without_level_lines(part.T, thickest)
            if min(len(level[1]), len(upright[1])) >= 2:
                if not count:
                    cleaned = mask.copy()
                cleaned[around] = level[0] & upright[0].T
                count += len(level[1]) + len(upright[1])
    return cleaned, count


def _reach_across(boxes, shape):
    """Whether any piece of ink reaches across two thirds of the picture and ends at its border."""
    height, width = shape
    top, left, tall, wide = boxes.T
    near = 0.03 * max(height, width)
    across = (wide > 0.66 * width) & ((left < near) | (left + wide > width - near))
    down = (tall > 0.66 * height) & ((top < near) | (top + tall > height - near))
    return bool(np.any(across | down))


def _is_ruled(part):
    """Whether ink runs from the left to the right of a cutting at two heights or more: a box, not a digit."""
    bands = np.maximum.reduceat(part, np.linspace(0, len(part), 16, endpoint=False).astype(int), axis=0)
    pairs = np.maximum(bands[1:], bands[:-1]) > 0
    ruled = np.flatnonzero(pairs.mean(axis=1) > 0.7)
    return ruled.size > 0 and ruled[-1] - ruled[0] >= 4


def _without_level_lines(mask, thickest):
    """Erase the nearly horizontal lines of a mask; returns the cleaned mask and the lines' thicknesses."""
    mask = np.ascontiguousarray(mask)
    height, width = mask.shape
    shrink = max(1.0, max(height, width) / 400)
    small = mask
    if shrink > 1:
        small = cv2.resize(mask, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
        small = (small > 64).astype(np.uint8)
    votes = int(0.5 * small.shape[1])
    found = cv2.HoughLines(
        small, 1, np.pi / 360, votes, min_theta=np.pi / 2 - TILT, max_theta=np.pi / 2 + TILT
    )
    if found is None:
        return mask, []
    runs, reach = _vertical_runs(mask), int(2 + shrink)
    framed = np.pad(runs, ((reach, reach), (0, 0)), mode="edge")
    columns = np.arange(width)
    erase = np.zeros(mask.shape, bool)
    covered = np.zeros(mask.shape, bool)
    thicknesses = []
    for distance, angle in found[:200, 0]:
        middle = (distance * shrink - columns * np.cos(angle)) / np.sin(angle)
        rows = np.round(middle).astype(int)
        inside = (rows >= 0) & (rows < height)
        if inside.sum() < 0.7 * width or covered[rows[inside], columns[inside]].mean() > 0.5:
            continue
        line = _follow(framed, rows, inside, reach)
        on_line = line > 0
        thickness = np.median(line[on_line]) if on_line.any() else np.inf
        # A blurred line is thick, but reaches from end to end, as a stroke in a box does not.
        covered_share = on_line.sum() / inside.sum()
        if covered_share < 0.7 or thickness > (2 if covered_share > 0.9 else 1) * thickest:
            continue
        beside = int(np.ceil(1 + shrink + thickness))
        for offset in range(-beside, beside + 1):
            near = rows + offset
            valid = (near >= 0) & (near < height)
            here = near[valid], columns[valid]
            erase[here] |= (runs[here] > 0) & (runs[here] <= 1.7 * thickness + 1)
            covered[here] = True
        thicknesses.append(float(thickness))
    if not thicknesses:
        return mask, []
    cleaned = mask.copy()
    cleaned[erase] = 0
    return cleaned, thicknesses


def _vertical_runs(mask):
    """For every ink pixel, how many ink pixels stand above and below it without a gap, itself included."""
    ink = mask > 0
    height = len(ink)
    rows = np.arange(height)[:, None]
    last_gap = np.maximum.accumulate(np.where(ink, -1, rows), axis=0)
    next_gap = np.minimum.accumulate(np.where(ink, height, rows)[::-1], axis=0)[::-1]
    return np.where(ink, next_gap - last_gap - 1, 0)


def _follow(framed, rows, inside, reach):
    """Thickness of the ink on a line at every column: the thinnest run within `reach` rows, 0 where none.

    `framed` holds the runs with their first and last row repeated `reach` times.
    """
    columns = np.flatnonzero(inside)
    near = framed[rows[columns] + np.arange(2 * reach + 1)[:, None], columns]
    thinnest = np.where(near > 0, near, np.inf).min(axis=0)
    line = np.zeros(len(rows))
    line[columns] = np.where(np.isinf(thinnest), 0, thinnest)
    return line
