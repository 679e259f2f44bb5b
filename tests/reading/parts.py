"""What the parts of reading say to small drawn pictures and to numbers by chance.

cd tests && ../.venv/bin/python -m reading.parts    # writes parts.json anew: look at what changed
"""

import json
from pathlib import Path

import numpy as np
from reading.drawn import digits_in_rows, drawn, letters_in_rows, mask_of, sheets

import digitlib
from digitlib.reading.allowed import Allowed, make_allowed
from digitlib.reading.components import Box, Component, find_components, main_digit, typical_height
from digitlib.reading.ctc import best_texts
from digitlib.reading.frames import find_frames
from digitlib.reading.images import load_picture
from digitlib.reading.line_reader import View, load_line_reader
from digitlib.reading.lines import remove_lines
from digitlib.reading.network import LETTERS_FILE, load_recognizer
from digitlib.reading.normalize import STEP_NAMES, prepare_digit
from digitlib.reading.page import find_ink_rows
from digitlib.reading.reader import read_character, read_letter
from digitlib.reading.rows import find_rows
from digitlib.reading.straighten import straighten
from digitlib.reading.text import read_text as read_rows  # pathlib has a read_text, too
from digitlib.reading.vote import line_characters, vote_on_character, vote_on_each, vote_on_text

PATH = Path(__file__).with_name("parts.json")


def grid(image: np.ndarray) -> list[float]:
    """Return the kind of an image, its shape, and the means of five by five parts of it, 0 to 255."""
    scale = 255 if image.dtype == np.float32 and image.max() <= 1 else 1
    parts = (
        part for rows in np.array_split(image, 5) for part in np.array_split(rows, 5, axis=1) if part.size
    )
    return [str(image.dtype), *image.shape, *(round(scale * float(part.mean()), 1) for part in parts)]


def boxes(components) -> list:
    """Return boxes, areas and whether they reach the border."""
    return [[*one.box, one.area, one.at_border, len(one.labels)] for one in components]


