"""Signs and letters between digits are passed over, and the number is not certain."""

import cv2
import numpy as np
import pytest
from mnist_once import cut_closely, mnist, side_by_side

import digitlib

HEIGHT, GAP, COUNT = 80, 26, 20

SIGNS = {
    "plus": [[(0.5, 0), (0.5, 1)], [(0, 0.5), (1, 0.5)]],
    "times": [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
    "number sign": [[(0.3, 0), (0.2, 1)], [(0.8, 0), (0.7, 1)], [(0, 0.3), (1, 0.3)], [(0, 0.7), (1, 0.7)]],
    "euro": [
        [(0.9, 0.1), (0.6, 0), (0.3, 0.3), (0.3, 0.7), (0.6, 1), (0.9, 0.9)],
        [(0.1, 0.4), (0.7, 0.4)],
        [(0.1, 0.6), (0.7, 0.6)],
    ],
    "A": [[(0, 1), (0.4, 0), (0.8, 1)], [(0.15, 0.65), (0.65, 0.65)]],
    "k": [[(0.2, 0), (0.2, 1)], [(0.8, 0.3), (0.25, 0.6), (0.8, 1)]],
    "m": [
        [(0, 1), (0, 0.4)],
        [(0, 0.5), (0.2, 0.35), (0.4, 0.5), (0.4, 1)],
        [(0.4, 0.5), (0.6, 0.35), (0.8, 0.5), (0.8, 1)],
    ],
}
"""Strokes of a pen: corners as (x, y), 0 to 1."""


def drawn(sign, size, pen, rng):
    """The ink of a sign without paper around it; each corner is a little off its place."""
    ink = np.zeros((2 * size, 2 * size), np.uint8)
    for stroke in SIGNS[sign]:
        corners = (np.array(stroke) + rng.normal(0, 0.02, (len(stroke), 2))) * size + size / 2
        cv2.polylines(ink, [np.rint(corners).astype(np.int32)], False, 255, pen, cv2.LINE_AA)
    column, row, width, height = cv2.boundingRect(ink)
    return ink[row : row + height, column : column + width]


def written(sign, seed):
    """One to three digits of MNIST, a sign, one to three digits: text, picture, and the sign's columns."""
    (images, labels), _ = mnist()
    rng = np.random.default_rng(seed)
    before, after = rng.integers(1, 4, 2)
    chosen = rng.integers(0, 5_000, before + after)
    parts = [cut_closely(images[one], HEIGHT) for one in chosen]
    parts.insert(before, drawn(sign, int(rng.uniform(0.6, 1) * HEIGHT), int(rng.integers(5, 10)), rng))
    picture, places = side_by_side(parts, 2 * HEIGHT, GAP, GAP)
    return "".join(str(labels[one]) for one in chosen), picture, places[before]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_between_digits_is_passed_over_and_makes_the_number_unsure(sign):
    right = 0
    for seed in range(COUNT):
        text, picture, (left, end) = written(sign, seed)
        number = digitlib.read_number(picture)
        assert not number.certain
        if number.text == text:
            right += 1
            middles = [box.column + box.width / 2 for box in number.skipped]
            assert [left < middle < end for middle in middles] == [True]
            columns = [one.box.column + one.box.width / 2 for one in number]
            assert not any(left < column < end for column in columns)
    assert right >= 0.85 * COUNT
