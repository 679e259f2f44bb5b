"""Which ink belongs together: connected components, the main digit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from skimage import measure

from digitlib.reading.components import (
    Box,
    Component,
    crop_component,
    find_components,
    main_digit,
    stroke_width,
    typical_height,
)


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
def test_components_agree_with_scikit_image(mask):
    _, components = find_components(mask)
    expected = [
        region for region in measure.regionprops(measure.label(mask, connectivity=2)) if region.area >= 3
    ]
    assert sorted(component.area for component in components) == sorted(region.area for region in expected)
    corners = sorted((p.box.row, p.box.column, p.box.bottom, p.box.right) for p in components)
    assert corners == sorted(region.bbox for region in expected)


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.uint8, (20, 25), elements=st.sampled_from([0, 0, 100, 100, 200])))
def test_hysteresis_agrees_with_scikit_image(gray):
    weak, sure = np.uint8(255) * (gray >= 100), gray >= 200
    regions = measure.regionprops(measure.label(weak, connectivity=2), sure.astype(np.uint8))
    kept = [region for region in regions if region.intensity_max > 0]
    labels, components = find_components(weak, sure)
    assert (labels > 0).sum() == sum(region.area for region in kept)
    assert sorted(component.area for component in components) == sorted(r.area for r in kept if r.area >= 3)
    assert all(sure[labels == label].any() for component in components for label in component.labels)


def test_box_around_two_boxes():
    assert Box(2, 3, 4, 5).around(Box(0, 10, 1, 1)) == Box(0, 3, 6, 8)


def test_main_digit_is_the_large_component_in_the_middle():
    mask = blocks((200, 200), (60, 90, 80, 20), (0, 0, 200, 6), (10, 150, 8, 8))
    digit, others = main_digit(find_components(mask)[1], mask.shape)
    assert digit.box == Box(60, 90, 80, 20)
    assert not others


def test_a_second_digit_is_noticed():
    mask = blocks((200, 300), (60, 70, 80, 20), (60, 200, 80, 20))
    _, others = main_digit(find_components(mask)[1], mask.shape)
    assert len(others) == 1


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(2, 60), st.integers(2, 60))))
def test_the_main_digit_holds_each_component_at_most_once(array):
    mask = np.where(array > 127, 255, 0).astype(np.uint8)
    _, components = find_components(mask)
    if components:
        digit, _ = main_digit(components, mask.shape)
        assert len(digit.labels) == len(set(digit.labels))


def test_a_part_at_the_border_keeps_the_whole_at_the_border():
    """What the picture cuts off is known to be cut off, whichever part of it is named first."""
    _, components = find_components(blocks((60, 60), (0, 20, 20, 6), (25, 20, 20, 6)))
    cut, whole = sorted(components, key=lambda component: component.box.row)
    assert cut.at_border and not whole.at_border
    for joined in (cut.joined(whole), whole.joined(cut)):
        assert joined.at_border and joined.area == 240
        assert joined.box == Box(0, 20, 45, 6)


@pytest.mark.parametrize("value", [0, 255])
def test_components_are_numbered_in_32_bits(value):
    """Also where there are none."""
    labels, components = find_components(np.full((9, 9), value, np.uint8))
    assert labels.dtype == np.int32 and len(components) == (value > 0)
    assert find_components(np.full((9, 9), value, np.uint8), np.ones((9, 9), bool))[0].dtype == np.int32


@settings(max_examples=50, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20))))
def test_strokes_at_the_border_are_as_wide_as_inside(ink):
    """Beyond the image is paper; what is no lighter than 100 is none of the ink."""
    width = stroke_width(ink)
    assert width == pytest.approx(stroke_width(np.pad(ink, 4)))
    assert width == pytest.approx(stroke_width(np.where(ink > 100, np.uint8(101), np.uint8(100))))
    assert width >= 1 and stroke_width(np.minimum(ink, 100)) == 1.0


@pytest.mark.parametrize(
    ("heights", "typical"), [([40], 40), ([40, 20, 19, 1], 30), ([10, 22, 40, 30, 21], 26)]
)
def test_the_typical_height_is_the_median_of_those_at_least_half_as_tall_as_the_tallest(heights, typical):
    assert typical_height([Component((1,), Box(0, 0, tall, 5), 9, False) for tall in heights]) == typical


def test_a_crop_holds_the_rim_of_its_component_but_no_other_ink():
    soft = np.zeros((12, 12), np.uint8)
    soft[2:9, 2:9] = 40  # a rim
    soft[4:7, 4] = soft[3, 3] = soft[5:8, 8] = 200
    labels, components = find_components(np.where(soft > 100, np.uint8(255), np.uint8(0)))
    one, other = components
    assert crop_component(soft, labels, one).tolist() == [[200, 40], [40, 200], [40, 200], [40, 200]]
    both = crop_component(soft, labels, one.joined(other))
    assert both.shape == (5, 6)
    assert both[:, :2].tolist() == [[200, 40], [40, 200], [40, 200], [40, 200], [40, 40]]
    assert both[:, 2:].tolist() == [
        [40, 0, 0, 0],
        [40, 0, 40, 40],
        [40, 0, 40, 200],
        [40, 0, 40, 200],
        [40, 0, 40, 200],
    ]
