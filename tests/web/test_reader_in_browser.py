"""The reader in the browser against Python's: crop, resize, center and network, on a thousand drawings."""

import base64
import json

import numpy as np
import pytest
from web.drawings import PAD, drawing
from web.served import started_browser

from digitlib.notebooks.own_network import SHIPPED
from digitlib.reading.images import load_picture
from digitlib.reading.layers import Layer
from digitlib.reading.network import Recognizer, load_recognizer
from digitlib.reading.normalize import prepare_digit
from digitlib.web.assets import script
from digitlib.web.network_file import network_bytes

DRAWINGS, AT_A_TIME = 1_000, 250
RUN = """
const letters = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
// Numbers as text: a million single ones take minutes on their way out of the browser.
const packed = (values) => letters(new Uint8Array(Float32Array.from(values).buffer));
const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer;
window.forward = (network, images) => {
  const known = readNetwork(bytesOf(network));
  return images.map((image) => [...outputs(known, image).at(-1).values]);
};
window.read = async (drawings, network, [width, height]) => {
  const known = readNetwork(bytesOf(network));
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.lineCap = context.lineJoin = "round";
  const found = [];
  for (const strokes of drawings) {
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    for (const stroke of strokes) drawStroke(context, stroke);
    const digits = prepareDrawing(context.getImageData(0, 0, width, height));
    const png = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    const images = digits.map(({ image }) => packed(image));
    const probabilities = digits.map(({ image }) => packed(outputs(known, image).at(-1).values));
    found.push({ images, probabilities, png: letters(png) });
  }
  return found;
};
"""


@pytest.fixture(scope="module")
def page():
    with started_browser() as browser:
        page = browser.new_page()
        page.set_content("<!doctype html>")
        page.evaluate(
            "text => document.head.append("
            "Object.assign(document.createElement('script'), { text, type: 'module' }))",
            script("demo") + RUN,
        )
        page.wait_for_function("!!window.read")
        yield page


def encoded(network):
    return base64.b64encode(network_bytes(network)).decode("ascii")


def unpacked(text):
    return np.frombuffer(base64.b64decode(text), "<f4")


def test_a_thousand_drawings_are_prepared_and_read_as_in_python(page):
    rng, network = np.random.default_rng(3), load_recognizer()
    pixels, chances = [], []
    for _ in range(DRAWINGS // AT_A_TIME):
        drawings = [drawing(digit % 10, rng) for digit in range(AT_A_TIME)]
        for found in page.evaluate("all => read(...all)", [drawings, encoded(network), PAD]):
            here = prepare_digit(load_picture(base64.b64decode(found["png"]))).image
            there = unpacked(found["images"][0]).reshape(28, 28)
            pixels.append(np.abs(here - there).max())
            expected = network.probabilities(here[None])[0]
            chances.append(np.abs(expected - unpacked(found["probabilities"][0])).max())
    assert len(pixels) == DRAWINGS
    assert max(pixels) < 2.5 / 255, "two grey levels of 255 at most"
    assert max(chances) < 0.02


@pytest.mark.parametrize("path", [None, SHIPPED], ids=["shipped", "lesson 3"])
def test_a_network_answers_as_in_python(page, path):
    network = load_recognizer(path) if path else load_recognizer()
    images = np.random.default_rng(0).random((20, 28, 28), np.float32) ** 3
    found = page.evaluate("all => forward(...all)", [encoded(network), images.reshape(20, -1).tolist()])
    np.testing.assert_allclose(found, network.probabilities(images), atol=0.003)


def test_every_kind_of_layer_answers_as_in_python(page):
    rng = np.random.default_rng(1)

    def random(*shape):
        return rng.normal(0, 0.3, shape).astype(np.float32)

    layers = [
        Layer("a", "Conv2D", {"kernel": random(3, 3, 1, 5), "padding": "same", "strides": [2, 2]}),
        Layer("b", "ReLU", {}),
        Layer("c", "BatchNormalization", {"scale": random(5), "offset": random(5)}),
        Layer("d", "AveragePooling2D", {"size": [2, 2]}),
        Layer("e", "Conv2D", {"kernel": random(2, 2, 5, 4), "bias": random(4), "padding": "same"}),
        Layer("f", "MaxPooling2D", {"size": [3, 3]}),
        Layer("g", "Flatten", {}),
        Layer("h", "Dense", {"kernel": random(16, 12)}),
        Layer("i", "Softmax", {}),
    ]
    network = Recognizer(layers, {"classes": list("0123456789AB")})
    images = rng.random((3, 28, 28), np.float32)
    found = page.evaluate("all => forward(...all)", [encoded(network), images.reshape(3, -1).tolist()])
    np.testing.assert_allclose(found, network.probabilities(images), atol=0.003)
    assert json.loads(network_bytes(network).partition(b"\n")[0])["classes"][-1] == "B"


@pytest.mark.parametrize("digits", [[2, 0, 7], list(range(10))])
def test_the_digits_of_a_number_are_found_in_reading_order(page, digits):
    rng, size = np.random.default_rng(8), 380 / len(digits)
    strokes = []
    for place, digit in enumerate(digits):
        corner = 20 + place * 620 / len(digits), 200
        strokes += drawing(digit, rng, size=size, corner=corner, width=0.08 * size)
    (found,) = page.evaluate("all => read(...all)", [[strokes], encoded(load_recognizer()), PAD])
    assert [int(np.argmax(unpacked(one))) for one in found["probabilities"]] == digits


def test_an_empty_pad_holds_no_digit(page):
    (found,) = page.evaluate("all => read(...all)", [[[]], encoded(load_recognizer()), PAD])
    assert found["images"] == []
