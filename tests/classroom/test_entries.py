"""What is found in a class folder, and what becomes of each network's results; no real network is run."""

import csv
import math
import os

import numpy as np
import pytest

from digitlib.classroom import table
from digitlib.classroom.table import Entry, evaluate_class, find_networks, places, write_class_table
from digitlib.measuring.labeled import LabeledSet
from digitlib.measuring.models import Model, ModelError
from digitlib.measuring.proportions import proportion
from digitlib.notebooks.files import NotebookError

NONE = "no .npz, .keras or .tflite file; there are "


def put(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def found(folder):
    return {student: (path and path.name, reason) for student, path, reason in find_networks(folder)}


# --- what is found ------------------------------------------------------------------------------------------


def test_what_systems_leave_is_no_hand_in(tmp_path):
    put(tmp_path, "ada/net.npz", "notes.txt", "READ.ME.MD", "Thumbs.DB", "desktop.ini", "run.log")
    put(tmp_path, "__MACOSX/net.npz", "__pycache__/net.npz", ".git/net.npz", ".net.npz", "neighbors.npz")
    put(tmp_path, "ada/__MACOSX/two.npz", "ada/x/__pycache__/two.npz", "ada/.git/two.npz")
    put(tmp_path, "ada/._two.npz", "ada/neighbors.npz")
    assert found(tmp_path) == {"ada": ("net.npz", "")}


@pytest.mark.parametrize("ending", [".npz", ".keras", ".tflite", ".NPZ", ".Keras"])
def test_each_kind_of_network_is_found_in_a_folder_and_beside_the_folders(tmp_path, ending):
    put(tmp_path, f"ada/a/b/net{ending}", f"bob{ending}")
    assert found(tmp_path) == {"ada": (f"net{ending}", ""), "bob": (f"bob{ending}", "")}


@pytest.mark.parametrize("kinds", [(".keras", ".npz"), (".tflite", ".keras"), (".TFLITE", ".NPZ")])
def test_of_one_name_the_kind_that_is_safest_to_open_counts(tmp_path, kinds):
    put(tmp_path, *(f"ada/net{kind}" for kind in kinds), *(f"bob{kind}" for kind in kinds))
    assert found(tmp_path) == {"ada": (f"net{kinds[1]}", ""), "bob": (f"bob{kinds[1]}", "")}


def test_students_are_sorted_and_keep_apart_where_a_file_is_called_as_a_folder(tmp_path):
    put(tmp_path, "zoe.keras", "mia/net.npz", "mia.keras", "ada.b.npz")
    assert [(name, path.relative_to(tmp_path).as_posix()) for name, path, _ in find_networks(tmp_path)] == [
        ("ada.b", "ada.b.npz"),
        ("mia", "mia/net.npz"),
        ("mia.keras", "mia.keras"),
        ("zoe", "zoe.keras"),
    ]


def test_what_is_there_instead_of_a_network_is_listed(tmp_path):
    put(tmp_path, "ada/x.pkl", "ada/y.pkl", "ada/Makefile", "bob.zip")
    put(tmp_path, *(f"cyd/x.{letter}" for letter in "jihgfedcba"))
    (tmp_path / "dan").mkdir()
    assert found(tmp_path) == {
        "ada": (None, f"{NONE}.pkl, no ending"),
        "bob": (None, f"{NONE}.zip"),
        "cyd": (None, f"{NONE}.a, .b, .c, .d, .e, .f, .g, .h"),
        "dan": (None, f"{NONE}no files"),
    }


def test_of_several_networks_eight_are_named(tmp_path):
    put(tmp_path, *(f"ada/{letter}.npz" for letter in "jihgfedcba"), "bob/x/net.npz", "bob/y/net.npz")
    eight = ", ".join(f"{letter}.npz" for letter in "abcdefgh")
    assert found(tmp_path) == {
        "ada": (None, f"more than one network: {eight}"),
        "bob": (None, "more than one network: net.npz, net.npz"),
    }


def test_a_folder_of_too_many_files_is_not_searched(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "MAX_FILES", 1_002)
    put(tmp_path, *(f"ada/{number}.txt" for number in range(1_001)), "ada/net.npz")
    assert found(tmp_path) == {"ada": ("net.npz", "")}
    put(tmp_path, "ada/more/x.txt")
    assert found(tmp_path) == {"ada": (None, "it holds more than 1,002 files")}


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_a_link_among_files_of_one_name_is_refused(tmp_path):
    put(tmp_path, "class/ada.keras", "secret.npz")
    (tmp_path / "class" / "ada.npz").symlink_to(tmp_path / "secret.npz")
    assert found(tmp_path / "class") == {"ada": (None, "it is a link to another place")}


def test_a_folder_without_networks_says_what_it_must_hold(tmp_path):
    gone = tmp_path / "gone"
    for folder, words in (
        (tmp_path, f"{tmp_path} is empty of networks"),
        (gone, f"There is no folder {gone}"),
    ):
        with pytest.raises(NotebookError) as caught:
            find_networks(folder)
        assert str(caught.value) == f"{words}. It must hold a folder for each student."


# --- results ------------------------------------------------------------------------------------------------


def pictures_of(*labels):
    """Images whose first pixel tells what they show."""
    images = np.zeros((len(labels), 28, 28), np.float32)
    images[:, 0, 0] = np.array(labels) / 10
    nobody = np.zeros(len(labels), bool)
    return LabeledSet("held", images, np.array(labels), np.full(len(labels), ""), ~nobody, nobody)


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Evaluate a network that reads all digits but some, by its model card and its number of weights."""

    def evaluated(*wrong, card=None, weights=None, size=12_345):
        def predict(images):
            digits = np.rint(10 * images[:, 0, 0]).astype(int)
            return np.eye(10, dtype=np.float32)[np.where(np.isin(digits, wrong), (digits + 1) % 10, digits)]

        model = Model("net.npz", size, weights, card or {}, "0 (paper) to 1 (ink)", predict)
        monkeypatch.setattr(table, "load_model", lambda path: model)
        put(tmp_path, "class/ada/net.npz")
        (entry,) = evaluate_class(tmp_path / "class", pictures_of(1, 1, 1, 7))
        return entry

    return evaluated


def test_results_count_pictures_and_digits(results):
    entry = results(7, weights=1_000)
    assert (entry.student, entry.file, entry.reason) == ("ada", "net.npz", "")
    assert entry.right.tolist() == [True, True, True, False] and entry.accuracy == proportion(entry.right)
    assert entry.score == 50, "of the two digits that occur one is read"
    assert entry.values == "0 (paper) to 1 (ink)" and entry.weights == 1_000 and entry.kilobytes == 12.345
    assert entry.training_seconds is None


@pytest.mark.parametrize(
    ("claimed", "believed"), [(5, 5), (1, 1), (0, None), (-5, None), (5.0, None), (True, None), ("5", None)]
)
def test_weights_come_from_the_card_where_the_file_does_not_tell(results, claimed, believed):
    assert results(card={"parameters": claimed}).weights == believed
    assert results(card={"parameters": claimed}, weights=9).weights == 9


@pytest.mark.parametrize(
    ("claimed", "believed"),
    [
        (12.34, 12.3),
        (0, 0.0),
        (7, 7.0),
        (-0.1, None),
        (math.inf, None),
        (math.nan, None),
        (True, None),
        ("5", None),
    ],
)
def test_training_seconds_come_from_the_card_where_they_can_be(results, claimed, believed):
    seconds = results(card={"training_seconds": claimed}).training_seconds
    assert seconds == believed and type(seconds) in (float, type(None))


def test_a_refused_network_keeps_its_reason_and_the_others_are_evaluated(tmp_path, monkeypatch):
    def load(path):
        if path.parent.name == "bob":
            raise ModelError("net.npz is refused: no reason.")
        return Model("net.npz", 1, 1, {}, "0 to 255", lambda images: np.eye(10, dtype=np.float32)[[3]])

    monkeypatch.setattr(table, "load_model", load)
    put(tmp_path, "ada/net.pkl", "bob/net.npz", "cyd/net.npz")
    ada, bob, cyd = evaluate_class(tmp_path, pictures_of(3))
    assert (ada.student, ada.file, ada.reason, ada.right) == ("ada", "", f"{NONE}.pkl", None)
    assert (bob.student, bob.file, bob.reason) == ("bob", "net.npz", "net.npz is refused: no reason.")
    assert (cyd.student, cyd.reason, cyd.score, cyd.values) == ("cyd", "", 100.0, "0 to 255")


def test_who_is_refused_has_no_place():
    right = np.ones(10, bool)
    entries = [Entry("ada", reason="broken"), Entry("bob", right=right), Entry("cyd", right=~right)]
    assert places(iter(entries)) == {"bob": 1, "cyd": 2}


# --- the table ----------------------------------------------------------------------------------------------


def result(student, right, **others):
    right = np.arange(40) < right
    return Entry(student, "net.npz", "", right, 2.5 * right.sum(), proportion(right), "0 to 255", **others)


HEAD = "place,student,score,right,of,values,weights,kB,training seconds,file,refused"


def test_rows_stand_by_place_then_score_then_name(tmp_path):
    entries = [
        Entry("-eve", "net.keras", "@broken"),
        result("zed", 20),
        result("ada", 38),
        result("bob", 39, weights=1_234, kilobytes=5.6, training_seconds=12.3),
        result("cyd", 38),
        Entry("fay", reason="no file"),
    ]
    index = write_class_table(entries, pictures_of(*range(10)), tmp_path / "new" / "7b")
    assert index == tmp_path / "new" / "7b" / "index.html"
    lines = index.with_name("class.csv").read_bytes().decode().split("\r\n")
    assert lines == [
        HEAD,
        "1,bob,97.5,39,40,0 to 255,1234,6,12.3,net.npz,",
        "1,ada,95.0,38,40,0 to 255,,0,,net.npz,",
        "1,cyd,95.0,38,40,0 to 255,,0,,net.npz,",
        "4,zed,50.0,20,40,0 to 255,,0,,net.npz,",
        ",'-eve,,,,,,,,net.keras,'@broken",
        ",fay,,,,,,,,,no file",
        "",
    ]
    page = index.read_text(encoding="utf-8")
    assert "Class table: 7b" in page and "Judged on 10 pictures: held." in page
    for name in ("Place", "Student", "Score", "Right", "Of", "Values", "Weights", "kB", "Training seconds"):
        assert f">{name}<" in page, name
    assert page.index("<td>bob</td>") < page.index("<td>ada</td>") < page.index("<td>zed</td>")
    assert "fay" in page and "no file" in page and "data:image/png" in page
    assert "4 rows: from 50.0 % (student zed) to 97.5 % (student bob)." in page


def test_a_class_of_refusals_has_a_table_without_figure(tmp_path):
    page = write_class_table([Entry("ada", reason="no file")], pictures_of(1), tmp_path).read_text(
        encoding="utf-8"
    )
    assert "Refused" in page and "Networks of the class" not in page and "data:image/png" not in page


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_spreadsheet_takes_a_name_for_a_formula(tmp_path, sign):
    write_class_table([result(f"{sign}1", 1), result("x=1", 1)], pictures_of(1), tmp_path)
    with (tmp_path / "class.csv").open(encoding="utf-8", newline="") as file:
        names = {row["student"] for row in csv.DictReader(file)}
    assert names == {f"'{sign}1", "x=1"}
