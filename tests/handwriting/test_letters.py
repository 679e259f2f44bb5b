"""Drawn letters: MNIST's format, every letter, repeatable, and no held-out font among those to train with."""

import string

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


def test_shapes_are_all_there():
    shapes = load_letter_shapes()
    assert shapes.images.shape[1:] == (64, 64) and set(np.unique(shapes.images)) == {0, 255}
    both = [set(shapes.letters[shapes.held_out == part]) for part in (False, True)]
    assert both == [set(string.ascii_letters)] * 2
    assert not set(shapes.fonts[shapes.held_out]) & set(shapes.fonts[~shapes.held_out])
