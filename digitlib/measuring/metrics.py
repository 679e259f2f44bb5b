"""How good are answers? Accuracy, confusion, calibration, doubt: plain arrays in, plain arrays out."""

from typing import NamedTuple

import numpy as np


class Proportion(NamedTuple):
    """A share of a count, with the interval that holds the true share in 95 of 100 such samples."""

    value: float
    low: float
    high: float
    count: int

    def __str__(self):
        """Per cent with the interval and the count."""
        return f"{self.value:.2%} ({self.low:.2%} to {self.high:.2%}, {self.count:,} pictures)"


def proportion(right):
    """Share of right answers and its 95 % interval (Wilson 1927).

    Introduced in notebook 04.

    Parameters
    ----------
    right : (N,) bool array
        Which answers are right; at least one.

    Returns
    -------
    Share
        The share, its interval, and N.

    Examples
    --------
    >>> str(proportion(np.arange(100) < 99))
    '99.00% (94.55% to 99.82%, 100 pictures)'
    """
    right = np.asarray(right, bool)
    if not right.size:
        raise ValueError("There are no answers to count: the array is empty.")
    count, value, z = right.size, right.mean(), 1.959964
    middle = (value + z**2 / (2 * count)) / (1 + z**2 / count)
    reach = z / (1 + z**2 / count) * np.sqrt(value * (1 - value) / count + z**2 / (4 * count**2))
    return Proportion(float(value), float(middle - reach), float(middle + reach), int(count))


def proportion_by(groups, right):
    """Share of right answers in each group, such as each digit or each way of writing.

    Introduced in notebook 04.

    Parameters
    ----------
    groups : (N,) array
        The group of each answer.
    right : (N,) bool array
        Which answers are right.

    Returns
    -------
    dict of group to Share
        In the order of the sorted groups.

    Raises
    ------
    ValueError
        If there are not as many groups as answers.

    Examples
    --------
    >>> shares = proportion_by([4, 4, 7], [True, False, True])
    >>> {group: share.value for group, share in shares.items()}
    {4: 0.5, 7: 1.0}
    """
    groups, right = np.asarray(groups), np.asarray(right, bool)
    if groups.shape != right.shape:
        raise ValueError(f"There are {groups.size} groups and {right.size} answers; allowed is one for each.")
    return {group.item(): proportion(right[groups == group]) for group in np.unique(groups)}


def confusion_matrix(labels, answers):
    """Count which digit was read as which.

    Introduced in notebook 04.

    Parameters
    ----------
    labels, answers : (N,) int arrays
        The true digits and the digits read, 0..9.

    Returns
    -------
    (10, 10) int array
        Row: true digit; column: digit read.

    Examples
    --------
    >>> int(confusion_matrix([7, 7, 1], [7, 1, 1])[7, 1])
    1
    """
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (np.asarray(labels), np.asarray(answers)), 1)
    return matrix


