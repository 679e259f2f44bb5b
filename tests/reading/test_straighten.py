"""The step straighten: sheets on tables are found and read, and nothing else is touched."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from mnist_once import mnist
from reading.tables import draw_digits, scene

import digitlib
from digitlib.reading.components import Box
from digitlib.reading.images import load_picture
from digitlib.reading.normalize import STEP_NAMES
from digitlib.reading.straighten import Sheet, straighten

TABLES = {
    **{f"table of grey {gray}": {"table_gray": gray} for gray in range(30, 211, 20)},
    **{
        f"table of grey {gray}, lighter": {"table_gray": gray, "paper": gray - 60} for gray in (220, 235, 250)
    },
    "wood": {"kind": "wood"},
    "cloth": {"kind": "cloth"},
    "uneven": {"kind": "uneven"},
    "light from one side": {"shading": 0.2},
    "shadow": {"shadow": True},
    "finger": {"finger": True},
    "two sheets": {"second": True},
    "strip": {"aspect": 0.25, "size": 0.8},
    "board": {"table_gray": 190, "paper": 60, "pen": 230},
    "grey on grey": {"table_gray": 120, "paper": 145, "pen": 30},
    "pencil": {"pen": 150},
    "small photo": {"shape": (420, 560)},
    "noise": {"noise": 6.0},
    "wood and shadow": {"kind": "wood", "shadow": True, "table_gray": 150},
}
TURNED = (-30, -17, -6, 0, 9, 24)


def scenes(name, count=6):
    """Return photos of sheets on one kind of table, turned by up to 30 degrees, each another way."""
    for number in range(count):
        rng = np.random.default_rng([number, *map(ord, name)])
        text = "".join(map(str, rng.integers(0, 10, 1 if number % 2 else 4)))
        text = text if name != "strip" else "".join(map(str, rng.integers(0, 10, 5)))
        given = {"turned": TURNED[number], "perspective": 0.03 * (number % 3), **TABLES[name]}
        yield scene(text, seed=number, **given)


def read(pixels, text):
    """Return what is read, and the boxes."""
    try:
        if len(text) == 1:
            reading = digitlib.read_digit(pixels)
            return reading.label, [reading.box]
        number = digitlib.read_number(pixels)
        return number.text, [reading.box for reading in number]
    except digitlib.NoDigitError:
        return "", []


@pytest.fixture(scope="module")
def readings():
    """What is read on every table: by kind, (photo, what is read on the sheet alone, in the photo, boxes)."""
    return {
        name: [(one, read(one.sheet, one.text)[0], *read(one.photo, one.text)) for one in scenes(name)]
        for name in TABLES
    }


def test_what_is_read_on_a_sheet_is_read_on_a_table(readings):
    legible = [
        (one.text, text) for rows in readings.values() for one, alone, text, _ in rows if alone == one.text
    ]
    assert len(legible) > 150
    assert np.mean([text == truth for truth, text in legible]) >= 0.97


@pytest.mark.parametrize("name", TABLES)
def test_no_kind_of_table_is_in_the_way(readings, name):
    legible = [text == one.text for one, alone, text, _ in readings[name] if alone == one.text]
    assert sum(legible) >= len(legible) - 1


def test_boxes_lie_round_the_digits_of_the_upright_photo(readings):
    far = []
    for one, _, text, boxes in (row for rows in readings.values() for row in rows):
        for box, place in zip(boxes, one.places, strict=False) if text == one.text else ():
            (left, top), (right, bottom) = place.min(axis=0), place.max(axis=0)
            off = np.subtract((box.column, box.row, box.right, box.bottom), (left, top, right, bottom))
            far.append(np.abs(off).max() / max(one.photo.shape))
    assert len(far) > 300
    assert np.quantile(far, 0.95) < 0.03


@pytest.mark.parametrize("turned", TURNED)
def test_the_sheet_fills_the_level_picture(turned):
    photo = scene("4", turned=turned, perspective=0.04).photo
    sheet = straighten(load_picture(photo))
    assert np.median(sheet.pixels) > 220
    assert np.quantile(sheet.pixels[[0, -1]], 0.2) > 200
    assert np.quantile(sheet.pixels[:, [0, -1]], 0.2) > 200
    tall, wide = sheet.pixels.shape
    assert tall / wide == pytest.approx(1.2, rel=0.15)


def test_of_two_sheets_the_larger_is_taken_and_the_note_says_so():
    (step, *_) = digitlib.preprocess.trace(scene("3", second=False, turned=5).photo)
    assert "largest" not in step.note
    photo = scene("3", turned=5, size=0.42).photo
    photo[70:330, 70:240] = 235
    photo[120:280, 140:160] = 40
    (step, *_) = digitlib.preprocess.trace(photo)
    assert "the largest of 2" in step.note
    assert digitlib.read_digit(photo).digit == 3


def test_the_note_says_how_far_the_sheet_was_turned():
    (step, *_) = digitlib.preprocess.trace(scene("3", turned=20).photo)
    assert step.name == "straighten"
    assert "turned by 20°" in step.note or "turned by 19°" in step.note or "turned by 21°" in step.note


def test_the_step_comes_first_and_can_be_left_out():
    photo = scene("6", turned=12).photo
    assert [step.name for step in digitlib.preprocess.trace(photo)] == ["straighten", *STEP_NAMES]
    assert [step.name for step in digitlib.preprocess.trace(photo, skip=["straighten"])] == list(STEP_NAMES)
    (reading,) = digitlib.read_number(photo)
    assert reading.steps[0].name == "straighten"


def test_a_level_sheet_stays_as_it_is():
    sheet = straighten(load_picture(scene("6", turned=12).photo))
    assert isinstance(sheet, Sheet)
    assert straighten(sheet) is sheet


def test_a_colour_photo_keeps_its_colours():
    photo = cv2.cvtColor(scene("6").photo, cv2.COLOR_GRAY2RGB)
    photo[..., 2] //= 2
    sheet = straighten(load_picture(photo))
    assert sheet.pixels.shape[2:] == (3,)
    assert np.median(sheet.pixels[..., 0]) > 1.8 * np.median(sheet.pixels[..., 2])


def test_a_box_of_a_sheet_is_bounded_in_the_picture_it_was_cut_from():
    """Turned by a quarter and twice as large; what lies outside of the picture comes to its edge."""
    quarter = np.array([(0, -2, 150), (2, 0, 0), (0, 0, 1)], float)
    turned = Sheet(np.zeros((60, 50), np.uint8), 1.0, (100, 160), (), matrix=quarter)
    assert turned.upright_box(Box(5, 10, 20, 30)) == Box(20, 100, 60, 40)
    assert turned.upright_box(Box(5, 10, 10, 20), 1.5) == Box(30, 105, 60, 30)
    assert turned.upright_box(Box(200, 300, 5, 5)) == Box(99, 0, 1, 1)
    assert turned.upright_box(Box(-200, -300, 5, 5)) == Box(0, 159, 1, 1)
    assert turned.upright_box(Box(5, 10, 0, 0)) == Box(20, 140, 1, 1)
    slanted = Sheet(
        np.zeros((60, 50), np.uint8), 1.0, (100, 160), (), matrix=np.eye(3) + 0.25 * np.eye(3, k=1)
    )
    assert slanted.upright_box(Box(5, 10, 2, 1)) == Box(5, 11, 3, 2)


@pytest.mark.parametrize(("count", "found"), [(1, True), (2, True), (3, False)])
def test_more_than_two_sheets_of_one_size_are_fields_of_a_form(count, found):
    photo = np.full((180, 500), 90, np.uint8)
    for left in range(40, 40 + 155 * count, 155):
        photo[40:140, left : left + 85] = 235
        photo[60:120, left + 38 : left + 47] = 40
    sheet = straighten(load_picture(photo))
    assert isinstance(sheet, Sheet) == found
    if found:
        tall, wide = sheet.pixels.shape
        np.testing.assert_allclose((tall, wide), (92, 76), atol=6)
        note = f"A sheet was found and cut out: {tall} rows tall and {wide} columns wide."
        assert sheet.steps[0].note == note + (" It is the largest of 2." if count == 2 else "")


def page(rng, text="5", shape=(400, 500), paper=225.0, pen=50.0):
    """Draw digits on paper that fills the picture."""
    sheet = np.full(shape, paper)
    draw_digits(sheet, text, pen, rng, int(min(0.6 * shape[0], 0.6 * shape[1] / len(text))))
    return sheet


def shaded(rng, blur):
    """Draw the shadow of a straight edge over a page."""
    sheet, cover = page(rng, "27"), np.ones((400, 500))
    edge = int(rng.uniform(100, 400))
    cv2.fillConvexPoly(
        cover, np.array([(0, 0), (edge, 0), (edge + 60, 400), (0, 400)]), rng.uniform(0.55, 0.8)
    )
    return sheet * cv2.GaussianBlur(cover, (0, 0), blur)


def boxed(rng):
    """Draw a box of any thickness round a digit."""
    sheet, far = page(rng), int(rng.uniform(20, 50))
    return cv2.rectangle(sheet, (far, far), (500 - far, 400 - far), 60.0, int(rng.uniform(2, 24)))


def fields(rng, light, dark):
    """Draw five boxes in a row: white fields on grey, or dark lines on white."""
    sheet = np.full((300, 600), light)
    for place in range(5):
        corners = (20 + 114 * place, 80), (122 + 114 * place, 220)
        cv2.rectangle(sheet, *corners, dark, -1 if dark > light else 4)
        draw_digits(sheet[80:220, corners[0][0] : corners[1][0]], str(rng.integers(10)), 40.0, rng, 70)
    return sheet


def lamp(rng):
    """Draw a page in the light of a lamp."""
    rows, columns = np.mgrid[:400, :500]
    away = np.hypot(rows - 200, columns - rng.uniform(150, 350))
    return page(rng) * (0.5 + 0.5 / (1 + np.exp((away - 170) / 15)))


def stroke(rng, ink, ground):
    """Draw a thick bar, as a 1 may be."""
    sheet = np.full((400, 300), ground)
    return cv2.rectangle(sheet, (110, 50), (110 + int(rng.uniform(8, 120)), 350), ink, -1)


def thick_zero(rng):
    """Draw a 0 with corners, as some write and every display shows."""
    return cv2.rectangle(np.full((400, 300), 230.0), (70, 60), (230, 340), 30.0, int(rng.uniform(30, 60)))


NO_TABLES = {
    "scan": page,
    "large digit": lambda rng: page(rng, "8")[70:330, 120:380],
    "number": lambda rng: page(rng, "2468"),
    "hard shadow": lambda rng: shaded(rng, 0.5),
    "soft shadow": lambda rng: shaded(rng, 12),
    "lamp": lamp,
    "box": boxed,
    "circle": lambda rng: cv2.circle(page(rng), (250, 200), 185, 60.0, int(rng.uniform(2, 20))),
    "boxes": lambda rng: fields(rng, 235.0, 60.0),
    "fields of a form": lambda rng: fields(rng, 160.0, 245.0),
    "board": lambda rng: page(rng, paper=50.0, pen=220.0),
    "dark bar": lambda rng: stroke(rng, 30.0, 230.0),
    "light bar": lambda rng: stroke(rng, 250.0, 5.0),
    "thick 0": thick_zero,
    "light thick 0": lambda rng: 255 - thick_zero(rng),
    "dark note without ink": lambda rng: cv2.rectangle(
        np.full((400, 500), 230.0), (90, 90), (390, 310), 60.0, -1
    ),
}


@pytest.mark.parametrize("name", NO_TABLES)
def test_what_is_no_sheet_is_not_touched(name):
    for seed in range(8):
        rng = np.random.default_rng(seed)
        drawn = cv2.GaussianBlur(NO_TABLES[name](rng), (0, 0), 0.8)
        drawn += rng.normal(0, 2, drawn.shape)
        picture = load_picture(np.clip(drawn, 0, 255).astype(np.uint8))
        assert straighten(picture) is picture


def test_mnist_is_not_touched():
    for image in mnist()[1][0][:300]:
        large = cv2.resize(image, (280, 280), interpolation=cv2.INTER_CUBIC)
        for pixels in (image, 255 - image, large, 255 - large):
            picture = load_picture(pixels)
            assert straighten(picture) is picture


SHAPES = st.one_of(
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=60), st.tuples(st.integers(1, 60), st.just(700))
)


@settings(max_examples=80, deadline=None)
@given(SHAPES, st.integers(0, 2**32 - 1), st.sampled_from(["noise", "blocks", "flat"]), st.booleans())
def test_any_picture_goes_through(shape, seed, kind, color):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (*shape, 3) if color else shape, dtype=np.uint8)
    if kind != "noise":
        pixels = np.full_like(pixels, rng.integers(256))
    for _ in range(12 if kind == "blocks" else 0):
        (top, bottom), (left, right) = (np.sort(rng.integers(0, side + 1, 2)) for side in shape)
        pixels[top:bottom, left:right] = rng.integers(256)
    picture = straighten(load_picture(pixels))
    height, width = picture.pixels.shape[:2]
    row, column, tall, wide = picture.upright_box(Box(0, 0, height, width))
    assert row >= 0 and column >= 0 and tall >= 1 and wide >= 1
    assert row + tall <= shape[0] and column + wide <= shape[1]
