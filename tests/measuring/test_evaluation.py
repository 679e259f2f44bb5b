"""Labelled letters, and networks of letters, are measured as digits are."""

import string

import cv2
import numpy as np
import pytest

from digitlib.labels import LabelError
from digitlib.measuring import evaluate, load_labeled, load_model, metrics
from digitlib.reading.network import LETTERS_FILE, ModelError
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
    for network, name in ((load_model(), "letters"), (load_model(LETTERS_FILE), "samples")):
        with pytest.raises(ModelError, match=r"apart; .* holds"):
            evaluate(network, load_labeled(name, 20))


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
