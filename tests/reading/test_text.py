"""Letters, alone and in rows, and letters beside digits: what is read, and where it is honest."""

import string

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.stats import entropy

from digitlib.data import load_letter_shapes, load_mnist, load_samples
from digitlib.handwriting.letters import make_letters
from digitlib.reading.both import BothNetworks, as_recognizer, weigh
from digitlib.reading.network import LETTERS_FILE, ModelError, Recognizer, load_recognizer
from digitlib.reading.number import CERTAIN, read_number
from digitlib.reading.picture import ImageError, NoDigitError
from digitlib.reading.reader import read_character, read_digit, read_letter
from digitlib.reading.text import read_text

SHAPES = load_letter_shapes()


def ink(letter, height):
    """A letter of a font that no network was trained on, as ink (H, W), cropped closely."""
    shape = SHAPES.images[(SHAPES.letters == letter) & SHAPES.held_out][0]
    column, row, width, tall = cv2.boundingRect(shape)
    scale = height / max(width, tall)
    return cv2.resize(shape[row : row + tall, column : column + width], None, fx=scale, fy=scale)


def page(*rows, height=80):
    """Dark letters on light paper, each row a text whose letters stand apart."""
    paper = np.full((40 + 140 * len(rows), 80 + 110 * max(map(len, rows))), 235, np.uint8)
    for number, text in enumerate(rows):
        column = 40
        for letter in text:
            drawn = ink(letter, height)
            top = 140 + 140 * number - 20 - len(drawn)
            part = paper[top : top + drawn.shape[0], column : column + drawn.shape[1]]
            np.minimum(part, 235 - (drawn * 0.8).astype(np.uint8), out=part)
            column += drawn.shape[1] + 24
    return paper


def test_most_letters_of_unseen_fonts_are_read():
    letters = [(shape, str(letter)) for shape, letter in zip(SHAPES.images, SHAPES.letters, strict=True)]
    unseen = [one for one, held in zip(letters, SHAPES.held_out, strict=True) if held][::5]
    right = []
    for shape, letter in unseen:
        picture = 255 - cv2.copyMakeBorder(shape, 20, 20, 20, 20, cv2.BORDER_CONSTANT)
        right.append(read_letter(picture).label == letter.upper())
    assert len(right) > 160 and np.mean(right) > 0.93


def test_a_letter_is_no_digit():
    reading = read_letter(page("R"))
    assert (reading.label, reading.digit, len(reading.probabilities)) == ("R", None, 26)
    assert repr(reading).startswith("Reading(letter R")
    assert reading.steps[3].note.startswith("The letter is")
    assert np.isclose(reading.probabilities.sum(), 1, atol=1e-4)


def test_steps_can_be_left_out():
    assert "threshold" not in [step.name for step in read_letter(page("R"), ("threshold",)).steps]
    assert "threshold" not in [step.name for step in read_character(page("R"), ("threshold",)).steps]


def test_rows_are_read_from_top_to_bottom():
    text = read_text(page("HAND", "WRITE"), "letters")
    assert text.text == "HAND\nWRITE"
    assert (len(text), [reading.label for reading in text][:2]) == (9, ["H", "A"])
    assert text.certain == (text.confidence >= CERTAIN)
    boxes = [reading.box for reading in text.rows[0]]
    assert [box.column for box in boxes] == sorted(box.column for box in boxes)


@pytest.mark.parametrize("word", ["ij", "jig"])
def test_the_dots_of_i_and_j_belong_to_them(word):
    text = read_text(page(word), "letters")
    assert len(text) == len(word)
    assert all(75 <= reading.box.height <= 85 for reading in text), "a letter without its dot is lower"


def row(word, apart):
    """A word of an unseen font, its letters as far apart as is said, in heights of a capital."""
    font = SHAPES.fonts[SHAPES.held_out][0]
    paper, column = np.full((160, 120 * len(word)), 235, np.uint8), 40
    for letter in word:
        shape = SHAPES.images[(SHAPES.fonts == font) & (SHAPES.letters == letter)][0]
        left, top, width, height = cv2.boundingRect(shape)
        wide = round(80 * width / height)
        drawn = cv2.resize(shape[top : top + height, left : left + width], (wide, 80))
        part = paper[40:120, column : column + wide]
        np.minimum(part, 235 - (drawn * 0.8).astype(np.uint8), out=part)
        column += wide + round(80 * apart)
    return paper[:, : column + 40]


@pytest.mark.parametrize("word", ["HOUSE", "PAPER", "ZEBRA", "WATER", "BREAD", "GREEN"])
def test_letters_that_touch_are_parted(word):
    assert read_text(row(word, -0.02), "letters").text == word


