"""What a row may say, where that is known beforehand: one of a list, a pattern, a number up to a limit."""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_TEXTS = 20_000
"""Most texts in a list: to weigh each of them takes about a second then."""


@dataclass(frozen=True)
class Allowed:
    """The texts that a row may have: those of a list, or all of a length."""

    texts: frozenset[str] | None  # digits only; None where every text of that length is allowed
    length: int | None  # number of digits; None where any number of them is allowed
    pattern: str | None  # how the digits are shown: each d is one of them

    def holds(self, digits: str) -> bool:
        """Return whether a row may have these digits.

        Examples
        --------
        >>> make_allowed(at_most=20).holds("21"), make_allowed(pattern="dd").holds("21")
        (False, True)
        """
        return len(digits) == self.length if self.texts is None else digits in self.texts

    def shown(self, digits: str) -> str:
        """Return digits as the pattern shows them.

        Examples
        --------
        >>> make_allowed(pattern="dd.dd.").shown("2411")
        '24.11.'
        """
        if self.pattern is None:
            return digits
        rest = iter(digits)
        return "".join(next(rest, "") if sign == "d" else sign for sign in self.pattern)


def make_allowed(
    among: Iterable[str | int] | None = None, pattern: str | None = None, at_most: int | None = None
) -> Allowed | None:
    """Check what a caller knows of a text, and put it together.

    Parameters
    ----------
    among : iterable of str or int, optional
        The texts that may be there; only their digits count.
    pattern : str, optional
        A "d" for each digit, with the signs between them as they are written: "dd.dd.dddd".
    at_most : int, optional
        The largest number that may be there; numbers begin with no 0 then, 0 itself excepted.

    Returns
    -------
    Allowed or None
        None where nothing is known.

    Raises
    ------
    ValueError
        One of them is not as described, or together they allow nothing.

    Examples
    --------
    >>> sorted(make_allowed(among=["12", "130"], at_most=20).texts)
    ['12']
    """
    texts = None
    if among is not None:
        texts = {"".join(filter(str.isdecimal, str(text))) for text in among} - {""}
        if not texts:
            raise ValueError("among holds no digits. Allowed are texts such as '12', or whole numbers.")
    if at_most is not None:
        if not 0 <= at_most < MOST_TEXTS:
            raise ValueError(f"at_most is {at_most}; allowed is 0 to {MOST_TEXTS - 1:,}.")
        numbers = {str(number) for number in range(at_most + 1)}
        texts = numbers if texts is None else texts & numbers
    length = None
    if pattern is not None:
        length = pattern.count("d")
        if not length or any(sign.isdecimal() for sign in pattern):
            raise ValueError(f"pattern is {pattern!r}; allowed is a d for each digit, such as 'dd.dd.dddd'.")
        texts = texts and {text for text in texts if len(text) == length}
    if texts is not None and not 0 < len(texts) <= MOST_TEXTS:
        raise ValueError(f"{len(texts):,} texts are allowed then; it must be 1 to {MOST_TEXTS:,}.")
    if texts is length is None:
        return None
    return Allowed(None if texts is None else frozenset(texts), length, pattern)
