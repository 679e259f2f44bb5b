"""Sheets filled by made-up hands and photographed as phones do, where the truth of every cell is known."""

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from digitlib.handwriting import camera, paper
from digitlib.handwriting.hands import Hand, make_hand
from digitlib.worksheets.layout import BOX, PAPERS, Cell, Sheet, corners_of, make_sheet
from digitlib.worksheets.pages import pages_of
from digitlib.worksheets.printing import write_pdf

_DOTS = 8
"""Pixels a millimetre of a filled sheet: about 200 a inch."""
_WRITTEN = 0.5, 0.85
"""Height of the writing, as proportions of a box."""
_DISTANCE = 450.0
"""Millimetres from the camera to the middle of the sheet."""
_TABLE = (104, 74, 52)
"""Colour of what the sheet lies on."""
_SMALL = 1344, 1008
"""Rows and columns of photos that are to be made quickly."""
_CONDITIONS = (
    (camera.shading, 0.5),
    (camera.shadow_edge, 0.7),
    (camera.vignette, 0.5),
    (camera.color_cast, 0.5),
)
"""Conditions of light, each in half of the photos, and how strong they become."""


def print_sheet(sheet: Sheet) -> np.ndarray:
    """Return a printed sheet: (H, W, 3) uint8, 8 pixels a millimetre."""
    with tempfile.TemporaryDirectory() as scratch:
        (printed,) = pages_of(write_pdf([sheet], Path(scratch) / "sheet.pdf"))
    height, width = (round(side * _DOTS) for side in PAPERS[sheet.paper])
    return cv2.resize(printed, (width, height), interpolation=cv2.INTER_CUBIC)


def fill_sheet(
    page: np.ndarray,
    sheet: Sheet,
    hand: Hand,
    rng: np.random.Generator,
    empty: Collection[int] = (),
    crossed: Collection[int] = (),
) -> np.ndarray:
    """Let a hand write into the boxes of a sheet.

    Parameters
    ----------
    page : (H, W, 3) uint8 array
        From `print_sheet`.
    sheet : Sheet
        With digits only.
    hand : Hand
        From `digitlib.handwriting.hands.make_hand`.
    rng : numpy.random.Generator
        Source of what varies from box to box: the same state writes the same.
    empty, crossed : collection of int
        Numbers of the cells that stay empty, and of those that are crossed out.

    Returns
    -------
    (H, W, 3) uint8 array
        A new page.
    """
    page = page.copy()
    pen = tuple(int(tone) for tone in rng.integers(15, 110, 3))
    size = rng.uniform(*_WRITTEN) * BOX * _DOTS
    for cell in sheet.cells:
        if cell.number not in empty:
            _write(page, cell, hand, rng, size, pen)
        if cell.number in crossed:
            corners = np.round(corners_of(cell.box) * _DOTS + rng.normal(0, 4, (4, 2))).astype(int)
            for start, end in (corners[[0, 2]], corners[[1, 3]]):
                cv2.line(page, start, end, pen, round(0.6 * _DOTS), cv2.LINE_AA)
    return page


def photograph_sheet(
    page: np.ndarray, rng: np.random.Generator, shape: tuple[int, int] = (2016, 1512), tilt: float = 20.0
) -> np.ndarray:
    """Photograph a sheet on a table, with tilt, shadow, a finger, blur and noise.

    Parameters
    ----------
    page : (H, W, 3) uint8 array
        From `fill_sheet`.
    rng : numpy.random.Generator
        Source of the conditions.
    shape : (int, int)
        Height and width of the photo in pixels.
    tilt : float
        Angle between the camera's direction and the sheet's normal in degrees, 0 to 35.

    Returns
    -------
    (H, W, 3) uint8 array
    """
    view = _view(page.shape, shape, rng, tilt)
    photo = np.full((*shape, 3), _TABLE, np.uint8)
    cv2.warpPerspective(
        page, view, shape[::-1], dst=photo, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT
    )
    for condition, strongest in _CONDITIONS:
        if rng.random() < 0.5:
            photo = condition(photo, rng, rng.uniform(0, strongest))
    if rng.random() < 0.3:
        photo = camera.finger(photo, rng, 0.3)
    photo = cv2.GaussianBlur(photo, (0, 0), rng.uniform(0.3, 0.8) * shape[0] / 2000)
    return camera.jpeg(camera.noise(photo, rng, rng.uniform(0, 0.1)), rng, rng.uniform(0, 0.5))


def photograph_class(folder: Path, sheets: Mapping[int, int], rare: float = 1.0) -> list[Path]:
    """Let made-up hands fill a sheet each, and photograph them into a folder.

    Parameters
    ----------
    folder : Path
        It is made if it is missing.
    sheets : mapping of int to int
        The hand that fills each sheet, by the number of the sheet: the same hand writes alike everywhere.
    rare : float
        Proportion of the digits in forms that no shipped network was trained on.

    Returns
    -------
    list of Path
        The photos.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [photo.name for photo in photograph_class(Path(folder), {7: 0})]
    ['photo_007.jpg']
    """
    folder.mkdir(parents=True, exist_ok=True)
    photos = []
    for number, person in sheets.items():
        hand, rng = make_hand(np.random.default_rng(person), rare), np.random.default_rng((person, number))
        sheet = make_sheet(number=number)
        photo = photograph_sheet(fill_sheet(print_sheet(sheet), sheet, hand, rng), rng, _SMALL)
        photos.append(folder / f"photo_{number:03d}.jpg")
        Image.fromarray(photo).save(photos[-1], quality=90)
    return photos


def _write(
    page: np.ndarray, cell: Cell, hand: Hand, rng: np.random.Generator, size: float, pen: tuple[int, int, int]
) -> None:
    """Write the text of a cell somewhere in its box, now and then over its line; in place."""
    top, left, height, width = (side * _DOTS for side in cell.box)
    step = width / len(cell.label)
    for place, digit in enumerate(cell.label):
        ink = hand.write(int(digit), rng, round(size * np.exp(rng.normal(0, 0.05))))
        row = round(top + (height - ink.shape[0]) * np.clip(rng.normal(0.5, 0.2), -0.02, 1.02))
        shift = (step - ink.shape[1]) * np.clip(rng.normal(0.5, 0.2), -0.02, 1.02)
        column = round(left + place * step + shift)
        covered = page[row : row + ink.shape[0], column : column + ink.shape[1]]
        covered[:] = paper.lay_ink(covered, ink, pen=pen)


def _view(page: tuple[int, ...], photo: tuple[int, int], rng: np.random.Generator, tilt: float) -> np.ndarray:
    """Return the homography of a pinhole camera that sees the whole page: (3, 3), page to photo."""
    height, width = (side / _DOTS for side in page[:2])
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]])
    flat = np.column_stack([corners - (width / 2, height / 2), np.zeros(4)])
    towards, turn = rng.uniform(0, 2 * np.pi), rng.normal(0, np.radians(6))
    axis = np.array([np.cos(towards), np.sin(towards), 0]) * np.radians(tilt)
    turned = flat @ cv2.Rodrigues(np.array([0, 0, turn]))[0].T @ cv2.Rodrigues(axis)[0].T
    seen = turned[:, :2] / (1 + turned[:, 2:] / _DISTANCE)
    room = np.array(photo[::-1])
    seen *= (rng.uniform(0.9, 0.97) * room / np.ptp(seen, axis=0)).min()
    seen += room / 2 - (seen.max(axis=0) + seen.min(axis=0)) / 2
    source = (corners * _DOTS).astype(np.float32)
    return cv2.getPerspectiveTransform(source, seen.astype(np.float32))
