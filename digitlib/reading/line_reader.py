"""A second reader: it sees a row of characters whole, and cuts nothing.

A network slides over the row and says at every step which character it sees, or that there is nothing new.
"""

import functools
import string
from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from digitlib.reading.both import ALIKE
from digitlib.reading.components import Box
from digitlib.reading.layers import Layer, fold, forward
from digitlib.reading.network import LETTERS_FILE, MODEL_FILE, load_layers

LINES_FILE = MODEL_FILE.with_name("lines.npz")
"""The line reader of digits that digitlib ships; its card lies beside it."""
TEXT_LINES_FILE = LETTERS_FILE.with_name("lines.npz")
"""The line reader of digits and letters, with its own card."""
ROW_HEIGHT = 40
"""Height of a row as the network sees it, in pixels."""
STEP = 4
"""Columns of such a row for each step of the network."""
LONGEST_ROW = 1_600
"""Columns of the longest row: forty digits as wide as they are tall."""
MARGIN = 0.25
"""Paper that is seen around a row, as a proportion of its height."""
_LEAST_CONTRAST = 12.0
"""Grey levels that the strongest ink differs from the paper, at least: less is noise."""


def normalize_row(light: np.ndarray) -> np.ndarray:
    """Scale grey levels (H, W) of light ink: paper 0, the strongest ink 1.

    Examples
    --------
    >>> row = np.full((40, 80), 20, np.uint8)
    >>> row[10:30, 38:42] = 220
    >>> normalize_row(row)[20, 36:40].tolist()
    [0.0, 0.0, 1.0, 1.0]
    """
    paper = np.median(light)
    ink = np.percentile(light, 99) - paper
    values = (light.astype(np.float32) - np.float32(paper)) / np.float32(max(ink, _LEAST_CONTRAST))
    return np.clip(values, -1.0, 1.3)


class View(NamedTuple):
    """What the network says along a row of a picture."""

    steps: np.ndarray  # (T, classes + 2) float32 probabilities: blank, the characters, something else
    left: int  # first column of the row in the picture
    width: float  # columns of the picture for each step

    def column(self, step: float) -> float:
        """Return the column of the picture in the middle of a step."""
        return self.left + (step + 0.5) * self.width


class LineReader:
    """A network that reads rows; any number of threads may use it.

    Parameters
    ----------
    layers : list of Layer
        From (N, 40, W) rows to (N, 1, T, characters + 2) probabilities.
    characters : str
        What the network tells apart, between the blank and "something else".
    classes : sequence of str
        Those of the characters that are meant; the others are something else, except digits that many write
        like a letter that is meant.
    """

    def __init__(self, layers: list[Layer], characters: str, classes: Sequence[str]) -> None:
        self.layers = fold(layers)
        columns = {character: column for column, character in enumerate(classes, start=1)}
        meant = [columns.get(one, columns.get(ALIKE.get(one), len(columns) + 1)) for one in characters]
        # From what the network tells apart to what is meant.
        self._meant = np.eye(len(columns) + 2, dtype=np.float32)[[0, *meant, len(columns) + 1]]

    def look(self, light: np.ndarray, box: Box | None = None) -> View:
        """Look at a row of a picture, or at the whole picture as one row.

        Parameters
        ----------
        light : (H, W) uint8 array
            Light ink on dark.
        box : Box, optional
            Where the row lies in it; a margin is looked at, too.

        Returns
        -------
        View
            Its steps are `STEP` columns of the row, scaled to `ROW_HEIGHT`.
        """
        left = 0
        if box is not None:
            more = max(1, round(MARGIN * box.height))
            left = max(0, box.column - more)
            light = light[max(0, box.row - more) : box.bottom + more, left : box.right + more]
        height, width = light.shape
        columns = int(np.clip(round(width * ROW_HEIGHT / height), 4 * STEP, LONGEST_ROW))
        smaller = height > ROW_HEIGHT
        small = cv2.resize(
            light, (columns, ROW_HEIGHT), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        )
        steps = forward(self.layers, normalize_row(small)[None])[0, 0] @ self._meant
        return View(steps, left, width / len(steps))


@functools.cache
def load_line_reader(classes: tuple[str, ...] = tuple(string.digits)) -> LineReader | None:
    """Load the line reader that digitlib ships for some characters.

    Parameters
    ----------
    classes : tuple of str
        Some of 0 to 9 and A to Z.

    Returns
    -------
    LineReader or None
        None where one of the classes is something else.

    Examples
    --------
    >>> row = np.zeros((40, 80), np.uint8)
    >>> load_line_reader(("A", "B", "C")).look(row).steps.shape
    (20, 5)
    """
    both = string.digits + string.ascii_uppercase
    for file, characters in ((LINES_FILE, string.digits), (TEXT_LINES_FILE, both)):
        if set(classes) <= set(characters):
            return LineReader(load_layers(file, (ROW_HEIGHT, ROW_HEIGHT)), characters, classes)
    return None
