"""Printed lines go, strokes stay."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digitlib.reading.components import find_components
from digitlib.reading.lines import remove_lines


def seven(mask):
    """Draw a crossed 7 into the middle of a mask of 300 x 300 pixels."""
    path = np.array([[100, 80], [200, 80], [140, 220]])
    cv2.polylines(mask, [path], False, 255, 11)
    cv2.line(mask, (130, 150), (195, 145), 255, 11)
    return mask


def clean():
    return seven(np.zeros((300, 300), np.uint8))


@pytest.mark.parametrize("tilt", [-20, -7, 0, 7, 20])
def test_ruled_lines_of_any_small_tilt_go_and_the_digit_stays(tilt):
    lined = clean()
    for row in (40, 115, 190, 265):
        cv2.line(lined, (0, row - tilt), (299, row + tilt), 255, 2)
    result, count = remove_lines(lined, find_components(lined)[1])
    assert count >= 4
    difference = (result > 0) != (clean() > 0)
    assert difference[60:240, 80:220].sum() < 0.12 * (clean() > 0).sum()
    assert (result[:, :60] > 0).sum() < 60


def test_squares_go():
    lined = clean()
    lined[::50] = lined[1::50] = 255
    lined[:, ::50] = lined[:, 1::50] = 255
    result, count = remove_lines(lined, find_components(lined)[1])
    assert count >= 10
    assert ((result > 0) & (clean() > 0)).sum() > 0.85 * (clean() > 0).sum()
    assert (result[:, :70] > 0).mean() < 0.01


def test_a_box_that_touches_the_digit_goes():
    lined = clean()
    cv2.rectangle(lined, (70, 60), (230, 221), 255, 2)
    result, count = remove_lines(lined, find_components(lined)[1])
    assert count >= 4
    assert ((result > 0) & (clean() > 0)).sum() > 0.85 * (clean() > 0).sum()


@pytest.mark.parametrize("digit", [0, 1, 4, 7])
def test_digits_alone_are_left_as_they_are(digit):
    mask = np.zeros((300, 300), np.uint8)
    shapes = {
        0: [np.array([[100, 60], [200, 60], [200, 240], [100, 240], [100, 60]])],
        1: [np.array([[150, 40], [150, 260]])],
        4: [np.array([[120, 50], [90, 170], [220, 170]]), np.array([[180, 120], [180, 260]])],
        7: [np.array([[80, 60], [220, 60], [130, 250]])],
    }
    cv2.polylines(mask, shapes[digit], False, 255, 13)
    result, count = remove_lines(mask, find_components(mask)[1])
    assert count == 0
    np.testing.assert_array_equal(result, mask)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 200), st.integers(1, 200), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_any_mask_only_loses_ink(height, width, seed, share):
    mask = np.where(np.random.default_rng(seed).random((height, width)) < share, 255, 0).astype(np.uint8)
    before = mask.copy()
    result, count = remove_lines(mask, find_components(mask)[1])
    np.testing.assert_array_equal(mask, before)
    assert result.shape == mask.shape
    assert count >= 0
    assert not np.any((result > 0) & (mask == 0))
