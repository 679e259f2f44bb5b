"""EMNIST's original files: read upright, as they are stored, and refused with the remedy where damaged."""

import gzip
import struct
import zipfile

import numpy as np
import pytest
from scipy.io import savemat

from digitlib.data import DataError
from digitlib.emnist import BALANCED, load_emnist
from digitlib.handwriting.letters import make_letters


def idx(array):
    """An array as an IDX file, as NIST writes it."""
    return b"\0\0\x08" + bytes([array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def stored(images):
    """Images as EMNIST stores them: rows and columns exchanged."""
    return np.ascontiguousarray(images.transpose(0, 2, 1))


def write_emnist(folder, images, letters, split="letters", pack=False):
    """Write letters as a split of EMNIST: the first nine tenths to train with, the others to test with."""
    folder.mkdir(parents=True, exist_ok=True)
    classes = " ABCDEFGHIJKLMNOPQRSTUVWXYZ" if split == "letters" else BALANCED
    labels = np.array([classes.index(one if one in classes else one.upper()) for one in letters], np.uint8)
    border = len(labels) * 9 // 10
    for part, rows in (("train", slice(border)), ("test", slice(border, None))):
        for kind, array in (("images-idx3", stored(images[rows])), ("labels-idx1", labels[rows])):
            name, data = f"emnist-{split}-{part}-{kind}-ubyte", idx(array)
            (folder / (f"{name}.gz" if pack else name)).write_bytes(gzip.compress(data) if pack else data)


@pytest.fixture(scope="module")
def letters():
    return make_letters(40, np.random.default_rng(0))


@pytest.mark.parametrize("pack", [False, True])
def test_letters_come_upright_and_with_their_names(tmp_path, letters, pack):
    write_emnist(tmp_path / "gzip", *letters, pack=pack)
    (x_train, y_train), (x_test, y_test) = load_emnist(tmp_path)
    np.testing.assert_array_equal(np.concatenate([x_train, x_test]), letters[0])
    assert [*y_train, *y_test] == [letter.upper() for letter in letters[1]]
    assert (len(x_train), x_train.dtype) == (36, np.uint8)


def test_balanced_keeps_small_letters_that_look_different(tmp_path, letters):
    write_emnist(tmp_path, *letters, split="balanced")
    (_, y_train), _ = load_emnist(tmp_path, "balanced")
    expected = [one if one in BALANCED else one.upper() for one in letters[1][:36]]
    assert y_train.tolist() == expected


def test_the_matlab_file_holds_the_same(tmp_path, letters):
    images, names = letters
    numbers = np.array([ord(one.upper()) - 64 for one in names], np.uint8)

    def part(rows):
        # MATLAB runs through a picture column by column.
        return {"images": images[rows].transpose(0, 2, 1).reshape(-1, 784), "labels": numbers[rows, None]}

    dataset = {"train": part(slice(30)), "test": part(slice(30, None))}
    savemat(tmp_path / "emnist-letters.mat", {"dataset": dataset})
    (x_train, y_train), (x_test, _) = load_emnist(tmp_path)
    np.testing.assert_array_equal(np.concatenate([x_train, x_test]), images)
    assert y_train.tolist() == [one.upper() for one in names[:30]]
    with zipfile.ZipFile(tmp_path / "matlab.zip", "w") as archive:
        archive.write(tmp_path / "emnist-letters.mat", "matlab/emnist-letters.mat")
    np.testing.assert_array_equal(load_emnist(tmp_path / "matlab.zip")[0][0], x_train)


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-5])


def another_number(path):
    path.write_bytes(path.read_bytes()[:-1] + bytes([99]))


@pytest.mark.parametrize(
    ("name", "damage", "words"),
    [
        ("emnist-letters-train-images-idx3-ubyte", lambda path: path.unlink(), "is missing, packed"),
        ("emnist-letters-train-images-idx3-ubyte", cut_short, "not those that its beginning promises"),
        ("emnist-letters-train-labels-idx1-ubyte", cut_short, "not those that its beginning promises"),
        ("emnist-letters-test-labels-idx1-ubyte", cut_short, "damaged"),
        ("emnist-letters-train-labels-idx1-ubyte", another_number, "where letters has 27"),
        ("emnist-letters-test-labels-idx1-ubyte", lambda path: path.write_bytes(b""), "damaged"),
    ],
)
def test_a_damaged_file_is_named_with_the_remedy(tmp_path, letters, name, damage, words):
    write_emnist(tmp_path, *letters)
    damage(tmp_path / name)
    with pytest.raises(DataError, match=words) as caught:
        load_emnist(tmp_path)
    assert "https://www.nist.gov" in str(caught.value)


def test_a_packed_file_cut_short_is_damaged(tmp_path, letters):
    write_emnist(tmp_path, *letters, pack=True)
    cut_short(tmp_path / "emnist-letters-train-images-idx3-ubyte.gz")
    with pytest.raises(DataError, match="damaged"):
        load_emnist(tmp_path)


def test_an_archive_must_be_the_known_one(tmp_path):
    with zipfile.ZipFile(tmp_path / "gzip.zip", "w") as archive:
        archive.writestr("gzip/emnist-letters-train-images-idx3-ubyte.gz", b"")
    with pytest.raises(DataError, match="MD5"):
        load_emnist(tmp_path / "gzip.zip")
    with pytest.raises(DataError, match="is missing"):
        load_emnist(tmp_path / "nowhere")


def test_splits_are_named():
    with pytest.raises(ValueError, match="letters, balanced, byclass"):
        load_emnist(".", "digits")
