"""The class table: who is judged, who is refused and why, and what places are worth."""

import csv
import math
import os
import shutil

import cv2
import numpy as np
import pytest

from digitlib.classroom.table import Entry, evaluate_class, find_networks, places, write_class_table
from digitlib.cli.main import main
from digitlib.labels import LabelError
from digitlib.measuring.apart import load_model
from digitlib.measuring.evaluation import evaluate
from digitlib.measuring.labeled import LabeledSet, load_labeled
from digitlib.measuring.models import MODEL_FILE
from digitlib.measuring.proportions import proportion
from digitlib.notebooks.files import NotebookError
from digitlib.reading.network import LETTERS_FILE

OURS = MODEL_FILE.read_bytes()


def submit(folder, student, **files):
    place = folder / student / "work"
    place.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (place / name.replace("_", ".")).write_bytes(content)


# --- whose network is judged --------------------------------------------------------------------------------


def test_one_network_a_student_is_found(tmp_path):
    submit(tmp_path, "ada", digits_npz=b"", digits_keras=b"", model_ipynb=b"")
    submit(tmp_path, "bob", model_pkl=b"", notes_txt=b"")
    submit(tmp_path, "cyd", first_keras=b"", second_keras=b"")
    (tmp_path / "dan").mkdir()
    (tmp_path / "eve.tflite").write_bytes(b"")
    (tmp_path / ".hidden").mkdir()
    found = {student: (path and path.name, reason) for student, path, reason in find_networks(tmp_path)}
    assert found == {
        "ada": ("digits.npz", ""),
        "bob": (None, "no .npz, .keras or .tflite file; there are .pkl, .txt"),
        "cyd": (None, "more than one network: first.keras, second.keras"),
        "dan": (None, "no .npz, .keras or .tflite file; there are no files"),
        "eve": ("eve.tflite", ""),
    }


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    submit(secret, "x", digits_keras=b"")
    inside = tmp_path / "class"
    submit(inside, "mallory", notes_txt=b"")
    (inside / "mallory" / "digits.keras").symlink_to(secret / "x" / "work" / "digits.keras")
    (inside / "trudy").symlink_to(secret)
    reasons = {student: (path, reason) for student, path, reason in find_networks(inside)}
    assert reasons["mallory"] == (None, "no .npz, .keras or .tflite file; there are .txt")
    assert reasons["trudy"] == (None, "it is a link to another place")


def test_a_class_that_is_not_there_is_named(tmp_path):
    with pytest.raises(NotebookError, match="is empty"):
        find_networks(tmp_path)
    with pytest.raises(NotebookError, match="There is no folder"):
        find_networks(tmp_path / "gone")


# --- places -------------------------------------------------------------------------------------------------


def entry(student, right):
    right = np.array(right, bool)
    return Entry(student, "m.keras", "", right, 100 * right.mean(), proportion(right), 1234, 5.0)


def test_places_are_shared_where_the_pictures_cannot_tell():
    # Of 6 pictures that only one of two reads right, all 6 must fall to one side: 2 / 2**6 is under 5 %.
    base = np.zeros(100, bool)
    base[:80] = True
    six, five = base.copy(), base.copy()
    six[80:86] = True
    five[80:85] = True
    standing = places([entry("base", base), entry("six", six), Entry("out", reason="broken")])
    assert standing == {"base": 2, "six": 1}
    assert places([entry("base", base), entry("five", five)]) == {"base": 1, "five": 1}
    assert places([]) == {}


def test_places_agree_with_the_formula_of_mcnemars_exact_test():
    for won in range(12):
        for lost in range(12):
            decided = won + lost
            tail = sum(math.comb(decided, wins) for wins in range(won, decided + 1))
            clear = won > lost and 2 * tail / 2**decided < 0.05
            one = np.arange(decided + 5) < won
            other = (np.arange(decided + 5) >= won) & (np.arange(decided + 5) < decided)
            standing = places([entry("one", one), entry("other", other)])
            assert (standing["other"] == 2) == clear, (won, lost)


