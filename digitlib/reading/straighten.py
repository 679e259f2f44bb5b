"""Find the sheet of paper on a table and make it level: the step straighten, before the seven."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from digitlib.reading.components import Box
from digitlib.reading.picture import Picture, Step
from digitlib.reading.tones import percentile

STRAIGHTEN = "straighten"
"""Name of the step that only pictures with a sheet go through."""
SMALL_SIDE = 160
"""Longest side of the picture in which sheets are looked for, in pixels; distances below are in these."""
EDGES = (8, 12, 16, 24)
"""Least differences of neighbours at an edge, in grey levels: what lies between edges is a region."""
LEVELS = 4
"""Number of thresholds tried besides, evenly between the darkest pixel and the brightest."""
CONTRAST = 14
"""Least difference of sheet and table along a side, in grey levels: half of a just visible one, for noise."""
MIN_AREA = 0.04
"""Least share of the picture that a sheet covers."""
MAX_AREA = 0.97
"""What covers more of the picture than this leaves no table to cut away."""
MIN_FILLED = 0.85
"""Least share of its four-sided outline that a sheet covers: a finger or a fold may hide the rest."""
MIN_SIDE = 0.65
"""Least share of the places along one side, for that side to be seen."""
MIN_PAPER = 0.65
"""Least share of a sheet that is nearer to its brightness than to the table's: a ring or a frame has less."""
MAX_SKEW = np.cos(np.radians(60))
"""Largest cosine of the angle at a corner, which perspective makes less or more than a right one."""
ALONG = np.linspace(0.06, 0.94, 24)
"""Where a side is compared with the table, as shares of its length: corners are often bent or round."""
INSIDE = 3
"""How far inside a side the sheet is measured, in pixels: beyond the blur of its edge."""
RIM = 5
"""How far inside the sides of a dark sheet there must be no darker ink, in pixels: it runs on outside."""
OUTSIDE = (3, 6, 9, 12, 16, 20)
"""How far outside the table is measured, in pixels: behind the line of a drawn box comes paper again."""
MIN_SEEN = 0.8
"""Least share of the places along its sides where a sheet differs from the table."""
INK_CONTRAST = 18
"""Least difference of ink from the paper around it, in grey levels: thin strokes fade in a small picture."""
INK_WIDTH = 13
"""Ink is narrower than this many pixels."""
MIN_INK = 0.002
"""Least share of a sheet that is ink: what bears none is no sheet, but perhaps a stroke."""
MIN_WIDTH = 24
"""Shortest side of a sheet, in pixels: with its blurred rim a stroke is narrower."""
MAX_ALIKE = 2
"""More sheets of about one size than these are fields of one form."""
MAX_SHADE = 0.5
"""Most of the sheet's brightness beside it, where only one or two sides are seen: a shadow leaves more."""
INSET = 1.5
"""Width of the border that is cut off a sheet, in pixels: its outline is no more exact than that."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Sheet(Picture):
    """A sheet of a picture, made level; `scale` and `shape` are those of the picture.

    Attributes
    ----------
    matrix : (3, 3) array of float
        Homography from columns and rows of `pixels` to those of the upright picture at full size.
    """

    matrix: np.ndarray

    def upright_box(self, box: Box, scale: float = 1.0) -> Box:
        """Return the bounds of a box in the upright picture; see `Picture`."""
        rows, columns = (box.row, box.bottom), (box.column, box.right)
        corners = np.array([[(column, row) for row in rows for column in columns]], np.float64) * scale
        placed = cv2.perspectiveTransform(corners, self.matrix)[0, :, ::-1]
        first = np.clip(np.floor(placed.min(axis=0)), 0, np.array(self.shape) - 1).astype(int)
        last = np.clip(np.ceil(placed.max(axis=0)), first + 1, self.shape).astype(int)
        return Box(*first.tolist(), *(last - first).tolist())


class _Outline(NamedTuple):
    """A region of the small picture that may be a sheet."""

    corners: np.ndarray  # (4, 2) columns and rows, clockwise from the upper left
    filled: float  # share of the outline inside the picture that the region covers
    area: int  # pixels of the outline inside the picture


def straighten(picture: Picture) -> Picture:
    """Cut the sheet of paper out of a photo of a table, and make it level.

    A sheet (paper, strip, card, board) has four sides along which the brightness changes for good, and ink
    inside. Where the picture's border cuts it, one side may be enough. Its outline is that of a region
    without edges, or above one of several thresholds (J. Matas et al., "Robust wide baseline stereo from
    maximally stable extremal regions", 2002); what it encloses is rectified by a homography (R. Hartley and
    A. Zisserman, "Multiple view geometry in computer vision", 2004).

    Parameters
    ----------
    picture : Picture

    Returns
    -------
    Picture
        A `Sheet`; the given picture where none is found.

    Examples
    --------
    >>> from digitlib.reading.images import load_picture
    >>> table = np.full((300, 400), 90, np.uint8)
    >>> table[60:260, 100:300] = 230   # a sheet
    >>> table[100:220, 190:210] = 40   # a 1 on it
    >>> straighten(load_picture(table)).pixels.shape
    (190, 190)
    >>> straighten(load_picture(table[60:260, 100:300])).pixels.shape
    (200, 200)
    """
    if isinstance(picture, Sheet):
        return picture
    small = _small(picture.pixels)
    sheets = _sheets(small)
    return _level(picture, sheets, max(picture.pixels.shape[:2]) / max(small.shape)) if sheets else picture


def _small(pixels: np.ndarray) -> np.ndarray:
    """Return a small grey picture; of a large one every second, third ... pixel is enough."""
    small = pixels
    for side, interpolation in ((2 * SMALL_SIDE, cv2.INTER_NEAREST), (SMALL_SIDE, cv2.INTER_AREA)):
        shrink = side / max(small.shape[:2])
        if shrink < 1:
            size = [max(1, round(length * shrink)) for length in small.shape[1::-1]]
            small = cv2.resize(small, size, interpolation=interpolation)
    return small if small.ndim == 2 else cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)


def _sheets(small: np.ndarray) -> list[_Outline]:
    """Return the sheets of a small grey picture, the largest first."""
    calm, ink = cv2.medianBlur(small, 5), _ink(small)
    outlines = _outlines(calm)
    if not outlines:
        return []
    seen, visible, inked, dark = _sides(outlines, calm, small)
    scores = seen.mean(axis=(1, 2)) * [outline.filled for outline in outlines]
    sheets: list[_Outline] = []
    for index in np.argsort(-scores):
        outline, sides = outlines[index], seen[index].mean(axis=1)
        enough = seen[index].sum() >= max(MIN_SEEN * visible[index].sum(), 0.15 * visible[index].size)
        if enough and not any(_overlap(outline, sheet) for sheet in sheets):
            whole = np.count_nonzero(sides >= MIN_SIDE) >= 3
            cut = (dark[index] or not whole) and np.count_nonzero(inked[index]) > 1
            if not cut and _is_sheet(outline, calm, ink, whole):
                sheets.append(outline)
    sheets.sort(key=lambda sheet: -sheet.area)
    alike = [sheet for sheet in sheets if sheet.area > 0.5 * sheets[0].area]
    return sheets if len(alike) <= MAX_ALIKE else []


def _outlines(calm: np.ndarray) -> list[_Outline]:
    """Return the four-sided regions of about equal brightness."""
    found = []
    for mask, rim in _masks(calm):
        for contour in cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]:
            outline = _outline(contour, mask, rim)
            if outline is not None:
                found.append(outline)
    return found


def _masks(calm: np.ndarray) -> Iterator[tuple[np.ndarray, int]]:
    """Return masks of pixels above a threshold, and of those at no edge; with the rim that these lack."""
    darkest, brightest = int(calm.min()), int(calm.max())
    for level in np.linspace(darkest, brightest, LEVELS + 2)[1:-1]:
        yield cv2.threshold(calm, level, 255, cv2.THRESH_BINARY)[1], 0
    edges = cv2.morphologyEx(calm, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    for level in EDGES:
        yield cv2.threshold(edges, level, 255, cv2.THRESH_BINARY_INV)[1], 1


def _outline(contour: np.ndarray, mask: np.ndarray, rim: int) -> _Outline | None:
    """Return the four-sided outline of a region, or None where there is none or its size is wrong."""
    area = cv2.contourArea(contour)
    if area < MIN_AREA * mask.size:
        return None
    hull = cv2.convexHull(contour)
    if area < MIN_FILLED * cv2.contourArea(hull) or len(hull) < 4:
        return None
    corners = cv2.approxPolyN(hull, 4, ensure_convex=True).reshape(-1, 2).astype(np.float64)
    if len(corners) != 4:
        return None
    inside = cv2.fillConvexPoly(np.zeros_like(mask), np.rint(corners).astype(np.int32), 255)
    covered = cv2.countNonZero(inside)
    if not (covered <= MAX_AREA * mask.size and area >= MIN_FILLED * covered):
        return None
    middle = corners - corners.mean(axis=0)
    corners = corners[np.argsort(np.arctan2(middle[:, 1], middle[:, 0]))]
    corners = np.roll(corners, -int(corners.sum(axis=1).argmin()), axis=0)
    along = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(along, axis=1, keepdims=True)
    along /= np.maximum(lengths, 1)
    if lengths.min() < MIN_WIDTH or np.abs((along * np.roll(along, 1, axis=0)).sum(axis=1)).max() > MAX_SKEW:
        return None
    return _Outline(corners + rim * (np.roll(along, 1, axis=0) - along), area / covered, covered)


def _sides(outlines: list[_Outline], calm: np.ndarray, small: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return where along their sides outlines differ from the table, table is visible, and dark ink is.

    All are bool arrays (outlines, 4 sides, places).
    """
    corners = np.stack([outline.corners for outline in outlines])
    along = np.roll(corners, -1, axis=1) - corners
    inwards = along[..., ::-1] * (-1, 1) / np.maximum(np.linalg.norm(along, axis=-1, keepdims=True), 1)
    places = corners[:, :, None] + ALONG[:, None] * along[:, :, None]
    away = np.array([INSIDE, *(-distance for distance in OUTSIDE), RIM])[:, None, None, None, None]
    columns, rows = np.moveaxis(np.rint(places + away * inwards[:, :, None]).astype(int), -1, 0)
    height, width = calm.shape
    within = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    at = rows.clip(0, height - 1), columns.clip(0, width - 1)
    values = calm[at].astype(int)
    visible = within[0] & within[3]
    lighter = ((values[0] - values[1:-1] >= CONTRAST) | ~within[1:-1]).all(axis=0) & visible
    darker = ((values[1:-1] - values[0] >= CONTRAST) | ~within[1:-1]).all(axis=0) & visible
    dark = darker.sum(axis=(1, 2)) > lighter.sum(axis=(1, 2))
    rim = small[at[0][-1], at[1][-1]]
    ink = visible & (np.median(rim, axis=2, keepdims=True) - rim >= INK_CONTRAST)
    return np.where(dark[:, None, None], darker, lighter), visible, ink, dark


