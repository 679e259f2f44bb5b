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


def text_probabilities(steps: np.ndarray, texts: np.ndarray) -> np.ndarray:
    """Add up the probabilities of all ways to spell texts of one length.

    Parameters
    ----------
    steps : (T, classes) float array
        Probabilities at each step; class 0 is the blank.
    texts : (N, length) int array
        Classes, 1 and up.

    Returns
    -------
    (N,) float64 array
        0 to 1.

    Examples
    --------
    >>> steps = np.array([[0.5, 0.5], [0.5, 0.5]])
    >>> text_probabilities(steps, np.array([[1]])).tolist()
    [0.75]
    """
    states = _with_blanks(np.asarray(texts))
    jumps = _may_jump(states)
    ways = np.zeros(states.shape)
    ways[:, :2], scale = steps[0][states[:, :2]], 0.0
    for row in steps[1:]:
        moved = ways.copy()
        moved[:, 1:] += ways[:, :-1]
        moved[:, 2:] += np.where(jumps[:, 2:], ways[:, :-2], 0)
        ways = moved * row[states]
        largest = max(float(ways.max()), 1e-300)  # so that long rows do not run out of small numbers
        ways, scale = ways / largest, scale + np.log(largest)
    return ways[:, -2:].sum(axis=1) * np.exp(scale)


def text_probability(steps: np.ndarray, text: Sequence[int]) -> float:
    """Return `text_probabilities` of one text.

    Examples
    --------
    >>> text_probability(np.array([[0.5, 0.5], [0.5, 0.5]]), [])
    0.25
    """
    return float(text_probabilities(steps, np.array([text], int))[0])


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
    longest = len(steps) if length is None else length
    beam = {(): (1.0, 0.0)}  # text so far: probability of its ways that end in a blank, and in its last class
    for row in steps.astype(np.float64):
        likely = [int(index) + 1 for index in np.flatnonzero(row[1:] > LEAST_PROBABILITY)]
        grown: dict[tuple[int, ...], list[float]] = {}
        for text, (blank, said) in beam.items():
            stays = grown.setdefault(text, [0.0, 0.0])
            stays[0] += (blank + said) * row[BLANK]
            if text:
                stays[1] += said * row[text[-1]]
            for index in likely if len(text) < longest else ():
                longer = grown.setdefault((*text, index), [0.0, 0.0])
                longer[1] += (blank if text and text[-1] == index else blank + said) * row[index]
        kept = sorted(grown.items(), key=lambda item: -sum(item[1]))[:width]
        beam = {text: (ways[0], ways[1]) for text, ways in kept}
    found = [(text, sum(ways)) for text, ways in beam.items() if length in (None, len(text))]
    return sorted(found, key=lambda item: -item[1])


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
    states = _with_blanks(np.array([text], int))[0]
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


def _with_blanks(texts: np.ndarray) -> np.ndarray:
    """Return the classes of texts (N, length) with a blank before, between and behind them."""
    states = np.zeros((len(texts), 2 * texts.shape[1] + 1), int)
    states[:, 1::2] = texts
    return states


def _may_jump(states: np.ndarray) -> np.ndarray:
    """Return which states may follow the one before the last: characters, except one that is said twice."""
    jumps = np.zeros(states.shape, bool)
    jumps[:, 3::2] = states[:, 3::2] != states[:, 1:-2:2]
    return jumps
