"""Photo conditions: the same pictures every time, and shares worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from digitlib.handwriting import paper
from digitlib.measuring import robustness
from digitlib.measuring.robustness import condition_photo, measure_conditions

DIGIT = np.zeros((28, 28), np.uint8)
DIGIT[4:24, 12:16] = 255


@settings(max_examples=20, deadline=None)
@given(
    arrays(np.uint8, (28, 28)), st.sampled_from(robustness.CONDITIONS), st.floats(0, 1), st.integers(0, 99)
)
def test_any_digit_makes_a_photo_and_the_same_one_again(digit, condition, strength, seed):
    photo = condition_photo(digit, condition, strength, seed, 3)
    assert photo.shape == (robustness.SIDE, robustness.SIDE, 3) and photo.dtype == np.uint8
    np.testing.assert_array_equal(photo, condition_photo(digit, condition, strength, seed, 3))


def test_without_strength_all_conditions_give_the_same_clean_sheet():
    first, *others = (condition_photo(DIGIT, condition, 0) for condition in robustness.CONDITIONS)
    assert all((photo == first).all() for photo in others)


@pytest.mark.parametrize("condition", ["noise", "shading"])
def test_seed_place_and_strength_change_the_photo(condition):
    photo = condition_photo(DIGIT, condition, 0.5, 0, 0)
    for strength, seed, place in ((0.6, 0, 0), (0.5, 1, 0), (0.5, 0, 1)):
        assert (photo != condition_photo(DIGIT, condition, strength, seed, place)).any()


@pytest.mark.parametrize(
    "condition, strength, message",
    [
        ("fog", 0.5, f"There is no condition 'fog'; allowed are {', '.join(robustness.CONDITIONS)}."),
        ("blur", 1.01, "The strength is 1.01; allowed is 0 to 1."),
        ("blur", -0.01, "The strength is -0.01; allowed is 0 to 1."),
    ],
)
def test_what_does_not_exist_is_refused(condition, strength, message):
    with pytest.raises(ValueError) as caught:
        condition_photo(DIGIT, condition, strength)
    assert str(caught.value) == message


def test_the_random_numbers_of_a_photo_come_from_seed_condition_strength_and_place():
    """So that each can be made again alone, and those published stay as they are."""
    rng = np.random.default_rng((robustness.STREAM, 7, robustness.CONDITIONS.index("noise"), 75, 3))
    sheet = paper.sheet(paper.enlarge(DIGIT, robustness.INK), robustness.SIDE)
    expected = paper.CONDITIONS["noise"](sheet, rng, 0.75)
    np.testing.assert_array_equal(condition_photo(DIGIT, "noise", 0.75, 7, 3), expected)


def test_every_reader_sees_every_photo_and_is_counted_by_condition_and_strength():
    images, labels = np.stack([DIGIT] * 4), np.array([1, 1, 2, 3])
    seen = []

    def dark(photo):
        """Answer 1 where the sheet has kept its light."""
        seen.append(photo)
        return 1 if photo.mean() > 200 else None

    curves = measure_conditions(
        {"one": lambda photo: 1, "dark": dark}, images, labels, 0, ["shading", "jpeg"], [0, 1]
    )
    assert [(curve.condition, curve.reader) for curve in curves] == [
        ("shading", "one"),
        ("shading", "dark"),
        ("jpeg", "one"),
        ("jpeg", "dark"),
    ]
    values = [[one.value for one in curve.shares] for curve in curves]
    assert values == [[0.5, 0.5], [0.5, 0], [0.5, 0.5], [0.5, 0.5]]
    assert all(one.count == 4 for curve in curves for one in curve.shares)
    assert len(seen) == 4 * 3, "the clean sheet is read once for all conditions"
    np.testing.assert_array_equal(seen[4], condition_photo(DIGIT, "shading", 1, 0, 0))


def test_strengths_need_not_begin_at_zero():
    seen = []
    (curve,) = measure_conditions(
        {"one": lambda photo: seen.append(photo) or 1}, DIGIT[None], [1], 0, ["noise"], [0.5, 1]
    )
    assert curve.strengths == (0.5, 1) and len(seen) == 2
    assert [one.value for one in curve.shares] == [1, 1]


@pytest.mark.parametrize("images, labels", [(np.zeros((0, 28, 28), np.uint8), []), (DIGIT[None], [1, 2])])
def test_no_images_or_unequal_lengths_are_refused(images, labels):
    with pytest.raises(ValueError) as caught:
        measure_conditions({"one": lambda photo: 1}, images, labels)
    assert str(caught.value) == (
        f"There are {len(images)} images and {len(labels)} labels; allowed is one for each, and one at least."
    )


def test_all_conditions_are_measured_at_six_strengths_with_the_seed():
    seen = []
    curves = measure_conditions({"none": seen.append}, DIGIT[None], [1], 5)
    assert [(curve.condition, curve.strengths) for curve in curves] == [
        (condition, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)) for condition in robustness.CONDITIONS
    ]
    assert [len(curve.shares) for curve in curves] == [6] * len(curves)
    last = condition_photo(DIGIT, robustness.CONDITIONS[-1], 1, 5, 0)
    np.testing.assert_array_equal(seen[-1], last)
    assert len(seen) == 1 + 5 * len(curves)
