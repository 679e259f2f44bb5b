"""Letters A to Z in MNIST's format: of handwriting fonts and of pen strokes, each time a little different."""

import string
import tomllib
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from digitlib.data import load_letter_shapes
from digitlib.handwriting.glyphs import parse
from digitlib.handwriting.pen import bend, center, draw

FORMS: dict[str, tuple[str, ...]] = {
    letter: tuple(forms.values())
    for letter, forms in tomllib.loads(
        Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
    ).items()
}
"""The pen paths of each of the 52 letters: how people write it."""
_DRAWN = 0.4
"""Proportion of the letters that are drawn as pen strokes; the others are shapes of fonts."""
_DETAIL = 4  # a letter of 20 pixels is drawn this many times larger, then averaged
LONGEST = 20
"""Longest side of a letter in MNIST's format, in pixels."""
_PEN, _THINNEST, _THICKEST = (2.5, 0.6), 1.6, 4.2
"""Width of a pen in pixels of a letter 20 pixels tall: mean and standard deviation, and its limits."""
_TALL, _HANGING, _DOTTED = "bdfhkl", "gjpqy", "ijt"
_X_HEIGHT, _DESCENT, _DOT_TOP = 0.56, 0.36, 0.08
"""Height of an x, what hangs below the line, and where an i begins, as proportions of a capital's height."""
_MARGIN = 16  # pixels around a shape, room to turn and bow it
_BAR = 0.62
"""Part of its tightest box, turned as needed, that a bare bar fills; an l with a loop or foot fills less."""
_KEPT_BARS = 3
"""One in so many small l that are bare bars is kept: a bar may be either, but is a capital I more often."""


def make_letters(
    count: int, rng: np.random.Generator, held_out: bool = False, letters: str = string.ascii_letters
) -> tuple[np.ndarray, np.ndarray]:
    """Draw letters in MNIST's format, every letter equally often.

    Longest side 20 pixels, aspect ratio kept, centre of mass in the middle of 28x28.

    Introduced in the project lesson "Letters".

    Parameters
    ----------
    count : int
        Number of pictures.
    rng : numpy.random.Generator
        Source of the variation: the same state draws the same pictures.
    held_out : bool
        Whether to take the fonts that are kept out of training, and these alone.
    letters : str
        What to draw: some of A to Z and a to z.

    Returns
    -------
    images : (count, 28, 28) uint8 array
        255 ink on 0.
    labels : (count,) str array
        The letter of each.

    Examples
    --------
    >>> images, labels = make_letters(3, np.random.default_rng(0))
    >>> images.shape, labels.tolist()
    ((3, 28, 28), ['S', 'H', 'A'])
    """
    images = np.zeros((count, 28, 28), np.uint8)
    labels = np.array(list(letters))[rng.integers(len(letters), size=count)]
    for image, letter in zip(images, labels, strict=True):
        center(draw_ink(letter, rng, held_out), image)
    return images, labels


