"""The explorer without a browser: what it sends, and that its numbers are the network's."""

import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

from digitlib.explaining import activations
from digitlib.web.explorer import TERMS, Explorer, LayersView, describe_sum


def png(draw):
    page = np.full((300, 400), 255, np.uint8)
    draw(page)
    return cv2.imencode(".png", page)[1].tobytes()


ONE = png(lambda page: cv2.line(page, (200, 40), (200, 260), 0, 22))
BLANK = png(lambda page: None)


@pytest.fixture
def sent(monkeypatch):
    """Everything that is sent to the browser: contents and buffers."""
    messages = []

    def send(self, content, buffers=()):
        if isinstance(self, LayersView):
            messages.append((content, buffers))

    monkeypatch.setattr(LayersView, "send", send)
    return messages


@pytest.fixture
def explorer(sent):
    return Explorer()


def from_browser(explorer, content):
    """Deliver a message as the view sends it."""
    explorer.children[1]._handle_custom_msg(content, [])


def test_the_maps_of_the_first_digit_are_sent_as_they_are(explorer, sent):
    content, buffers = sent[-1]
    assert "The network reads 0" in content["status"]
    maps = {"picture": explorer.image[..., None], **activations.feature_maps(explorer.image)}
    assert [layer["name"] for layer in content["layers"]] == list(maps)
    for layer, buffer, values in zip(content["layers"], buffers, maps.values(), strict=True):
        rows, columns, channels = layer["shape"]
        received = np.frombuffer(buffer, "<f4").reshape(channels, rows, columns)
        np.testing.assert_array_equal(received, values.transpose(2, 0, 1))


def test_a_new_view_is_told_the_same_again(explorer, sent):
    from_browser(explorer, {})
    assert sent[-1] == sent[-2]


def test_test_digits_and_samples_can_be_chosen(explorer, sent):
    names = [name for name, _ in explorer.menu.options]
    assert {name[0] for name in names if "test set" in name} == set("0123456789")
    assert sum("sample" in name for name in names) > 10
    read = []
    for place, name in enumerate(names):
        explorer.menu.index = place
        assert explorer.image.shape == (28, 28) and 0 <= explorer.image.min() <= explorer.image.max() <= 1
        read.append(f"reads {name[0]}" in sent[-1][0]["status"])
    assert np.mean(read) > 0.9


def test_a_drawing_takes_the_place_of_the_digit_until_it_is_cleared(explorer, sent):
    before = explorer.image
    explorer.pad.data = ONE
    assert "reads 1" in sent[-1][0]["status"]
    explorer.pad.data = b""
    np.testing.assert_array_equal(explorer.image, before)
    assert "reads 0" in sent[-1][0]["status"]


def test_a_drawing_without_ink_is_answered_in_words(explorer, sent):
    before = explorer.image
    explorer.pad.data = BLANK
    assert set(sent[-1][0]) == {"status"} and sent[-1][0]["status"]
    np.testing.assert_array_equal(explorer.image, before)


@pytest.mark.parametrize("layer", ["strokes_active", "strokes_pooled", "corners_2_active", "parts_2_active"])
def test_the_sum_of_a_pixel_adds_up_to_its_value(explorer, sent, layer):
    maps = activations.feature_maps(explorer.image)[layer]
    channel = int(maps.max(axis=(0, 1)).argmax())
    row, column = (int(place) for place in np.unravel_index(maps[..., channel].argmax(), maps.shape[:2]))
    from_browser(explorer, {"pixel": [layer, row, column, channel]})
    found = sent[-1][0]["sum"]
    assert found["value"] == pytest.approx(maps[row, column, channel], abs=1e-4)
    if layer.endswith("_pooled"):
        assert found["value"] == np.max(found["terms"][0]["patch"])
        return
    for term in found["terms"]:
        products = np.multiply(term["patch"], term["kernel"])
        assert products.sum() == pytest.approx(term["sum"], abs=1e-4)
    total = sum(term["sum"] for term in found["terms"]) + found["rest"] + found["bias"]
    assert total == pytest.approx(found["total"], abs=1e-4)


def test_the_weightiest_channels_are_written_out():
    pixel = activations.pixel_sum(np.eye(28), "corners_1_active", 5, 5, 3)
    sums = abs((pixel.patch * pixel.kernel).sum(axis=(0, 1)))
    described = describe_sum(pixel)
    assert [term["channel"] for term in described["terms"]] == np.argsort(-sums)[:TERMS].tolist()
    assert described["others"] == len(sums) - TERMS


def test_no_picture_is_part_of_what_a_notebook_could_save(explorer):
    explorer.pad.data = ONE
    for part in (explorer, *explorer.children, *explorer.children[0].children):
        state = part.get_state()
        assert not any(isinstance(value, bytes | memoryview | np.ndarray) for value in state.values())


def test_the_explorer_looks_the_same_in_every_stored_notebook(explorer):
    bundle = explorer._repr_mimebundle_()
    assert bundle["text/plain"] == "Explorer()"
    assert "run this cell" in bundle["text/html"]
    assert not re.search("[0-9a-f]{8}", bundle["text/html"])


def test_the_explorer_needs_neither_tensorflow_nor_matplotlib():
    program = (
        "import sys, digitlib.web.explorer; digitlib.web.explorer.Explorer(); "
        "print([name for name in ('tensorflow', 'keras', 'matplotlib') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
