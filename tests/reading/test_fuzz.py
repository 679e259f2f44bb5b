"""Whatever comes in at the door, an answer or an ImageError comes out."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import digitlib
from digitlib.handwriting import paper, strokes


def first(answer):
    return answer if isinstance(answer, digitlib.Reading) else next(iter(answer))


READERS = pytest.mark.parametrize("read", [digitlib.read_digit, digitlib.read_number])


def photo(digit=7, side=260):
    """A digit on paper, not symmetric in any direction: (side, side + 40, 3)."""
    ink = strokes.draw_digit(
        digit, np.random.default_rng(2), "crossed_hooked" if digit == 7 else None, size=180
    )
    return paper.lay_ink(paper.blank((side, side + 40)), ink, 30, 50)


def encoded(form, **options):
    file = io.BytesIO()
    image = Image.fromarray(photo())
    image.convert("P" if form == "GIF" else "RGB").save(file, form, **options)
    return file.getvalue()


FILES = {form: encoded(form) for form in ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")}


def answered_or_refused(read, source):
    try:
        answer = read(source)
    except digitlib.ImageError as error:
        assert str(error)
        return
    readings = [answer] if isinstance(answer, digitlib.Reading) else list(answer)
    assert all(0 <= reading.digit <= 9 and 0 <= reading.confidence <= 1 for reading in readings)


@READERS
@pytest.mark.parametrize("form", sorted(FILES))
def test_every_format_is_read(read, form):
    answer = read(FILES[form])
    assert first(answer).digit == 7


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_read(orientation):
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = Image.fromarray(photo())
    if orientation in turns:
        image = image.transpose(turns[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif, quality=95)
    reading, upright = digitlib.read_digit(file.getvalue()), digitlib.read_digit(photo())
    assert reading.digit == 7
    np.testing.assert_allclose(reading.box, upright.box, atol=4)


@READERS
@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=400))
def test_any_bytes(read, data):
    answered_or_refused(read, data)


@READERS
@settings(max_examples=60, deadline=None)
@given(
    form=st.sampled_from(sorted(FILES)),
    places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=20),
    keep=st.floats(0.1, 1),
)
def test_damaged_files(read, form, places, keep):
    data = bytearray(FILES[form])
    for place, value in places:
        data[int(place * len(data))] = value
    answered_or_refused(read, bytes(data[: int(keep * len(data))]))


@READERS
@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(1, 1500),
    width=st.integers(1, 1500),
    seed=st.integers(0, 2**32 - 1),
    share=st.sampled_from([0.0, 0.001, 0.1, 0.5, 1.0]),
)
def test_noise_of_any_size(read, height, width, seed, share):
    rng = np.random.default_rng(seed)
    page = np.where(rng.random((height, width)) < share, rng.integers(0, 256, (height, width)), 230)
    answered_or_refused(read, page.astype(np.uint8))


@READERS
def test_a_hundred_megapixels(read):
    page = np.full((9_000, 12_000), 235, np.uint8)
    ink = strokes.draw_digit(3, np.random.default_rng(0), size=2_000)
    page[4_000:6_000, 3_000:5_000] -= (ink * 0.8).astype(np.uint8)
    answer = read(page)
    reading = first(answer)
    assert reading.digit == 3
    assert 4_000 < reading.box.row < 4_500


@READERS
def test_stripes_squares_and_checks_end(read):
    """Pictures with far more pieces and lines than any page."""
    rows, columns = np.mgrid[:1200, :1200]
    for page in (
        rows // 3 % 2,
        (rows // 3 + columns // 3) % 2,
        (rows % 9 == 0) | (columns % 9 == 0),
        rows % 7 > 4,
    ):
        answered_or_refused(read, (page * 200 + 20).astype(np.uint8))