def draw_ink(
    letter: str,
    rng: np.random.Generator,
    held_out: bool = False,
    longest: int = LONGEST,
    pen: float | None = None,
) -> np.ndarray:
    """Draw the ink of one letter, cropped closely.

    Parameters
    ----------
    letter : str
        One of A to Z and a to z.
    rng, held_out : numpy.random.Generator, bool
        As in `make_letters`.
    longest : int
        Longest side of the ink, in pixels.
    pen : float, optional
        Width of the pen, in pixels where the longest side has 20; by default as thick and thin as in MNIST.

    Returns
    -------
    (H, W) uint8 array
        255 ink on 0.

    Examples
    --------
    >>> max(draw_ink("b", np.random.default_rng(0), longest=60).shape)
    60
    """
    if not held_out and rng.random() < _DRAWN:
        form = FORMS[letter][rng.integers(len(FORMS[letter]))]
        strokes = bend(parse(form), rng)
        detail = max(2, _DETAIL * LONGEST // longest)
        return draw(strokes, rng, longest, detail, (pen or _pen(rng)) * longest / LONGEST)
    shapes = _shapes(held_out)[letter]
    shape = _warped(shapes[rng.integers(len(shapes))], rng)
    return _with_pen(shape, pen or _pen(rng), longest)


def extent(letter: str) -> tuple[float, float]:
    """Return where a letter of a row begins and ends.

    Parameters
    ----------
    letter : str
        One of A to Z and a to z.

    Returns
    -------
    top, bottom : float
        In heights of a capital: 0 is its top, and 1 the line that it stands on.

    Examples
    --------
    >>> extent("H"), extent("d"), extent("x")[1]
    ((0.0, 1.0), (0.0, 1.0), 1.0)
    """
    if letter.isupper() or letter in _TALL:
        return 0.0, 1.0
    top = _DOT_TOP if letter in _DOTTED else 1 - _X_HEIGHT
    return top, 1 + _DESCENT * (letter in _HANGING)


@cache
def _shapes(held_out: bool) -> dict[str, np.ndarray]:
    """Return the shapes of each letter: (N, 64, 64) uint8."""
    shapes = load_letter_shapes()
    of_letters = {
        letter: shapes.images[(shapes.letters == letter) & (shapes.held_out == held_out)]
        for letter in string.ascii_letters
    }
    bars = np.array([_is_bar(shape) for shape in of_letters["l"]])
    of_letters["l"] = np.concatenate([of_letters["l"][~bars], of_letters["l"][bars][::_KEPT_BARS]])
    return of_letters


def _is_bar(shape: np.ndarray) -> bool:
    _, sides, _ = cv2.minAreaRect(cv2.findNonZero(shape))
    return cv2.countNonZero(shape) > _BAR * (sides[0] + 1) * (sides[1] + 1)


def _warped(shape: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Bow, slant, stretch and turn a shape, as `digitlib.handwriting.pen.warp` a path: a larger image."""
    side = len(shape) + 2 * _MARGIN
    place = np.linspace(-side / len(shape), side / len(shape), side, dtype=np.float32) / 2
    columns, rows = np.meshgrid(place, place)
    bow = rng.normal(0, 0.08, (2, 3)).astype(np.float32)
    slant, stretch, turn = rng.normal((0.04, 0.0, 0.0), (0.12, 0.17, 0.07)).astype(np.float32)
    curves = rows * rows, rows * columns, columns * columns
    rows_from = rows * np.cos(turn) + columns * np.sin(turn) + sum(map(np.multiply, bow[0], curves))
    columns_from = columns * np.cos(turn) - rows * np.sin(turn) + sum(map(np.multiply, bow[1], curves))
    columns_from = columns_from * np.exp(stretch) + slant * rows
    middle = (len(shape) - 1) / 2
    return cv2.remap(
        shape, columns_from * len(shape) + middle, rows_from * len(shape) + middle, cv2.INTER_LINEAR
    )


def _pen(rng: np.random.Generator) -> float:
    return float(np.clip(rng.normal(*_PEN), _THINNEST, _THICKEST))


def _with_pen(shape: np.ndarray, pen: float, longest: int) -> np.ndarray:
    """Write a shape with another pen, and bring its longest side to a length: cropped ink."""
    inside = cv2.distanceTransform((shape > 127).astype(np.uint8), cv2.DIST_L2, 3)
    scale = len(shape) / LONGEST  # close enough: a shape nearly fills its picture
    change = pen * scale - 4 * inside[inside > 0].mean()
    side = min(max(1, round(abs(change))), 1 + int(inside.max())) if change < 0 else max(1, round(change))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    written = cv2.dilate(shape, kernel) if change > 0 else cv2.erode(shape, kernel)
    left, top, width, height = cv2.boundingRect(written)
    ink = written[top : top + height, left : left + width]
    factor = longest / max(width, height)
    return cv2.resize(
        ink, (max(1, round(width * factor)), max(1, round(height * factor))), interpolation=cv2.INTER_AREA
    )
