"""Print worksheets: a PDF with a page for each sheet."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import cv2
import segno
from fpdf import FPDF
from PIL import Image

from digitlib.worksheets.layout import BOX, EDGE, LINE, MARKER, MARKERS, PAPERS, Place, Sheet, WorksheetError

_LINE_GREY, _LABEL_GREY = 150, 90
"""Grey of the boxes, light enough to tell from ink, and of the small characters above them; 0 is black."""
_DOTS = 24
"""Pixels for each module of a marker or code, so that no printer smooths its edges."""
_WORDS = Path(__file__).with_name("words")
LANGUAGES = tuple(sorted(path.stem for path in _WORDS.glob("*.json")))
"""Languages of the sheets, by their codes of two letters."""


def write_pdf(sheets: Sequence[Sheet], path: str | Path, language: str = "en") -> Path:
    """Write a PDF with a page for each sheet; same sheets, same bytes.

    Parameters
    ----------
    sheets : sequence of Sheet
        From `digitlib.worksheets.make_sheet`.
    path : path
        The file; it is replaced.
    language : str
        What the help on the sheets is written in, one of `LANGUAGES`; the program reads all alike.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    WorksheetError
        There is no such language.
    """
    if language not in LANGUAGES:
        raise WorksheetError(f"There is no help in {language!r}. Allowed are {', '.join(LANGUAGES)}.")
    words = json.loads((_WORDS / f"{language}.json").read_text(encoding="utf-8"))
    pdf = FPDF(unit="mm")
    pdf.set_creation_date(datetime(2000, 1, 1, tzinfo=UTC))
    pdf.set_title(words["document"])
    pdf.set_lang(language)
    pdf.set_auto_page_break(False)
    for sheet in sheets:
        _draw(pdf, sheet, words)
    path = Path(path)
    path.write_bytes(pdf.output())
    return path


def _draw(pdf: FPDF, sheet: Sheet, words: dict[str, str]) -> None:
    height, width = PAPERS[sheet.paper]
    pdf.add_page(format=(width, height))
    for number, place in sheet.marker_places.items():
        image = Image.fromarray(cv2.aruco.generateImageMarker(MARKERS, number, 6))  # 4 modules and a border
        _picture(pdf, image, place, words["marker"].format(number=number))
    code = io.BytesIO()
    segno.make(sheet.code, error="m", micro=False).save(code, kind="png", border=2)
    _picture(pdf, Image.open(code).convert("L"), sheet.code_place, words["code"])
    _head(pdf, sheet, words)
    pdf.set_line_width(LINE)
    pdf.set_draw_color(_LINE_GREY)
    pdf.set_text_color(_LABEL_GREY)
    pdf.set_font("Helvetica", size=9)
    for cell in sheet.cells:
        top, left, _, box_width = cell.box
        pdf.rect(left, top, box_width, BOX)
        pdf.set_xy(left, top - 5)
        pdf.cell(box_width, 4, cell.label, align="C")


def _head(pdf: FPDF, sheet: Sheet, words: dict[str, str]) -> None:
    """Write title, help and the line for a pseudonym between marker and code."""
    left = EDGE + MARKER + 5
    room = sheet.code_place.left - left - 2
    pdf.set_text_color(0)
    pdf.set_xy(left, EDGE)
    pdf.set_font("Helvetica", "B", 15)
    pdf.cell(room, 7, words["title"].format(number=sheet.number))
    pdf.set_font("Helvetica", size=8.5)
    for line, key in enumerate(("write", "mistake", "photo")):
        pdf.set_xy(left, EDGE + 8 + 4.2 * line)
        pdf.cell(room, 4, words[key])
    pdf.set_xy(left, EDGE + 24)
    pdf.cell(room, 5, words["pseudonym"])
    start = left + 2 + pdf.get_string_width(words["pseudonym"])
    pdf.set_line_width(LINE)
    pdf.set_draw_color(0)
    pdf.line(start, EDGE + 28.5, PAPERS[sheet.paper][1] - EDGE - MARKER - 4, EDGE + 28.5)


def _picture(pdf: FPDF, image: Image.Image, place: Place, alt: str) -> None:
    large = image.resize((image.width * _DOTS, image.height * _DOTS), Image.Resampling.NEAREST)
    pdf.image(large, place.left, place.top, place.width, place.height, alt_text=alt)