def _ink(small: np.ndarray) -> np.ndarray:
    """Return a mask of what is darker or lighter than all that is around it, and thin."""
    kernel = np.ones((INK_WIDTH, INK_WIDTH), np.uint8)
    closed, opened = (cv2.morphologyEx(small, way, kernel) for way in (cv2.MORPH_CLOSE, cv2.MORPH_OPEN))
    return cv2.threshold(cv2.max(closed - small, small - opened), INK_CONTRAST, 255, cv2.THRESH_BINARY)[1]


def _is_sheet(outline: _Outline, calm: np.ndarray, ink: np.ndarray, whole: bool) -> bool:
    """Return whether an outline holds paper with ink on it, and, where few of its sides are seen, all ink."""
    inside = cv2.fillConvexPoly(np.zeros_like(ink), np.rint(outline.corners).astype(np.int32), 255)
    around = cv2.dilate(inside, np.ones((19, 19), np.uint8))
    outside = cv2.bitwise_not(cv2.dilate(inside, np.ones((5, 5), np.uint8)))
    beside = cv2.bitwise_and(around, outside)
    inside = cv2.erode(inside, np.ones((11, 11), np.uint8), borderType=cv2.BORDER_REPLICATE)
    if not (cv2.countNonZero(inside) and cv2.countNonZero(beside)):
        return False
    paper, table = (percentile(calm[place > 0], 50) for place in (inside, beside))
    values = calm[inside > 0]
    alike = np.abs(values - paper) < np.abs(values - table)
    on, off = (cv2.countNonZero(cv2.bitwise_and(ink, place)) for place in (inside, outside))
    if abs(paper - table) < CONTRAST or alike.mean() < MIN_PAPER or on < MIN_INK * outline.area:
        return False
    return whole or (table <= MAX_SHADE * paper and off <= 0.1 * on)


