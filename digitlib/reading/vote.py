"""Two readers, one answer: what the cutting reader and the line reader say together.

The cutting reader sees each digit large and alone, if the cut was right. The line reader sees the row whole,
and small. They err differently: where both say the same, they are hardly ever wrong.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from digitlib.reading.ctc import align, best_texts, single_probabilities, text_probability
from digitlib.reading.line_reader import DIGITS, OTHER, View

CUT_FAILS, LINE_FAILS = 0.1, 0.03
"""Probability that each reader leaves to every text that it does not see: it may have cut wrongly, or looked
past something. Chosen on real pictures that neither was trained on."""
CANDIDATES = 4
"""Texts of each view of the line reader that are considered."""


def vote_on_digit(cut: np.ndarray, views: Iterable[View]) -> np.ndarray:
    """Return the mean of both readers' answers to a picture of one digit.

    Parameters
    ----------
    cut : (10,) float array
        Probabilities of the digits, from the cutting reader.
    views : iterable of View
        Of the line reader: the one that shows one digit most probably counts.

    Returns
    -------
    (10,) float32 array
        Probabilities. What the line reader holds for no single digit, it holds for all digits alike.
    """
    single = max((single_probabilities(view.steps, DIGITS) for view in views), key=np.sum)
    line = single + (1 - single.sum()) / len(single)
    return ((cut + line) / 2).astype(np.float32)


class TextVote(NamedTuple):
    """The text of a row on which the readers have voted."""

    digits: tuple[int, ...]
    confidence: float  # share of its weight in that of all texts considered, 0 to 1
    weight: float  # product of what both readers give it


def vote_on_text(cut: Sequence[np.ndarray], views: Sequence[View]) -> TextVote:
    """Choose the text of a row that both readers together find most probable.

    Each reader gives a text its probability, and a little more for what it may have missed; the product of
    both, divided by that of all texts considered, is the confidence. A text with letters counts among them,
    but is not chosen.

    Parameters
    ----------
    cut : sequence of (10,) float arrays
        Probabilities of each digit that was cut out, from left to right.
    views : sequence of View
        Of the line reader: of each text, the one where it shows best counts.

    Returns
    -------
    TextVote
        Without digits where neither reader sees any.
    """
    own = tuple(int(digit.argmax()) for digit in cut)
    seen = {text for view in views for text, _ in best_texts(view.steps)[:CANDIDATES]}
    texts = {tuple(DIGITS[digit] for digit in own)} | seen | {_without_other(text) for text in seen}
    weights = {text: _weight(text, cut, views) for text in texts - {()}}
    best = max((text for text in weights if OTHER not in text), key=weights.__getitem__, default=())
    if not best:
        return TextVote((), 0.0, 0.0)
    digits = tuple(code - DIGITS[0] for code in best)
    return TextVote(digits, weights[best] / sum(weights.values()), weights[best])


def _weight(codes: tuple[int, ...], cut: Sequence[np.ndarray], views: Sequence[View]) -> float:
    """Return the product of what both readers give a text."""
    same = len(codes) == len(cut) and OTHER not in codes
    alone = np.prod([p[code - DIGITS[0]] for p, code in zip(cut, codes, strict=True)]) if same else 0.0
    line = max(text_probability(view.steps, codes) for view in views)
    if not (same or line):  # nobody could say where its digits are
        return 0.0
    return (float(alone) + CUT_FAILS) * (line + LINE_FAILS)


def _without_other(codes: Iterable[int]) -> tuple[int, ...]:
    return tuple(code for code in codes if code != OTHER)


def vote_on_each(cut: Sequence[np.ndarray], line: np.ndarray) -> list[np.ndarray]:
    """Combine what both readers say to each digit of a row: (10,) float32 probabilities for each."""
    weights = [(own + CUT_FAILS) * (said + LINE_FAILS) for own, said in zip(cut, line, strict=True)]
    return [(digit / digit.sum()).astype(np.float32) for digit in weights]


def line_digits(text: Sequence[int], views: Sequence[View]) -> tuple[np.ndarray, list[float]]:
    """Return what the line reader says to each digit of a text, and where it sees them.

    Parameters
    ----------
    text : sequence of int
        Digits.
    views : sequence of View
        The one in which the text shows best is taken.

    Returns
    -------
    probabilities : (N, 10) float array
        All alike where no view can show the text.
    columns : list of float
        Of the picture, in the middle of each digit; empty where no view can show the text.
    """
    codes = [DIGITS[digit] for digit in text]
    view = max(views, key=lambda view: text_probability(view.steps, codes))
    if not text_probability(view.steps, codes):
        return np.full((len(text), len(DIGITS)), 1 / len(DIGITS)), []
    places = align(view.steps, codes)
    said = np.stack([view.steps[first : last + 1, DIGITS].max(axis=0) for first, last in places]) + 1e-6
    columns = [view.column((first + last) / 2) for first, last in places]
    return said / said.sum(axis=1, keepdims=True), columns
