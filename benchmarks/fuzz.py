"""Inputs that nobody would make on purpose: each must end, soon, in an answer or an ImageError.

    python benchmarks/fuzz.py --count 20000 --seed 0

Damaged files of every format, arrays of every kind, and pages of what looks like ink and is none. Prints what
became of each kind, the ten inputs that took longest, and the ten that took most memory (Linux only). Exit
status 1 if anything but an answer or an ImageError came out.
"""

import argparse
import collections
import io
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

import digitlib
from digitlib.handwriting import paper, strokes

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
CLEAR_PEAK = "5"
"""What Linux wants to read in clear_refs to forget the peak of the memory."""


def photo(rng):
    """Draw a digit on a small sheet: (H, W, 3)."""
    return paper.sheet(strokes.draw_digit(int(rng.integers(10)), rng, size=100), 160)


def damaged_file(rng):
    """Return a picture file with bytes changed, left out, doubled, or its end cut off."""
    form, file = str(rng.choice(FORMATS)), io.BytesIO()
    image = Image.fromarray(photo(rng))
    image.convert("P" if form == "GIF" else "RGB").save(file, form)
    data = bytearray(file.getvalue())
    for _ in range(rng.integers(1, 12)):
        # half of the damage in the head, where sizes and kinds stand
        place = int(rng.integers(min(len(data), 120) if rng.random() < 0.5 else len(data)))
        kind = rng.choice(("change", "leave out", "double", "cut"), p=(0.7, 0.1, 0.1, 0.1))
        if kind == "change":
            data[place] = rng.integers(256)
        elif kind == "leave out":
            del data[place : place + int(rng.integers(1, 9))]
        elif kind == "double":
            data[place:place] = data[place : place + 64]
        elif len(data) > 60:
            del data[int(rng.integers(30, len(data))) :]
        if len(data) < 30:
            break
    return bytes(data)


