"""What the line reader sees in a row beyond what was cut out: a character on ink as tall as the others."""

import cv2
import numpy as np
import pytest
from mnist_once import ROW_HEIGHT, row_of

import digitlib
from digitlib.reading.binarize import binarize
from digitlib.reading.components import Box
from digitlib.reading.line_reader import View
from digitlib.reading.missed import borders, probability_of, texts_on_ink

SOMETHING_ELSE = 11  # the last class of a line reader of digits
ROW = Box(30, 40, 60, 10)


def page_with(height, foot=90):
    """The ink of a stroke 60 pixels tall, and of another, 100 columns to the right, that ends with a row."""
    page = np.full((120, 240), 235, np.uint8)
    page[30:90, 40:50] = page[foot - height : foot, 140:150] = 30
    return binarize(page)


def shows(*codes, step=100):
    """A view that shows a character every so many columns, the first in the middle of the stroke."""
    steps = np.full((2 * len(codes), 12), 1e-4)
    steps[::2, 0] = 0.01
    steps[np.arange(0, 2 * len(codes), 2), list(codes)] = 0.97
    steps[1::2, 0] = 0.97
    return View(steps, 45 - step // 4, step / 2)


@pytest.mark.parametrize(("height", "counts"), [(60, True), (36, True), (24, False), (10, False), (0, False)])
def test_a_text_counts_where_each_of_its_characters_stands_on_ink(height, counts):
    found = dict(texts_on_ink(shows(2, 2), page_with(height), ROW))
    assert ((2, 2) in found) is counts
    assert (2,) in found


def test_its_ink_lies_in_the_row_and_is_no_sign():
    assert (2, 2) not in dict(texts_on_ink(shows(2, 2), page_with(60, foot=120), ROW._replace(height=30)))
    assert not any(
        SOMETHING_ELSE in text for text, _ in texts_on_ink(shows(2, SOMETHING_ELSE), page_with(60), ROW)
    )
    assert () not in dict(texts_on_ink(shows(2), page_with(60), ROW))


def test_ink_in_pieces_counts_and_faint_ink_does():
    page = np.full((120, 240), 235, np.uint8)
    page[30:90, 40:50] = 30
    page[30:90:2, 140:150] = 205
    ink = binarize(page)
    assert (2, 2) in dict(texts_on_ink(shows(2, 2), ink, ROW))


def test_a_text_is_held_where_its_characters_come_in_order():
    texts = [((1, 2, 3), 0.5), ((1, 3), 0.2), ((3, 1), 0.1)]
    for text, said in (((1, 3), 0.7), ((1,), 0.8), ((2,), 0.5), ((3, 2), 0.0), ((1, 1), 0.0), ((), 0.8)):
        assert probability_of(text, texts) == pytest.approx(said)


def test_borders_lie_half_way_where_there_is_paper():
    page = np.full((100, 310), 235, np.uint8)
    page[60:90, 50:55] = 30  # in another row
    paper = binarize(page)
    assert borders([20.0], Box(0, 5, 40, 30), paper) == [(0, 40)]
    assert borders([20.0, 60.0, 80.0], Box(0, 10, 40, 60), paper) == [(5, 40), (40, 70), (70, 95)]
    assert borders([2.6, 2.9, 3.2], Box(0, 2, 3, 2), paper) == [(2, 3), (2, 3), (3, 4)]
    assert borders([100.0, 140.0], Box(0, 10, 40, 300), paper) == [(10, 120), (120, 310)]


def test_borders_lie_where_the_ink_is_least():
    page = np.full((100, 200), 235, np.uint8)
    page[30:90, 55:61] = page[30:90, 120:126] = page[85:90, 61:120] = 30
    page[30:60, 85:91] = 30  # half-way stands half a stroke
    ink = binarize(page)
    ((_, first), (second, _)) = borders([58.0, 118.0], Box(30, 55, 60, 71), ink)
    assert first == second and 80 < first < 96
    assert ink.soft[30:90, first].sum() == ink.soft[30:90, 62:118].sum(axis=0).min()


@pytest.mark.parametrize("rows", [1, 2])
def test_a_dot_before_a_row_is_no_missing_digit(rows):
    """A list with bullets: the line reader takes some of them for a 0."""
    right = certain = 0
    for seed in range(30):
        texts, pictures = zip(*(row_of(3, 10 * seed + row)[:2] for row in range(rows)), strict=True)
        wide = max(picture.shape[1] for picture in pictures)
        margin = ROW_HEIGHT // 2
        pages = [np.pad(one, ((0, 0), (margin, wide - one.shape[1])), "edge") for one in pictures]
        for page in pages:
            cv2.circle(page, (margin, ROW_HEIGHT), 8 + seed % 5, 40, -1, cv2.LINE_AA)
        number = digitlib.read_number(np.vstack(pages))
        right += number.text == "\n".join(texts)
        certain += number.certain and number.text == "\n".join(texts)
    assert right >= 27 and certain >= 15, (right, certain)


def test_the_sign_of_degrees_is_no_missing_digit():
    """It stands beside a digit, whose ink does not count for it."""
    certain = 0
    for seed in range(30):
        text, picture, places = row_of(2, seed)
        page = np.pad(picture, ((0, 0), (0, 20)), "edge")
        cv2.circle(page, (places[-1][1] + 16, ROW_HEIGHT // 2 + 12), 9 + seed % 3, 40, 4, cv2.LINE_AA)
        number = digitlib.read_number(page)
        certain += number.certain and number.text == text
    assert certain >= 26, certain
