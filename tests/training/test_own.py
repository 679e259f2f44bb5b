"""Training on a labelled folder: what is learnt, what is kept, what is held out, what is told."""

import json
import shutil
from functools import partial

import cv2
import numpy as np
import pytest

from digitlib.data import split_validation
from digitlib.explaining.neighbors import nearest_digits, write_index
from digitlib.handwriting.hands import make_hand
from digitlib.labels import LabelError, write_labels
from digitlib.measuring import load_labeled
from digitlib.reading.network import ModelError, load_recognizer, save_layers
from digitlib.training import mixture, own
from digitlib.training.convert import to_layers
from digitlib.training.networks import build_network

LESSON = own.SHIPPED.parent / "lesson"
"""A small network: thirteen thousand weights."""


@pytest.fixture(autouse=True, scope="module")
def short():
    """Trainings of seconds."""
    (images, labels), _ = own.load_mnist()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_OWN", 500), ("_MNIST", 700), ("_NO_DIGIT", 50), ("_LEARNING_RATE", 1.5e-3)):
            patch.setattr(own, name, value)
        patch.setattr(own, "load_mnist", lambda: ((images[:4_000], labels[:4_000]), None))
        patch.setattr(own, "split_validation", partial(split_validation, count=1_000))
        yield


def write_digits(folder, writers, rare=1.0):
    folder.mkdir(parents=True)
    rows = []
    for writer in writers:
        hand, rng = make_hand(np.random.default_rng(writer), rare), np.random.default_rng(100 + writer)
        for number in range(20):
            page = np.full((120, 120), 255, np.uint8)
            ink = hand.write(number % 10, rng, 80)
            page[20 : 20 + ink.shape[0], 20 : 20 + ink.shape[1]] -= ink // 4 * 3
            name = f"{writer}_{number}.png"
            cv2.imwrite(str(folder / name), page)
            rows.append({"file": name, "label": str(number % 10), "writer": f"w{writer}"})
    write_labels(folder, rows)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write_digits(tmp_path_factory.mktemp("own") / "mine", range(10))


@pytest.fixture(scope="module")
def unseen(tmp_path_factory):
    return load_labeled(str(write_digits(tmp_path_factory.mktemp("own") / "unseen", range(50, 70))))


@pytest.fixture(scope="module")
def trained(short, data, tmp_path_factory):
    """A folder with a fine-tuned network, and its card."""
    out = tmp_path_factory.mktemp("own") / "out"
    return out, own.train_on(data, LESSON, epochs=8, out=out).card


def errors(network, pictures):
    return (load_recognizer(network).probabilities(pictures.images).argmax(axis=1) != pictures.labels).mean()


def test_fine_tuning_learns_new_forms_and_forgets_no_old_ones(trained, unseen):
    out, card = trained
    before, after = errors(LESSON, unseen), errors(out, unseen)
    assert before > 0.1 and after < 2 / 3 * before
    assert card["validation_accuracy"] > card["start_validation_accuracy"] - 0.01


def test_card_tells_what_was_trained_on_and_how_well_it_reads(trained, data):
    out, card = trained
    stored = json.loads((out / "model_card.json").read_text(encoding="utf-8"))
    assert stored == card and "test_accuracy" not in card
    held_out = load_labeled(str(data))
    held_out = held_out.where(np.isin(held_out.writers, card["held_out_writers"]))
    assert card["held_out_pictures"] == len(held_out.labels) == 40 and card["split"] == "by writer"
    assert card["held_out_accuracy"] == pytest.approx(1 - errors(out, held_out), abs=1e-4)
    assert card["start_held_out_accuracy"] == pytest.approx(1 - errors(LESSON, held_out), abs=1e-4)
    assert card["writers"] == sorted(f"w{number}" for number in range(10)) and card["own_pictures"] == 200


def test_held_out_writers_are_never_trained_on(data, monkeypatch):
    seen = []

    def spy(images, rng):
        seen.append(images)
        return images

    monkeypatch.setattr(mixture, "augment", spy)
    card = own.train_on(data, LESSON, epochs=1).card
    pictures = load_labeled(str(data))
    trained = {image.tobytes() for batch in seen for image in batch}
    for image, writer in zip(np.round(pictures.images * 255).astype(np.uint8), pictures.writers, strict=True):
        assert (image.tobytes() in trained) == (writer not in card["held_out_writers"])


def test_stopped_training_goes_on_to_the_same_network(data, tmp_path):
    whole = own.train_on(data, LESSON, epochs=2, out=tmp_path / "whole").card

    def stop(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        own.train_on(data, LESSON, epochs=2, out=tmp_path / "parts", say=stop)
    lines = []
    parts = own.train_on(data, LESSON, epochs=2, out=tmp_path / "parts", say=lines.append).card
    assert "going on after epoch 1" in lines[0] and len(lines) == 2
    assert whole["sha256"] == parts["sha256"]


def test_a_new_network_learns_own_digits_too(data, unseen, tmp_path):
    card = own.train_on(data, None, "quick", epochs=2, out=tmp_path).card
    assert card["profile"] == "quick" and "start_held_out_accuracy" not in card
    assert card["pictures_an_epoch"]["own digits"] >= 160
    assert errors(tmp_path, unseen) < 0.5


def test_one_writer_is_split_by_picture_and_the_card_says_so(tmp_path):
    folder = write_digits(tmp_path / "mine", [3])
    training, held_out, card = own._split(load_labeled(str(folder)), seed=0)
    assert card["split"].startswith("by picture") and card["held_out_writers"] == []
    assert (len(training.labels), len(held_out.labels)) == (16, 4)


def test_neighbors_of_an_own_network(trained, data, tmp_path):
    for path in trained[0].iterdir():
        shutil.copy(path, tmp_path)
    image = load_labeled(str(data), 1).images[0]
    with pytest.raises(ModelError, match=r"neighbors\.npz beside the network is missing"):
        nearest_digits(image, network=tmp_path)
    digits = np.tile(np.arange(10, dtype=np.uint8), 300)
    write_index(tmp_path / "digits.npz", own.load_mnist()[0][0][:3_000], digits)
    assert len(nearest_digits(image, 5, tmp_path)) == 5
    assert nearest_digits(image, 5, tmp_path / "digits.npz")[0].similarity <= 1


def test_what_cannot_be_trained_on_is_told(tmp_path, data):
    with pytest.raises(LabelError, match="no labelled pictures called"):
        own.train_on(tmp_path / "absent")
    few = write_digits(tmp_path / "few", [1])
    lines = (few / "labels.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    (few / "labels.csv").write_text("".join(lines[:8]), encoding="utf-8")
    with pytest.raises(LabelError, match=r"holds 6 digits to train on\. Allowed are 10 or more"):
        own.train_on(few, LESSON)
    with pytest.raises(ModelError, match="missing"):
        own.train_on(data, tmp_path / "absent.npz")
    save_layers(tmp_path / "net.npz", to_layers(build_network(1)))
    (tmp_path / "model_card.json").write_text(json.dumps({"classes": list("ABCDEFGHIJ")}), encoding="utf-8")
    with pytest.raises(ModelError, match=r"classes of .* are A, B, C"):
        own.train_on(data, tmp_path / "net.npz")
