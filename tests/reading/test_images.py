"""Tests of digitlib.reading.images: every kind of picture file and array, and every kind of bad input."""

import io
import os
import struct
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from digitlib.reading import images
from digitlib.reading.images import MAX_BYTES, MAX_PIXELS, MAX_SIDE, load_picture
from digitlib.reading.picture import ImageError, NoDigitError, Picture


def encode(picture: Image.Image | np.ndarray, file_format: str, **options) -> bytes:
    if isinstance(picture, np.ndarray):
        picture = Image.fromarray(picture)
    file = io.BytesIO()
    picture.save(file, file_format, **options)
    return file.getvalue()


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def smooth(height: int, width: int) -> np.ndarray:
    """Return an RGB picture that JPEG keeps almost unchanged and that looks different after every turn."""
    rows, columns = np.mgrid[0:height, 0:width]
    layers = rows * 255 / height, columns * 255 / width, (rows + 2 * columns) * 255 / (height + 2 * width)
    return np.dstack(layers).astype(np.uint8)


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))


def assert_valid(picture: Picture) -> None:
    assert isinstance(picture, Picture)
    pixels = picture.pixels
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 2 or pixels.shape[2:] == (3,)
    assert pixels.flags.c_contiguous
    assert 1 <= max(pixels.shape[:2]) <= MAX_SIDE
    assert picture.scale >= 1
    assert max(picture.shape) == round(picture.scale * max(pixels.shape[:2]))
    assert min(picture.shape) == pytest.approx(picture.scale * min(pixels.shape[:2]), abs=picture.scale)
    if (picture.shape[0] - picture.shape[1]) * (pixels.shape[0] - pixels.shape[1]) < 0:
        raise AssertionError("shape and pixels are turned differently")


# --- formats and modes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF", "GIF"])
def test_gray_file_stays_gray(file_format):
    gray = np.arange(256, dtype=np.uint8).reshape(8, 32)
    picture = load_picture(encode(gray, file_format))
    assert_valid(picture)
    np.testing.assert_array_equal(picture.pixels, gray)
    assert (picture.shape, picture.scale) == ((8, 32), 1.0)


@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("PNG", {}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_color_file_keeps_its_values_in_rgb_order(file_format, options):
    color = noise(20, 30, 3)
    picture = load_picture(encode(color, file_format, **options))
    assert_valid(picture)
    np.testing.assert_array_equal(picture.pixels, color)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}])
def test_jpeg_agrees_with_opencv(options):
    data = encode(smooth(60, 100), "JPEG", quality=90, **options)
    expected = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    picture = load_picture(data)
    assert picture.shape == (60, 100)
    np.testing.assert_allclose(picture.pixels.astype(int), expected.astype(int), atol=3)


def test_gray_jpeg_stays_gray():
    assert load_picture(encode(smooth(60, 100)[:, :, 0], "JPEG")).pixels.shape == (60, 100)


def test_black_and_white_file():
    ink = noise(9, 17) > 127
    pixels = load_picture(encode(Image.fromarray(ink), "PNG")).pixels
    np.testing.assert_array_equal(pixels, np.where(ink, 255, 0))


def test_palette_file_is_rgb():
    indices = noise(8, 8) % 4
    palette = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 8, 7]], np.uint8)
    image = Image.fromarray(indices)
    image.putpalette(palette.tobytes())
    np.testing.assert_array_equal(load_picture(encode(image, "PNG")).pixels, palette[indices])


@pytest.mark.parametrize("extension", [".png", ".tif"])
def test_16_bit_gray_is_scaled(extension):
    deep = np.random.default_rng(0).integers(0, 65_536, (30, 40), dtype=np.uint16)
    deep[0, :4] = 0, 255, 256, 65_535
    data = cv2.imencode(extension, deep)[1].tobytes()
    pixels = load_picture(data).pixels
    np.testing.assert_array_equal(pixels, np.rint(deep / 257))


