"""Tests of the benchmark: the classic reader, the measures and the tables."""

import doctest
import gzip
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from digitlib import load_mnist
from digitlib.data import Sample
from digitlib.handwriting import paper
from digitlib.measuring.robustness import measure_conditions
from digitlib.reading.network import load_recognizer
from digitlib.reading.picture import NoDigitError

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import classic  # noqa: E402
import measures  # noqa: E402
import no_digits  # noqa: E402
import photos  # noqa: E402


@pytest.fixture(scope="module")
def readers():
    """Return both readers; the classic one borrows the shipped network, so that no test trains."""
    return measures.make_readers(load_recognizer())


@pytest.fixture(scope="module")
def digits():
    _, (images, labels) = load_mnist()
    clear = [0, 1, 2, 3, 4, 5, 7, 11]
    return images[clear], labels[clear]


def sheets(images):
    return [paper.sheet(paper.enlarge(image, 200)) for image in images]


# -- classic -----------------------------------------------------------------------------------------------


def test_the_classic_reader_reads_clean_digits(readers, digits):
    images, labels = digits
    answers = [readers[0].digit(sheet) for sheet in sheets(images)]
    assert answers == [(str(label), True) for label in labels]


def test_the_classic_image_has_the_format_of_mnist(digits):
    for sheet in sheets(digits[0]):
        image = classic.classic_image(sheet)
        assert (image.shape, image.dtype) == ((28, 28), np.float32)
        rows, columns = np.nonzero(image > 0.05)
        assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
        weights = image / image.sum()
        center = (weights.sum(axis=1) @ np.arange(28), weights.sum(axis=0) @ np.arange(28))
        assert center == pytest.approx((14, 14), abs=0.1)


def test_the_classic_reader_takes_the_largest_contour():
    page = np.full((200, 200), 255, np.uint8)
    page[20:40, 20:40] = 0  # a square ...
    page[60:180, 100:110] = 0  # ... and a longer bar of more ink
    image = classic.classic_image(page)
    rows, columns = np.nonzero(image > 0.05)
    assert np.ptp(rows) > 5 * np.ptp(columns)


def test_the_classic_reader_has_the_known_weaknesses(readers, digits):
    images, labels = digits
    dark = [255 - sheet for sheet in sheets(images)]
    right = [readers[0].digit(sheet)[0] == str(label) for sheet, label in zip(dark, labels, strict=True)]
    assert np.mean(right) < 0.5


def test_the_classic_reader_reads_numbers_from_left_to_right(readers, digits):
    images, labels = digits
    page = np.concatenate(sheets(images[:3]), axis=1)
    page[10:14, 10:14] = 0  # dust
    text = "".join(map(str, labels[:3]))
    assert readers[0].number(page)[0] == text
    assert readers[1].number(page)[0] == text


def test_the_classic_reader_refuses_only_an_even_page(readers):
    page = np.full((50, 60, 3), 200, np.uint8)
    with pytest.raises(NoDigitError, match="one brightness"):
        classic.classic_image(page)
    assert [reader.digit(page) for reader in readers] == [("", False)] * 2


def test_examples_run():
    assert doctest.testmod(classic).failed == 0


# -- measures ----------------------------------------------------------------------------------------------


def test_samples_are_counted_by_kind(readers, digits, tmp_path):
    images, labels = digits
    sheet, other = sheets(images[:2])
    pictures = {
        "right.png": (sheet, str(labels[0]), "single"),
        "wrong.png": (sheet, str((labels[0] + 1) % 10), "single"),
        "number.png": (np.concatenate((sheet, other), axis=1), f"{labels[0]}{labels[1]}", "number"),
        "empty.png": (np.full((60, 60, 3), 230, np.uint8), "", "nothing"),
        "refused.png": (sheet, "", "nothing"),
    }
    samples = []
    for name, (picture, label, kind) in pictures.items():
        Image.fromarray(picture).save(tmp_path / name)
        samples.append(Sample(tmp_path / name, label, kind, "made"))
    counts = measures.count_samples(readers, samples)
    assert counts == {"single": (2, [1, 1]), "number": (1, [1, 1]), "nothing": (2, [1, 1])}


def test_strong_shading_tells_the_readers_apart(readers, digits):
    images, labels = digits
    answers = {r.name: lambda photo, r=r: int(r.digit(photo)[0] or -1) for r in readers}
    classic_curve, our_curve = measure_conditions(answers, images, labels, 0, ["shading"], [1])
    assert classic_curve.shares[0].value < 0.5 < 0.9 <= our_curve.shares[0].value


def test_one_seed_gives_one_result(readers, digits):
    images, labels = digits
    results = [measures.measure_refused(readers[1], 1, 0) for _ in range(2)]
    assert results[0] == results[1]
    accepted = [measures.measure_accepted(readers[1], images[:2], labels[:2], 0) for _ in range(2)]
    assert accepted[0] == accepted[1]


def test_the_network_alone_and_the_whole_path(digits):
    images, labels = digits
    wrong = (labels + 1) % 10
    alone, whole = measures.measure_whole_path(images, labels)
    assert (alone.value, whole.value, whole.count) == (1, 1, len(labels))
    assert [share.value for share in measures.measure_whole_path(images, wrong)] == [0, 0]


