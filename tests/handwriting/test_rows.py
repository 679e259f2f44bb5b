"""Drawn rows: what they promise, and that what is written can be seen."""

import numpy as np
import pytest

from digitlib.data import load_mnist
from digitlib.handwriting import surroundings
from digitlib.handwriting.rows import LONGEST, OTHER, ROW_HEIGHT, draw_row
from digitlib.handwriting.surroundings import Spot

DIGITS = tuple(part[:500] for part in load_mnist()[0])


@pytest.mark.parametrize("width", [32, 48, 256, 384])
def test_rows_have_their_size_and_a_short_text(width):
    rng = np.random.default_rng(width)
    for _ in range(60):
        row = draw_row(DIGITS, width, rng)
        assert row.image.shape == (ROW_HEIGHT, width) and row.image.dtype == np.uint8
        assert len(row.text) <= LONGEST and set(row.text) <= set("0123456789" + OTHER)


def test_the_same_state_draws_the_same_row():
    first, second = (draw_row(DIGITS, 160, np.random.default_rng(3)) for _ in range(2))
    assert first.text == second.text
    np.testing.assert_array_equal(first.image, second.image)


def test_rows_differ_in_length_light_and_polarity():
    rng = np.random.default_rng(0)
    rows = [draw_row(DIGITS, 256, rng) for _ in range(300)]
    assert {len(row.text) for row in rows} >= set(range(0, 11))
    assert 0.03 < np.mean([OTHER in row.text for row in rows]) < 0.3
    dark = np.mean([np.median(row.image) > 127 for row in rows])
    assert 0.05 < dark < 0.5


def test_neighbors_do_not_cover_the_digits():
    rng = np.random.default_rng(2)
    ink = np.zeros((80, 300), np.uint8)
    ink[20:60, 100:120] = ink[20:60, 160:180] = 255
    spots = [Spot(40, 110, 40, 20, 60), Spot(40, 170, 40, 20, 60)]
    for _ in range(200):
        written = ink.copy()
        surroundings.add_neighbors(written, spots, [np.full((40, 20), 255, np.uint8)] * 2, rng)
        np.testing.assert_array_equal(written[20:60, 100:120], ink[20:60, 100:120])
        assert not written[20:60, 125:128].all(axis=0).any()


def test_photograph_keeps_the_size_and_turns_most_pictures_light_on_dark():
    rng = np.random.default_rng(4)
    ink = np.zeros((80, 160), np.uint8)
    ink[20:60, 40:60] = 255
    lighter = 0
    for _ in range(200):
        image = surroundings.photograph(ink, np.zeros_like(ink), rng, 2)
        assert image.shape == (40, 80)
        lighter += image[15:25, 22:28].mean() > np.median(image)
    assert 150 < lighter < 195
