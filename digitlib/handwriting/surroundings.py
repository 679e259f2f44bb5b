"""What stands around the digits of a row: neighbors, signs, printed lines, frames, paper, light, camera.

Ink and print are (H, W) uint8, 255 where they cover the paper wholly. Lengths are in pixels.
"""

import itertools
from typing import NamedTuple

import cv2
import numpy as np


class Spot(NamedTuple):
    """Where a character of a row stands."""

    row: float  # of its middle
    column: float  # of its middle
    height: float
    width: float
    pitch: float  # room that it has along the row


def add_neighbors(
    ink: np.ndarray, spots: list[Spot], masks: list[np.ndarray], rng: np.random.Generator
) -> None:
    """Write what is no digit of the row into its ink, in place.

    Signs between digits (dots, commas, dashes, slashes), digits that the picture's border cuts so that less
    than half of them is seen, and what another row leaves at the top or the bottom.
    """
    if len(spots) > 1 and rng.random() < 0.15:
        sign = rng.choice(tuple(".,-/:"))
        for before, after in itertools.pairwise(spots):
            if rng.random() < 0.5:
                _write_sign(ink, sign, before, after, rng)
    if not spots or rng.random() > 0.22:
        return
    height, width = ink.shape
    size = float(np.median([spot.height for spot in spots]))
    for side in rng.choice(4, rng.integers(1, 3), replace=False):
        mask = masks[rng.integers(len(masks))]
        scale = size / mask.shape[0]
        large = cv2.resize(mask, None, fx=min(scale, 1.6 * size / mask.shape[1]), fy=scale)
        large = np.rot90(large, rng.integers(2) * 2)  # turned by half: nobody can say what digit it was
        seen = rng.uniform(0.05, 0.4)
        if side < 2:
            part = large[:, : max(1, int(seen * large.shape[1]))][:height]
            column = width - part.shape[1] if side else 0
            part = part if side else large[:, -part.shape[1] :][:height]
            row = int(np.clip(spots[0].row - size / 2, 0, height - part.shape[0]))
        else:
            part = large[: max(1, int(seen * large.shape[0])), :width]
            row = height - part.shape[0] if side == 3 else 0
            part = part if side == 3 else large[-part.shape[0] :, :width]
            column = int(rng.integers(0, width - part.shape[1] + 1))
        window = ink[row : row + part.shape[0], column : column + part.shape[1]]
        if side > 1 and window.any():  # it would touch a digit
            continue
        if side < 2 and cv2.countNonZero(window) > 0:
            continue
        window[:] = part


def _write_sign(ink: np.ndarray, sign: str, before: Spot, after: Spot, rng: np.random.Generator) -> None:
    """Write a sign between two characters, in place."""
    size = before.height
    left, right = before.column + before.width / 2, after.column - after.width / 2
    column, foot = (left + right) / 2 + 0.03 * size * rng.normal(), before.row + 0.5 * size
    pen = max(1, round(size * rng.uniform(0.05, 0.13)))
    if right - left < (0.15 if sign in ".,:" else 0.3) * size:
        return
    if sign == "/":
        lean = rng.uniform(0.15, 0.32) * size
        ends = (column - lean, foot + 0.1 * size), (column + lean, foot - rng.uniform(1.05, 1.3) * size)
    elif sign == "-":
        half = min(rng.uniform(0.12, 0.3) * size, (right - left) / 2.5)
        ends = (column - half, before.row), (column + half, before.row + 0.05 * size * rng.normal())
    elif sign == ",":
        ends = (column + 0.04 * size, foot - 0.05 * size), (column - 0.06 * size, foot + 0.14 * size)
    else:
        ends = (column, foot - 0.03 * size), (column, foot - 0.03 * size)
        pen = max(2, round(size * rng.uniform(0.08, 0.17)))
    lines = [ends]
    if sign == ":":
        lines.append(tuple((x, y - 0.5 * size) for x, y in ends))
    for one in lines:
        _line(ink, one, pen)


def _line(canvas: np.ndarray, points: object, thickness: int, closed: bool = False) -> None:
    path = np.round(np.asarray(points, float) * 16).astype(np.int32)
    cv2.polylines(canvas, [path], closed, 255, max(1, thickness), cv2.LINE_AA, shift=4)


