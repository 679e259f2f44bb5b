"""The seven steps: what each promises, on clean, dirty and impossible pictures."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from mnist_once import mnist
from skimage import measure

import digitlib
from digitlib.handwriting import camera, paper, strokes
from digitlib.reading import stroke_width
from digitlib.reading.binarize import binarize
from digitlib.reading.normalize import STEP_NAMES, mnist_steps, prepare_digit, trace
from digitlib.reading.tones import percentile, shrunk


@pytest.fixture(scope="module")
def four():
    """A 4 in blue ink on white paper, (240, 240, 3)."""
    ink = paper.enlarge(mnist()[1][0][4], 180)
    return paper.sheet(ink, side=240, pen=(30, 40, 120))


@given(arrays.arrays(np.uint8, st.integers(1, 60)), st.floats(0, 100))
def test_percentiles_are_those_of_numpy(values, per_cent):
    assert percentile(values, per_cent) == pytest.approx(np.percentile(values, per_cent), abs=1e-9)


def likeness(first, second):
    return np.corrcoef(np.ravel(first), np.ravel(second))[0, 1]


def test_steps_have_their_names_order_and_form(four):
    steps = trace(four)
    assert tuple(step.name for step in steps) == STEP_NAMES
    assert all(step.note.endswith((".", "?")) for step in steps)
    for step in steps[:-1]:
        assert step.image.dtype == np.uint8
        assert step.image.ndim == 2
    assert [step.image.shape for step in steps[:3]] == [(240, 240)] * 3
    assert max(steps[4].image.shape) == 20
    assert steps[5].image.shape == (28, 28)
    assert steps[6].image.shape == (28, 28)
    assert steps[6].image.dtype == np.float32
    assert 0 <= steps[6].image.min() < steps[6].image.max() <= 1


def test_the_digit_comes_out_as_mnist_has_it(four):
    original = mnist()[1][0][4]
    assert likeness(trace(four)[-1].image, original) > 0.85


def test_center_of_mass_is_in_the_middle(four):
    image = trace(four)[-1].image
    middle = measure.centroid(image)
    np.testing.assert_allclose(middle, (14, 14), atol=0.6)


@pytest.mark.parametrize("name", STEP_NAMES)
def test_a_skipped_step_is_left_out_and_the_others_stay(four, name):
    steps = trace(four, skip=[name])
    assert [step.name for step in steps] == [other for other in STEP_NAMES if other != name]
    assert prepare_digit(digitlib.load_picture(four), [name]).image.shape == (
        28,
        28,
    )


def test_without_normalize_the_network_gets_gray_values(four):
    centered = trace(four)[5]
    image = prepare_digit(digitlib.load_picture(four), ["normalize"]).image
    assert (centered.name, image.dtype, image.max() > 200) == ("center", np.float32, True)
    np.testing.assert_array_equal(image, centered.image)


def test_all_steps_can_be_skipped(four):
    assert trace(four, skip=STEP_NAMES) == []
    assert trace(four, skip=STEP_NAMES[:-1])[-1].image.shape == (28, 28)


def test_unknown_step_is_named(four):
    with pytest.raises(ValueError, match=r"no step: blur\. Allowed are straighten, grayscale"):
        trace(four, skip=["blur"])


def test_skipping_invert_leaves_the_paper_white(four):
    assert trace(four, skip=["invert"])[-1].image.mean() > 2 * trace(four)[-1].image.mean()


@pytest.mark.parametrize("gray", [0, 3, 128, 255])
def test_blank_pictures_hold_no_ink(gray):
    with pytest.raises(digitlib.NoDigitError, match="no ink"):
        trace(np.full((100, 80), gray, np.uint8))


def test_shadows_alone_are_no_ink():
    shade = camera.shading(paper.blank((300, 300)), np.random.default_rng(0), 1.0)
    with pytest.raises(digitlib.NoDigitError):
        trace(shade)


def test_polarity_does_not_matter(four):
    assert likeness(trace(four)[-1].image, trace(255 - four)[-1].image) > 0.97


def test_place_on_the_sheet_does_not_matter(four):
    sheet = np.full((900, 1200, 3), 240, np.uint8)
    sheet[600:840, 30:270] = np.minimum(four, 240)
    assert likeness(trace(four)[-1].image, trace(sheet)[-1].image) > 0.95


def test_aspect_ratio_is_kept(four):
    wide = cv2.resize(four, (480, 240))
    narrow, stretched = trace(four)[4].image.shape, trace(wide)[4].image.shape
    assert stretched[1] / stretched[0] == pytest.approx(2 * narrow[1] / narrow[0], rel=0.1)


CONDITIONS = {
    "shading": camera.shading,
    "vignette": camera.vignette,
    "shadow": camera.shadow_edge,
    "noise": camera.noise,
    "blur": camera.blur,
    "jpeg": camera.jpeg,
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_photo_conditions_change_little(four, name):
    photo = CONDITIONS[name](four, np.random.default_rng(1), 0.5)
    assert likeness(trace(four)[-1].image, trace(photo)[-1].image) > 0.85


@pytest.mark.parametrize("lines", [paper.squared_lines, paper.ruled_lines, paper.form_box, paper.table_lines])
def test_printed_lines_go(lines):
    ink = paper.enlarge(mnist()[1][0][4], 170)
    clean = paper.sheet(ink, side=320)
    page = lines(paper.blank((320, 320)), np.random.default_rng(3), 1.0)
    lined = paper.lay_ink(page, ink, 75, 75)
    assert likeness(trace(clean)[-1].image, trace(lined)[-1].image) > 0.85


def test_thin_strokes_become_as_thick_as_mnists():
    page = np.full((600, 600), 240, np.uint8)
    cv2.polylines(page, [np.array([[200, 100], [400, 100], [260, 500]])], False, 40, 3, cv2.LINE_AA)
    image = trace(page)[-1].image
    assert 1.7 < stroke_width((image * 255).astype(np.uint8)) < 3.5


@pytest.mark.parametrize("width", [3, 6, 11, 20])
def test_stroke_width_of_a_known_line(width):
    image = np.zeros((200, 200), np.uint8)
    image[20:180, 80 : 80 + width] = 255
    assert stroke_width(image) == pytest.approx(width, rel=0.15, abs=0.5)


def test_floating_bar_belongs_to_its_five_and_a_neighbor_does_not():
    page = np.full((200, 300), 230, np.uint8)
    page[30:40, 60:120] = 30  # the bar
    cv2.ellipse(page, (85, 110), (35, 45), 0, -100, 130, 30, 9)
    alone = trace(page)
    assert "2 pieces" in alone[3].note
    page[30:160, 288:300] = 30  # part of something at the border
    assert likeness(alone[-1].image, trace(page)[-1].image) > 0.99


def test_mnist_itself_comes_through_unharmed():
    images = mnist()[1][0][:200]
    seen = np.stack([trace(image)[-1].image for image in images])
    alike = [likeness(a, b) for a, b in zip(images, seen, strict=True)]
    assert np.median(alike) > 0.99
    assert np.mean(np.array(alike) > 0.9) > 0.93


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        np.uint8,
        st.one_of(
            st.tuples(st.integers(1, 90), st.integers(1, 90)),
            st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([3, 4])),
        ),
    )
)
def test_any_array_gives_a_picture_or_says_why_not(array):
    try:
        steps = trace(array)
    except digitlib.ImageError:
        return
    image = steps[-1].image
    assert image.shape == (28, 28)
    assert np.isfinite(image).all()
    assert 0 <= image.min() <= image.max() <= 1


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 9),
    st.integers(0, 2**32 - 1),
    st.sampled_from(sorted(CONDITIONS)),
    st.floats(0, 1),
    st.booleans(),
    st.lists(st.sampled_from(STEP_NAMES), unique=True),
)
def test_any_drawn_digit_in_any_light_with_any_steps(digit, seed, condition, strength, dark, skip):
    rng = np.random.default_rng(seed)
    page = paper.sheet(strokes.draw_digit(digit, rng, size=100), side=140)
    page = CONDITIONS[condition](page, rng, strength)
    try:
        prepared = prepare_digit(digitlib.load_picture(255 - page if dark else page), skip)
    except digitlib.NoDigitError:
        return
    assert prepared.image.shape == (28, 28)
    assert 0 <= prepared.box.row <= prepared.box.bottom <= 140
    assert 0 <= prepared.box.column <= prepared.box.right <= 140


def test_extreme_shapes_are_answered():
    for shape in ((1, 1), (1, 3000), (3000, 1), (2, 5000), (5000, 7)):
        page = np.full(shape, 255, np.uint8)
        page[shape[0] // 2, shape[1] // 2] = 0
        with pytest.raises(digitlib.ImageError):
            digitlib.read_digit(page)
            raise digitlib.ImageError("an answer is fine, too")


@pytest.mark.parametrize("turns", range(4))
def test_the_whole_digit_stays_in_the_image_where_its_mass_lies_at_one_side(turns):
    """A broad bar with a thin arm: with the mass in the middle the arm would reach out of the image."""
    crop = np.zeros((20, 20), np.uint8)
    crop[:, :6] = crop[8:11] = 255
    crop = np.rot90(crop, turns)
    resize, center, normalize = mnist_steps(crop)
    np.testing.assert_array_equal(resize.image, crop)
    row, column = np.clip(np.rint(14 - np.array(measure.centroid(crop > 0))), 0, 8).astype(int).tolist()
    assert {row, column} & {0, 8}
    expected = np.zeros((28, 28), np.uint8)
    expected[row : row + 20, column : column + 20] = crop
    np.testing.assert_array_equal(center.image, expected)
    np.testing.assert_array_equal(normalize.image, expected / np.float32(255))
    where = f"{row} rows above it, {column} columns left of it."
    assert center.note == f"The digit's centre of mass comes to the middle: {where}"


def test_what_is_larger_than_the_image_is_cut_off_at_the_corner():
    """Without the steps resize and center the upper left corner is seen; without resize alone, the middle."""
    rows, columns = np.mgrid[:41, :37]
    crop = (50 + 2 * np.minimum(rows, 40 - rows) + 3 * np.minimum(columns, 36 - columns)).astype(np.uint8)
    assert np.array_equal(mnist_steps(crop, ("resize", "center"))[1].image, crop[:28, :28])
    center = mnist_steps(crop, ("resize",))[1]
    np.testing.assert_array_equal(center.image, crop[6:34, 4:32])
    assert [step.note for step in mnist_steps(crop, ("resize", "center"))[:2]] == ["", ""]


def test_steps_that_are_left_out_have_no_note(four):
    ink = binarize(four, ("grayscale", "invert"))
    assert [step.note for step in ink.steps[:2]] == ["", ""]
    assert np.array_equal(ink.steps[0].image, four[..., 0]) and ink.steps[1].image is ink.steps[0].image


@pytest.mark.parametrize(
    ("shape", "side", "small"),
    [
        ((2_000, 1), 100, (100, 1)),
        ((300, 200), 150, (150, 100)),
        ((300, 200, 3), 200, (200, 133, 3)),
        ((3, 1_000), 100, (1, 100)),
    ],
)
def test_an_image_shrinks_to_its_longest_side(shape, side, small):
    image = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert shrunk(image, side).shape == small
    assert shrunk(image, max(shape)) is image and shrunk(image, 5_000) is image
    if side * 2 <= max(shape):  # then every pixel counts
        assert shrunk(image, side).mean() == pytest.approx(image.mean(), abs=1)
