"""Reading digits and numbers: the answers, their form, and what happens to bad input."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from mnist_once import mnist

import digitlib
from digitlib.handwriting import camera, paper, strokes
from digitlib.reading.allowed import make_allowed
from digitlib.reading.components import Box
from digitlib.reading.network import Recognizer, load_recognizer
from digitlib.reading.normalize import prepare_digit
from digitlib.reading.number import CERTAIN, CERTAIN_EACH, Number, Rows
from digitlib.reading.picture import Step, full_size
from digitlib.reading.reader import make_reading


def sheet_of(text, seed=0, side=90, gap=110, allographs=None):
    """Digits in a row on paper: (160, ..., 3)."""
    rng = np.random.default_rng(seed)
    page = paper.blank((160, 40 + gap * len(text)))
    for place, digit in enumerate(text):
        ink = strokes.draw_digit(int(digit), rng, size=side)
        page = paper.lay_ink(page, ink, 35, 20 + gap * place)
    return page


def test_reading_has_the_form_it_promises():
    reading = digitlib.read_digit(sheet_of("3"))
    assert reading.digit == 3
    assert isinstance(reading.digit, int)
    assert 0 <= reading.confidence <= 1
    assert reading.confidence == pytest.approx(reading.probabilities.max())
    assert reading.probabilities.shape == (10,)
    assert reading.probabilities.dtype == np.float32
    assert reading.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert reading.certain is True
    assert reading.image.shape == (28, 28)
    np.testing.assert_array_equal(reading.image, reading.steps[-1].image)
    assert reading.label == "3" and reading.classes == tuple("0123456789")
    assert "digit 3" in repr(reading)


def test_box_lies_around_the_digit_in_full_size_pixels():
    page = np.full((3000, 2400, 3), 245, np.uint8)
    ink = strokes.draw_digit(8, np.random.default_rng(0), size=280)
    page = paper.lay_ink(page, ink, 2200, 400)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    reading = digitlib.read_digit(page)
    assert reading.digit == 8
    expected = (2200 + rows[0], 400 + columns[0], np.ptp(rows), np.ptp(columns))
    np.testing.assert_allclose(reading.box, expected, atol=12)


def test_a_network_of_your_own_answers_alone():
    """The shipped layers, but the classes turned round: the label follows the card of the network."""
    shipped = load_recognizer()
    turned = Recognizer(shipped.layers, {"classes": "9876543210", "certainty_threshold": 1.1})
    page = sheet_of("3")
    reading = digitlib.read_digit(page, network=turned)
    assert (reading.digit, reading.label, reading.certain) == (6, "6", False)
    assert digitlib.read_number(sheet_of("31"), network=turned).text == "68"
    letters = digitlib.read_digit(page, network=Recognizer(shipped.layers, {"classes": "ABCDEFGHIJ"}))
    assert (letters.digit, letters.label) == (None, "D")
    assert "letter D" in repr(letters)


def test_single_samples_are_read():
    samples = [sample for sample in digitlib.load_samples() if len(sample.label) == 1]
    right = [str(digitlib.read_digit(sample.path).digit) == sample.label for sample in samples]
    assert np.mean(right) >= 0.95


def test_samples_of_several_digits_are_read():
    samples = [sample for sample in digitlib.load_samples() if len(sample.label) > 1]
    right = [digitlib.read_number(sample.path).text.replace("\n", "") == sample.label for sample in samples]
    assert np.mean(right) >= 0.85


def test_samples_without_a_digit_are_mostly_refused():
    def refused(sample):
        try:
            return not digitlib.read_digit(sample.path).certain
        except digitlib.NoDigitError:
            return True

    samples = [sample for sample in digitlib.load_samples() if not sample.label]
    assert np.mean([refused(sample) for sample in samples]) >= 0.8


def test_mnist_loses_almost_nothing_on_its_way_through_the_steps():
    images, labels = (part[:2_000] for part in mnist()[1])
    alone = load_recognizer().probabilities(images.astype(np.float32) / 255).argmax(axis=1)
    whole = np.array([digitlib.read_digit(image).digit for image in images])
    assert (whole == labels).mean() > (alone == labels).mean() - 0.0015
    assert (alone == labels).mean() > 0.985


@pytest.mark.parametrize("text", ["0123456789", "42", "7", "111", "90210"])
def test_numbers_are_read_in_order(text):
    number = digitlib.read_number(sheet_of(text, seed=len(text)))
    assert number.text == text
    assert [reading.digit for reading in number] == [int(digit) for digit in text]
    columns = [reading.box.column for reading in number]
    assert columns == sorted(columns)
    assert number.certain and 0.86 <= number.confidence <= 1
    assert number.certain is all(reading.certain for reading in number)
    assert len(number) == len(text) and repr(text) in repr(number)


def test_two_rows_and_a_dash():
    page = np.vstack([sheet_of("123", 1), sheet_of("456", 2)])
    page[78:84, 112:128] = 40
    number = digitlib.read_number(page)
    assert number.text == "123\n456"
    assert len(number.skipped) == 1


def test_touching_digits_are_parted():
    number = digitlib.read_number(sheet_of("5083", seed=4, side=110, gap=66))
    assert number.text == "5083"


def test_two_digits_in_one_picture_are_not_certain():
    assert not digitlib.read_digit(sheet_of("38")).certain


def test_threads_get_their_own_answers():
    pages = [sheet_of(str(digit), seed=3) for digit in range(10)] * 4
    alone = [digitlib.read_digit(page).probabilities for page in pages]
    with ThreadPoolExecutor(8) as pool:
        together = [reading.probabilities for reading in pool.map(digitlib.read_digit, pages)]
    np.testing.assert_array_equal(alone, together)


def test_card_tells_the_truth_about_the_test_set():
    card = load_recognizer().card
    images, labels = mnist()[1]
    answers = load_recognizer().probabilities(images.astype(np.float32) / 255).argmax(axis=1)
    assert (answers == labels).mean() == pytest.approx(card["test_accuracy"], abs=2e-4)
    assert card["test_accuracy"] >= 0.993


def test_reading_needs_no_tensorflow():
    program = (
        "import sys, numpy as np, digitlib; page = np.full((90, 90), 230, np.uint8); page[20:70, 40:48] = 30;"
        "digitlib.read_digit(page); digitlib.read_number(page);"
        "sys.exit(any(name in sys.modules for name in ('tensorflow', 'keras', 'matplotlib', 'ipywidgets')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@settings(max_examples=40, deadline=None)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 70), st.integers(1, 70))))
def test_any_array_is_answered_or_refused(array):
    for read in (digitlib.read_digit, digitlib.read_number):
        try:
            answer = read(array)
        except digitlib.ImageError:
            continue
        for reading in [answer] if isinstance(answer, digitlib.Reading) else answer:
            row, column, height, width = reading.box
            assert 0 <= row < row + height <= array.shape[0]
            assert 0 <= column < column + width <= array.shape[1]
            assert 0 <= reading.digit <= 9


@settings(max_examples=25, deadline=None)
@given(st.text("0123456789", min_size=1, max_size=6), st.integers(0, 10**6), st.floats(0, 0.6))
def test_numbers_in_any_light_have_boxes_inside_the_picture(text, seed, strength):
    page = camera.shading(sheet_of(text, seed), np.random.default_rng(seed), strength)
    number = digitlib.read_number(page)
    assert len(number) >= 1
    for reading in number:
        assert reading.box.bottom <= page.shape[0]
        assert reading.box.right <= page.shape[1]


def reading_of(label, confidence=0.9, certain=True):
    return digitlib.Reading(
        label, confidence, np.ones(1), (label,), certain, np.ones((28, 28)), (), (0, 0, 1, 1)
    )


def test_a_text_is_certain_where_it_is_as_a_whole_and_each_character_is():
    for whole, each, certain in (
        (CERTAIN, CERTAIN_EACH, True),
        (CERTAIN - 1e-9, 1.0, False),
        (1.0, CERTAIN_EACH - 1e-9, False),
    ):
        assert Rows(((reading_of("2", 1.0), reading_of("3", each)),), whole).certain is certain


def test_what_was_read_says_what_it_is():
    two, letter = reading_of("2"), reading_of("B", 0.1234, False)
    assert repr(two) == "Reading(digit 2, confidence 90.0%, certain)"
    assert repr(letter) == "Reading(letter B, confidence 12.3%, not sure)"
    rows = Rows(((two, letter), (two,)), CERTAIN)
    assert repr(rows) == f"Rows('2B\\n2', confidence {CERTAIN:.1%}, not sure)"
    assert [*rows] == [two, letter, two] and len(rows) == 3
    assert repr(Rows(((two, two),), CERTAIN)) == f"Rows('22', confidence {CERTAIN:.1%}, certain)"
    number = Number(((two,), (two, two)), CERTAIN - 1e-9, [], make_allowed(pattern="d-d"))
    assert repr(number) == f"Number('2-\\n2-2', confidence {CERTAIN:.1%}, not sure)"


@pytest.mark.parametrize(
    ("chance", "doubtful"), [(0.9, False), (0.9, True), (0.8, False), (1.0000001, False)]
)
def test_an_answer_is_certain_from_the_threshold_on_unless_the_picture_is_doubtful(chance, doubtful):
    network = Recognizer(load_recognizer().layers, {"classes": "abcdefghij", "certainty_threshold": 0.9})
    prepared = replace(prepare_digit(digitlib.load_picture(sheet_of("3"))), doubtful=doubtful)
    probabilities = np.full(10, 0.01)
    probabilities[4] = chance
    reading = make_reading(probabilities, prepared, network)
    assert (reading.label, reading.confidence, reading.classes) == (
        "e",
        min(chance, 1.0),
        tuple("abcdefghij"),
    )
    assert reading.certain is (chance >= 0.9 and not doubtful) and reading.probabilities is probabilities
    assert (reading.image is prepared.image) and reading.box == prepared.box


def test_a_box_of_a_shrunk_image_lies_inside_the_full_size():
    assert full_size(Box(5, 10, 20, 30), 2.5, (60, 100)) == Box(12, 25, 48, 75)
    assert full_size(Box(5, 10, 3, 5), 1.5, (60, 100, 3)) == Box(7, 15, 4, 8)
    assert full_size(Box(59, 99, 9, 9), 1, (60, 100)) == Box(59, 99, 1, 1)
    assert full_size(Box(200, 200, 0, 0), 1, (60, 100)) == Box(59, 99, 1, 1)
    assert full_size(Box(3, 4, 0, 0), 1, (60, 100)) == Box(3, 4, 1, 1)
    assert repr(Step("crop", np.zeros((20, 10)), "So.")) == "Step(crop, 20 x 10: So.)"
    picture = digitlib.load_picture(np.zeros((3000, 1000, 3), np.uint8))
    assert repr(picture) == "Picture(RGB, shape=(3000, 1000), pixels=(2048, 683), scale=1.465)"
    assert picture.upright_box(Box(100, 200, 10, 20)) == Box(146, 292, 15, 29)
