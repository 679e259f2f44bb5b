"""How much a photo condition costs: the same digits, photographed under ever worse conditions."""

from typing import NamedTuple

import numpy as np

from digitlib.handwriting import paper
from digitlib.measuring.metrics import proportion

CONDITIONS, STRENGTHS = tuple(paper.CONDITIONS), (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
STREAM = 1_998
"""Begins every seed here, so that no picture comes from the random numbers of a training."""
SIDE, INK = 280, 200
"""Side of a sheet and of the ink laid on it, in pixels."""


class Curve(NamedTuple):
    """Accuracy under one condition, from weak to strong."""

    condition: str
    reader: str
    strengths: tuple
    shares: list  # of Share, one a strength


def condition_photo(digit, condition, strength, seed=0, place=0):
    """Photograph an MNIST digit on a clean sheet under one condition.

    Introduced in notebook 04.

    Parameters
    ----------
    digit : (28, 28) uint8 array
        Light ink on black.
    condition : str
        One of `digitlib.handwriting.paper.CONDITIONS`.
    strength : float
        0 (nothing) to 1 (as bad as a reader may meet).
    seed, place : int
        Seed of the measurement and place of the digit in it: the same two give the same picture.

    Returns
    -------
    (SIDE, SIDE, 3) uint8 array
        Red, green, blue.

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


def measure_conditions(readers, images, labels, seed=0, conditions=CONDITIONS, strengths=STRENGTHS):
    """Measure accuracy under photo conditions at several strengths, all on the same digits.

    Introduced in notebook 04. The idea of strengths, and of counting what each costs: D. Hendrycks and
    T. Dietterich, "Benchmarking neural network robustness to common corruptions and perturbations" (2019,
    arXiv:1903.12261).

    Parameters
    ----------
    readers : dict of str to function
        Ways to read a picture. Each takes a (SIDE, SIDE, 3) uint8 picture and returns the digit, or anything
        else where it finds none.
    images : (N, 28, 28) uint8 array
        MNIST digits.
    labels : (N,) int array
    seed : int
        Of the conditions' random numbers.
    conditions : sequence of str
        Names from `digitlib.handwriting.paper.CONDITIONS`.
    strengths : sequence of float
        0 to 1, rising.

    Returns
    -------
    list of Curve
        One for each condition and reader.

    Examples
    --------
    >>> images, labels = np.full((2, 28, 28), 255, np.uint8), np.array([1, 2])
    >>> (curve,) = measure_conditions({"always 1": lambda photo: 1}, images, labels, 0, ["blur"], [1])
    >>> curve.condition, curve.shares[0].value
    ('blur', 0.5)
    """

    def accuracies(condition, strength):
        photos = (
            condition_photo(image, condition, strength, seed, place) for place, image in enumerate(images)
        )
        answers = [[read(photo) for read in readers.values()] for photo in photos]
        right = [[answer == label for answer in row] for row, label in zip(answers, labels, strict=True)]
        return [proportion(column) for column in zip(*right, strict=True)]

    # Without strength the picture is the same under every condition: measured once.
    plain = accuracies(conditions[0], 0) if 0 in strengths else None
    curves = []
    for condition in conditions:
        rows = [plain if strength == 0 else accuracies(condition, strength) for strength in strengths]
        for reader, shares in zip(readers, zip(*rows, strict=True), strict=True):
            curves.append(Curve(condition, reader, tuple(strengths), list(shares)))
    return curves
