"""Several digits: picture in, `Number` out. Cuts digits apart that touch."""

import functools
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from digitlib.reading.allowed import Allowed, make_allowed
from digitlib.reading.binarize import Ink
from digitlib.reading.components import Box, Component, crop_component
from digitlib.reading.images import Source, load_picture
from digitlib.reading.line_reader import load_line_reader
from digitlib.reading.network import Recognizer
from digitlib.reading.normalize import Prepared
from digitlib.reading.page import find_ink_rows, prepare_part
from digitlib.reading.picture import NoDigitError, Picture
from digitlib.reading.reader import Reading, as_recognizer, make_reading, with_probabilities
from digitlib.reading.straighten import straighten
from digitlib.reading.vote import line_digits, vote_on_each, vote_on_text

CERTAIN = 0.86
"""Confidence of a whole text from which it is certain: of real numbers that reached it, 99 % were right."""
MOST_PIECES = 4
"""As many rows may be pieces of one row that the cutting reader tore apart."""
CUT_COST = 0.3
"""What a further cut through touching digits costs, in units of -log(confidence)."""
MOST_SPANS = 1_000
"""Most places where digits of a page may lie that are tried, which takes about a second. A row of digits that
all touch has less than a hundred."""
LONG_PIECE = 3.0
"""Connected ink wider than this many heights is a word rather than a number, where a page is full of it."""


@dataclass(frozen=True, eq=False)
class Rows:
    """What is read in rows; iterating gives each `Reading` in reading order."""

    rows: tuple[tuple[Reading, ...], ...]  # from top to bottom, each from left to right

    def __iter__(self) -> Iterator[Reading]:
        return (reading for row in self.rows for reading in row)

    def __len__(self) -> int:
        return sum(map(len, self.rows))

    def __repr__(self) -> str:
        sure = "certain" if self.certain else "not sure"
        return f"{type(self).__name__}({self.text!r}, confidence {self.confidence:.1%}, {sure})"


@dataclass(frozen=True, eq=False, repr=False)
class Number(Rows):
    """The digits of a picture in reading order; iterating gives a `Reading` for each."""

    skipped: list[Box]  # separators (dashes, dots, commas) that were passed over
    confidence: float  # that the whole text is right, 0 to 1
    allowed: Allowed | None = None  # what was known of each row

    @property
    def text(self) -> str:
        """The digits as text, a line for each row, with the signs of the pattern."""
        rows = ("".join(reading.label for reading in row) for row in self.rows)
        return "\n".join(rows if self.allowed is None else map(self.allowed.shown, rows))

    @property
    def certain(self) -> bool:
        """Whether the whole text is certain."""
        return self.confidence >= CERTAIN


def read_number(
    source: Source,
    network: Recognizer | str | Path | None = None,
    among: Iterable[str | int] | None = None,
    pattern: str | None = None,
    at_most: int | None = None,
) -> Number:
    """Read all digits of a picture, row by row, each from left to right.

    Parameters
    ----------
    source, network : object
        As `read_digit` takes them.
    among, pattern, at_most : object, optional
        What is known of each row; see `digitlib.reading.allowed.make_allowed`.

    Returns
    -------
    Number
        A `Reading` for each digit, the `text` of all, and the separators that were `skipped`.

    Raises
    ------
    ImageError, NoDigitError, ModelError
        As `read_digit` does.
    ValueError
        What is said to be known cannot be.

    Examples
    --------
    >>> page = np.full((120, 300), 230, np.uint8)
    >>> page[30:100, 45:53] = page[30:100, 145:153] = page[30:100, 245:253] = 40
    >>> read_number(page).text
    '111'
    """
    allowed = make_allowed(among, pattern, at_most)
    picture, recognizer = straighten(load_picture(source)), as_recognizer(network)
    ink, found, skipped = find_ink_rows(picture)
    page = _Page(ink, picture, recognizer, network is None, allowed)
    cut = _cut_rows(found, page)
    boxes = [functools.reduce(Box.around, (digit.box for digit in row)) for row in found]
    rows = [_vote(*row, page, alone=len(found) == 1) for row in zip(cut, boxes, strict=True)]
    if 1 < len(found) <= MOST_PIECES:  # rows, or pieces of one?
        one = _vote([], functools.reduce(Box.around, boxes), page, alone=True)
        if one.weight > np.prod([row.weight for row in rows]):
            rows = [one]
    return Number(
        tuple(row.readings for row in rows if row.readings),
        [picture.upright_box(component.box, ink.scale) for component in skipped],
        float(np.prod([row.confidence for row in rows])),
        allowed,
    )


