"""A bracket beside digits looks like a 1 or a 6: what may be one is never certain."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from mnist_once import cut_closely, mnist, row_of, side_by_side

import digitlib
from digitlib.reading.brackets import possible_brackets

HEIGHT, GAP = 80, 24
COUNT = 20


def bracket(bow, tall, pen=6):
    """A pen's stroke, so many times as tall as a digit; its middle lies `bow` heights left of its ends."""
    height = round(HEIGHT * tall)
    along = np.linspace(-1, 1, 40)
    across = (along**2 - 1) * bow * height
    points = np.stack([across - across.min() + pen, (along + 1) / 2 * height + pen], axis=1)
    ink = np.zeros((height + 2 * pen, round(abs(bow) * height) + 2 * pen), np.uint8)
    cv2.polylines(ink, [np.rint(points).astype(np.int32)], False, 255, pen, cv2.LINE_AA)
    return ink


def written(parts):
    """Ink side by side, all in the middle of one line, dark on light paper."""
    return side_by_side(parts, 2 * HEIGHT, GAP, 2 * GAP)[0]


def digits(seed):
    """Ink of one to three of MNIST's digits."""
    (images, _), _ = mnist()
    rng = np.random.default_rng(seed)
    return [cut_closely(images[one], HEIGHT) for one in rng.integers(0, 5_000, rng.integers(1, 4))]


@pytest.mark.parametrize("bow", [0.12, 0.2, 0.28])
@pytest.mark.parametrize("where", ["both", "before", "behind"])
def test_a_number_with_a_bracket_is_not_certain(bow, where):
    certain = 0
    for seed in range(COUNT):
        tall = 1 + 0.4 * seed / COUNT
        parts = digits(seed)
        if where != "behind":
            parts = [bracket(bow, tall), *parts]
        if where != "before":
            parts = [*parts, bracket(-bow, tall)]
        certain += digitlib.read_number(written(parts)).certain
    assert certain <= 1


def test_hardly_a_number_without_one_is_doubted():
    rows = [row_of(3, seed)[1] for seed in range(60)]
    doubted = [bool(possible_brackets(list(digitlib.read_number(row)))) for row in rows]
    assert sum(doubted) <= 2


def test_only_a_thin_bowed_stroke_is_doubted():
    for bow, places in ((0.2, [1]), (-0.2, [1]), (0.05, []), (0.0, [])):
        number = list(digitlib.read_number(written([bracket(0, 1), bracket(bow, 1), bracket(0, 1)])))
        assert len(number) == 3 and possible_brackets(number) == places
    flagged = bracket(0.2, 1)
    flagged[:12] = 255  # as wide as the whole is at its top
    assert possible_brackets(list(digitlib.read_number(written([bracket(0, 1), flagged])))) == []


def test_only_what_a_bracket_is_taken_for_is_doubted_and_never_a_character_alone():
    number = list(digitlib.read_number(written([bracket(0, 1), bracket(0.2, 1)])))
    for label, places in (("1", [1]), ("6", [1]), ("7", []), ("I", [1]), ("C", [1])):
        number[1] = replace(number[1], label=label)
        assert possible_brackets(number) == places
    assert possible_brackets(number[1:]) == []
    assert possible_brackets([replace(one, image=np.zeros((28, 28), np.float32)) for one in number]) == []


def test_a_doubted_stroke_is_not_certain_and_halves_the_confidence_unless_the_length_is_known():
    picture = written([bracket(0, 1), bracket(0, 1), bracket(0.13, 1)])
    number, known = digitlib.read_number(picture), digitlib.read_number(picture, pattern="ddd")
    assert number.text == known.text == "111"
    assert [one.certain for one in number] == [True, True, False]
    assert number.confidence == pytest.approx(known.confidence / 2, rel=0.1)