def array(rng):
    """Return an array of any form, kind and content, most of them no picture."""
    shape = tuple(
        int(side) for side in rng.integers(0, 90, rng.choice((1, 2, 3, 4), p=(0.05, 0.5, 0.4, 0.05)))
    )
    if len(shape) == 3 and rng.random() < 0.8:
        shape = (*shape[:2], int(rng.choice((1, 3, 4))))
    kind = rng.choice(("uint8", "bool", "float32", "int64", "uint16"), p=(0.8, 0.05, 0.05, 0.05, 0.05))
    levels = rng.integers(1, 257)
    return (rng.integers(0, levels, shape) * (255 // max(1, levels - 1))).astype(kind)


def _board(rng, page):
    cell = int(rng.integers(1, 40))
    page[(np.indices(page.shape) // cell).sum(axis=0) % 2 == 1] = rng.integers(0, 180)


def _noise(rng, page):
    share = rng.uniform(0.0005, 0.5)
    page[rng.random(page.shape) < share] = rng.integers(0, 180)


def _dots(rng, page):
    for row, column in rng.integers(0, page.shape, (int(rng.integers(10, 10_000)), 2)):
        page[row : row + 3, column : column + 3] = 40


def _spiral(rng, page):
    turns = np.linspace(0, rng.uniform(20, 300), 4_000)
    middle, growth = np.array(page.shape[::-1]) / 2, min(page.shape) / 2 / turns[-1]
    curve = middle + growth * turns[:, None] * np.column_stack([np.cos(turns), np.sin(turns)])
    cv2.polylines(page, [np.rint(curve).astype(np.int32)], False, 40, int(rng.integers(1, 5)))


def _text(rng, page):
    for row in range(20, page.shape[0], int(rng.integers(14, 40))):
        words = "".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz   "), 160))
        cv2.putText(
            page, words, (10, row), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, rng.uniform(0.3, 1), 40, 1, cv2.LINE_AA
        )


def _joined_writing(rng, page):
    for row in range(40, page.shape[0] - 10, 50):
        columns = np.arange(10, page.shape[1] - 10, 3)
        rows = row + 12 * np.sin(columns / rng.uniform(2, 9)) * rng.uniform(0.2, 1.3, len(columns))
        cv2.polylines(page, [np.column_stack([columns, rows]).astype(np.int32)], False, 40, 2)


def _grid(rng, page):
    step = int(rng.integers(4, 60))
    page[::step], page[:, ::step] = 60, 60


def page_of(draw):
    """Return what makes a page of one kind of ink, 300 to 1,500 pixels wide."""

    def make(rng):
        page = np.full(rng.integers(300, 1_500, 2), 235, np.uint8)
        draw(rng, page)
        return page

    return make


def huge(rng):
    """Return the largest picture that is allowed, as a file: digits on 12,000 by 9,000 pixels."""
    page = np.full((9_000, 12_000), 235, np.uint8)
    for _ in range(rng.integers(1, 30)):
        row, column = rng.integers(0, 8_000), rng.integers(0, 11_000)
        cv2.putText(
            page, str(rng.integers(10)), (int(column), int(row)), cv2.FONT_HERSHEY_SIMPLEX, 20, 40, 60
        )
    return cv2.imencode(".jpg", page)[1].tobytes()


KINDS = {
    "damaged file": (damaged_file, 0.6),
    "array": (array, 0.3),
    "chessboard": (page_of(_board), 0.016),
    "noise": (page_of(_noise), 0.016),
    "dots": (page_of(_dots), 0.016),
    "spiral": (page_of(_spiral), 0.016),
    "text": (page_of(_text), 0.0155),
    "joined writing": (page_of(_joined_writing), 0.0155),
    "grid": (page_of(_grid), 0.0045),
    "12,000 x 9,000": (huge, 0.0005),
}
"""What makes an input of each kind, and the share of inputs that are of it."""


def try_one(read, source):
    """Return what came of it, seconds of processor time, and MB by which the memory grew or None."""
    before = _forget_peak()
    start = time.process_time()
    try:
        answer = read(source)
        outcome = "read" if answer.certain else "not sure"
    except digitlib.ImageError:
        outcome = "refused"
    except Exception as error:  # what must not happen
        outcome = f"{type(error).__name__}: {error}"
    seconds = time.process_time() - start
    return outcome, seconds, None if before is None else _memory("VmHWM") - before


def _memory(name):
    """Return a figure of this process's memory from /proc, in MB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) / 1024
    return 0.0


def _forget_peak():
    """Begin to count the peak of the memory anew; return what is in use, or None where that is not known."""
    try:
        Path("/proc/self/clear_refs").write_text(CLEAR_PEAK, encoding="utf-8")
    except OSError:
        return None
    return _memory("VmRSS")


def main():
    """Try all inputs, and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    names, shares = list(KINDS), [share for _, share in KINDS.values()]
    chosen = np.random.default_rng(given.seed).choice(names, given.count, p=shares)
    outcomes, tried = collections.defaultdict(collections.Counter), []
    for number, name in enumerate(chosen):
        source = KINDS[name][0](np.random.default_rng([given.seed, number]))
        read = (digitlib.read_digit, digitlib.read_number)[number % 2]
        outcome, seconds, memory = try_one(read, source)
        outcomes[name][outcome] += 1
        tried.append((seconds, memory or 0.0, f"{name} {number}, {read.__name__}: {outcome}"))
    for name, counts in outcomes.items():
        print(f"{name:16}", ", ".join(f"{what} {count}" for what, count in counts.most_common()))
    print("\nslowest, in seconds of processor time:")
    for seconds, _, what in sorted(tried, reverse=True)[:10]:
        print(f"{seconds:8.2f}  {what}")
    print("\nmost memory, in MB:")
    for _, memory, what in sorted(tried, key=lambda one: one[1], reverse=True)[:10]:
        print(f"{memory:8.0f}  {what}")
    wrong = [
        what for counts in outcomes.values() for what in counts if what not in {"read", "not sure", "refused"}
    ]
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
