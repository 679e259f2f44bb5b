"""Check the answer to an exercise: a tick, or a hint that fits the mistake."""

import hashlib
import warnings
from collections.abc import Callable, Mapping

import numpy as np

UNTOUCHED = (
    "the cell above gives what it gave at first. Write your answer there, run it, then run this cell."
    " Did you? Then it changes nothing yet"
)
"""What a check says before anybody has tried, or where an answer has no effect."""
MISSING = "the answer is None, which is nothing. Is there a `return`?"
"""What a check says where a function returns nothing."""

Test = Callable[[object], object]
"""A function of an answer that returns whether something is true of it; an error counts as False."""


def check(
    answer: Callable[[], object],
    start: object,
    right: Test,
    mistakes: Mapping[str, Test],
    otherwise: str,
) -> None:
    """Print ✓ for a right answer, and else ✗ with a hint for the mistake made.

    Nothing that a learner's code does or returns stops it with an error. Introduced in notebook 00.

    Parameters
    ----------
    answer : function
        Gives the learner's answer. Where that is a function, call it here, on data of the check's own.
    start : object
        What `answer` gives while nobody has changed the exercise.
    right : function
        Whether an answer is right.
    mistakes : dict of str to function
        Usual mistakes: a hint, and whether it fits an answer. The first that fits is printed.
    otherwise : str
        The hint for every other wrong answer.

    Examples
    --------
    >>> total = -6
    >>> mistakes = {"look at the sign": lambda value: value < 0}
    >>> check(lambda: total, None, lambda value: seal(value) == "8ab31b5a", mistakes, "add the numbers")
    ✗ Not yet: look at the sign.
    """
    print(_verdict(answer, start, right, mistakes, otherwise))


def seal(numbers: object, decimals: int = 2) -> str:
    """Return a fingerprint of rounded numbers that shows none of them.

    Parameters
    ----------
    numbers : float or sequence of float
    decimals : int
        Numbers that are equal when rounded to so many decimals have one fingerprint.

    Returns
    -------
    str
        Eight hexadecimal digits.

    Examples
    --------
    >>> seal([0.251, 3]) == seal((0.25, 3.0)), seal(0.25) == seal(0.26)
    (True, False)
    """
    rounded = np.round(np.asarray(numbers) * 1.0, decimals) + 0.0  # texts are no numbers, and -0.0 is 0.0
    return hashlib.sha256(repr(rounded.tolist()).encode()).hexdigest()[:8]


def _verdict(
    answer: Callable[[], object], start: object, right: Test, mistakes: Mapping[str, Test], otherwise: str
) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = answer()
    except NameError as error:
        return f"✗ Not yet: {error}. Has the cell above run?"
    except (Exception, SystemExit) as error:
        return f"✗ Not yet: your code stops with {type(error).__name__}: {str(error).partition(chr(10))[0]}"
    if _holds(right, value):
        return "✓ Right."
    if _is_same(value, start):
        return f"✗ Not yet: {UNTOUCHED}."
    parts = value if isinstance(value, list | tuple) else [value]
    if any(part is None or getattr(part, "dtype", "") == "object" for part in parts):
        return f"✗ Not yet: {MISSING}"
    hint = next((hint for hint, fits in mistakes.items() if _holds(fits, value)), otherwise)
    return f"✗ Not yet: {hint.rstrip('.')}{'' if hint.endswith('?') else '.'}"


def _is_same(value: object, start: object) -> bool:
    """Return whether an answer is what the exercise gives at first; pictures in a list may differ in size."""
    if type(value) is not type(start):
        return False
    if _holds(lambda given: np.array_equal(given, start), value):
        return True
    return isinstance(start, list) and len(value) == len(start) and all(map(_is_same, value, start))


def _holds(test: Test, value: object) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(test(value))
    except (Exception, SystemExit):
        return False
