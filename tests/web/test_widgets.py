"""The demo in a notebook, without a browser: what the widget does with pictures, and what it never does."""

import re
import subprocess
import sys

import cv2
import numpy as np
import pytest

from digitlib.data import load_samples
from digitlib.notebooks.own_network import SHIPPED
from digitlib.reading.network import ModelError, Recognizer, load_recognizer
from digitlib.reading.reader import read_digit
from digitlib.web import widgets
from digitlib.web.answers import NO_NETWORK, WELCOME
from digitlib.web.assets import SAMPLES, STATIC
from digitlib.web.network_file import network_bytes
from digitlib.web.replies import reasons, reply
from digitlib.web.widgets import DemoApp, DrawingPad


def png(draw):
    page = np.full((300, 400), 255, np.uint8)
    draw(page)
    return cv2.imencode(".png", page)[1].tobytes()


ONE = png(lambda page: cv2.line(page, (200, 40), (200, 260), 0, 22))
SEVEN = png(lambda page: cv2.polylines(page, [np.array([[120, 50], [270, 50], [180, 260]])], False, 0, 22))


@pytest.fixture
def told(monkeypatch):
    """What the widget sends to the browser: contents and buffers."""
    messages = []

    def send(self, content, buffers=()):
        messages.append((content, [bytes(buffer) for buffer in buffers]))

    monkeypatch.setattr(DemoApp, "send", send)
    return messages


@pytest.fixture
def app(told):
    return DemoApp()


def ask(app, *buffers, **content):
    """Deliver a question as the browser sends it."""
    app._handle_custom_msg({"number": 1, **content}, [memoryview(buffer) for buffer in buffers])


def test_the_demo_starts_with_an_invitation(app, told):
    assert app.answer is WELCOME
    ask(app, request="shown")
    assert told == []


def test_a_picture_from_the_browser_is_read_and_answered_once(app, told):
    ask(app, ONE, request="answer", number=5)
    assert app.answer.reading.digit == 1 and app.data == ONE
    assert told == [({"number": 5, "reply": reply(app.answer)}, [])]


def test_a_picture_set_from_python_is_read_and_shown_in_the_browser(app, told):
    app.data = SEVEN
    assert app.answer.reading.digit == 7
    assert told == [({"push": reply(app.answer)}, [SEVEN])]
    ask(app, request="shown")
    assert told[1] == told[0], "a new view is told the same"


def test_the_same_picture_can_come_again(app):
    for _ in range(2):
        ask(app, ONE, request="answer")
        assert app.answer.reading.digit == 1
        ask(app, SEVEN, request="answer")
        assert app.answer.reading.digit == 7


def test_a_picture_that_is_taken_back_takes_its_answer_back(app):
    app.data = ONE
    app.data = b""
    assert app.answer is WELCOME


def test_a_bad_file_is_answered_in_words_and_the_demo_goes_on(app):
    app.data = b"Dear diary"
    assert "text" in app.answer.sentence
    assert app.answer.reading is None
    app.data = ONE
    assert app.answer.reading.digit == 1


@pytest.mark.parametrize("from_browser", [True, False])
def test_a_mistake_of_ours_is_said_plainly_logged_and_raised(app, told, monkeypatch, capfd, from_browser):
    def broken(data, skip, network, what):
        raise RuntimeError("/secret/place")

    monkeypatch.setattr(widgets, "answer", broken)
    if from_browser:
        ask(app, ONE, request="answer")  # ipywidgets shows the traceback in the notebook's log
    else:
        with pytest.raises(RuntimeError):
            app.data = ONE
    assert "Something went wrong" in app.answer.sentence
    assert "broken" in str(told[-1]) and "secret" not in str(told)
    assert "RuntimeError: /secret/place" in capfd.readouterr().err


def test_a_missing_network_is_said_after_each_picture(told, monkeypatch, capfd):
    def missing(*_):
        raise ModelError("/secret/digits.npz is missing")

    monkeypatch.setattr(widgets, "load_recognizer", missing)
    monkeypatch.setattr(widgets, "answer", missing)
    app = DemoApp()
    assert app.answer is NO_NETWORK
    app.data = ONE
    assert app.answer is NO_NETWORK
    assert "secret" not in app.answer.sentence
    assert "secret" in capfd.readouterr().err


def test_the_reasons_come_when_they_are_asked_for(app, told):
    ask(app, SEVEN, request="why", skip=["center"], digit=0)
    expected = reasons(widgets.answer(SEVEN, ("center",)), 0)
    assert told == [({"number": 1, "reply": expected}, [])]


def test_a_step_that_is_switched_off_changes_the_answer_at_once(app, told):
    app.data = SEVEN
    app.skip = ["resize"]
    assert app.answer.sentence.startswith("Without resize")
    assert told[-1] == ({"push": reply(app.answer)}, [SEVEN])
    app.skip = []
    assert app.answer.reading.digit == 7
    ask(app, SEVEN, request="answer", skip=["resize"])
    assert app.skip == app.answer.skip == ("resize",)


