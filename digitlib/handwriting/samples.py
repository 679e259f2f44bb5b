"""Make the sample pictures and their labels.csv: ``python -m digitlib.handwriting.samples [FOLDER]``.

Every picture is drawn here, from digits of MNIST's test set and from pen strokes, on paper and in light that
are drawn too: nobody's photo is among them. The same versions of the packages give the same bytes.
"""

import argparse
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from digitlib.handwriting import paper
from digitlib.handwriting.enlarged import crop, enlarged_mnist
from digitlib.handwriting.scenes import PAPERS, PENS, Number, Scene, apply, numbers, others, singles
from digitlib.handwriting.strokes import ALLOGRAPHS, LETTER_NAMES, draw_digit, draw_letter, draw_scribble

ROOT = Path(__file__).resolve().parents[2]
SEED = 10
ORIENTATIONS = (6, 3, 8, 5, 7)  # of the EXIF standard, in turn


@dataclass(frozen=True)
class Sample:
    """One line of labels.csv and the way to write its picture."""

    file: str
    label: str
    kind: str
    made: str
    write: Callable[[Path], None]  # called with the path of the file


def samples() -> Iterator[Sample]:
    """Plan every sample picture, in the order of labels.csv."""
    digits = [(scene, written) for scene in singles() for written in scene.written.split()]
    for number, (scene, written) in enumerate(digits, start=1):
        seed = (SEED, 1, number)
        rng = np.random.default_rng(seed)
        scene = varied(scene, number, rng)
        ink, source = single_ink(written, scene, rng)
        yield describe(f"single_{number:03}_{scene.kind}", written[0], source, scene, seed, ink)
    for number, job in enumerate(numbers(), start=1):
        seed = (SEED, 2, number)
        ink, printed = number_ink(job, np.random.default_rng(seed))
        source = "MNIST test digits" if job.hand == "mnist" else "Digits drawn as pen strokes"
        label = "".join(filter(str.isdigit, job.text))
        yield describe(f"number_{number:02}_{job.name}", label, source, job.scene, seed, ink, printed)
    for number, (name, drawn, scene) in enumerate(others(), start=1):
        seed = (SEED, 3, number)
        ink = nothing_ink(drawn, scene, np.random.default_rng(seed))
        yield describe(f"none_{number:02}_{name}", "", "No digit", scene, seed, ink)


def single_ink(written: str, scene: Scene, rng: np.random.Generator) -> tuple[np.ndarray, str]:
    """Return the ink of one digit, and where it comes from."""
    digit, _, allograph = written.partition(":")
    height = round(scene.height * min(scene.shape))
    if not allograph:
        ink, place = enlarged_mnist(int(digit), height, scene.finer, rng)
        return ink, f"MNIST test digit {place}, enlarged"
    size = round(height * 28 / 20)
    ink = draw_digit(int(digit), rng, allograph, size, scene.width * height)
    return crop(ink), f"A {digit} drawn as pen strokes ({allograph})"


