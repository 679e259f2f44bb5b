"""Measure robustness: accuracy on the same digits, photographed under ever worse conditions."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from digitlib.handwriting import paper
from digitlib.measuring.proportions import Proportion, proportion

CONDITIONS, STRENGTHS = tuple(paper.CONDITIONS), (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
"""Photo conditions, and how strong each is by default, 0 (not at all) to 1."""
STREAM = 1_998
"""Begins every seed here, so that no photo comes from the random numbers of a training."""
SIDE, INK = 280, 200
"""Side of a sheet and of the ink laid on it, in pixels: ten times MNIST's image and its 20 pixels of ink."""


class Curve(NamedTuple):
    """Accuracy under one condition, from weak to strong."""

    condition: str
    reader: str
    strengths: tuple[float, ...]
    shares: list[Proportion]  # one a strength


def condition_photo(
    digit: np.ndarray, condition: str, strength: float, seed: int = 0, place: int = 0
) -> np.ndarray:
    """Photograph an MNIST digit on a clean sheet under one condition.

    Introduced in notebook 04.

    Parameters
    ----------
    digit : (28, 28) uint8 array
        Light ink on black, 0 to 255.
    condition : str
        One of CONDITIONS.
    strength : float
        0 (not at all) to 1 (as bad as a reader may meet).
    seed, place : int
        Seed of the measurement and index of the digit in it: the same two give the same photo.

    Returns
    -------
    (SIDE, SIDE, 3) uint8 array
        Red, green, blue, 0 to 255.

    Raises
    ------
    ValueError
        If there is no such condition, or the strength is not from 0 to 1.

    Examples
    --------
    >>> condition_photo(np.eye(28, dtype=np.uint8) * 255, "blur", 0.5).shape
    (280, 280, 3)
    """
    if condition not in paper.CONDITIONS:
        raise ValueError(f"There is no condition {condition!r}; allowed are {', '.join(paper.CONDITIONS)}.")
    if not 0 <= strength <= 1:
        raise ValueError(f"The strength is {strength}; allowed is 0 to 1.")
    kind = list(paper.CONDITIONS).index(condition)
    rng = np.random.default_rng((STREAM, seed, kind, round(100 * strength), place))
    return paper.CONDITIONS[condition](paper.sheet(paper.enlarge(digit, INK), SIDE), rng, strength)


def measure_conditions(
    readers: Mapping[str, Callable[[np.ndarray], object]],
    images: np.ndarray,
    labels: ArrayLike,
    seed: int = 0,
    conditions: Sequence[str] = CONDITIONS,
    strengths: Sequence[float] = STRENGTHS,
) -> list[Curve]:
    """Measure accuracy under photo conditions at several strengths.

    Every reader gets the same photos of the same digits.

    Introduced in notebook 04.

    Parameters
    ----------
    readers : dict of str to function
        Ways to read a photo. Each takes a (SIDE, SIDE, 3) uint8 photo and returns the digit, or anything else
        where it finds none.
    images : (N, 28, 28) uint8 array
        MNIST digits, light ink on black; at least one.
    labels : (N,) int array
        The true digits, 0 to 9.
    seed : int
        Of the conditions' random numbers.
    conditions : sequence of str
        Some of CONDITIONS.
    strengths : sequence of float
        0 to 1, rising.

    Returns
    -------
    list of Curve
        One for each condition and reader.

    Raises
    ------
    ValueError
        If there is no such condition, a strength is not from 0 to 1, there are no images, or not as many
        images as labels.

    References
    ----------
    D. Hendrycks and T. Dietterich, "Benchmarking neural network robustness to common corruptions and
    perturbations" (ICLR 2019, arXiv:1903.12261).

    Examples
    --------
    >>> images, labels = np.full((2, 28, 28), 255, np.uint8), np.array([1, 2])
    >>> (curve,) = measure_conditions({"always 1": lambda photo: 1}, images, labels, 0, ["blur"], [1])
    >>> curve.condition, curve.shares[0].value
    ('blur', 0.5)
    """
    if len(images) != len(labels) or not len(images):
        raise ValueError(
            f"There are {len(images)} images and {len(labels)} labels; allowed is one for each, "
            "and one at least."
        )

    def accuracies(condition: str, strength: float) -> list[Proportion]:
        photos = (
            condition_photo(image, condition, strength, seed, place) for place, image in enumerate(images)
        )
        answers = [[read(photo) for read in readers.values()] for photo in photos]
        right = [[answer == label for answer in row] for row, label in zip(answers, labels, strict=True)]
        return [proportion(column) for column in zip(*right, strict=True)]

    # Without strength the photo is the same under every condition: measured once.
    plain = accuracies(conditions[0], 0) if 0 in strengths else None
    curves = []
    for condition in conditions:
        rows = [plain if strength == 0 else accuracies(condition, strength) for strength in strengths]
        for reader, shares in zip(readers, zip(*rows, strict=True), strict=True):
            curves.append(Curve(condition, reader, tuple(strengths), list(shares)))
    return curves
