"""Both readers at a page: the cutting reader, the line reader, and what they say together."""

import functools
import itertools
from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from digitlib.reading.allowed import Allowed
from digitlib.reading.border import runs_out
from digitlib.reading.brackets import possible_brackets
from digitlib.reading.components import Box, Component
from digitlib.reading.cutting import cut_rows
from digitlib.reading.line_reader import LONGEST_ROW, ROW_HEIGHT, LineReader, View, load_line_reader
from digitlib.reading.missed import borders, probability_of, texts_on_ink
from digitlib.reading.normalize import Prepared
from digitlib.reading.page import Page, too_much
from digitlib.reading.reader import Reading, with_probabilities
from digitlib.reading.slashes import possible_slashes
from digitlib.reading.vote import line_characters, vote_on_each, vote_on_text

MOST_LENGTH = 800
"""Most that all rows of a page may be long together, in their own heights, for the same reason as `MOST_ROWS`
of `digitlib.reading.page`: about as many digits."""
MOST_PIECES = 4
"""As many rows may be pieces of one row that the cutting reader tore apart."""
CLOSE = 0.5
"""Rows apart and joined to one are both possible where neither weighs more than twice as much."""
BESIDE = 2.0
"""The line reader looks so far beside a row, in its heights: a digit there may have been passed over."""
TEAR = 0.15
"""Widest gap between parts of torn digits, in heights of the upper one: rows lie farther apart."""


class _Row(NamedTuple):
    """A row on which both readers have voted."""

    readings: tuple[Reading, ...]
    confidence: float  # that its text is right, 0 to 1
    weight: float
    signs: tuple[Box, ...] = ()  # what was cut out and is something else, in the upright picture


def read_rows(
    found: list[list[Component]], page: Page, shared: bool, allowed: Allowed | None = None
) -> tuple[tuple[tuple[Reading, ...], ...], float, list[Box]]:
    """Read the rows of a page with both readers.

    Parameters
    ----------
    found : list of list of Component
        The ink of each row.
    page : Page
    shared : bool
        Whether the line reader's probabilities count: not beside a network of one's own.
    allowed : Allowed, optional
        What is known of each row.

    Returns
    -------
    rows : tuple of tuple of Reading
        Those that hold a character.
    confidence : float
        That all of it is right, 0 to 1.
    signs : list of Box
        What was cut out like a character and is something else, as a plus.

    Raises
    ------
    NoDigitError
        The page is full of joined writing, or of more than can be read in a second or two.
    """
    boxes = [functools.reduce(Box.around, (piece.box for piece in row)) for row in found]
    if (length := sum(min(box.width / box.height, LONGEST_ROW / ROW_HEIGHT) for box in boxes)) > MOST_LENGTH:
        raise too_much(
            f"{len(boxes)} rows here, as long together as {length:,.0f} digits", f"{MOST_LENGTH:,}"
        )
    cut = cut_rows(found, page)
    lines = load_line_reader(page.network.classes)
    if lines is None:
        return tuple(map(tuple, cut)), float(np.prod([one.confidence for row in cut for one in row])), []
    vote = functools.partial(_vote, page=page, lines=lines, shared=shared, allowed=allowed)
    rows = [vote(*row, alone=len(found) == 1) for row in zip(cut, boxes, strict=True)]
    doubt = 1.0
    if 1 < len(found) <= MOST_PIECES:
        one = vote(_torn_characters(found, boxes, page), functools.reduce(Box.around, boxes), alone=True)
        apart = float(np.prod([row.weight for row in rows]))
        if CLOSE * one.weight > apart:
            rows = [one]
        elif one.weight > CLOSE * apart:
            doubt = 0.5  # rows, or pieces of one: even odds
    confidence = doubt * float(np.prod([row.confidence for row in rows]))
    signs = [box for row in rows for box in row.signs]
    return tuple(row.readings for row in rows if row.readings), confidence, signs


