"""Rows of digits or letters as cameras see them: paper, lines, frames, signs, neighbors and bad light.

What is written is known, so a line reader can learn from such rows. Everything is drawn at `DETAIL` times the
height of the result; ink is 255 on 0 until it is laid on paper.
"""

import string
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from digitlib.handwriting import letters, strokes, surroundings
from digitlib.handwriting.surroundings import Spot

ROW_HEIGHT = 40
"""Height of a drawn row in pixels: a digit keeps 13 pixels at a third of it."""
DETAIL = 2
"""Rows are drawn this many times larger, then averaged."""
OTHER = "?"
"""Stands in a text for a sign, a scribble, and in rows of digits for a letter."""
LONGEST = 12
"""Most characters of a row."""
_HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
"""Letterforms that OpenCV brings along; only their letters are used."""
_LETTERS = "acdefhkmnprtuvwxyACEFGHKLMNPRTUVWXY"
"""Letters that nobody takes for a digit."""
_NO_DIGITS, _NO_LETTERS = (
    tuple(name for name in names if name != "minus")  # a dash between characters is none
    for names in (strokes.LETTER_NAMES, strokes.SIGNS)
)
LetterInk = Callable[[str, float, np.random.Generator], np.ndarray]
"""Draws a letter with a pen (width as a proportion of its height): ink, cropped closely."""


class Row(NamedTuple):
    """A drawn row."""

    image: np.ndarray  # (ROW_HEIGHT, W) uint8: light ink on a dark ground, with few exceptions
    text: str  # its digits and capitals (also for small letters), and OTHER for what is neither


class _Character(NamedTuple):
    """A character to write: top and bottom are 0 and 1 for a digit, in units of its height."""

    name: str
    ink: np.ndarray
    top: float = 0.0
    bottom: float = 1.0


class _Hand(NamedTuple):
    """What the characters of a row have in common; lengths are proportions of their height."""

    slant: float  # columns to the right for a row upwards
    stretch: float  # width
    level: float  # of MNIST's soft ink that becomes paper: high is a thin pen
    pen: float  # width of drawn strokes
    uneven: float  # standard deviation of heights and of places above and below the line
    gap: float  # room between characters


def draw_row(
    digits: tuple[np.ndarray, np.ndarray],
    width: int,
    rng: np.random.Generator,
    letter_ink: LetterInk | None = None,
) -> Row:
    """Draw a row of characters and photograph it.

    Parameters
    ----------
    digits : (images, labels)
        MNIST digits, (N, 28, 28) and (N,) uint8: three in four digits come from there, the others are drawn
        in strokes.
    width : int
        Width of the row in pixels, 32 or more.
    rng : numpy.random.Generator
        Source of the variation: the same state draws the same row.
    letter_ink : function, optional
        Draws letters: then rows hold letters, digits, or both. By default they hold digits.

    Returns
    -------
    Row

    Examples
    --------
    >>> digit = np.zeros((1, 28, 28), np.uint8)
    >>> digit[:, 4:24, 12:16] = 255
    >>> draw_row((digit, np.array([1])), 96, np.random.default_rng(0)).image.shape
    (40, 96)
    """
    shape = ROW_HEIGHT * DETAIL, width * DETAIL
    hand = _choose_hand(rng)
    count = _choose_count(width, rng)
    if letter_ink is None:
        characters = _choose_digits(digits, hand, count, rng)
    else:
        characters = _choose_letters(digits, letter_ink, hand, count, rng)
    ink, spots = _write(characters, hand, shape, rng)
    text = "".join(character.name for character in characters)
    surroundings.add_neighbors(ink, spots, [character.ink for character in characters], rng)
    print_ = surroundings.draw_print(shape, spots, rng)
    if rng.random() < 0.3:
        ink = surroundings.roughen(ink, rng)
    return Row(surroundings.photograph(ink, print_, rng, DETAIL), text)


