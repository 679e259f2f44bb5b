"""Handwriting drawn as pen strokes: digits in many styles, letters, signs and scribbles.

MNIST was written in the United States: most 1s are bars and few 7s are crossed. Elsewhere people also write
a 1 with a long upstroke, a crossed 7, a lightning-like 4 and a 9 with a curled tail. This module draws such
styles, each time a little differently, for the sample pictures, for training and for "this is no digit".
All ink is light (255) on a dark ground (0), as in MNIST.
"""

import cv2
import numpy as np

from digitlib.handwriting.glyphs import DIGITS, LETTERS, PenPath, catmull_rom, parse

ALLOGRAPHS: dict[int, tuple[str, ...]] = {digit: tuple(forms) for digit, forms in DIGITS.items()}
LETTER_NAMES: tuple[str, ...] = tuple(LETTERS)
SCRIBBLES: tuple[str, ...] = ("curve", "zigzag", "hatching", "blot", "dots", "texture")

_LONGEST = 20 / 28  # share of a square picture that the longest side of the ink fills, as in MNIST
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
    return _framed(_bend(parse(DIGITS[digit][allograph]), rng), rng, size, width)


def draw_letter(
    letter: str | None, rng: np.random.Generator, size: int = 28, width: float | None = None
) -> np.ndarray:
    """Draw a handwritten letter or sign that is not a digit.

    Parameters
    ----------
    letter : str or None
        One of ``LETTER_NAMES``; None for a random one.
    rng, size, width
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
    return _framed(_bend(parse(LETTERS[letter]), rng), rng, size, width)


def draw_scribble(
    rng: np.random.Generator, kind: str | None = None, size: int = 28, width: float | None = None
) -> np.ndarray:
    """Draw ink that means nothing: a random curve, a zigzag, hatching, a blot, dots as on dice, or a texture.

    Parameters
    ----------
    rng, size, width
        As in `draw_digit`.
    kind : str, optional
        One of ``SCRIBBLES``; by default a random one.

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
    return _framed(_scribble_lines(kind, rng), rng, size, width, filled=kind in ("blot", "dots"))


def make_digits(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Draw many digits in the format of MNIST, every way of writing a digit equally often.

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
        _center(_ink(_bend(parse(DIGITS[int(label)][allograph]), rng), rng, 20, _MNIST_DETAIL), image)
    return images, labels, allographs


def make_non_digits(count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw many pictures in MNIST's format that hold no digit: letters, signs, scribbles, two digits in one.

    Parameters
    ----------
    count : int
        Number of pictures.
    rng : numpy.random.Generator
        Source of the variation.

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
            strokes = _bend(parse(LETTERS[_choose(LETTER_NAMES, rng)]), rng)
        elif kind == 1:
            scribble = _choose(SCRIBBLES[:-1], rng)
            strokes, filled = _scribble_lines(scribble, rng), scribble in ("blot", "dots")
        elif kind == 2:
            strokes = _pair(rng)
        else:
            image[:] = _texture(rng)
            continue
        _center(_ink(strokes, rng, 20, _MNIST_DETAIL, filled=filled), image)
    return images


def _choose(options, rng):
    return options[rng.integers(len(options))]


def _bend(path: PenPath, rng) -> list[np.ndarray]:
    """One natural variation of a letterform: strokes, each (M, 2) row and column, height about 1."""
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
    points = _warp(points, rng)
    return [points[stroke] for stroke in path.strokes]


def _direction(vector):
    return vector / max(1e-6, float(np.hypot(*vector)))


def _warp(points, rng):
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


def _pair(rng):
    """Two digits side by side, near or touching: still no digit."""
    strokes, right = [], 0.0
    for digit in rng.integers(10, size=2):
        drawn = _bend(parse(DIGITS[int(digit)][_choose(ALLOGRAPHS[int(digit)], rng)]), rng)
        left = min(stroke[:, 1].min() for stroke in drawn)
        shift = np.array((rng.normal(0, 0.04), right - left))
        strokes += [stroke + shift for stroke in drawn]
        right = max(stroke[:, 1].max() for stroke in strokes) + rng.uniform(0.08, 0.4)
    return strokes


def _scribble_lines(kind, rng):
    """Strokes (M, 2) of a scribble, height about 1; of a blot and of dots they are outlines to be filled."""
    if kind == "curve":
        count = int(rng.integers(8, 15))
        return [catmull_rom(count) @ rng.uniform(0, 1, (count, 2))]
    if kind == "zigzag":
        count = int(rng.integers(6, 14))
        points = np.stack((np.arange(count) % 2 * rng.uniform(0.3, 1), np.linspace(0, 1, count)), axis=1)
        return [_warp(points - points.mean(axis=0) + rng.normal(0, 0.05, points.shape), rng)]
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


def _texture(rng):
    """(28, 28) uint8: grain of paper or cloth that a threshold took for ink."""
    noise = cv2.GaussianBlur(rng.normal(0, 1, (20, 20)), (0, 0), *np.exp(rng.uniform(-0.7, 1.2, 2)))
    noise = (noise - noise.mean()) / noise.std()
    grain = (noise - rng.uniform(-0.2, 0.8)) * rng.uniform(100, 400)
    return np.pad(np.clip(grain, 0, 255).astype(np.uint8), 4)


def _ink(strokes, rng, longest, detail, width=None, filled=False):
    """Ink cut to its box: uint8, longest side `longest` pixels, drawn `detail` times larger and averaged."""
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


def _framed(strokes, rng, size, width, filled=False):
    """Ink in the middle of a square picture."""
    longest = max(1, round(_LONGEST * size))
    ink = _ink(strokes, rng, longest, max(2, -(-112 // size)), width, filled)
    image = np.zeros((size, size), np.uint8)
    row, column = (size - ink.shape[0]) // 2, (size - ink.shape[1]) // 2
    image[row : row + ink.shape[0], column : column + ink.shape[1]] = ink
    return image


def _center(ink, image):
    """Write ink into a 28x28 picture so that its centre of mass lies at (14, 14), as in MNIST."""
    moments = cv2.moments(ink)
    place = []
    for mass, side in ((moments["m01"], ink.shape[0]), (moments["m10"], ink.shape[1])):
        place.append(min(max(round(14 - mass / moments["m00"]), 0), 28 - side))
    row, column = place
    image[row : row + ink.shape[0], column : column + ink.shape[1]] = ink
