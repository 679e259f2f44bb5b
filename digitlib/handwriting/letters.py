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
_DETAIL = 4  # a letter is drawn this many times larger, then averaged
_LONGEST = 20  # longest side of a letter in MNIST's format, in pixels
_PEN, _THINNEST, _THICKEST = (2.5, 0.6), 1.6, 4.2
"""Width of a pen in pixels of a letter 20 pixels tall: mean and standard deviation, and its limits."""
_MARGIN = 16  # pixels around a shape, room to turn and bow it


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
    shapes = _shapes(held_out)
    for image, letter in zip(images, labels, strict=True):
        if not held_out and rng.random() < _DRAWN:
            form = FORMS[letter][rng.integers(len(FORMS[letter]))]
            ink = draw(bend(parse(form), rng), rng, _LONGEST, _DETAIL, _pen(rng))
        else:
            choices = shapes[letter]
            ink = _with_pen(_warped(choices[rng.integers(len(choices))], rng), rng)
        center(ink, image)
    return images, labels


@cache
def _shapes(held_out: bool) -> dict[str, np.ndarray]:
    """Return the shapes of each letter: (N, 64, 64) uint8."""
    shapes = load_letter_shapes()
    return {
        letter: shapes.images[(shapes.letters == letter) & (shapes.held_out == held_out)]
        for letter in string.ascii_letters
    }


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


def _with_pen(shape: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Write a shape with another pen, and bring its longest side to 20 pixels: cropped ink."""
    inside = cv2.distanceTransform((shape > 127).astype(np.uint8), cv2.DIST_L2, 3)
    scale = len(shape) / _LONGEST  # close enough: a shape nearly fills its picture
    change = _pen(rng) * scale - 4 * inside[inside > 0].mean()
    side = min(max(1, round(abs(change))), 1 + int(inside.max())) if change < 0 else max(1, round(change))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    written = cv2.dilate(shape, kernel) if change > 0 else cv2.erode(shape, kernel)
    left, top, width, height = cv2.boundingRect(written)
    ink = written[top : top + height, left : left + width]
    factor = _LONGEST / max(width, height)
    return cv2.resize(
        ink, (max(1, round(width * factor)), max(1, round(height * factor))), interpolation=cv2.INTER_AREA
    )