def _choose_hand(rng: np.random.Generator) -> _Hand:
    return _Hand(
        slant=rng.normal(0.03, 0.12),
        stretch=np.exp(rng.normal(0, 0.15) if rng.random() < 0.9 else rng.uniform(-0.7, -0.2)),
        level=rng.uniform(0.25, 0.8),
        pen=np.exp(rng.uniform(np.log(0.035), np.log(0.17))),
        uneven=abs(rng.normal(0, 0.06)),
        gap=rng.choice((rng.normal(0.15, 0.1), rng.uniform(0.1, 1.2))),
    )


def _choose_count(width: int, rng: np.random.Generator) -> int:
    """Return how many characters a row gets: one in narrow rows, mostly; none in one row of 25."""
    if rng.random() < 0.04:
        return 0
    if width <= 1.6 * ROW_HEIGHT and rng.random() < 0.65:
        return 1
    return int(rng.integers(1, min(LONGEST, width // 12) + 1))


def _choose_digits(
    digits: tuple[np.ndarray, np.ndarray], hand: _Hand, count: int, rng: np.random.Generator
) -> list[_Character]:
    """Return digits, sometimes one digit again and again, sometimes letters among them."""
    others = rng.choice((0.0, 0.3, 1.0), p=(0.88, 0.07, 0.05))
    drawn = rng.choice((0.0, 0.25, 1.0), p=(0.6, 0.25, 0.15))
    repeats = rng.random() < 0.12
    characters = []
    for _ in range(count):
        if rng.random() < others:
            characters.append(_Character(OTHER, _other(hand, rng)))
        elif characters and repeats and rng.random() < 0.7:
            characters.append(characters[-1])
        else:
            characters.append(_digit(digits, hand, drawn, rng))
    return characters


def _digit(
    digits: tuple[np.ndarray, np.ndarray], hand: _Hand, drawn: float, rng: np.random.Generator
) -> _Character:
    """Return a digit: one of MNIST's, or one drawn in strokes, with a probability."""
    if rng.random() < drawn:
        digit = int(rng.integers(10))
        return _Character(str(digit), _cropped(strokes.draw_digit(digit, rng, size=112, width=hand.pen * 80)))
    index = rng.integers(len(digits[0]))
    return _Character(str(digits[1][index]), _cropped(digits[0][index]))


def _choose_letters(
    digits: tuple[np.ndarray, np.ndarray],
    letter_ink: LetterInk,
    hand: _Hand,
    count: int,
    rng: np.random.Generator,
) -> list[_Character]:
    """Return letters of one way of writing, digits, or both, sometimes with a sign among them."""
    share = rng.choice((0.0, 0.5, 1.0), p=(0.15, 0.2, 0.65))  # of letters
    others = rng.choice((0.0, 0.25), p=(0.88, 0.12))
    small = rng.choice((0.0, 1.0, 0.5), p=(0.5, 0.4, 0.1))
    characters = []
    for index in range(count):
        if rng.random() < others:
            characters.append(_Character(OTHER, _sign(hand, rng, _NO_LETTERS)))
        elif rng.random() >= share:
            characters.append(_digit(digits, hand, 0.25, rng))
        else:
            letter = string.ascii_uppercase[rng.integers(26)]
            first = index == 0 and rng.random() < 0.4  # Words often begin with a capital.
            letter = letter.lower() if rng.random() < small and not first else letter
            top, bottom = letters.extent(letter)
            ink = letter_ink(letter, hand.pen / (bottom - top), rng)
            characters.append(_Character(letter.upper(), ink, top, bottom))
    return characters


def _other(hand: _Hand, rng: np.random.Generator) -> np.ndarray:
    """Return the ink of a letter, a sign or a scribble."""
    kind = rng.random()
    if kind < 0.4:
        return _sign(hand, rng, _NO_DIGITS) if kind < 0.3 else _scribble(hand, rng)
    letter, font = _LETTERS[rng.integers(len(_LETTERS))], int(rng.choice(_HERSHEY))
    ink = np.zeros((160, 200), np.uint8)
    cv2.putText(ink, letter, (50, 110), font, 3.5, 255, max(1, round(hand.pen * 80)), cv2.LINE_AA)
    return _cropped(ink)


def _sign(hand: _Hand, rng: np.random.Generator, names: tuple[str, ...]) -> np.ndarray:
    name = names[rng.integers(len(names))]
    return _cropped(strokes.draw_letter(name, rng, size=112, width=hand.pen * 80))


def _scribble(hand: _Hand, rng: np.random.Generator) -> np.ndarray:
    return _cropped(strokes.draw_scribble(rng, size=112, width=hand.pen * 80))


def _cropped(ink: np.ndarray) -> np.ndarray:
    column, row, width, height = cv2.boundingRect(ink)
    return ink[row : row + height, column : column + width] if width else np.full((4, 4), 255, np.uint8)


def _write(
    characters: list[_Character], hand: _Hand, shape: tuple[int, int], rng: np.random.Generator
) -> tuple[np.ndarray, list[Spot]]:
    """Write characters along a line; return the ink, and where each stands."""
    ink, spots = np.zeros(shape, np.uint8), []
    if not characters:
        return ink, spots
    heights = [(one.bottom - one.top) * float(np.exp(rng.normal(0, hand.uneven))) for one in characters]
    widths = [
        height * hand.stretch * min(one.ink.shape[1] / one.ink.shape[0], 1.6)
        for height, one in zip(heights, characters, strict=True)
    ]
    pitch = rng.uniform(0.8, 1.7) if rng.random() < 0.25 else 0.0  # of boxes, each with one character
    gaps = [max(hand.gap + rng.normal(0, 0.06), -0.12) for _ in characters]
    steps = [
        max(pitch, width + 0.1) if pitch else width + gap for width, gap in zip(widths, gaps, strict=True)
    ]
    top, bottom = min(one.top for one in characters), max(one.bottom for one in characters)
    tallest = shape[0] / (bottom - top)
    size = min(tallest * rng.uniform(0.33, 0.93), shape[1] * rng.uniform(0.6, 0.97) / sum(steps))
    steep = rng.normal(0, 0.03) if rng.random() < 0.8 else rng.normal(0, 0.1)
    column = rng.uniform(0, max(1.0, shape[1] - size * sum(steps)))
    line = rng.uniform(-size * top, max(1 - size * top, shape[0] - size * bottom))  # top of the capitals
    for one, height, width, step in zip(characters, heights, widths, steps, strict=True):
        center = column + size * step / 2
        row = line + size * (one.top + one.bottom) / 2
        row += steep * (center - shape[1] / 2) + size * rng.normal(0, hand.uneven)
        _lay(ink, one.ink, (row, center), (size * height, size * width), hand, rng)
        spots.append(Spot(row, center, size * height, size * width, size * step))
        column += size * step
    return ink, spots


def _lay(
    ink: np.ndarray,
    mask: np.ndarray,
    place: tuple[float, float],
    size: tuple[float, float],
    hand: _Hand,
    rng: np.random.Generator,
) -> None:
    """Enlarge a character, slant it, and write it around a place, in place."""
    slant, turn = hand.slant + rng.normal(0, 0.04), rng.normal(0, 0.03)
    down, right = size[0] / mask.shape[0], size[1] / mask.shape[1]
    matrix = np.array(((right, -slant * down, 0), (turn * right, down, 0)))
    matrix[:, 2] = place[::-1] - matrix[:, :2] @ ((mask.shape[1] - 1) / 2, (mask.shape[0] - 1) / 2)
    half = [int(side / 2 + 0.3 * max(size)) + 2 for side in size]
    top, left = max(0, int(place[0]) - half[0]), max(0, int(place[1]) - half[1])
    window = ink[top : int(place[0]) + half[0], left : int(place[1]) + half[1]]
    if not window.size:
        return
    matrix[:, 2] -= (left, top)
    large = cv2.warpAffine(mask, matrix, window.shape[1::-1], flags=cv2.INTER_CUBIC)
    if mask.shape[0] <= 28 and down > 1:  # MNIST's soft edges become those of a pen
        large = cv2.GaussianBlur(large, (0, 0), 0.45 * down)
        large = cv2.convertScaleAbs(cv2.subtract(large, round(255 * hand.level * 0.7)), alpha=2.5 * down / 2)
    np.maximum(window, large, out=window)
