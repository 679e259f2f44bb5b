"""A digit that the border cuts makes its row unsure, whether what is left of it was read or passed over."""

import numpy as np
import pytest
from mnist_once import ROW_HEIGHT, row_of

import digitlib
from digitlib.reading.binarize import binarize
from digitlib.reading.border import runs_out
from digitlib.reading.components import Box


@pytest.mark.parametrize("gone", [0.25, 0.4, 0.55])
@pytest.mark.parametrize("at_end", [True, False])
def test_a_row_with_a_digit_that_the_border_cuts_is_hardly_ever_certain(gone, at_end):
    certain = []
    for seed in range(60):
        _, page, places = row_of(3, seed)
        left, right = places[-1 if at_end else 0]
        cut = round(gone * (right - left))
        part = page[:, : right - cut] if at_end else page[:, left + cut :]
        certain.append(digitlib.read_number(np.ascontiguousarray(part)).certain)
    assert sum(certain) <= 2, sum(certain)


def test_whole_rows_stay_certain_and_so_do_close_crops():
    """Between two digits it ends with margins; a crop along the ink has none above and below either."""
    whole, close = [], []
    for seed in range(60):
        text, page, places = row_of(3, seed)
        for found, part in (
            (whole, page),
            (close, page[ROW_HEIGHT // 2 - 2 : ROW_HEIGHT * 3 // 2 + 2, places[0][0] : places[-1][1]]),
        ):
            number = digitlib.read_number(np.ascontiguousarray(part))
            found.append(number.certain and number.text == text)
    assert sum(whole) >= 55 and sum(close) >= 45, (sum(whole), sum(close))


def page_with(*boxes):
    """The ink of a page (300, 400) of dark boxes."""
    page = np.full((300, 400), 235, np.uint8)
    for box in boxes:
        page[box.slices] = 30
    return binarize(page)


@pytest.mark.parametrize(
    ("piece", "doubted"),
    [
        (Box(120, 380, 60, 20), True),
        (Box(125, 390, 20, 10), True),  # the bar of a 7
        (Box(120, 379, 60, 20), False),  # ends a pixel before the border
        (Box(120, 396, 60, 4), False),  # the side of a cell
        (Box(0, 380, 150, 20), False),  # runs out above, too: the edge of the page
        (Box(100, 380, 100, 20), False),  # taller than any digit of the row
        (Box(135, 394, 10, 6), False),  # a dot
        (Box(200, 380, 40, 20), False),  # below the row
        (Box(60, 380, 40, 20), False),  # above it
    ],
)
def test_what_is_left_of_a_digit_stands_in_the_row_at_the_border(piece, doubted):
    row, far = Box(120, 300, 60, 40), Box(120, 200, 60, 40)
    assert runs_out(row, page_with(row, piece)) is doubted
    assert not runs_out(far, page_with(far, piece))


def test_pieces_of_one_cut_digit_count_together():
    row, upper, lower = Box(120, 300, 60, 40), Box(120, 392, 8, 8), Box(170, 392, 10, 8)
    assert runs_out(row, page_with(row, upper, lower))
    assert not runs_out(row, page_with(row, upper))
    mirrored = [box._replace(column=400 - box.right) for box in (row, upper, lower)]
    assert runs_out(mirrored[0], page_with(*mirrored))
