"""Measure answers: accuracy, confusion, calibration, and what abstaining gains."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

_BINS = 15
"""Bins of confidence in a calibration curve, as in Guo et al. 2017."""
_TEMPERATURES = 0.2, 5.0
"""Lowest and highest temperature that is tried; networks of this kind need 1 to 3."""
_LEAST_PROBABILITY = 1e-12
"""Stands for a probability of 0, whose logarithm is not finite."""


def confusion_matrix(labels: ArrayLike, answers: ArrayLike, classes: int = 10) -> np.ndarray:
    """Count the answers to each class: the confusion matrix.

    Introduced in notebook 04.

    Parameters
    ----------
    labels, answers : (N,) int arrays
        The true digits, or other classes, and the answers, from 0.
    classes : int
        How many there are.

    Returns
    -------
    (classes, classes) int array
        Row: true class; column: answer.

    Raises
    ------
    ValueError
        If there are not as many labels as answers, or one of them is no class (such as -1 for no answer).

    Examples
    --------
    >>> int(confusion_matrix([7, 7, 1], [7, 1, 1])[7, 1])
    1
    """
    labels, answers = np.asarray(labels), np.asarray(answers)
    if labels.shape != answers.shape:
        raise ValueError(
            f"There are {labels.size} labels and {answers.size} answers; allowed is one for each."
        )
    for name, digits in (("label", labels), ("answer", answers)):
        wrong = digits[~np.isin(digits, np.arange(classes))]
        if wrong.size:
            raise ValueError(f"There is the {name} {wrong[0]}; allowed are 0 to {classes - 1}.")
    pairs = classes * labels.astype(int) + answers.astype(int)
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def calibration_curve(
    probabilities: ArrayLike, labels: ArrayLike, bins: int = _BINS
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compare confidence with accuracy in bins of confidence: the calibration curve.

    Unlike `sklearn.calibration.calibration_curve` it also returns the counts, and keeps empty bins.

    Introduced in notebook 04.

    Parameters
    ----------
    probabilities : (N, K) float array
        Rows that sum to 1.
    labels : (N,) int array
        The true digits, 0 to K - 1.
    bins : int
        Number of bins of equal width between 0 and 1.

    Returns
    -------
    confidence, accuracy : (bins,) float arrays
        Mean confidence and proportion of right answers in each bin, 0 to 1; NaN where a bin is empty.
    count : (bins,) int array
        Answers in each bin.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks" (ICML 2017,
    arXiv:1706.04599).

    Examples
    --------
    >>> probabilities = np.full((10, 10), 0.02) + 0.8 * np.eye(10)
    >>> confidence, accuracy, count = calibration_curve(probabilities, np.arange(10), bins=5)
    >>> confidence[4].round(2), accuracy[4], int(count[4])
    (np.float64(0.82), np.float64(1.0), 10)
    """
    probabilities = np.asarray(probabilities, np.float64)
    best = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == np.asarray(labels)
    bin_of = np.minimum((best * bins).astype(int), bins - 1)
    count = np.bincount(bin_of, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(bin_of, best, bins) / count
        accuracy = np.bincount(bin_of, right, bins) / count
    return confidence, accuracy, count


def calibration_error(probabilities: ArrayLike, labels: ArrayLike, bins: int = _BINS) -> float:
    """Return the expected calibration error.

    It is the mean distance of confidence and accuracy over the bins.

    Introduced in notebook 04.

    Parameters
    ----------
    probabilities : (N, 10) array of float, 0 to 1
    labels : (N,) array of int
    bins : int
        As in `calibration_curve`.

    Returns
    -------
    float
        0 (calibrated) to 1. Each bin counts by its answers.

    References
    ----------
    M. P. Naeini, G. F. Cooper and M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
    binning" (AAAI 2015).

    Examples
    --------
    >>> certain = np.eye(10)
    >>> calibration_error(certain, np.arange(10)), calibration_error(certain, (np.arange(10) + 1) % 10)
    (0.0, 1.0)
    """
    confidence, accuracy, count = calibration_curve(probabilities, labels, bins)
    return float(np.nansum(np.abs(confidence - accuracy) * count) / count.sum())


def fit_temperature(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Return the temperature that calibrates probabilities best.

    Logits divided by a temperature above 1 give less confident answers, below 1 more confident ones. The
    temperature returned has the smallest cross-entropy.

    Introduced in notebook 04.

    Parameters
    ----------
    probabilities : (N, K) float array
        Answers to images that were not trained on; rows that sum to 1.
    labels : (N,) int array
        The true digits, 0 to K - 1.

    Returns
    -------
    float
        0.2 to 5.

    References
    ----------
    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks" (ICML 2017,
    arXiv:1706.04599).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> honest = rng.dirichlet(np.ones(10), 5000)
    >>> labels = np.array([rng.choice(10, p=row) for row in honest])
    >>> bold = honest**2 / (honest**2).sum(axis=1, keepdims=True)
    >>> round(fit_temperature(bold, labels), 1)
    2.0
    """
    logits = np.log(np.maximum(np.asarray(probabilities, np.float64), _LEAST_PROBABILITY))
    rows, labels = np.arange(len(logits)), np.asarray(labels)

    def cross_entropy(logarithm):
        return -special.log_softmax(logits / np.exp(logarithm), axis=1)[rows, labels].mean()

    found = optimize.minimize_scalar(cross_entropy, bounds=np.log(_TEMPERATURES), method="bounded")
    return float(np.exp(found.x))


def most_confident_errors(probabilities: ArrayLike, labels: ArrayLike, count: int = 12) -> np.ndarray:
    """Return the indices of the wrong answers with the highest confidence.

    Introduced in notebook 04.

    Parameters
    ----------
    probabilities : (N, 10) array of float, 0 to 1
    labels : (N,) array of int
        As in `calibration_curve`.
    count : int
        How many at most.

    Returns
    -------
    (M,) int array
        Indices of `labels`, the most confident first.

    Examples
    --------
    >>> most_confident_errors(np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), np.array([1, 1, 1])).tolist()
    [0, 2]
    """
    probabilities = np.asarray(probabilities)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != np.asarray(labels))
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:count]


def accuracy_coverage_curve(
    confidence: ArrayLike, right: ArrayLike
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the accuracy-coverage curve: what abstaining below a confidence gains.

    Introduced in notebook 04.

    Parameters
    ----------
    confidence : (N,) float array
        Confidence of each answer; at least one.
    right : (N,) bool array
        Which answers are right.

    Returns
    -------
    threshold, coverage, accuracy : (K,) float arrays
        Every confidence that occurs, the highest first; the proportion of answers that reach it, rising to 1;
        and the proportion of right ones among these.

    Raises
    ------
    ValueError
        If there are no answers, or not as many as confidences.

    References
    ----------
    R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective classification", Journal of Machine
    Learning Research 11 (2010).

    Examples
    --------
    >>> right = [True, True, False, False]
    >>> threshold, coverage, accuracy = accuracy_coverage_curve([0.9, 0.8, 0.8, 0.4], right)
    >>> coverage.tolist(), accuracy.round(2).tolist()
    ([0.25, 0.75, 1.0], [1.0, 0.67, 0.5])
    """
    confidence, right = np.asarray(confidence, np.float64), np.asarray(right, bool)
    if confidence.shape != right.shape or not right.size:
        raise ValueError(
            f"There are {confidence.size} confidences and {right.size} answers; allowed is one for each, "
            "and one at least."
        )
    order = np.argsort(-confidence)
    # Answers of the same confidence are given together: the last of them counts.
    last = np.flatnonzero(np.append(np.diff(confidence[order]) < 0, True))
    given = last + 1
    return confidence[order][last], given / right.size, right[order].cumsum()[last] / given
