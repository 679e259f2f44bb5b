"""Variation of training pictures: repeatable, gentle, and never off the picture."""

import numpy as np
import pytest
from scipy import ndimage
from skimage import morphology

from digitlib.data import load_mnist
from digitlib.training import augmentation
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


@pytest.fixture(scope="module")
def lines():
    """Lean in degrees and bend in pixels of 200 augmented upright strokes without the faults of a photo."""
    stroke = np.zeros((28, 28), np.uint8)
    stroke[5:23, 12:16] = 255
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(augmentation, "_CAMERA", 0.0)
        images = augment(np.repeat(stroke[None], 200, axis=0), np.random.default_rng(2))
    leans, bends = [], []
    for image in images:
        rows, columns = np.nonzero(image > 100)
        slope, level = np.polyfit(rows, columns, 1)
        leans.append(np.degrees(np.arctan(slope)))
        curve = np.polyval(np.polyfit(rows, columns, 3), rows)
        bends.append(np.abs(curve - slope * rows - level).max())
    return np.array(leans), np.array(bends)


def test_digits_are_turned_and_sheared_gently(lines):
    """12 degrees of rotation and 15 % of shear lean a stroke by at most 21 degrees, bending by some more."""
    leans, _ = lines
    assert 4 < leans.std() < 12
    assert np.abs(leans).max() < 30


def test_strokes_are_bent(lines):
    _, bends = lines
    assert 0.3 < np.median(bends) < 1.5


def test_one_image_in_four_has_the_faults_of_a_photo(digits, monkeypatch):
    plain = augment(digits, np.random.default_rng(3))
    monkeypatch.setattr(augmentation, "_CAMERA", 0.0)
    without = augment(digits, np.random.default_rng(3))
    assert 0.15 < (plain != without).any(axis=(1, 2)).mean() < 0.3


@pytest.mark.parametrize("amount", [1.1, -2, float("nan")])
def test_stroke_width_beyond_a_pixel_is_refused(digits, amount):
    with pytest.raises(ValueError, match="allowed is -1 to 1"):
        change_stroke_width(digits[0], amount)


def test_the_refusal_names_the_amount(digits):
    with pytest.raises(ValueError, match=r"^The amount is -1\.01; allowed is -1 to 1\.$"):
        change_stroke_width(digits[0], -1.01)


class Extreme:
    """Random numbers without chance: the same end of each range, and no bend."""

    def __init__(self, high):
        self._high = high

    def uniform(self, low, high, size=None):
        return np.full(size or (), high if self._high else low)

    def normal(self, mean, deviation, size):
        return np.full(size, mean)

    def random(self, size):
        return np.ones(size)


@pytest.mark.parametrize("high", [False, True])
def test_the_farthest_move_agrees_with_scipys_affine_transform(digits, high):
    """12 degrees, 15 % of stretch and shear and 1.5 pixels, to one side or to the other."""
    sign = 1 if high else -1
    angle, stretch = np.radians(12 * sign), np.exp(0.15 * sign)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    shear = np.array([[0, 0], [0.15 * sign, 0]])
    source = stretch * (turn + shear)
    middle = np.full(2, 13.5)
    offset = middle + 1.5 * sign - source @ middle
    expected = ndimage.affine_transform(digits[0].astype(float), source, offset, order=1)
    moved = augment(digits[:1], Extreme(high))[0]
    assert np.abs(moved - expected).max() <= 255 / 32 + 1  # OpenCV places a pixel to a 32nd of a pixel


class NoiseAlone(Extreme):
    """As Extreme, of the faults of a photo only noise, one standard deviation brighter everywhere."""

    def __init__(self, high):
        super().__init__(high)
        self._faults = iter(
            [0.9, 0.9, 0.1, 0.1, 0.9, 0.9]
        )  # no blur, not pale, noise, all over, no marks, no gap

    def normal(self, mean, deviation, size):
        return np.full(size, deviation if size == (28, 28) else mean)

    def random(self, size=None):
        return next(self._faults) if size is None else np.zeros(size)


@pytest.mark.parametrize(("high", "noise"), [(False, 4), (True, 25)])
def test_noise_is_as_strong_as_that_of_cameras(high, noise):
    paper = np.zeros((1, 28, 28), np.uint8)
    np.testing.assert_array_equal(augment(paper, NoiseAlone(high))[0], np.full((28, 28), noise))
