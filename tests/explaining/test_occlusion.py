"""Occlusion against covering one square after the other by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import digitlib
from digitlib import load_recognizer
from digitlib.explaining.occlusion import occlusion, occlusion_map


@pytest.fixture(scope="module")
def digits():
    """Five training digits, values 0 to 1, and their labels."""
    (images, labels), _ = digitlib.load_mnist()
    return images[:5].astype(np.float32) / 255, labels[:5]


def covered_one_by_one(score, image, size):
    """Occlusion as its definition says it, without any short cut."""
    falls = np.zeros((28, 28))
    for row, column in np.ndindex(28, 28):
        covered = image.copy()
        for a, b in np.ndindex(28, 28):
            if max(abs(a - row), abs(b - column)) <= size // 2:
                covered[a, b] = 0
        falls[row, column] = (score(image[None]) - score(covered[None]))[0]
    return falls


@pytest.mark.parametrize("size", [1, 5])
def test_occlusion_is_what_covering_one_by_one_gives(digits, size):
    image = digits[0][2]
    expected = covered_one_by_one(lambda images: load_recognizer().logits(images)[:, 4], image, size)
    np.testing.assert_allclose(occlusion(image, 4, size), expected, atol=1e-4)


pictures = arrays(np.float32, (28, 28), elements=st.floats(0, 1, width=16), fill=st.just(np.float32(0)))


@settings(max_examples=25, deadline=None)
@given(pictures, st.sampled_from([1, 3, 7]))
def test_occlusion_of_a_weighted_sum_is_the_covered_sum(image, size):
    weights = np.random.default_rng(1).normal(size=(28, 28))
    padded = np.pad(weights * image, size // 2)
    expected = np.lib.stride_tricks.sliding_window_view(padded, (size, size)).sum(axis=(2, 3))
    found = occlusion_map(lambda images: (images * weights).sum(axis=(1, 2)), image, size)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("size", [0, -3, 4])
def test_a_cover_without_a_middle_is_refused(size):
    with pytest.raises(ValueError, match="odd"):
        occlusion(np.eye(28), 3, size)