def test_the_line_reader_reads_what_cutting_misses():
    touching = row("HOUSE", -0.02)
    assert read_text(touching, "letters", LETTERS_FILE).text != "HOUSE" == read_text(touching, "letters").text


def test_both_readers_read_rows_and_an_own_network_reads_alone():
    shared, alone = (read_text(row("HAND", 0.2), "letters", network) for network in (None, LETTERS_FILE))
    assert shared.text == alone.text == "HAND"
    for one, other in zip(shared, alone, strict=True):
        assert not np.allclose(one.probabilities, other.probabilities, atol=1e-6)
    network = load_recognizer(LETTERS_FILE)
    np.testing.assert_allclose(
        alone.rows[0][0].probabilities, network.probabilities(alone.rows[0][0].image[None])[0], atol=1e-6
    )


def test_other_letters_than_a_to_z_are_read_by_cutting_alone():
    """A network that knows small letters apart has no line reader beside it."""
    shipped = load_recognizer(LETTERS_FILE)
    small = Recognizer(shipped.layers, {"classes": [*"abcdefghijklmnopqrstuvwxyz"]})
    text = read_text(row("HAND", 0.2), "letters", small)
    assert text.text == "hand"
    assert text.confidence == pytest.approx(np.prod([one.confidence for one in text]))


def test_a_bare_bar_may_be_either_letter():
    bar = np.full((200, 200), 235, np.uint8)
    bar[40:160, 95:105] = 40
    reading = read_letter(bar)
    likely = [reading.classes[place] for place in np.argsort(-reading.probabilities)[:2]]
    assert likely == ["I", "L"] and not reading.certain


def test_digits_are_read_as_ever():
    number = next(sample.path for sample in load_samples() if len(sample.label) == 3)
    assert read_text(number, "digits").text == read_number(number).text


def test_a_nought_and_an_o_share_the_probability():
    circle = np.full((200, 200), 235, np.uint8)
    cv2.ellipse(circle, (100, 100), (45, 60), 0, 0, 360, 40, 10)
    reading = read_character(circle)
    likely = {reading.classes[place] for place in np.argsort(-reading.probabilities)[:2]}
    assert likely == {"0", "O"} and not reading.certain


@pytest.mark.parametrize("letter", "AEHKMRW")
def test_clear_letters_beside_digits_are_letters(letter):
    reading = read_character(page(letter))
    assert (reading.label, reading.digit) == (letter, None)


def test_clear_digits_beside_letters_are_digits():
    (images, labels), _ = load_mnist()
    clear = np.isin(labels[:400], (3, 4, 6, 7, 8, 9))
    digits, letters = load_recognizer(), load_recognizer(LETTERS_FILE)
    seen = images[:400][clear] / np.float32(255)
    table = weigh(digits.probabilities(seen), letters.probabilities(seen))
    assert (table.argmax(axis=1) == labels[:400][clear]).mean() > 0.95
    assert (table[:, :10].argmax(axis=1) == digits.probabilities(seen).argmax(axis=1)).all()


def test_letters_that_look_like_no_digit_are_letters():
    clear = "".join(set(string.ascii_letters) - set("oOiIlLzZsSdDqQgG"))
    images, names = make_letters(400, np.random.default_rng(0), held_out=True, letters=clear)
    seen = images / np.float32(255)
    digits, letters = load_recognizer(), load_recognizer(LETTERS_FILE)
    table = weigh(digits.probabilities(seen), letters.probabilities(seen))
    assert (table.argmax(axis=1) >= 10).mean() > 0.96
    right = np.array(list(string.ascii_uppercase))[table[:, 10:].argmax(axis=1)] == np.char.upper(names)
    assert right.mean() > 0.95


@given(
    arrays.arrays(np.float32, (3, 10), elements=st.floats(0.0625, 1, width=32)),
    arrays.arrays(np.float32, (3, 26), elements=st.floats(0.0625, 1, width=32)),
)
def test_joined_probabilities_are_probabilities(digits, letters):
    digits, letters = (table / table.sum(axis=1, keepdims=True) for table in (digits, letters))
    joined = weigh(digits, letters)
    assert joined.shape == (3, 36) and (joined >= 0).all()
    np.testing.assert_allclose(joined.sum(axis=1), 1, atol=1e-5)
    for part, table in ((joined[:, :10], digits), (joined[:, 10:], letters)):
        np.testing.assert_allclose(
            part * table.max(axis=1, keepdims=True), table * part.max(axis=1, keepdims=True), atol=1e-5
        )


@settings(max_examples=40)
@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40)))
def test_any_picture_gets_an_answer_or_a_sentence(pixels):
    for what in ("letters", "both"):
        try:
            text = read_text(pixels, what)
        except ImageError as error:
            assert str(error)
        else:
            assert set(text.text) <= set(string.ascii_uppercase + string.digits + "\n")


