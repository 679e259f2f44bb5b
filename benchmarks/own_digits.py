"""Fine-tune the shipped network on simulated sheets: what it gains on unseen writers, and what it forgets.

    python benchmarks/own_digits.py [--seed 0]

Twenty-five made-up hands fill a sheet each, in forms that the shipped network was never trained on; five of
them are held out by the training itself. Ten further hands fill four sheets each, which no training sees. All
sheets are photographed and collected.
"""

import argparse
import tempfile
import time
from pathlib import Path

from digitlib.measuring import load_labeled, proportion
from digitlib.reading.network import load_recognizer
from digitlib.training import train_on
from digitlib.worksheets import collect
from digitlib.worksheets.simulate import photograph_class

WRITERS, UNSEEN, SHEETS_OF_EACH = 25, 10, 4


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    seed = parser.parse_args().seed
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        own = collected(
            folder / "photos", {number + 1: number for number in range(WRITERS)}, folder / "class"
        )
        sheets = {number + 1: 1000 + number // SHEETS_OF_EACH for number in range(UNSEEN * SHEETS_OF_EACH)}
        others = collected(folder / "other_photos", sheets, folder / "unseen")
        start = time.perf_counter()
        card = train_on(own, seed=seed, out=folder / "network", say=print).card
        seconds = time.perf_counter() - start
        unseen = load_labeled(str(others))
        for name, network in (("shipped", load_recognizer()), ("own", load_recognizer(folder / "network"))):
            wrong = proportion(network.probabilities(unseen.images).argmax(axis=1) != unseen.labels)
            print(
                f"{name}: {wrong.value:.2%} ({wrong.low:.2%} to {wrong.high:.2%}) errors of {wrong.count:,}"
            )
    before, after = card["start_validation_accuracy"], card["validation_accuracy"]
    print(f"MNIST's validation digits read right: {before:.2%} before, {after:.2%} after")
    print(f"{card['own_pictures']:,} own digits, {seconds:.0f} s")


def collected(photos: Path, sheets: dict[int, int], folder: Path) -> Path:
    """Simulate the photos of sheets, and collect them into a folder."""
    result = collect(photograph_class(photos, sheets), folder)
    assert not result.errors, result.errors
    return folder


if __name__ == "__main__":
    main()
