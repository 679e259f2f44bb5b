"""Collect simulated photos of worksheets: how many cells come out right, and how long a photo takes.

    python benchmarks/collect.py [--photos 200]

Made-up hands write on printed sheets, leave cells empty and cross some out. The sheets are photographed from
up to 35 degrees, with shading, shadows, fingers, noise and JPEG compression. A cell is right if it is told
rightly from an empty and a crossed-out one, and its picture shows what was written and no printed line.
"""

import argparse
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from digitlib.handwriting.hands import make_hand
from digitlib.worksheets.finding import DOTS, CutCell, cut_sheet
from digitlib.worksheets.layout import PAPERS, WorksheetError, make_sheet
from digitlib.worksheets.pages import pages_of
from digitlib.worksheets.simulate import fill_sheet, photograph_sheet, print_sheet

STEEPEST = 35.0
SHAPES = (1155, 866), (2016, 1512), (4000, 3000)
"""Rows and columns of photos of 1, 3 and 12 megapixels."""
LEAST = 0.9
"""Correlation of ink cut and ink written from which a picture is right; nothing moved or lost has 0.95."""
SLACK = 4
"""Pixels, half a millimetre, that a picture may be shifted by."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=200)
    count = parser.parse_args().photos
    right, wrong, seconds = 0, [], {shape: [] for shape in SHAPES}
    for number in range(count):
        shape = SHAPES[number % len(SHAPES)]
        found, bad, took = measure(number, shape)
        right, wrong = right + found, wrong + bad
        seconds[shape].append(took)
    cells = right + len(wrong)
    print(f"{right:,} of {cells:,} cells right ({right / cells:.2%}), in {count} photos")
    for shape, took in seconds.items():
        if took:
            size = shape[0] * shape[1] / 1e6
            print(f"{size:.0f} megapixels: {np.median(took):.2f} s a photo, worst {max(took):.2f} s")
    for line in wrong:
        print(line)


def measure(number: int, shape: tuple[int, int]) -> tuple[int, list[str], float]:
    """Return how many cells of a photo are right, what is wrong with the others, and the seconds it took."""
    rng = np.random.default_rng(number)
    sheet = make_sheet("digits", list(PAPERS)[number % 2], number + 1)
    blank, hand, seed = print_sheet(sheet), make_hand(rng, rare=0.5), int(rng.integers(2**32))
    empty, crossed = rng.choice(80, 5, replace=False)[:3] + 1, rng.choice(80, 2, replace=False) + 1
    page, ink = (
        fill_sheet(ground, sheet, hand, np.random.default_rng(seed), empty, crossed)
        for ground in (blank, np.full_like(blank, 255))
    )
    photo = photograph_sheet(page, rng, shape, rng.uniform(0, STEEPEST))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "photo.jpg"
        cv2.imwrite(str(path), cv2.cvtColor(photo, cv2.COLOR_RGB2BGR))
        start = time.perf_counter()
        try:
            _, cells = cut_sheet(*pages_of(path))
        except WorksheetError as error:
            return 0, [f"photo {number}: {error}"] * len(sheet.cells), time.perf_counter() - start
        took = time.perf_counter() - start
    wrong = []
    for one in cells:
        name = one.cell.number
        wanted = "crossed out" if name in crossed else "empty" if name in empty else ""
        if one.left_out != wanted:
            wrong.append(f"photo {number}, cell {name}: {one.left_out or 'kept'}, not {wanted or 'kept'}")
        elif not wanted and (fit := likeness(one, ink)) < LEAST:
            wrong.append(f"photo {number}, cell {name}: correlation with what was written {fit:.2f}")
    return len(cells) - len(wrong), wrong, took


def likeness(one: CutCell, ink: np.ndarray) -> float:
    """Return how well the picture of a cell fits what was written, 1 at most."""
    rows, columns = one.image.shape
    box = one.cell.box
    top = round((box.top + box.height / 2) * DOTS) - rows // 2
    left = round((box.left + box.width / 2) * DOTS) - columns // 2
    around = ink[top - SLACK : top + rows + SLACK, left - SLACK : left + columns + SLACK].min(axis=2)
    blurred = [cv2.GaussianBlur(picture, (0, 0), 4) for picture in (around, one.image)]
    return float(cv2.matchTemplate(*blurred, cv2.TM_CCOEFF_NORMED).max())


if __name__ == "__main__":
    main()
