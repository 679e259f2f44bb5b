"""labels.csv as people have it: read, or refused with its line and what to do."""

import csv

import cv2
import numpy as np
import pytest

from digitlib.labels import LabelError, read_labels
from digitlib.measuring.labeled import load_labeled


@pytest.fixture
def folder(tmp_path):
    """Pictures of a stroke, in a folder and one below it."""
    stroke = np.full((60, 60), 255, np.uint8)
    stroke[10:50, 27:33] = 0
    content = cv2.imencode(".png", stroke)[1].tobytes()
    (tmp_path / "pics").mkdir()
    for name in ("1.png", "Übung.png", "a,b.png", "pics/2.png"):
        (tmp_path / name).write_bytes(content)
    return tmp_path


def write(folder, content):
    (folder / "labels.csv").write_bytes(content if isinstance(content, bytes) else content.encode())


TWO = [("1.png", "1", 2), ("Übung.png", "", 3)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("file,label\n1.png,1\nÜbung.png,\n", TWO),
        ("file;label\r\n1.png;1\r\nÜbung.png;\r\n", TWO),
        ("file\tlabel\n1.png\t1\nÜbung.png\t\n", TWO),
        ("file,label\r1.png,1\rÜbung.png,\r", TWO),  # an old Mac's
        ("file,label\n1.png,1\nÜbung.png,".encode("utf-8-sig"), TWO),
        ("file,label\n1.png,1\nÜbung.png,".encode("utf-16"), TWO),
        ("file\tlabel\n1.png\t1\nÜbung.png\t".encode("utf-16"), TWO),  # Excel's "Unicode text"
        ("file;label\n1.png;1\nÜbung.png;".encode("cp1252"), TWO),
        ("file,label\n1.png,1\nU\u0308bung.png,", TWO),  # as macOS takes accents apart
        ("sep=;\nfile;label\n1.png;1\n", [("1.png", "1", 3)]),
        (" File , LABEL \n 1.png , 1 \n", [("1.png", "1", 2)]),
        ("label,kind,file\n1,scan,1.png\n", [("1.png", "1", 2)]),
        ("file,label\n\n1.png,1\n,\n ,, \n", [("1.png", "1", 3)]),
        ("file,label\n1.png,1,,\n", [("1.png", "1", 2)]),
        ("file,label\n1.png,1.0\nÜbung.png,\n", TWO),
        ("file,label\n1.png,012\n", [("1.png", "012", 2)]),
        ('file,label\n"a,b.png",1\n', [("a,b.png", "1", 2)]),
        ('file, label\n"1.png", "1"\n', [("1.png", "1", 2)]),
        ("file,label\npics\\2.png,1\n", [("2.png", "1", 2)]),
        ("file,label\n./pics/../1.png,1\n", [("1.png", "1", 2)]),
        ("file,label\n", []),
    ],
)
def test_a_table_is_read_as_it_was_saved(folder, content, expected):
    write(folder, content)
    assert [(row.path.name, row.label, row.line) for row in read_labels(folder)] == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "needs the columns file, label, each once"),
        ("1.png,1\n", "each once. Its head is '1.png,1'"),
        ("name,label\n", "needs the columns"),
        ("file,label,label\n", "needs the columns"),
        ("file,label\n1.png\n", r"line 2: it has 1 cells"),
        ("file,label\na,b.png,1\n", "line 2: it has 3 cells.*quotation marks"),
        ("file,label\n,1\n", "line 2: there is no name"),
        ("file,label\n\n\n1.png,one\n", "line 4: 1.png has the label 'one'. Allowed are digits, or nothing"),
        ("file,label\n1.png,\u0663\n", "line 2: .* Allowed are digits"),
        ("file,label\n1.png,-1\n", "line 2: .* Allowed are digits"),
        ("file,label\n1.png,1.5\n", "line 2: .* Allowed are digits"),
        ("file,label\ngone.png,1\n", "line 2: gone.png is not there"),
        ("file,label\nÜbung.png,1\n".encode("cp437"), "is not there. If letters .* as CSV UTF-8"),
        ("file,label\npics,1\n", "line 2: pics is not there"),
        ("file,label\n../x.png,1\n", "line 2: .* (is not there|outside of the folder)"),
        ("file,label\n1.png,1\n./1.png,7\n", "line 3: ./1.png was named in line 2 already"),
        ('file,label\n"' + "1" * 200_000 + '",1\n', "larger than field limit.*Save it as CSV UTF-8"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_line(folder, content, reason):
    write(folder, content)
    with pytest.raises(LabelError, match=reason):
        read_labels(folder)


def test_a_file_outside_of_the_folder_is_refused(folder):
    write(folder / "pics", "file,label\n../1.png,1\n")
    with pytest.raises(LabelError, match=r"line 2: \.\./1\.png lies outside of the folder"):
        read_labels(folder / "pics")


def test_a_padded_digit_is_named_unless_other_labels_are_numbers(folder):
    write(folder, "file,label\n1.png,01\nÜbung.png,2\n")
    with pytest.raises(LabelError, match=r"line 2: the label '01' may mean 1, or two digits"):
        load_labeled(str(folder))
    write(folder, "file,label\n1.png,01\nÜbung.png,2\npics/2.png,012\n")
    assert load_labeled(str(folder)).labels.tolist() == [2]


def test_all_broken_pictures_are_named_at_once_and_the_others_counted(folder):
    (folder / "pics" / "2.png").write_bytes(b"no picture")
    (folder / "a,b.png").write_bytes(b"")
    write(folder, 'file,label\n1.png,1\npics/2.png,2\nÜbung.png,1\n"a,b.png",3\n')
    done = []
    with pytest.raises(LabelError) as caught:
        load_labeled(str(folder), progress=lambda *numbers: done.append(numbers))
    first, second, remedy = str(caught.value).splitlines()
    assert first.startswith("labels.csv, line 3: 2.png cannot be read: ")
    assert second.startswith("labels.csv, line 5: a,b.png cannot be read: ")
    assert remedy == "Mend these pictures, or delete their rows."
    assert done == [(number, 4) for number in (1, 2, 3, 4)]


def test_folders_of_one_table_agree_with_pythons_own_reader(folder):
    content = 'file,label,kind\n"a,b.png",1,"x ""y"""\nÜbung.png,2,\n'
    write(folder, content)
    rows = list(csv.DictReader(content.splitlines()))
    assert [row.columns for row in read_labels(folder)] == rows
