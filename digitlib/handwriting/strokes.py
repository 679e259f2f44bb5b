"""Handwriting drawn as pen strokes: digits in many styles, letters, signs and scribbles.

MNIST was written in the United States: most 1s are bars and few 7s are crossed. Elsewhere people also write
a 1 with a long upstroke, a crossed 7, a lightning-like 4 and a 9 with a curled tail. This module draws such
styles, each time a little differently, for the sample pictures, for training and for "this is no digit".
All ink is light (255) on a dark ground (0), as in MNIST.
"""

import cv2
import numpy as np

from digitlib.handwriting.glyphs import DIGITS, LETTERS, catmull_rom, parse
from digitlib.handwriting.pen import bend, center, draw, frame, warp

ALLOGRAPHS: dict[int, tuple[str, ...]] = {digit: tuple(forms) for digit, forms in DIGITS.items()}
LETTER_NAMES: tuple[str, ...] = tuple(LETTERS)
SIGNS: tuple[str, ...] = tuple(name for name in LETTERS if len(name) > 1)
SCRIBBLES: tuple[str, ...] = ("curve", "zigzag", "hatching", "blot", "dots", "texture")

_DOTS_ON_A_FACE = ((0, 0), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2))
_MNIST_DETAIL = 4  # a 28x28 picture is drawn this many times larger, then averaged


def draw_digit(
    digit: int,
    rng: np.random.Generator,
    allograph: str | None = None,
    size: int = 28,
    width: float | None = None,
) -> np.ndarray:
    """Draw one handwritten digit.

    Parameters
    ----------
    digit : int
        0 to 9.
    rng : numpy.random.Generator
        Source of the natural variation: the same state draws the same picture.
    allograph : str, optional
        Way of writing, one of ``ALLOGRAPHS[digit]``; by default a random one.
    size : int
        Side of the square picture in pixels. The longest side of the ink fills 20/28 of it.
    width : float, optional
        Width of the pen in pixels of the picture; by default random, as thick and thin as in MNIST.

    Returns
    -------
    numpy.ndarray
        (size, size) uint8, 255 ink on 0, anti-aliased, ink box in the middle.

    Raises
    ------
    ValueError
        If the digit or the way of writing does not exist.

    Examples
    --------
    >>> seven = draw_digit(7, np.random.default_rng(0), "crossed")
    >>> seven.shape, seven.dtype, int(seven.max())
    ((28, 28), dtype('uint8'), 255)
    """
    if digit not in ALLOGRAPHS:
        raise ValueError(f"digit must be 0 to 9, not {digit!r}")
    if allograph is None:
        allograph = _choose(ALLOGRAPHS[digit], rng)
    elif allograph not in ALLOGRAPHS[digit]:
        raise ValueError(f"a {digit} is written as one of {', '.join(ALLOGRAPHS[digit])}, not {allograph!r}")
    return frame(bend(parse(DIGITS[digit][allograph]), rng), rng, size, width)


def draw_letter(
    letter: str | None, rng: np.random.Generator, size: int = 28, width: float | None = None
) -> np.ndarray:
    """Draw a handwritten letter or sign that is not a digit.

    Parameters
    ----------
    letter : str or None
        One of ``LETTER_NAMES``; None for a random one.
    rng, size, width : numpy.random.Generator, int, float or None
        As in `draw_digit`.

    Returns
    -------
    numpy.ndarray
        (size, size) uint8, 255 ink on 0.

    Raises
    ------
    ValueError
        If there is no such letter.

    Examples
    --------
    >>> draw_letter("heart", np.random.default_rng(0), size=64).shape
    (64, 64)
    """
    if letter is None:
        letter = _choose(LETTER_NAMES, rng)
    elif letter not in LETTERS:
        raise ValueError(f"letter must be one of {', '.join(LETTER_NAMES)}, not {letter!r}")
    return frame(bend(parse(LETTERS[letter]), rng), rng, size, width)


def draw_scribble(
    rng: np.random.Generator, kind: str | None = None, size: int = 28, width: float | None = None
) -> np.ndarray:
    """Draw ink without meaning: a curve, zigzag, hatching, blot, dots or texture.

    Parameters
    ----------
    rng : numpy.random.Generator
        As in `draw_digit`.
    kind : str, optional
        One of ``SCRIBBLES``; by default a random one.
    size, width : int, float or None
        As in `draw_digit`.

    Returns
    -------
    numpy.ndarray
        (size, size) uint8, 255 ink on 0.

    Raises
    ------
    ValueError
        If there is no such kind.

    Examples
    --------
    >>> draw_scribble(np.random.default_rng(0), "dots").shape
    (28, 28)
    """
    if kind is None:
        kind = _choose(SCRIBBLES, rng)
    elif kind not in SCRIBBLES:
        raise ValueError(f"kind must be one of {', '.join(SCRIBBLES)}, not {kind!r}")
    if kind == "texture":
        return cv2.resize(_texture(rng), (size, size), interpolation=cv2.INTER_CUBIC)
    return frame(_scribble_lines(kind, rng), rng, size, width, filled=kind in ("blot", "dots"))


