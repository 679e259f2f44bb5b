"""Labelled letters, and networks of letters, are measured as digits are."""

import string

import cv2
import numpy as np
import pytest

from digitlib.labels import LabelError
from digitlib.measuring import evaluate, load_labeled, load_model, metrics, photo_reader, proportion
from digitlib.measuring.labeled import LabeledSet
from digitlib.measuring.models import CONTRACT, Model
from digitlib.reading.images import load_picture
from digitlib.reading.network import LETTERS_FILE, ModelError
from digitlib.reading.normalize import prepare_digit
from digitlib.training.own import train_on

CAPITALS = tuple(string.ascii_uppercase)


def folder_of(tmp_path, *labels):
    """A labelled folder: a picture of an L for each label."""
    page = np.full((120, 100), 230, np.uint8)
    page[20:100, 30:40] = page[90:100, 30:75] = 40
    rows = ["file,label"]
    for number, label in enumerate(labels):
        (tmp_path / f"{number}.png").write_bytes(cv2.imencode(".png", page)[1].tobytes())
        rows.append(f"{number}.png,{label}")
    (tmp_path / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_a_network_of_letters_is_measured_on_letters_of_unseen_fonts():
    network, letters = load_model(LETTERS_FILE), load_labeled("letters", 600)
    assert network.classes == letters.classes == CAPITALS
    assert set(letters.kinds) == {"capitals", "small letters"} and letters.images.shape == (600, 28, 28)
    result = evaluate(network, letters)
    assert result.probabilities.shape == (600, 26) and result.accuracy.value > 0.93
    matrix = metrics.confusion_matrix(letters.labels, result.answers, 26)
    assert np.trace(matrix) == result.right.sum() and matrix.sum() == 600


def test_networks_and_pictures_of_other_classes_are_told_apart():
    digits, letters = "0123456789", "".join(CAPITALS)
    for network, name, known, named in (
        (load_model(), "letters", digits, letters),
        (load_model(LETTERS_FILE), "samples", letters, digits),
    ):
        with pytest.raises(ModelError) as caught:
            evaluate(network, load_labeled(name, 2))
        assert str(caught.value) == f"{network.name} tells {known} apart; {name} holds {named}."


def test_an_answer_is_certain_where_confidence_and_picture_allow_it():
    rows = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.3, 0.7], [0.2, 0.8], [0.2, 0.8]], np.float32)
    found = np.array([True, False, True, True, True, True])
    doubtful = np.array([False, False, False, False, False, True])
    labels = np.array([0, -1, 0, 1, 1, 1])
    images = np.zeros((6, 28, 28), np.float32)
    pictures = LabeledSet("six", images, labels, np.full(6, ""), found, doubtful, classes=("a", "b"))
    card = {"classes": ["a", "b"], "certainty_threshold": float(np.float32(0.8))}
    result = evaluate(Model("two", 0, None, card, CONTRACT, lambda images: rows), pictures)
    assert result.pictures is pictures and result.probabilities is rows
    assert result.answers.tolist() == [0, -1, 1, 1, 1, 1]
    assert result.certain.tolist() == [True, False, True, False, True, False]
    assert result.right.tolist() == [True, True, False, True, True, True]
    assert result.accuracy == proportion([True] * 5 + [False])
    seen = result.seen
    np.testing.assert_array_equal(seen[0], rows[found])
    assert seen[1].tolist() == [0, 0, 1, 1, 1]


def test_a_photo_is_prepared_before_a_network_reads_it():
    def answer(images):
        seen.append(images)
        return np.eye(10, dtype=np.float32)[[7]]

    seen, photo = [], np.full((120, 100, 3), 230, np.uint8)
    read = photo_reader(Model("seven", 0, None, {}, CONTRACT, answer))
    assert read(photo) is None and not seen, "no ink, no question"
    photo[20:100, 45:55] = 40
    assert read(photo) == 7 and type(read(photo)) is int
    np.testing.assert_array_equal(seen[0], prepare_digit(load_picture(photo)).image[None])


def test_a_folder_may_hold_letters(tmp_path):
    found = load_labeled(str(folder_of(tmp_path, "L", "l", "", "AB")))
    assert found.classes == CAPITALS and found.labels.tolist() == [11, 11, -1]
    assert evaluate(load_model(LETTERS_FILE), found).answers[:2].tolist() == [11, 11]


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ("11L1", "line 4: the label is 'L', and others of .* are digits"),
        ("LL1", "line 4: the label is '1', and others of .* are letters"),
        (["1", "one", "2"], "line 3: the label is 'one', and others of .* are digits"),
        (["one", "two"], "holds no picture of one digit or letter"),
    ],
)
def test_a_folder_of_both_is_refused(labels, reason, tmp_path):
    with pytest.raises(LabelError, match=reason):
        load_labeled(str(folder_of(tmp_path, *labels)))


def test_letters_are_no_own_digits(tmp_path):
    with pytest.raises(LabelError, match=r"holds letters\. Allowed are digits"):
        train_on(folder_of(tmp_path, *"LLLLLLLLLLLL"))


@pytest.mark.parametrize(("label", "allowed"), [(26, "0 to 25"), (-1, "0 to 25")])
def test_a_label_that_is_no_class_is_named(label, allowed):
    with pytest.raises(ValueError, match=allowed):
        metrics.confusion_matrix([label], [0], 26)
