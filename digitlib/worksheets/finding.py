"""Find a sheet in a photo, make it level, and cut out what was written in its boxes."""

from dataclasses import dataclass

import cv2
import numpy as np

from digitlib.worksheets.layout import (
    CORNERS,
    LINE,
    MARKERS,
    PAPERS,
    Cell,
    Place,
    Sheet,
    WorksheetError,
    corners_of,
    read_code,
)

DOTS = 8
"""Pixels a millimetre of the levelled page: about those of a phone photo shrunk to 2,048 pixels."""
_MARGIN = 1.0
"""Millimetres around a box that are cut along: ink runs over its line."""
_REACH = 1.2
"""Millimetres by which a box may lie off its place: paper is bent, and printers stretch."""
_PAPER_SIZE = 4.0
"""Millimetres of paper that no stroke fills: what is dark over less of it is ink."""
_WHITE = 0.9
"""Brightness against the paper around it from which a pixel is taken for paper."""
_DARKER = 0.15
"""How much darker than a box's own line ink on it is, as a proportion of the paper's brightness."""
_LEAST_INK = 1.0
"""Square millimetres of ink below which a box is empty."""
_CROSS_WIDTH, _CROSSED = 2.5, 0.85
"""Millimetres by which a cross may miss a box's diagonals, and the proportion of both that it follows."""


@dataclass(frozen=True, eq=False)
class CutCell:
    """What a photo shows in one box.

    Attributes
    ----------
    cell : Cell
        The box.
    image : (H, W) uint8 array
        Dark ink on white paper, without the printed box.
    left_out : str
        Why it is no example of its label: "empty", "crossed out", or nothing.
    note : str
        What may be wrong with it, or nothing.
    """

    cell: Cell
    image: np.ndarray
    left_out: str
    note: str


def cut_sheet(photo: np.ndarray) -> tuple[Sheet, list[CutCell]]:
    """Find the sheet in a photo, and cut out its cells.

    Parameters
    ----------
    photo : (H, W) or (H, W, 3) uint8 array
        A page from `digitlib.worksheets.pages.pages_of`, turned in any way.

    Returns
    -------
    sheet : Sheet
        What its code says.
    cells : list of CutCell
        All of its cells in order.

    Raises
    ------
    WorksheetError
        There is no sheet, not the whole of one, or more than one; the message says what to do.
    """
    gray = photo if photo.ndim == 2 else cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    page, paper = _level(gray)
    sheet = _read_code(page, paper)
    light = _against_paper(page)
    places = _aligned(light, sheet.cells)
    line = _line_tone(light, places)
    return sheet, [_cut(light, cell, place, line) for cell, place in zip(sheet.cells, places, strict=True)]


def _level(gray: np.ndarray) -> tuple[np.ndarray, str]:
    """Return the page as from straight above, `DOTS` pixels a millimetre, and the name of its paper."""
    settings = cv2.aruco.DetectorParameters()
    settings.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    found, numbers, _ = cv2.aruco.ArucoDetector(MARKERS, settings).detectMarkers(gray)
    numbers = [] if numbers is None else numbers.ravel().tolist()
    known = {number: paper for paper in PAPERS for number in Sheet((), paper).marker_places}
    seen = [(number, corners[0]) for number, corners in zip(numbers, found, strict=True) if number in known]
    papers = {known[number] for number, _ in seen}
    if not seen:
        raise WorksheetError(
            "There is no worksheet to be seen. Photograph the whole page, sharp and in good light, "
            "and not in a mirror."
        )
    if len(seen) > len({number for number, _ in seen}) or len(papers) > 1:
        raise WorksheetError("There is more than one worksheet in it. Photograph each by itself.")
    (paper,) = papers
    places, corners = Sheet((), paper).marker_places, dict(seen)
    missing = [name for number, name in zip(places, CORNERS, strict=True) if number not in corners]
    if missing:
        raise WorksheetError(
            f"The black square at the {' and the '.join(missing)} of the sheet is not to be seen: hidden, "
            "cut off, blurred, or in deep shadow. Photograph the whole page once more."
        )
    wanted = np.concatenate([corners_of(places[number]) for number in places])
    matrix, _ = cv2.findHomography(
        np.concatenate([corners[number] for number in places]), wanted * DOTS - 0.5
    )
    shape = [round(side * DOTS) for side in PAPERS[paper]]
    return cv2.warpPerspective(gray, matrix, shape[::-1], flags=cv2.INTER_AREA, borderValue=255), paper


