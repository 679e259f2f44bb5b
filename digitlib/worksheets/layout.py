"""The layout of a worksheet in millimetres, by which sheets are printed and their cells found."""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

PAPERS = {"A4": (297.0, 210.0), "Letter": (279.4, 215.9)}
"""Height and width of each paper."""
COLUMNS, ROWS = 10, 8
"""Characters in a row, and most rows of a sheet."""
BOX, PITCH = 15.0, 18.0
"""Height of a box, and from one character to the next."""
LINE = 0.25
"""Width of a box's line."""
MARKER, EDGE = 12.0, 9.0
"""Side of a marker, and its distance from the edges of the paper: more than printers leave white."""
CODE = 22.0
"""Side of the code with its quiet zone."""
_TOP = 48.0
"""Where the first box begins; above it are the markers, the code and what is to be read first."""
_ROW_PITCH = {"A4": 27.0, "Letter": 25.0}
MARKERS = cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)
"""Four of these lie in the corners, each paper has its own four: S. Garrido-Jurado et al., "Automatic
generation and detection of highly reliable fiducial markers under occlusion" (2014)."""
CORNERS = ("top left", "top right", "bottom right", "bottom left")
_VERSION = "DIGITLIB1"
"""What the code begins with; another layout gets another number."""
PLANS = {
    "digits": (string.digits,) * ROWS,
    "letters": tuple(
        "".join(string.ascii_uppercase[i % 26] for i in range(start, start + COLUMNS))
        for start in range(0, COLUMNS * ROWS, COLUMNS)
    ),
}
"""Rows of the plans that have a name."""


class WorksheetError(ValueError):
    """A worksheet cannot be printed or read; the message says what to do."""


class Place(NamedTuple):
    """A rectangle on the paper in millimetres."""

    top: float
    left: float
    height: float
    width: float


class Cell(NamedTuple):
    """A box of a sheet: its number from 1, what to write in it, and its place."""

    number: int
    label: str
    box: Place


@dataclass(frozen=True)
class Sheet:
    """One page of boxes.

    Attributes
    ----------
    rows : tuple of tuple of str
        What to write into the boxes of each row. A text of several characters has one wide box.
    paper : str
        A key of `PAPERS`.
    number : int
        The number of the sheet, from 1: each writer gets another.

    Examples
    --------
    >>> sheet = make_sheet("digits", number=7)
    >>> sheet.code
    'DIGITLIB1:A4:7:8*0123456789'
    >>> read_code(sheet.code) == sheet, len(sheet.cells)
    (True, 80)
    """

    rows: tuple[tuple[str, ...], ...]
    paper: str = "A4"
    number: int = 1

    @property
    def cells(self) -> list[Cell]:
        """The boxes in reading order."""
        left = (PAPERS[self.paper][1] - COLUMNS * PITCH + PITCH - BOX) / 2
        cells = []
        for row, texts in enumerate(self.rows):
            column = 0
            for text in texts:
                place = Place(
                    _TOP + row * _ROW_PITCH[self.paper],
                    left + column * PITCH,
                    BOX,
                    len(text) * PITCH - PITCH + BOX,
                )
                cells.append(Cell(len(cells) + 1, text, place))
                column += len(text)
        return cells

    @property
    def marker_places(self) -> dict[int, Place]:
        """The place of each marker by its identifier, in the order of `CORNERS`."""
        height, width = PAPERS[self.paper]
        low, far = height - EDGE - MARKER, width - EDGE - MARKER
        places = (EDGE, EDGE), (EDGE, far), (low, far), (low, EDGE)
        first = 4 * list(PAPERS).index(self.paper)
        return {first + number: Place(*place, MARKER, MARKER) for number, place in enumerate(places)}

    @property
    def code_place(self) -> Place:
        """The place of the code, beside the marker at the top right."""
        return Place(EDGE, PAPERS[self.paper][1] - EDGE - MARKER - 4 - CODE, CODE, CODE)

    @property
    def code(self) -> str:
        """The layout and the number as a text that `read_code` reads."""
        rows = ["".join(row) if max(map(len, row)) == 1 else ".".join((*row, "")) for row in self.rows]
        same = len(set(rows)) == 1
        return f"{_VERSION}:{self.paper}:{self.number}:" + (
            f"{len(rows)}*{rows[0]}" if same else "/".join(rows)
        )


def make_sheet(plan: str | Sequence[str] = "digits", paper: str = "A4", number: int = 1) -> Sheet:
    """Make a sheet from a plan.

    Parameters
    ----------
    plan : str or sequence of str
        A key of `PLANS`, or up to 8 rows of what to write, with a blank between two boxes (a row without one
        has a box for each character). A row holds up to 10 digits or capital letters.
    paper : str
        A key of `PAPERS`.
    number : int
        The number of the sheet, 1 to 9,999.

    Returns
    -------
    Sheet

    Raises
    ------
    WorksheetError
        The plan does not fit on a sheet, or there is no such paper or number.

    Examples
    --------
    >>> [cell.label for cell in make_sheet(["17", "12 305"]).cells]
    ['1', '7', '12', '305']
    """
    if paper not in PAPERS:
        raise WorksheetError(f"There is no paper {paper!r}. Allowed are {' and '.join(PAPERS)}.")
    if not 1 <= number <= 9_999:
        raise WorksheetError(f"The number of a sheet is {number}. Allowed are 1 to 9,999.")
    if isinstance(plan, str):
        if plan not in PLANS:
            raise WorksheetError(
                f"There is no plan {plan!r}. Allowed are {', '.join(PLANS)}, or rows of your own."
            )
        plan = PLANS[plan]
    rows = [row for row in (line.split() for line in plan) if row]
    rows = [tuple(row[0]) if len(row) == 1 else tuple(row) for row in rows]
    if not 1 <= len(rows) <= ROWS:
        raise WorksheetError(f"The plan has {len(rows)} rows. Allowed are 1 to {ROWS}.")
    for number_of_row, row in enumerate(rows, start=1):
        text = "".join(row)
        if len(text) > COLUMNS or not re.fullmatch("[0-9A-Z]+", text):
            raise WorksheetError(
                f"Row {number_of_row} of the plan is {' '.join(row)!r}. "
                f"Allowed are up to {COLUMNS} digits or capital letters A to Z, with blanks between boxes."
            )
    return Sheet(tuple(rows), paper, number)


def read_code(text: str) -> Sheet:
    """Return the sheet that a code describes; refuse one of something else."""
    version, _, rest = text.partition(":")
    try:
        if version != _VERSION:
            raise ValueError(version)
        paper, number, rows = rest.split(":")
        count, star, row = rows.partition("*")
        lines = [row] * int(count) if star else rows.split("/")
        return make_sheet([line.replace(".", " ") for line in lines], paper, int(number))
    except ValueError as error:
        raise WorksheetError(
            f"The code says {text[:60]!r}, which is no worksheet of this version of digitlib. "
            "Print sheets with: python -m digitlib worksheet."
        ) from error


def corners_of(place: Place) -> np.ndarray:
    """Return corners, clockwise from the top left: (4, 2) columns and rows in mm."""
    right, bottom = place.left + place.width, place.top + place.height
    return np.array(
        [[place.left, place.top], [right, place.top], [right, bottom], [place.left, bottom]], np.float32
    )