def calibration_curve(probabilities, labels, bins=15):
    """Compare confidence with how often it was right, in classes of confidence (Guo et al. 2017).

    Introduced in notebook 04.

    Parameters
    ----------
    probabilities : (N, 10) float array
        Rows that sum to 1.
    labels : (N,) int array
        The true digits.
    bins : int
        Number of classes of equal width between 0 and 1.

    Returns
    -------
    confidence, accuracy : (bins,) float arrays
        Means in each class; NaN where a class is empty.
    count : (bins,) int array
        Answers in each class.

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
    place = np.minimum((best * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(place, best, bins) / count
        accuracy = np.bincount(place, right, bins) / count
    return confidence, accuracy, count


def calibration_error(probabilities, labels, bins=15):
    """Expected calibration error: how far confidence and accuracy lie apart, on average (Naeini et al. 2015).

    Introduced in notebook 04.

    Parameters
    ----------
    probabilities, labels, bins
        As in `calibration_curve`.

    Returns
    -------
    float
        0 (honest) to 1.

    Examples
    --------
    >>> certain = np.eye(10)
    >>> calibration_error(certain, np.arange(10)), calibration_error(certain, (np.arange(10) + 1) % 10)
    (0.0, 1.0)
    """
    confidence, accuracy, count = calibration_curve(probabilities, labels, bins)
    return float(np.nansum(np.abs(confidence - accuracy) * count) / count.sum())


def fit_temperature(probabilities, labels):
    """Find the temperature that makes confidence honest (Guo et al. 2017).

    The scores behind the probabilities are divided by it: above 1 makes answers more modest, below 1 bolder.
    The right answers become as likely as possible (smallest cross-entropy).

    Introduced in notebook 04.

    Parameters
    ----------
    probabilities : (N, 10) float array
        Answers on pictures that were not trained on.
    labels : (N,) int array
        The true digits.

    Returns
    -------
    float
        0.2 to 5.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> honest = rng.dirichlet(np.ones(10), 5000)
    >>> labels = np.array([rng.choice(10, p=row) for row in honest])
    >>> bold = honest**2 / (honest**2).sum(axis=1, keepdims=True)
    >>> round(fit_temperature(bold, labels), 1)
    2.0
    """
    scores = np.log(np.maximum(np.asarray(probabilities, np.float64), 1e-12))
    temperatures = np.exp(np.linspace(np.log(0.2), np.log(5), 401))
    losses = [_cross_entropy(scores / temperature, labels) for temperature in temperatures]
    return float(temperatures[int(np.argmin(losses))])


def _cross_entropy(scores, labels):
    scores = scores - scores.max(axis=1, keepdims=True)
    likelihood = scores[np.arange(len(scores)), labels] - np.log(np.exp(scores).sum(axis=1))
    return -likelihood.mean()


def most_confident_errors(probabilities, labels, count=12):
    """The wrong answers given with the greatest confidence.

    Introduced in notebook 04.

    Parameters
    ----------
    probabilities, labels
        As in `calibration_curve`.
    count : int
        How many at the most.

    Returns
    -------
    (M,) int array
        Places in `labels`, the most confident first.

    Examples
    --------
    >>> most_confident_errors(np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), np.array([1, 1, 1])).tolist()
    [0, 2]
    """
    probabilities = np.asarray(probabilities)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != np.asarray(labels))
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:count]


def accuracy_coverage_curve(confidence, right):
    """How right the answers are, if only those from some confidence on are given (El-Yaniv and Wiener 2010).

    Introduced in notebook 04.

    Parameters
    ----------
    confidence : (N,) float array
        Confidence of each answer; at least one.
    right : (N,) bool array
        Which answers are right.

    Returns
    -------
    limit, coverage, accuracy : (K,) float arrays
        Every confidence that occurs, the highest first; the share of answers that reach it, rising to 1; and
        the share of right ones among these.

    Raises
    ------
    ValueError
        If there are no answers, or not as many as confidences.

    Notes
    -----
    R. El-Yaniv and Y. Wiener, "On the foundations of noise-free selective classification", Journal of Machine
    Learning Research 11 (2010).

    Examples
    --------
    >>> limit, coverage, accuracy = accuracy_coverage_curve([0.9, 0.8, 0.8, 0.4], [True, True, False, False])
    >>> coverage.tolist(), accuracy.round(2).tolist()
    ([0.25, 0.75, 1.0], [1.0, 0.67, 0.5])
    """
    confidence, right = np.asarray(confidence, np.float64), np.asarray(right, bool)
    if confidence.shape != right.shape or not right.size:
        raise ValueError(
            f"There are {confidence.size} confidences and {right.size} answers; allowed is one for each, "
            "and one at least."
        )
    order = np.argsort(-confidence, kind="stable")
    # Answers of the same confidence are given together: the last of them counts.
    last = np.flatnonzero(np.append(np.diff(confidence[order]) < 0, True))
    given = last + 1
    return confidence[order][last], given / right.size, right[order].cumsum()[last] / given
