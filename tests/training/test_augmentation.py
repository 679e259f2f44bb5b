"""Variation of training pictures: repeatable, gentle, and never off the picture."""

import numpy as np
import pytest
from skimage import morphology

from digitlib.data import load_mnist
from digitlib.training.augmentation import augment, change_stroke_width


@pytest.fixture(scope="module")
def digits():
    return load_mnist()[0][0][:300]


def test_same_seed_same_pictures_and_the_originals_stay(digits):
    before = digits.copy()
    first, again = (augment(digits, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(digits, before)
    assert first.dtype == np.uint8
    assert first.shape == digits.shape


def test_pictures_vary_but_keep_their_ink_and_place(digits):
    varied = augment(digits, np.random.default_rng(0))
    changed = np.abs(varied.astype(int) - digits).mean(axis=(1, 2))
    assert np.median(changed) > 5
    ink = varied.sum(axis=(1, 2)) / digits.sum(axis=(1, 2))
    assert 0.8 < np.median(ink) < 1.3
    rows = np.arange(28)[:, None]
    middle = (varied * rows).sum(axis=(1, 2)) / varied.sum(axis=(1, 2))
    assert np.abs(middle - 13.8).max() < 5


@pytest.mark.parametrize("amount", [1.0, -1.0])
def test_stroke_width_agrees_with_scikit_image(digits, amount):
    cross = morphology.diamond(1)
    reference = morphology.dilation if amount > 0 else morphology.erosion
    np.testing.assert_array_equal(change_stroke_width(digits[0], amount), reference(digits[0], cross))


def test_half_an_amount_lies_half_way(digits):
    half = change_stroke_width(digits[0], 0.5).astype(int)
    whole = change_stroke_width(digits[0], 1.0).astype(int)
    assert np.abs(half - (whole + digits[0]) / 2).max() <= 1