# --- the table ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def class_table(tmp_path_factory):
    """A class of four: one good, one too small a file, one that crashes its reader at worst, one pickle."""
    root = tmp_path_factory.mktemp("class")
    submit(root / "class", "ada", digits_npz=OURS)
    card = b'{"training_seconds": 12.34, "parameters": 253914}'
    (root / "class" / "ada" / "work" / "model_card.json").write_bytes(card)
    submit(root / "class", "<script>bob", digits_npz=OURS[: len(OURS) // 2])
    submit(root / "class", "cyd", model_pkl=b"")
    submit(root / "class", "=dan", digits_keras=b"PK\x05\x06" + bytes(18))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        pictures = load_labeled("mnist", 100)
        entries = list(evaluate_class(root / "class", pictures))
        index = write_class_table(entries, pictures, root / "out")
    return entries, index


def test_good_networks_are_judged_beside_hostile_ones(class_table):
    entries = {one.student: one for one in class_table[0]}
    pictures = load_labeled("mnist", 100)
    expected = evaluate(load_model(), pictures).right
    ada = entries["ada"]
    assert (ada.right == expected).all() and ada.accuracy == proportion(expected)
    shares = [expected[pictures.labels == digit].mean() for digit in range(10)]
    assert ada.score == pytest.approx(100 * np.mean(shares))
    assert (ada.weights, ada.training_seconds) == (252_714, 12.3)
    assert entries["cyd"].reason.startswith("no .npz, .keras or .tflite file")
    assert "must hold config.json" in entries["=dan"].reason
    assert entries["<script>bob"].reason


def test_table_names_places_and_refusals_as_words(class_table):
    page = class_table[1].read_text(encoding="utf-8")
    assert "&lt;script&gt;bob" in page and "<script>bob" not in page
    assert '<th scope="row" class="number" data-sort="1">1</th><td>ada</td>' in page
    assert "12.3" in page and "252,714" in page
    with class_table[1].with_name("class.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["ada"]["place"] == "1" and rows["ada"]["refused"] == ""
    assert "must hold" in rows["'=dan"]["refused"], "no spreadsheet takes the name for a formula"


def test_command_prints_scores_and_refusals(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    submit(tmp_path / "class", "ada", digits_npz=OURS)
    submit(tmp_path / "class", "bob", digits_h5=b"")
    (tmp_path / "held").mkdir()
    sample = load_labeled("mnist", 1)
    cv2.imwrite(str(tmp_path / "held" / "seven.png"), np.round(sample.images[0] * 255))
    (tmp_path / "held" / "labels.csv").write_text("file,label\nseven.png,7\n", encoding="utf-8")
    assert main(["report", "--class", "class", "--pictures", "held"]) == 1
    out = capsys.readouterr()
    assert out.out.startswith("ada  100.0\nbob  refused: no .npz, .keras")
    assert out.err == "1 of 2 refused: bob\n"
    assert (tmp_path / "reports" / "class" / "index.html").exists()


# --- labelled pictures --------------------------------------------------------------------------------------


def test_a_set_that_is_not_there_is_named(tmp_path):
    with pytest.raises(
        LabelError, match=r"Allowed are mnist, samples, letters, or a folder with a labels\.csv"
    ):
        load_labeled(str(tmp_path / "emnist"))


def test_samples_have_digits_and_pictures_without_one():
    samples = load_labeled("samples", 4)
    assert samples.labels.tolist() == [0, 1, 2, 3] and samples.kinds[0] == "phone_pen"
    assert samples.images.shape == (4, 28, 28) and samples.found.all()


def test_what_was_not_found_is_neither_right_nor_certain():
    image = load_labeled("mnist", 1).images
    nobody, yes = np.array([False]), np.array([True])
    labels, kinds = np.array([7]), np.array(["a"])
    seen = evaluate(load_model(), LabeledSet("a", image, labels, kinds, yes, nobody))
    lost = evaluate(load_model(), LabeledSet("a", image, labels, kinds, nobody, nobody))
    doubtful = evaluate(load_model(), LabeledSet("a", image, labels, kinds, yes, yes))
    assert seen.right[0] and seen.certain[0]
    assert not lost.right[0] and not lost.certain[0] and lost.answers[0] == -1
    assert doubtful.right[0] and not doubtful.certain[0]


def test_networks_of_letters_are_compared_on_letters(tmp_path):
    for student, network in (("ada", LETTERS_FILE), ("bob", MODEL_FILE)):
        (tmp_path / student).mkdir()
        for path in (network, network.with_name("model_card.json")):
            shutil.copy(path, tmp_path / student)
    ada, bob = evaluate_class(tmp_path, load_labeled("letters", 260))
    assert not ada.reason and ada.score > 90 and ada.right.size == 260
    assert bob.reason == "digits.npz tells 0123456789 apart; letters holds ABCDEFGHIJKLMNOPQRSTUVWXYZ."