def make_digits(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Draw digits in MNIST's format, every way of writing equally often.

    Longest side 20 pixels, aspect ratio kept, centre of mass in the middle of 28x28 (Y. LeCun and C. Cortes).

    Parameters
    ----------
    count : int
        Number of pictures.
    rng : numpy.random.Generator
        Source of the variation.

    Returns
    -------
    images : numpy.ndarray
        (count, 28, 28) uint8, 255 ink on 0.
    labels : numpy.ndarray
        (count,) uint8, 0 to 9.
    allographs : list of str
        The way of writing of each.

    Examples
    --------
    >>> images, labels, allographs = make_digits(3, np.random.default_rng(0))
    >>> images.shape, labels.dtype, len(allographs)
    ((3, 28, 28), dtype('uint8'), 3)
    """
    images = np.zeros((count, 28, 28), np.uint8)
    labels = rng.integers(10, size=count, dtype=np.uint8)
    allographs = [_choose(ALLOGRAPHS[int(label)], rng) for label in labels]
    for image, label, allograph in zip(images, labels, allographs, strict=True):
        center(draw(bend(parse(DIGITS[int(label)][allograph]), rng), rng, 20, _MNIST_DETAIL), image)
    return images, labels, allographs


def make_non_digits(
    count: int, rng: np.random.Generator, shapes: tuple[str, ...] = LETTER_NAMES
) -> np.ndarray:
    """Draw images in MNIST's format without a digit: letters, signs, pairs.

    Parameters
    ----------
    count : int
        Number of pictures.
    rng : numpy.random.Generator
        Source of the variation.
    shapes : tuple of str
        The letters and signs that are among them, some of ``LETTER_NAMES``; ``SIGNS`` holds no letter either.

    Returns
    -------
    numpy.ndarray
        (count, 28, 28) uint8, 255 ink on 0.

    Examples
    --------
    >>> make_non_digits(3, np.random.default_rng(0)).shape
    (3, 28, 28)
    """
    images = np.zeros((count, 28, 28), np.uint8)
    kinds = rng.choice(4, size=count, p=(0.5, 0.3, 0.15, 0.05))
    for image, kind in zip(images, kinds, strict=True):
        filled = False
        if kind == 0:
            strokes = bend(parse(LETTERS[_choose(shapes, rng)]), rng)
        elif kind == 1:
            scribble = _choose(SCRIBBLES[:-1], rng)
            strokes, filled = _scribble_lines(scribble, rng), scribble in ("blot", "dots")
        elif kind == 2:
            strokes = _pair(rng)
        else:
            image[:] = _texture(rng)
            continue
        center(draw(strokes, rng, 20, _MNIST_DETAIL, filled=filled), image)
    return images


def _choose(options: tuple, rng: np.random.Generator) -> object:
    return options[rng.integers(len(options))]


def _pair(rng: np.random.Generator) -> list[np.ndarray]:
    """Return two digits side by side, near or touching: still no digit."""
    strokes, right = [], 0.0
    for digit in rng.integers(10, size=2):
        drawn = bend(parse(DIGITS[int(digit)][_choose(ALLOGRAPHS[int(digit)], rng)]), rng)
        left = min(stroke[:, 1].min() for stroke in drawn)
        shift = np.array((rng.normal(0, 0.04), right - left))
        strokes += [stroke + shift for stroke in drawn]
        right = max(stroke[:, 1].max() for stroke in strokes) + rng.uniform(0.08, 0.4)
    return strokes


def _scribble_lines(kind: str, rng: np.random.Generator) -> list[np.ndarray]:
    """Return the strokes (M, 2) of a scribble, height about 1; of blots and dots they are outlines."""
    if kind == "curve":
        count = int(rng.integers(8, 15))
        return [catmull_rom(count) @ rng.uniform(0, 1, (count, 2))]
    if kind == "zigzag":
        count = int(rng.integers(6, 14))
        points = np.stack((np.arange(count) % 2 * rng.uniform(0.3, 1), np.linspace(0, 1, count)), axis=1)
        return [warp(points - points.mean(axis=0) + rng.normal(0, 0.05, points.shape), rng)]
    if kind == "hatching":
        angle = rng.uniform(0, np.pi)
        count = int(rng.integers(3, 7))
        along, across = np.array((np.sin(angle), np.cos(angle))), np.array((np.cos(angle), -np.sin(angle)))
        offsets = np.linspace(-0.5, 0.5, count)
        return [
            np.stack((-0.5 * along, 0.5 * along)) + offset * across + rng.normal(0, 0.04, (2, 2))
            for offset in offsets
        ]
    turns = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    circle = np.stack((np.sin(turns), np.cos(turns)), axis=1)
    if kind == "blot":
        waves = rng.normal(0, 0.18, (4, 2))
        radius = 1 + sum(
            a * np.sin(k * turns) + b * np.cos(k * turns) for k, (a, b) in enumerate(waves, start=1)
        )
        return [np.abs(radius)[:, None] * circle * np.array((1.0, rng.uniform(0.6, 1.8)))]
    count = int(rng.integers(2, 7))
    places = rng.permutation(np.array(_DOTS_ON_A_FACE, float))[:count] + rng.normal(0, 0.1, (count, 2))
    return [place + rng.uniform(0.15, 0.4) * circle for place in places]


def _texture(rng: np.random.Generator) -> np.ndarray:
    """(28, 28) uint8: grain of paper or cloth that a threshold took for ink."""
    noise = cv2.GaussianBlur(rng.normal(0, 1, (20, 20)), (0, 0), *np.exp(rng.uniform(-0.7, 1.2, 2)))
    noise = (noise - noise.mean()) / noise.std()
    grain = (noise - rng.uniform(-0.2, 0.8)) * rng.uniform(100, 400)
    return np.pad(np.clip(grain, 0, 255).astype(np.uint8), 4)
