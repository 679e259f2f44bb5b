"""Similar training digits: the index, the search in it, and what happens when it is damaged."""

import hashlib
import shutil
import subprocess
import sys

import numpy as np
import pytest
from mnist_once import mnist

from digitlib.explaining import neighbors
from digitlib.explaining.neighbors import nearest_digits, write_index
from digitlib.handwriting.letters import make_letters
from digitlib.reading.network import LETTERS_FILE, MODEL_FILE, ModelError, load_recognizer


@pytest.fixture(scope="module")
def digits():
    """Forty training digits, values 0 to 1, and their labels."""
    (images, labels), _ = mnist()
    return images[:40].astype(np.float32) / 255, labels[:40]


def test_neighbors_are_training_digits_and_a_digit_of_the_index_is_its_own_neighbor():
    (images, labels), _ = mnist()
    for neighbor in nearest_digits(images[5] / 255, count=3):
        np.testing.assert_array_equal(neighbor.image, images[neighbor.index])
        assert neighbor.label == labels[neighbor.index]
        assert -1 <= neighbor.similarity <= 1.001
        itself = nearest_digits(neighbor.image / 255, count=1)[0]
        assert itself.index == neighbor.index
        assert itself.similarity > 0.99


def test_neighbors_are_those_of_the_whole_features(digits):
    """The index keeps 64 bytes a digit; the search among all features is the measure."""
    (images, _), _ = mnist()
    indices = neighbors._load_index()["indices"]
    everything = unit(features(images[indices] / np.float32(255)))
    shared = []
    for image in digits[0]:
        exact = indices[np.argsort(-everything @ unit(features(image[None]))[0])[:8]]
        shared.append(len({n.index for n in nearest_digits(image)} & {int(index) for index in exact}))
    assert np.mean(shared) > 6, "of eight"


def features(images):
    """The last layer before the logits."""
    return load_recognizer().outputs(images, "flat")


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_neighbors_of_new_digits_are_mostly_of_their_class():
    _, (images, labels) = mnist()
    right = [
        neighbor.label == label
        for image, label in zip(images[:40], labels[:40], strict=True)
        for neighbor in nearest_digits(image / 255, count=5)
    ]
    assert np.mean(right) > 0.9


def test_most_letters_that_are_found_alike_are_the_same():
    images, letters = make_letters(60, np.random.default_rng(3), held_out=True)
    found = [nearest_digits(image / 255, network=LETTERS_FILE) for image in images]
    assert all(1 >= one[0].similarity >= one[-1].similarity for one in found)
    same = [n.label == letter.upper() for one, letter in zip(found, letters, strict=True) for n in one]
    assert np.mean(same) > 0.85


@pytest.fixture(scope="module")
def small_index(tmp_path_factory):
    """An index written anew, of 40 digits."""
    folder = tmp_path_factory.mktemp("model")
    shutil.copy(MODEL_FILE, folder)
    (images, labels), _ = mnist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbors, "PER_CLASS", 4)
        return write_index(folder / MODEL_FILE.name, images[:2000], labels[:2000])


def test_the_same_digits_give_the_same_index(small_index, tmp_path, monkeypatch):
    monkeypatch.setattr(neighbors, "PER_CLASS", 4)
    shutil.copy(MODEL_FILE, tmp_path)
    (images, labels), _ = mnist()
    again = write_index(tmp_path / MODEL_FILE.name, images[:2000], labels[:2000])
    assert again.read_bytes() == small_index.read_bytes()
    with np.load(again) as index:
        assert np.bincount(index["labels"]).tolist() == [4] * 10
        np.testing.assert_array_equal(index["labels"], labels[index["indices"]])


@pytest.mark.parametrize("network", [MODEL_FILE, LETTERS_FILE])
def test_the_shipped_index_is_small(network):
    assert network.with_name(neighbors.INDEX_FILE).stat().st_size < 1_000_000


def lose(path):
    path.unlink()


def cut_off(path):
    path.write_bytes(path.read_bytes()[:1000])


def write_words(path):
    path.write_text("Dear diary", encoding="utf-8")


@pytest.mark.parametrize("spoil", [lose, cut_off, write_words])
def test_a_missing_or_damaged_index_is_named(small_index, tmp_path, spoil):
    for path in (small_index, MODEL_FILE):
        shutil.copy(path, tmp_path)
    spoil(tmp_path / small_index.name)
    with pytest.raises(ModelError, match="missing or damaged"):
        neighbors._load_index(tmp_path / MODEL_FILE.name)


def test_an_index_of_another_network_is_named(small_index, tmp_path):
    shutil.copy(small_index, tmp_path)
    (tmp_path / MODEL_FILE.name).write_bytes(MODEL_FILE.read_bytes() + b"\0")
    with pytest.raises(ModelError, match="another network"):
        neighbors._load_index(tmp_path / MODEL_FILE.name)


@pytest.mark.parametrize("network", [MODEL_FILE, LETTERS_FILE])
def test_the_shipped_index_belongs_to_the_shipped_network(network):
    with np.load(network.with_name(neighbors.INDEX_FILE)) as index:
        assert index["network"].tobytes() == hashlib.sha256(network.read_bytes()).digest()


def test_looking_inside_needs_neither_tensorflow_nor_matplotlib():
    program = (
        "import sys, numpy; from digitlib.explaining import activations, neighbors, occlusion; "
        "occlusion(numpy.eye(28), 3); activations.feature_maps(numpy.eye(28)); "
        "neighbors.nearest_digits(numpy.eye(28)); "
        "print([n for n in ('tensorflow', 'keras', 'matplotlib', 'sklearn') if n in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
