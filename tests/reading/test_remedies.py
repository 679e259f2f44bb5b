"""What an error tells people to type makes a picture of what they hold."""

import io

import numpy as np
import pytest
from mnist_once import mnist
from PIL import Image

import digitlib
from digitlib import ImageError
from digitlib.reading.images import load_picture

LINES = 3
"""As many lines one after the other lead from a nested list to a picture: an array, its values, its shape."""


@pytest.fixture(scope="module")
def seven():
    (images, labels), _ = mnist()
    return images[labels == 7][0]


def png(picture):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "png")
    return file


def opened(picture, folder):
    path = folder / "seven.png"
    path.write_bytes(png(picture).getvalue())
    return path.open("rb")


class Tensor:
    """As those of TensorFlow and PyTorch: no array, but NumPy makes one of it."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)


def upload(picture):
    """What an ipywidgets.FileUpload gives."""
    return ({"name": "seven.png", "content": memoryview(png(picture).getvalue())},)


HELD = {
    "Pillow's image": lambda seven, _: Image.fromarray(seven),
    "Pillow's image of 16 bits": lambda seven, _: Image.fromarray(seven.astype(np.uint16) * 257),
    "Pillow's image of a file": lambda seven, folder: Image.open(opened(seven, folder).name),
    "bytes in memory": lambda seven, _: png(seven),
    "open file": opened,
    "upload": lambda seven, _: upload(seven),
    "list of files": lambda seven, folder: [opened(seven, folder).name],
    "list of pictures": lambda seven, _: [seven, seven],
    "list of lists": lambda seven, _: seven.tolist(),
    "list of lists of fractions": lambda seven, _: (seven / 255).tolist(),
    "tensor": lambda seven, _: Tensor(seven),
    "tensor of a batch": lambda seven, _: Tensor((seven / 255)[None, ..., None].astype(np.float32)),
    "batch of one": lambda seven, _: seven[None, :, :, None],
    "batch of two": lambda seven, _: np.stack([seven, 255 - seven]),
    "one gray channel first": lambda seven, _: seven[None],
    "flat": lambda seven, _: seven.ravel(),
    "whole numbers": lambda seven, _: seven.astype(np.int64),
    "16 bits": lambda seven, _: seven.astype(np.uint16) * 257,
    "fractions": lambda seven, _: (seven / 255).astype(np.float32),
    "fractions beyond black and white": lambda seven, _: seven / 255 * 1.0001 - 1e-5,
    "floats up to 255": lambda seven, _: seven.astype(np.float64),
    "floats beyond 255": lambda seven, _: seven * 1.001,
}


@pytest.mark.parametrize("held", HELD)
def test_who_types_what_the_error_says_gets_the_same_picture(held, seven, tmp_path):
    source = HELD[held](seven, tmp_path)
    for _ in range(LINES):
        with pytest.raises(ImageError, match="Try ") as caught:
            digitlib.read_digit(source)
        names = {"np": np, "source": source, "array": source}
        source = eval(str(caught.value).rpartition("Try ")[2], names)
        try:
            pixels = load_picture(source).pixels
            break
        except ImageError:
            continue
    np.testing.assert_array_equal(pixels if pixels.ndim == 2 else pixels[:, :, 0], seven)


@pytest.mark.parametrize("bits", [1, 8, 10, 12, 14, 16])
def test_white_is_the_largest_value_of_so_many_bits(bits):
    values = np.linspace(0, 2**bits - 1, 28 * 28).reshape(28, 28).astype(np.uint16)
    with pytest.raises(ImageError) as caught:
        load_picture(values)
    made = eval(str(caught.value).rpartition("Try ")[2], {"array": values})
    assert (made.dtype, made.min(), made.max()) == (np.uint8, 0, 255)


@pytest.mark.parametrize("count", [3, 4])
def test_several_pictures_are_told_from_colors_by_who_holds_them(count, seven):
    with pytest.raises(ImageError) as caught:
        load_picture(np.stack([seven] * count))
    advice = str(caught.value).rpartition("Try ")[2]
    assert advice == "array[0] with several pictures, np.moveaxis(array, 0, -1) with colors first"


def test_true_and_false_become_black_and_white():
    picture = np.eye(9, dtype=bool)
    with pytest.raises(ImageError) as caught:
        load_picture(picture)
    made = eval(str(caught.value).rpartition("Try ")[2], {"array": picture})
    np.testing.assert_array_equal(made, np.eye(9) * 255)


@pytest.mark.parametrize(
    "source",
    [
        None,
        object,
        Image.Image,
        {},
        np.full((5, 5), np.nan),
        np.full((5, 5), -1),
        np.full((5, 5), 80_000),
        np.uint8(3),
        [],
        [{"label": 7}],
        np.zeros((5, 0)),
        np.zeros((5, 5), complex),
        np.zeros((1, 5, 5, 1, 1), np.uint8),
        np.zeros((28, 0, 28), np.uint8),
        np.zeros(12, np.uint8),
        np.zeros(0, np.uint8),
        np.zeros((), np.uint8),
        np.zeros((5, 5, 2), np.uint8),
    ],
    ids=str,
)
def test_nothing_is_advised_where_nothing_is_known(source):
    with pytest.raises(ImageError) as caught:
        load_picture(source)
    assert "Try" not in str(caught.value)