def draw_print(shape: tuple[int, int], spots: list[Spot], rng: np.random.Generator) -> np.ndarray:
    """Draw printed lines and frames around characters, on six rows of ten."""
    canvas = np.zeros(shape, np.uint8)
    if rng.random() < 0.38:
        return canvas
    size = float(np.median([spot.height for spot in spots])) if spots else shape[0] * rng.uniform(0.4, 0.9)
    thickness = max(1, round(size * np.exp(rng.uniform(np.log(0.012), np.log(0.12)))))
    pitched = (
        bool(spots) and len({round(spot.pitch / spot.height, 1) for spot in spots}) < len(spots) // 2 + 2
    )
    kinds = ["ruled", "squared", "edges", "frame", "underline", "loose"] + ["boxes"] * (4 if pitched else 2)
    for kind in rng.choice(kinds, 1 if rng.random() < 0.85 else 2, replace=False):
        if kind in ("ruled", "squared"):
            _rule(canvas, size, kind == "squared", max(1, thickness // 2), rng)
        elif kind == "edges":
            _draw_edges(canvas, thickness, rng)
        elif kind == "loose":
            tilt = rng.normal(0, 0.04, 2) * shape[0]
            row = rng.choice((rng.uniform(0, 0.12), rng.uniform(0.88, 1))) * shape[0]
            _line(canvas, ((-2, row + tilt[0]), (shape[1] + 2, row + tilt[1])), thickness)
        elif spots:
            _draw_frames(canvas, kind, spots, size, thickness, rng)
    if rng.random() < 0.12:  # dashed, or badly printed
        canvas[:, np.arange(shape[1]) % max(3, int(size / 4)) < size / 10] = 0
    return canvas


def _rule(canvas: np.ndarray, size: float, squared: bool, thickness: int, rng: np.random.Generator) -> None:
    """Rule the paper, perhaps a little askew; squares are a third of a digit or more, lines a digit apart."""
    height, width = canvas.shape
    step = size * (rng.uniform(0.35, 1.6) if squared else rng.uniform(0.9, 1.8))
    tilt = rng.normal(0, 0.02)
    for row in np.arange(rng.uniform(-step, step), height + step, step):
        _line(canvas, ((-2, row - tilt * width / 2), (width + 2, row + tilt * width / 2)), thickness)
    if squared:
        for column in np.arange(rng.uniform(0, step), width, step):
            _line(
                canvas,
                ((column + tilt * height / 2, -2), (column - tilt * height / 2, height + 2)),
                thickness,
            )


def _draw_edges(canvas: np.ndarray, thickness: int, rng: np.random.Generator) -> None:
    """Draw the lines of a cell that was cut out: near the borders of the picture, on one to four sides."""
    height, width = canvas.shape
    for side in rng.choice(4, rng.integers(1, 5), replace=False):
        at = rng.uniform(0, 0.09) * height
        tilt = rng.normal(0, 0.015, 2) * height
        if side < 2:
            row = at if side else height - at
            _line(canvas, ((-2, row + tilt[0]), (width + 2, row + tilt[1])), thickness)
        else:
            column = at if side == 2 else width - at
            _line(canvas, ((column + tilt[0], -2), (column + tilt[1], height + 2)), thickness)


def _draw_frames(
    canvas: np.ndarray, kind: str, spots: list[Spot], size: float, thickness: int, rng: np.random.Generator
) -> None:
    """Draw a frame round each character ("boxes") or all of them, or a line under them."""
    height = size / rng.uniform(0.3, 0.92)
    form = rng.choice(("square", "rounded", "ellipse", "diamond", "open"), p=(0.45, 0.12, 0.23, 0.1, 0.1))
    left = min(spot.column - spot.width / 2 for spot in spots) - rng.uniform(0.08, 0.5) * size
    right = max(spot.column + spot.width / 2 for spot in spots) + rng.uniform(0.08, 0.5) * size
    row = float(np.mean([spot.row for spot in spots])) + 0.04 * size * rng.normal()
    if kind == "underline":
        under = row + size * rng.uniform(0.52, 0.75)
        for extra in range(rng.integers(1, 3)):
            line = (left, under + extra * 3 * thickness), (right, under + extra * 3 * thickness)
            _line(canvas, line + rng.normal(0, 0.02, (2, 2)) * size, thickness)
    elif kind == "frame":
        grow = 0.35 * (right - left) if form in ("ellipse", "diamond") else 0.0
        _frame(canvas, form, (row, (left + right) / 2), (height, right - left + grow), thickness, rng)
    else:
        touching = rng.random() < 0.6
        for spot in spots:
            box = spot.pitch if touching else max(spot.width * 1.1, height * rng.uniform(0.8, 1))
            _frame(canvas, form, (row, spot.column), (height, box), thickness, rng)


def _frame(
    canvas: np.ndarray,
    form: str,
    center: tuple[float, float],
    size: tuple[float, float],
    thickness: int,
    rng: np.random.Generator,
) -> None:
    """Draw one frame of a form around a place."""
    (row, column), (half_height, half_width) = center, (size[0] / 2, size[1] / 2)
    turns = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    if form in ("ellipse", "rounded"):
        power = 1.0 if form == "ellipse" else 0.35  # a superellipse with a small power is a rounded square
        across, down = (np.sign(wave) * np.abs(wave) ** power for wave in (np.cos(turns), np.sin(turns)))
    elif form == "diamond":
        across, down = np.array((0.0, 1, 0, -1)), np.array((-1.0, 0, 1, 0))
    else:
        across, down = np.array((-1.0, 1, 1, -1)), np.array((-1.0, -1, 1, 1))
    points = np.stack((column + half_width * across, row + half_height * down), axis=1)
    points += rng.normal(0, 0.01, points.shape if len(points) == 4 else (1, 2)) * size[0]
    if form == "open":  # one or two sides are missing
        points = np.roll(points, rng.integers(4), axis=0)[: rng.integers(3, 5)]
    _line(canvas, points, thickness, closed=form != "open")


def roughen(ink: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Let a pencil miss the hollows of the paper, or break the strokes by thin gaps."""
    if rng.random() < 0.6:
        grain = cv2.GaussianBlur(rng.standard_normal(ink.shape, np.float32), (0, 0), rng.uniform(0.7, 2))
        cover = 1 - rng.uniform(0.1, 0.9) * np.clip(0.5 + 0.6 * grain / grain.std(), 0, 1)
        return (ink * cover).astype(np.uint8)
    height, width = ink.shape
    gaps = np.full_like(ink, 255)
    for _ in range(rng.integers(1, 2 + width // height)):
        start = rng.uniform(0, 1, 2) * (width, height)
        angle, length = rng.uniform(0, np.pi), height
        end = start + length * np.array((np.cos(angle), np.sin(angle)))
        cv2.line(gaps, start.astype(int).tolist(), end.astype(int).tolist(), 0, int(rng.integers(1, 4)))
    return cv2.bitwise_and(ink, gaps)


def photograph(ink: np.ndarray, print_: np.ndarray, rng: np.random.Generator, detail: int) -> np.ndarray:
    """Lay print and ink on paper, and photograph it: (H / detail, W / detail) uint8.

    Nearly all are turned so that ink is lighter than paper; in one of eight this guess is wrong.
    """
    paper, pen = _choose_tones(rng)
    tone = paper - (paper - pen) * (rng.uniform(0.15, 1.1) if rng.random() < 0.8 else 0.95)
    page = np.full(ink.shape, paper, np.float32)
    page += print_ * ((tone - paper) / 255)
    page += ink * ((pen - page) / 255)
    if rng.random() < 0.5:
        page = cv2.GaussianBlur(page, (0, 0), rng.uniform(0.3, 2.4))
    size = ink.shape[1] // detail, ink.shape[0] // detail
    page = cv2.resize(page, size, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.12:
        _darken_edge(page, rng)
    page *= _light(page.shape, rng)
    if rng.random() < 0.3:
        small = cv2.resize(
            page, None, fx=(share := rng.uniform(0.3, 0.75)), fy=share, interpolation=cv2.INTER_AREA
        )
        page = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)
    noise = rng.uniform(0, 0.12) ** 1.5 * (paper - pen) + rng.choice((0.0, 2.0))
    page += noise * rng.standard_normal(page.shape, np.float32)
    image = np.clip(page + 0.5, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        quality = (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 96)))
        image = cv2.imdecode(cv2.imencode(".jpg", image, quality)[1], cv2.IMREAD_GRAYSCALE)
    return image if rng.random() < 0.125 else 255 - image


def _choose_tones(rng: np.random.Generator) -> tuple[float, float]:
    """Return the grey levels of paper and pen: one pair in seven hardly differs."""
    paper = rng.uniform(110, 255)
    low, high = ((14, 40), (40, 110), (110, 255))[rng.choice(3, p=(0.15, 0.35, 0.5))]
    return paper, max(0.0, paper - rng.uniform(low, min(high, paper)))


def _light(shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return how much light falls on each pixel: fading, in clouds, at times with a shadow's edge."""
    rows, columns = np.ogrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    light = 1 + rng.normal(0, 0.06) * rows + rng.normal(0, 0.1) * columns
    if rng.random() < 0.4:
        clouds = rng.normal(0, rng.uniform(0.01, 0.06), (2, 5))
        light = light + cv2.resize(clouds, shape[::-1], interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.1:
        angle, place, sharp = rng.uniform(0, 2 * np.pi), rng.uniform(-0.7, 0.7), rng.uniform(3, 40)
        across = np.cos(angle) * columns + np.sin(angle) * rows - place
        light = light * (1 - rng.uniform(0.15, 0.6) * np.clip(0.5 + sharp * across, 0, 1))
    return light.astype(np.float32)


def _darken_edge(page: np.ndarray, rng: np.random.Generator) -> None:
    """Let a finger, a table or the dark edge of a scan in at one side, in place."""
    turned = np.rot90(page, rng.integers(4))
    depth = max(1, int(rng.uniform(0.02, 0.12) * min(page.shape) * 1.3))
    slope = rng.uniform(-0.08, 0.08)
    edge = depth + slope * np.arange(turned.shape[1])[None] * min(1, 40 / turned.shape[1])
    cover = np.arange(turned.shape[0])[:, None] < edge
    turned[cover] = turned[cover] * rng.uniform(0, 0.9) + rng.uniform(0, 30)
