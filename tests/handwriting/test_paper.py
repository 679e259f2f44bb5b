"""Ink on paper and photo conditions: harmless at strength 0, pure, and doing what they say."""

import cv2
import numpy as np
import pytest
from handwriting.drawings import CONDITIONS
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.morphology import skeletonize

from digitlib.data import load_mnist
from digitlib.handwriting import camera, paper
from digitlib.handwriting.strokes import draw_digit

PICTURES = arrays(np.uint8, st.tuples(st.integers(2, 40), st.integers(2, 40), st.just(3)))


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()[1]


@pytest.fixture
def page():
    ink = draw_digit(8, np.random.default_rng(0), "one_stroke", 200, 12)
    return paper.sheet(ink, 280)


def test_all_conditions_are_found():
    assert {
        "shading",
        "shadow_edge",
        "squared_lines",
        "form_box",
        "perspective",
        "jpeg",
        "line_width",
    } <= set(CONDITIONS)
    assert set(paper.CONDITIONS) == {"shading", "line_width", "rotation", "size", "noise", "blur", "jpeg"}


@pytest.mark.parametrize("name", CONDITIONS)
@given(image=PICTURES, seed=st.integers(0, 99))
@settings(max_examples=12, deadline=None)
def test_strength_0_does_no_harm(name, image, seed):
    result = CONDITIONS[name](image, np.random.default_rng(seed), 0)
    np.testing.assert_array_equal(result, image)


@pytest.mark.parametrize("name", CONDITIONS)
@given(image=PICTURES, seed=st.integers(0, 99), strength=st.floats(0, 1))
@settings(max_examples=12, deadline=None)
def test_conditions_are_pure(name, image, seed, strength):
    before = image.copy()
    first, again = (CONDITIONS[name](image, np.random.default_rng(seed), strength) for _ in range(2))
    assert first.shape == image.shape and first.dtype == np.uint8
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(image, before)
    assert first is not image


@pytest.mark.parametrize("gray", [0, 128, 255])
def test_a_finer_pen_leaves_an_empty_page_alone(gray):
    page = np.full((40, 60, 3), gray, np.uint8)
    np.testing.assert_array_equal(paper.line_width(page, np.random.default_rng(0), 1.0), page)


@pytest.mark.parametrize("name", CONDITIONS)
def test_more_strength_changes_more(name, page):
    """Measured as the mean distance from the clean page, weak against strong."""
    weak, strong = (
        np.abs(CONDITIONS[name](page, np.random.default_rng(4), strength).astype(int) - page).mean()
        for strength in (0.15, 0.9)
    )
    assert 0 < weak < strong


def test_enlarged_digit_shrinks_back_to_itself(mnist):
    images, _ = mnist
    for digit in images[:50]:
        large = paper.enlarge(digit, 280)
        assert large.shape == (280, 280) and large.dtype == np.uint8
        small = cv2.resize(large, (28, 28), interpolation=cv2.INTER_AREA)
        assert np.corrcoef(small.ravel(), digit.ravel())[0, 1] > 0.93


def test_enlarged_digit_has_smooth_sharp_edges(mnist):
    """Ink has no steps of pixels: few grey values between ink and paper."""
    large = paper.enlarge(mnist[0][0], 560)
    between = (large > 20) & (large < 235)
    edge = cv2.Canny(large, 100, 200) > 0
    assert between.sum() < 6 * edge.sum()


def test_lay_ink_mixes_pen_and_paper():
    sheet = paper.blank((3, 4), (200, 100, 50))
    ink = np.array([[255, 0], [51, 255]], np.uint8)
    result = paper.lay_ink(sheet, ink, 1, 3, (0, 0, 0))
    assert result[1, 3].tolist() == [0, 0, 0]
    assert result[2, 3].tolist() == [160, 80, 40]
    assert (result[0] == sheet[0]).all() and (result[:, :3] == sheet[:, :3]).all()


def test_a_sheet_has_its_ink_in_the_middle():
    ink = np.full((20, 61), 255, np.uint8)
    sheet = paper.sheet(ink, 100, (200, 190, 180), (10, 20, 30))
    expected = paper.blank((100, 100), (200, 190, 180))
    expected[40:60, 19:80] = 10, 20, 30
    np.testing.assert_array_equal(sheet, expected)
    clean = paper.sheet(ink[:1, :1])
    assert clean.shape == (280, 280, 3) and clean[0, 0].tolist() == [*paper.PAPER]
    assert clean[139, 139].tolist() == [*paper.PEN]


def test_sheet_refuses_ink_that_is_too_large():
    with pytest.raises(
        ValueError, match=r"^ink of \(281, 20\) pixels .* fit on a sheet of 280 x 280 pixels$"
    ):
        paper.sheet(np.zeros((281, 20), np.uint8))
    assert paper.sheet(np.zeros((280, 280), np.uint8)).shape == (280, 280, 3)


def test_line_width_keeps_the_middle_of_the_line(page):
    ink = page[:, :, 0] < 128
    away = cv2.distanceTransform((~skeletonize(ink)).astype(np.uint8), cv2.DIST_L2, 5)
    thin = paper.line_width(page, np.random.default_rng(0), 1)[:, :, 0] < 128
    assert thin.sum() < 0.4 * ink.sum()
    assert away[thin].max() <= 4
    # Every part of the line is still there.
    reach = cv2.distanceTransform((~thin).astype(np.uint8), cv2.DIST_L2, 5)
    assert reach[skeletonize(ink)].max() <= 8
    assert cv2.connectedComponents(thin.astype(np.uint8))[0] == 2


def test_size_shrinks_the_ink_eightfold(page):
    def height(image):
        rows = np.flatnonzero((image[:, :, 0] < 180).any(axis=1))
        return rows[-1] - rows[0] + 1

    small = camera.size(page, np.random.default_rng(0), 1)
    assert height(small) == pytest.approx(height(page) / 8, abs=2)


def test_rotation_turns_by_45_degrees():
    image = paper.blank((101, 101))
    image[50, 50:90] = 0
    turned = camera.rotation(image, np.random.default_rng(0), 1)
    rows, columns = np.nonzero(turned[:, :, 0] < 150)
    angle = np.degrees(np.arctan2(rows.mean() - 50, columns.mean() - 50))
    assert abs(angle) == pytest.approx(45, abs=2)


def test_noise_has_its_spread():
    gray = paper.blank((200, 200), (128, 128, 128))
    noisy = camera.noise(gray, np.random.default_rng(0), 0.5).astype(float)
    assert noisy.std() == pytest.approx(32, rel=0.05)


def test_shading_leaves_a_fifth_of_the_light():
    shaded = camera.shading(paper.blank((90, 120), (200, 200, 200)), np.random.default_rng(1), 1)
    assert shaded.max() == 200 and shaded.min() == 40


def test_rough_ink_only_takes_ink_away():
    ink = draw_digit(3, np.random.default_rng(0), size=120)
    rough = paper.rough_ink(ink, np.random.default_rng(0), 0.6)
    assert (rough <= ink).all() and 0.4 * ink.sum() < rough.sum() < 0.9 * ink.sum()
    np.testing.assert_array_equal(paper.rough_ink(ink, np.random.default_rng(0), 0), ink)
