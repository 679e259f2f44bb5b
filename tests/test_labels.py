"""labels.csv as people have it: read, or refused with its line and what to do."""

import csv

import cv2
import numpy as np
import pytest

from digitlib.labels import TABLE, LabelError, add_picture, read_labels, write_labels
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


COLUMNS = " needs the columns file, label, each once. Its head is "
ALLOWED = "Allowed are digits, or nothing."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", COLUMNS + "''."),
        ("1.png,1\n", COLUMNS + "'1.png,1'."),
        (" \n\n" + "head " * 20 + "\nrow\n", COLUMNS + repr(("head " * 20)[:80]) + "."),
        ("name,label\n", COLUMNS + "'name,label'."),
        ("file,label,label\n", COLUMNS + "'file,label,label'."),
        (
            "file,label\n1.png\n",
            ", line 2: it has 1 cells, and the columns are file, label. "
            "Put a name that holds a comma into quotation marks.",
        ),
        (
            "file,label\na,b.png,1\n",
            ", line 2: it has 3 cells, and the columns are file, label. "
            "Put a name that holds a comma into quotation marks.",
        ),
        ("file,label\n,1\n", ", line 2: there is no name of a file."),
        ("file,label\n\n\n1.png,one\n", f", line 4: 1.png has the label 'one'. {ALLOWED}"),
        ("file,label\n1.png,\u0663\n", f", line 2: 1.png has the label '\u0663'. {ALLOWED}"),
        ("file,label\n1.png,-1\n", f", line 2: 1.png has the label '-1'. {ALLOWED}"),
        ("file,label\n1.png,1.5\n", f", line 2: 1.png has the label '1.5'. {ALLOWED}"),
        ("file,label\ngone.png,1\n", ", line 2: gone.png is not there."),
        ("file,label\ngone.png,1\n".encode("utf-16"), ", line 2: gone.png is not there."),
        (
            "file,label\nÜbung.png,1\n".encode("cp437"),
            ", line 2: šbung.png is not there. If letters look wrong here, save the table as CSV UTF-8.",
        ),
        (
            b"file,label\n\x81.png,1\n",
            ", line 2: \ufffd.png is not there. If letters look wrong here, save the table as CSV UTF-8.",
        ),  # a byte that Windows-1252 lacks
        (
            "file,label\ngone.png,1".encode("utf-16") + b"\n",
            ", line 2: gone.png has the label '1\ufffd'. " + ALLOWED,
        ),
        ("file,label\npics,1\n", ", line 2: pics is not there."),
        ("file,label\n../x.png,1\n", ", line 2: ../x.png is not there."),
        (
            "file,label\n1.png,1\n./1.png,7\n",
            ", line 3: ./1.png was named in line 2 already. Allowed is once.",
        ),
        (
            'file,label\n"' + "1" * 200_000 + '",1\n',
            ", line 2: field larger than field limit (131072). Save it as CSV UTF-8.",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_line(folder, content, reason):
    write(folder, content)
    with pytest.raises(LabelError) as caught:
        read_labels(folder)
    assert str(caught.value) == f"{folder / TABLE}{reason}"


def test_a_folder_without_a_table_is_refused(folder):
    with pytest.raises(LabelError) as caught:
        read_labels(folder)
    assert str(caught.value) == f"There is no {folder / TABLE}."


def test_labels_may_be_letters_where_that_is_said(folder):
    write(folder, "file,label\n1.png,aB1\nÜbung.png,é\n")
    with pytest.raises(LabelError, match=r"'é'\. Allowed are digits, letters, or nothing\.$"):
        read_labels(folder, letters=True)
    write(folder, "file,label\n1.png,aB1\nÜbung.png,\n")
    assert [row.label for row in read_labels(folder, letters=True)] == ["aB1", ""]


def test_other_columns_may_be_needed_and_cells_at_the_end_may_lack(folder):
    write(folder, "writer,file,kind,label,note\nowl,1.png,scan,1\n")
    (row,) = read_labels(folder, ("file", "label", "writer"))
    assert row.columns == {"writer": "owl", "file": "1.png", "kind": "scan", "label": "1", "note": ""}
    with pytest.raises(LabelError, match=r"labels\.csv needs the columns file, label, page, each once\."):
        read_labels(folder, ("file", "label", "page"))


def test_a_file_outside_of_the_folder_is_refused(folder):
    write(folder / "pics", "file,label\n../1.png,1\n")
    with pytest.raises(LabelError, match=r"line 2: \.\./1\.png lies outside of the folder\.$"):
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


def test_a_table_is_written_as_pythons_own_reader_reads_it(tmp_path):
    rows = [{"label": "1", "file": "é, 1.png"}, {"file": "2.png", "label": "", "writer": 'the "owl"'}]
    write_labels(tmp_path, rows)
    content = (tmp_path / TABLE).read_bytes().decode()
    assert content.startswith("file,label,writer\n") and "\r" not in content
    assert list(csv.DictReader(content.splitlines())) == [{"writer": "", **rows[0]}, rows[1]]
    write_labels(tmp_path, [])
    assert (tmp_path / TABLE).read_bytes() == b"file,label\n"
    assert [path.name for path in tmp_path.iterdir()] == [TABLE]


def test_pictures_are_added_beside_those_that_are_there(tmp_path):
    folder = tmp_path / "new" / "mine"
    gray, color = np.arange(784, dtype=np.uint8).reshape(28, 28), np.zeros((9, 7, 3), np.uint8)
    color[..., 0] = 200  # red
    assert add_picture(str(folder), gray, "7") == folder / "added_0001.png"
    (folder / "added_0002.png").write_bytes(b"another's")
    assert add_picture(folder, color, "Q", writer="owl") == folder / "added_0003.png"
    assert (folder / "added_0002.png").read_bytes() == b"another's"
    assert (folder / TABLE).read_text(encoding="utf-8") == (
        "file,label,writer\nadded_0001.png,7,\nadded_0003.png,Q,owl\n"
    )
    np.testing.assert_array_equal(cv2.imread(str(folder / "added_0001.png"), cv2.IMREAD_UNCHANGED), gray)
    np.testing.assert_array_equal(cv2.imread(str(folder / "added_0003.png")), color[..., ::-1])


@pytest.mark.parametrize("label", ["", "-1", "\u0663", "a b"])
def test_a_picture_is_not_added_with_a_label_that_could_not_be_read(tmp_path, label):
    with pytest.raises(LabelError) as caught:
        add_picture(tmp_path / "mine", np.zeros((28, 28), np.uint8), label)
    assert str(caught.value) == f"The label is {label!r}. Allowed are digits and letters."
    assert not (tmp_path / "mine").exists()
