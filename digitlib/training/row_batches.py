"""Batches of drawn rows, for the training of a line reader."""

from collections.abc import Callable

import cv2
import numpy as np

from digitlib.backend import keras
from digitlib.handwriting.letters import LONGEST as LETTER_SIDE
from digitlib.handwriting.letters import draw_ink
from digitlib.handwriting.rows import LONGEST, OTHER, Row, draw_row
from digitlib.reading.line_reader import normalize_row
from digitlib.training.mixture import Stream

WIDTHS = (48, 256, 64, 96, 160, 48, 384, 64, 48, 256, 96, 160, 64, 48, 384, 64, 256, 48, 96, 160)
"""Widths of the rows in pixels, batch after batch: nearly half show one digit, as most photos do. The first
two differ, so that Keras expects rows of any width."""
COLUMNS = 12_288
"""Columns of all rows of a batch together: 256 narrow rows, or 32 wide ones."""
DRAWN_FOR = 3
"""Epochs that see the same rows, each time moved and bent a little: drawing takes as long as learning."""
LETTER_HEIGHT = 56
"""Longest side at which letters are drawn, in pixels: about the height of large ones in a row drawn at 80."""


class RowBatches(keras.utils.PyDataset):
    """Batches of drawn rows, which depend on nothing but seed, epoch and index.

    Parameters
    ----------
    draw : function
        Draws a `Row` of a width, given a random generator.
    characters : str
        What is told apart.
    seed : int
    count : int
        Batches of an epoch.
    """

    def __init__(
        self, draw: Callable[[int, np.random.Generator], Row], characters: str, seed: int, count: int
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self._draw_row, self._seed, self._count = draw, seed, count
        self._codes = {character: code for code, character in enumerate(characters + OTHER, start=1)}
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Go to an epoch, from 0."""
        self._epoch = epoch
        if epoch % DRAWN_FOR == 0 or not hasattr(self, "_drawn"):
            self._drawn = {}

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return self._count

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Make a batch: (n, 40, W, 1) float32 rows; (n, LONGEST) int32 codes of their texts, then zeros."""
        if index not in self._drawn:
            rng = np.random.default_rng((self._seed, Stream.ROWS, self._epoch // DRAWN_FOR, index))
            self._drawn[index] = self._draw(WIDTHS[index % len(WIDTHS)], rng)
        images, codes = self._drawn[index]
        rng = np.random.default_rng((self._seed, Stream.ROWS_MOVED, self._epoch, index))
        rows = [normalize_row(_moved(image, rng)) for image in images]
        return np.stack(rows)[..., np.newaxis], codes

    def _draw(self, width: int, rng: np.random.Generator) -> tuple[list[np.ndarray], np.ndarray]:
        rows = [self._draw_row(width, rng) for _ in range(COLUMNS // width)]
        codes = np.zeros((len(rows), LONGEST), np.int32)
        for code, row in zip(codes, rows, strict=True):
            code[: len(row.text)] = [self._codes[character] for character in row.text]
        return [row.image for row in rows], codes


def _moved(row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move, stretch and slant a row a little; its border is repeated."""
    (down, right), shift, slant = rng.normal(1, 0.04, 2), rng.normal(0, 1, 2), rng.normal(0, 0.05)
    height, width = row.shape
    matrix = np.array(((right, slant, shift[1]), (0.0, down, shift[0])))
    matrix[0, 2] += (1 - right) * width / 2 - slant * height / 2
    matrix[1, 2] += (1 - down) * height / 2
    return cv2.warpAffine(row, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def row_drawer(
    profile: str, digits: tuple[np.ndarray, np.ndarray], held_out: bool = False
) -> Callable[[int, np.random.Generator], Row]:
    """Return the function that draws rows of a profile.

    Parameters
    ----------
    profile : {"lines", "text_lines"}
    digits : (images, labels)
        MNIST digits to write with.
    held_out : bool
        Whether letters are those of the fonts that are kept out of training.

    Returns
    -------
    function
        From a width in pixels and a random generator to a `Row`.

    Examples
    --------
    >>> digit = np.zeros((1, 28, 28), np.uint8)
    >>> digit[:, 4:24, 12:16] = 255
    >>> draw = row_drawer("text_lines", (digit, np.array([1])))
    >>> draw(64, np.random.default_rng(1)).image.shape
    (40, 64)
    """

    def letter_ink(letter: str, pen: float, rng: np.random.Generator) -> np.ndarray:
        return draw_ink(letter, rng, held_out, LETTER_HEIGHT, pen * LETTER_SIDE)

    def draw(width: int, rng: np.random.Generator) -> Row:
        return draw_row(digits, width, rng, None if profile == "lines" else letter_ink)

    return draw
