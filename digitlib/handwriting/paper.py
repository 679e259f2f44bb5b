"""Ink on paper: pens, grain, printed lines and boxes, for the sample pictures and the benchmark.

Conditions have the form told in `digitlib.handwriting.camera`: ``(image, rng, strength)`` to a new picture of
the same shape, unchanged at strength 0. They expect the blank paper, before the ink is laid on it; only
`line_width` wants dark ink on light paper. `CONDITIONS` holds the seven that the benchmark turns up step by
step.
"""

from collections.abc import Callable
from functools import cache

import cv2
import numpy as np

from digitlib.handwriting.camera import blur, clouds, jpeg, lighten, noise, rotation, shading, size, to_image

Condition = Callable[[np.ndarray, np.random.Generator, float], np.ndarray]

PAPER = (246, 244, 238)
PEN = (38, 38, 46)


def enlarge(digit: np.ndarray, height: int) -> np.ndarray:
    """Enlarge an MNIST digit so that it looks like ink and not like pixels.

    Parameters
    ----------
    digit : numpy.ndarray
        (28, 28) uint8, light ink on 0.
    height : int
        Side of the enlarged picture in pixels.

    Returns
    -------
    numpy.ndarray
        (height, height) uint8, 255 ink on 0, with smooth edges.

    Examples
    --------
    >>> enlarge(np.eye(28, dtype=np.uint8) * 255, 280).shape
    (280, 280)
    """
    large = cv2.resize(digit.astype(np.float32), (height, height), interpolation=cv2.INTER_CUBIC)
    large = cv2.GaussianBlur(large, (0, 0), max(0.1, height / 28 * 0.45))
    # A soft threshold: the width of the edge is about two pixels whatever the height.
    steepness = max(1.0, height / 28) / 2
    return np.clip((large - 110) * steepness + 128, 0, 255).astype(np.uint8) * (large > 20)


def lay_ink(
    paper: np.ndarray, ink: np.ndarray, row: int = 0, column: int = 0, pen: tuple[int, int, int] = PEN
) -> np.ndarray:
    """Lay ink on paper.

    Parameters
    ----------
    paper : numpy.ndarray
        (H, W, 3) uint8 RGB.
    ink : numpy.ndarray
        (h, w) uint8, 255 where ink covers the paper wholly. What does not fit on the paper is cut off.
    row, column : int
        Place of the ink's top left corner on the paper, from 0.
    pen : tuple of int
        RGB colour of the ink.

    Returns
    -------
    numpy.ndarray
        (H, W, 3) uint8 RGB.

    Examples
    --------
    >>> sheet = lay_ink(np.full((4, 4, 3), 255, np.uint8), np.full((2, 2), 255, np.uint8), 1, 1, (0, 0, 0))
    >>> sheet[:, :, 0].tolist()
    [[255, 255, 255, 255], [255, 0, 0, 255], [255, 0, 0, 255], [255, 255, 255, 255]]
    """
    result = paper.astype(np.float32)
    part = result[row : row + ink.shape[0], column : column + ink.shape[1]]
    cover = ink[: part.shape[0], : part.shape[1], None] / np.float32(255)
    part += cover * (np.array(pen, np.float32) - part)
    return to_image(result)


def sheet(
    ink: np.ndarray,
    side: int = 280,
    paper: tuple[int, int, int] = PAPER,
    pen: tuple[int, int, int] = PEN,
) -> np.ndarray:
    """Lay ink in the middle of a clean sheet.

    Parameters
    ----------
    ink : numpy.ndarray
        (h, w) uint8, 255 ink on 0, at most `side` pixels high and wide.
    side : int
        Side of the sheet in pixels.
    paper, pen : tuple of int
        RGB colours.

    Returns
    -------
    numpy.ndarray
        (side, side, 3) uint8 RGB.

    Raises
    ------
    ValueError
        If the ink is larger than the sheet.

    Examples
    --------
    >>> sheet(enlarge(np.eye(28, dtype=np.uint8) * 255, 200)).shape
    (280, 280, 3)
    """
    if max(ink.shape) > side:
        raise ValueError(f"ink of {ink.shape} pixels does not fit on a sheet of {side} x {side} pixels")
    row, column = (side - ink.shape[0]) // 2, (side - ink.shape[1]) // 2
    return lay_ink(blank((side, side), paper), ink, row, column, pen)


def blank(shape: tuple[int, int], color: tuple[int, int, int] = PAPER) -> np.ndarray:
    """Return an empty sheet: (H, W, 3) uint8 of one RGB colour."""
    return np.full((*shape, 3), color, np.uint8)


