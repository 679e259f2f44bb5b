"""Measure the network of letters: ``python benchmarks/letters.py``.

Pictures of the letters of 16 handwriting fonts that it was not trained on go through the whole path, from
paper to answer, one by one and in rows. Then digits and letters are told apart, and the cost of an answer is
compared to a digit's.
"""

import string
import time

import cv2
import numpy as np
from tables import table

import digitlib
from digitlib.data import load_letter_shapes, load_mnist
from digitlib.handwriting.letters import extent, make_letters
from digitlib.measuring import proportion
from digitlib.reading.both import weigh
from digitlib.reading.network import LETTERS_FILE, load_recognizer
from digitlib.reading.text import read_text

ENLARGED, MARGIN = 3, 40  # a letter is drawn three times as large, with 40 pixels of paper around it
PAPER, INK = 235, 45  # grey levels
ROW_HEIGHT = 80  # height of a capital in a row, in pixels
ROWS, LETTERS = 300, 6  # rows of each kind, and letters in each
REPEATS = 15  # of the timing; its median counts
CHARACTERS = 2_000  # digits, and letters, that both networks look at


def page(shape):
    """Return a letter, dark on light paper: (272, 272) uint8."""
    ink = cv2.resize(shape, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC).astype(float) / 255
    ink = cv2.copyMakeBorder(ink, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT)
    return np.round(PAPER - (PAPER - INK) * ink.clip(0, 1)).astype(np.uint8)


def measure_unseen_fonts():
    """Print how many letters of unseen fonts are read right, by case."""
    shapes = load_letter_shapes()
    unseen = [*zip(shapes.images[shapes.held_out], shapes.letters[shapes.held_out], strict=True)]
    readings = [digitlib.read_letter(page(shape)) for shape, _ in unseen]
    letters = np.array([letter for _, letter in unseen])
    right = np.array([one.label for one in readings]) == np.char.upper(letters)
    best = np.array([[one.classes[i] for i in np.argsort(-one.probabilities)[:3]] for one in readings])
    among = (best == np.char.upper(letters)[:, None]).any(axis=1)
    certain = np.array([one.certain for one in readings])
    upper = np.char.isupper(letters)
    rows = [
        (name, proportion(right[part]), proportion(among[part]), proportion(right[part & certain]))
        for name, part in (("capitals", upper), ("small letters", ~upper), ("all", upper | ~upper))
    ]
    table(
        "Letters of unseen fonts", ("letters", "right", "among the first three", "right when certain"), rows
    )


def row_of(letters, shapes, apart):
    """Return letters on paper as one row: (H, W) uint8.

    `apart` is the paper between two letters, in heights of a capital; where it is negative, they touch.
    """
    paper = np.zeros((ROW_HEIGHT * 2, ROW_HEIGHT * (len(letters) + 2)))
    column = ROW_HEIGHT / 2
    for letter, shape in zip(letters, shapes, strict=True):
        left, top, width, height = cv2.boundingRect(shape)
        first, last = (round(ROW_HEIGHT * (0.4 + end)) for end in extent(letter))
        wide = max(4, round(width * (last - first) / height))
        drawn = cv2.resize(shape[top : top + height, left : left + width], (wide, last - first)) / 255
        place = paper[first:last, round(column) : round(column) + wide]
        np.maximum(place, drawn[:, : place.shape[1]], out=place)
        column += wide + apart * ROW_HEIGHT
    used = paper[:, : round(column + ROW_HEIGHT / 2)]
    return np.round(PAPER - (PAPER - INK) * used).astype(np.uint8)


def measure_rows():
    """Print how many rows of six letters are read right as a whole, by the cutting reader and by both."""
    shapes, rng, rows = load_letter_shapes(), np.random.default_rng(0), []
    fonts = [
        font
        for font in np.unique(shapes.fonts[shapes.held_out])
        if np.isin(list(string.ascii_letters), shapes.letters[shapes.fonts == font]).all()
    ]
    for name, apart in (("apart", 0.2), ("touching", -0.04)):
        seen = []
        for number in range(ROWS):
            of_font = shapes.fonts == fonts[number % len(fonts)]
            case = string.ascii_uppercase if number % 2 else string.ascii_lowercase
            letters = "".join(rng.choice(list(case), LETTERS))
            parts = [shapes.images[of_font & (shapes.letters == one)][0] for one in letters]
            picture = row_of(letters, parts, apart)
            alone = read_text(picture, "letters", LETTERS_FILE).text == letters.upper()
            both = read_text(picture, "letters")
            seen.append((alone, both.text == letters.upper(), both.certain))
        alone, right, certain = np.array(seen).T
        sure = (f"{certain.mean():.1%}", proportion(right[certain]))
        rows.append((name, proportion(alone), proportion(right), *sure))
    head = ("six letters", "the network of letters alone", "both readers", "certain", "right when certain")
    table("Rows of letters of unseen fonts", head, rows)


def measure_both():
    """Print how many digits and letters are told apart, where either may be meant."""
    digits, letters = load_recognizer(), load_recognizer(LETTERS_FILE)
    classes = np.array([*digits.classes, *letters.classes])
    (_, _), (test, labels) = load_mnist()
    drawn, names = make_letters(CHARACTERS, np.random.default_rng(0), held_out=True)
    rows = []
    for kind, images, wanted in (
        ("digits of MNIST's test set", test[:CHARACTERS], labels[:CHARACTERS].astype(str)),
        ("letters of unseen fonts", drawn, np.char.upper(names)),
    ):
        table_of = weigh(*(one.probabilities(images / np.float32(255)) for one in (digits, letters)))
        answers = classes[table_of.argmax(axis=1)]
        sure = table_of.max(axis=1) >= max(digits.certainty_threshold, letters.certainty_threshold)
        right = answers == wanted
        rows.append((kind, proportion(right), f"{sure.mean():.1%}", proportion(right[sure])))
    table("Digits and letters together", ("characters", "right", "certain", "right when certain"), rows)


def measure_cost():
    """Print what an answer costs, as a ratio to the network of digits."""
    image = np.random.default_rng(0).random((1, 28, 28), np.float32)
    networks, seconds = (load_recognizer(), load_recognizer(LETTERS_FILE)), []
    for _ in range(REPEATS):
        for network in networks:
            start = time.perf_counter()
            for _ in range(20):
                network.probabilities(image)
            seconds.append(time.perf_counter() - start)
    ratio = np.median(seconds[1::2]) / np.median(seconds[::2])
    print(f"An answer of the network of letters costs {ratio:.2f} times that of the network of digits.")
    print(f"Its file has {LETTERS_FILE.stat().st_size / 1e6:.2f} MB.")


if __name__ == "__main__":
    measure_unseen_fonts()
    measure_rows()
    measure_both()
    measure_cost()
