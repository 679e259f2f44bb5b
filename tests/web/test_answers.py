"""What the demo says: the right words for every kind of file, for one digit and for a number."""

import re

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from web.drawings import pad_picture

from digitlib.data import load_samples
from digitlib.reading.normalize import STEP_NAMES, Step
from digitlib.reading.number import Number
from digitlib.reading.reader import Reading
from digitlib.web import answers
from digitlib.web.answers import LARGEST, answer
from digitlib.web.replies import reasons, reply
from digitlib.web.words import say


def png(pixels):
    return cv2.imencode(".png", pixels)[1].tobytes()


def page_with_a_one(height=200, width=160, top=50, left=70, tall=100):
    page = np.full((height, width), 235, np.uint8)
    page[top : top + tall, left : left + tall // 10] = 40
    return page


def a_reading(probabilities, certain, box=(0, 0, 28, 28)):
    probabilities = np.array(probabilities, np.float32)
    digit = int(probabilities.argmax())
    image = np.zeros((28, 28), np.float32)
    steps = (Step("normalize", image, "fine"),)
    classes = tuple("0123456789")
    return Reading(
        str(digit), float(probabilities[digit]), probabilities, classes, certain, image, steps, box
    )


def answer_from(monkeypatch, reading, *rows, confidence=0.999):
    monkeypatch.setattr(answers, "read_digit", lambda data, skip, network: reading)
    monkeypatch.setattr(
        answers, "read_number", lambda data, network: Number(rows or [[reading]], confidence, [])
    )
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
    assert reply(result)["digits"] == []


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer_without_innards(data):
    result = answer(data)
    assert result.sentence.endswith((".", "?"))
    assert not re.search(r"Traceback|Error|/[a-z]+/", result.sentence)
    reply(result), reasons(result)
    assert result.sentence == say(result.said[0], **result.said[1])


def test_a_mistake_of_ours_is_not_hidden(monkeypatch):
    monkeypatch.setattr(answers, "read_digit", lambda data, skip, network: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        answer(png(page_with_a_one()))


def test_an_eight_is_an_eight(monkeypatch):
    result = answer_from(monkeypatch, a_reading(probabilities(d8=0.97, d3=0.03), certain=True))
    assert result.sentence == "This is an 8. I am quite sure: 97\N{NO-BREAK SPACE}%."


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
    numbers = [int(number) for number in re.findall(r"(\d+)\s%", result.sentence)]
    assert all(1 <= number <= 99 for number in numbers)


def a_digit(digit, certain=True, box=(0, 0, 28, 28)):
    sure = 0.999 if certain else 0.6
    return a_reading(probabilities(**{f"d{digit}": sure, f"d{(digit + 1) % 10}": 1 - sure}), certain, box)


def test_most_digits_in_doubt_are_no_number(monkeypatch):
    pieces = [a_digit(1), a_digit(7, False)]
    result = answer_from(monkeypatch, a_digit(4, False), pieces)
    assert [reading.digit for reading in result.readings] == [4]
    assert result.mood == "unsure"


def test_a_number_is_said_with_all_its_digits(monkeypatch):
    far = (0, 100, 28, 28)
    result = answer_from(monkeypatch, a_digit(4), [a_digit(2), a_digit(0)], [a_digit(7, box=far)])
    assert result.headline == "20\n7"
    assert result.mood == "sure"
    assert result.sentence.startswith("These are 3 digits: 20, then 7. I am almost certain")
    assert [reading.digit for reading in result.readings] == [2, 0, 7]


@pytest.mark.parametrize(
    ("doubtful", "words"),
    [([2], "the third"), ([0, 3], "the first and fourth"), ([0, 1, 2], "3 of them")],
)
def test_the_doubtful_digits_of_a_number_are_named(monkeypatch, doubtful, words):
    row = [a_digit(place, place not in doubtful) for place in range(7)]
    result = answer_from(monkeypatch, a_digit(4), row)
    assert result.mood == "unsure"
    assert result.headline == "0123456"
    assert result.sentence.endswith(f"I am not sure of {words}.")


def test_a_text_in_doubt_is_said_to_be(monkeypatch):
    result = answer_from(monkeypatch, a_digit(4), [a_digit(2), a_digit(0)], confidence=0.7)
    assert result.mood == "unsure" and result.headline == "20"
    assert result.sentence.endswith("I am not sure that all are right: 70\N{NO-BREAK SPACE}%.")


def test_parts_above_each_other_may_be_one_digit(monkeypatch):
    parts = [[a_digit(1, box=(20, 40, 30, 10))], [a_digit(7, box=(60, 40, 30, 20))]]
    result = answer_from(monkeypatch, a_digit(3, box=(20, 40, 70, 20)), *parts)
    assert result.mood == "unsure"
    assert "one digit in parts" in result.sentence


@pytest.mark.parametrize("sample", [s for s in load_samples() if len(s.label) > 1], ids=lambda s: s.path.stem)
def test_sample_numbers_are_taken_for_numbers(sample):
    assert answer(sample.path.read_bytes()).headline.replace("\n", "") == sample.label


@pytest.mark.parametrize("sample", [s for s in load_samples() if not s.label], ids=lambda s: s.path.stem)
def test_samples_without_a_digit_are_not_taken_for_a_number(sample):
    assert answer(sample.path.read_bytes()).headline == "?"


def test_a_drawing_in_three_parts_is_no_number_because_two_look_like_digits(monkeypatch):
    row = [a_digit(1), a_reading([0.06] * 8 + [0.45, 0.07], certain=False), a_digit(7)]
    result = answer_from(monkeypatch, a_reading([0.1] * 10, certain=False), row, confidence=0.2)
    assert (result.headline, len(result.readings)) == ("?", 1)


def test_a_number_of_certain_digits_is_shown_however_unlikely_the_whole_is(monkeypatch):
    result = answer_from(monkeypatch, a_digit(9), [a_digit(7), a_digit(0)], confidence=0.19)
    assert (result.headline, result.mood) == ("70", "unsure")
    assert result.sentence.endswith("I am not sure that all are right: 19\N{NO-BREAK SPACE}%.")


NO_DIGITS = {
    "n": [[(0, 0), (1, 0)], [(1, 0), (0.3, 0), (0.05, 0.3), (0.05, 0.5), (0.3, 0.75), (1, 0.75)]],
    "w": [[(0, 0), (1, 0.3), (0.2, 0.55), (1, 0.8), (0, 1.1)]],
    "zigzag": [[(0, 0), (1, 0.25), (0, 0.5), (1, 0.75), (0, 1), (1, 1.25)]],
    "square": [[(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]],
    "triangle": [[(0, 0.5), (1, 1), (1, 0), (0, 0.5)]],
}


@pytest.mark.parametrize("name", NO_DIGITS)
def test_a_drawn_shape_is_no_certain_digit(name):
    rng = np.random.default_rng(8)
    found = [answer(pad_picture(NO_DIGITS[name], rng, width)) for width in (28, 12) * 5]
    assert [one.headline for one in found if one.mood == "sure"] == []


def test_a_one_with_an_upstroke_is_a_certain_one():
    rng = np.random.default_rng(8)
    upstrokes = [[[(height, -0.75 * height), (0, 0), (1, 0)]] for height in (0.3, 0.35, 0.4, 0.45, 0.5)]
    found = [answer(pad_picture(one, rng, width)) for one in upstrokes for width in (28, 12)]
    assert [one.headline for one in found if one.mood == "sure"].count("1") >= 9


def test_a_sign_between_digits_is_said_to_be_passed_over():
    three = [(0, 0), (0, 0.4), (0.4, 0.15), (0.6, 0.5), (0.9, 0.45), (1, 0)]
    digits = [three, [(row, column + 1.4) for row, column in three]]
    rng = np.random.default_rng(0)
    said = [answer(pad_picture([*digits, *more], rng, 12)) for more in ([], [[(0.93, 0.9), (0.98, 0.9)]])]
    assert [one.headline for one in said] == ["33", "33"]
    assert [one.sentence.endswith(say("signs")) for one in said] == [False, True]


def test_what_is_no_digit_is_not_said_to_be_one(monkeypatch):
    result = answer_from(monkeypatch, a_reading([0.1] * 10, certain=False))
    assert (result.headline, result.mood) == ("?", "unsure")
    assert "no digit" in result.sentence


@pytest.mark.parametrize("name", STEP_NAMES)
def test_each_step_can_be_left_out_and_the_answer_says_so(name):
    result = answer(png(page_with_a_one()), skip=[name])
    assert result.skip == (name,)
    assert result.sentence.startswith(f"Without {name}: ")
    taken = [step.name for step in result.reading.steps] if result.reading else []
    assert name not in taken


def test_a_file_beyond_the_limit_is_not_even_opened():
    result = answer(png(page_with_a_one()) + bytes(LARGEST))
    assert "too large: 8 MB" in result.sentence
    assert (result.mood, result.picture) == ("problem", None)
