"""Two readers, one answer: what the cutting reader and the line reader say together.

The cutting reader sees each character large and alone, if the cut was right. The line reader sees the row
whole, and small. They err differently: where both say the same, they are hardly ever wrong.
"""

import math
import string
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
from digitlib.reading.line_reader import View

CUT_FAILS, LINE_FAILS = 0.1, 0.03
"""Probability that each reader leaves to every text that it does not see: it may have cut wrongly, or looked
past something. Chosen on real pictures that neither was trained on."""
SIGN, SIGN_IN_PIECES = 0.3, 0.5
"""How probable something else, as a plus, is where a character may stand: if the cutting reader sees it, too,
and if it cut the row otherwise. Chosen on the same pictures: with more, badly written digits are lost."""
WIDE_BEAM = 40
"""Beginnings of texts that are kept at every step where only texts of one length are allowed."""
CANDIDATES = 4
"""Texts of each view of the line reader that are considered."""


def vote_on_character(cut: np.ndarray, views: Iterable[View]) -> np.ndarray:
    """Return the mean of both readers' answers to a picture of one character.

    Parameters
    ----------
    cut : (classes,) float array
        Probabilities, from the cutting reader.
    views : iterable of View
        Of the line reader: the one that shows one character most probably counts.

    Returns
    -------
    (classes,) float32 array
        Probabilities. What the line reader holds for no single character, it holds for all alike.
    """
    codes = range(1, len(cut) + 1)
    single = max((single_probabilities(view.steps, codes) for view in views), key=np.sum)
    line = single + (1 - single.sum()) / len(single)
    return ((cut + line) / 2).astype(np.float32)


class TextVote(NamedTuple):
    """The text of a row on which the readers have voted."""

    classes: tuple[int, ...]  # from 0
    confidence: float  # share of its weight in that of all texts considered, 0 to 1
    weight: float  # product of what both readers give it
    spelled: tuple[int, ...] = ()  # the same with something else between, as len(classes)


def vote_on_text(
    cut: Sequence[np.ndarray],
    views: Sequence[View],
    allowed: Allowed | None = None,
    classes: Sequence[str] = string.digits,
) -> TextVote:
    """Choose the text of a row that both readers together find most probable.

    Each reader gives a text its probability, and a little more for what it may have missed; the product of
    both, divided by that of all texts considered, is the confidence. Of a text with something else in it, as
    a plus, the characters are taken, and the confidence is halved, as it may be one that is badly written,
    unless it is known what is allowed.

    Parameters
    ----------
    cut : sequence of (classes,) float arrays
        Probabilities of each character that was cut out, from left to right. What is alike for all classes is
        the probability of something else.
    views : sequence of View
        Of the line reader: of each text, the one where it shows best counts.
    allowed : Allowed, optional
        What is known of the text.
    classes : sequence of str
        The characters.

    Returns
    -------
    TextVote
        Without classes where neither reader sees any that is allowed.

    Examples
    --------
    >>> steps = np.full((3, 12), 0.01)  # blank, ten digits, something else
    >>> steps[0, 8] = steps[1, 0] = steps[2, 2] = 0.89  # 7, blank, 1
    >>> vote_on_text([np.eye(10)[7], np.eye(10)[1]], [View(steps, 0, 1.0)]).classes
    (7, 1)
    """
    other = len(classes) + 1
    said = [np.append(one, one.min() * len(one)) for one in cut]

    def characters(text: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(code for code in text if code != other)

    own = {tuple(int(one[:count].argmax()) + 1 for one in said) for count in (other - 1, other)}
    seen = {text for view in views for text, _ in best_texts(view.steps)[:CANDIDATES]}
    texts = {()} | own | seen | set(map(characters, own | seen)) | _options(views, allowed, classes)
    weights = _weights(texts, said, views)

    def may_be(text: tuple[int, ...]) -> bool:
        shown = "".join(classes[code - 1] for code in characters(text))
        return shown != "" and (allowed is None or allowed.holds(shown))

    def chance(text: tuple[int, ...]) -> float:  # to be chosen
        if other not in text:
            return weights[text]
        if len(text) != len(cut):
            return SIGN_IN_PIECES * weights[text]
        own = _cut_probability(text, said)
        return SIGN * weights[text] * own / (own + CUT_FAILS)

    best = max(filter(may_be, weights), key=chance, default=())
    if not chance(best) or (not cut and weights[best] <= weights[()]):
        return TextVote((), 0.0, 0.0)
    found, spelled = (tuple(code - 1 for code in text) for text in (characters(best), best))
    doubt = 0.5 if other in best and allowed is None else 1.0  # even odds
    return TextVote(found, doubt * weights[best] / sum(weights.values()), weights[best], spelled)


def _options(views: Sequence[View], allowed: Allowed | None, classes: Sequence[str]) -> set[tuple[int, ...]]:
    """Return texts that are allowed: all of a list, or the best of a length."""
    if allowed is None:
        return set()
    if allowed.texts is not None:
        codes = {character: code for code, character in enumerate(classes, start=1)}
        return {tuple(map(codes.__getitem__, text)) for text in allowed.texts}
    found = (best_texts(view.steps, WIDE_BEAM, allowed.length) for view in views)
    return {text for texts in found for text, _ in texts}


def _weights(
    texts: Iterable[tuple[int, ...]], cut: Sequence[np.ndarray], views: Sequence[View]
) -> dict[tuple[int, ...], float]:
    """Return the product of what both readers give each text."""
    ordered = sorted(texts)
    line = np.max([text_probabilities(view.steps, ordered) for view in views], axis=0)
    weights = {}
    for text, said in zip(ordered, line.tolist(), strict=True):
        weights[text] = (_cut_probability(text, cut) + CUT_FAILS) * (said + LINE_FAILS)
        if not said and len(text) != len(cut):  # nobody could say where its characters are
            weights[text] = 0.0
    return weights


def _cut_probability(text: tuple[int, ...], cut: Sequence[np.ndarray]) -> float:
    """Return what the cutting reader gives a text: nothing where it sees more, or less."""
    if not cut or len(text) != len(cut):
        return 0.0
    return math.prod(float(one[code - 1]) for one, code in zip(cut, text, strict=True))


def vote_on_each(cut: Sequence[np.ndarray], line: np.ndarray) -> list[np.ndarray]:
    """Combine both readers' probabilities (classes,) of each character of a row."""
    weights = [(own + CUT_FAILS) * (said + LINE_FAILS) for own, said in zip(cut, line, strict=True)]
    return [(one / one.sum()).astype(np.float32) for one in weights]


def line_characters(text: Sequence[int], views: Sequence[View]) -> tuple[np.ndarray, list[float]]:
    """Return what the line reader says to each character of a text, and where.

    Parameters
    ----------
    text : sequence of int
        Classes, from 0; as many as there are is something else.
    views : sequence of View
        The one in which the text shows best is taken.

    Returns
    -------
    probabilities : (N, classes) float array
        All alike where no view can show the text.
    columns : list of float
        Of the picture, in the middle of each character; empty where no view can show the text.
    """
    codes, classes = [one + 1 for one in text], views[0].steps.shape[1] - 2
    shown = [text_probability(view.steps, codes) for view in views]
    if not max(shown):
        return np.full((len(text), classes), 1 / classes), []
    view = views[int(np.argmax(shown))]
    places = align(view.steps, codes)
    said = np.stack([view.steps[first : last + 1, 1:-1].max(axis=0) for first, last in places]) + 1e-6
    columns = [view.column((first + last) / 2) for first, last in places]
    return said / said.sum(axis=1, keepdims=True), columns
