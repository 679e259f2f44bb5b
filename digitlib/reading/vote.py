"""Two readers, one answer: what the cutting reader and the line reader say together.

The cutting reader sees each digit large and alone, if the cut was right. The line reader sees the row whole,
and small. They err differently: where both say the same, they are hardly ever wrong.
"""

import itertools
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from digitlib.reading.allowed import Allowed
from digitlib.reading.ctc import (
    align,
    best_texts,
    single_probabilities,
    text_probabilities,
    text_probability,
)
from digitlib.reading.line_reader import DIGITS, OTHER, View

CUT_FAILS, LINE_FAILS = 0.1, 0.03
"""Probability that each reader leaves to every text that it does not see: it may have cut wrongly, or looked
past something. Chosen on real pictures that neither was trained on."""
WIDE_BEAM = 40
"""Beginnings of texts that are kept at every step where only texts of one length are allowed."""
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


def vote_on_text(
    cut: Sequence[np.ndarray], views: Sequence[View], allowed: Allowed | None = None
) -> TextVote:
    """Choose the text of a row that both readers together find most probable.

    Each reader gives a text its probability, and a little more for what it may have missed; the product of
    both, divided by that of all texts considered, is the confidence. A text with letters counts among them,
    but is not chosen; nor is one that is not allowed.

    Parameters
    ----------
    cut : sequence of (10,) float arrays
        Probabilities of each digit that was cut out, from left to right.
    views : sequence of View
        Of the line reader: of each text, the one where it shows best counts.
    allowed : Allowed, optional
        What is known of the text.

    Returns
    -------
    TextVote
        Without digits where neither reader sees any that is allowed.
    """
    own = tuple(DIGITS[int(digit.argmax())] for digit in cut)
    seen = {text for view in views for text, _ in best_texts(view.steps)[:CANDIDATES]}
    texts = {own} | seen | {_without_other(text) for text in seen} | _options(views, allowed)
    weights = _weights(texts | {()}, cut, views)
    best = max(
        (text for text in weights if text and _is_allowed(text, allowed)), key=weights.__getitem__, default=()
    )
    if not weights[best] or (not cut and weights[best] <= weights[()]):
        return TextVote((), 0.0, 0.0)
    digits = tuple(code - DIGITS[0] for code in best)
    return TextVote(digits, weights[best] / sum(weights.values()), weights[best])


def _options(views: Sequence[View], allowed: Allowed | None) -> set[tuple[int, ...]]:
    """Return texts that are allowed: all of a list, or the best of a length."""
    if allowed is None:
        return set()
    if allowed.texts is not None:
        return {tuple(DIGITS[int(digit)] for digit in text) for text in allowed.texts}
    found = (best_texts(view.steps, WIDE_BEAM, allowed.length) for view in views)
    return {text for texts in found for text, _ in texts}


def _is_allowed(codes: tuple[int, ...], allowed: Allowed | None) -> bool:
    if OTHER in codes or allowed is None:
        return OTHER not in codes
    if allowed.texts is not None:
        return "".join(str(code - DIGITS[0]) for code in codes) in allowed.texts
    return len(codes) == allowed.length


def _weights(
    texts: Iterable[tuple[int, ...]], cut: Sequence[np.ndarray], views: Sequence[View]
) -> dict[tuple[int, ...], float]:
    """Return the product of what both readers give each text."""
    weights = {}
    for length, group in itertools.groupby(sorted(texts, key=len), key=len):
        codes = np.array(list(group), int)
        line = np.max([text_probabilities(view.steps, codes) for view in views], axis=0)
        own = np.zeros(len(codes))
        if length == len(cut) and cut:
            table = np.pad(np.stack(cut), ((0, 0), (DIGITS[0], 1)))  # no probability for blank and OTHER
            own = table[np.arange(length), codes].prod(axis=1)
        found = (own + CUT_FAILS) * (line + LINE_FAILS)
        found[(line == 0) & (length != len(cut))] = 0  # nobody could say where its digits are
        weights |= dict(zip(map(tuple, codes.tolist()), found.tolist(), strict=True))
    return weights


def _without_other(codes: Iterable[int]) -> tuple[int, ...]:
    return tuple(code for code in codes if code != OTHER)


def vote_on_each(cut: Sequence[np.ndarray], line: np.ndarray) -> list[np.ndarray]:
    """Combine both readers' probabilities (10,) of each digit of a row."""
    weights = [(own + CUT_FAILS) * (said + LINE_FAILS) for own, said in zip(cut, line, strict=True)]
    return [(digit / digit.sum()).astype(np.float32) for digit in weights]


def line_digits(text: Sequence[int], views: Sequence[View]) -> tuple[np.ndarray, list[float]]:
    """Return what the line reader says to each digit of a text, and where.

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
    shown = [text_probability(view.steps, codes) for view in views]
    if not max(shown):
        return np.full((len(text), len(DIGITS)), 1 / len(DIGITS)), []
    view = views[int(np.argmax(shown))]
    places = align(view.steps, codes)
    said = np.stack([view.steps[first : last + 1, DIGITS].max(axis=0) for first, last in places]) + 1e-6
    columns = [view.column((first + last) / 2) for first, last in places]
    return said / said.sum(axis=1, keepdims=True), columns
