"""From photos of sheets to a labelled folder: every cell right, and every bad photo a sentence."""

import csv

import cv2
import numpy as np
import pytest
from PIL import Image

from digitlib.labels import LabelError, read_labels, write_labels
from digitlib.measuring import load_labeled
from digitlib.reading.network import load_recognizer
from digitlib.worksheets import WorksheetError, collect, make_sheet, write_contact_sheet
from digitlib.worksheets.finding import cut_sheet
from digitlib.worksheets.simulate import print_sheet


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.*")}


@pytest.mark.parametrize(
    ("seed", "paper", "shape", "tilt"),
    [
        (0, "A4", (2016, 1512), 35.0),
        (1, "Letter", (2016, 1512), 35.0),
        (2, "A4", (1155, 866), 20.0),
        (3, "A4", (1512, 2016), 10.0),
        (4, "Letter", (4000, 3000), 30.0),
    ],
)
def test_every_cell_is_cut_and_judged(seed, paper, shape, tilt, photo_of, save, tmp_path):
    photo = photo_of(seed, 5, paper, shape, tilt, empty=(3, 80), crossed=(17, 42))
    result = collect([save(photo)], tmp_path / "mine")
    assert result.errors == [] and result.added == 76
    left_out = [remark for remark in result.remarks if remark.endswith(("empty", "crossed out"))]
    assert [remark.split(": ", 1)[1] for remark in left_out] == [
        "cell 3 (2): empty",
        "cell 17 (6): crossed out",
        "cell 42 (1): crossed out",
        "cell 80 (9): empty",
    ]
    pictures = load_labeled(str(tmp_path / "mine"))
    answers = load_recognizer().probabilities(pictures.images).argmax(axis=1)
    assert pictures.found.all() and (answers == pictures.labels).mean() > 0.97  # hands that it knows


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_photo_may_lie_on_its_side_or_head(turn, photo_of):
    photo = photo_of(0, 5)
    upright, turned = cut_sheet(photo)[1], cut_sheet(np.ascontiguousarray(np.rot90(photo, turn)))[1]
    for one, other in zip(upright, turned, strict=True):
        assert one.left_out == other.left_out
        blurred = [cv2.GaussianBlur(cell.image, (0, 0), 2).ravel() for cell in (one, other)]
        assert np.corrcoef(blurred)[0, 1] > 0.95


def test_no_printed_line_is_left(tmp_path):
    sheet = make_sheet()
    blank = print_sheet(sheet)
    assert {cell.left_out for cell in cut_sheet(blank)[1]} == {"empty"}
    for cell in cut_sheet(np.rot90(blank[::4, ::4]).copy())[1]:  # two pixels a millimetre
        assert cell.image.min() > 200


