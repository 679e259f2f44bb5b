"""What the browser is told: boxes where the digits are, probabilities, every step, and why."""

import base64
import json
import shutil

import cv2
import numpy as np
import pytest
from PIL import Image

from digitlib.data import load_samples
from digitlib.explaining.neighbors import INDEX_FILE, Neighbor
from digitlib.notebooks.own_network import SHIPPED
from digitlib.reading.network import MODEL_FILE, ModelError, load_recognizer
from digitlib.reading.normalize import STEP_NAMES
from digitlib.web import replies
from digitlib.web.answers import WELCOME, answer
from digitlib.web.network_file import SHIPPED_NAME
from digitlib.web.replies import reasons, reply


def png(pixels):
    return cv2.imencode(".png", pixels)[1].tobytes()


def page_with_a_one(height=200, width=160, top=50, left=70, tall=100):
    page = np.full((height, width), 235, np.uint8)
    page[top : top + tall, left : left + tall // 10] = 40
    return page


def number_sample():
    return next(sample for sample in load_samples() if sample.kind == "number")


def pixels_of(address):
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.fixture
def result():
    return answer(png(page_with_a_one()))


def test_the_box_lies_around_the_digit_of_a_large_photo_that_was_turned(tmp_path):
    upright = page_with_a_one(height=3200, width=2400, top=1600, left=600, tall=800)
    path, exif = tmp_path / "photo.jpg", Image.Exif()
    exif[0x0112] = 6  # the camera was held so that the picture must be turned clockwise
    Image.fromarray(np.rot90(upright)).save(path, exif=exif)
    (digit,) = reply(answer(path.read_bytes()))["digits"]
    assert digit["box"] == pytest.approx([1600 / 3200, 600 / 2400, 800 / 3200, 80 / 2400], abs=0.01)


def test_a_reply_is_json_and_holds_what_the_network_saw(result):
    (digit,) = json.loads(json.dumps(reply(result)))["digits"]
    seen = np.frombuffer(base64.b64decode(digit["image"]), np.uint8).reshape(28, 28) / 255
    np.testing.assert_allclose(seen, result.reading.image, atol=0.5 / 255 + 1e-6)
    np.testing.assert_allclose(digit["probabilities"], result.reading.probabilities, atol=1e-4)
    assert (digit["label"], digit["certain"]) == ("1", True)


def test_each_digit_of_a_number_is_told_and_can_be_explained():
    result = answer(number_sample().path.read_bytes())
    told = reply(result)
    assert "".join(digit["label"] for digit in told["digits"]) == number_sample().label
    lefts = [digit["box"][1] for digit in told["digits"]]
    assert lefts == sorted(lefts)
    last = reasons(result, len(result.readings) - 1)
    assert last["looked"]["label"] == result.readings[-1].label
    seen = pixels_of(last["steps"][-1]["image"])
    np.testing.assert_allclose(seen / 255, result.readings[-1].image, atol=0.5 / 255 + 1e-6)


@pytest.mark.parametrize("chosen", [99, -1, None, "x"])
def test_a_digit_that_is_not_there_means_the_first(result, chosen):
    assert reasons(result, chosen) == reasons(result)


def test_the_steps_come_in_order_with_their_notes(result):
    steps = reasons(result)["steps"]
    assert [step["name"] for step in steps] == list(STEP_NAMES)
    assert [step["note"] for step in steps] == [step.note for step in result.reading.steps]
    assert not any(step["off"] for step in steps)
    assert all(max(pixels_of(step["image"]).shape) <= 240 for step in steps)


def test_a_step_that_is_off_has_no_picture():
    steps = reasons(answer(png(page_with_a_one()), skip=["center"]))["steps"]
    assert [step["name"] for step in steps if step["off"]] == ["center"]
    assert [step["name"] for step in steps if "image" not in step] == ["center"]


def test_steps_can_be_switched_on_again_when_nothing_is_left_to_read():
    red = np.full((200, 160, 3), 255, np.uint8)
    red[50:150, 70:80] = (0, 0, 255)  # blue, green, red: in the red channel the ink is gone
    result = answer(png(red), skip=["grayscale"])
    assert result.reading is None
    found = reasons(result)
    assert {step["name"] for step in found["steps"]} == set(STEP_NAMES)
    assert found["looked"] is None and not any("image" in step for step in found["steps"])


def test_nothing_is_explained_where_nothing_was_read():
    assert reasons(WELCOME) == reasons(answer(b"Dear diary")) == {"steps": [], "looked": None, "similar": []}


def test_heat_is_orange_where_a_cover_harms_and_blue_where_it_helps(result, monkeypatch):
    heat = np.zeros((28, 28), np.float32)
    heat[3, 4], heat[20, 21] = 2, -1
    monkeypatch.setattr(replies, "occlusion", lambda image, digit, network: heat)
    looked = reasons(result)["looked"]
    shown = pixels_of(looked["image"])  # blue, green, red
    assert tuple(shown[3, 4]) == (28, 159, 255)
    assert shown[20, 21, 0] > shown[20, 21, 2]
    assert looked["place"] == [0, 0], "top left"


def test_similar_training_digits_are_shown_with_their_labels(result, monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (8, 28, 28), np.uint8)
    found = [Neighbor(image, 7 if index else 1, index, 0.9) for index, image in enumerate(images)]
    monkeypatch.setattr(replies, "nearest_digits", lambda image, count, path: found)
    similar = reasons(result)["similar"]
    assert [one["label"] for one in similar] == ["1", *"7777777"]
    np.testing.assert_array_equal(pixels_of(similar[2]["image"]), images[2])


def test_without_an_index_the_rest_is_shown(result, monkeypatch):
    def missing(image, count, path):
        raise ModelError("/secret/neighbors.npz")

    monkeypatch.setattr(replies, "nearest_digits", missing)
    found = reasons(result)
    assert found["similar"] == [] and found["looked"] and "secret" not in str(found)


def test_what_a_network_of_ones_own_looked_at_is_its_own():
    mine = load_recognizer(SHIPPED)
    result = answer(png(page_with_a_one()), network=mine)
    found = reasons(result)
    assert found["similar"] == [], "it has no index, and that of another network does not count"
    assert found["looked"] != reasons(answer(png(page_with_a_one())))["looked"]


def test_a_network_of_ones_own_with_an_index_shows_what_it_finds_similar(tmp_path):
    shutil.copy(MODEL_FILE, tmp_path)
    shutil.copy(MODEL_FILE.with_name(INDEX_FILE), tmp_path)
    found = reasons(answer(png(page_with_a_one()), network=load_recognizer(tmp_path)))
    assert [one["label"] for one in found["similar"]] == ["1"] * 8
    assert found["similar"] == reasons(answer(png(page_with_a_one())))["similar"]


@pytest.mark.parametrize("what", ["letters", "both"])
def test_similar_letters_are_shown_for_a_letter(what):
    page = np.full((200, 200), 235, np.uint8)
    page[40:60, 40:160] = page[40:160, 90:110] = 40  # a T
    found = reasons(answer(png(page), what=what))
    assert [one["label"] for one in found["similar"]].count("T") >= 7


def test_the_answer_of_the_shipped_network_stands_beside_that_of_ones_own():
    mine, page = load_recognizer(SHIPPED), png(page_with_a_one())
    (other,) = reply(answer(page, network=mine))["beside"]
    shipped = answer(page)
    assert (other["name"], other["headline"]) == (SHIPPED_NAME, shipped.headline)
    assert [one["confidence"] for one in other["digits"]] == [shipped.reading.confidence]
    assert reply(answer(page, network=mine))["digits"][0]["confidence"] != shipped.reading.confidence
    without = reply(answer(page, ("invert",), mine))["beside"][0]
    assert without["headline"] == answer(page, ("invert",)).headline, "the same steps for both"
    nothing_to_compare = answer(page), answer(page, network=load_recognizer()), answer(b"", network=mine)
    assert [reply(one)["beside"] for one in nothing_to_compare] == [[], [], []]
