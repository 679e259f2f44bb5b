"""What each way of drawing makes of a seed, so that no change of it goes unseen.

cd tests && ../.venv/bin/python -m handwriting.drawings    # writes drawings.json anew: look at what changed
"""

import inspect
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from mnist_once import mnist

from digitlib.handwriting import camera, letters, paper, samples, scenes, strokes, surroundings
from digitlib.handwriting.hands import make_hand
from digitlib.handwriting.rows import draw_row
from digitlib.handwriting.surroundings import Spot

PATH = Path(__file__).with_name("drawings.json")
SIDE = 6
"""Rows and columns of what is stored of a picture: the mean brightness of so many parts."""
SEEDS = range(3)

CONDITIONS = {
    name: condition
    for module in (camera, paper)
    for name, condition in inspect.getmembers(module, inspect.isfunction)
    if condition.__module__ == module.__name__
    and not name.startswith("_")
    and "__" not in name  # mutmut puts its mutants beside them
    and list(inspect.signature(condition).parameters) == ["image", "rng", "strength"]
}


def under(condition, rng):
    """A sheet with an 8 on it, under a condition of a photo."""
    ink = strokes.draw_digit(8, np.random.default_rng(0), "one_stroke", 200, 12)
    return CONDITIONS[condition](paper.sheet(ink, 280), rng, 0.7)


def around(number, rng):
    """A row of four digits with what is written and printed round them, roughened and photographed."""
    rng = rng.spawn(number + 1)[number]
    digits = [strokes.draw_digit(digit, rng, size=64) for digit in range(4)]
    ink = np.zeros((120, 330), np.uint8)
    spots = [Spot(60.0, 60 + 70.0 * place, 64.0, 64.0, 70.0) for place in range(4)]
    for digit, spot in zip(digits, spots, strict=True):
        ink[28:92, int(spot.column) - 32 : int(spot.column) + 32] = digit
    surroundings.add_neighbors(ink, spots, digits, rng)
    print_ = surroundings.draw_print(ink.shape, spots, rng)
    return surroundings.photograph(surroundings.roughen(ink, rng), print_, rng, detail=2)


def signs(rng):
    """Six rows of two digits with a sign between them, one below the other."""
    rows, spots = [], [Spot(40.0, column, 50.0, 30.0, 120.0) for column in (60.0, 180.0)]
    while len(rows) < 6:
        ink = np.zeros((80, 240), np.uint8)
        surroundings.add_neighbors(ink, spots, [np.full((50, 30), 255, np.uint8)], rng)
        if ink[:, 90:150].any():
            rows.append(ink[:, 80:160])
    return np.vstack(rows)


def letter(name, held_out, rng):
    """Four of a letter in a row, each in a frame of its own."""
    frames = np.zeros((4, 56, 56), np.uint8)
    for image in frames:
        ink = letters.draw_ink(name, rng, held_out, 56)
        image[: ink.shape[0], : ink.shape[1]] = ink
    return np.hstack(frames)


def hand(rng):
    """The digits of a hand with some rare forms, each in a frame of its own."""
    one, frames = make_hand(rng, rare=0.5), np.zeros((10, 80, 80), np.uint8)
    for digit, image in enumerate(frames):
        ink = one.write(digit, rng, 80)
        image[: ink.shape[0], : ink.shape[1]] = ink
    return np.hstack(frames)


def row(number, with_letters, rng):
    """A whole row, one of many that differ in all that varies."""

    def letter_ink(letter, pen, rng):
        return letters.draw_ink(letter, rng, longest=56, pen=20 * pen)

    digits, width = tuple(part[:500] for part in mnist()[0]), (48, 96, 160, 384)[number % 4]
    return draw_row(digits, width, rng.spawn(number + 1)[number], letter_ink if with_letters else None)


def scene(one, rng):
    """A digit and a printed box, laid on the paper of a sample picture, in its light; smaller than there."""
    ink = strokes.draw_digit(5, rng, size=90)
    printed = np.pad(np.zeros((84, 84), np.uint8), 3, constant_values=255)
    small = replace(one, shape=(120, 160))
    return samples.photograph(small, ink, printed, scenes.PENS[one.pens[-1]], rng)


ROWS = {
    f"row of {kind} {number}": partial(row, number, kind != "digits")
    for kind in ("digits", "letters")
    for number in range(20)
}
WAYS = {
    **{
        f"{digit} {form}": partial(
            lambda digit, form, rng: strokes.draw_digit(digit, rng, form, 56), digit, form
        )
        for digit, forms in strokes.ALLOGRAPHS.items()
        for form in forms
    },
    **{
        name: partial(lambda name, rng: strokes.draw_letter(name, rng, 56), name)
        for name in strokes.LETTER_NAMES
    },
    **{
        kind: partial(lambda kind, rng: strokes.draw_scribble(rng, kind, 56), kind)
        for kind in strokes.SCRIBBLES
    },
    **{name: partial(under, name) for name in CONDITIONS},
    **{f"row {number}": partial(around, number) for number in range(20)},
    **{f"letter {name}": partial(letter, name, False) for name in "AGabdgijlpqtxz"},
    **{f"held-out {name}": partial(letter, name, True) for name in "Qil"},
    **{
        f"number {job.name}": partial(lambda job, rng: np.hstack(samples.number_ink(job, rng)), job)
        for job in scenes.numbers()
    },
    **{f"none {name}": partial(samples.nothing_ink, drawn, place) for name, drawn, place in scenes.others()},
    **{f"scene {one.kind}": partial(scene, one) for one in scenes.singles()},
    "single": lambda rng: samples.single_ink("7:crossed", scenes.Scene(shape=(100, 200)), rng)[0],
    "hand": hand,
    "signs": signs,
    "rough ink": lambda rng: paper.rough_ink(np.full((12, 12), 255, np.uint8), rng, 0.8),
    "letters": lambda rng: np.hstack(letters.make_letters(6, rng)[0]),
    **{name: partial(lambda draw, rng: draw(rng).image, draw) for name, draw in ROWS.items()},
}


def parts_of(image):
    """The mean brightness of each part of a picture, 0 to 255."""
    gray = image if image.ndim == 2 else image.mean(axis=2).astype(np.float32)
    return np.rint(cv2.resize(gray, (SIDE, SIDE), interpolation=cv2.INTER_AREA)).astype(int).ravel().tolist()


def drawn(way):
    """What is stored of a way of drawing: its parts for each seed."""
    return [parts_of(WAYS[way](np.random.default_rng(seed))) for seed in SEEDS]


def texts():
    """What is written in the rows, seed after seed."""
    return [[draw(np.random.default_rng(seed)).text for seed in SEEDS] for draw in ROWS.values()]


if __name__ == "__main__":
    stored = {"texts": texts(), **{way: drawn(way) for way in WAYS}}
    text = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in stored.items())
    PATH.write_text("{\n" + text + "\n}\n", encoding="utf-8")
