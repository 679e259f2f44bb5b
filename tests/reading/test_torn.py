"""Digits that a gap tears apart, as stencils and displays do, are not taken for two rows with certainty."""

import cv2
import numpy as np
import pytest
from mnist_once import cut_closely, mnist

import digitlib

HEIGHT, SPACE, PEN = 90, 26, 7
COUNT = 30
BARS = {"0": "abcdef", "1": "bc", "7": "abc"}
"""Bars of a display with seven of them, clockwise from the upper one (a)."""


@pytest.fixture(scope="module")
def rows():
    """Rows of two to five of MNIST's digits, as tall as a row: text and ink."""
    (images, labels), _ = mnist()
    rng = np.random.default_rng(0)
    found = []
    for _ in range(3 * COUNT):
        chosen = rng.integers(0, 5_000, rng.integers(2, 6))
        parts = [np.zeros((HEIGHT, 2 * SPACE), np.uint8)]
        for image in images[chosen]:
            parts += [cut_closely(image, HEIGHT), np.zeros((HEIGHT, SPACE), np.uint8)]
        found.append(("".join(map(str, labels[chosen])), np.hstack(parts)))
    return found


def photographed(*inks, apart=0):
    """Rows of ink below one another, dark on light paper."""
    width = max(ink.shape[1] for ink in inks)
    page = [np.pad(ink, ((0, apart), (0, width - ink.shape[1]))) for ink in inks]
    return np.pad(235 - (np.vstack(page) * 0.75).astype(np.uint8), HEIGHT, constant_values=235)


@pytest.mark.parametrize("gap", [2, 4, 6])
def test_digits_with_a_gap_across_are_read_as_one_row_or_are_not_certain(gap, rows):
    numbers = []
    for text, ink in rows[:COUNT]:
        torn = ink.copy()
        torn[HEIGHT // 2 - gap // 2 : HEIGHT // 2 + gap // 2] = 0
        numbers.append((digitlib.read_number(photographed(torn)), text))
    assert sum(number.text == text for number, text in numbers) >= 0.8 * COUNT
    certain = [number.text == text for number, text in numbers if number.certain]
    assert len(certain) >= 0.3 * COUNT
    assert certain.count(False) <= 1


def display(text, gap):
    """What a display shows: bars that do not touch."""
    ink = np.zeros((150, 110 * len(text)), np.uint8)
    ends = {"a": (0, 0, 1, 0), "b": (1, 0, 1, 1), "c": (1, 1, 1, 2), "d": (0, 2, 1, 2)}
    ends |= {"e": (0, 1, 0, 2), "f": (0, 0, 0, 1)}
    for place, sign in enumerate(text):
        for bar in BARS[sign]:
            corner = [110 * place + 2 * PEN, PEN]
            left, top, right, bottom = np.array(ends[bar]) * [60, 68, 60, 68] + [*corner, *corner]
            shorter = np.array([right > left, bottom > top]) * (gap // 2 + PEN)
            first, last = np.array([left, top]) - PEN + shorter, np.array([right, bottom]) + PEN - shorter
            cv2.rectangle(ink, first, last, 255, -1)
    return ink


@pytest.mark.parametrize("gap", [2, 4, 8])
@pytest.mark.parametrize("text", ["1", "11", "1111", "71", "17", "10", "711"])
def test_ones_and_sevens_of_a_display_are_never_certain_and_wrong(text, gap):
    number = digitlib.read_number(photographed(display(text, gap)))
    assert number.text == text or not number.certain


@pytest.mark.parametrize("count", [2, 3])
def test_true_rows_stay_rows_and_certain(count, rows):
    exact = certain = 0
    for start in range(0, count * COUNT, count):
        texts, inks = zip(*rows[start : start + count], strict=True)
        number = digitlib.read_number(photographed(*inks, apart=40))
        exact += number.text == "\n".join(texts)
        certain += number.certain
    assert exact >= 0.9 * COUNT
    assert certain >= 0.8 * COUNT
