"""The cutting reader: each character of a page is cut out, and read by itself. Cuts apart what touches."""

import cv2
import numpy as np

from digitlib.reading.components import Box, Component, crop_component
from digitlib.reading.page import Page
from digitlib.reading.picture import NoDigitError
from digitlib.reading.reader import Reading

CUT_COST = 0.3
"""What a further cut through touching characters costs, in units of -log(confidence)."""
MOST_SPANS = 1_000
"""Most places where digits of a page may lie that are tried, which takes about a second. A row of digits that
all touch has less than a hundred."""
LONG_PIECE = 3.0
"""Connected ink wider than this many heights is a word rather than a number, where a page is full of it."""


def cut_rows(found: list[list[Component]], page: Page) -> list[list[Reading]]:
    """Read the characters of each row by cutting them out, all of a page at once.

    Parameters
    ----------
    found : list of list of Component
        The ink of each row.
    page : Page

    Returns
    -------
    list of list of Reading
        Where ink is wide, as many as are most probable.

    Raises
    ------
    NoDigitError
        The page is full of joined writing.
    """
    ink = page.ink
    crops = [[_candidates(crop_component(ink.soft, ink.labels, d), d.box) for d in row] for row in found]
    if sum(len(parts) for row in crops for parts in row) > MOST_SPANS:
        _refuse_writing(found)
        crops = [[_whole(parts) for parts in row] for row in crops]
    spans = [part for row in crops for parts in row for part in parts.values()]
    answers = iter(page.read([page.prepare(crop, box) for crop, box in spans]))
    return [
        [reading for parts in row for reading in _best_split({span: next(answers) for span in parts})]
        for row in crops
    ]


def _refuse_writing(found: list[list[Component]]) -> None:
    """Raise an error where most ink is joined to words."""
    boxes = [digit.box for row in found for digit in row]
    long = sum(box.width for box in boxes if box.width > LONG_PIECE * box.height)
    if long > 0.5 * sum(box.width for box in boxes):
        raise NoDigitError(
            "This looks like joined writing, not like digits. Show digits that stand apart, or a single row."
        )


def _candidates(crop: np.ndarray, box: Box) -> dict[tuple[int, int], tuple[np.ndarray, Box]]:
    """Return the digits that connected ink may consist of, by first and last column: crop and box.

    What is not wide is one digit. Of what is wide, all spans between thin columns are candidates.
    """
    height, width = crop.shape
    wide = 0.9 * height < width < 12 * height
    columns = [0, *(_thin_columns(crop) if wide else []), width]
    spans = {}
    for first, start in enumerate(columns):
        for end in columns[first + 1 :]:
            whole = end - start == width
            if whole or 0.15 * height < end - start < 1.3 * height:
                part = crop[:, start:end]
                inked = np.flatnonzero((part > 100).any(axis=1))
                if whole or inked.size > 0.5 * height:
                    top, bottom = (int(inked[0]), int(inked[-1]) + 1) if inked.size else (0, height)
                    place = Box(box.row + top, box.column + start, bottom - top, end - start)
                    spans[start, end] = part[top:bottom], place
    return spans


def _whole(parts: dict[tuple[int, int], object]) -> dict[tuple[int, int], object]:
    """Return the longest span alone."""
    longest = max(parts, key=lambda span: span[1] - span[0])
    return {longest: parts[longest]}


def _thin_columns(crop: np.ndarray) -> list[int]:
    """Return inner columns, a tenth of the height apart, where touching digits may part: thin ones first."""
    height, width = crop.shape
    ink = cv2.GaussianBlur(crop.sum(axis=0, dtype=np.float32)[None], (0, 0), max(0.5, 0.03 * height))[0]
    apart = max(1, round(0.1 * height))
    free = np.zeros(width, bool)
    free[2 * apart : width - 2 * apart] = True
    columns = []
    for column in np.argsort(ink, kind="stable"):
        if free[column]:
            columns.append(int(column))
            free[max(0, column - apart) : column + apart + 1] = False
    return sorted(columns)


def _best_split(parts: dict[tuple[int, int], Reading]) -> list[Reading]:
    """Return the chain of spans from the first to the last column with the highest confidence.

    Shortest path, each span as long as its answer is unlikely, and every cut has a cost (Y. LeCun et al.,
    "Gradient-based learning applied to document recognition", 1998).
    """
    end_of_all = max(end for _, end in parts)
    best = {0: (0.0, [])}
    for start, end in sorted(parts):
        if start not in best:
            continue
        reading = parts[start, end]
        cost = best[start][0] - np.log(max(reading.confidence, 1e-6)) + CUT_COST
        if end not in best or cost < best[end][0]:
            best[end] = (cost, [*best[start][1], reading])
    return best[end_of_all][1]