def test_a_bent_sheet_is_straightened_box_by_box():
    page = print_sheet(make_sheet())
    height, width = page.shape[:2]
    rows, columns = np.indices((height, width), np.float32)
    bent = rows + 8 * 0.9 * np.sin(np.pi * columns / width)  # nine tenths of a millimetre in the middle
    page = cv2.remap(page, columns, bent, cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    cells = cut_sheet(page)[1]
    assert {cell.left_out for cell in cells} == {"empty"}
    assert min(cell.image.min() for cell in cells) > 200


def test_ink_of_the_neighbor_stays_out():
    sheet = make_sheet()
    page = print_sheet(sheet)
    for cell in sheet.cells[:2]:
        top, left, *_ = (round(side * 8) for side in cell.box)
        cv2.line(page, (left + 60, top + 20), (left + 60, top + 100), (30, 30, 30), 6)
    cv2.line(page, (left - 20, top + 60), (left + 60, top + 60), (30, 30, 30), 6)  # from the second box
    one, other = cut_sheet(page)[1][:2]
    assert one.note == "" and (one.image[:, -8:] > 200).all() and (one.image < 128).any()
    assert other.note == "runs out of its box"


def test_ink_over_the_line_stays(tmp_path):
    sheet = make_sheet()
    page = print_sheet(sheet)
    top, left, _, width = (round(side * 8) for side in sheet.cells[0].box)
    cv2.line(page, (left + width - 40, top + 20), (left + width + 4, top + 60), (30, 30, 30), 6)
    cell = cut_sheet(page)[1][0]
    ink = (cell.image < 128).astype(np.uint8)
    assert cv2.connectedComponents(ink)[0] == 2  # the ground, and one stroke in one piece
    assert ink.any(axis=0).nonzero()[0].max() >= 8 + width


def test_a_pdf_scan_has_many_sheets(photo_of, tmp_path):
    pages = [Image.fromarray(photo_of(seed, number)) for seed, number in ((0, 5), (6, 6))]
    pages[0].save(tmp_path / "scan.pdf", save_all=True, append_images=pages[1:])
    result = collect([tmp_path / "scan.pdf"], tmp_path / "mine")
    assert result.added == 160 and not result.errors
    rows = read_labels(tmp_path / "mine")
    assert {row.columns["photo"] for row in rows} == {"scan.pdf, page 1", "scan.pdf, page 2"}
    assert {row.columns["writer"] for row in rows} == {"writer_0005", "writer_0006"}


def test_the_same_sheet_is_added_once(photo_of, save, tmp_path):
    out = tmp_path / "mine"
    once = save(photo_of(0, 5))
    collect([once], out)
    before = files_of(out)
    again = save(cv2.GaussianBlur(photo_of(0, 5), (0, 0), 2)[40:], "again.jpg")
    result = collect([once, again], out)
    assert result.added == 0 and files_of(out) == before
    assert result.remarks == [f"{name}: sheet_0005 is there already." for name in ("photo.jpg", "again.jpg")]


def test_a_photocopy_filled_by_somebody_else_is_another_writer(photo_of, save, tmp_path):
    photos = [save(photo_of(seed, 5), f"{seed}.jpg") for seed in (0, 6, 7)]
    assert collect(photos, tmp_path / "mine").added == 240
    writers = {row.columns["writer"] for row in read_labels(tmp_path / "mine")}
    assert writers == {"writer_0005", "writer_0005_2", "writer_0005_3"}


def test_what_was_struck_out_or_corrected_stays_so(photo_of, save, tmp_path):
    out = tmp_path / "mine"
    collect([save(photo_of(0, 5))], out)
    rows = [row.columns for row in read_labels(out)]
    rows[1]["label"], rows[1]["mine"] = "4", "mistaken"
    write_labels(out, [rows[1], *rows[3:]])
    assert "cell 1<br>left out" in write_contact_sheet(out).read_text(encoding="utf-8")
    collect([save(photo_of(0, 5)), save(photo_of(6, 6), "other.jpg")], out)
    rows = read_labels(out)
    assert len(rows) == 78 + 80
    assert rows[0].label == "4" and rows[0].columns["mine"] == "mistaken"


def test_letters_are_collected(photo_of, tmp_path):
    sheet = make_sheet(["A B Z", "12 305"])
    page = print_sheet(sheet)
    for cell in sheet.cells:
        top, left, *_ = (round(side * 8) for side in cell.box)
        cv2.putText(page, cell.label, (left + 20, top + 90), 0, 2.5, (20, 20, 60), 8, cv2.LINE_AA)
    Image.fromarray(page).save(tmp_path / "letters.png")
    assert collect([tmp_path / "letters.png"], tmp_path / "mine").added == 5
    rows = read_labels(tmp_path / "mine", letters=True)
    assert [row.label for row in rows] == ["A", "B", "Z", "12", "305"]
    with pytest.raises(LabelError, match=r"line 5: the label is '12', and others of .* are letters"):
        load_labeled(str(tmp_path / "mine"))


def covered(photo, rows, columns):
    photo = photo.copy()
    photo[rows, columns] = 120
    return photo


HOSTILE = {
    "no sheet": (lambda photo: np.full((600, 400, 3), 200, np.uint8), "no worksheet to be seen"),
    "one pixel": (lambda photo: photo[:1, :1], "no worksheet to be seen"),
    "noise": (
        lambda photo: np.random.default_rng(0).integers(0, 256, photo.shape, np.uint8),
        "no worksheet to be seen",
    ),
    "in a mirror": (lambda photo: photo[:, ::-1], "not in a mirror"),
    "two sheets": (lambda photo: np.concatenate([photo, photo], axis=1), "more than one worksheet"),
    "lower half": (lambda photo: photo[1000:], "top left and the top right"),
    "no code": (lambda photo: covered(photo, slice(0, 320), slice(950, 1230)), "code at the top right"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_photo_gets_a_sentence_and_leaves_nothing(name, photo_of, save, tmp_path):
    spoil, message = HOSTILE[name]
    flat = photo_of(8, 5, tilt=0.0)
    result = collect([save(np.ascontiguousarray(spoil(flat)))], tmp_path / "mine")
    assert result.added == 0 and not (tmp_path / "mine").exists()
    assert len(result.errors) == 1 and result.errors[0].startswith("photo.jpg: ")
    assert message in result.errors[0] and result.errors[0].endswith(".")


def test_files_that_are_no_photos_get_a_sentence(tmp_path, photo_of, save):
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    (tmp_path / "text.jpg").write_text("Dear diary", encoding="utf-8")
    Image.fromarray(print_sheet(make_sheet())).save(tmp_path / "blank.png")
    names = ["broken.pdf", "text.jpg", "blank.png", "absent.jpg"]
    result = collect([*(tmp_path / name for name in names), save(photo_of(0, 5))], tmp_path / "mine")
    assert result.added == 80  # the good one all the same
    for error, message in zip(
        result.errors, ["is damaged", "only text", "Nothing is written", "does not exist"], strict=True
    ):
        assert message in error


def test_sheets_of_two_papers_do_not_mix(photo_of):
    letter, a4 = print_sheet(make_sheet("digits", "Letter")), print_sheet(make_sheet())
    mixed = a4.copy()
    mixed[:400, 900:] = letter[:400, letter.shape[1] - (a4.shape[1] - 900) :]
    with pytest.raises(WorksheetError, match="more than one worksheet"):
        cut_sheet(mixed)


def test_a_folder_with_a_broken_table_is_left_alone(tmp_path, photo_of, save):
    out = tmp_path / "mine"
    out.mkdir()
    (out / "labels.csv").write_text("file,label\nabsent.png,7\n", encoding="utf-8")
    with pytest.raises(LabelError, match=r"line 2: absent\.png is not there"):
        collect([save(photo_of(0, 5))], out)
    assert list(files_of(out)) == ["labels.csv"]


def test_contact_sheet_shows_every_picture(photo_of, save, tmp_path):
    out = tmp_path / "mine"
    collect([save(photo_of(0, 5, empty=(3,)))], out)
    page = (out / "contact_sheet.html").read_text(encoding="utf-8")
    with (out / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert f'<img src="{row["file"]}" alt="Cell {row["cell"]}, to be {row["label"]}"' in page
    assert "cell 3<br>left out" in page
