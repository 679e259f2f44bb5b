"""Hands: each writes its digits in one way throughout, as a person does."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitlib.handwriting.glyphs import DIGITS, parse
from digitlib.handwriting.pen import bend, draw

RARE_FORMS: dict[int, dict[str, str]] = {
    int(digit): forms
    for digit, forms in tomllib.loads(
        Path(__file__).with_name("rare_forms.toml").read_text(encoding="utf-8")
    )["digits"].items()
}
"""Pen paths of ways of writing that no shipped network was trained on."""
_SLANT, _STRETCH, _TURN = 0.25, 0.15, 0.06
"""Standard deviations between hands, on top of what varies within one: columns to the right for a row
upwards, logarithm of the width, and turn in radians."""


@dataclass(frozen=True, eq=False)
class Hand:
    """How one person writes.

    Attributes
    ----------
    forms : dict of int to str
        The pen path of each digit.
    shape : (2, 2) float array
        How this hand slants, stretches and turns, applied to rows and columns.
    pen : float
        Width of the pen as a proportion of the writing height.
    """

    forms: dict[int, str]
    shape: np.ndarray
    pen: float

    def write(self, digit: int, rng: np.random.Generator, height: int) -> np.ndarray:
        """Write a digit, each time a little differently.

        Parameters
        ----------
        digit : int
            0 to 9.
        rng : numpy.random.Generator
            Source of what varies from digit to digit.
        height : int
            Longest side of the ink in pixels.

        Returns
        -------
        (H, W) uint8 array
            255 ink on 0, cropped closely.

        Examples
        --------
        >>> max(make_hand(np.random.default_rng(0)).write(7, np.random.default_rng(1), 80).shape)
        80
        """
        strokes = [stroke @ self.shape for stroke in bend(parse(self.forms[digit]), rng)]
        return draw(strokes, rng, height, 2, self.pen * height)


def make_hand(rng: np.random.Generator, rare: float = 0.0) -> Hand:
    """Make up a hand.

    Parameters
    ----------
    rng : numpy.random.Generator
        The same state makes the same hand.
    rare : float
        Proportion of its digits that have one of the `RARE_FORMS`, 0 to 1.

    Returns
    -------
    Hand

    Examples
    --------
    >>> make_hand(np.random.default_rng(0), rare=1.0).forms[7] in RARE_FORMS[7].values()
    True
    """
    forms = {}
    for digit in DIGITS:
        choices = list((RARE_FORMS if rng.random() < rare else DIGITS)[digit].values())
        forms[digit] = choices[rng.integers(len(choices))]
    slant, stretch, turn = rng.normal(0, (_SLANT, _STRETCH, _TURN))
    slanted = np.array(((1.0, -slant), (0.0, np.exp(stretch))))
    turned = np.array(((np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))))
    return Hand(forms, slanted @ turned, float(np.exp(rng.uniform(np.log(0.05), np.log(0.11)))))
