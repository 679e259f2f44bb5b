"""Letterforms as pen paths: how people write the ten digits, some letters and some signs.

A path is a text. Each pair is a pen position ``row,column`` in hundredths of the writing height, counted from
the top left corner. ``;`` lifts the pen. ``|`` makes the point before it a corner; between corners the pen
moves on a smooth curve through the points. `digitlib.handwriting.strokes` turns the paths into ink.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

_FORMS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
DIGITS: dict[int, dict[str, str]] = {int(digit): forms for digit, forms in _FORMS["digits"].items()}
"""The path of each way of writing a digit."""
LETTERS: dict[str, str] = _FORMS["letters"]
"""The path of each letter and sign that no reader should take for a digit."""

_POINTS = 6  # ink points from one pen position to the next


@dataclass(frozen=True, eq=False)
class PenPath:
    """A letterform to vary: ink points are ``smooth`` or ``angular @ control``.

    Attributes
    ----------
    control : numpy.ndarray
        (K, 2) float64: row and column of the pen positions, writing height 1.
    smooth, angular : numpy.ndarray
        (M, K) float64: weights of a smooth curve, and of straight lines, through the pen positions.
    control_strokes, strokes : tuple of slice
        One slice a stroke: of the K pen positions, of the M ink points.
    """

    control: np.ndarray
    smooth: np.ndarray
    angular: np.ndarray
    control_strokes: tuple[slice, ...]
    strokes: tuple[slice, ...]


@cache
def parse(text: str) -> PenPath:
    """Read a path written as text.

    Parameters
    ----------
    text : str
        A path as described at the top of this module.

    Returns
    -------
    PenPath
        The path, ready to be varied.

    Examples
    --------
    >>> cross = parse("50,0 50,100; 0,50 100,50")
    >>> len(cross.strokes), cross.control[0].tolist()
    (2, [0.5, 0.0])
    """
    control, runs, control_strokes, strokes = [], [], [], []
    for stroke in text.split(";"):
        first_control, first_ink = len(control), sum(_ink_points(count) for _, count in runs)
        for run in stroke.split("|"):
            # A corner ends one run of the curve and begins the next.
            begin = len(control) - (len(control) > first_control)
            control += [[float(number) for number in pair.split(",")] for pair in run.split()]
            runs.append((begin, len(control) - begin))
        control_strokes.append(slice(first_control, len(control)))
        strokes.append(slice(first_ink, sum(_ink_points(count) for _, count in runs)))
    return PenPath(
        np.array(control) / 100,
        _stack(runs, catmull_rom, len(control)),
        _stack(runs, _polygon, len(control)),
        tuple(control_strokes),
        tuple(strokes),
    )


def catmull_rom(count: int) -> np.ndarray:
    """Return weights of the smooth curve through points (Catmull and Rom, 1974).

    Parameters
    ----------
    count : int
        Number of points, at least 2.

    Returns
    -------
    numpy.ndarray
        (M, count) float64; times the points (count, 2) it gives the curve (M, 2).

    Examples
    --------
    >>> curve = catmull_rom(3) @ np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 2.0]])
    >>> curve[0].tolist(), curve[-1].tolist()
    ([0.0, 0.0], [0.0, 2.0])
    """
    padded = np.zeros((count + 2, count))
    padded[1:-1] = np.eye(count)
    padded[0, :2], padded[-1, -2:] = (2, -1), (-1, 2)  # run on in a straight line beyond both ends
    steps = np.arange(_ink_points(count)) / _POINTS
    segment = np.minimum(steps.astype(int), count - 2)
    t = steps - segment
    basis = (-(t**3) + 2 * t**2 - t, 3 * t**3 - 5 * t**2 + 2, -3 * t**3 + 4 * t**2 + t, t**3 - t**2)
    return sum(0.5 * weight[:, None] * padded[segment + place] for place, weight in enumerate(basis))


def _polygon(count: int) -> np.ndarray:
    """Weights (M, count) of the straight lines through points."""
    steps = np.arange(_ink_points(count)) / _POINTS
    return np.maximum(0, 1 - np.abs(steps[:, None] - np.arange(count)))


def _ink_points(count: int) -> int:
    return (count - 1) * _POINTS + 1


def _stack(runs: list[tuple[int, int]], curve: Callable[[int], np.ndarray], columns: int) -> np.ndarray:
    rows = []
    for begin, count in runs:
        block = np.zeros((_ink_points(count), columns))
        block[:, begin : begin + count] = curve(count)
        rows.append(block)
    return np.concatenate(rows)