def test_accepted_digits_are_counted_apart_from_right_ones(digits):
    images, labels = digits
    answers = iter([("x", True), (str(labels[1]), True), *[(str(label), False) for label in labels[2:]]] * 2)
    reader = measures.Reader("scripted", lambda picture: next(answers), None)
    accepted, right = measures.measure_accepted(reader, images, labels, 0)["MNIST's test digits"]
    assert (accepted.value, accepted.count, right.value, right.count) == (2 / 8, 8, 1 / 2, 2)


def test_refused_pictures_are_counted_by_kind(monkeypatch):
    monkeypatch.setattr(no_digits, "FASHION", Path("nowhere"))
    reader = measures.Reader("always certain", lambda picture: ("1", True), None)
    refused = measures.measure_refused(reader, 2, 0)
    assert list(refused) == [*no_digits.KINDS, "clothes (Fashion-MNIST)"]
    assert refused.pop("clothes (Fashion-MNIST)") is None
    assert {share.value for share in refused.values()} == {0}


@pytest.mark.parametrize("kind", no_digits.KINDS)
def test_pictures_of_no_digit_are_sheets(kind):
    draw = no_digits.KINDS[kind]
    first, again, other = (draw(np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert (first.shape, first.dtype) == ((280, 280, 3), np.uint8)
    assert first.std() > 0
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_clothes_are_read_from_the_package_of_debian(tmp_path, monkeypatch):
    pictures = np.arange(2 * 28 * 28, dtype=np.int64).astype(np.uint8).reshape(2, 28, 28)
    path = tmp_path / "images.gz"
    path.write_bytes(gzip.compress(np.array((2051, 2, 28, 28), ">i4").tobytes() + pictures.tobytes()))
    monkeypatch.setattr(no_digits, "FASHION", path)
    no_digits._fashion.cache_clear()
    taken = no_digits.clothing(np.random.default_rng(0))
    no_digits._fashion.cache_clear()
    assert any(np.array_equal(taken, picture) for picture in pictures)


# -- tables and figure -------------------------------------------------------------------------------------


def test_tables_are_markdown(capsys):
    photos.table("Title", ("kind", "count"), [("one", 1), ("three", 3)])
    assert capsys.readouterr().out.split("\n") == [
        "",
        "## Title",
        "",
        "| kind  | count |",
        "|-------|-------|",
        "| one   | 1     |",
        "| three | 3     |",
        "",
    ]


def test_the_report_of_doubt_says_what_is_not_installed(digits, monkeypatch, capsys):
    monkeypatch.setattr(no_digits, "FASHION", Path("nowhere"))
    reader = measures.Reader("never certain", lambda picture: ("1", False), None)
    photos.report_doubt(reader, digits[0][:1], digits[1][:1], 0)
    printed = capsys.readouterr().out
    assert "not installed" in printed
    assert "none accepted" in printed
    assert printed.count("100.0 (20.7 to 100.0)") == len(no_digits.KINDS)


def test_conditions_are_reported_with_the_figure(readers, digits, tmp_path, capsys, monkeypatch):
    some = partial(measure_conditions, conditions=["shading"], strengths=(0, 1))
    monkeypatch.setattr(photos, "measure_conditions", some)
    monkeypatch.setattr(photos, "CONDITIONS", ("shading",))
    monkeypatch.setattr(photos, "STRENGTHS", (0, 1))
    path = tmp_path / "new" / "conditions.png"
    photos.report_conditions(readers, digits[0][:2], digits[1][:2], 0, path)
    printed = capsys.readouterr().out
    assert "| shading   | digitlib | 100.0 (34.2 to 100.0)" in printed and "| classic " in printed
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_count_that_cannot_be_is_refused():
    command = [sys.executable, ROOT / "benchmarks" / "photos.py", "--count", "0"]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 2
    assert "--count is 0; allowed are 1 to 10000." in run.stderr


# -- pictures of your own ----------------------------------------------------------------------------------


def test_pictures_of_your_own_are_counted_by_kind(readers, digits, tmp_path, capsys, monkeypatch):
    lines = ["file,label,kind"]
    for index, (sheet, label) in enumerate(zip(sheets(digits[0]), digits[1], strict=True)):
        Image.fromarray(sheet).save(tmp_path / f"{index}.png")
        lines.append(f"{index}.png,{label},{'odd' if index % 2 else 'even'}")
    (tmp_path / "labels.csv").write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setattr(photos, "classic_network", load_recognizer)
    photos.main(["--pictures", str(tmp_path)])
    rows = [line.split("|")[1:-1] for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert [row[:2] for row in cells[1:]] == [["even", "4"], ["odd", "4"], ["all", "8"]]
    assert cells[0][-1] == "digitlib" and cells[-1][-1] == "8"


def test_a_folder_without_a_table_is_an_error(tmp_path, capsys):
    with pytest.raises(SystemExit):
        photos.main(["--pictures", str(tmp_path)])
    assert "labels.csv" in capsys.readouterr().err


def test_the_yardstick_is_left_out_with_a_sentence(monkeypatch, capsys):
    def missing():
        raise ImportError

    monkeypatch.setattr(measures.ppocr, "recognizer", missing)
    assert [reader.name for reader in measures.make_readers(load_recognizer())] == ["classic", "digitlib"]
    assert "pip install" in capsys.readouterr().out