def _overlap(first: _Outline, second: _Outline) -> bool:
    """Return whether the middle of one outline lies in the other."""
    pairs = ((first, second), (second, first))
    return any(
        cv2.pointPolygonTest(one.corners.astype(np.float32), other.corners.mean(axis=0).tolist(), False) >= 0
        for one, other in pairs
    )


def _level(picture: Picture, sheets: list[_Outline], scale: float) -> Picture:
    """Return the first sheet, level; `scale` is that of the small picture."""
    corners = ((sheets[0].corners + 0.5) * scale - 0.5).astype(np.float32)
    top, right, bottom, left = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = (top + bottom) / 2, (left + right) / 2
    inset = INSET * scale
    near, right, low = -inset, width - inset, height - inset
    level = np.float32([(near, near), (right, near), (right, low), (near, low)])
    size = [max(1, round(side - 2 * inset)) for side in (width, height)]
    matrix = cv2.getPerspectiveTransform(level, corners).astype(np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpPerspective(picture.pixels, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    across, down = corners[1] - corners[0]
    turned = round(float(np.degrees(np.arctan2(down, across))))
    note = f"A sheet was found and cut out: {size[1]} rows tall and {size[0]} columns wide."
    if turned:
        note += f" It was turned by {abs(turned)}°, and is level now."
    if len(sheets) > 1:
        note += f" It is the largest of {len(sheets)}."
    full = np.diag([picture.scale, picture.scale, 1.0]) @ matrix
    return Sheet(pixels, picture.scale, picture.shape, (Step(STRAIGHTEN, pixels, note),), matrix=full)
