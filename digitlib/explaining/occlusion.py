"""Occlusion: which parts of an image a score rests on, found by covering them (NumPy)."""

from collections.abc import Callable

import cv2
import numpy as np

from digitlib.reading.network import Recognizer, load_recognizer


def occlusion_map(score: Callable[[np.ndarray], np.ndarray], image: np.ndarray, size: int = 5) -> np.ndarray:
    """Return the occlusion map of a score: how much it falls with a square covered.

    M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks" (2014). The cover is
    black, the paper of MNIST. It needs no gradients, so it works for any classifier.
    Introduced in notebook 05.

    Parameters
    ----------
    score : function
        From (N, 28, 28) float32 images to their (N,) scores.
    image : (28, 28) float array, 0 to 1
    size : int
        Side of the square in pixels, odd.

    Returns
    -------
    (28, 28) float32 array
        How much the score falls with the cover centred on the pixel: above zero, what was covered is evidence
        for it.

    Raises
    ------
    ValueError
        The size is even or below 1.

    Examples
    --------
    >>> image = np.zeros((28, 28)); image[3, 4] = 1
    >>> fall = occlusion_map(lambda images: images.sum(axis=(1, 2)), image, size=3)
    >>> fall[2:5, 3:6].min(), fall.sum()
    (np.float32(1.0), np.float32(9.0))
    """
    if size < 1 or size % 2 == 0:
        raise ValueError(f"size is {size}; allowed are odd numbers from 1 on, so that a cover has a middle.")
    image = np.asarray(image, np.float32)
    reach = size // 2
    # A cover over nothing but paper changes nothing, so it is not tried.
    positions = np.argwhere(cv2.dilate((image != 0).astype(np.uint8), np.ones((size, size))))
    covered = np.tile(image, (len(positions) + 1, 1, 1))  # the last one stays whole
    for part, (row, column) in zip(covered, positions, strict=False):
        part[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1] = 0
    scores = np.asarray(score(covered), np.float32)
    falls = np.zeros(image.shape, np.float32)
    falls[tuple(positions.T)] = scores[-1] - scores[:-1]
    return falls


def occlusion(image: np.ndarray, digit: int, size: int = 5, network: Recognizer | None = None) -> np.ndarray:
    """Return the occlusion map of a digit's logit.

    One square of the image is covered after the other: see `occlusion_map`. Introduced in notebook 05.

    Parameters
    ----------
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose logit is explained; it need not be the one with the largest.
    size : int
        Side of the square in pixels, odd.
    network : Recognizer, optional
        By default the one that digitlib ships.

    Returns
    -------
    (28, 28) float32 array

    Examples
    --------
    >>> float(abs(occlusion(np.zeros((28, 28)), digit=3)).max())  # nothing there to cover
    0.0
    """
    network = network or load_recognizer()
    return occlusion_map(lambda images: network.logits(images)[:, digit], image, size)
