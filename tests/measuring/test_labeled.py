"""Sets of labelled images: what is in them, in which order, and what is refused."""

import cv2
import numpy as np
import pytest

from digitlib.data import load_mnist
from digitlib.handwriting.letters import make_letters
from digitlib.labels import LabelError, write_labels
from digitlib.measuring import labeled, load_labeled
from digitlib.reading.images import load_picture
from digitlib.reading.normalize import prepare_digit


def page(*strokes, shape=(120, 100)):
    """A light sheet with dark upright strokes, each from a row and column, in a height."""
    image = np.full(shape, 230, np.uint8)
    for row, column, height in strokes:
        image[row : row + height, column : column + 10] = 40
    return image


@pytest.fixture
def folder(tmp_path):
    """A 1, a sheet without ink, and a 1 beside another stroke as tall."""
    pictures = {
        "one.png": page((20, 45, 80)),
        "none.png": page(),
        "two.png": page((20, 20, 80), (20, 70, 80)),
    }
    for name, image in pictures.items():
        (tmp_path / name).write_bytes(cv2.imencode(".png", image)[1].tobytes())
    return tmp_path


def rows_of(*cells):
    return [dict(zip(("file", "label", "kind", "writer"), row, strict=False)) for row in cells]


def test_a_folder_is_prepared_row_by_row(folder):
    write_labels(
        folder,
        rows_of(
            ("one.png", "1", "scan", "owl"), ("none.png", "", "blank", "fox"), ("two.png", "7", "", "owl")
        ),
    )
    done = []
    found = load_labeled(str(folder), progress=lambda *numbers: done.append(numbers))
    assert done == [(1, 3), (2, 3), (3, 3)]
    assert found.name == folder.name and found.classes == tuple("0123456789")
    assert found.labels.tolist() == [1, -1, 7]
    assert found.found.tolist() == [True, False, True] and found.doubtful.tolist() == [False, False, True]
    assert found.kinds.tolist() == ["scan", "blank", ""] and found.writers.tolist() == ["owl", "fox", "owl"]
    assert found.images.dtype == np.float32 and not found.images[1].any()
    np.testing.assert_array_equal(found.images[0], prepare_digit(load_picture(folder / "one.png")).image)
    first = load_labeled(str(folder), 1)
    assert first.labels.tolist() == [1] and first.writers.tolist() == ["owl"]


def test_kind_and_writer_may_lack_and_longer_numbers_are_left_out(folder):
    write_labels(folder, rows_of(("one.png", "1"), ("two.png", "11")))
    found = load_labeled(str(folder))
    assert found.labels.tolist() == [1]
    assert found.kinds.tolist() == found.writers.tolist() == [""]


def test_mnist_is_its_test_set_in_its_order():
    _, (images, labels) = load_mnist()
    found = load_labeled("mnist", 5)
    np.testing.assert_array_equal(found.images, (images[:5] / 255).astype(np.float32))
    assert found.images.dtype == np.float32 and found.labels.tolist() == labels[:5].tolist()
    assert found.labels.dtype.kind == "i"
    assert found.name == "MNIST" and found.kinds.tolist() == ["MNIST"] * 5
    assert found.found.all() and not found.doubtful.any() and found.writers.tolist() == [""] * 5
    assert len(load_labeled("mnist").labels) == len(labels)


def test_letters_are_those_that_no_training_draws():
    found = load_labeled("letters", 52)
    images, letters = make_letters(52, np.random.default_rng(0), held_out=True)
    np.testing.assert_allclose(found.images, images / 255, atol=1e-7)
    assert found.images.dtype == np.float32
    assert [found.classes[label] for label in found.labels] == [letter.upper() for letter in letters]
    assert [kind == "capitals" for kind in found.kinds] == [letter.isupper() for letter in letters]
    assert set(found.kinds.tolist()) == {"capitals", "small letters"}
    assert found.name == "letters" and found.found.all() and not found.doubtful.any()


def test_there_are_so_many_letters_at_most(monkeypatch):
    monkeypatch.setattr(labeled, "_LETTERS", 30)
    counts = [len(load_labeled("letters", count).labels) for count in (None, 29, 31)]
    assert counts == [30, 29, 30]


def test_some_of_a_set_keep_all_that_belongs_to_them(folder):
    write_labels(folder, rows_of(("one.png", "A", "scan", "owl"), ("two.png", "B", "photo", "fox")))
    both = load_labeled(str(folder))
    second = both.where(np.array([False, True]))
    assert (second.name, second.classes) == (both.name, both.classes) and len(second.classes) == 26
    for part in ("images", "labels", "kinds", "found", "doubtful", "writers"):
        np.testing.assert_array_equal(getattr(second, part), getattr(both, part)[1:], part)


def test_what_is_no_set_is_refused(folder):
    with pytest.raises(LabelError) as caught:
        load_labeled("emnist")
    assert str(caught.value) == (
        "There are no labelled pictures called 'emnist'. "
        "Allowed are mnist, samples, letters, or a folder with a labels.csv."
    )
    write_labels(folder, rows_of(("one.png", "12")))
    with pytest.raises(LabelError) as caught:
        load_labeled(str(folder))
    assert str(caught.value) == f"{folder} holds no picture of one digit or letter."


@pytest.mark.parametrize(
    ("labels", "line", "few", "many"), [("7AB", 2, "7", "letters"), ("A7", 2, "A", "digits")]
)
def test_digits_and_letters_in_one_folder_are_refused(folder, labels, line, few, many):
    names = sorted(path.name for path in folder.iterdir())
    write_labels(folder, rows_of(*zip(names, labels, strict=False)))
    with pytest.raises(LabelError) as caught:
        load_labeled(str(folder))
    assert str(caught.value) == (
        f"labels.csv, line {line}: the label is {few!r}, and others of {folder} are {many}. "
        "Allowed is one of both: keep them in two folders."
    )


def test_a_padded_label_is_refused_with_the_two_ways_to_go_on(folder):
    write_labels(folder, rows_of(("none.png", ""), ("one.png", "1"), ("two.png", "07")))
    with pytest.raises(LabelError) as caught:
        load_labeled(str(folder))
    assert str(caught.value) == (
        "labels.csv, line 4: the label '07' may mean 7, or two digits. "
        "Write 7, or delete the row: pictures of several digits are left out here."
    )
    write_labels(folder, rows_of(("one.png", "1"), ("two.png", "07"), ("none.png", "70")))
    assert load_labeled(str(folder)).labels.tolist() == [1]


@pytest.mark.parametrize(("broken", "more"), [(20, []), (23, ["... and 3 more."])])
def test_of_many_broken_pictures_twenty_are_named_and_the_others_counted(tmp_path, broken, more):
    names = [f"{number}.png" for number in range(broken)]
    for name in names:
        (tmp_path / name).write_bytes(b"no picture")
    write_labels(tmp_path, rows_of(*((name, "1") for name in names)))
    with pytest.raises(LabelError) as caught:
        load_labeled(str(tmp_path))
    lines = str(caught.value).splitlines()
    assert [line.split(" cannot")[0] for line in lines[:20]] == [
        f"labels.csv, line {number + 2}: {number}.png" for number in range(20)
    ]
    assert lines[20:] == [*more, "Mend these pictures, or delete their rows."]