class _Page(NamedTuple):
    """What all rows of a page share."""

    ink: Ink
    picture: Picture
    recognizer: Recognizer
    shared: bool  # whether the line reader's probabilities count: not beside a network of one's own
    allowed: Allowed | None


def _cut_rows(found: list[list[Component]], page: _Page) -> list[list[Reading]]:
    """Read the digits of each row by cutting them out, all of a page at once."""
    ink = page.ink
    crops = [[_candidates(crop_component(ink.soft, ink.labels, d), d.box) for d in row] for row in found]
    if sum(len(parts) for row in crops for parts in row) > MOST_SPANS:
        _refuse_writing(found)
        crops = [[_whole(parts) for parts in row] for row in crops]
    spans = [part for row in crops for parts in row for part in parts.values()]
    answers = iter(
        _recognize([prepare_part(crop, box, page.picture, page.ink) for crop, box in spans], page.recognizer)
    )
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


def _recognize(prepared: list[Prepared], recognizer: Recognizer) -> list[Reading]:
    probabilities = recognizer.probabilities(np.stack([digit.image for digit in prepared]))
    return [make_reading(*pair, recognizer) for pair in zip(probabilities, prepared, strict=True)]


class _Row(NamedTuple):
    """A row on which both readers have voted."""

    readings: tuple[Reading, ...]
    confidence: float
    weight: float


def _vote(cut: list[Reading], box: Box, page: _Page, alone: bool) -> _Row:
    """Let the line reader look at a row, too, and at the whole picture where the row is alone in it."""
    light = page.ink.light
    views = [load_line_reader().look(light, box)]
    if alone:
        views.append(load_line_reader().look(light))
    vote = vote_on_text([reading.probabilities for reading in cut], views, page.allowed)
    if not vote.digits:
        return _Row((), 0.0, 0.0)
    line, columns = line_digits(vote.digits, views)
    if len(vote.digits) != len(cut):
        parts = [_cut_out(left, right, box, page) for left, right in _borders(columns, box)]
        cut = _recognize(parts, page.recognizer)
    if page.shared:
        votes = vote_on_each([reading.probabilities for reading in cut], line)
        voted = zip(cut, votes, vote.digits, strict=True)
        cut = [with_probabilities(*one, page.recognizer) for one in voted]
    return _Row(tuple(cut), vote.confidence, vote.weight)


def _borders(columns: list[float], box: Box) -> list[tuple[int, int]]:
    """Return first and last column of digits, half-way between neighbors."""
    middles = [(left + right) / 2 for left, right in itertools.pairwise(columns)]
    outer = 0.5 * float(np.median(np.diff(columns))) if middles else 0.5 * box.height
    edges = [min(box.column, columns[0] - outer), *middles, max(box.right, columns[-1] + outer)]
    return [(max(0, round(left)), round(right)) for left, right in itertools.pairwise(edges)]


def _cut_out(left: int, right: int, box: Box, page: _Page) -> Prepared:
    """Cut one digit of a row out where the line reader saw it."""
    soft, light = page.ink.soft, page.ink.light
    rows = slice(box.row, box.bottom)
    part = soft[rows, left:right]
    if not (part > 100).any():
        part = cv2.normalize(light[rows, left:right], None, 0, 255, cv2.NORM_MINMAX)
    column, row, width, height = cv2.boundingRect((part > 100).astype(np.uint8))
    if not width:
        column, row, width, height = 0, 0, part.shape[1], part.shape[0]
    place = Box(box.row + row, left + column, height, width)
    return prepare_part(part[row : row + height, column : column + width], place, page.picture, page.ink)


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
