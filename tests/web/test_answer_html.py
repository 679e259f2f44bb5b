"""The answer as HTML: frames where the digits are, ten bars, every step with its switch, and why."""

import base64
import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest
from PIL import Image

from digitlib.data import load_samples
from digitlib.explaining.neighbors import Neighbor
from digitlib.reading.images import load_picture
from digitlib.reading.network import ModelError
from digitlib.reading.normalize import STEP_NAMES, Step
from digitlib.reading.reader import Reading
from digitlib.web import answer_html
from digitlib.web.answer_html import details_html, looked_html, steps_html
from digitlib.web.answers import WELCOME, Answer, answer


def png(pixels):
    return cv2.imencode(".png", pixels)[1].tobytes()


def page_with_a_one(height=200, width=160, top=50, left=70, tall=100):
    page = np.full((height, width), 235, np.uint8)
    page[top : top + tall, left : left + tall // 10] = 40
    return page


def a_reading(digit=1, certain=True, note="fine", box=(0, 0, 28, 28)):
    probabilities = np.full(10, 0.02, np.float32)
    probabilities[digit] = 0.82
    image = np.zeros((28, 28), np.float32)
    steps = (Step("normalize", image, note),)
    return Reading(str(digit), 0.82, probabilities, tuple("0123456789"), certain, image, steps, box)


def an_answer(*readings):
    return Answer("", "", "sure", load_picture(page_with_a_one(100, 200)), readings)


def number_sample():
    return next(sample for sample in load_samples() if sample.kind == "number")


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
        if (attributes.get("class") or "").startswith("digitlib-frame"):
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
    images = Page(details_html(result) + steps_html(result)).images
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
    result = answer(png(page_with_a_one()))
    page = Page(steps_html(result))
    assert page.texts["h4"] == list(STEP_NAMES)
    assert page.texts["p"] == [step.note for step in result.reading.steps]
    assert re.findall(r'aria-checked="(\w+)"', steps_html(result)) == ["true"] * len(STEP_NAMES)


def test_a_step_that_is_off_has_no_picture_and_its_switch_is_off():
    html = steps_html(answer(png(page_with_a_one()), skip=["center"]))
    switches = dict(re.findall(r'data-step="(\w+)" aria-checked="(\w+)"', html))
    assert [name for name, on in switches.items() if on == "false"] == ["center"]
    assert html.count("<img") == len(STEP_NAMES) - 1
    assert "Switched off." in html


def test_steps_can_be_switched_on_again_when_nothing_is_left_to_read():
    red = np.full((200, 160, 3), 255, np.uint8)
    red[50:150, 70:80] = (0, 0, 255)  # blue, green, red: in the red channel the ink is gone
    result = answer(png(red), skip=["grayscale"])
    assert result.reading is None
    html = steps_html(result)
    assert html.count('role="switch"') == len(STEP_NAMES)
    assert "<img" not in html


def test_what_the_network_saw_is_shown_as_it_is():
    result = answer(png(page_with_a_one()))
    shown = pixels_of(Page(steps_html(result)).images[-1])
    np.testing.assert_allclose(shown / 255, result.reading.image, atol=0.5 / 255 + 1e-6)


def test_notes_cannot_carry_html():
    page = Page(steps_html(an_answer(a_reading(note='<img src=x onerror="alert(1)">'))))
    assert len(page.images) == 1
    assert '<img src=x onerror="alert(1)">' in page.texts["p"]


def test_each_digit_of_a_number_has_its_frame_its_name_and_a_button():
    readings = [a_reading(4, box=(20, 30, 40, 25)), a_reading(9, False, box=(20, 90, 40, 25))]
    html = details_html(an_answer(*readings), chosen=1)
    page = Page(html)
    assert [float(frame["left"].rstrip("%")) for frame in page.frames] == [15, 45]
    assert page.texts["b"] == ["4", "9?"]
    assert re.findall(r'data-digit="(\d)" aria-pressed="(\w+)"', html) == [("0", "false"), ("1", "true")]
    assert "Digit 2: 9, not sure" in html
    assert page.images[0]["alt"].endswith("read: 4 9")


def test_bars_and_steps_follow_the_chosen_digit():
    result = answer(number_sample().path.read_bytes())
    last = len(result.readings) - 1
    assert '<li class="digitlib-best"><span>' + str(result.readings[last].digit) in details_html(result, last)
    seen = pixels_of(Page(steps_html(result, last)).images[-1])
    np.testing.assert_allclose(seen / 255, result.readings[last].image, atol=0.5 / 255 + 1e-6)
    assert 'role="switch"' not in steps_html(result, last)


def test_heat_is_orange_where_a_cover_harms_and_blue_where_it_helps(monkeypatch):
    heat = np.zeros((28, 28), np.float32)
    heat[3, 4], heat[20, 21] = 2, -1
    monkeypatch.setattr(answer_html, "occlusion", lambda image, digit, network: heat)
    shown = pixels_of(Page(looked_html(a_reading())).images[0]).astype(int)  # blue, green, red
    assert shown[3, 4, 2] > shown[3, 4, 1] > shown[3, 4, 0]
    assert shown[20, 21, 0] > shown[20, 21, 1] > shown[20, 21, 2]
    assert not shown[10, 10].any()


@pytest.mark.parametrize(
    ("labels", "words"),
    [([8] * 8, "all show an 8"), ([4] * 5 + [9] * 2 + [7], "5 show a 4, 2 show a 9, 1 shows a 7")],
)
def test_the_nearest_digits_are_shown_and_counted(monkeypatch, labels, words):
    digits = [Neighbor(np.full((28, 28), 9, np.uint8), label, 0, 1.0) for label in labels]
    monkeypatch.setattr(answer_html, "nearest_digits", lambda image, count: digits)
    html = looked_html(a_reading())
    assert words in html
    assert re.findall(r"<span>(\d)</span></li>", html) == [str(label) for label in labels]


def test_without_an_index_of_training_digits_the_rest_is_still_explained(monkeypatch):
    def missing(image, count):
        raise ModelError("no index")

    monkeypatch.setattr(answer_html, "nearest_digits", missing)
    html = looked_html(a_reading())
    assert html.count("<section>") == html.count("</section>") == 1


def test_the_welcome_shows_no_picture():
    assert details_html(WELCOME) == steps_html(WELCOME) == ""