def test_16_bit_gray_in_either_byte_order():
    deep = np.array([[0, 257, 25_700, 65_535]], np.uint16)
    for mode in ("I;16", "I;16B"):
        stored = deep.astype("<u2" if mode == "I;16" else ">u2").tobytes()
        image = Image.frombytes(mode, (4, 1), stored)
        np.testing.assert_array_equal(load_picture(encode(image, "TIFF")).pixels, [[0, 1, 100, 255]])


@pytest.mark.parametrize("extension", [".png", ".tif"])
def test_16_bit_color_is_scaled(extension):
    deep = np.random.default_rng(0).integers(0, 65_536, (30, 40, 3), dtype=np.uint16)
    data = cv2.imencode(extension, deep[:, :, ::-1])[1].tobytes()
    np.testing.assert_allclose(load_picture(data).pixels, deep / 257, atol=1)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([[0, 128, 255]], np.int32), [[0, 128, 255]]),
        (np.array([[0, 257, 65_535]], np.int32), [[0, 1, 255]]),
        (np.array([[0, 0.5, 1]], np.float32), [[0, 128, 255]]),
        (np.array([[0, 12.4, 255]], np.float32), [[0, 12, 255]]),
        (np.array([[0, 0.75, 1.5]], np.float32), [[0, 1, 2]]),
        (np.array([[0, 1, 1]], np.int32), [[0, 1, 1]]),
        (np.array([[0, 256, 1_023]], np.int32), [[0, 64, 255]]),
        (np.array([[0, 1_024, 4_095]], np.int32), [[0, 64, 255]]),
        (np.array([[0, 4_096, 16_383]], np.int32), [[0, 64, 255]]),
        (np.array([[0, 16_384, 32_768]], np.int32), [[0, 64, 128]]),
    ],
)
def test_32_bit_gray_is_scaled_to_its_range(values, expected):
    np.testing.assert_array_equal(load_picture(encode(values, "TIFF")).pixels, expected)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, -1.0, 70_000.0])
def test_32_bit_gray_outside_its_range_is_refused(value):
    values = np.array([[0.5, value]], np.float32)
    with pytest.raises(ImageError, match=r"outside 0\.\.65,535"):
        load_picture(encode(values, "TIFF"))


@pytest.mark.parametrize("file_format", ["JPEG", "TIFF"])
def test_cmyk_inks_become_colors(file_format):
    inks = {(0, 0, 0, 0): "white", (0, 0, 0, 255): "black", (0, 255, 255, 0): "red", (255, 0, 0, 0): "cyan"}
    colors = {"white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "cyan": (0, 255, 255)}
    for ink, name in inks.items():
        pixels = load_picture(encode(Image.new("CMYK", (16, 8), ink), file_format)).pixels
        np.testing.assert_allclose(pixels, np.broadcast_to(colors[name], (8, 16, 3)), atol=2)


@pytest.mark.parametrize("mode", ["YCbCr", "LAB"])
def test_other_color_spaces_become_rgb(mode):
    gray_point = {"YCbCr": (150, 128, 128), "LAB": (150, 128, 128)}[mode]
    data = encode(Image.new(mode, (5, 4), gray_point), "TIFF")
    try:
        Image.open(io.BytesIO(data)).load()
    except OSError:  # a Pillow before 13 opens no YCbCr that is not packed
        assert (mode, int(Image.__version__.partition(".")[0]) < 13) == ("YCbCr", True)
        with pytest.raises(ImageError, match="damaged"):
            load_picture(data)
        return
    pixels = load_picture(data).pixels
    assert pixels.shape == (4, 5, 3)
    assert np.ptp(pixels.astype(int)) <= 3


def animation(file_format: str, **options) -> bytes:
    frames = [Image.fromarray(np.full((12, 18, 3), value, np.uint8)) for value in (40, 140, 240)]
    return encode(frames[0], file_format, save_all=True, append_images=frames[1:], **options)


@pytest.mark.parametrize(
    ("file_format", "options"), [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {}), ("TIFF", {})]
)
def test_first_frame_of_an_animation(file_format, options):
    data = animation(file_format, **options)
    assert Image.open(io.BytesIO(data)).n_frames == 3
    np.testing.assert_array_equal(np.unique(load_picture(data).pixels), [40])