def test_a_new_picture_begins_with_all_steps(app):
    app.data = SEVEN
    app.skip = ["center"]
    app.data = ONE
    assert app.skip == app.answer.skip == ()
    ask(app, SEVEN, request="answer", skip=["center"])
    ask(app, ONE, request="answer", skip=[])
    assert app.skip == app.answer.skip == ()


@pytest.mark.parametrize(
    ("content", "buffers"),
    [
        ({"request": "answer", "skip": "rm"}, [ONE]),
        ({"request": "answer", "skip": [["a"], 7, "rm"]}, [ONE]),
        ({"request": "sample", "place": "../labels.csv"}, []),
        ({"request": "sample", "place": 99}, []),
        ({"request": "keep", "label": "7"}, [SEVEN]),
        ({"request": "answer"}, []),
        ({"request": "network", "what": ["letters"]}, []),
        ({"request": 1}, []),
        ({}, [SEVEN]),
    ],
)
def test_a_strange_request_does_no_harm(app, content, buffers):
    app.data = ONE
    ask(app, *buffers, **content)
    assert app.skip == ()
    assert app.answer.reading.digit == 1


def test_the_browser_gets_the_network_and_the_samples(app, told):
    ask(app, request="network")
    assert told[-1] == ({"number": 1}, [network_bytes(load_recognizer())])
    ask(app, request="samples")
    assert [address[:23] for address in told[-1][0]["reply"]] == ["data:image/jpeg;base64,"] * len(SAMPLES)
    samples = {sample.path.stem: sample for sample in load_samples()}
    for place, name in enumerate(SAMPLES):
        ask(app, request="sample", place=place)
        assert told[-1][1] == [samples[name].path.read_bytes()]
    assert {len(samples[name].label) > 1 for name in SAMPLES} == {True, False}
    assert "" in {samples[name].label for name in SAMPLES}, "one shows no digit"


def test_a_corrected_picture_is_given_to_the_notebook_only_where_it_wants_it(told):
    kept = []
    app = DemoApp(keep=lambda picture, label: kept.append((picture, label)))
    assert app.keeps
    ask(app, SEVEN, request="keep", label="7")
    assert kept == [(SEVEN, "7")]
    assert told == [({"number": 1, "reply": True}, [])]
    assert not DemoApp().keeps


@pytest.mark.parametrize("kind", [DemoApp, DrawingPad])
def test_no_picture_is_part_of_what_a_notebook_could_save(kind):
    widget = kind()
    before = str(widget.get_state())
    widget.data = ONE
    assert str(widget.get_state()) == before
    assert not any(isinstance(value, bytes | memoryview) for value in widget.get_state().values())


def test_the_demo_looks_the_same_in_every_stored_notebook(app):
    bundle, _ = app._repr_mimebundle_()
    assert bundle["text/plain"] == "DemoApp()"
    assert "run this cell" in bundle["text/html"]
    assert not re.search("[0-9a-f]{8}", bundle["text/html"])


def test_the_pad_works_alone():
    pad = DrawingPad()
    pad._handle_custom_msg({}, [memoryview(ONE)])
    assert pad.data == ONE
    pad._handle_custom_msg({}, [])
    assert pad.data == b""
    pad.data = ONE
    pad.clear()
    assert pad.data == b"" and repr(pad) == "DrawingPad()"


def test_nothing_in_the_browser_comes_from_another_host():
    files = [path for path in sorted(STATIC.rglob("*")) if path.is_file()]
    assert {path.suffix for path in files} == {".js", ".css", ".html", ".json"}
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


def test_the_demo_reads_with_a_network_of_ones_own_and_shows_its_name(told):
    mine = load_recognizer(SHIPPED)
    app = DemoApp(network=SHIPPED)
    for page in ONE, SEVEN:
        app.data = page
        wanted = read_digit(app.answer.picture, network=mine)
        assert np.array_equal(app.answer.reading.probabilities, wanted.probabilities)
        assert not np.array_equal(wanted.probabilities, read_digit(app.answer.picture).probabilities)
    assert app.answer.network is app.network
    assert app.name == "the network of lesson 3"
    for card in {}, {"test_accuracy": 0.99}:  # as `train` writes it
        assert DemoApp(Recognizer(mine.layers, card)).name == "a network of your own"
    assert DemoApp(load_recognizer()).name == "digitlib's own network"
    ask(app, request="network")
    assert told[-1][1] == [network_bytes(mine)]
    ask(app, request="network", what="beside")
    assert told[-1][1] == [network_bytes(load_recognizer())]
    ask(app, SEVEN, request="answer")
    assert [one["headline"] for one in told[-1][0]["reply"]["beside"]] == ["7"]


def test_a_network_that_is_missing_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"digits\.npz"):
        DemoApp(network=tmp_path)