def prepared(number: int) -> dict:
    """Prepare the one digit of a picture: every third without one of the steps, every seventh from afar."""
    skip, picture = [STEP_NAMES[number // 3 % 7]] if number % 3 == 2 else [], drawn(number)
    if number % 7 == 6:
        picture = np.pad(picture, ((300, 350), (340, 310), (0, 0))[: picture.ndim], mode="edge")
    found = prepare_digit(load_picture(picture), skip)
    return {
        "steps": [[step.name, step.note, *grid(step.image)] for step in found.steps],
        "box": [*found.box],
        "light": [*grid(found.light), *found.light_box, found.doubtful],
    }


def page(number: int) -> dict:
    """Find the rows of a page."""
    ink, rows, skipped = find_ink_rows(load_picture(drawn(number)))
    return {
        "faint": grid(ink.faint),
        "soft": grid(ink.soft),
        "labels": grid((ink.labels > 0) * 255.0),
        "rows": [boxes(row) for row in rows],
        "skipped": boxes(skipped),
        "scale": round(1000 * ink.scale),
    }


def sheet(number: int) -> list:
    """Straighten a photo of sheets."""
    found = straighten(load_picture(sheets(number)))
    if not found.steps:
        return []
    corner = found.upright_box(Box(10, 20, 30, 40), 1.5)
    return [found.steps[0].note, *grid(found.pixels), *corner]


def per_cent(values) -> list[float]:
    """Return proportions in per cent."""
    return np.round(100 * np.atleast_1d(values).astype(float), 1).ravel().tolist()


def fine(values) -> list[float]:
    """Return proportions in millionths."""
    return np.round(1e6 * np.atleast_1d(values).astype(float), 1).ravel().tolist()


def readings(rows) -> dict:
    """Return what was read in rows."""
    return {
        "text": rows.text,
        "confidence": per_cent(rows.confidence),
        "readings": [[one.label, one.certain, *one.box, *per_cent(one.confidence)] for one in rows],
        "probabilities": [per_cent(np.sort(one.probabilities)[-3:]) for one in rows],
        "grids": [grid(one.image) for one in rows][:3],
        "notes": [step.note for one in rows for step in one.steps[-4:]][:4],
    }


def digits(number: int) -> dict:
    """Read digits in rows."""
    known = ({}, {"at_most": 500}, {"pattern": "dd.d"}, {"among": ["12", 57, "803"]})[number % 4]
    network = load_recognizer() if number % 5 == 4 else None
    found = digitlib.read_number(digits_in_rows(number), network, **known)
    return readings(found) | {"skipped": [list(box) for box in found.skipped]}


def text(number: int) -> dict:
    """Read letters, or letters and digits, in rows."""
    network = LETTERS_FILE if number % 5 == 4 else None
    return readings(read_rows(letters_in_rows(number), ("letters", "both")[number % 2], network))


def reading(number: int) -> dict:
    """Read one character, in every fifth picture without one of the steps."""
    read = (digitlib.read_digit, read_letter, read_character)[number % 3]
    one = read(drawn(number), (STEP_NAMES[number // 5 % 7],) if number % 5 == 4 else ())
    said = [one.label, one.digit, one.certain, *one.box, *per_cent(one.confidence)]
    return {"said": said, "probabilities": per_cent(one.probabilities), "notes": [s.note for s in one.steps]}


def look(number: int) -> list:
    """Look at a row, or at a part of a picture as one."""
    rng, light = np.random.default_rng([number, 11]), 255 - digits_in_rows(number)
    box = None
    if number % 3:
        row, column = (int(rng.integers(side // 2)) for side in light.shape)
        tall, wide = (int(rng.integers(4, side // 2)) for side in light.shape)
        box = Box(row, column, tall, wide)
    classes = (tuple("0123456789"), tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), tuple("0123OZ"), tuple("78"))
    view = load_line_reader(classes[number % 4]).look(light, box)
    return [*view.steps.shape, view.left, *fine(view.width), view.steps.argmax(axis=1).tolist(),
            per_cent(view.steps.max(axis=1)), *fine(view.column(3) / 1000)]  # fmt: skip


def chances(number: int) -> tuple[list[np.ndarray], list[View], Allowed | None]:
    """Throw what both readers say of a row by chance."""
    rng = np.random.default_rng([number, 12])
    sharp = rng.choice([0.05, 0.3, 1.0])
    cut = list(rng.dirichlet(np.full(10, sharp), int(rng.integers(0, 4))))
    views = [
        View(
            rng.dirichlet(np.full(12, sharp), int(rng.integers(3, 8))), int(rng.integers(50)), float(4 + many)
        )
        for many in range(int(rng.integers(1, 3)))
    ]
    known = ({}, {}, {"at_most": 30}, {"pattern": "d-d"}, {"among": ["7", "12", "1234567"]})[number % 5]
    return cut, views, make_allowed(**known)


def vote(number: int) -> list:
    """Vote on a text by chance."""
    cut, views, allowed = chances(number)
    found = vote_on_text(cut, views, allowed)
    said = [list(found.classes), fine(found.confidence), fine(found.weight)]
    for one in cut[:1]:
        said.append(fine(vote_on_character(one, views)))
    if found.classes:
        probabilities, columns = line_characters(found.classes, views)
        said += [fine(probabilities), fine(np.array(columns) / 1000)]
        if len(cut) == len(found.classes):
            said.append(fine(vote_on_each(cut, probabilities)))
    return said


def texts(number: int) -> list:
    """Find the best texts of steps by chance."""
    steps = chances(number)[1][0].steps
    width, length = ((8, None), (3, None), (8, 2), (1, None))[number % 4]
    return [[list(text), *fine(chance)] for text, chance in best_texts(steps, width, length)]


def lines(number: int) -> list:
    """Take lines out of a mask."""
    mask = mask_of(number)
    cleaned, count = remove_lines(mask, find_components(mask)[1])
    return [count, *grid(cleaned)]


def frames(number: int) -> list:
    """Find frames in a mask."""
    return grid(find_frames(*find_components(mask_of(number))) * 255.0)


def pieces(number: int) -> tuple[list[Component], tuple[int, int]]:
    """Throw components on a page by chance."""
    rng = np.random.default_rng([number, 7])
    shape = tuple(rng.integers(60, 400, 2).tolist())
    usual, found, box = int(rng.integers(12, 60)), [], Box(0, 0, 1, 1)
    for label in range(1, 1 + int(rng.choice([1, 2, 4, 8, 16]))):
        height = min(shape[0], max(1, int(usual * rng.choice([0.04, 0.1, 0.2, 0.5, 0.9, 1, 1.1, 2]))))
        width = min(shape[1], max(1, int(usual * rng.choice([0.04, 0.1, 0.2, 0.4, 0.6, 1, 4]))))
        if rng.random() < 0.03:
            height, width = int(shape[0] * 0.95), int(shape[1] * 0.95)
        row, column = (
            int(rng.integers(side - far + 1)) for side, far in zip(shape, (height, width), strict=True)
        )
        if label > 1 and rng.random() < 0.5:  # near the last one
            row = int(np.clip(box.row + rng.integers(-usual, usual), 0, shape[0] - height))
            column = int(np.clip(box.column + rng.integers(-usual, usual), 0, shape[1] - width))
        box = Box(row, column, height, width)
        area = max(1, int(height * width * rng.uniform(0.1, 1)))
        border = not (row and column and box.bottom < shape[0] and box.right < shape[1])
        found.append(Component((label,), box, area, border))
    return found, shape


def rows(number: int) -> list:
    """Put components into rows."""
    found, skipped = find_rows(*pieces(number))
    return [[boxes(row) for row in found], boxes(skipped), typical_height(pieces(number)[0])]


def main(number: int) -> list:
    """Choose the components of the one digit."""
    digit, others = main_digit(*pieces(number))
    return [boxes([digit]), list(digit.labels), boxes(others)]


PARTS = {
    "prepared": prepared, "page": page, "sheet": sheet, "lines": lines, "frames": frames, "rows": rows,
    "main": main, "digits": digits, "text": text, "reading": reading, "look": look, "vote": vote,
    "texts": texts,
}  # fmt: skip


def said(part: str, number: int):
    """Return what a part says, as JSON has it, or its error."""
    try:
        return json.loads(json.dumps(PARTS[part](number), default=lambda item: item.item()))
    except digitlib.ImageError as error:
        return str(error)


if __name__ == "__main__":
    stored = json.loads(PATH.read_text(encoding="utf-8"))
    parts = (
        f"{json.dumps(part)}: {{\n"
        + ",\n".join(
            f'"{number}": {json.dumps(said(part, int(number)), ensure_ascii=False)}' for number in numbers
        )
        + "\n}"
        for part, numbers in stored.items()
    )
    PATH.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8", newline="\n")
