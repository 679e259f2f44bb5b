"""What digitlib answers to its samples and to drawn scenes, so that no change of it goes unseen.

cd tests && ../.venv/bin/python -m reading.answers    # writes answers.json anew: look at what changed
"""

import itertools
import json
from functools import partial
from pathlib import Path

import numpy as np
from reading.frames import KINDS, framed
from reading.tables import scene

import digitlib
from digitlib.handwriting import paper, strokes

PATH = Path(__file__).with_name("answers.json")


def sheet_on_a_table(number):
    """Draw a sheet on one of twelve tables."""
    return scene(
        "4711"[number % 4] if number % 2 else "4711",
        number,
        table_gray=(60, 110, 150)[number // 4],
        kind=("plain", "wood", "cloth", "uneven")[number % 4],
        turned=(-12, 0, 7)[number % 3],
        perspective=0.03 * (number % 2),
        shadow=number % 3 == 1,
        finger=number % 5 == 2,
        second=number % 4 == 3,
        shading=0.1 * (number % 3),
    ).photo


def two_rows(seed, gap):
    """Write two rows of four digits that touch each other: their middles lie `gap` pixels apart."""
    rng = np.random.default_rng(seed)
    page = paper.blank((320, 340))
    for row, column in itertools.product((25, 165), range(4)):
        ink = strokes.draw_digit(int(rng.integers(10)), rng, size=110)
        page = paper.lay_ink(page, ink, row, 20 + gap * column)
    return page


PICTURES = {
    **{sample.path.name: partial(Path, sample.path) for sample in digitlib.load_samples()},
    **{f"sheet on a table {number}": partial(sheet_on_a_table, number) for number in range(12)},
    **{
        f"two rows {seed}, {gap} apart": partial(two_rows, seed, gap)
        for seed, gap in itertools.product(range(4), (60, 54))
    },
    **{
        f"{kind} {seed}": partial(lambda *one: framed(*one).image, kind, seed)
        for kind in KINDS
        for seed in (1_000, 1_001)
    },
}
"""Name of each picture that is asked, and what makes it."""


def answer(source) -> dict:
    """Return all that both readers of the package say to a picture, rounded."""
    said = {}
    try:
        digit = digitlib.read_digit(source)
        said["digit"] = [digit.label, round(digit.confidence, 3), digit.certain, *digit.box]
        said["steps"] = [[step.name, step.note, round(float(np.mean(step.image)), 2)] for step in digit.steps]
    except digitlib.ImageError as error:
        said["digit"] = str(error)
    try:
        number = digitlib.read_number(source)
        said["number"] = [number.text, round(number.confidence, 3), number.certain]
        said["digits"] = [[reading.label, round(reading.confidence, 3), *reading.box] for reading in number]
        said["skipped"] = [list(box) for box in number.skipped]
    except digitlib.ImageError as error:
        said["number"] = str(error)
    return said


def _plain(value):
    """Turn NumPy's numbers and tuples into those of JSON."""
    return json.loads(json.dumps(value, default=lambda item: item.item()))


if __name__ == "__main__":
    lines = (
        f"{json.dumps(name)}: {json.dumps(_plain(answer(make())), ensure_ascii=False)}"
        for name, make in PICTURES.items()
    )
    PATH.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
