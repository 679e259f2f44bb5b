"""Find the rows of digits on a page, from its connected components."""

import numpy as np

from digitlib.reading.components import Box, Component, typical_height

DUST = 0.05
"""Share of a digit's height below which ink is dust: a decimal point is as large as the pen is wide."""
COMMA = 0.15
"""Lowest place of a comma's middle below the foot of the digits, as a share of their height."""
CLOSE = 0.03
"""Most paper above and below the digits of a close crop, as a share of the picture's height."""


def find_rows(
    components: list[Component], shape: tuple[int, int]
) -> tuple[list[list[Component]], list[Component]]:
    """Group the connected components of a page into rows of digits.

    Components above one another are joined into digits (the floating bar of a 5). Digits whose heights
    overlap make a row, even if the row climbs. Ink much smaller than the digits is a separator (dash, dot,
    comma) where it lies in a row, else dust.

    Parameters
    ----------
    components : list of Component
        At least one.
    shape : (int, int)
        Rows and columns of the page.

    Returns
    -------
    rows, skipped : list of list of Component, list of Component
        Rows from top to bottom, each from left to right; separators between the digits.

    Examples
    --------
    >>> boxes = Box(40, 30, 60, 40), Box(45, 90, 60, 40), Box(150, 30, 60, 40)
    >>> digits = [Component((n,), box, 800, False) for n, box in enumerate(boxes, start=1)]
    >>> [len(row) for row in find_rows(digits, (250, 160))[0]]
    [2, 1]
    """
    inner = _without_lines(components, shape)
    height = typical_height(inner)
    digits, small = [], []
    boxes = np.empty((len(inner), 4))  # of the digits found so far
    for component in sorted(inner, key=lambda component: -component.area):
        if max(component.box.height, component.box.width) < DUST * height:
            continue
        homes = np.flatnonzero(_stacked(component.box, boxes[: len(digits)], height))
        if homes.size:
            home = homes[0]
            digits[home] = digits[home].joined(component)
            boxes[home] = digits[home].box
        elif component.box.height >= 0.5 * height:
            boxes[len(digits)] = component.box
            digits.append(component)
        else:
            small.append(component)
    rows, ends = [], np.empty((len(digits), 4))  # the last box of each row
    for digit in sorted(digits, key=lambda digit: digit.box.column):
        shared = _shared_height(digit.box, ends[: len(rows)])
        if rows and shared.max() > 0.35:
            row = int(shared.argmax())
            rows[row].append(digit)
        else:
            row = len(rows)
            rows.append([digit])
        ends[row] = digit.box
    rows.sort(key=lambda row: np.median([digit.box.row + digit.box.height / 2 for digit in row]))
    in_rows = boxes[: len(digits)]
    return rows, [c for c in small if not c.at_border and _in_row(c.box, in_rows, height)]


def _without_lines(components: list[Component], shape: tuple[int, int]) -> list[Component]:
    """Leave out what is left of lines and boxes; in a close crop a stroke at the border is a 1."""
    inner = [c for c in components if not (_is_box(c, shape) or _is_edge(c, shape))]
    if not inner:
        return components
    above = min(component.box.row for component in inner)
    below = shape[0] - max(component.box.bottom for component in inner)
    close = max(above, below) <= CLOSE * shape[0]
    return [c for c in components if not _is_box(c, shape)] if close else inner


def _is_box(component: Component, shape: tuple[int, int]) -> bool:
    """Return whether a component is as large as the picture, and hollow."""
    box = component.box
    large = box.width > 0.9 * shape[1] and box.height > 0.9 * shape[0]
    return large and component.area < 0.2 * box.height * box.width


def _is_edge(component: Component, shape: tuple[int, int]) -> bool:
    """Return whether a component is a long flat stroke at the border."""
    box = component.box
    flat = min(box.height, box.width) < 0.06 * max(shape)
    long = max(box.height, box.width) > 0.2 * min(shape)
    return component.at_border and flat and long


def _stacked(box: Box, others: np.ndarray, digit_height: float) -> np.ndarray:
    """Return of (N, 4) other boxes which stand over or under a box, so near that they are one digit."""
    row, column, height, width = others.T
    shared = np.minimum(box.right, column + width) - np.maximum(box.column, column)
    top, bottom = np.minimum(box.row, row), np.maximum(box.bottom, row + height)
    gap = np.maximum(box.row - (row + height), row - box.bottom)
    near = (gap < 0.15 * digit_height) & (bottom - top < 1.4 * digit_height)
    return near & (shared > 0.5 * np.minimum(box.width, width))


def _shared_height(box: Box, others: np.ndarray) -> np.ndarray:
    """Return how much of the smaller box's height a box shares with each of (N, 4) others, 0 to 1."""
    row, _, height, _ = others.T
    shared = np.minimum(box.bottom, row + height) - np.maximum(box.row, row)
    return np.maximum(0.0, shared / np.minimum(box.height, height))


def _in_row(box: Box, digits: np.ndarray, digit_height: float) -> bool:
    """Return whether a small box lies in a row, next to one of the (N, 4) boxes of digits."""
    row, column, height, width = digits.T
    middle = box.row + box.height / 2
    level = (row < middle) & (middle < row + height + COMMA * digit_height)
    apart = np.minimum(abs(column + width - box.column), abs(box.right - column))
    return bool((level & (apart < 1.5 * digit_height)).any())