# --- transparency ------------------------------------------------------------------------------------------


def over_white(color: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[..., np.newaxis] / 255 if color.ndim == 3 else alpha / 255
    return color * share + 255 * (1 - share)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF", "WEBP", None])
def test_transparency_is_laid_over_white(file_format):
    rgba = noise(20, 30, 4)
    rgba[:5, :, 3], rgba[5:10, :, 3] = 0, 255
    options = {"lossless": True, "exact": True} if file_format == "WEBP" else {}
    picture = load_picture(encode(rgba, file_format, **options) if file_format else rgba)
    assert_valid(picture)
    np.testing.assert_allclose(picture.pixels, over_white(rgba[:, :, :3], rgba[:, :, 3]), atol=1)
    assert (picture.pixels[:5] == 255).all()
    np.testing.assert_array_equal(picture.pixels[5:10], rgba[5:10, :, :3])


def test_gray_with_transparency_stays_gray():
    gray_alpha = noise(20, 30, 2)
    pixels = load_picture(encode(gray_alpha, "PNG")).pixels
    np.testing.assert_allclose(pixels, over_white(gray_alpha[:, :, 0], gray_alpha[:, :, 1]), atol=1)


@pytest.mark.parametrize("file_format", ["PNG", "GIF"])
def test_transparent_palette_entry_becomes_white(file_format):
    indices = noise(8, 8) % 3
    image = Image.fromarray(indices)
    image.putpalette([200, 0, 0, 0, 0, 200, 10, 20, 30])
    pixels = load_picture(encode(image, file_format, transparency=1)).pixels
    expected = np.array([[200, 0, 0], [255, 255, 255], [10, 20, 30]])[indices]
    np.testing.assert_array_equal(pixels, expected)


def test_half_transparent_palette_entry():
    image = Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, 0, 0, 0])
    pixels = load_picture(encode(image, "PNG", transparency=bytes([255, 128]))).pixels
    np.testing.assert_allclose(pixels, np.full((4, 4, 3), 127), atol=1)


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "I;16"])
def test_one_transparent_value_becomes_paper(mode):
    color = {"1": 0, "L": 7, "RGB": (1, 2, 3), "I;16": 700}[mode]
    image = Image.new(mode, (6, 4), color)
    ink = {"1": 1, "L": 0, "RGB": (0, 0, 0), "I;16": 0}[mode]
    image.putpixel((0, 0), ink)
    pixels = load_picture(encode(image, "PNG", transparency=color)).pixels
    ink, paper = (255, 0) if mode == "1" else (0, 255)  # white ink is laid over black
    assert (pixels[1:] == paper).all()
    assert (pixels[0, 0] == ink).all()


@pytest.mark.parametrize(
    ("share", "tone", "paper"),
    [
        (0.3, 255, 0),
        (0.3, 140, 0),
        (0.3, 115, 255),
        (0.3, 0, 255),
        (0.46, 255, 0),
        (0.54, 255, 255),
        (0.004, 255, 0),
        (0.0, 255, 255),
    ],
)
@pytest.mark.parametrize("layers", [1, 3])
def test_only_a_little_light_ink_is_laid_over_black(share, tone, paper, layers):
    """It was drawn on a dark screen; what is opaque for the most part is a picture with a margin."""
    rgba = np.full((20, 50, layers + 1), tone, np.uint8)
    rgba[..., -1] = np.where(np.arange(1_000).reshape(20, 50) < share * 1_000, 255, 0)
    pixels = load_picture(encode(rgba, "PNG")).pixels
    opaque = rgba[..., -1] > 0
    assert (pixels[~opaque] == paper).all() and (pixels[opaque] == tone).all()


# --- orientation -------------------------------------------------------------------------------------------

# From the EXIF standard, tag 274: the side of the upright picture where the first stored row and column lie.
EXIF_SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}