def test_what_is_wrong_is_told(tmp_path):
    with pytest.raises(ValueError, match="digits, letters, both"):
        read_text(page("A"), "words")
    with pytest.raises(NoDigitError):
        read_text(np.full((100, 100), 230, np.uint8), "letters")
    with pytest.raises(ModelError):
        read_letter(page("A"), network=tmp_path)
    with pytest.raises(ModelError, match="Allowed beside the one of digits is one of A to Z"):
        read_text(page("A"), "both", load_recognizer())


def test_an_own_network_of_letters_is_used():
    assert read_text(page("AB"), "letters", LETTERS_FILE).text == read_text(page("AB"), "letters").text


def test_a_digit_network_reads_as_before():
    sample = next(sample.path for sample in load_samples() if len(sample.label) == 1)
    reading = read_digit(sample)
    assert (reading.classes, reading.label) == (tuple("0123456789"), str(reading.digit))


def test_two_networks_are_joined_by_how_sure_each_is():
    """The formula, with SciPy's entropy: a letter where its network is sure, but for digits like letters."""
    rng = np.random.default_rng(0)
    digits, letters = rng.dirichlet(np.full(10, 0.2), 40), rng.dirichlet(np.full(26, 0.1), 40)
    digits[0], letters[1], letters[2], digits[3] = 0.1, 1 / 26, np.eye(26)[3], np.eye(10)[5]
    sure_digit, sure_letter = (
        np.maximum(1 - entropy(one, axis=1) / np.log(one.shape[1]), 1e-6)[:, None]
        for one in (digits, letters)
    )
    alike = digits[:, [0, 1, 2, 5]].sum(axis=1, keepdims=True)
    joined = np.hstack([sure_digit * (1 - sure_letter * (1 - alike)) * digits, sure_letter * letters])
    found = weigh(digits, letters)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, joined / joined.sum(axis=1, keepdims=True), rtol=1e-4, atol=1e-9)


def test_two_networks_answer_as_one():
    digits, letters = load_recognizer(), load_recognizer(LETTERS_FILE)
    strict = Recognizer(letters.layers, {"classes": [*string.ascii_uppercase], "certainty_threshold": 0.999})
    images = load_mnist()[1][0][:5] / np.float32(255)
    for both, own in ((BothNetworks(), letters), (BothNetworks(strict), strict)):
        assert both.classes == tuple(string.digits + string.ascii_uppercase)
        assert both.certainty_threshold == max(digits.certainty_threshold, own.certainty_threshold)
        table = weigh(digits.probabilities(images), own.probabilities(images))
        np.testing.assert_allclose(both.probabilities(images), table, atol=1e-6)
        assert as_recognizer(both) is both
    assert as_recognizer(None) is digits and as_recognizer(LETTERS_FILE) is letters


@pytest.mark.parametrize("read", [read_digit, read_letter, read_character])
def test_without_a_step_the_cutting_network_answers_alone(read):
    """Where a step is left out, what breaks is to be seen: the line reader does not look."""
    shown = page("R")
    shipped = {read_digit: None, read_letter: LETTERS_FILE, read_character: BothNetworks()}[read]
    alone, both = read(shown, ("center",)), read(shown)
    np.testing.assert_allclose(
        alone.probabilities, as_recognizer(shipped).probabilities(alone.image[None])[0], atol=1e-6
    )
    own = as_recognizer(shipped).probabilities(both.image[None])[0]
    assert not np.allclose(both.probabilities, own, atol=1e-6)
    name = {read_digit: "digit", read_letter: "letter", read_character: "character"}[read]
    assert both.steps[3].note.startswith(f"The {name} is ") and both.classes == as_recognizer(shipped).classes


@pytest.mark.parametrize(
    ("gap", "side", "shift", "joined"),
    [
        (30, 10, 0, True),
        (46, 10, 0, True),
        (50, 10, 0, False),  # a dot is less than 0.6 heights of the stroke away
        (30, 6, 0, True),
        (30, 3, 0, False),  # and larger than dust
        (30, 10, 8, True),
        (30, 10, 12, False),  # and above it
        (30, 10, -8, True),
        (30, 10, -12, False),
    ],
)
def test_a_dot_stands_near_above_its_stroke(gap, side, shift, joined):
    paper = np.full((200, 200), 235, np.uint8)
    paper[100:180, 50:60] = paper[100:180, 140:150] = 40
    paper[100 - gap - side : 100 - gap, 50 + shift : 50 + shift + side] = 40
    first, second = read_text(paper, "letters")
    assert (first.box.row < 90, first.box.bottom, second.box.row) == (joined, 180, 100)
    assert np.isclose(first.box.height, 80 + joined * (gap + side), atol=1)
