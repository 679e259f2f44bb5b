"""A slash between numbers looks like a 1 that leans: what may be one is never certain."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mnist_once import cut_closely, mnist, side_by_side

import digitlib
from digitlib.reading.slashes import possible_slashes
from digitlib.web.answers import answer

HEIGHT, GAP, PEN = 90, 26, 7


@pytest.fixture(scope="module")
def digits():
    """For each of MNIST's first digits, cut out closely, as tall as a row: label and ink."""
    (images, labels), _ = mnist()
    pairs = zip(images[:300], labels[:300], strict=True)
    return [(str(label), cut_closely(image, HEIGHT)) for image, label in pairs]


def dated(text, lean, tall, digits):
    """A row with slashes, photographed; each digit is another one of MNIST's."""
    used = {sign: [ink for label, ink in digits if label == sign] for sign in text}
    return written([stroke(lean, tall) if sign == "/" else used[sign].pop() for sign in text])


def stroke(lean, tall):
    """A bare stroke: so many degrees to the right (below 0: left), so many times as tall as a digit."""
    height = round(HEIGHT * tall)
    width = round(height * np.tan(np.radians(abs(lean))))
    ink = np.zeros((height + 2 * PEN, width + 2 * PEN), np.uint8)
    cv2.line(ink, (PEN, height + PEN), (width + PEN, PEN), 255, PEN, cv2.LINE_AA)
    return ink if lean >= 0 else ink[:, ::-1]


def written(parts):
    """A row of ink as dark strokes on paper, all in the middle of one line."""
    return side_by_side(parts, 3 * HEIGHT, GAP, 2 * GAP)[0]


@pytest.mark.parametrize("lean", [10, 20, 30])
@pytest.mark.parametrize("tall", [1.1, 1.3, 1.5])
def test_a_number_with_what_may_be_a_slash_is_not_certain(lean, tall, digits):
    for text in ("12/25", "3/4", "7/20", "24/12/2025", "30/9", "8/26"):
        number = digitlib.read_number(dated(text, lean, tall, digits))
        assert not number.certain, f"{text} is read as {number.text}"
        if len(number) == len(text):
            slashes = [place for place, sign in enumerate(text) if sign == "/"]
            assert not any(list(number)[place].certain for place in slashes)


def test_slashes_together_halve_the_confidence_and_a_known_length_says_that_they_are_none(digits):
    picture = dated("24/12/2025", 20, 1.2, digits)
    number = digitlib.read_number(picture)
    known = digitlib.read_number(picture, pattern="d" * 10)
    assert number.text == known.text == "2411212025"
    assert possible_slashes(list(number)) == possible_slashes(list(known)) == [2, 5]
    assert [place for place, one in enumerate(number) if not one.certain] == [2, 5]
    assert known.certain and all(one.certain for one in known)
    assert number.confidence == pytest.approx(known.confidence / 2, rel=0.1)


@pytest.mark.parametrize(
    ("allowed", "doubted"),
    [
        ({"at_most": 500}, True),
        ({"among": ["34", "314"]}, True),
        ({"among": ["314", "374"]}, False),
        ({"among": ["314", "7"]}, False),
    ],
    ids=str,
)
def test_a_slash_is_possible_where_the_text_without_it_is_allowed(allowed, doubted, digits):
    number = digitlib.read_number(dated("3/4", 20, 1.2, digits), **allowed)
    assert number.text == "314"
    assert number.certain != doubted


@pytest.mark.parametrize(
    ("lean", "tall", "place", "found"),
    [
        (20, 1.4, 1, [1]),
        (9, 1.2, 1, [1]),
        (5, 1.4, 1, []),
        (-20, 1.4, 1, []),
        (20, 0.9, 1, []),
        (20, 1.4, 0, []),
        (20, 1.4, 2, []),
    ],
    ids=["slash", "steep slash", "upright", "to the left", "short", "at the beginning", "at the end"],
)
def test_only_what_leans_and_stands_out_on_both_sides_is_doubted(lean, tall, place, found):
    parts = [stroke(0, 1)] * 3
    parts[place] = stroke(lean, tall)
    number = digitlib.read_number(written(parts))
    assert number.text == "111"
    assert possible_slashes(list(number)) == found
    assert [one.certain for one in number] == [index not in found for index in range(3)]


def moved(ink, down):
    """Ink so many pixels below the middle of the line (below 0: above)."""
    return cv2.copyMakeBorder(ink, max(0, 2 * down), max(0, -2 * down), 0, 0, cv2.BORDER_CONSTANT)


@pytest.mark.parametrize("down", [-12, 12], ids=["above", "below"])
def test_a_stroke_that_stands_out_on_one_side_alone_is_a_one(down):
    number = digitlib.read_number(written([stroke(0, 1), moved(stroke(20, 1.05), down), stroke(0, 1)]))
    assert number.text == "111"
    assert possible_slashes(list(number)) == []


@pytest.mark.parametrize("down", [-20, 20], ids=["above", "below"])
@pytest.mark.parametrize("place", [0, 2])
def test_it_has_to_stand_out_from_both_neighbors(place, down):
    parts = [stroke(0, 1), stroke(20, 1.3), stroke(0, 1)]
    parts[place] = moved(parts[place], down)
    number = digitlib.read_number(written(parts))
    assert number.text == "111"
    assert possible_slashes(list(number)) == []


def test_only_a_one_or_an_i_may_be_a_slash(digits):
    number = list(digitlib.read_number(dated("12/25", 20, 1.3, digits)))
    assert possible_slashes(number) == [2]
    for label, places in (("7", []), ("I", [2])):
        number[2] = replace(number[2], label=label)
        assert possible_slashes(number) == places


def test_the_page_shows_the_whole_number_and_that_it_is_not_sure(digits):
    _, png = cv2.imencode(".png", dated("24/12/25", 20, 1.2, digits))
    found = answer(png.tobytes())
    assert (found.headline, found.mood) == ("24112125", "unsure")
