"""Doubt a thin stroke that is bowed: a bracket looks like a 1, or a 6 without its belly."""

from collections.abc import Sequence

import numpy as np

from digitlib.reading.reader import Reading

LOOK_ALIKE = "1", "6", "I", "C"
"""What a bracket is taken for."""
BOW = 0.09
"""Least distance of a bracket's middle from the line between its ends, in its own height: of MNIST's
first 20,000 training images, 3 of 100 that show a 1 are bowed as much."""
WIDEST = 0.3
"""A bracket is thinner than this in each of its rows, in its own height: a 1 with a flag is wider on top."""
INKED = 0.5
"""Least strength of a pixel of ink, as a share of the strongest."""


def possible_brackets(row: Sequence[Reading]) -> list[int]:
    """Find what may be a bracket instead of the 1 or the 6 that was read.

    A bracket stands beside another character.

    Parameters
    ----------
    row : sequence of Reading
        From left to right.

    Returns
    -------
    list of int
        Places in the row.
    """
    if len(row) == 1:
        return []
    return [place for place, one in enumerate(row) if one.label in LOOK_ALIKE and _is_bowed(one.image)]


def _is_bowed(image: np.ndarray) -> bool:
    """Return whether ink (28, 28) is a thin stroke whose middle lies off the line between its ends."""
    ink = image >= INKED * image.max()
    ink = ink[ink.any(axis=1)]
    first, last = ink.argmax(axis=1), ink.shape[1] - 1 - ink[:, ::-1].argmax(axis=1)
    if (last - first + 1).max() >= WIDEST * len(ink):
        return False
    along = np.linspace(-1, 1, len(ink))
    bow = np.polynomial.polynomial.polyfit(along, (first + last) / 2, 2)[2]  # at the ends, against the middle
    return bool(abs(bow) > BOW * len(ink))
