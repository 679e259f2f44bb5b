"""Measure how well photographed digits are read: ``python benchmarks/photos.py``.

Prints tables (Markdown) for the classic way, for PP-OCRv6 where it is installed, and for digitlib, and draws
accuracy against the strength of seven photo conditions. The same seed gives the same pictures. README.md says
what is measured how. ``python benchmarks/photos.py --pictures FOLDER`` prints one table, for pictures of your
own: a folder with labels.csv (file, label, and if you like kind).
"""

import argparse
from pathlib import Path

import numpy as np
from classic import classic_network
from measures import (
    count_samples,
    make_readers,
    measure_accepted,
    measure_refused,
    measure_whole_path,
)
from tables import table

import digitlib
from digitlib.data import Sample
from digitlib.figures import robustness_curves
from digitlib.labels import LabelError, read_labels
from digitlib.measuring.robustness import CONDITIONS, STREAM, STRENGTHS, condition_photo, measure_conditions

UNIT = "per cent, 95 % interval"
NOT_INSTALLED = "not installed (on Debian and Ubuntu: apt install dataset-fashion-mnist)"
FIGURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "conditions.png"


# -- tables ------------------------------------------------------------------------------------------------


def per_cent(share):
    """Write a share and its interval as the tables show it: ``97.5 (94.3 to 98.9)``."""
    return f"{100 * share.value:.1f} ({100 * share.low:.1f} to {100 * share.high:.1f})"


def report_pictures(title, readers, pictures):
    """Print what each reader gets right, by kind of picture."""
    counts = count_samples(readers, pictures)
    rows = [(kind, count, *right) for kind, (count, right) in counts.items()]
    _, *columns = zip(*rows, strict=True)
    head = ("kind", "pictures", *(reader.name for reader in readers))
    table(f"{title} read correctly", head, [*rows, ("all", *map(sum, columns))])


def load_pictures(folder):
    """Load the pictures of a labelled folder; they are of one kind where the table does not name it."""
    rows = read_labels(folder)
    return [Sample(row.path, row.label, row.columns.get("kind") or "pictures", made="") for row in rows]


def report_conditions(readers, images, labels, seed, path):
    """Print accuracy under every condition and write the figure."""

    def answer(reader):
        return lambda photo: int(reader.digit(photo)[0] or -1)

    curves = measure_conditions({r.name: answer(r) for r in reversed(readers)}, images, labels, seed)
    title = f"Photo conditions: {len(images)} test digits at each strength ({UNIT})"
    rows = [(curve.condition, curve.reader, *map(per_cent, curve.shares)) for curve in curves]
    table(title, ("condition", "reader", *STRENGTHS), rows)
    examples = {
        name: [condition_photo(images[0], name, strength, seed) for strength in STRENGTHS]
        for name in CONDITIONS
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(robustness_curves(curves, examples).png())


def report_whole_path(images, labels):
    """Print what the preprocessing costs on pictures that need none."""
    alone, whole = measure_whole_path(images, labels)
    difference = f"{100 * (whole.value - alone.value):+.2f} points"
    rows = [("the network alone", alone), ("the whole path", whole), ("difference", difference)]
    table("MNIST's test set", ("what reads", "right"), rows)


def report_doubt(reader, images, labels, seed):
    """Print how many digits are accepted and how many pictures of no digit are refused."""
    accepted = measure_accepted(reader, images, labels, seed)
    rows = [
        (name, per_cent(share), per_cent(right) if right else "none accepted")
        for name, (share, right) in accepted.items()
    ]
    table(f"Digits in mild conditions ({UNIT})", ("digits", "accepted", "right among these"), rows)
    refused = measure_refused(reader, len(images), seed)
    rows = [(name, per_cent(share) if share else NOT_INSTALLED) for name, share in refused.items()]
    table(f"Pictures that hold no digit ({UNIT})", ("pictures", "refused"), rows)


def main(arguments=None):
    """Measure everything, print the tables and write the figure."""
    parser = argparse.ArgumentParser(description="Measure how well photographed digits are read.")
    parser.add_argument("--count", type=int, default=200, help="digits for each condition and strength (200)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same pictures (0)")
    parser.add_argument("--out", type=Path, default=FIGURE, help=f"the figure ({FIGURE.name} in docs/images)")
    parser.add_argument(
        "--pictures", type=Path, metavar="FOLDER", help="measure on this labelled folder alone"
    )
    options = parser.parse_args(arguments)
    if options.pictures:
        try:
            pictures = load_pictures(options.pictures)
        except LabelError as error:
            parser.error(str(error))
        return report_pictures("Pictures", make_readers(classic_network()), pictures)
    _, (images, labels) = digitlib.load_mnist()
    if not 1 <= options.count <= len(images):
        parser.error(f"--count is {options.count}; allowed are 1 to {len(images)}.")
    chosen = np.random.default_rng((STREAM, options.seed)).permutation(len(images))[: options.count]
    readers = make_readers(classic_network())
    report_pictures("Sample pictures", readers, digitlib.load_samples())
    report_conditions(readers, images[chosen], labels[chosen], options.seed, options.out)
    report_whole_path(images, labels)
    report_doubt(readers[-1], images[chosen], labels[chosen], options.seed)
    print(f"\nFigure: {options.out}")


if __name__ == "__main__":
    main()
