"""What networks learn from: the images of a batch, their targets, and what a photo leaves of a digit."""

import json

import numpy as np
import pytest
from training_pictures import PATH, WAYS, made

from digitlib.data import load_mnist
from digitlib.handwriting import strokes
from digitlib.reading.picture import ImageError, NoDigitError
from digitlib.training import mixture
from digitlib.training.mixture import (
    DRAWN,
    NO_DIGIT,
    Batch,
    augment_most,
    count_images,
    make_batch,
    one_hot,
    photograph,
    uniform_targets,
)

STORED = json.loads(PATH.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def fixed():
    (images, labels), _ = load_mnist()
    return Batch(images[:20], one_hot(labels[:20]))


def test_every_way_is_stored():
    assert STORED.keys() == WAYS.keys()


@pytest.mark.parametrize("way", WAYS)
def test_a_seed_makes_what_networks_learnt_from(way):
    # Processors and versions of OpenCV may round otherwise.
    np.testing.assert_allclose(made(way), STORED[way], atol=2)


def test_a_batch_has_fixed_images_then_drawn_digits_then_what_is_no_digit(fixed):
    first_drawn, first_none = len(fixed.images), len(fixed.images) + DRAWN
    indices = np.array([first_none, 3, first_drawn, first_none - 1, 19, count_images(fixed) - 1, 3])
    batch = make_batch(fixed, indices, np.random.default_rng(5), unchanged=1.0)
    rng = np.random.default_rng(5)
    drawn, labels, _ = strokes.make_digits(2, rng)
    outliers = strokes.make_non_digits(2, rng)
    assert batch.images.dtype == np.uint8 and batch.targets.dtype == np.float32
    np.testing.assert_array_equal(batch.images, [*fixed.images[[3, 19, 3]], *drawn, *outliers])
    np.testing.assert_array_equal(batch.targets[:3], fixed.targets[[3, 19, 3]])
    assert batch.targets[3:5].argmax(axis=1).tolist() == labels.tolist()
    np.testing.assert_array_equal(batch.targets[5:], np.full((2, 10), 0.1, np.float32))
    assert count_images(fixed) == 20 + DRAWN + NO_DIGIT


def test_a_batch_is_augmented_unless_it_is_to_stay(fixed):
    indices = np.arange(20)
    batch = make_batch(fixed, indices, np.random.default_rng(0))
    assert (batch.images != fixed.images).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(batch.targets, fixed.targets)


def test_a_proportion_of_the_images_stays_as_it_is():
    images = np.repeat(load_mnist()[0][0][:1], 400, axis=0)
    changed = (augment_most(images, np.random.default_rng(0), 0.25) != images).any(axis=(1, 2))
    assert 0.68 < changed.mean() < 0.82  # three standard deviations round three quarters


def test_targets_are_one_for_the_class_or_the_same_for_all():
    np.testing.assert_array_equal(one_hot(np.array([2, 0]), 3), np.array([[0, 0, 1], [1, 0, 0]], np.float32))
    np.testing.assert_array_equal(one_hot(np.array([9])), np.eye(10, dtype=np.float32)[9:])
    np.testing.assert_array_equal(uniform_targets(2, 4), np.full((2, 4), 0.25, np.float32))
    assert uniform_targets(3).shape == (3, 10)
    assert one_hot(np.array([1])).dtype == uniform_targets(1).dtype == np.float32


def test_a_photographed_digit_is_still_the_digit_and_has_its_target():
    (images, labels), _ = load_mnist()
    batch = photograph(images[:20], labels[:20], np.random.default_rng(1))  # none of these is lost
    assert batch.images.dtype == np.uint8
    np.testing.assert_array_equal(batch.targets, one_hot(labels[:20]))
    for photo, original in zip(batch.images, images, strict=False):
        assert np.corrcoef(photo.ravel(), original.ravel())[0, 1] > 0.5


def test_a_photo_in_which_the_digit_is_lost_is_left_out(monkeypatch):
    """Of four photos one cannot be read, one holds no digit, one another form than was laid on the sheet."""
    images = load_mnist()[0][0][:4]
    results = iter([ImageError("small"), NoDigitError("none"), images[0][::-1], images[3]])

    def prepared(picture):
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return type("Prepared", (), {"image": result / np.float32(255)})

    monkeypatch.setattr(mixture, "prepare_digit", prepared)
    batch = photograph(images, np.array([25, 25, 25, 7]), np.random.default_rng(0), classes=26)
    np.testing.assert_array_equal(batch.images, images[3:])
    np.testing.assert_array_equal(batch.targets, one_hot(np.array([7]), 26))
