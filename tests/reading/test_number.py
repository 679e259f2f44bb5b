"""Rows of digits, separators, and the places where touching digits come apart."""

from unittest.mock import patch

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from digitlib.reading.components import find_components
from digitlib.reading.cutting import _thin_columns, cut_rows
from digitlib.reading.images import load_picture
from digitlib.reading.network import load_recognizer
from digitlib.reading.normalize import STEP_NAMES
from digitlib.reading.page import Page, find_ink_rows
from digitlib.reading.picture import NoDigitError
from digitlib.reading.rows import find_rows


def blocks(shape, *boxes):
    mask = np.zeros(shape, np.uint8)
    for row, column, height, width in boxes:
        mask[row : row + height, column : column + width] = 255
    return mask


def test_rows_are_read_from_top_to_bottom_and_left_to_right():
    boxes = [(20, 20, 30, 10), (26, 80, 30, 10), (18, 140, 30, 10), (90, 30, 30, 10), (96, 100, 30, 10)]
    mask = blocks((160, 200), *reversed(boxes))
    rows, skipped = find_rows(find_components(mask)[1], mask.shape)
    assert [[tuple(digit.box) for digit in row] for row in rows] == [boxes[:3], boxes[3:]]
    assert not skipped


def test_a_climbing_row_stays_one_row():
    mask = blocks((200, 400), *[(140 - 12 * step, 20 + 40 * step, 40, 15) for step in range(9)])
    rows, _ = find_rows(find_components(mask)[1], mask.shape)
    assert [len(row) for row in rows] == [9]


def test_dashes_and_dots_are_separators_and_dust_is_nothing():
    mask = blocks(
        (100, 300), (30, 20, 40, 12), (48, 45, 5, 16), (30, 75, 40, 12), (64, 100, 6, 6), (30, 120, 40, 12)
    )
    mask[5:7, 250:252] = 255
    rows, skipped = find_rows(find_components(mask)[1], mask.shape)
    assert [len(row) for row in rows] == [3]
    assert sorted(component.box.column for component in skipped) == [45, 100]


def test_components_above_one_another_are_one_digit():
    mask = blocks((100, 100), (20, 40, 5, 20), (29, 40, 40, 10))
    rows, _ = find_rows(find_components(mask)[1], mask.shape)
    assert [[tuple(digit.box) for digit in row] for row in rows] == [[(20, 40, 49, 20)]]


def test_a_box_as_large_as_the_picture_is_no_digit():
    mask = blocks((200, 300), (80, 100, 50, 20), (80, 180, 50, 20))
    cv2.rectangle(mask, (4, 4), (295, 195), 255, 3)
    rows, _ = find_rows(find_components(mask)[1], mask.shape)
    assert [len(row) for row in rows] == [2]


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(2, 60), st.integers(2, 60))))
def test_any_mask_keeps_each_component_at_most_once(array):
    mask = np.where(array > 127, 255, 0).astype(np.uint8)
    _, components = find_components(mask)
    if not components:
        return
    rows, skipped = find_rows(components, mask.shape)
    used = [label for row in rows for digit in row for label in digit.labels]
    used += [label for component in skipped for label in component.labels]
    assert len(used) == len(set(used))


def test_cuts_are_inside_in_order_and_hit_the_gap():
    crop = blocks((40, 60), (0, 0, 40, 24), (0, 36, 40, 24), (18, 24, 4, 12))
    columns = _thin_columns(crop)
    assert columns == sorted(columns)
    assert 0 < min(columns) <= max(columns) < 60
    assert any(24 <= column < 36 for column in columns)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 4)])
def test_tiny_cuttings_have_no_place_to_cut_or_only_inner_ones(shape):
    assert all(0 < column < shape[1] for column in _thin_columns(np.full(shape, 255, np.uint8)))


@pytest.mark.parametrize("width", [4, 5, 7, 10])
def test_a_decimal_point_as_wide_as_the_pen_is_a_separator(width):
    """Two bars of 80 pixels, and a point at their foot; a speck above them is none."""
    mask = blocks((140, 200), (30, 40, 80, width), (110 - width, 80, width, width), (30, 120, 80, width))
    mask[10 : 10 + width, 150 : 150 + width] = 255
    rows, skipped = find_rows(find_components(mask)[1], mask.shape)
    assert [len(row) for row in rows] == [2]
    assert [tuple(component.box) for component in skipped] == [(110 - width, 80, width, width)]


def test_a_character_of_a_page_is_prepared_in_its_place():
    """Its box comes to the upright picture at full size; what the line reader looks at is the page."""
    page = np.full((3000, 1000), 230, np.uint8)
    page[300:900, 300:400] = 40
    picture = load_picture(page)
    ink, ((piece,),), _ = find_ink_rows(picture)
    crop = ink.soft[piece.box.slices]
    prepared = Page(picture, ink, None, "sign").prepare(crop, piece.box)
    assert prepared.light is ink.light and prepared.light_box == piece.box and not prepared.doubtful
    np.testing.assert_allclose(prepared.box, (300, 300, 600, 100), atol=3)
    assert [step.name for step in prepared.steps] == list(STEP_NAMES)
    tall, wide = piece.box[2:]
    assert prepared.steps[3].note == f"One of several signs: {tall} rows tall and {wide} columns wide."
    assert prepared.steps[3].image is crop and prepared.image is prepared.steps[-1].image


def rows_of_pieces(*rows):
    """Draw pieces of ink, each by its width, in rows of 40 pixels: combs with a tooth every 16 pixels."""
    page = np.tile(np.arange(1_000) % 12 + 220, (80 * len(rows) + 20, 1)).astype(np.uint8)
    for top, row in zip(range(20, 80 * len(rows), 80), rows, strict=True):
        left = 30
        for width in row:
            page[top + 34 : top + 40, left : left + width] = 30
            for column in range(left, left + width, 16):
                page[top : top + 40, column : min(left + width, column + 6)] = 30
            left += width + 20
    return page


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        (([38, 70, 22], [118]), False),  # 118 pixels are less than three heights of 40
        (([38, 70], [200]), True),
        (([38, 70, 100], [200]), False),  # less than half of all ink is joined
        (([300, 200],), True),
    ],
)
def test_where_there_are_too_many_places_to_cut_each_piece_is_read_whole(rows, refused):
    """Unless most ink is joined writing: that is refused."""
    picture = load_picture(rows_of_pieces(*rows))
    ink, found, _ = find_ink_rows(picture)
    assert [[piece.box.width for piece in row] for row in found] == [*map(list, rows)]
    page = Page(picture, ink, load_recognizer())
    with patch("digitlib.reading.cutting.MOST_SPANS", 4):
        if refused:
            with pytest.raises(NoDigitError, match="looks like joined writing"):
                cut_rows(found, page)
        else:
            read = [[one.box for one in row] for row in cut_rows(found, page)]
            assert read == [[piece.box for piece in row] for row in found]
