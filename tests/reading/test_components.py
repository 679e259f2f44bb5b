"""Which ink belongs together: pieces, the main digit, rows, separators."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage import measure

from digitlib.reading.components import Box, cut_candidates, find_pieces, main_digit, number_rows


def blocks(shape, *boxes):
    mask = np.zeros(shape, np.uint8)
    for row, column, height, width in boxes:
        mask[row : row + height, column : column + width] = 255
    return mask


@settings(max_examples=50, deadline=None)
@given(
    arrays.arrays(
        np.uint8, st.tuples(st.integers(1, 30), st.integers(1, 30)), elements=st.sampled_from([0, 255])
    )
)
def test_pieces_agree_with_scikit_image(mask):
    _, pieces = find_pieces(mask)
    expected = [
        region for region in measure.regionprops(measure.label(mask, connectivity=2)) if region.area >= 3
    ]
    assert sorted(piece.area for piece in pieces) == sorted(region.area for region in expected)
    corners = sorted((p.box.row, p.box.column, p.box.bottom, p.box.right) for p in pieces)
    assert corners == sorted(region.bbox for region in expected)


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.uint8, (20, 25), elements=st.sampled_from([0, 0, 100, 100, 200])))
def test_hysteresis_agrees_with_scikit_image(gray):
    weak, sure = np.uint8(255) * (gray >= 100), gray >= 200
    regions = measure.regionprops(measure.label(weak, connectivity=2), sure.astype(np.uint8))
    kept = [region for region in regions if region.intensity_max > 0]
    labels, pieces = find_pieces(weak, sure)
    assert (labels > 0).sum() == sum(region.area for region in kept)
    assert sorted(piece.area for piece in pieces) == sorted(r.area for r in kept if r.area >= 3)
    assert all(sure[labels == label].any() for piece in pieces for label in piece.labels)


def test_box_around_two_boxes():
    assert Box(2, 3, 4, 5).around(Box(0, 10, 1, 1)) == Box(0, 3, 6, 8)


def test_main_digit_is_the_large_piece_in_the_middle():
    mask = blocks((200, 200), (60, 90, 80, 20), (0, 0, 200, 6), (10, 150, 8, 8))
    digit, others = main_digit(find_pieces(mask)[1], mask.shape)
    assert digit.box == Box(60, 90, 80, 20)
    assert not others


def test_a_second_digit_is_noticed():
    mask = blocks((200, 300), (60, 70, 80, 20), (60, 200, 80, 20))
    _, others = main_digit(find_pieces(mask)[1], mask.shape)
    assert len(others) == 1


def test_rows_are_read_from_top_to_bottom_and_left_to_right():
    boxes = [(20, 20, 30, 10), (26, 80, 30, 10), (18, 140, 30, 10), (90, 30, 30, 10), (96, 100, 30, 10)]
    mask = blocks((160, 200), *reversed(boxes))
    rows, skipped = number_rows(find_pieces(mask)[1], mask.shape)
    assert [[tuple(digit.box) for digit in row] for row in rows] == [boxes[:3], boxes[3:]]
    assert not skipped


def test_a_climbing_row_stays_one_row():
    mask = blocks((200, 400), *[(140 - 12 * step, 20 + 40 * step, 40, 15) for step in range(9)])
    rows, _ = number_rows(find_pieces(mask)[1], mask.shape)
    assert [len(row) for row in rows] == [9]


def test_dashes_and_dots_are_separators_and_dust_is_nothing():
    mask = blocks(
        (100, 300), (30, 20, 40, 12), (48, 45, 5, 16), (30, 75, 40, 12), (64, 100, 6, 6), (30, 120, 40, 12)
    )
    mask[5:7, 250:252] = 255
    rows, skipped = number_rows(find_pieces(mask)[1], mask.shape)
    assert [len(row) for row in rows] == [3]
    assert sorted(piece.box.column for piece in skipped) == [45, 100]


def test_pieces_above_one_another_are_one_digit():
    mask = blocks((100, 100), (20, 40, 5, 20), (29, 40, 40, 10))
    rows, _ = number_rows(find_pieces(mask)[1], mask.shape)
    assert [[tuple(digit.box) for digit in row] for row in rows] == [[(20, 40, 49, 20)]]


def test_a_frame_is_no_digit():
    mask = blocks((200, 300), (80, 100, 50, 20), (80, 180, 50, 20))
    cv2.rectangle(mask, (4, 4), (295, 195), 255, 3)
    rows, _ = number_rows(find_pieces(mask)[1], mask.shape)
    assert [len(row) for row in rows] == [2]


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(2, 60), st.integers(2, 60))))
def test_any_mask_keeps_each_piece_at_most_once(array):
    mask = np.where(array > 127, 255, 0).astype(np.uint8)
    _, pieces = find_pieces(mask)
    if not pieces:
        return
    rows, skipped = number_rows(pieces, mask.shape)
    used = [label for row in rows for digit in row for label in digit.labels]
    used += [label for piece in skipped for label in piece.labels]
    assert len(used) == len(set(used))
    digit, _ = main_digit(pieces, mask.shape)
    assert len(digit.labels) == len(set(digit.labels))


def test_cuts_are_inside_in_order_and_hit_the_gap():
    cut = blocks((40, 60), (0, 0, 40, 24), (0, 36, 40, 24), (18, 24, 4, 12))
    columns = cut_candidates(cut)
    assert columns == sorted(columns)
    assert 0 < min(columns) <= max(columns) < 60
    assert any(24 <= column < 36 for column in columns)


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 4)])
def test_tiny_cuttings_have_no_place_to_cut_or_only_inner_ones(shape):
    assert all(0 < column < shape[1] for column in cut_candidates(np.full(shape, 255, np.uint8)))
