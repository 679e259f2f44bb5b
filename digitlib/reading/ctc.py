"""Texts from the steps of a line reader: how probable each is, and where its characters stand.

Connectionist temporal classification (CTC): at every step the network says one class or "blank", and what it
says several times in a row counts once. Many ways to say it spell the same text; a text is as probable as all
of them together (A. Graves et al., "Connectionist temporal classification: labelling unsegmented sequence
data with recurrent neural networks", ICML 2006).
"""

from collections.abc import Sequence

import numpy as np

BLANK = 0
"""Class that adds nothing to a text."""
BEAM_WIDTH = 8
"""Beginnings of texts that are kept at every step."""
LEAST_PROBABILITY = 1e-3
"""Classes less probable at a step are not tried there."""


def text_probabilities(steps: np.ndarray, texts: Sequence[Sequence[int]]) -> np.ndarray:
    """Add up the probabilities of all ways to spell each text.

    Parameters
    ----------
    steps : (T, classes) float array
        Probabilities at each step; class 0 is the blank.
    texts : sequence of sequences of int
        N texts, each of classes from 1.

    Returns
    -------
    (N,) float64 array
        0 to 1.

    Examples
    --------
    >>> text_probabilities(np.array([[0.5, 0.5], [0.5, 0.5]]), [[1], []]).tolist()
    [0.75, 0.25]
    """
    rows = np.pad(steps.astype(np.float64), ((0, 0), (0, 1)))  # behind a text stands a class that nobody says
    states = _with_blanks(texts, beyond=steps.shape[1])
    jumps = _may_jump(states)[:, 2:].astype(np.float64)
    ways = np.zeros(states.shape)
    ways[:, :2] = rows[0][states[:, :2]]
    for row in rows[1:]:
        moved = ways.copy()
        moved[:, 1:] += ways[:, :-1]
        moved[:, 2:] += ways[:, :-2] * jumps
        ways = moved * row.take(states)
    ends = [2 * len(text) for text in texts]  # in the last blank, or in the last character
    found = [row[max(0, end - 1) : end + 1].sum() for row, end in zip(ways, ends, strict=True)]
    return np.array(found)


def text_probability(steps: np.ndarray, text: Sequence[int]) -> float:
    """Return `text_probabilities` of one text.

    Examples
    --------
    >>> text_probability(np.array([[0.5, 0.5], [0.5, 0.5]]), [])
    0.25
    """
    return float(text_probabilities(steps, [text])[0])


def single_probabilities(steps: np.ndarray, classes: Sequence[int]) -> np.ndarray:
    """Return the probability of each text of one character, (len(classes),) float64.

    Examples
    --------
    >>> single_probabilities(np.array([[0.5, 0.4, 0.1]]), [1, 2]).tolist()
    [0.4, 0.1]
    """
    blank, own = steps[:, :1].astype(np.float64), steps[:, list(classes)].astype(np.float64)
    before, during, after = np.ones(len(classes)), np.zeros(len(classes)), np.zeros(len(classes))
    for empty, said in zip(blank, own, strict=True):
        before, during, after = before * empty, (before + during) * said, (during + after) * empty
    return during + after


def best_texts(
    steps: np.ndarray, width: int = BEAM_WIDTH, length: int | None = None
) -> list[tuple[tuple[int, ...], float]]:
    """Find the most probable texts by prefix beam search.

    Parameters
    ----------
    steps : (T, classes) float array
        Probabilities at each step; class 0 is the blank.
    width : int
        Beginnings of texts that are kept at every step.
    length : int, optional
        Only texts of this length.

    Returns
    -------
    list of (text, probability)
        The most probable first; a text is a tuple of classes, its probability a lower bound.

    References
    ----------
    A. Hannun, "Sequence modeling with CTC" (Distill, 2017).

    Examples
    --------
    >>> best_texts(np.array([[0.1, 0.9, 0.0], [0.2, 0.0, 0.8]]))[0][0]
    (1, 2)
    """
    tree = _Tree()
    longest = len(steps) if length is None else length
    beam = {0: (1.0, 0.0)}  # text so far: probability of its ways that end in a blank, and in its last class
    for row in steps.astype(np.float64).tolist():  # plain numbers are faster than NumPy's, one by one
        grown = _not_longer(beam, row, tree)
        least = min(map(sum, grown.values())) if len(beam) == width else 0.0  # what is below is not kept
        likely = sorted(
            ((p, c) for c, p in enumerate(row) if c != BLANK and p > LEAST_PROBABILITY), reverse=True
        )
        for text, (blank, said) in beam.items():
            for probability, index in likely if tree.lengths[text] < longest else ():
                if (blank + said) * probability < least:
                    break
                ways = (blank if tree.lasts[text] == index else blank + said) * probability
                if ways >= least and (longer := tree.longer(text, index)) not in beam:
                    grown[longer] = (0.0, ways)
        beam = dict(sorted(grown.items(), key=lambda item: -sum(item[1]))[:width])
    found = [(tree.text(number), sum(ways)) for number, ways in beam.items()]
    return [pair for pair in found if length in (None, len(pair[0]))]