def paper_texture(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Give the paper a fine and a coarse grain."""
    grain = cv2.GaussianBlur(rng.standard_normal(image.shape[:2], np.float32), (0, 0), 1)
    return lighten(image, strength * (8 * grain / grain.std() + 6 * clouds(image.shape, rng)))


def squared_lines(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Rule the paper in squares, a sixth to a tenth of the picture wide."""
    step = min(image.shape[:2]) / rng.uniform(6, 10)
    lines = _rows(image.shape, step, rng) + [line[:, ::-1] for line in _rows(image.shape[1::-1], step, rng)]
    return _rule(image, lines, strength, (120, 150, 200))


def ruled_lines(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Rule the paper in lines, a third to a fifth of the picture apart."""
    step = min(image.shape[:2]) / rng.uniform(3, 5)
    return _rule(image, _rows(image.shape, step, rng), strength, (130, 155, 200))


def form_box(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Print a box around the middle, as on a form."""
    height, width = image.shape[:2]
    side = min(height, width) * rng.uniform(0.62, 0.74) / 2
    top, bottom, left, right = height / 2 - side, height / 2 + side, width / 2 - side, width / 2 + side
    corners = np.array(((top, left), (top, right), (bottom, right), (bottom, left), (top, left)))
    return _rule(image, [corners], strength, (60, 60, 70), width=2)


def table_lines(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Print the lines of a table with the middle of the picture in one of its cells."""
    height, width = image.shape[:2]
    half = min(height, width) * rng.uniform(0.36, 0.4)
    across = [np.array(((row, 0.0), (row, width))) for row in (height / 2 - half, height / 2 + half)]
    down = [np.array(((0.0, column), (height, column))) for column in (width / 2 - half, width / 2 + half)]
    return _rule(image, across + down, strength, (50, 50, 50), width=2)


def chalk_dust(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Smear a board with what the sponge left."""
    smears = cv2.GaussianBlur(rng.normal(0, 1, (64, 64)), (0, 0), 12, sigmaY=1.5)
    smears = cv2.resize(smears / smears.std(), image.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    return lighten(image, strength * (6 * smears + 14 * np.maximum(0, clouds(image.shape, rng, 0.25))))


def line_width(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Write with a finer pen: at strength 1 a hundredth of the picture."""
    if strength == 0:
        return image.copy()
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    _, ink = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    if ink.all():  # one colour all over: nothing is written there
        return image.copy()
    depth = cv2.distanceTransform(ink, cv2.DIST_L2, 5)
    middle = _thin(ink > 0)
    own = float(np.median(depth[middle])) if middle.any() else 0.0
    finest = max(0.8, min(image.shape[:2]) / 200)
    radius = max(0.0, (1 - strength) * own + strength * min(own, finest))
    away = cv2.distanceTransform((~middle).astype(np.uint8), cv2.DIST_L2, 5)
    cover = np.clip(radius + 0.5 - away, 0, 1)[:, :, None]
    reach = 2 * int(depth.max()) + 5
    paper = cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    pen = np.median(image[middle], axis=0) if middle.any() else np.zeros(3)
    return to_image(cover * pen + (1 - cover) * paper)


def rough_ink(ink: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Let pencil or chalk miss the hollows; `ink` is (h, w) uint8, 255 on 0."""
    grain = cv2.GaussianBlur(rng.normal(0, 1, ink.shape), (0, 0), max(0.6, min(ink.shape) / 300))
    cover = 1 - strength * np.clip(0.55 + 0.6 * grain / max(1e-6, grain.std()), 0, 1)
    return np.round(ink * cover).astype(np.uint8)


CONDITIONS: dict[str, Condition] = {
    "shading": shading,
    "line_width": line_width,
    "rotation": rotation,
    "size": size,
    "noise": noise,
    "blur": blur,
    "jpeg": jpeg,
}


def _rows(shape: tuple[int, ...], step: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Lines from the left to the right edge, `step` pixels apart, the first at random."""
    first = rng.uniform(0, step)
    return [np.array(((row, -1.0), (row, shape[1] + 1.0))) for row in np.arange(first, shape[0], step)]


def _rule(
    image: np.ndarray, lines: list[np.ndarray], strength: float, color: tuple[int, int, int], width: float = 1
) -> np.ndarray:
    """Print lines, each (N, 2) row and column; `width` in four-hundredths of the picture."""
    cover = np.zeros(image.shape[:2], np.uint8)
    thickness = max(1, round(width * min(image.shape[:2]) / 400))
    for line in lines:
        path = np.round(line[:, ::-1] * 16).astype(np.int32)
        cv2.polylines(cover, [path], False, 255, thickness, cv2.LINE_AA, shift=4)
    return lay_ink(image, np.round(cover * strength).astype(np.uint8), pen=color)


def _thin(ink: np.ndarray) -> np.ndarray:
    """Wear ink (H, W) bool down to a line one pixel wide (T. Y. Zhang and C. Y. Suen, 1984)."""
    ink = np.pad(ink, 1).astype(np.uint8)
    # Each of the eight neighbours is one bit, clockwise from above.
    bits = np.array(((128, 1, 2), (64, 0, 4), (32, 16, 8)), np.float32)
    left = -1
    while left != (left := int(ink.sum())):
        for droppable in _droppable():
            neighbors = cv2.filter2D(ink, cv2.CV_32F, bits).astype(np.uint8)
            ink[droppable[neighbors]] = 0
    return ink[1:-1, 1:-1] > 0


@cache
def _droppable() -> tuple[np.ndarray, np.ndarray]:
    """Two tables (256,) bool: which neighbours let a pixel go in the odd and in the even rounds."""
    neighbors = (np.arange(256)[:, None] >> np.arange(8) & 1).astype(bool)
    up, right, down, left = neighbors[:, ::2].T
    count = neighbors.sum(axis=1)
    rises = (~neighbors & np.roll(neighbors, -1, axis=1)).sum(axis=1)
    edge = (count >= 2) & (count <= 6) & (rises == 1)
    return edge & ~(up & right & down) & ~(right & down & left), edge & ~(up & right & left) & ~(
        up & down & left
    )
