"""The demo without a browser: what the widgets do with pictures, and what they never do."""

import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

from digitlib.data import load_samples
from digitlib.notebooks.own_network import SHIPPED
from digitlib.reading.network import ModelError, Recognizer, load_recognizer
from digitlib.reading.normalize import STEP_NAMES
from digitlib.reading.reader import read_digit
from digitlib.web import widgets
from digitlib.web.answer_html import looked_html
from digitlib.web.answers import NO_NETWORK, WELCOME
from digitlib.web.widgets import AnswerView, DemoApp, DrawingPad, PhotoPicker


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


def choose(app, name):
    """Choose a sample as the browser does."""
    app.samples._handle_custom_msg({"name": name}, [])


def test_every_sample_can_be_chosen_and_is_described(app):
    samples = {sample.path.name: sample for sample in load_samples()}
    listed = {name: words for _, group in app.samples.groups for name, words in group}
    assert set(listed) == set(samples)
    assert [heading for heading, _ in app.samples.groups] == ["One digit", "Several digits", "No digit"]
    assert all(listed[name].startswith(sample.label) for name, sample in samples.items())
    sample = next(sample for sample in samples.values() if len(sample.label) == 1)
    choose(app, sample.path.name)
    assert app.samples.data == sample.path.read_bytes()
    assert app.answer.reading is not None
    choose(app, "")
    assert app.answer is WELCOME


@pytest.mark.parametrize("name", ["../labels.csv", "labels.csv", "/etc/passwd", None, 7, ["a"]])
def test_nothing_but_a_sample_can_be_chosen(app, name):
    choose(app, name)
    assert app.samples.data == b""


def test_the_newest_picture_counts_and_the_older_is_forgotten(app):
    app.picker.data = ONE
    app.pad.data = SEVEN
    assert app.answer.reading.digit == 7
    assert app.picker.data == b""
    choose(app, load_samples()[0].path.name)
    assert app.pad.data == b""
    app.picker.data = ONE
    assert app.answer.reading.digit == 1
    assert app.samples.data == b""


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
    def broken(data, skip, network):
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(widgets, "answer", broken)
    with pytest.raises(RuntimeError):
        app.picker.data = ONE
    assert "Something went wrong" in app.answer.sentence
    assert "secret" not in app.answer.sentence
    assert "RuntimeError: /secret/place" in capfd.readouterr().err


def test_a_missing_network_is_said_at_once_and_after_each_picture(monkeypatch, capfd):
    def missing(*_):
        raise ModelError("/secret/digits.npz is missing")

    monkeypatch.setattr(widgets, "load_recognizer", missing)
    monkeypatch.setattr(widgets, "answer", missing)
    app = DemoApp()
    assert app.answer is NO_NETWORK
    app.picker.data = ONE
    assert app.answer is NO_NETWORK
    assert "secret" not in app.answer.sentence
    assert "secret" in capfd.readouterr().err


@pytest.fixture
def told(monkeypatch):
    """What the answer's view sends to the browser."""
    messages = []
    monkeypatch.setattr(AnswerView, "send", lambda self, content: messages.append(content))
    return messages


def send(app, **content):
    app.children[0].children[1]._handle_custom_msg(content, [])


def test_the_page_is_told_each_answer_and_again_when_a_new_view_asks(app, told):
    app.picker.data = ONE
    send(app, request="state")
    assert len(told) == 2
    assert told[0] == told[1]
    assert told[0]["headline"] == "1"
    assert told[0]["sentence"] == app.answer.sentence
    assert told[0]["details"].count("<img") == 1
    assert told[0]["steps"].count("<img") == len(STEP_NAMES)


def test_the_reasons_follow_when_they_are_asked_for_and_only_for_the_newest_answer(app, told):
    app.picker.data = ONE
    first = told[-1]["number"]
    app.picker.data = SEVEN
    send(app, request="explanation", number=first)
    assert len(told) == 2
    send(app, request="explanation", number=told[-1]["number"])
    assert told[-1]["number"] == told[-2]["number"]
    assert "score of the 7" in told[-1]["explanation"]