def _read_code(page: np.ndarray, paper: str) -> Sheet:
    """Read the code of a levelled page."""
    rows, columns = _pixels(Sheet((), paper).code_place, 1.0)
    code = page[rows, columns]
    for scale in (1.0, 2.0, 0.5):  # its reader wants modules of neither too few nor too many pixels
        sized = cv2.resize(code, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        text, *_ = cv2.QRCodeDetector().detectAndDecode(sized)
        if text:
            sheet = read_code(text)
            if sheet.paper != paper:
                raise WorksheetError(
                    "The code and the black squares are of different sheets. Print it again."
                )
            return sheet
    raise WorksheetError(
        "The code at the top right cannot be read: it is blurred, covered or missing. "
        "Hold the camera still and nearer, or print the sheet again."
    )


def _against_paper(page: np.ndarray) -> np.ndarray:
    """Return brightness as a proportion of that of the paper around: (H, W) float32, 0 to 1."""
    small = cv2.resize(page, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    side = round(_PAPER_SIZE * DOTS / 4) | 1
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    paper = cv2.resize(cv2.medianBlur(paper, 5), page.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.minimum(1, page / np.maximum(paper, 1).astype(np.float32))


def _aligned(light: np.ndarray, cells: list[Cell]) -> list[Place]:
    """Return where the boxes of cells really lie, by the lines that are seen.

    Each box is sought near its place; a smooth bending of the page through all of them is what counts, as
    ink may lead a single one astray.
    """
    dark = np.minimum(1 - light, 0.4)
    shifts = np.array([_shift(dark, cell.box) for cell in cells])
    row, column = np.array([[cell.box.top, cell.box.left] for cell in cells]).T / 100
    terms = np.stack([np.ones_like(row), row, column, row * column, row**2, column**2], axis=1)
    good = np.ones(len(cells), bool)
    for _ in range(3):
        bending, *_ = np.linalg.lstsq(terms[good], shifts[good], rcond=None)
        off = np.abs(shifts - terms @ bending).max(axis=1)
        good = off <= max(2 / DOTS, float(np.median(off)))
    moved = terms @ bending
    return [
        cell.box._replace(top=cell.box.top + down, left=cell.box.left + right)
        for cell, (down, right) in zip(cells, moved.tolist(), strict=True)
    ]


def _shift(dark: np.ndarray, box: Place) -> tuple[float, float]:
    """Return how many millimetres down and right of its place the lines of a box are seen best."""
    around = dark[_pixels(box, _MARGIN + _REACH)]
    height, width = (round(side * DOTS) for side in box[2:])
    edge = round(_MARGIN * DOTS)
    outline = np.zeros((height + 2 * edge, width + 2 * edge), np.float32)
    cv2.rectangle(outline, (edge, edge), (edge + width, edge + height), 1.0, round(LINE * DOTS))
    fit = cv2.matchTemplate(around, outline, cv2.TM_CCORR)
    row, column = np.unravel_index(fit.argmax(), fit.shape)
    return row / DOTS - _REACH, column / DOTS - _REACH


def _line_tone(light: np.ndarray, places: list[Place]) -> float:
    """Return the brightness of the boxes' lines."""
    tones = []
    for place in places:
        rows, columns = _pixels(place, 0)
        across, down = (
            light[rows.start - 1 : rows.start + 2, columns],
            light[rows, columns.start - 1 : columns.start + 2],
        )
        tones += [*across.min(axis=0), *down.min(axis=1)]
    return float(np.median(tones))


def _cut(light: np.ndarray, cell: Cell, place: Place, line: float) -> CutCell:
    """Cut out one cell, without its printed box."""
    cut = light[_pixels(place, _MARGIN)].copy()
    box, band = Place(_MARGIN, _MARGIN, *place[2:]), _MARGIN / 2
    inner = _pixels(box, -band)
    printed = np.zeros(cut.shape, bool)
    printed[_pixels(box, band)] = True
    printed[inner] = False
    cut[printed & (cut > line - _DARKER)] = 1
    ink = cut < _WHITE - _DARKER
    count, pieces = cv2.connectedComponents(ink.astype(np.uint8))
    own = np.isin(np.arange(count), np.unique(pieces[inner][ink[inner]]))
    stray = ink & ~own[pieces]
    cut[cv2.dilate(stray.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = 1
    ink &= ~stray
    left_out, note = _judge(ink, inner)
    return CutCell(cell, np.round(np.minimum(1, cut / _WHITE) * 255).astype(np.uint8), left_out, note)


def _judge(ink: np.ndarray, inner: tuple[slice, slice]) -> tuple[str, str]:
    """Return why a cell is left out, and what may be wrong with it."""
    inside = ink[inner]
    if inside.sum() < _LEAST_INK * DOTS**2:
        return "empty", ""
    wide = cv2.dilate(inside.astype(np.uint8), np.ones(2 * [round(_CROSS_WIDTH * DOTS)], np.uint8))
    rows, columns = (np.linspace(0, side - 1, 100).round().astype(int) for side in inside.shape)
    if min(wide[rows, columns].mean(), wide[rows, columns[::-1]].mean()) > _CROSSED:
        return "crossed out", ""
    runs_out = any(edge.any() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1]))
    return "", "runs out of its box" if runs_out else ""


def _pixels(place: Place, around: float) -> tuple[slice, slice]:
    """Return the rows and columns of a place and what is around it, in pixels of the levelled page."""
    top, left = round((place.top - around) * DOTS), round((place.left - around) * DOTS)
    height, width = round((place.height + 2 * around) * DOTS), round((place.width + 2 * around) * DOTS)
    return slice(top, top + height), slice(left, left + width)
