"""The demo without a browser: what the widgets do with pictures, and what they never do."""

import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

from digitlib import widgets
from digitlib.answers import WELCOME
from digitlib.data import load_samples
from digitlib.widgets import AnswerView, DemoApp, DrawingPad, PhotoPicker


def png(draw):
    page = np.full((300, 400), 255, np.uint8)
    draw(page)
    return cv2.imencode(".png", page)[1].tobytes()


ONE = png(lambda page: cv2.line(page, (200, 40), (200, 260), 0, 22))
SEVEN = png(lambda page: cv2.polylines(page, [np.array([[120, 50], [270, 50], [180, 260]])], False, 0, 22))


@pytest.fixture
def app():
    return DemoApp()


def from_browser(widget, *buffers):
    """Deliver a message as the browser sends it."""
    widget._handle_custom_msg({}, [memoryview(buffer) for buffer in buffers])


def test_the_demo_starts_with_an_invitation(app):
    assert app.answer is WELCOME


@pytest.mark.parametrize("name", ["picker", "pad"])
def test_a_picture_from_the_browser_is_read(app, name):
    from_browser(getattr(app, name), ONE)
    assert app.answer.reading.digit == 1


def test_a_picture_set_from_python_is_read(app):
    app.picker.data = SEVEN
    assert app.answer.reading.digit == 7


def test_every_sample_can_be_chosen_and_is_described(app):
    samples = load_samples()
    assert [value for _, value in app.samples.options[1:]] == [sample.path for sample in samples]
    for (label, _), sample in zip(app.samples.options[1:], samples, strict=True):
        assert label.startswith(sample.label or "No digit")
    sample = next(sample for sample in samples if len(sample.label) == 1)
    app.samples.value = sample.path
    assert app.samples.data == sample.path.read_bytes()
    assert app.answer.reading is not None


def test_the_newest_picture_counts_and_the_older_is_forgotten(app):
    app.picker.data = ONE
    app.pad.data = SEVEN
    assert app.answer.reading.digit == 7
    assert app.picker.data == b""
    app.samples.index = 1
    assert app.pad.data == b""
    app.picker.data = ONE
    assert app.answer.reading.digit == 1
    assert app.samples.index == 0


def test_a_cleared_pad_takes_its_answer_back(app):
    from_browser(app.pad, ONE)
    from_browser(app.pad)
    assert app.answer is WELCOME


def test_the_same_photo_can_be_chosen_again_after_a_drawing(app):
    for _ in range(2):
        from_browser(app.picker, ONE)
        assert app.answer.reading.digit == 1
        from_browser(app.pad, SEVEN)
        assert app.answer.reading.digit == 7


def test_a_bad_file_is_answered_in_words_and_the_demo_goes_on(app):
    app.picker.data = b"Dear diary"
    assert "text" in app.answer.sentence
    assert app.answer.reading is None
    app.picker.data = ONE
    assert app.answer.reading.digit == 1


def test_a_mistake_of_ours_is_said_plainly_logged_and_raised(app, monkeypatch, capfd):
    def broken(data):
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(widgets, "answer", broken)
    with pytest.raises(RuntimeError):
        app.picker.data = ONE
    assert "Something went wrong" in app.answer.sentence
    assert "secret" not in app.answer.sentence
    assert "RuntimeError: /secret/place" in capfd.readouterr().err


def test_the_page_is_told_each_answer_and_again_when_a_new_view_asks(app, monkeypatch):
    messages = []
    monkeypatch.setattr(AnswerView, "send", lambda self, content: messages.append(content))
    app.picker.data = ONE
    view = app.children[0].children[1]
    from_browser(view)
    assert len(messages) == 2
    assert messages[0] == messages[1]
    assert messages[0]["headline"] == "1"
    assert messages[0]["sentence"] == app.answer.sentence
    assert messages[0]["details"].count("<img") == 1


def parts(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts(child)


def test_no_picture_is_part_of_what_a_notebook_could_save(app):
    for source in (app.picker, app.pad):
        source.data = ONE
        for part in parts(app):
            state = part.get_state()
            assert not any(isinstance(value, bytes | memoryview) for value in state.values())
            assert "base64," not in str(state)


def test_the_demo_looks_the_same_in_every_stored_notebook(app):
    bundle = app._repr_mimebundle_()
    assert bundle["text/plain"] == "DemoApp()"
    assert "run this cell" in bundle["text/html"]
    assert not re.search("[0-9a-f]{8}", bundle["text/html"])


@pytest.mark.parametrize("kind", [PhotoPicker, DrawingPad])
def test_picker_and_pad_work_alone(kind):
    widget = kind()
    from_browser(widget, ONE)
    assert widget.data == ONE
    widget.clear()
    assert widget.data == b""


def test_nothing_in_the_browser_comes_from_another_host():
    files = sorted(widgets.STATIC.iterdir())
    assert {path.suffix for path in files} == {".js", ".css"}
    for path in files:
        assert not re.search(r"https?://|@import|//[a-z]+\.", path.read_text(encoding="utf-8")), path.name


def test_the_demo_needs_neither_tensorflow_nor_matplotlib():
    program = (
        "import sys, digitlib.widgets; digitlib.widgets.DemoApp(); "
        "print([name for name in ('tensorflow', 'keras', 'matplotlib') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
