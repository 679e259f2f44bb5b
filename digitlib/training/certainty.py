"""From which confidence an answer of a new network is certain."""

import numpy as np

from digitlib.data import ImagesAndLabels
from digitlib.handwriting import strokes
from digitlib.training.mixture import Stream, photograph

_RIGHT = 0.99
"""Proportion of certain answers that are right, on letters of held-out fonts."""
_UNSURE = 1 / 30
"""Proportion of everyday digits of which a network of digits may be unsure."""


def everyday_digits(validation: ImagesAndLabels, seed: int) -> np.ndarray:
    """Return digits as people write them: MNIST's, photographed ones and drawn ones.

    Parameters
    ----------
    validation : (images, labels)
        MNIST's validation digits.
    seed : int

    Returns
    -------
    (N, 28, 28) uint8 array
        At most 900, a third of each kind.

    Examples
    --------
    >>> digits = np.zeros((2, 28, 28), np.uint8), np.array([1, 1])
    >>> digits[0][:, 4:24, 12:16] = 255
    >>> everyday_digits(digits, seed=0).shape
    (304, 28, 28)
    """
    rng = np.random.default_rng((seed, Stream.THRESHOLD))
    images, labels = (part[:300] for part in validation)
    photographed = photograph(images, labels, rng).images
    return np.concatenate([images, photographed, strokes.make_digits(300, rng)[0]])


def digits_threshold(probabilities: np.ndarray) -> float:
    """Return the confidence that all but one in thirty everyday digits reach.

    Parameters
    ----------
    probabilities : (N, 10) float array
        Answers to `everyday_digits`.

    Returns
    -------
    float
        0.5 to 0.95.

    Examples
    --------
    >>> digits_threshold(np.array([[0.8, 0.2], [0.3, 0.7]]))
    0.703
    """
    lowest = np.quantile(probabilities.max(axis=1), _UNSURE)
    return round(float(np.clip(lowest, 0.5, 0.95)), 3)


def letters_threshold(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the confidence from which 99 of 100 answers are right.

    Letters have twins, such as a small l and a capital I: confidence alone tells when an answer is sure.

    Parameters
    ----------
    probabilities : (N, classes) float array
        Answers to letters that were not trained on.
    labels : (N,) int array
        Their classes.

    Returns
    -------
    float
        0.5 to 0.99.

    Examples
    --------
    >>> answers = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    >>> letters_threshold(answers, np.array([0, 0, 1]))
    0.8
    """
    best = probabilities.max(axis=1)
    order = np.argsort(-best, kind="stable")
    right = (probabilities.argmax(axis=1) == labels)[order]
    enough = np.flatnonzero(np.cumsum(right) >= _RIGHT * np.arange(1, len(right) + 1))
    lowest = float(best[order][enough[-1]]) if enough.size else 1.0
    return round(float(np.clip(lowest, 0.5, 0.99)), 3)
