"""Draw frames and lines round digits and numbers, with OpenCV and the digits of MNIST's test set alone."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from mnist_once import mnist

COLORS = {"black": (25, 25, 25), "grey": (140, 140, 140), "blue": (70, 100, 200), "red": (215, 70, 60)}
PAPER = 238.0
PEN = (35, 35, 45)


@dataclass(frozen=True, eq=False)
class Framed:
    """Digits in a frame."""

    kind: str
    text: str  # its digits
    image: np.ndarray  # (H, W, 3) uint8
    bare: np.ndarray  # (H, W, 3) uint8: the same without the frame
    thickness: float  # of the line, as a share of the digit's height
    filled: float  # the digit's height as a share of the inside
    color: str


class _Canvas:
    """A mask of lines, drawn at a random slight slant, that a kind of frame fills."""

    def __init__(self, shape: tuple[int, int], width: int) -> None:
        self.mask, self.width = np.zeros(shape, np.uint8), width

    def line(self, *places: tuple[float, float]) -> None:
        """Draw straight lines from place to place (column, row)."""
        points = np.rint(np.array(places)).astype(np.int32)
        cv2.polylines(self.mask, [points], False, 255, self.width, cv2.LINE_AA)

    def dashes(self, start: tuple[float, float], end: tuple[float, float], dash: float, gap: float) -> None:
        """Draw a dashed line."""
        start, end = np.array(start, float), np.array(end, float)
        length = np.linalg.norm(end - start)
        for far in np.arange(0, length, dash + gap):
            ends = (start + (end - start) * min(1, step / length) for step in (far, far + dash))
            self.line(*(tuple(place) for place in ends))


def _square(canvas, left, top, right, bottom, rng):
    canvas.line((left, top), (right, top), (right, bottom), (left, bottom), (left, top), (right, top))


def _rounded(canvas, left, top, right, bottom, rng):
    round_off = rng.uniform(0.15, 0.35) * (bottom - top)
    sides = ((left, top, 180), (right, top, 270), (right, bottom, 0), (left, bottom, 90))
    for column, row, angle in sides:
        middle = (
            column + (round_off if column == left else -round_off),
            row + (round_off if row == top else -round_off),
        )
        arc = cv2.ellipse2Poly(tuple(int(x) for x in middle), (int(round_off),) * 2, 0, angle, angle + 90, 5)
        canvas.line(*map(tuple, arc))
    canvas.line((left + round_off, top), (right - round_off, top))
    canvas.line((left + round_off, bottom), (right - round_off, bottom))
    canvas.line((left, top + round_off), (left, bottom - round_off))
    canvas.line((right, top + round_off), (right, bottom - round_off))


def _ring(stretch):
    def draw(canvas, left, top, right, bottom, rng):
        middle = round((left + right) / 2), round((top + bottom) / 2)
        axes = round((right - left) / 2 * stretch), round((bottom - top) / 2 * stretch)
        cv2.ellipse(canvas.mask, middle, axes, 0, 0, 360, 255, canvas.width, cv2.LINE_AA)

    return draw


def _diamond(canvas, left, top, right, bottom, rng):
    column, row = (left + right) / 2, (top + bottom) / 2
    wide, tall = (right - left) * 0.85, (bottom - top) * 0.85
    corners = (column, row - tall), (column + wide, row), (column, row + tall), (column - wide, row)
    canvas.line(*corners, corners[0], corners[1])


def _dashed(canvas, left, top, right, bottom, rng):
    dash, gap = rng.uniform(0.08, 0.3) * (bottom - top), rng.uniform(0.05, 0.12) * (bottom - top)
    corners = (left, top), (right, top), (right, bottom), (left, bottom)
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        canvas.dashes(start, end, dash, gap)


def _underlined(canvas, left, top, right, bottom, rng):
    rise = rng.uniform(-0.03, 0.03) * (right - left)
    canvas.line((left, bottom + rise), (right, bottom - rise))


def _sides(count):
    """Draw one to three sides of a cell, as long as the picture: the lines run on to the next cells."""

    def draw(canvas, left, top, right, bottom, rng):
        height, width = canvas.mask.shape
        lines = (
            ((0, top), (width, top)),
            ((0, bottom), (width, bottom)),
            ((left, 0), (left, height)),
            ((right, 0), (right, height)),
        )
        for index in rng.permutation(4)[:count]:
            canvas.line(*lines[index])

    return draw


KINDS: dict[str, tuple[Callable, bool]] = {
    "square": (_square, False),
    "rounded": (_rounded, False),
    "circle": (_ring(1.25), False),
    "diamond": (_diamond, False),
    "dashed": (_dashed, False),
    "underlined": (_underlined, False),
    "one line of a cell": (_sides(1), False),
    "two lines of a cell": (_sides(2), False),
    "three lines of a cell": (_sides(3), False),
    "number in a square": (_square, True),
    "number, rounded": (_rounded, True),
    "number in an ellipse": (_ring(1.3), True),
    "number, dashed": (_dashed, True),
    "number, underlined": (_underlined, True),
    "row of touching boxes": (_square, True),
}
"""How each kind is drawn, and whether it holds a number."""


def digit_ink(digit, rng, height):
    """Return soft ink (height, W) of a digit of MNIST's test set, trimmed."""
    images, labels = mnist()[1]
    image = images[rng.choice(np.flatnonzero(labels == digit))]
    rows, columns = np.flatnonzero(image.max(axis=1) > 90), np.flatnonzero(image.max(axis=0) > 90)
    image = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    width = max(1, round(image.shape[1] * height / image.shape[0]))
    large = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC).astype(float)
    return np.clip((large - 90) / 80, 0, 1)


