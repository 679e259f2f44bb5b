"""The sample pictures: what the data folder promises, and that the script makes exactly them."""

import collections
import csv
import io
import itertools
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import PIL
import pytest
from PIL import Image, ImageOps

from digitlib.handwriting import samples
from digitlib.handwriting.scenes import Scene

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "data" / "samples"


@pytest.fixture(scope="module")
def rows():
    with (FOLDER / "labels.csv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def of_group(rows, group):
    return [row for row in rows if row["file"].startswith(group)]


def upright(path):
    with Image.open(path) as image:
        return ImageOps.exif_transpose(image)


def test_the_folder_holds_exactly_the_listed_pictures(rows):
    assert list(rows[0]) == ["file", "label", "kind", "made"]
    listed = [row["file"] for row in rows]
    assert len(set(listed)) == len(listed)
    assert sorted([*listed, "labels.csv"]) == sorted(path.name for path in FOLDER.iterdir())
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 6_000_000


def test_there_are_enough_pictures_and_all_digits_come_up_alike(rows):
    singles, numbers, none = (of_group(rows, group) for group in ("single_", "number_", "none_"))
    assert len(singles) >= 60 and len(numbers) >= 12 and len(none) >= 8
    assert len(singles) + len(numbers) + len(none) == len(rows)
    counts = collections.Counter(row["label"] for row in singles)
    assert sorted(counts) == list("0123456789")
    assert max(counts.values()) - min(counts.values()) <= 2
    assert all(len(row["label"]) > 1 and row["label"].isdecimal() for row in numbers)
    assert all(row["label"] == "" and row["kind"] == "no_digit" for row in none)


def test_every_line_says_what_is_special_and_how_it_was_made(rows):
    assert len({row["kind"] for row in rows}) >= 25
    for row in rows:
        assert row["kind"].replace("_", "a").isalpha() and row["kind"].islower()
        assert row["made"].endswith(".") and len(row["made"]) > 15 and "{" not in row["made"]


def test_both_sources_are_used(rows):
    singles = of_group(rows, "single_")
    from_mnist = sum(row["made"].startswith("MNIST test digit") for row in singles)
    assert 0.3 < from_mnist / len(singles) < 0.7


def test_all_promised_formats_are_there(rows):
    formats, orientations, modes, shapes = set(), set(), set(), []
    for row in rows:
        with Image.open(FOLDER / row["file"]) as image:
            formats.add(image.format)
            orientations.add(image.getexif().get(0x0112))
            modes.add(image.mode)
            shapes.append(image.size)
    assert formats >= {"JPEG", "PNG", "GIF", "WEBP", "BMP"}
    assert {3, 6, 8} <= orientations
    assert {"RGB", "RGBA", "L"} <= modes
    assert max(width * height for width, height in shapes) == 12_000_000
    assert (28, 28) in shapes
    assert sum(400 <= max(shape) <= 1600 for shape in shapes) > 0.8 * len(shapes)


def test_digits_stand_out_from_the_paper(rows):
    """A person can see the ink: some places are far darker or lighter than what is around them."""
    for row in rows:
        if not row["label"]:
            continue
        image = upright(FOLDER / row["file"])
        if image.mode == "RGBA":
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        image = image.convert("L")
        image.thumbnail((600, 600), reducing_gap=2)
        gray = np.asarray(image, np.float32)
        around = cv2.blur(gray, (max(3, max(gray.shape) // 10),) * 2)
        contrast = np.abs(cv2.blur(gray, (2, 2)) - around)
        # The smallest digit, in 12 million pixels, covers a 2,000th of its picture.
        assert np.percentile(contrast, 99.95) > 25, row["file"]


def test_the_script_makes_these_pictures(rows, tmp_path):
    """One in eight, and all lines of labels.csv."""
    made = list(samples.samples())
    assert [
        {"file": sample.file, "label": sample.label, "kind": sample.kind, "made": sample.made}
        for sample in made
    ] == rows
    for sample in made[::8]:
        path = tmp_path / sample.file
        sample.write(path)
        with Image.open(path) as fresh, Image.open(FOLDER / sample.file) as stored:
            assert fresh.mode == stored.mode and fresh.size == stored.size
            difference = np.abs(np.asarray(fresh, float) - np.asarray(stored, float)).mean()
        versions = f"NumPy {np.__version__}, OpenCV {cv2.__version__}, Pillow {PIL.__version__}"
        assert difference < 0.5, f"{sample.file} is made otherwise here, with {versions}; see uv.lock"


def test_two_runs_write_the_same_bytes(tmp_path):
    runs = [itertools.islice(samples.samples(), 12) for _ in range(2)]
    for first, again in zip(*runs, strict=True):
        paths = tmp_path / f"first_{first.file}", tmp_path / f"again_{again.file}"
        first.write(paths[0])
        again.write(paths[1])
        assert paths[0].read_bytes() == paths[1].read_bytes(), first.file


@pytest.mark.parametrize("orientation", [3, 5, 6, 7, 8])
def test_turned_pictures_stand_upright_again(tmp_path, orientation):
    """Pillow, which knows the EXIF standard, turns the pixels back."""
    picture = np.full((60, 90, 3), 255, np.uint8)
    picture[5:15, 5:60] = 0
    path = tmp_path / "turned.jpg"
    samples.write_turned(picture, path, orientation)
    with Image.open(path) as stored:
        assert stored.getexif()[0x0112] == orientation
        assert stored.size == ((60, 90) if orientation > 4 else (90, 60))
    assert np.abs(np.asarray(upright(path), float) - picture).mean() < 5


def as_jpeg(picture, quality):
    """A JPEG of a quality: what it rounds to, which Pillow tells of any file, and its bytes."""
    content = io.BytesIO()
    Image.fromarray(picture).save(content, "JPEG", quality=quality)
    return Image.open(content).quantization, len(content.getvalue())


@pytest.mark.parametrize("way", samples.WAYS)
def test_a_picture_is_saved_in_its_format_size_and_quality(tmp_path, way):
    rng = np.random.default_rng(0)
    picture = cv2.resize(rng.integers(0, 256, (3, 5, 3), np.uint8), (160, 96), interpolation=cv2.INTER_LINEAR)
    if way == "transparent":
        picture = np.dstack((picture, picture[..., 0]))
    suffix, save = samples.WAYS[way]
    path = tmp_path / f"picture.{suffix}"
    save(picture, path, **({"orientation": 6} if way == "turned" else {}))
    size = {"few_pixels": (80, 48), "mnist_size": (28, 28)}.get(way, (160, 96))
    quality = {"few_pixels": 60, "poor_jpeg": 12}.get(way, 80)
    with Image.open(path) as stored:
        assert stored.format == {"jpg": "JPEG", "tif": "TIFF"}.get(suffix, suffix.upper())
        if suffix == "jpg":
            rounding, length = as_jpeg(picture, quality)
            assert stored.quantization == rounding
            assert path.stat().st_size < length, "its code is made for it"
        image = ImageOps.exif_transpose(stored)
        assert image.size == size
        expected = Image.fromarray(picture).resize(size, Image.Resampling.BOX).convert(image.mode)
        difference = np.abs(
            np.asarray(image.convert("RGB"), float) - np.asarray(expected.convert("RGB"), float)
        )
    assert difference.mean() < (20 if way in ("gif", "poor_jpeg") else 5)


def test_photos_of_a_kind_differ_in_size_and_height_but_for_large_printed_and_clean_ones():
    scene = Scene(shape=(400, 800), height=0.5)
    rng = np.random.default_rng(0)
    found = [samples.varied(scene, number, rng) for number in range(600)]
    upright = [one.shape[::-1] if number % 3 == 0 else one.shape for number, one in enumerate(found)]
    zooms, heights = np.array([shape[0] / 400 for shape in upright]), np.array([one.height for one in found])
    np.testing.assert_allclose([shape[1] / 800 for shape in upright], zooms, atol=0.002)
    for drawn, low, high in ((zooms, 0.95, 1.6), (heights, 0.35, 0.6)):
        assert low <= drawn.min() < low + 0.01 and high - 0.01 < drawn.max() <= high
    for same in (replace(scene, over=()), replace(scene, shape=(481, 481))):
        assert samples.varied(same, 1, rng) is same
    printed = samples.varied(replace(scene, under=("form_box 1",), shape=(480, 640)), 1, rng)
    assert printed.height == 0.5 and printed.shape != (480, 640)


def test_the_script_writes_the_table_and_the_pictures(tmp_path, monkeypatch):
    made = [samples.Sample(f"{one}.png", "1", "pen", 'a "7", drawn', Path.touch) for one in ("a", "b")]
    monkeypatch.setattr(samples, "samples", lambda: iter(made))
    samples.main(tmp_path / "new" / "samples")
    content = (tmp_path / "new" / "samples" / "labels.csv").read_bytes().decode()
    row = ',1,pen,"a ""7"", drawn"\n'
    assert content == f"file,label,kind,made\na.png{row}b.png{row}"
    assert sorted(path.name for path in (tmp_path / "new" / "samples").glob("*.png")) == ["a.png", "b.png"]
