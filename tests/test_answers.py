"""What the demo says: the right words for every kind of file, and HTML that shows what was read."""

import base64
import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from digitlib import answers
from digitlib.answers import WELCOME, answer, details_html, steps_html
from digitlib.preprocess import STEP_NAMES, Step
from digitlib.recognizer import Reading


def png(pixels):
    return cv2.imencode(".png", pixels)[1].tobytes()


def page_with_a_one(height=200, width=160, top=50, left=70, tall=100):
    page = np.full((height, width), 235, np.uint8)
    page[top : top + tall, left : left + tall // 10] = 40
    return page


def a_reading(probabilities, certain, note="fine"):
    probabilities = np.array(probabilities, np.float32)
    digit = int(probabilities.argmax())
    image = np.zeros((28, 28), np.float32)
    steps = (Step("normalize", image, note),)
    return Reading(digit, float(probabilities[digit]), probabilities, certain, image, steps, (0, 0, 28, 28))


def answer_from(monkeypatch, reading):
    monkeypatch.setattr(answers, "read_digit", lambda data: reading)
    return answer(png(page_with_a_one()))


def probabilities(**chances):
    return [chances.get(f"d{digit}", 0.0) for digit in range(10)]


def test_a_digit_is_read_and_said():
    result = answer(png(page_with_a_one()))
    assert result.reading.digit == 1
    assert result.headline == "1"
    assert result.mood == "sure"
    assert result.sentence.startswith("This is a 1.")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"Dear diary", "text"),
        (b"%PDF-1.7 ...", "PDF"),
        (png(page_with_a_one())[:90], "damaged"),
        (b"\x00\x01\x02\x03" * 50, "not a picture"),
    ],
)
def test_a_file_that_is_no_picture_gets_a_sentence(data, words):
    result = answer(data)
    assert words in result.sentence
    assert result.sentence[0].isupper()
    assert result.sentence.endswith(".")
    assert (result.mood, result.picture, result.reading) == ("problem", None, None)


def test_a_blank_page_is_no_digit():
    result = answer(png(np.full((100, 100), 240, np.uint8)))
    assert "no digit" in result.sentence
    assert result.mood == "problem"
    assert "<img" in details_html(result)


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer_without_innards(data):
    result = answer(data)
    assert result.sentence.endswith((".", "?"))
    assert not re.search(r"Traceback|Error|/[a-z]+/", result.sentence)
    details_html(result), steps_html(result.reading)


def test_a_mistake_of_ours_is_not_hidden(monkeypatch):
    monkeypatch.setattr(answers, "read_digit", lambda data: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        answer(png(page_with_a_one()))


def test_an_eight_is_an_eight(monkeypatch):
    result = answer_from(monkeypatch, a_reading(probabilities(d8=0.97, d3=0.03), certain=True))
    assert result.sentence == "This is an 8. I am 97\N{NO-BREAK SPACE}% sure."


def test_two_likely_digits_are_both_named(monkeypatch):
    result = answer_from(monkeypatch, a_reading(probabilities(d4=0.55, d9=0.4, d7=0.05), certain=False))
    assert result.mood == "unsure"
    assert result.headline == "4 or 9?"
    assert re.fullmatch(r"I am not sure: 4 \(55\s%\) or 9 \(40\s%\)\?", result.sentence)


def test_an_unlikely_second_digit_is_not_named(monkeypatch):
    result = answer_from(monkeypatch, a_reading(probabilities(d4=0.91, d9=0.09), certain=False))
    assert result.headline == "4?"
    assert "not sure" in result.sentence
    assert "9 or" not in result.sentence


@given(st.floats(0, 1))
def test_no_percentage_claims_certainty_or_impossibility(probability):
    chances = np.full(10, (1 - probability) / 9, np.float32)
    chances[3] = probability
    with pytest.MonkeyPatch.context() as patch:
        result = answer_from(patch, a_reading(chances, certain=True))
    numbers = [int(number) for number in re.findall(r"(\d+)\s%", result.sentence + details_html(result))]
    assert numbers
    assert all(1 <= number <= 99 for number in numbers)


class Page(HTMLParser):
    """Collects images, and the text inside each kind of element."""

    def __init__(self, html):
        super().__init__()
        self.images, self.tags, self.texts, self.frames = [], [], {}, []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        if tag == "img":
            self.images.append(attributes)
        if attributes.get("class") == "digitlib-frame":
            self.frames.append(dict(item.split(":") for item in attributes["style"].split(";")))

    def handle_data(self, data):
        self.texts.setdefault(self.tags[-1], []).append(data)


def pixels_of(image):
    data = base64.b64decode(image["src"].partition("base64,")[2])
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def test_the_frame_lies_around_the_digit_of_a_large_photo_that_was_turned(tmp_path):
    upright = page_with_a_one(height=3200, width=2400, top=1600, left=600, tall=800)
    path = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held so that the picture must be turned clockwise
    Image.fromarray(np.rot90(upright)).save(path, exif=exif)
    result = answer(path.read_bytes())
    page = Page(details_html(result))
    shown = pixels_of(page.images[0])
    assert shown.shape[0] == 640
    assert shown.shape[1] == 480
    (frame,) = page.frames
    expected = {"top": 1600 / 3200, "left": 600 / 2400, "height": 800 / 3200, "width": 80 / 2400}
    for side, share in expected.items():
        assert float(frame[side].rstrip("%")) == pytest.approx(100 * share, abs=1)


def test_every_picture_has_alt_text_and_holds_its_own_bytes():
    result = answer(png(page_with_a_one()))
    images = Page(details_html(result) + steps_html(result.reading)).images
    assert len(images) == 1 + len(STEP_NAMES)
    assert all(len(image["alt"]) > 10 for image in images)
    assert all(image["src"].startswith("data:image/") for image in images)
    assert all(max(pixels_of(image).shape) <= 640 for image in images)


def test_bars_say_ten_probabilities_in_text():
    result = answer(png(page_with_a_one()))
    html = details_html(result)
    rows = re.findall(r"<li.*?<span>(\d)</span>.*?<span>([^<]*%)</span></li>", html)
    assert [int(digit) for digit, _ in rows] == list(range(10))
    assert html.count("digitlib-best") == 1


def test_the_steps_come_in_order_with_their_notes():
    reading = answer(png(page_with_a_one())).reading
    page = Page(steps_html(reading))
    assert page.texts["h3"] == list(STEP_NAMES)
    assert page.texts["p"] == [step.note for step in reading.steps]


def test_what_the_network_saw_is_shown_as_it_is():
    reading = answer(png(page_with_a_one())).reading
    shown = pixels_of(Page(steps_html(reading)).images[-1])
    np.testing.assert_allclose(shown / 255, reading.image, atol=0.5 / 255 + 1e-6)


def test_notes_cannot_carry_html():
    page = Page(steps_html(a_reading(probabilities(d1=1.0), True, note='<img src=x onerror="alert(1)">')))
    assert len(page.images) == 1
    assert page.texts["p"] == ['<img src=x onerror="alert(1)">']


def test_the_welcome_shows_no_picture():
    assert details_html(WELCOME) == steps_html(WELCOME.reading) == ""
