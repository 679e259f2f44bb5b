"""Connected components of an ink mask: finding them, and choosing those that make up one digit."""

from typing import NamedTuple

import cv2
import numpy as np

MIN_AREA = 3
"""Ink pixels of the smallest component; less is dust."""


class Box(NamedTuple):
    """A rectangle in an image, in pixels."""

    row: int
    column: int
    height: int
    width: int

    @property
    def bottom(self) -> int:
        """First row below the box."""
        return self.row + self.height

    @property
    def right(self) -> int:
        """First column right of the box."""
        return self.column + self.width

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of the box in an array (H, W)."""
        return slice(self.row, self.bottom), slice(self.column, self.right)

    def around(self, other: "Box") -> "Box":
        """Return the smallest box that holds both."""
        row, column = min(self.row, other.row), min(self.column, other.column)
        return Box(row, column, max(self.bottom, other.bottom) - row, max(self.right, other.right) - column)


class Component(NamedTuple):
    """Ink that is connected, or a few such pieces joined."""

    labels: tuple[int, ...]  # numbers in the label image
    box: Box
    area: int  # ink pixels
    at_border: bool  # reaches the border of the image

    def joined(self, other: "Component") -> "Component":
        """Return both as one."""
        labels, box = self.labels + other.labels, self.box.around(other.box)
        return Component(labels, box, self.area + other.area, self.at_border or other.at_border)


def find_components(mask: np.ndarray, sure: np.ndarray | None = None) -> tuple[np.ndarray, list[Component]]:
    """Label the connected components of an ink mask.

    Parameters
    ----------
    mask : (H, W) uint8 array
        255 where there may be ink.
    sure : (H, W) bool array, optional
        Where there is ink beyond doubt: a component without such a pixel is none (hysteresis: J. Canny, "A
        computational approach to edge detection", 1986).

    Returns
    -------
    labels : (H, W) int32 array
        0 for paper, other numbers for the components.
    components : list of Component
        Without dust.

    Examples
    --------
    >>> mask = np.zeros((20, 30), np.uint8)
    >>> mask[5:15, 4:7] = mask[5:15, 20:23] = 255
    >>> [tuple(component.box) for component in find_components(mask)[1]]
    [(5, 4, 10, 3), (5, 20, 10, 3)]
    """
    height, width = mask.shape
    labels, components = np.zeros(mask.shape, np.int32), []
    left, top, wide, tall = cv2.boundingRect(mask)
    if not wide:
        return labels, components
    inked = Box(top, left, tall, wide)
    count, found, stats, _ = cv2.connectedComponentsWithStats(mask[inked.slices], connectivity=8)
    numbers = np.arange(count, dtype=np.int32)
    if sure is not None:
        unsure = np.ones(count, bool)
        unsure[found[sure[inked.slices]]] = False
        numbers[unsure] = 0
        found = numbers[found]
    labels[inked.slices] = found
    for label, (column, row, wide, tall, area) in zip(numbers[1:].tolist(), stats[1:].tolist(), strict=True):
        box = Box(row + inked.row, column + inked.column, tall, wide)
        if label and area >= MIN_AREA:
            at_border = not (box.row and box.column and box.bottom < height and box.right < width)
            components.append(Component((label,), box, area, at_border))
    return labels, components


def typical_height(components: list[Component]) -> float:
    """Return the median height of components.

    Those less than half as tall as the tallest, such as dots and dashes, do not count.
    """
    heights = np.array([component.box.height for component in components])
    return float(np.median(heights[heights >= 0.5 * heights.max()]))


def main_digit(components: list[Component], shape: tuple[int, int]) -> tuple[Component, list[Component]]:
    """Choose the components that make up the one digit of an image (H, W).

    The digit is the largest component, the nearer the middle the better, together with those close above,
    below or beside it (the bar of a 5 may float). Ink that runs into the border belongs to something else
    unless there is nothing better.

    Returns
    -------
    digit, others : Component, list of Component
        The parts of the digit, joined; other ink about as large: a second digit, perhaps.
    """
    digit = max(components, key=lambda component: _prominence(component, shape))
    rest = [component for component in components if component is not digit]
    while part := next((component for component in rest if _belongs(component, digit)), None):
        digit = digit.joined(part)
        rest = [component for component in rest if component is not part]
    size = max(digit.box.height, digit.box.width)
    others = [
        other
        for other in rest
        if not other.at_border and other.area > 0.3 * digit.area and max(other.box[2:]) > 0.5 * size
    ]
    return digit, others


def _prominence(component: Component, shape: tuple[int, int]) -> float:
    """Return how much a component looks like the subject of the image."""
    box = component.box
    size = np.hypot(box.height, box.width) / np.hypot(*shape)
    middle = (box.row + box.height / 2) / shape[0] - 0.5, (box.column + box.width / 2) / shape[1] - 0.5
    weight = size * np.sqrt(component.area) * (1 - 0.6 * np.hypot(*middle))
    return 0.3 * weight if component.at_border else weight


def _belongs(component: Component, digit: Component) -> bool:
    """Return whether a component is a part of the digit, not dust and not a neighbour."""
    size = max(digit.box.height, digit.box.width)
    if max(component.box.height, component.box.width) < 0.1 * size or component.area < 0.015 * digit.area:
        return False
    gap_rows = max(component.box.row - digit.box.bottom, digit.box.row - component.box.bottom)
    gap_columns = max(component.box.column - digit.box.right, digit.box.column - component.box.right)
    if max(gap_rows, gap_columns) > 0.25 * max(size, *component.box[2:]):
        return False
    if component.at_border and not digit.at_border:
        return False
    beside = gap_columns > -0.3 * min(component.box.width, digit.box.width)
    return not (beside and component.box.height > 0.6 * digit.box.height)


def stroke_width(ink: np.ndarray) -> float:
    """Estimate the width of the strokes of a digit.

    A pixel in the middle of a stroke is half its width away from the paper, and on average a pixel of a
    stroke is a quarter of it away (G. Borgefors, "Distance transformations in digital images", 1986).
    Introduced in notebook 01.

    Parameters
    ----------
    ink : (H, W) uint8 array
        Light ink on black.

    Returns
    -------
    float
        In pixels, at least 1.

    Examples
    --------
    >>> bar = np.zeros((60, 40), np.uint8)
    >>> bar[5:55, 15:24] = 255
    >>> 7 < stroke_width(bar) < 10
    True
    """
    mask = cv2.copyMakeBorder((ink > 100).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    if not mask.any():
        return 1.0
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    return max(1.0, 4 * float(distance[mask > 0].mean()) - 2.2)


def crop_component(soft: np.ndarray, labels: np.ndarray, component: Component) -> np.ndarray:
    """Crop the soft ink of a component, with its rim, but no others.

    Parameters
    ----------
    soft : (H, W) uint8 array
        Ink with grey rims.
    labels : (H, W) int array
        The number of the component that each pixel belongs to.
    component : Component

    Returns
    -------
    (height, width) uint8 array
        As large as the component's box.

    Examples
    --------
    >>> soft = np.zeros((9, 9), np.uint8)
    >>> soft[2:7, 3] = soft[2:7, 5] = 255
    >>> labels, (one, other) = find_components(soft)
    >>> crop_component(soft, labels, one).shape
    (5, 1)
    """
    part = labels[component.box.slices]
    own = np.logical_or.reduce([part == label for label in component.labels])
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)) * (own | (part == 0))
    return soft[component.box.slices] * near
