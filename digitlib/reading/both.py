"""Digits and letters together: two networks that answer as one."""

import string
from pathlib import Path

import numpy as np

from digitlib.reading.network import LETTERS_FILE, ModelError, Recognizer, load_recognizer

ALIKE = {"0": "O", "1": "I", "2": "Z", "5": "S"}
"""Digits that many write like letters."""
_ALIKE = [int(digit) for digit in ALIKE]


class BothNetworks:
    """The shipped network of digits and one of letters, which answer as one.

    Parameters
    ----------
    letters : Recognizer
        It knows A to Z; by default digitlib's own.

    Attributes
    ----------
    classes : tuple of str
        The ten digits, then the 26 letters.
    certainty_threshold : float
        The stricter of both.

    Raises
    ------
    ModelError
        The network knows other classes.
    """

    def __init__(self, letters: Recognizer | None = None) -> None:
        self._digits, self._letters = load_recognizer(), letters or load_recognizer(LETTERS_FILE)
        if "".join(self._letters.classes) != string.ascii_uppercase:
            raise ModelError(
                f"This network knows {', '.join(self._letters.classes)}. "
                "Allowed beside the one of digits is one of A to Z."
            )
        self.classes = (*self._digits.classes, *self._letters.classes)
        self.certainty_threshold = max(self._digits.certainty_threshold, self._letters.certainty_threshold)

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probabilities (N, 36) of images (N, 28, 28), 0 to 1."""
        return weigh(self._digits.probabilities(images), self._letters.probabilities(images))


Answering = Recognizer | BothNetworks
"""What tells characters apart: it has `probabilities`, `classes` and a `certainty_threshold`."""


def as_recognizer(network: Answering | str | Path | None) -> Answering:
    """Return a network given as itself, as a path, or as None (that of digits)."""
    if isinstance(network, Answering):
        return network
    return load_recognizer() if network is None else load_recognizer(network)


def weigh(digits: np.ndarray, letters: np.ndarray) -> np.ndarray:
    """Join what two networks say, each as far as it is sure of anything.

    A network that sees nothing it knows has learnt to find all classes alike; its entropy is the highest then
    (C. E. Shannon, "A mathematical theory of communication", 1948). The network of letters has learnt that of
    digits, too, except of those that look like letters. So where it is sure, it is a letter, unless the other
    is sure of one of these digits.

    Parameters
    ----------
    digits, letters : (N, 10) and (N, 26) float arrays
        Probabilities.

    Returns
    -------
    (N, 36) float32 array
        Probabilities of digits, then letters.

    Examples
    --------
    >>> joined = weigh(np.full((1, 10), 0.1), np.eye(26)[[3]])
    >>> int(joined.argmax()), round(float(joined.max()), 3)
    (13, 1.0)
    """
    sure = _sureness(letters)
    alike = digits[:, _ALIKE].sum(axis=1, keepdims=True)
    joined = np.concatenate([_sureness(digits) * (1 - sure * (1 - alike)) * digits, sure * letters], axis=1)
    return (joined / joined.sum(axis=1, keepdims=True)).astype(np.float32)


def _sureness(probabilities: np.ndarray) -> np.ndarray:
    """Return how far probabilities are from all alike, (N, 1), above 0 to 1."""
    entropy = -(probabilities * np.log(probabilities + 1e-12)).sum(axis=1, keepdims=True)
    return np.clip(1 - entropy / np.log(probabilities.shape[1]), 1e-6, 1)
