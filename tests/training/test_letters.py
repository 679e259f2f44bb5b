"""The training of letters: with EMNIST's files or without, and what its card says."""

import json

import numpy as np
import pytest
from test_emnist import write_emnist

from digitlib.backend import keras
from digitlib.data import DataError, load_mnist
from digitlib.handwriting.letters import make_letters
from digitlib.reading.network import LETTERS_FILE, load_recognizer
from digitlib.reading.reader import read_letter
from digitlib.training import letters
from digitlib.training.letters import class_numbers, train_letters
from digitlib.training.networks import build_network


@pytest.fixture
def small(monkeypatch):
    """A training of few pictures."""
    for name, count in {
        "_DRAWN": 300,
        "_NO_LETTER": 20,
        "_PHOTOGRAPHED": 20,
        "_DIGITS": 40,
        "_HELD_BACK": 60,
    }.items():
        monkeypatch.setattr(letters, name, count)
    monkeypatch.setattr(letters, "build_full_network", tiny)


def tiny(classes):
    """A network that is quickly trained."""
    layers = keras.layers
    network = build_network(2)
    small = [*network.layers[:-2], layers.Dense(classes, name="logits"), layers.Softmax(name="probabilities")]
    return keras.Sequential([layers.Input((28, 28, 1)), *small])


def test_emnists_files_of_a_thousand_letters_train(small, tmp_path):
    images, names = make_letters(1000, np.random.default_rng(0))
    write_emnist(tmp_path / "emnist", images, names)
    card = train_letters("letters", tmp_path / "emnist", epochs=1, out=tmp_path / "out").card
    assert card["pictures_an_epoch"]["EMNIST letters"] == 900
    assert card["test_pictures"] == 100
    network = load_recognizer(tmp_path / "out")
    assert "".join(network.classes) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    page = np.full((120, 100), 230, np.uint8)
    page[20:100, 30:40] = page[90:100, 30:75] = 40
    reading = read_letter(page, network=tmp_path / "out")
    assert reading.label in network.classes and len(reading.probabilities) == 26 and reading.digit is None


def test_what_is_trained_on_is_upright(small, tmp_path):
    """A network of drawn letters alone reads what EMNIST's files hold: transposed, hardly any."""
    images, names = make_letters(300, np.random.default_rng(0))
    write_emnist(tmp_path, images, names)
    batch, _, _ = letters._fixed_images("letters", tmp_path)
    real = batch.targets.max(axis=1) == 1
    answers = load_recognizer(LETTERS_FILE).probabilities(batch.images[real] / np.float32(255))
    right = answers.argmax(axis=1) == batch.targets[real].argmax(axis=1)
    assert right.mean() > 0.9
    assert (real.sum(), (~real).sum()) == (270, np.isin(load_mnist()[0][1][:40], (3, 4, 6, 7, 8, 9)).sum())


def test_it_is_measured_on_fonts_that_it_has_not_seen(small, monkeypatch):
    drawn = []

    def make(count, rng, held_out=False):
        drawn.append((count, held_out))
        return make_letters(count, rng, held_out)

    monkeypatch.setattr(letters, "make_letters", make)
    train_letters(epochs=1)
    assert drawn[:2] == [(60, True), (20, False)]
    assert not any(held_out for _, held_out in drawn[1:])


def test_balanced_reads_digits_too(small, tmp_path):
    card = train_letters("balanced", epochs=1, out=tmp_path).card
    assert len(card["classes"]) == 47 and card["pictures_an_epoch"]["MNIST"] == 40
    assert load_recognizer(tmp_path).classes[:11] == (*"0123456789", "A")


def test_a_letter_belongs_to_its_class():
    assert class_numbers(np.array(list("aAzZ")), letters.CLASSES["letters"]).tolist() == [0, 0, 25, 25]
    balanced = letters.CLASSES["balanced"]
    assert [balanced[number] for number in class_numbers(np.array(list("aAcC7")), balanced)] == list("aACC7")


def test_the_same_seed_repeats(small):
    first, again, other = (train_letters(seed=seed, epochs=1).card["history"] for seed in (0, 0, 1))
    assert first == again != other


def test_wrong_arguments_are_told(tmp_path):
    with pytest.raises(ValueError, match="letters, balanced"):
        train_letters("capitals")
    with pytest.raises(DataError, match="https://www"):
        train_letters(emnist=tmp_path / "nowhere")


def test_shipped_network_is_the_one_of_its_card():
    card = json.loads((LETTERS_FILE.parent / "model_card.json").read_text(encoding="utf-8"))
    assert card["profile"] == "letters" and card["epochs"] == letters.EPOCHS
    assert LETTERS_FILE.stat().st_size < 1.5e6
    load_recognizer(LETTERS_FILE)  # compares the checksum
