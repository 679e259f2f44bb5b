"""The page's main way in a second browser: draw, answer, photo, why."""

import json

import pytest
from web.firefox import started_firefox
from web.served import ARTEFACTS

from digitlib.data import load_samples

SEVEN = [(0.3, 0.15), (0.7, 0.15), (0.45, 0.85)]
SENTENCE = "document.querySelector('.digitlib-sentence').textContent"


@pytest.fixture(scope="module")
def firefox(tmp_path_factory):
    with started_firefox(tmp_path_factory.mktemp("firefox")) as firefox:
        yield firefox


def until_said(firefox, words):
    firefox.until(f"{SENTENCE}.includes({json.dumps(words)})")


@pytest.mark.parametrize(("kind", "rows", "columns"), [("mouse", 768, 1366), ("touch", 740, 480)])
def test_a_drawing_is_answered_at_once_and_in_full(firefox, address, kind, rows, columns):
    firefox.visit(address, rows, columns)
    until_said(firefox, "Show me")
    firefox.draw(SEVEN, kind)
    until_said(firefox, "This is a 7.")
    assert firefox.value("document.querySelector('.digitlib-digit').textContent") == "7"
    firefox.click("button[name=undo]")
    until_said(firefox, "Show me")
    assert firefox.value("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        "the page scrolls sideways"
    )
    firefox.draw(SEVEN, kind)
    until_said(firefox, "This is a 7.")
    firefox.screenshot(ARTEFACTS / f"firefox-{kind}.png")
    assert firefox.errors == []


def test_a_photo_is_read_and_explained(firefox, address):
    photo = next(one.path for one in load_samples() if (one.kind, one.label) == ("squared_paper", "7"))
    firefox.visit(address)
    until_said(firefox, "Show me")
    firefox.choose_file("input[type=file]", photo)
    until_said(firefox, "This is a 7.")
    assert firefox.value("document.querySelectorAll('.digitlib-frame').length") == 1
    firefox.click("summary")
    firefox.until("document.querySelectorAll('.digitlib-steps img').length === 7")
    assert firefox.value("document.querySelector('.digitlib-looked img').alt").startswith(
        "What the network saw"
    )
    firefox.screenshot(ARTEFACTS / "firefox-photo.png")
    assert firefox.errors == []


def test_letters_are_read_when_they_are_asked_for(firefox, address):
    firefox.visit(address)
    until_said(firefox, "Show me")
    firefox.click("input[value=letters]")
    until_said(firefox, "Show me what you have written")
    firefox.draw([(0.3, 0.2), (0.7, 0.2)])
    firefox.draw([(0.5, 0.2), (0.5, 0.85)])
    until_said(firefox, "I read T.")
    assert firefox.value("document.title") == "What is written here?"
    assert firefox.errors == []