def _not_longer(
    beam: dict[int, tuple[float, float]], row: list[float], tree: "_Tree"
) -> dict[int, tuple[float, float]]:
    """Return the beam after a step that adds no text to it."""
    after = {}
    for text, (blank, said) in beam.items():
        last, shorter = tree.lasts[text], tree.shorter[text]
        ways = said * row[last]
        if text and shorter in beam and row[last] > LEAST_PROBABILITY:
            blank_before, said_before = beam[shorter]
            ways += (blank_before if tree.lasts[shorter] == last else blank_before + said_before) * row[last]
        after[text] = ((blank + said) * row[BLANK], ways)
    return after


class _Tree:
    """Texts as numbers, each a shorter one and one class more: long texts are not copied again and again."""

    def __init__(self) -> None:
        self.lasts, self.lengths = [BLANK], [0]  # of the empty text, which is number 0
        self.shorter, self._numbers = [0], {}

    def longer(self, text: int, index: int) -> int:
        """Return the number of a text with a class more."""
        number = self._numbers.setdefault((text, index), len(self.lasts))
        if number == len(self.lasts):
            self.lasts.append(index)
            self.lengths.append(self.lengths[text] + 1)
            self.shorter.append(text)
        return number

    def text(self, number: int) -> tuple[int, ...]:
        """Return a text as classes."""
        classes = []
        while number:
            classes.append(self.lasts[number])
            number = self.shorter[number]
        return tuple(reversed(classes))


def align(steps: np.ndarray, text: Sequence[int]) -> list[tuple[int, int]]:
    """Find the steps of each character in the likeliest way to spell a text.

    Parameters
    ----------
    steps : (T, classes) float array
        Probabilities at each step; class 0 is the blank.
    text : sequence of int
        Classes; with its repetitions told apart it must fit into the steps.

    Returns
    -------
    list of (first, last)
        Steps, from 0.

    Examples
    --------
    >>> align(np.array([[0.1, 0.9], [0.2, 0.8], [0.9, 0.1], [0.3, 0.7]]), [1, 1])
    [(0, 1), (3, 3)]
    """
    states = _with_blanks([text])[0]
    scores = np.log(np.maximum(steps[:, states], 1e-12))
    jumps = _may_jump(states[None])[0]
    best, came = np.full(len(states), -np.inf), np.zeros(scores.shape, int)
    best[:2] = scores[0, :2]
    for step in range(1, len(steps)):
        options = np.full((3, len(states)), -np.inf)
        options[0], options[1, 1:], options[2, 2:] = best, best[:-1], np.where(jumps[2:], best[:-2], -np.inf)
        came[step] = options.argmax(axis=0)
        best = options.max(axis=0) + scores[step]
    state = len(states) - 2 + int(best[-1] > best[-2]) if len(states) > 1 else 0
    path = []
    for step in range(len(steps) - 1, -1, -1):
        path.append(state)
        state -= came[step, state]
    path = np.array(path[::-1])
    places = [np.flatnonzero(path == 2 * index + 1) for index in range(len(text))]
    return [(int(found[0]), int(found[-1])) for found in places]


def _with_blanks(texts: Sequence[Sequence[int]], beyond: int = BLANK) -> np.ndarray:
    """Return the classes of texts with a blank before, between and behind them, (N, 2 longest + 1) int.

    What lies behind a text that is not the longest is `beyond`.
    """
    states = np.full((len(texts), 2 * max(map(len, texts)) + 1), beyond)
    for row, text in zip(states, texts, strict=True):
        row[: 2 * len(text) + 1] = BLANK
        row[1 : 2 * len(text) : 2] = text
    return states


def _may_jump(states: np.ndarray) -> np.ndarray:
    """Return which states may follow the one before the last: characters, except one that is said twice."""
    jumps = np.zeros(states.shape, bool)
    jumps[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    return jumps