def stored_as(upright: np.ndarray, orientation: int) -> np.ndarray:
    first_row, first_column = EXIF_SIDES[orientation]
    stored = upright if first_row in ("top", "bottom") else upright.swapaxes(0, 1)
    if first_row in ("bottom", "right"):
        stored = stored[::-1]
    if first_column in ("bottom", "right"):
        stored = stored[:, ::-1]
    return np.ascontiguousarray(stored)


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[274] = orientation
    return tags


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_every_orientation_comes_out_upright(file_format, options, orientation):
    upright = smooth(24, 40)
    data = encode(stored_as(upright, orientation), file_format, exif=exif(orientation), **options)
    picture = load_picture(data)
    assert_valid(picture)
    assert picture.shape == (24, 40)
    tolerance = 4 if file_format == "JPEG" else 0
    np.testing.assert_allclose(picture.pixels.astype(int), upright.astype(int), atol=tolerance)


TURNED_JPEGS = [("JPEG", orientation) for orientation in range(1, 9)]


@pytest.mark.parametrize(("file_format", "orientation"), [*TURNED_JPEGS, ("PNG", 6), ("PNG", 4)])
def test_orientation_of_a_shrunk_picture(file_format, orientation):
    upright = smooth(901, 3200)
    data = encode(stored_as(upright, orientation), file_format, exif=exif(orientation))
    picture = load_picture(data)
    assert_valid(picture)
    assert picture.shape == (901, 3200)
    rows, columns = picture.pixels.shape[:2]
    expected = cv2.resize(upright, (columns, rows), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(picture.pixels.astype(int), expected.astype(int), atol=8)


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_unknown_orientation_leaves_the_picture_as_it_is(orientation):
    upright = smooth(24, 40)
    np.testing.assert_array_equal(
        load_picture(encode(upright, "PNG", exif=exif(orientation))).pixels, upright
    )


@pytest.mark.parametrize("block", [b"Exif\0\0garbage", b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\x12\x01" * 40])
def test_damaged_exif_neither_stops_nor_shows(block):
    data = encode(smooth(24, 40), "JPEG", exif=block)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_picture(data).shape == (24, 40)


def test_damaged_exif_in_png_text_does_not_stop():
    remarks = PngInfo()
    remarks.add_text("Raw profile type exif", "\nexif\n4\nno hexadecimal number")
    upright = smooth(24, 40)
    np.testing.assert_array_equal(load_picture(encode(upright, "PNG", pnginfo=remarks)).pixels, upright)


# --- arrays and size ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1), (7, 5), (7, 5, 3), (1, 1, 3), (28, 28, 3)])
def test_array_comes_back_as_a_copy(shape):
    array = noise(*shape)
    before = array.copy()
    picture = load_picture(array)
    np.testing.assert_array_equal(picture.pixels, array)
    assert (picture.shape, picture.scale) == (shape[:2], 1.0)
    picture.pixels[:] = 0
    np.testing.assert_array_equal(array, before)


def test_array_with_one_layer_is_gray():
    array = noise(7, 5, 1)
    np.testing.assert_array_equal(load_picture(array).pixels, array[:, :, 0])


@pytest.mark.parametrize(
    "view",
    [
        lambda array: array[::-1, ::-1],
        lambda array: array[::2, 1::3],
        lambda array: array.swapaxes(0, 1),
        lambda array: array[:, :, ::-1],
        np.asfortranarray,
    ],
)
def test_array_may_be_a_view(view):
    array = view(noise(12, 9, 3))
    array.setflags(write=False)
    np.testing.assert_array_equal(load_picture(array).pixels, array)


@pytest.mark.parametrize("shape", [(4096, 512), (256, 8192, 3)])
@pytest.mark.parametrize("as_file", [False, True])
def test_shrinking_averages_areas(shape, as_file):
    array = noise(*shape)
    picture = load_picture(encode(array, "PNG", compress_level=1) if as_file else array)
    side = max(shape) // MAX_SIDE
    blocks = array.reshape(shape[0] // side, side, shape[1] // side, side, *shape[2:]).mean(axis=(1, 3))
    assert (picture.shape, picture.scale) == (shape[:2], side)
    np.testing.assert_allclose(picture.pixels, blocks, atol=1)


def test_shrinking_by_a_fraction():
    array = np.zeros((2500, 2500), np.uint8)
    array[::2] = 200
    picture = load_picture(array)
    assert picture.pixels.shape == (MAX_SIDE, MAX_SIDE)
    assert picture.scale == pytest.approx(2500 / MAX_SIDE)
    assert picture.pixels.mean() == pytest.approx(100, abs=1)


def test_nothing_is_shrunk_up_to_the_longest_side():
    assert load_picture(noise(3, MAX_SIDE)).scale == 1.0
    assert load_picture(noise(3, MAX_SIDE + 1)).pixels.shape == (3, MAX_SIDE)


@pytest.mark.parametrize("shape", [(1, 30_000), (30_000, 1), (30_000, 2, 3)])
def test_very_long_picture(shape):
    assert_valid(load_picture(np.full(shape, 90, np.uint8)))


def test_large_jpeg_agrees_with_averaging_the_whole():
    upright = cv2.GaussianBlur(noise(3024, 4032, 3), (0, 0), 8)
    data = encode(upright, "JPEG", quality=90)
    picture = load_picture(data)
    assert (picture.shape, picture.pixels.shape, picture.scale) == ((3024, 4032), (1512, 2016, 3), 2.0)
    expected = cv2.resize(upright, (2016, 1512), interpolation=cv2.INTER_AREA)
    np.testing.assert_allclose(picture.pixels.astype(int), expected.astype(int), atol=12)


def test_a_108_megapixel_photo_is_allowed_without_a_warning():
    data = encode(Image.new("L", (12_000, 9_000), 180), "JPEG", quality=50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = load_picture(data)
    assert_valid(picture)
    assert picture.shape == (9_000, 12_000)
    assert (picture.pixels == 180).all()


def test_repr_is_short():
    assert repr(load_picture(noise(20, 30, 3))) == "Picture(RGB, shape=(20, 30), pixels=(20, 30), scale=1)"


# --- ways to name a picture --------------------------------------------------------------------------------


def test_path_text_and_bytes_give_the_same(tmp_path):
    data = encode(noise(20, 30, 3), "PNG")
    path = tmp_path / "Ziffer sieben \N{FULLWIDTH DIGIT SEVEN}.jpg"  # the extension is not asked
    path.write_bytes(data)
    expected = load_picture(data).pixels
    for source in (path, str(path), bytearray(data), memoryview(data)):
        np.testing.assert_array_equal(load_picture(source).pixels, expected)


def test_threads_get_the_same_pictures_and_leave_the_warning_filters():
    files = [encode(noise(40, 50, 3), kind) for kind in ("PNG", "JPEG", "BMP", "TIFF", "WEBP", "GIF")] * 50
    filters = list(warnings.filters)
    usual_interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(load_picture, files))
    finally:
        sys.setswitchinterval(usual_interval)
    for data, picture in zip(files, together, strict=True):
        np.testing.assert_array_equal(picture.pixels, load_picture(data).pixels)
    assert list(warnings.filters) == filters


# --- bad input ---------------------------------------------------------------------------------------------


def test_the_errors_are_value_errors():
    assert issubclass(ImageError, ValueError)
    assert issubclass(NoDigitError, ImageError)


HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"hello", "only text"),
        ("fünf".encode(), "only text"),
        (b"\0\1\2\xff", "not a picture that is known here"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG drawing"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "damaged or incomplete"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "damaged or incomplete"),
        (encode(noise(9, 9, 3), "AVIF"), "AVIF picture"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF document"),
        (b"RIFF\x24\0\0\0WAVEfmt \xff", "not a picture that is known here"),
        (b"\xff\xd8\xff", "damaged or incomplete"),
        (b"\x89PNG\r\n\x1a\n", "damaged or incomplete"),
        (b"GIF89a", "damaged or incomplete"),
        (b"BM", "damaged or incomplete"),
        (b"RIFF\xff\0\0\0WEBP", "damaged or incomplete"),
        (b"II*\0", "damaged or incomplete"),
        (b"MM\0*", "damaged or incomplete"),
        (b"MM*\0\xff", "not a picture that is known here"),
        (b"a\0b", "not a picture that is known here"),
        (b"\xff" * 1_020 + b"%PDF", "PDF document"),
        (b"\xff" * 1_021 + b"%PDF", "not a picture that is known here"),
        *((b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0", "damaged or incomplete") for brand in HEIC_BRANDS),
    ],
)
def test_bytes_that_are_no_picture(data, message):
    with pytest.raises(ImageError, match=f"^the picture is .*{message}.* Allowed are JPEG, PNG"):
        load_picture(data)


def heic():
    """A picture as an iPhone stores it: left half dark, right half light."""
    pillow_heif = pytest.importorskip("pillow_heif")
    image = Image.fromarray(np.repeat(np.uint8([[40] * 32 + [220] * 32]), 48, axis=0)).convert("RGB")
    stream = io.BytesIO()
    pillow_heif.from_pillow(image).save(stream, quality=95)
    return stream.getvalue()


def test_a_photo_of_an_iphone_is_read():
    picture = load_picture(heic())
    assert picture.shape == (48, 64)
    np.testing.assert_allclose(picture.pixels[:, [8, 56]].mean(axis=(0, 2)), [40, 220], atol=4)
    with pytest.raises(ImageError, match="damaged or incomplete"):
        load_picture(heic()[:200])


def test_without_the_extra_a_photo_of_an_iphone_is_named(monkeypatch):
    data = heic()
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match=r'Save it as JPEG first, or .* pip install "digitlib\[heic\]"'):
        load_picture(data)


@pytest.mark.parametrize("source", [None, 5, 3.5, True, object(), [[0, 1]], (1, 2), {}, np.uint8(3), Picture])
def test_values_that_name_no_picture(source):
    with pytest.raises(ImageError, match=r"a value of type .* is not a picture. Allowed are the path"):
        load_picture(source)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((0, 5), np.uint8), "no pixels: 0 high, 5 wide"),
        (np.zeros((5, 0, 3), np.uint8), "no pixels: 5 high, 0 wide"),
        (np.zeros((), np.uint8), r"shape \(\)"),
        (np.zeros(5, np.uint8), r"shape \(5,\)"),
        (np.zeros((5, 5, 2), np.uint8), r"shape \(5, 5, 2\)"),
        (np.zeros((3, 5, 5), np.uint8), r"shape \(3, 5, 5\)"),
        (np.zeros((1, 5, 5, 3), np.uint8), r"shape \(1, 5, 5, 3\)"),
        (np.zeros((5, 5)), r"holds float64 values.*\* 255"),
        (np.full((5, 5), np.nan, np.float32), "holds float32 values"),
        (np.full((5, 5), np.inf), "holds float64 values"),
        (np.zeros((5, 5), bool), r"holds bool values.*astype"),
        (np.zeros((5, 5), np.int64), "holds int64 values. Allowed are uint8"),
        (np.zeros((5, 5), object), "holds object values"),
        (np.array([["a"]]), "holds <U1 values"),
    ],
)
def test_bad_array(array, message):
    with pytest.raises(ImageError, match=f"^the array .*{message}"):
        load_picture(array)


def test_array_with_too_many_pixels():
    array = np.broadcast_to(np.uint8(0), (12_001, 10_000))
    with pytest.raises(ImageError, match=r"too large: 12,001 pixels high, 10,000 wide. Allowed are 120"):
        load_picture(array)


def oversized(file_format: str) -> bytes:
    """Return a small file whose header promises far too many pixels."""
    if file_format == "PNG":  # a real bomb: 400 million pixels in 50 KB
        packed = zlib.compress(bytes(20_000 * 2_501), 9)
        return png_header(20_000, 20_000) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")
    options = {"lossless": True} if file_format == "WEBP" else {}
    data = bytearray(encode(Image.new("L", (8, 8)), file_format, **options))
    if file_format == "JPEG":
        start = data.index(b"\xff\xc0")
        data[start + 5 : start + 9] = struct.pack(">HH", 60_000, 60_000)
    elif file_format == "GIF":
        data[6:10] = struct.pack("<HH", 60_000, 60_000)
    elif file_format == "BMP":
        data[18:26] = struct.pack("<ii", 30_000, 30_000)
    elif file_format == "TIFF":
        for tag in (256, 257):
            place = data.index(struct.pack("<H", tag), 8)
            data[place : place + 12] = struct.pack("<HHII", tag, 4, 1, 30_000)
    else:
        data[21:25] = struct.pack("<I", 16_382 | 16_382 << 14)
    return bytes(data)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_too_many_pixels_are_refused_before_decoding(file_format):
    data = oversized(file_format)
    assert len(data) < 60_000
    no_memory = patch.object(Image.core, "new", side_effect=AssertionError("decoded"))
    with no_memory, pytest.raises(ImageError, match="too large"):
        load_picture(data)


def test_pixel_limit_is_exact():
    no_pixels = png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b"")
    with pytest.raises(ImageError, match="damaged"):  # the size passes; there are no pixels behind it
        load_picture(png_header(MAX_PIXELS // 10_000, 10_000) + no_pixels)
    with pytest.raises(ImageError, match="too large: 10,001 pixels high, 12,000 wide"):
        load_picture(png_header(MAX_PIXELS // 10_000, 10_001) + no_pixels)


@pytest.mark.parametrize("shape", [(1, 65_536), (65_536, 1, 3)])
def test_side_limit_is_exact(shape):
    with pytest.raises(ImageError, match=r"too large.* and 65,535 along one side"):
        load_picture(np.zeros(shape, np.uint8))
    assert_valid(load_picture(np.zeros(shape, np.uint8)[:65_535, :65_535]))


def test_file_with_too_many_bytes(tmp_path):
    path = tmp_path / "film.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ImageError, match=r"too large\. Allowed are files of at most 100 MB"):
        load_picture(path)


@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.8, 0.97])
@pytest.mark.parametrize(
    ("file_format", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("WEBP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_cut_off_file_is_refused(file_format, options, share):
    data = encode(noise(90, 120, 3), file_format, **options)
    with pytest.raises(ImageError, match="damaged or incomplete"):
        load_picture(data[: int(len(data) * share)])


def test_cut_off_large_jpeg_is_refused():
    data = encode(smooth(2400, 3200), "JPEG")
    with pytest.raises(ImageError, match="damaged or incomplete"):
        load_picture(data[: len(data) // 2])


def test_out_of_memory_is_said():
    array = noise(5, 5)
    with patch.object(np, "array", side_effect=MemoryError), pytest.raises(ImageError, match="memory"):
        load_picture(array)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.png", "'missing.png' does not exist"),
        ("folder", "'folder' is a folder"),
        ("folder/missing.png", "'folder/missing.png' does not exist"),
        ("notes.txt", "'notes.txt' is only text"),
        ("empty.png", "'empty.png' is empty"),
        ("nul\0.png", r"'nul\\x00.png' does not exist"),
        ("\udc80.png", r"'\\udc80.png' does not exist"),
        ("notes.txt/x.png", "'notes.txt/x.png' does not exist"),
        ("https://example.org/7.png", "'https://example.org/7.png' is an address"),
        ("x" * 5_000, r"'x{197}\.\.\.' "),
    ],
)
@pytest.mark.parametrize("kind", [str, Path])
def test_bad_path(tmp_path, monkeypatch, kind, name, message):
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("notes.txt").write_text("dear diary", encoding="utf-8")
    Path("empty.png").touch()
    if kind is Path and "://" in name:  # a Path keeps one slash
        message = "'https:/example.org/7.png' does not exist"
    with pytest.raises(ImageError, match=message) as caught:
        load_picture(kind(name))
    assert str(tmp_path) not in str(caught.value)
    str(caught.value).encode("utf-8")  # can be printed


def test_file_without_permission(tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(encode(noise(5, 5), "PNG"))
    closed = patch.object(Path, "open", side_effect=PermissionError(13, "Permission denied", str(path)))
    with closed, pytest.raises(ImageError, match="may not be read: permission denied"):
        load_picture(path)


def test_disk_that_fails(tmp_path):
    path = tmp_path / "seven.png"
    path.touch()
    failing = patch.object(Path, "open", side_effect=OSError(5, "Input/output error"))
    with failing, pytest.raises(ImageError, match="cannot be read: Input/output error"):
        load_picture(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="only POSIX systems have pipes as files")
def test_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ImageError, match="not an ordinary file"):
        load_picture(tmp_path / "pipe")


# --- anything at all ---------------------------------------------------------------------------------------


def assert_picture_or_image_error(source: object) -> None:
    """Load under a low pixel limit, so that an invented header does not cost gigabytes."""
    with patch.object(images, "MAX_PIXELS", 10**6), warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        try:
            picture = load_picture(source)
        except ImageError as error:
            assert str(error)
            assert "object at 0x" not in str(error)
        else:
            assert_valid(picture)
    assert not remarks


SIGNATURES = [
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"BM",
    b"RIFF\xff\0\0\0WEBP",
    b"II*\0\x08\0\0\0",
    b"MM\0*\0\0\0\x08",
]
REAL_FILES = [
    encode(smooth(17, 23), "JPEG", exif=exif(6)),
    encode(smooth(17, 23), "JPEG", progressive=True),
    encode(noise(7, 9, 4), "PNG", exif=exif(3)),
    encode(Image.fromarray(noise(7, 9)).convert("P"), "PNG", transparency=1),
    encode(noise(7, 9).astype(np.uint16) * 250, "PNG"),
    animation("GIF", transparency=0),
    encode(noise(7, 9, 3), "BMP"),
    animation("WEBP"),
    encode(noise(7, 9, 4), "WEBP", lossless=True, exif=exif(8)),
    encode(noise(7, 9, 3), "TIFF", exif=exif(5)),
    encode(noise(7, 9, 3), "TIFF", compression="tiff_lzw"),
    encode(noise(7, 9).astype(np.float32), "TIFF", compression="tiff_adobe_deflate"),
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([b"", *SIGNATURES]), st.binary(max_size=300))
def test_any_bytes(start, rest):
    assert_picture_or_image_error(start + rest)


@st.composite
def damaged_files(draw) -> bytes:
    data = bytearray(draw(st.sampled_from(REAL_FILES)))
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, len(data) - 1))
        change = draw(st.sampled_from(["set", "insert", "cut", "copy"]))
        if change == "set":
            data[place] = draw(st.integers(0, 255))
        elif change == "insert":
            data[place:place] = draw(st.binary(min_size=1, max_size=8))
        elif change == "cut":
            del data[place : place + draw(st.integers(1, 16))]
        else:
            data[place:place] = data[place : place + draw(st.integers(1, 64))]
        if not data:
            break
    return bytes(data)


@settings(max_examples=500, deadline=None)
@given(damaged_files())
def test_any_damaged_file(data):
    assert_picture_or_image_error(data)


@settings(max_examples=300, deadline=None)
@given(
    npst.arrays(
        dtype=st.one_of(st.just(np.dtype(np.uint8)), npst.scalar_dtypes()),
        shape=npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=8),
    )
)
def test_any_array(array):
    assert_picture_or_image_error(array)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=40), st.none(), st.integers(), st.floats(), st.lists(st.integers())))
@example("")
@example("~")
def test_any_other_value(source):
    assert_picture_or_image_error(source)


@pytest.mark.parametrize(("shape", "kind"), [((40, 30), "grey"), ((40, 30, 3), "RGB")])
def test_a_picture_says_what_it_is(shape, kind):
    picture = load_picture(np.full(shape, 200, np.uint8))
    assert repr(picture).startswith(f"Picture({kind}, shape=(40, 30), ")
