"""Drawn rows: what they promise, and that what is written can be seen."""

import string

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


def block(letter, pen, rng):
    """A letter as a filled rectangle, so that its size can be measured."""
    return np.full((60, 30), 255, np.uint8)


def test_rows_of_letters_hold_letters_digits_and_both():
    rng = np.random.default_rng(5)
    texts = [draw_row(DIGITS, 256, rng, block).text for _ in range(300)]
    known = [set(text) & set(string.ascii_uppercase + string.digits) for text in texts if text]
    assert set().union(*texts) == set(string.ascii_uppercase + string.digits + OTHER)
    letters = np.array([bool(found & set(string.ascii_uppercase)) for found in known])
    digits = np.array([bool(found & set(string.digits)) for found in known])
    assert (letters & ~digits).mean() > 0.4 and (digits & ~letters).mean() > 0.05
    assert (letters & digits).mean() > 0.05


def test_small_letters_are_lower_and_some_hang_below_the_line(monkeypatch):
    monkeypatch.setattr(surroundings, "photograph", lambda ink, print_, rng, detail: ink)
    monkeypatch.setattr(surroundings, "add_neighbors", lambda ink, spots, masks, rng: places.append(spots))
    rng, places, written = np.random.default_rng(6), [], []

    def noted(letter, pen, rng):
        written.append(letter)
        return block(letter, pen, rng)

    heights, bottoms = {}, {}
    for _ in range(400):
        del written[:]
        row = draw_row(DIGITS, 384, rng, noted)
        if len(written) != len(row.text):  # with digits or signs among them
            continue
        capitals = [spot for spot, letter in zip(places[-1], written, strict=True) if letter.isupper()]
        for spot, letter in zip(places[-1], written, strict=True) if capitals else ():
            heights.setdefault(letter, []).append(spot.height / capitals[0].height)
            foot = spot.row + spot.height / 2 - capitals[0].row - capitals[0].height / 2
            bottoms.setdefault(letter, []).append(foot / capitals[0].height)
    tall, low, hanging = (
        np.median(np.concatenate([heights[one] for one in part])) for part in ("bdk", "anx", "gpy")
    )
    assert tall == pytest.approx(1, abs=0.08) and 0.45 < low < 0.65 and 0.8 < hanging < 1
    below, above = (np.median(np.concatenate([bottoms[one] for one in part])) for part in ("gpy", "anxbdk"))
    assert below > 0.2 > abs(above)


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
