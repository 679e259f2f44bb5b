"""Pen paths bent as hands do, and turned into ink: light (255) on a dark ground (0), as in MNIST."""

import cv2
import numpy as np

from digitlib.handwriting.glyphs import PenPath

LONGEST = 20 / 28
"""Proportion of a square picture that the longest side of the ink fills, as in MNIST."""


def bend(path: PenPath, rng: np.random.Generator) -> list[np.ndarray]:
    """Return a natural variation of a letterform: strokes (M, 2), height about 1."""
    control = path.control + rng.normal(0, 0.018, path.control.shape)
    shifts = rng.normal(0, 0.018, (len(path.strokes), 2))
    ends = rng.normal(0.01, 0.05, (len(path.strokes), 2))
    for stroke, shift, (before, after) in zip(path.control_strokes, shifts, ends, strict=True):
        control[stroke] += shift
        control[stroke.start] += before * _direction(control[stroke.start] - control[stroke.start + 1])
        control[stroke.stop - 1] += after * _direction(control[stroke.stop - 1] - control[stroke.stop - 2])
    # Some writers draw round, some pointed.
    pointed = max(0.0, rng.normal(-0.03, 0.12))
    points = ((1 - pointed) * path.smooth + pointed * path.angular) @ control
    points -= points.mean(axis=0)
    points = warp(points, rng)
    return [points[stroke] for stroke in path.strokes]


def _direction(vector: np.ndarray) -> np.ndarray:
    return vector / max(1e-6, float(np.hypot(*vector)))


def warp(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bow, slant, stretch and turn centred points (M, 2), and let the hand tremble."""
    bow = rng.normal(0, 0.08, (2, 3))
    slant, stretch, turn = rng.normal((0.13, 0.08, 0.0), (0.15, 0.17, 0.07))
    rows, columns = points.T
    bowed = points + np.stack((rows * rows, rows * columns, columns * columns), axis=1) @ bow.T
    # Where one step down and one step right lead.
    slanted = np.array(((1.0, -slant), (0.0, np.exp(stretch))))
    turned = np.array(((np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))))
    trembling = cv2.blur(rng.normal(0, abs(rng.normal(0, 0.015)), points.shape), (1, 7))
    return bowed @ slanted @ turned + trembling


def draw(
    strokes: list[np.ndarray],
    rng: np.random.Generator,
    longest: int,
    detail: int,
    width: float | None = None,
    filled: bool = False,
) -> np.ndarray:
    """Draw strokes as ink (H, W) uint8, cropped closely.

    The longest side has `longest` pixels; the ink is drawn `detail` times larger and averaged.
    """
    if width is None:
        width = float(np.clip(rng.normal(2.1, 0.6), 1.2, 3.8)) * longest / 20
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    pen = 1 if filled else max(1.0, width * detail)
    scale = (longest * detail - pen) / max(1e-6, float((high - low).max()))
    extent = (high - low) * scale + pen
    height, breadth = (int(np.ceil(side / detail - 1e-6)) for side in extent)
    canvas = np.zeros((height * detail, breadth * detail), np.uint8)
    # OpenCV wants (column, row) as integers; 16 steps a pixel, the centre of pixel 0 at 0.
    margin = (np.array(canvas.shape) - extent + pen) / 2 - 0.5
    step = 8 if longest < 60 else 1  # ink points drawn with the same pressure
    total = sum(-(-len(stroke) // step) for stroke in strokes)
    waves = rng.uniform(0, 2 * np.pi) + np.arange(total) * step / rng.uniform(6, 25)
    thickness = np.maximum(1, np.round(pen * (1 - rng.uniform(0, 0.2) * (1 + np.sin(waves))))).astype(int)
    piece = 0
    for stroke in strokes:
        path = np.round(((stroke - low) * scale + margin)[:, ::-1] * 16).astype(np.int32)
        if filled:
            cv2.fillPoly(canvas, [path], 255, shift=4)
            continue
        for begin in range(0, len(path) - 1, step):
            part = path[begin : begin + step + 1]
            cv2.polylines(canvas, [part], False, 255, int(thickness[piece]), cv2.LINE_8, shift=4)
            piece += 1
    return cv2.resize(canvas, (breadth, height), interpolation=cv2.INTER_AREA)


def frame(
    strokes: list[np.ndarray], rng: np.random.Generator, size: int, width: float | None, filled: bool = False
) -> np.ndarray:
    """Draw strokes in the middle of a square image (size, size) uint8."""
    longest = max(1, round(LONGEST * size))
    ink = draw(strokes, rng, longest, max(2, -(-112 // size)), width, filled)
    image = np.zeros((size, size), np.uint8)
    row, column = (size - ink.shape[0]) // 2, (size - ink.shape[1]) // 2
    image[row : row + ink.shape[0], column : column + ink.shape[1]] = ink
    return image


def center(ink: np.ndarray, image: np.ndarray) -> None:
    """Write ink into a 28x28 image, its centre of mass at (14, 14) as in MNIST."""
    moments = cv2.moments(ink)
    place = []
    for mass, side in ((moments["m01"], ink.shape[0]), (moments["m10"], ink.shape[1])):
        place.append(min(max(round(14 - mass / moments["m00"]), 0), 28 - side))
    row, column = place
    image[row : row + ink.shape[0], column : column + ink.shape[1]] = ink
