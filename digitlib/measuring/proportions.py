"""Proportions of right answers, with the intervals that hold the truth."""

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

_Z = 1.959964
"""Standard deviations on each side of the mean of a normal distribution that hold 95 % of it."""


class Proportion(NamedTuple):
    """A proportion of a count, with its 95 % interval.

    Of 100 such samples about 95 have an interval that holds the true proportion.
    """

    value: float
    low: float
    high: float
    count: int

    def __str__(self) -> str:
        """Return per cent with the interval and the count."""
        return f"{self.value:.2%} ({self.low:.2%} to {self.high:.2%}, {self.count:,} pictures)"


def proportion(right: ArrayLike) -> Proportion:
    """Return the proportion of right answers and its 95 % interval.

    The interval is Wilson's, which stays sound near 0 and 1 and for small counts.

    Introduced in notebook 04.

    Parameters
    ----------
    right : (N,) bool array
        Which answers are right; at least one.

    Returns
    -------
    Proportion
        The proportion and its interval, 0 to 1, and N.

    Raises
    ------
    ValueError
        If there are no answers.

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927).

    Examples
    --------
    >>> str(proportion(np.arange(100) < 99))
    '99.00% (94.55% to 99.82%, 100 pictures)'
    """
    right = np.asarray(right, bool)
    if not right.size:
        raise ValueError("There are no answers to count: the array is empty.")
    count, value = right.size, right.mean()
    shrunk = 1 + _Z**2 / count
    middle = (value + _Z**2 / (2 * count)) / shrunk
    reach = _Z / shrunk * np.sqrt(value * (1 - value) / count + _Z**2 / (4 * count**2))
    return Proportion(float(value), float(middle - reach), float(middle + reach), count)


def proportion_by(groups: ArrayLike, right: ArrayLike) -> dict[Hashable, Proportion]:
    """Return the proportion of right answers in each group, such as each digit.

    Introduced in notebook 04.

    Parameters
    ----------
    groups : (N,) array of int or str
        The group of each answer.
    right : (N,) bool array
        Which answers are right.

    Returns
    -------
    dict of group to Proportion
        In the order of the sorted groups.

    Raises
    ------
    ValueError
        If there are not as many groups as answers.

    Examples
    --------
    >>> proportions = proportion_by([4, 4, 7], [True, False, True])
    >>> {group: one.value for group, one in proportions.items()}
    {4: 0.5, 7: 1.0}
    """
    groups, right = np.asarray(groups), np.asarray(right, bool)
    if groups.shape != right.shape:
        raise ValueError(f"There are {groups.size} groups and {right.size} answers; allowed is one for each.")
    return {group.item(): proportion(right[groups == group]) for group in np.unique(groups)}
