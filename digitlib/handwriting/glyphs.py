"""Letterforms as pen paths: how people write the ten digits, some letters and some signs.

A path is a text. Each pair is a pen position ``row,column`` in hundredths of the writing height, counted from
the top left corner. ``;`` lifts the pen. ``|`` makes the point before it a corner; between corners the pen
moves on a smooth curve through the points. `digitlib.handwriting.strokes` turns the paths into ink.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

DIGITS = {
    0: {
        "oval": "0,32 9,12 50,0 90,12 100,30 88,52 50,60 11,50 1,30",
        "round": "0,46 10,16 50,0 88,15 100,44 86,74 48,86 12,70 0,42",
        "open": "8,20 26,4 60,0 92,14 100,32 86,54 50,60 18,50 2,32",
        "loop": "20,54 6,34 16,10 50,0 88,10 100,30 86,54 46,60 10,50 0,34 6,22 18,26",
        "crossing": "0,44 12,20 50,0 88,10 100,30 86,52 48,62 14,46 2,22",
    },
    1: {
        "bar": "0,0 35,1 70,0 100,0",
        "short_flag": "20,0 10,10 0,20| 50,20 100,19",
        "european": "52,0 28,20 0,40| 50,39 100,38",
        "european_long": "90,0 46,22 0,42| 50,42 100,41",
        "foot": "0,20 50,20 100,20; 100,0 99,20 100,42",
        "flag_foot": "22,2 12,12 0,24| 50,24 100,24; 100,2 99,24 100,48",
        "european_foot": "46,0 24,18 0,36| 50,36 100,36; 100,12 99,36 100,62",
    },
    2: {
        "looped": "20,4 4,16 0,34 12,52 32,52 60,36 86,14 98,4 92,-2 84,8 88,24 96,40 98,54 90,64",
        "angular": "20,2 4,14 0,32 12,52 32,52 60,30 99,0| 98,30 98,62",
        "z_like": "10,0 1,24 12,50 50,26 99,0| 96,30 98,60",
        "curl": "18,14 26,8 22,0 8,4 0,26 8,48 28,54 58,34 98,0| 92,18 98,40 94,64",
        "swan_neck": "24,2 6,10 0,28 10,46 30,46 60,26 86,8 98,0| 88,14 94,34 99,50 92,66",
    },
    3: {
        "round": "12,4 0,24 6,46 24,48 42,34 46,20| 50,40 70,56 92,46 100,22 88,0",
        "flat_top": "1,2 0,28 0,54| 20,38 40,22| 50,44 74,58 94,46 100,22 88,0",
        "small_loop": "12,4 0,26 10,48 32,44 46,26 46,16 40,20 48,42 72,58 94,44 100,20 86,0",
        "open_middle": "8,2 0,22 8,44 28,46 46,32| 56,52 80,58 98,36 100,14 90,0",
        "pointed": "10,2 0,30 14,48 34,38 48,20| 62,42 80,50 94,34 100,2",
    },
    4: {
        "open": "0,14 30,7 58,0| 58,30 57,64; 16,46 58,43 100,40",
        "closed": "0,46 34,22 66,0| 66,32 65,66; 0,47 50,47 100,46",
        "one_stroke": "70,72 68,36 68,0| 34,22 0,46| 50,47 100,46",
        "long_bar": "2,38 30,20 54,0| 56,40 56,90; 16,50 58,46 100,42",
        "lightning": "0,30 30,14 60,0| 54,28 50,62; 30,46 65,36 100,26",
        "crossing": "0,36 34,16 64,0| 62,34 58,70; 34,50 66,46 100,42",
        "rounded": "2,8 34,0 52,12 54,34 50,52; 0,52 50,48 100,44",
        "lightning_one_stroke": "0,46 24,22 46,2| 42,30 38,56| 68,44 100,30",
    },
    5: {
        "floating_bar": "6,12 24,9 42,8| 37,26 46,48 66,56 88,46 100,20 92,0; 2,14 0,36 0,62",
        "one_stroke": "0,58 1,36 2,14| 24,11 44,8| 36,28 50,52 74,56 94,38 100,16 90,0",
        "rounded": "1,58 2,34 8,16 24,11 39,10 42,32 56,52 80,52 98,28 98,10 92,0",
        "angular": "0,58 2,12| 44,6| 40,30 48,50 72,56 92,40 100,4",
        "hooked": "8,64 2,40 4,16| 46,10| 38,30 52,54 76,54 96,34 98,10 84,2",
    },
    6: {
        "straight_stem": "0,44 28,20 60,2 86,6 100,28 90,52 70,54 58,36 64,14 78,3",
        "curled": "10,54 0,38 14,14 50,0 84,6 100,30 88,54 66,52 56,32 64,12 80,3",
        "small_bowl": "0,30 40,8 78,0 98,14 96,38 80,46 68,30 74,12 86,3",
        "spiral": "0,52 20,22 56,2 88,6 100,30 86,54 64,48 62,26 78,16",
        "hooked": "24,50 10,56 0,40 12,16 50,0 84,6 100,30 90,52 70,52 58,34 64,14 78,4",
    },
    7: {
        "plain": "2,0 0,32 0,66| 50,42 100,24",
        "crossed": "2,0 0,32 0,64| 50,42 100,24; 53,14 50,38 48,64",
        "hooked": "16,0 2,5| 3,34 0,68| 50,44 100,28",
        "crossed_hooked": "16,0 2,5| 4,34 0,66| 50,42 100,26; 54,14 52,38 48,66",
        "curved": "4,0 0,32 2,66| 26,46 60,29 100,24",
        "wavy_crossed": "10,0 0,12 8,36 0,64| 48,40 100,24; 54,18 48,58",
        "tailed": "2,0 0,32 0,66| 50,42 88,24 99,28 96,44",
    },
    8: {
        "one_stroke": "12,50 0,28 16,4 38,18 56,40 82,52 100,28 84,2 60,12 42,36 22,52 8,44",
        "two_circles": "1,30 12,6 34,8 46,28 34,48 12,50 0,26; 46,30 60,4 86,2 100,28 86,54 60,52 45,26",
        "open_top": "10,46 0,26 16,4 38,18 58,38 82,50 100,26 84,2 62,12 42,34 18,52 0,62",
        "down_stroke": "6,6 30,18 56,42 80,54 100,30 86,4 62,12 38,34 16,46 0,26 8,8",
        "narrow": "10,36 0,20 16,4 40,14 58,28 84,36 100,20 86,2 60,10 42,24 20,38 6,32",
    },
    9: {
        "straight_stem": "14,50 0,28 14,4 38,6 46,28 30,48 12,51| 56,49 100,46",
        "curled_tail": "14,50 0,28 14,3 36,6 44,28 28,48 10,51| 52,53 84,44 100,22 92,2",
        "hooked": "14,48 0,26 12,3 30,5 38,26 26,46 10,49| 56,52 90,42 100,20 86,0 74,4",
        "closed": "0,28 14,3 38,6 48,28 36,50 12,51 0,26; 10,53 55,52 100,48",
        "angular": "6,46 3,6| 40,0| 42,44| 0,50| 50,47 100,44",
        "slanting": "16,48 0,36 10,8 32,2 42,22 26,46 8,52| 50,40 100,14",
    },
}

# Left out: letters that a reader may take for a digit (B D G I J L O Q S Z and b c d g i j l o p q s y z).
LETTERS = {
    "A": "100,0 0,36 100,72; 62,14 62,60",
    "C": "14,64 0,36 24,6 56,0 86,14 100,40 86,66",
    "E": "0,56 0,0| 100,0| 100,58; 48,0 48,46",
    "F": "0,58 0,0; 0,4 100,0; 46,2 44,46",
    "H": "0,0 100,0; 0,66 100,64; 50,0 48,66",
    "K": "0,2 100,0; 0,56 52,4| 100,62",
    "M": "100,0 0,10| 70,44| 0,78| 100,88",
    "N": "100,0 0,2| 100,64| 0,66",
    "P": "0,4 100,0; 2,2 4,44 26,56 46,40 52,2",
    "R": "0,4 100,0; 2,2 4,44 24,54 44,40 50,4| 100,60",
    "T": "0,0 0,76; 0,38 100,36",
    "U": "0,0 60,0 96,16 96,46 60,62 0,64",
    "V": "0,0 100,34| 0,70",
    "W": "0,0 100,26| 20,50| 100,74| 0,100",
    "X": "0,2 100,64; 0,66 100,0",
    "Y": "0,0 46,34; 0,70 46,34| 100,32",
    "a": "14,70 0,40 24,4 66,0 98,22 88,54 40,72 4,76| 60,72 96,82 90,98",
    "e": "52,4 46,40 28,74 4,48 10,16 50,0 88,16 100,46 84,80",
    "f": "14,60 0,44 16,28 60,24 100,22; 42,0 40,54",
    "h": "0,2 100,0| 60,8 44,30 60,50 100,50",
    "k": "0,2 100,0; 36,44 64,4| 100,50",
    "m": "10,0 100,2| 40,8 10,26 30,44 100,46| 40,52 10,70 30,88 100,92",
    "n": "6,0 100,2| 40,10 6,40 34,66 100,70",
    "r": "4,2 100,4| 46,8 12,30 6,58",
    "t": "0,24 60,22 94,30 98,50 88,60; 30,0 28,54",
    "u": "0,0 60,2 98,26 70,62 0,72| 60,70 98,86",
    "v": "0,0 100,40| 0,78",
    "w": "0,0 96,24| 20,50| 96,76| 0,100",
    "x": "0,4 98,76; 2,78 100,0",
    "plus": "0,50 100,50; 50,0 50,100",
    "minus": "50,0 49,50 50,100",
    "equals": "0,0 0,100; 40,2 40,98",
    "hash": "0,34 100,22; 0,78 100,66; 32,4 30,100; 68,0 66,96",
    "question_mark": "16,4 0,26 10,50 30,46 46,28 68,27; 97,26 100,27",
    "percent": "0,82 100,8; 2,14 14,0 28,12 16,28 2,16; 72,76 86,62 98,76 86,92 72,78",
    "ampersand": "98,78 40,20 14,16 0,36 16,52 46,24 74,2 96,18 96,44 62,76",
    "heart": "28,50 4,32 8,6 36,0 70,26 100,50| 70,76 36,100 8,94 4,68 28,50",
    "star": "100,18 0,50| 100,82| 38,0| 38,100| 98,20",
    "arrow": "50,0 50,100; 18,70 50,100| 82,68",
    "up_arrow": "100,40 0,40; 34,0 0,40| 34,80",
    "spiral": "50,52 44,60 38,48 48,34 66,42 68,66 48,84 22,72 16,38 38,8 76,12 98,48 84,94",
    "tick": "56,0 100,30| 50,60 0,100",
    "smiley": (
        "0,50 14,14 50,0 86,14 100,50 86,86 50,100 14,86 0,48; 30,32 38,32; 30,68 38,68; 62,26 77,50 62,74"
    ),
    "cat": (
        "18,22 34,14 62,14 90,36 98,50 90,66 62,86 34,86 18,78; 34,14 0,12| 20,34 20,66 0,88| 34,86;"
        "46,34 52,34; 46,66 52,66; 64,46 68,50 64,54; 68,50 76,50;"
        "66,36 60,-4; 72,36 78,-2; 66,64 60,104; 72,64 78,102"
    ),
    "dice": (
        "12,0 50,0 88,0 100,12 100,50 100,88 88,100 50,100 12,100 0,88 0,50 0,12 12,0;"
        "26,26 27,27; 26,74 27,75; 50,50 51,51; 74,26 75,27; 74,74 75,75"
    ),
    "house": "100,10 44,10| 0,50| 44,90| 100,90| 100,10| 44,10| 44,90",
    "triangle": "0,50 100,0| 98,100| 2,50",
    "sigma": "4,70 0,0| 48,42| 100,0| 96,74",
    "pi": "6,0 0,90; 2,24 98,16; 2,66 84,66 98,84",
    "euro": "10,80 0,50 30,16 70,16 100,50 88,82; 38,0 36,60; 60,0 58,56",
    "asterisk": "0,50 100,50; 24,6 76,94; 76,6 24,94",
    "gamma": "100,0 0,0| 1,60",
    "bracket": "0,40 0,0| 100,0| 100,40",
    "window": "0,0 0,90| 100,90| 100,0| 0,0; 50,0 50,90; 0,45 100,45",
    "flower": "40,50 10,36 4,56 40,56 30,90 52,94 56,58 90,70 92,46 58,44 60,10 38,12 44,48",
    "fish": "30,100 60,40 64,8 46,0 30,10 34,44 70,100; 44,16 48,16",
    "stick_figure": "0,50 12,38 26,50 12,62 0,49; 26,50 68,50| 100,26; 68,50 100,76; 44,18 40,82",
}

_POINTS = 6  # ink points from one pen position to the next


@dataclass(frozen=True, eq=False)
class PenPath:
    """A letterform ready to be varied: its ink points are ``smooth @ control`` or ``angular @ control``.

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
    """Weights of the smooth curve through points (E. Catmull and R. Rom, 1974).

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


def _polygon(count):
    """Weights (M, count) of the straight lines through points."""
    steps = np.arange(_ink_points(count)) / _POINTS
    return np.maximum(0, 1 - np.abs(steps[:, None] - np.arange(count)))


def _ink_points(count):
    return (count - 1) * _POINTS + 1


def _stack(runs, curve, columns):
    rows = []
    for begin, count in runs:
        block = np.zeros((_ink_points(count), columns))
        block[:, begin : begin + count] = curve(count)
        rows.append(block)
    return np.concatenate(rows)