def _torn_characters(found: list[list[Component]], boxes: list[Box], page: Page) -> list[Reading]:
    """Read rows as one, of characters whose parts lie close above one another; nothing where they do not."""
    if any(below.row - above.bottom > TEAR * above.height for above, below in itertools.pairwise(boxes)):
        return []
    first, *rest = sorted(itertools.chain.from_iterable(found), key=lambda one: one.box.column)
    joined = [first]
    for piece in rest:
        together = joined[-1].joined(piece)
        under = piece.box.column + piece.box.width / 2 < joined[-1].box.right
        if under and together.box.width <= together.box.height:
            joined[-1] = together
        else:
            joined.append(piece)
    torn = len(joined) <= max(map(len, found))  # no parts beside one another
    return cut_rows([joined], page)[0] if torn else []


def _vote(
    cut: list[Reading],
    box: Box,
    page: Page,
    lines: LineReader,
    shared: bool,
    allowed: Allowed | None,
    alone: bool,
) -> _Row:
    """Let the line reader look at a row, too, and both readers vote on it."""
    said = [one.probabilities for one in cut]
    views, seen = _look(said, box, page, lines, alone, twice=allowed is not None)
    vote = vote_on_text(said, views, allowed, page.network.classes)
    if not vote.classes:
        return _Row((), 0.0, 0.0)
    line, columns = line_characters(vote.spelled, views)
    if len(vote.spelled) != len(cut):
        cut = page.read([_cut_out(left, right, box, page) for left, right in borders(columns, box, page.ink)])
    is_sign = np.array(vote.spelled) == len(page.network.classes)
    signs = tuple(one.box for one, sign in zip(cut, is_sign, strict=True) if sign)
    cut = [one for one, sign in zip(cut, is_sign, strict=True) if not sign]
    if shared:
        votes = vote_on_each([one.probabilities for one in cut], line[~is_sign])
        voted = zip(cut, votes, vote.classes, strict=True)
        cut = [with_probabilities(*one, page.network) for one in voted]
    doubted = _slashes_and_brackets(cut, allowed)
    for place in doubted:
        cut[place] = replace(cut[place], certain=False)
    text = tuple(code + 1 for code in vote.classes)
    more = probability_of(text, [one for one in seen if one[0] != text])
    # Even odds that strokes are slashes or brackets, or that the border cuts a digit.
    doubt = 0.5 if doubted or runs_out(box, page.ink) else 1.0
    return _Row(tuple(cut), doubt * (1 - more) * vote.confidence, vote.weight, signs)


def _look(
    said: list[np.ndarray], box: Box, page: Page, lines: LineReader, alone: bool, twice: bool
) -> tuple[list[View], list[tuple[tuple[int, ...], float]]]:
    """Look at a row and what lies beside it, and if that lacks a character, or to look twice, at it alone.

    Where a row is alone in its picture, the first look is at the whole. What that shows is returned, too.
    """
    light = page.ink.light
    left = max(0, box.column - round(BESIDE * box.height))
    right = min(light.shape[1], box.right + round(BESIDE * box.height))
    first = lines.look(light, None if alone else box._replace(column=left, width=right - left))
    seen, own = texts_on_ink(first, page.ink, box), [int(one.argmax()) + 1 for one in said]
    if own and not twice and probability_of(own, seen) > 0.5:  # the second may lack what the cuts have missed
        return [first], seen
    row = lines.look(light, box)
    return ([first, row] if alone else [row]), seen  # beside one of several rows lie signs, such as bullets


def _slashes_and_brackets(cut: list[Reading], allowed: Allowed | None) -> list[int]:
    """Return the places of what may be slashes or brackets, where the text without them may stand there."""
    signs = [*possible_slashes(cut), *possible_brackets(cut)]
    without = "".join(one.label for place, one in enumerate(cut) if place not in signs)
    return signs if allowed is None or allowed.holds(without) else []


def _cut_out(left: int, right: int, box: Box, page: Page) -> Prepared:
    """Cut one character of a row out where the line reader saw it."""
    soft, light = page.ink.soft, page.ink.light
    rows = slice(box.row, box.bottom)
    part = soft[rows, left:right]
    if not (part > 100).any():
        part = cv2.normalize(light[rows, left:right], None, 0, 255, cv2.NORM_MINMAX)
    column, row, width, height = cv2.boundingRect((part > 100).astype(np.uint8))
    if not width:
        column, row, width, height = 0, 0, part.shape[1], part.shape[0]
    place = Box(box.row + row, left + column, height, width)
    return page.prepare(part[row : row + height, column : column + width], place)
