"""Sheets and their PDF: what stands on the paper is what the layout says."""

import json
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

import digitlib.worksheets
from digitlib.worksheets import WorksheetError, make_sheet, write_pdf
from digitlib.worksheets.layout import BOX, COLUMNS, MARKERS, PAPERS, PITCH, ROWS, read_code
from digitlib.worksheets.printing import LANGUAGES

WORDS = Path(digitlib.worksheets.__file__).with_name("words")
DOTS = 8
TEXTS = st.text("0123456789ABCXYZ", min_size=1, max_size=3)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("plan", ["digits", "letters", ["12 305 7", "0123456789"]])
def test_what_is_printed_lies_where_the_layout_says(paper, plan, tmp_path):
    sheet = make_sheet(plan, paper, 23)
    pdf = pypdfium2.PdfDocument(write_pdf([sheet, sheet], tmp_path / "sheet.pdf"))
    assert len(pdf) == 2
    height, width = PAPERS[paper]
    assert pdf[0].get_size() == pytest.approx((width * 72 / 25.4, height * 72 / 25.4), abs=0.1)
    page = np.array(pdf[0].render(scale=DOTS * 25.4 / 72, grayscale=True).to_pil())
    found, numbers, _ = cv2.aruco.ArucoDetector(MARKERS).detectMarkers(page)
    assert sorted(numbers.ravel()) == sorted(sheet.marker_places)
    for number, corners in zip(numbers.ravel(), found, strict=True):
        top, left, *_ = sheet.marker_places[number]
        assert corners[0][0] == pytest.approx((left * DOTS, top * DOTS), abs=2)
    for cell in sheet.cells:
        top, left, box_height, box_width = (round(side * DOTS) for side in cell.box)
        middle = page[top + 8 : top + box_height - 8, left + 8 : left + box_width - 8]
        assert (middle == 255).all()
        for line in (page[top - 2 : top + 3, left + 9], page[top + 9, left - 2 : left + 3]):
            assert 60 < line.min() < 230  # light, but there
        label = page[top - 5 * DOTS : top - DOTS, left : left + box_width]
        assert label.min() < 160
    words = pdf[0].get_textpage().get_text_range()
    assert "sheet 23" in words and "no names" in words


def test_markers_leave_what_printers_cannot_reach():
    for paper, (height, width) in PAPERS.items():
        sheet = make_sheet("digits", paper)
        places = [*sheet.marker_places.values(), sheet.code_place, *(cell.box for cell in sheet.cells)]
        for place in places:
            assert min(place.top, place.left) > 6
            assert place.top + place.height < height - 6 and place.left + place.width < width - 6
        for one in range(len(places)):
            for other in places[:one]:
                apart_down = places[one].top >= other.top + other.height or other.top >= places[one].top + BOX
                apart = abs(places[one].left - other.left) >= min(places[one].width, other.width)
                assert apart_down or apart


def test_the_same_sheets_give_the_same_bytes(tmp_path):
    sheets = [make_sheet(number=number) for number in (1, 2)]
    first = write_pdf(sheets, tmp_path / "a.pdf").read_bytes()
    assert first == write_pdf(sheets, tmp_path / "b.pdf").read_bytes()


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=3), min_size=1, max_size=ROWS), st.integers(1, 9_999))
def test_code_tells_the_whole_sheet(rows, number):
    sheet = make_sheet([" ".join([*row, "7"]) for row in rows], "Letter", number)
    assert read_code(sheet.code) == sheet
    assert [cell.number for cell in sheet.cells] == list(range(1, len(sheet.cells) + 1))
    assert all(cell.box.width == pytest.approx(len(cell.label) * PITCH - 3) for cell in sheet.cells)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"plan": "runes"}, "digits, letters"),
        ({"plan": []}, "0 rows"),
        ({"plan": ["1"] * (ROWS + 1)}, "9 rows"),
        ({"plan": ["1 2", "1" * (COLUMNS + 1)]}, "Row 2"),
        ({"plan": ["ä"]}, "A to Z"),
        ({"plan": ["1.2 3"]}, "digits or capital letters"),
        ({"paper": "A3"}, "A4 and Letter"),
        ({"number": 0}, "1 to 9,999"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(arguments, message):
    with pytest.raises(WorksheetError, match=message):
        make_sheet(**arguments)


@pytest.mark.parametrize(
    "text", ["", "https://example.org", "DIGITLIB2:A4:1:0", "DIGITLIB1:A4:x:0", "DIGITLIB1:A4:1:99*0"]
)
def test_a_strange_code_is_refused(text):
    with pytest.raises(WorksheetError, match="no worksheet of this version"):
        read_code(text)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_help_is_there_in_every_language_and_leaves_the_code_alone(language, paper, tmp_path):
    sheet = make_sheet("digits", paper, 7)
    page = pypdfium2.PdfDocument(write_pdf([sheet], tmp_path / "sheet.pdf", language))[0].get_textpage()
    words = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
    english = json.loads((WORDS / "en.json").read_text(encoding="utf-8"))
    assert set(words) == set(english) and all(words.values())
    assert page.get_text_range().splitlines()[0] == words["title"].format(number=7)
    for key in ("write", "mistake", "photo", "pseudonym"):
        found = page.search(words[key], match_case=True).get_next()
        assert found is not None, words[key]
        right = max(page.get_charbox(number)[2] for number in range(found[0], sum(found))) * 25.4 / 72
        assert right < (sheet.code_place.left if key != "pseudonym" else PAPERS[paper][1] - 60)