def number_ink(job: Number, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the ink of a number, and the cells printed around its digits."""
    height = round(job.scene.height * min(job.scene.shape))
    pitch, line = round(1.35 * height), round(1.5 * height)
    forms = {digit: forms[rng.integers(len(forms))] for digit, forms in ALLOGRAPHS.items()}
    rows = job.text.split("\n")
    ink = np.zeros((line * len(rows) + height, 2 * height * max(map(len, rows)) + height), np.uint8)
    printed = np.zeros_like(ink)
    for number, row in enumerate(rows):
        top, column = number * line + height // 2, height // 2
        if row == "_":
            cv2.line(
                ink, (0, top + height // 2), (3 * height, top + height // 2 + 4), 255, max(2, height // 14)
            )
            continue
        for character in row:
            mark = character_ink(character, forms, job, height, rng)
            above = round(float(rng.normal(0, job.wobble)) * height)
            above = top + int(np.clip(above, -height // 2, height // 2)) + height - mark.shape[0]
            if job.cells:
                corner = (column, top - (pitch - height) // 2)
                cv2.rectangle(printed, corner, (corner[0] + pitch, corner[1] + pitch), 255, 2)
                left = column + (pitch - mark.shape[1]) // 2
                column += pitch
            else:
                left = column
                column += mark.shape[1] + round(job.gap * height)
            part = ink[above : above + mark.shape[0], left : left + mark.shape[1]]
            np.maximum(part, mark, out=part)
    left, top, width, height = cv2.boundingRect(np.maximum(ink, printed))
    return ink[top : top + height, left : left + width], printed[top : top + height, left : left + width]


def character_ink(
    character: str, forms: dict[int, str], job: Number, height: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the ink of one character of a number, standing on its baseline."""
    pen = max(3, round(job.scene.width * height))
    if character == "-":
        return np.pad(np.full((pen, height // 3), 255, np.uint8), ((0, height // 2), (0, 0)))
    if character == ".":
        return np.full((pen + 2, pen + 2), 255, np.uint8)
    if character == " ":
        return np.zeros((1, height), np.uint8)
    tall = round(height * rng.uniform(0.92, 1.06))
    if job.hand == "mnist":
        ink, _ = enlarged_mnist(int(character), tall, job.scene.finer, rng)
        return ink
    ink = crop(draw_digit(int(character), rng, forms[int(character)], round(tall * 28 / 20), pen))
    return cv2.resize(ink, (round(ink.shape[1] * tall / ink.shape[0]), tall), interpolation=cv2.INTER_AREA)


def nothing_ink(drawn: str | None, scene: Scene, rng: np.random.Generator) -> np.ndarray:
    """Return ink that is no digit: none, a word in capitals, a sign, a scribble."""
    if drawn is None:
        return np.zeros((1, 1), np.uint8)
    height = round(scene.height * min(scene.shape))
    size, width = round(height * 28 / 20), scene.width * height
    if drawn.isupper():
        letters = [crop(draw_letter(letter, rng, size, width)) for letter in drawn]
        return np.hstack(
            [cv2.copyMakeBorder(ink, height - ink.shape[0], 9, 0, 20, cv2.BORDER_CONSTANT) for ink in letters]
        )
    if drawn in LETTER_NAMES:
        return crop(draw_letter(drawn, rng, size, width))
    return crop(draw_scribble(rng, drawn, size, width))


def varied(scene: Scene, number: int, rng: np.random.Generator) -> Scene:
    """Give a photo its own size and angle, and its digit its own height."""
    if not scene.over or min(scene.shape) > 480:
        return scene
    zoom = rng.uniform(0.95, 1.6)
    shape = tuple(round(side * zoom) for side in scene.shape[:: -1 if number % 3 == 0 else 1])
    height = scene.height if scene.printed else scene.height * rng.uniform(0.7, 1.2)
    return replace(scene, shape=shape, height=height)


def describe(
    name: str,
    label: str,
    source: str,
    scene: Scene,
    seed: tuple[int, ...],
    ink: np.ndarray,
    printed: np.ndarray | None = None,
) -> Sample:
    """Fill one line of labels.csv; the picture is painted when it is written."""
    number = seed[-1]
    pen = scene.pens[number % len(scene.pens)]
    suffix, save = WAYS[scene.saved]
    if scene.saved == "turned":
        save = partial(save, orientation=ORIENTATIONS[number % len(ORIENTATIONS)])
    made = f"{source}; {scene.words.format(pen=pen)}."

    def write(path):
        save(photograph(scene, ink, printed, PENS[pen], np.random.default_rng((*seed, 0))), path)

    return Sample(f"{name}.{suffix}", label, scene.kind, made, write)


def photograph(
    scene: Scene,
    ink: np.ndarray,
    printed: np.ndarray | None,
    pen: list[int],
    rng: np.random.Generator,
) -> np.ndarray:
    """Lay the ink on its paper, under its light."""
    image = paper.blank(scene.shape, PAPERS[scene.papers[rng.integers(len(scene.papers))]])
    image = apply(scene.under, image, rng)
    free = np.array(scene.shape) - ink.shape
    place = scene.place + rng.normal(0, 0.01 if scene.printed else 0.06, 2)
    row, column = np.clip(np.round(free * place), 0, free).astype(int)
    if printed is not None:
        image = paper.lay_ink(image, printed, row, column, PENS["black"])
    ink = paper.rough_ink(ink, rng, scene.rough)
    image = paper.lay_ink(image, ink, row, column, pen)
    image = apply(scene.over, image, rng)
    if scene.saved == "transparent":
        alone = np.zeros(scene.shape, np.uint8)
        alone[row : row + ink.shape[0], column : column + ink.shape[1]] = ink
        image = np.dstack((paper.blank(scene.shape, pen), alone))
    return image


def write_plain(image: np.ndarray, path: Path) -> None:
    """Save in the format that the suffix names."""
    Image.fromarray(image).save(path, quality=80, optimize=True)


def write_poor_jpeg(image: np.ndarray, path: Path) -> None:
    """Save with as few bytes as a messenger app does."""
    Image.fromarray(image).save(path, quality=12, optimize=True)


def write_few_pixels(image: np.ndarray, path: Path) -> None:
    """Save with 80 pixels on the longest side."""
    small = Image.fromarray(image)
    small.thumbnail((80, 80))
    small.save(path, quality=60)


def write_mnist_size(image: np.ndarray, path: Path) -> None:
    """Save as 28 x 28 grey pixels, the size of an MNIST digit."""
    gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    Image.fromarray(cv2.resize(gray, (28, 28), interpolation=cv2.INTER_AREA)).save(path)


def write_turned(image: np.ndarray, path: Path, orientation: int) -> None:
    """Save the pixels as the camera was held, with the EXIF orientation."""
    lying = {
        3: np.rot90(image, 2),
        5: image.swapaxes(0, 1),
        6: np.rot90(image),
        7: np.rot90(image, 2).swapaxes(0, 1),
        8: np.rot90(image, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(lying)).save(path, quality=80, optimize=True, exif=exif)


WAYS = {
    "jpg": ("jpg", write_plain),
    "png": ("png", write_plain),
    "gif": ("gif", write_plain),
    "webp": ("webp", write_plain),
    "bmp": ("bmp", write_plain),
    "tif": ("tif", write_plain),
    "transparent": ("png", write_plain),
    "turned": ("jpg", write_turned),
    "few_pixels": ("jpg", write_few_pixels),
    "mnist_size": ("png", write_mnist_size),
    "poor_jpeg": ("jpg", write_poor_jpeg),
}


def main(folder: Path) -> None:
    """Write all pictures and labels.csv into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(("file", "label", "kind", "made"))
        for sample in samples():
            sample.write(folder / sample.file)
            writer.writerow((sample.file, sample.label, sample.kind, sample.made))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "data" / "samples", help="goes here")
    main(parser.parse_args().folder)
