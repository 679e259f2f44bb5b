"""The network of lesson 3: where it is saved, and which one the lessons after it take."""

import shutil

import numpy as np
import pytest

from digitlib.data import load_mnist, split_validation
from digitlib.notebooks.own_network import SHIPPED, find_network, lesson_folder
from digitlib.reading.network import ModelError, load_recognizer


def test_without_a_saved_network_the_shipped_copy_is_taken(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLIB_RUNS", str(tmp_path))
    network, whose = find_network()
    assert network is load_recognizer(SHIPPED)
    assert "copy" in whose


def test_a_saved_network_comes_before_the_copy_and_a_named_one_before_both(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLIB_RUNS", str(tmp_path))
    shutil.copytree(SHIPPED, lesson_folder())
    assert lesson_folder().parent == tmp_path
    saved, whose = find_network()
    assert saved is load_recognizer(tmp_path / "lesson") and "your own" in whose
    assert find_network(SHIPPED)[0] is load_recognizer(SHIPPED)


def test_a_damaged_network_is_named_and_no_other_is_taken_for_it(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLIB_RUNS", str(tmp_path))
    lesson_folder().mkdir()
    (lesson_folder() / "digits.npz").write_bytes(b"damaged")
    with pytest.raises(ModelError, match=r"digits\.npz"):
        find_network()


def test_the_copy_reads_what_its_card_says():
    copy = load_recognizer(SHIPPED)
    _, (images, labels) = split_validation(*load_mnist()[0])
    right = copy.probabilities(images[1000:] / 255).argmax(axis=1) == labels[1000:]
    assert len(right) == copy.card["exam_pictures"]
    assert abs(np.mean(right) - copy.card["exam_accuracy"]) < 1e-3
