"""Measure how well photographed digits are read: ``python benchmarks/photos.py``.

Prints tables (Markdown) for the classic way and for digitlib, and draws accuracy against the strength of
seven photo conditions. The same seed gives the same pictures. README.md says what is measured how.
"""

import argparse
from pathlib import Path

import numpy as np
from classic import classic_network
from measures import (
    STREAM,
    STRENGTHS,
    condition_photo,
    count_samples,
    make_readers,
    measure_accepted,
    measure_conditions,
    measure_refused,
    measure_whole_path,
)

import digitlib
from digitlib import paper
from digitlib.figures import BLUE, VERMILLION, LessonFigure, styled

MARKS = ((VERMILLION, "s-", 9), (BLUE, "o-", 6))
"""Colour, marker and its size of each reader; the second is drawn over the first."""
UNIT = "per cent, 95 % interval"
NOT_INSTALLED = "not installed (on Debian and Ubuntu: apt install dataset-fashion-mnist)"
FIGURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "conditions.png"


@styled
def draw_conditions(results, digit, seed, strengths=STRENGTHS):
    """Draw one panel a condition: accuracy against strength, above what the strength looks like.

    Parameters
    ----------
    results : dict
        From `measure_conditions`.
    digit : (28, 28) uint8 array
        The first digit of the measurement.
    seed, strengths
        As in the measurement.

    Returns
    -------
    LessonFigure
    """
    readers = list(dict.fromkeys(reader for _, reader in results))
    figure = LessonFigure(
        12.8,
        7.2,
        f"One chart for each photo condition ({', '.join(paper.CONDITIONS)}): share of digits read correctly "
        f"against strength, for {' and '.join(readers)}, each above one digit at these strengths.",
    )
    *panels, last = figure.subfigures(2, 4).flat
    for panel, name in zip(panels, paper.CONDITIONS, strict=True):
        chart, strip = panel.subplots(2, 1, sharex=True, height_ratios=(5, 1))
        for reader, (colour, marker, size) in zip(readers, MARKS, strict=True):
            value, low, high, _ = zip(*results[name, reader], strict=True)
            chart.fill_between(strengths, low, high, color=colour, alpha=0.2, linewidth=0)
            chart.plot(strengths, value, marker, color=colour, markersize=size, label=reader)
        chart.set(title=name.replace("_", " "), ylim=(0, 1.03), yticks=(0, 0.5, 1))
        chart.yaxis.set_major_formatter("{x:.0%}")
        chart.grid(axis="y", color="0.9")
        for strength in strengths:
            picture = condition_photo(digit, name, strength, seed, 0)
            strip.imshow(picture, extent=(strength - 0.095, strength + 0.095, 0, 1), aspect="auto")
        strip.set(xlim=(-0.1, 1.1), ylim=(0, 1), xticks=(0, 0.5, 1), yticks=[], xlabel="strength")
        strip.spines[:].set_visible(False)
    lines, names = chart.get_legend_handles_labels()
    count = results[name, reader][0].count
    title = f"digits read correctly\n({count:,} a point, 95 % band)"
    last.legend(lines[::-1], names[::-1], loc="center", title=title)
    return figure


# -- tables ------------------------------------------------------------------------------------------------


def per_cent(share):
    """Write a share and its interval as the tables show it: ``97.5 (94.3 to 98.9)``."""
    return f"{100 * share.value:.1f} ({100 * share.low:.1f} to {100 * share.high:.1f})"


def table(title, head, rows):
    """Print a Markdown table under a title."""
    cells = [list(map(str, row)) for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    print("", f"## {title}", "", lines[0], rule, *lines[1:], sep="\n", flush=True)


def report_samples(readers):
    """Print what each reader gets right of data/samples, by kind."""
    counts = count_samples(readers, digitlib.load_samples())
    rows = [(kind, count, *right) for kind, (count, right) in counts.items()]
    _, *columns = zip(*rows, strict=True)
    head = ("kind", "pictures", *(reader.name for reader in readers))
    table("Sample pictures read correctly", head, [*rows, ("all", *map(sum, columns))])


def report_conditions(readers, images, labels, seed, path):
    """Print accuracy under every condition and write the figure."""
    results = measure_conditions(readers, images, labels, seed)
    title = f"Photo conditions: {len(images)} test digits at each strength ({UNIT})"
    rows = [(name, reader, *map(per_cent, shares)) for (name, reader), shares in results.items()]
    table(title, ("condition", "reader", *STRENGTHS), rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(draw_conditions(results, images[0], seed).png())


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
    options = parser.parse_args(arguments)
    _, (images, labels) = digitlib.load_mnist()
    if not 1 <= options.count <= len(images):
        parser.error(f"--count is {options.count}; allowed are 1 to {len(images)}.")
    chosen = np.random.default_rng((STREAM, options.seed)).permutation(len(images))[: options.count]
    readers = make_readers(classic_network())
    report_samples(readers)
    report_conditions(readers, images[chosen], labels[chosen], options.seed, options.out)
    report_whole_path(images, labels)
    report_doubt(readers[-1], images[chosen], labels[chosen], options.seed)
    print(f"\nFigure: {options.out}")


if __name__ == "__main__":
    main()
