"""What the line reader sees in a row beyond the characters that were cut out of it."""

import itertools
from collections.abc import Sequence

import cv2
import numpy as np

from digitlib.reading.binarize import Ink
from digitlib.reading.components import Box, Component
from digitlib.reading.ctc import align, best_texts
from digitlib.reading.line_reader import View
from digitlib.reading.vote import CANDIDATES

INKED = 0.5
"""Least share of a row's height that holds ink where a character stands: a dot has less."""


def texts_on_ink(view: View, ink: Ink, row: Box) -> list[tuple[tuple[int, ...], float]]:
    """Return the texts of a view whose characters all stand on ink.

    Only the most probable are considered; the ink under each is about as tall as the row.

    Parameters
    ----------
    view : View
        Of the line reader.
    ink : Ink
        That of the page: however faint it is, it counts.
    row : Box
        Around the characters that were cut out.

    Returns
    -------
    list of (tuple of int, float)
        Codes and probability of each text. One with something else in it is left out.

    Examples
    --------
    >>> from digitlib.reading.binarize import binarize
    >>> page = np.full((100, 120), 235, np.uint8)
    >>> page[20:80, 20:26] = page[48:54, 60:66] = 30  # a stroke and a dot
    >>> row, ink, steps = Box(20, 20, 60, 6), binarize(page), np.full((3, 12), 0.001)
    >>> steps[0, 2] = steps[1, 0] = 0.9  # the stroke is a 1, as the last step says nothing or a 0
    >>> steps[2, 0], steps[2, 1] = 0.5, 0.4
    >>> [text for text, _ in texts_on_ink(View(steps, 3, 25.0), ink, row)][:1]
    [(2,)]
    >>> (2, 1) in [text for text, _ in texts_on_ink(View(steps, 3, 25.0), ink, row)]
    False
    """
    something_else = view.steps.shape[1] - 1
    level = [one for one in ink.components if one.box.row < row.bottom and one.box.bottom > row.row]

    def stands_on_ink(text: tuple[int, ...]) -> bool:
        columns = [view.column((first + last) / 2) for first, last in align(view.steps, text)]
        return all(_inked(*span, ink, row, level) >= INKED for span in borders(columns, row, ink))

    return [
        (text, said)
        for text, said in best_texts(view.steps)[:CANDIDATES]
        if text and something_else not in text and stands_on_ink(text)
    ]


def _inked(left: int, right: int, ink: Ink, row: Box, level: list[Component]) -> float:
    """Return the share of a row's height with ink between two columns, that of neighbors left out."""
    place = slice(row.row, row.bottom), slice(left, right)
    neighbors = [
        label
        for one in level
        if not left <= one.box.column + one.box.width / 2 < right
        for label in one.labels
    ]
    foreign = cv2.dilate(np.isin(ink.labels[place], neighbors).astype(np.uint8), np.ones((5, 5), np.uint8))
    return float(((ink.faint[place] > 0) & (foreign == 0)).any(axis=1).mean())


def probability_of(text: Sequence[int], texts: list[tuple[tuple[int, ...], float]]) -> float:
    """Return how probable it is that one of some texts holds a text.

    It holds all of its characters in their order, and perhaps more.

    Parameters
    ----------
    text : sequence of int
        Codes.
    texts : list of (tuple of int, float)
        From `texts_on_ink`.

    Returns
    -------
    float
        0 to 1.

    Examples
    --------
    >>> texts = [((8, 2), 0.7), ((5, 8, 2), 0.2)]
    >>> [round(probability_of(text, texts), 1) for text in ((8, 2), (5, 2), (2, 8))]
    [0.9, 0.2, 0]
    """
    return sum(said for longer, said in texts if _holds(longer, text))


def _holds(longer: Sequence[int], text: Sequence[int]) -> bool:
    """Return whether a text holds all of another, in its order."""
    rest = iter(longer)
    return all(code in rest for code in text)


def borders(columns: list[float], row: Box, ink: Ink) -> list[tuple[int, int]]:
    """Return first and last column of each character.

    Neighbors part where there is least ink between their middles; where that is in many places, half-way.

    Parameters
    ----------
    columns : list of float
        In the middle of each character.
    row : Box
        The first and the last character are as wide as the row at least.
    ink : Ink
        That of the page.

    Returns
    -------
    list of (int, int)
        A column apart at least.

    Examples
    --------
    >>> from digitlib.reading.binarize import binarize
    >>> page = np.full((60, 120), 235, np.uint8)
    >>> page[10:50, 12:18] = page[10:50, 52:58] = page[28:32, 12:58] = 30  # an H
    >>> page[10:50, 75:81] = 30
    >>> borders([30.0, 78.0], Box(10, 12, 40, 69), binarize(page))
    [(6, 58), (58, 102)]
    """
    amount = ink.soft[row.row : row.bottom].sum(axis=0, dtype=np.float32)
    inner = [_least_inked(amount, left, right) for left, right in itertools.pairwise(columns)]
    outer = 0.5 * (float(np.median(np.diff(columns))) if inner else row.height)
    edges = [min(row.column, columns[0] - outer), *inner, max(row.right, columns[-1] + outer)]
    starts = [min(max(0, round(left)), int(middle)) for left, middle in zip(edges, columns, strict=False)]
    return [(start, max(start + 1, round(right))) for start, right in zip(starts, edges[1:], strict=True)]


def _least_inked(amount: np.ndarray, left: float, right: float) -> float:
    """Return the column with the least ink between two; of several, the one nearest to half-way."""
    half = (left + right) / 2
    between = np.arange(max(0, int(left) + 1), min(len(amount), round(right)))
    return float(between[np.lexsort((abs(between - half), amount[between]))[0]]) if between.size else half
