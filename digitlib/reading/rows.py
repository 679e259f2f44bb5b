"""Find the rows of digits on a page, from its connected components."""

import numpy as np

from digitlib.reading.components import Box, Component

CLOSE = 0.03
"""Most paper above and below the digits of a close crop, as a share of the picture's height."""


def find_rows(
    components: list[Component], shape: tuple[int, int]
) -> tuple[list[list[Component]], list[Component]]:
    """Group the connected components of a page into rows of digits.

    Components above one another are joined into digits (the floating bar of a 5). Digits whose heights
    overlap make a row, even if the row climbs. Ink much smaller than the digits is a separator (dash, dot,
    comma) where it lies in a row, else dust.

    Returns
    -------
    rows, skipped : list of list of Component, list of Component
        Rows from top to bottom, each from left to right; separators between the digits.
    """
    inner = _without_lines(components, shape)
    tallest = max(component.box.height for component in inner)
    height = float(np.median([c.box.height for c in inner if c.box.height >= 0.5 * tallest]))
    digits, small = [], []
    for component in sorted(inner, key=lambda component: -component.area):
        if max(component.box.height, component.box.width) < 0.08 * height:
            continue
        home = next((i for i, d in enumerate(digits) if _stacked(component.box, d.box, height)), None)
        if home is not None:
            digits[home] = digits[home].joined(component)
        else:
            (digits if component.box.height >= 0.5 * height else small).append(component)
    rows = []
    for digit in sorted(digits, key=lambda digit: digit.box.column):
        row = max(rows, key=lambda row: _shared_height(row[-1].box, digit.box), default=None)
        if row is not None and _shared_height(row[-1].box, digit.box) > 0.35:
            row.append(digit)
        else:
            rows.append([digit])
    rows.sort(key=lambda row: np.median([digit.box.row + digit.box.height / 2 for digit in row]))
    inside = [c for c in small if not c.at_border and any(_in_row(c.box, row, height) for row in rows)]
    return rows, inside


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


def _stacked(upper: Box, lower: Box, digit_height: float) -> bool:
    """Return whether two boxes stand over each other, so near that they are one digit."""
    shared = min(upper.right, lower.right) - max(upper.column, lower.column)
    if shared <= 0.5 * min(upper.width, lower.width):
        return False
    gap = max(upper.row - lower.bottom, lower.row - upper.bottom)
    return gap < 0.15 * digit_height and upper.around(lower).height < 1.4 * digit_height


def _shared_height(first: Box, second: Box) -> float:
    """Return how much of the smaller box's height two boxes share, 0 to 1."""
    shared = min(first.bottom, second.bottom) - max(first.row, second.row)
    return max(0.0, shared / min(first.height, second.height))


def _in_row(box: Box, row: list[Component], digit_height: float) -> bool:
    """Return whether a small box lies in a row of digits, next to one of them."""
    middle = box.row + box.height / 2
    return any(
        digit.box.row - 0.1 * digit_height < middle < digit.box.bottom + 0.3 * digit_height
        and min(abs(digit.box.right - box.column), abs(box.right - digit.box.column)) < 1.5 * digit_height
        for digit in row
    )
