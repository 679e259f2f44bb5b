"""Drawn letters: MNIST's format, every letter, repeatable, and no held-out font among those to train with."""

import string

import cv2
import numpy as np
import pytest

from digitlib.data import load_letter_shapes
from digitlib.handwriting import letters
from digitlib.handwriting.letters import FORMS, make_letters


def test_letters_have_mnists_format():
    images, names = make_letters(600, np.random.default_rng(0))
    assert (images.shape, images.dtype) == ((600, 28, 28), np.uint8)
    assert set(names) == set(string.ascii_letters)
    rows, columns = (images > 0).any(axis=2), (images > 0).any(axis=1)
    longest = np.maximum(rows.sum(axis=1), columns.sum(axis=1))
    assert longest.max() <= 20 and np.median(longest) >= 19
    mass = (images * np.arange(28)[None, :, None]).sum(axis=(1, 2)) / images.sum(axis=(1, 2))
    assert abs(np.median(mass) - 13.5) < 0.6
    assert (images.max(axis=(1, 2)) > 150).all()


def test_the_same_state_draws_the_same():
    first, again, other = (make_letters(50, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first[0], again[0])
    assert first[1].tolist() == again[1].tolist() != other[1].tolist()


def test_only_what_is_asked_for_is_drawn():
    assert set(make_letters(30, np.random.default_rng(0), letters="QX")[1]) == {"Q", "X"}


@pytest.mark.parametrize("held_out", [False, True])
def test_fonts_are_kept_apart(held_out, monkeypatch):
    shapes = load_letter_shapes()
    seen = []
    monkeypatch.setattr(letters, "_DRAWN", 0.0)
    monkeypatch.setattr(letters, "_warped", lambda shape, rng: seen.append(shape) or shape)
    make_letters(200, np.random.default_rng(0), held_out)
    allowed = {shape.tobytes() for shape in shapes.images[shapes.held_out == held_out]}
    assert {shape.tobytes() for shape in seen} <= allowed


def test_every_letter_has_several_forms():
    assert sorted(FORMS) == sorted(string.ascii_letters)
    assert min(map(len, FORMS.values())) >= 3


def test_held_out_fonts_are_drawn_by_no_pen(monkeypatch):
    def drawn(*_):
        raise AssertionError("a pen stroke")

    monkeypatch.setattr(letters, "draw", drawn)
    make_letters(100, np.random.default_rng(0), held_out=True)


def is_straight(shape):
    """Whether a shape is a bare bar: in all of its rows as far to both sides of one straight line."""
    rows = np.flatnonzero(shape.any(axis=1))
    left = np.array([np.flatnonzero(shape[row])[0] for row in rows])
    right = np.array([np.flatnonzero(shape[row])[-1] + 1 for row in rows])
    line = np.polyval(np.polyfit(rows, (left + right) / 2, 1), rows)
    return (right - line).max() + (line - left).max() < 1.5 * np.median(right - left)


def test_a_bare_bar_is_seldom_an_l(monkeypatch):
    shapes = load_letter_shapes()
    stored = [is_straight(shape) for shape in shapes.images[shapes.letters == "l"]]
    seen = []
    monkeypatch.setattr(letters, "_DRAWN", 0.0)
    monkeypatch.setattr(letters, "_warped", lambda shape, rng: seen.append(is_straight(shape)) or shape)
    make_letters(400, np.random.default_rng(0), letters="l")
    assert 0 < np.mean(seen) < 0.25 < 0.4 < np.mean(stored)


@pytest.mark.parametrize("longest", [20, 56])
def test_ink_has_the_length_and_the_pen_that_is_asked_for(longest):
    thick = []
    for pen in (1.0, 4.0):
        rng = np.random.default_rng(0)
        inks = [letters.draw_ink(letter, rng, longest=longest, pen=pen) for letter in string.ascii_letters]
        assert all(max(ink.shape) == longest for ink in inks)
        thick.append(np.median([cv2.distanceTransform(ink, cv2.DIST_L2, 5).max() for ink in inks]))
    assert thick[1] > 1.8 * thick[0]


def test_shapes_are_all_there():
    shapes = load_letter_shapes()
    assert shapes.images.shape[1:] == (64, 64) and set(np.unique(shapes.images)) == {0, 255}
    both = [set(shapes.letters[shapes.held_out == part]) for part in (False, True)]
    assert both == [set(string.ascii_letters)] * 2
    assert not set(shapes.fonts[shapes.held_out]) & set(shapes.fonts[~shapes.held_out])
