"""Drawn handwriting: format, determinism, and whether an independent reader recognises it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mnist_once import mnist

from digitlib.handwriting import strokes

FORMS = [(digit, form) for digit, forms in strokes.ALLOGRAPHS.items() for form in forms]
# Ways of writing that MNIST hardly has: a reader that knows only MNIST takes them for something else.
FOREIGN_TO_MNIST = {(1, "european"), (1, "european_long"), (9, "curled_tail"), (9, "hooked")}


def ink_box(image):
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1


def centers_of_mass(images):
    """Row and column of each centre of mass, 0 in the middle of the first pixel."""
    weights = images / images.sum(axis=(1, 2), keepdims=True, dtype=float)
    places = np.arange(28)
    return np.stack(
        [(weights.sum(axis=2) * places).sum(axis=1), (weights.sum(axis=1) * places).sum(axis=1)], 1
    )


@pytest.fixture(scope="module")
def digits():
    return strokes.make_digits(3000, np.random.default_rng(0))


def test_every_digit_has_several_ways_of_writing():
    assert sorted(strokes.ALLOGRAPHS) == list(range(10))
    assert all(len(set(forms)) == len(forms) >= 4 for forms in strokes.ALLOGRAPHS.values())


@pytest.mark.parametrize(("digit", "form"), FORMS)
def test_every_way_of_writing_draws_ink_inside_its_frame(digit, form):
    rng = np.random.default_rng(digit)
    for size in (28, 150):
        image = strokes.draw_digit(digit, rng, form, size)
        assert image.shape == (size, size) and image.dtype == np.uint8
        assert image.max() == 255 and 0.02 < image.mean() / 255 < 0.4
        longest = round(size * 20 / 28)
        # The pen may press a little less at the end that touches the frame.
        assert 0.94 * longest <= max(ink_box(image)) <= longest
        edge = (size - longest) // 2 - 1
        assert not image[:edge].any() and not image[:, :edge].any()
        assert not image[-edge:].any() and not image[:, -edge:].any()


@given(seed=st.integers(0, 2**32 - 1), digit=st.integers(0, 9), size=st.integers(8, 200))
@settings(max_examples=40, deadline=None)
def test_same_seed_same_picture(seed, digit, size):
    first, again = (strokes.draw_digit(digit, np.random.default_rng(seed), size=size) for _ in range(2))
    assert first.shape == (size, size) and first.any()
    np.testing.assert_array_equal(first, again)


def test_pictures_have_mnists_size_unless_told_otherwise():
    rng = np.random.default_rng(0)
    for image in (strokes.draw_digit(3, rng), strokes.draw_letter("heart", rng), strokes.draw_scribble(rng)):
        assert image.shape == (28, 28) and image.any()


def test_no_two_pictures_are_alike(digits):
    images, _, _ = digits
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)


def test_pen_is_as_wide_as_asked():
    for width in (6, 14, 30):
        bar = strokes.draw_digit(1, np.random.default_rng(1), "bar", 280, width)
        # The bar is nearly upright: a row of pixels cuts it about square.
        across = np.median((bar > 127).sum(axis=1)[60:220])
        assert 0.55 * width <= across <= 1.2 * width + 1


def test_made_digits_have_the_format_of_mnist(digits):
    images, labels, forms = digits
    assert images.shape == (3000, 28, 28) and images.dtype == np.uint8
    assert labels.dtype == np.uint8 and len(forms) == 3000
    assert all(form in strokes.ALLOGRAPHS[label] for label, form in zip(labels, forms, strict=True))
    assert {max(ink_box(image)) for image in images} == {20}
    (real, _), _ = mnist()
    centers = centers_of_mass(images)
    assert np.abs(centers - 14).max() <= 1.2  # more than half a pixel only where the frame is in the way
    # Half a pixel beside MNIST's centre would be a mark by which a network can tell drawn digits.
    np.testing.assert_allclose(centers.mean(axis=0), centers_of_mass(real[:3000]).mean(axis=0), atol=0.05)


def test_every_digit_and_every_way_of_writing_comes_up(digits):
    _, labels, forms = digits
    assert np.bincount(labels).min() > 200
    assert {(int(label), form) for label, form in zip(labels, forms, strict=True)} == set(FORMS)


def test_pens_are_as_wide_as_in_mnist(digits):
    (real, _), _ = mnist()
    drawn, written = digits[0].mean(), real[:3000].mean()
    assert 0.8 < drawn / written < 1.2


def test_a_reader_that_knows_only_mnist_reads_the_common_ways_of_writing(digits):
    """The five most similar of 8,000 MNIST digits vote: an independent check that a 3 looks like a 3."""
    (images, labels), _ = mnist()
    known = images[:8000].reshape(8000, -1).astype(np.float32)
    drawn = digits[0].reshape(3000, -1).astype(np.float32)
    distances = (known**2).sum(axis=1) - 2 * drawn @ known.T
    nearest = labels[:8000][np.argpartition(distances, 5, axis=1)[:, :5]]
    votes = np.array([np.bincount(five, minlength=10).argmax() for five in nearest])
    right = votes == digits[1]
    forms = zip(digits[1], digits[2], strict=True)
    foreign = np.array([(int(digit), form) in FOREIGN_TO_MNIST for digit, form in forms])
    assert right[~foreign].mean() > 0.85
    for digit in range(10):
        assert right[~foreign & (digits[1] == digit)].mean() > 0.6, f"digit {digit}"
    assert right[foreign].mean() < 0.5


def test_non_digits_hold_ink_and_repeat_with_their_seed():
    first, again = (strokes.make_non_digits(400, np.random.default_rng(5)) for _ in range(2))
    assert first.shape == (400, 28, 28) and first.dtype == np.uint8
    assert first.any(axis=(1, 2)).all()
    np.testing.assert_array_equal(first, again)
    assert all(max(ink_box(image)) <= 20 for image in first)


@pytest.mark.parametrize("letter", strokes.LETTER_NAMES)
def test_every_letter_draws_ink(letter):
    image = strokes.draw_letter(letter, np.random.default_rng(0), 56)
    assert image.shape == (56, 56) and 0.01 < image.mean() / 255 < 0.5


@pytest.mark.parametrize("kind", strokes.SCRIBBLES)
def test_every_scribble_draws_ink(kind):
    for seed in range(20):
        image = strokes.draw_scribble(np.random.default_rng(seed), kind, 56)
        assert image.shape == (56, 56) and image.dtype == np.uint8 and image.max() > 100


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: strokes.draw_digit(10, rng), "0 to 9, not 10"),
        (lambda rng: strokes.draw_digit(7, rng, "bar"), "plain, crossed.*not 'bar'"),
        (lambda rng: strokes.draw_letter("O", rng), "not 'O'"),
        (lambda rng: strokes.draw_scribble(rng, "doodle"), "zigzag.*not 'doodle'"),
    ],
)
def test_errors_say_what_is_allowed(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))
