"""The explorer without a browser: what it sends, and which image it knows of."""

import re
import subprocess
import sys

import numpy as np
import pytest

from digitlib.notebooks.own_network import SHIPPED
from digitlib.reading.network import load_recognizer
from digitlib.web.explorer import Explorer
from digitlib.web.network_file import network_bytes


@pytest.fixture
def sent(monkeypatch):
    """Everything that is sent to the browser: contents and buffers."""
    messages = []
    monkeypatch.setattr(
        Explorer, "send", lambda self, content, buffers=(): messages.append((content, buffers))
    )
    return messages


def from_browser(explorer, *buffers):
    """Deliver a message as the view sends it."""
    explorer._handle_custom_msg({}, [memoryview(buffer) for buffer in buffers])


def test_a_new_view_gets_the_network_and_digits_to_look_at(sent):
    explorer = Explorer(load_recognizer(SHIPPED))
    from_browser(explorer)
    content, (weights, pictures) = sent[0]
    assert weights == network_bytes(load_recognizer(SHIPPED))
    images = np.frombuffer(pictures, np.uint8).reshape(-1, 28, 28)
    names = content["names"]
    assert len(images) == len(names)
    assert {name[0] for name in names if "test set" in name} == set("0123456789")
    assert sum("sample" in name for name in names) > 10
    read = load_recognizer().probabilities(images / np.float32(255)).argmax(axis=1)
    assert np.mean([str(digit) == name[0] for digit, name in zip(read, names, strict=True)]) > 0.9
    np.testing.assert_allclose(explorer.image, images[0] / 255, atol=1e-6)


def test_the_image_that_is_looked_at_is_known_to_python():
    explorer, image = Explorer(), np.random.default_rng(0).random((28, 28), np.float32)
    from_browser(explorer, image.tobytes())
    np.testing.assert_array_equal(explorer.image, image)
    from_browser(explorer, b"no image")
    np.testing.assert_array_equal(explorer.image, image)


def test_no_picture_is_part_of_what_a_notebook_could_save():
    explorer = Explorer()
    before = str(explorer.get_state())
    from_browser(explorer, bytes(28 * 28 * 4))
    assert str(explorer.get_state()) == before


def test_the_explorer_looks_the_same_in_every_stored_notebook():
    bundle, _ = Explorer()._repr_mimebundle_()
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