def test_nothing_is_explained_where_nothing_was_read(app, told):
    app.picker.data = b"Dear diary"
    send(app, request="explanation", number=told[-1]["number"])
    assert "explanation" not in told[-1]


def test_a_step_that_is_switched_off_changes_the_answer_at_once(app, told):
    app.picker.data = SEVEN
    send(app, request="switch", step="resize")
    assert app.skip == ("resize",)
    assert app.answer.sentence.startswith("Without resize")
    assert told[-1]["sentence"] == app.answer.sentence
    send(app, request="switch", step="resize")
    assert app.skip == ()
    assert app.answer.reading.digit == 7


def test_a_new_picture_begins_with_all_steps_and_a_further_stroke_goes_on_without(app):
    app.pad.data = SEVEN
    app.skip = ["center"]
    app.pad.data = ONE
    assert app.answer.skip == ("center",)
    app.picker.data = SEVEN
    assert app.skip == app.answer.skip == ()
    app.skip = ["center"]
    app.picker.data = ONE
    assert app.answer.skip == ()


@pytest.mark.parametrize(
    "content", [{"request": "switch", "step": "rm"}, {"request": "digit", "index": "x"}, {}, {"request": 1}]
)
def test_a_strange_request_does_no_harm(app, content):
    app.picker.data = ONE
    send(app, **content)
    assert app.skip == ()
    assert app.answer.reading.digit == 1


def test_the_digits_of_a_number_are_explained_one_by_one(app, told):
    number = next(sample for sample in load_samples() if sample.kind == "number")
    app.picker.data = number.path.read_bytes()
    least = min(app.answer.readings, key=lambda reading: reading.confidence)
    assert f'data-digit="{app.answer.readings.index(least)}" aria-pressed="true"' in told[-1]["details"]
    send(app, request="digit", index=2)
    assert 'data-digit="2" aria-pressed="true"' in told[-1]["details"]
    send(app, request="explanation", number=told[-1]["number"])
    assert f"score of the {app.answer.readings[2].digit}" in told[-1]["explanation"]


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
        "import sys, digitlib.web.widgets; digitlib.web.widgets.DemoApp(); "
        "print([name for name in ('tensorflow', 'keras', 'matplotlib') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


# --- a network of one's own ---------------------------------------------------------------------------------


def test_the_demo_reads_with_a_network_of_ones_own_and_shows_its_name():
    mine = load_recognizer(SHIPPED)
    app = DemoApp(network=SHIPPED)
    for page in ONE, SEVEN:
        app.picker.data = page
        wanted = read_digit(app.answer.picture, network=mine)
        assert np.array_equal(app.answer.reading.probabilities, wanted.probabilities)
        assert not np.array_equal(wanted.probabilities, read_digit(app.answer.picture).probabilities)
    assert app.answer.network is app.network
    assert "the network of lesson 3" in app.children[0].children[0].children[0].value


def test_the_name_of_a_network_is_text_and_no_code():
    mine = load_recognizer(SHIPPED)
    app = DemoApp(network=Recognizer(mine.layers, {"name": "<script>alert(1)</script>"}))
    assert "<script>" not in app.children[0].children[0].children[0].value
    assert (
        "a network of your own" in DemoApp(Recognizer(mine.layers)).children[0].children[0].children[0].value
    )


def test_a_network_that_is_missing_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"digits\.npz"):
        DemoApp(network=tmp_path)


def test_what_a_network_of_ones_own_looked_at_is_its_own(monkeypatch):
    app, sent = DemoApp(network=SHIPPED), []
    app.picker.data = SEVEN
    view = app.children[0].children[1]
    monkeypatch.setattr(view, "send", lambda content: sent.append(content))
    view._handle_custom_msg({"request": "explanation", "number": 1}, [])
    assert sent[0]["explanation"] == looked_html(app.answer.reading, app.network)
    assert sent[0]["explanation"].count("<img") == 1, "the training digits belong to another network"
