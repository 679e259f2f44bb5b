"""Frames round digits in every form, width and colour, drawn by other code than the training's."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading.frames import KINDS, framed

import digitlib
from digitlib.reading.components import find_components
from digitlib.reading.frames import find_frames

COUNT = 100


def is_read(one, several):
    try:
        if several:
            return digitlib.read_number(one.image).text == one.text
        return digitlib.read_digit(one.image).label == one.text
    except digitlib.NoDigitError:
        return False


@pytest.mark.parametrize("kind", [kind for kind, (_, several) in KINDS.items() if not several])
def test_a_digit_in_a_frame_is_read(kind):
    right = sum(is_read(framed(kind, seed), False) for seed in range(COUNT))
    assert right >= 0.97 * COUNT


def ring(form, side=120, width=4):
    mask = np.zeros((side, side), np.uint8)
    middle, radius = (side // 2, side // 2), side // 2 - 8
    if form == "circle":
        cv2.circle(mask, middle, radius, 255, width)
    else:
        turns = {"square": np.pi / 4, "diamond": 0.0}[form] + np.arange(4) * np.pi / 2
        corners = np.rint(side / 2 + radius * np.stack([np.cos(turns), np.sin(turns)], axis=1)).astype(
            np.int32
        )
        cv2.polylines(mask, [corners], True, 255, width)
    return mask


@pytest.mark.parametrize("form", ["circle", "square", "diamond"])
@settings(max_examples=25, deadline=None)
@given(width=st.integers(2, 9), tall=st.integers(22, 40), shift=st.integers(-8, 8))
def test_a_frame_is_found_and_what_it_holds_is_not(form, width, tall, shift):
    frame, held = ring(form, width=width), np.zeros((120, 120), np.uint8)
    held[60 - tall // 2 : 60 + tall // 2, 56 + shift : 62 + shift] = 255
    found = find_frames(*find_components(frame | held))
    np.testing.assert_array_equal(found, frame > 0)


@pytest.mark.parametrize("form", ["circle", "square", "diamond"])
def test_a_frame_that_a_digit_touches_stays(form):
    """It would take the digit along."""
    mask = ring(form)
    mask[8:60, 57:63] = 255
    mask[75:100, 57:63] = 255
    assert not find_frames(*find_components(mask)).any()


@pytest.mark.parametrize("width", [4, 8, 14])
@pytest.mark.parametrize("mark", ["none", "dot", "blot", "dash"])
def test_a_zero_is_no_frame_whatever_stands_in_it(mark, width):
    """Many write a dot or a dash into a zero, with the same pen."""
    zero = ring("circle", width=width)
    if mark == "dash":
        cv2.line(zero, (42, 60), (78, 60), 255, width)
    elif mark != "none":
        cv2.circle(zero, (60, 60), round(width * {"dot": 0.5, "blot": 0.8}[mark]), 255, cv2.FILLED)
    assert not find_frames(*find_components(zero)).any()


def test_a_frame_in_a_frame_is_found_as_well():
    """The inner one is what the outer holds, and holds the digit; another digit stands beside both."""
    frames = np.zeros((160, 240), np.uint8)
    cv2.rectangle(frames, (10, 10), (150, 150), 255, 3)
    cv2.circle(frames, (80, 80), 50, 255, 3)
    digits = np.zeros_like(frames)
    digits[60:100, 77:83] = digits[60:100, 200:206] = 255
    np.testing.assert_array_equal(find_frames(*find_components(frames | digits)), frames > 0)


@pytest.mark.parametrize(
    ("width", "tall", "found"), [(3, 14, False), (3, 15, True), (11, 18, False), (11, 24, True)]
)
def test_what_a_frame_holds_is_no_dust(width, tall, found):
    """At least 15 % of the height of a frame with a fine line, at least 1.8 widths of a thick line."""
    mask = np.zeros((120, 120), np.uint8)
    mask[10:110, 10:110] = 255
    mask[10 + width : 110 - width, 10 + width : 110 - width] = 0
    mask[50 : 50 + tall, 55:65] = 255
    assert find_frames(*find_components(mask)).any() == found


@pytest.mark.timeout(60)  # all pairs took two minutes
def test_ten_thousand_dots_are_compared_with_their_neighbors_only():
    """All pairs would be a hundred million: this must end within the time limit of a test."""
    mask = np.zeros((1200, 1200), np.uint8)
    mask[(np.indices(mask.shape) % 12 < 5).all(axis=0)] = 255
    labels, components = find_components(mask)
    assert len(components) == 10_000
    assert not find_frames(labels, components).any()
