"""What digitlib promises to those who build on it, tried from outside as they would."""

import inspect
import json
import subprocess
import sys

import numpy as np
import pytest

import digitlib

STEPS = ["grayscale", "invert", "threshold", "crop", "resize", "center", "normalize"]


def page(*columns):
    """A page with an upright bar, a 1, at each of these columns."""
    pixels = np.full((120, 320, 3), 230, np.uint8)
    for column in columns:
        pixels[25:95, column : column + 9] = 40
    return pixels


@pytest.fixture
def photo():
    return next(sample.path for sample in digitlib.load_samples() if sample.label == "7")


def test_a_reading(photo):
    for source in (photo, str(photo), photo.read_bytes()):
        reading = digitlib.read_digit(source)
        assert (reading.digit, reading.label) == (7, "7")
        assert type(reading.digit) is int and type(reading.certain) is bool
        assert 0 <= reading.confidence <= 1 and type(reading.confidence) is float
        assert reading.probabilities.shape == (10,) and reading.probabilities.dtype == np.float32
        assert reading.probabilities.sum() == pytest.approx(1, abs=1e-5)
        assert reading.classes == tuple("0123456789")
        assert reading.image.shape == (28, 28) and reading.image.dtype == np.float32
        assert 0 <= reading.image.min() <= reading.image.max() <= 1
        assert isinstance(reading.steps, tuple) and [step.name for step in reading.steps] == STEPS
        assert all(step.note and step.image.size for step in reading.steps)
        row, column, height, width = reading.box
        assert min(row, column) >= 0 and min(height, width) > 0


@pytest.mark.parametrize("shape", [(120, 320), (120, 320, 3), (120, 320, 4)])
def test_arrays_of_every_allowed_shape(shape):
    pixels = np.full(shape, 230, np.uint8)
    if shape[2:] == (4,):
        pixels[..., 3] = 255
    pixels[25:95, 150:159, ...] = 40 if len(shape) == 2 else [40, 40, 40, 255][: shape[2]]
    assert digitlib.read_digit(pixels).digit == 1


def test_a_number():
    number = digitlib.read_number(page(40, 150, 260))
    assert number.text == "111" and [reading.digit for reading in number] == [1, 1, 1]
    assert 0 <= number.confidence <= 1 and type(number.certain) is bool
    assert list(number.skipped) == []
    assert "network" in inspect.signature(digitlib.read_number).parameters


def test_mnist_as_keras_gives_it():
    (x_train, y_train), (x_test, y_test) = digitlib.load_mnist()
    assert (x_train.shape, y_train.shape) == ((60_000, 28, 28), (60_000,))
    assert (x_test.shape, y_test.shape) == ((10_000, 28, 28), (10_000,))
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}


def test_steps_can_be_left_out(photo):
    assert [step.name for step in digitlib.preprocess.trace(photo)] == STEPS
    for name in STEPS:
        left = [step.name for step in digitlib.preprocess.trace(photo, skip=[name])]
        assert left == [step for step in STEPS if step != name]


def test_errors_are_of_the_promised_kinds(tmp_path):
    assert issubclass(digitlib.ImageError, ValueError) and issubclass(
        digitlib.NoDigitError, digitlib.ImageError
    )
    with pytest.raises(digitlib.ImageError, match="Allowed are"):
        digitlib.read_digit(b"Dear diary")
    with pytest.raises(digitlib.NoDigitError):
        digitlib.read_digit(np.full((90, 90), 200, np.uint8))


def test_a_network_of_your_own_from_keras_to_an_answer(tmp_path, photo):
    from digitlib.reading.network import save_layers
    from digitlib.training import keras, to_layers

    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )
    save_layers(tmp_path / "digits.npz", to_layers(model))
    expected = model.predict(digitlib.read_digit(photo).image[None, ..., None], verbose=0)[0]
    for network in (tmp_path, tmp_path / "digits.npz", digitlib.load_recognizer(tmp_path)):
        reading = digitlib.read_digit(photo, network=network)
        np.testing.assert_allclose(reading.probabilities, expected, atol=1e-5)


def command(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "digitlib", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_json_on_the_command_line(photo, tmp_path):
    (tmp_path / "bad.png").write_bytes(b"Dear diary")
    done = command("read", "--json", photo, tmp_path / "bad.png")
    one, bad = map(json.loads, done.stdout.splitlines())
    assert done.returncode == 1
    assert one.keys() == {"file", "digit", "confidence", "certain", "probabilities"} and one["digit"] == 7
    assert bad.keys() == {"file", "error"}
    number = json.loads(command("read", "--json", "--number", photo).stdout)
    assert number.keys() == {"file", "text", "confidence", "certain", "digits"}


def test_importing_loads_nothing_heavy():
    code = "import digitlib, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split())
    heavy = {
        "tensorflow",
        "keras",
        "matplotlib",
        "ipywidgets",
        "IPython",
        "scipy",
        "sklearn",
        "jinja2",
        "nbformat",
    }
    assert "digitlib" in loaded and not heavy & loaded