def _paint(image, mask, color):
    """Lay a colour over an image where a mask (0 to 1) says."""
    image[:] = image * (1 - mask[..., None]) + np.array(color, float) * mask[..., None]


def framed(kind: str, seed: int) -> Framed:
    """Draw one picture: the line 1 to 12 % of the digit thick, the digit 25 to 92 % of the inside tall."""
    rng = np.random.default_rng([seed, *map(ord, kind)])
    draw, several = KINDS[kind]
    boxes = kind == "row of touching boxes"
    height = int(rng.uniform(60, 160))
    thickness, filled = rng.uniform(0.01, 0.12), rng.uniform(0.25, 0.92)
    filled = max(filled, 0.45) if several else filled
    width = max(1, round(thickness * height))
    labels = rng.integers(0, 10, rng.integers(2, 7) if several else 1)
    digits = [digit_ink(digit, rng, height) for digit in labels]
    inner_height = max(height / filled, 1.1 * max(ink.shape[1] for ink in digits) if boxes else 0)
    cell = max(inner_height * rng.uniform(0.75, 1.1), 1.1 * max(ink.shape[1] for ink in digits))
    gap = 0.2 * height
    run = cell * len(digits) if boxes else sum(ink.shape[1] + gap for ink in digits) - gap
    inner_width = (
        run if boxes else max(run / max(filled, 0.5), inner_height if not several else run + height / 2)
    )
    margin = rng.uniform(0.3, 0.6) * inner_height + width
    side = margin + (0.2 * inner_width if kind == "number in an ellipse" else 0)
    shape = round(inner_height + 2 * margin), round(inner_width + 2 * side)
    left, top = side - width / 2, margin - width / 2
    right, bottom = shape[1] - left, shape[0] - top
    canvas, ink = _Canvas(shape, width), np.zeros(shape)
    if boxes:
        for place in range(len(digits)):
            draw(canvas, side + place * cell, top, side + (place + 1) * cell, bottom, rng)
    else:
        draw(canvas, left, top, right, bottom, rng)
    column = side + (inner_width - run) / 2
    for soft in digits:
        start = round(column + ((cell - soft.shape[1]) / 2 if boxes else 0))
        row = round((shape[0] - height) / 2)
        ink[row : row + height, start : start + soft.shape[1]] = soft
        column += cell if boxes else soft.shape[1] + gap
    color = str(rng.choice(list(COLORS)))
    bare = np.full((*shape, 3), PAPER)
    image = bare.copy()
    _paint(image, canvas.mask / 255, COLORS[color])
    noise = rng.normal(0, 2, (*shape, 1))
    done = []
    for drawn in (image, bare):
        _paint(drawn, ink, PEN)
        done.append(np.clip(cv2.GaussianBlur(drawn, (0, 0), 0.8) + noise, 0, 255).astype(np.uint8))
    return Framed(kind, "".join(map(str, labels)), *done, thickness, filled, color)


def share_read(kind: str, count: int = 60) -> tuple[float, float, float, float]:
    """Return the shares read right, certain, certain and wrong, and read right without the frame."""
    import digitlib

    rows = []
    for seed in range(count):
        one, several = framed(kind, seed), KINDS[kind][1]
        answers = []
        for pixels in (one.image, one.bare):
            try:
                reading = digitlib.read_number(pixels) if several else digitlib.read_digit(pixels)
                answers.append((reading.text if several else reading.label, reading.certain))
            except digitlib.NoDigitError:
                answers.append(("", False))
        (text, certain), (bare, _) = answers
        rows.append((text == one.text, certain, certain and text != one.text, bare == one.text))
    return tuple(np.mean(rows, axis=0))


if __name__ == "__main__":
    for name in KINDS:
        right, certain, wrong, bare = share_read(name)
        print(
            f"{name:24s} right {right:.2f} certain {certain:.2f} certain, wrong {wrong:.2f} bare {bare:.2f}"
        )
