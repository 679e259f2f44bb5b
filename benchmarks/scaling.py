"""What does more cost? ``python benchmarks/scaling.py``.

Time against the number of pictures, of digits on a page, and of pixels of a photo; and accuracy and time
against the number of training digits. Prints tables and draws docs/images/scaling.png.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter
from tables import table
from timing import median_seconds

import digitlib
from digitlib.figures.style import BLUE, LessonFigure, styled
from digitlib.handwriting import paper, strokes
from digitlib.measuring.proportions import proportion

FIGURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "scaling.png"
PICTURES = (1, 10, 100, 1_000, 10_000)
DIGITS = (1, 4, 16, 49, 100)
SIDES = (28, 100, 300, 1_000, 3_000)
TRAINING_DIGITS = (1_000, 3_000, 10_000, 30_000, 60_000)


def by_pictures():
    """Seconds for the network to answer, by the number of pictures in one call."""
    images = np.random.default_rng(0).random((max(PICTURES), 28, 28), np.float32)
    answer = digitlib.load_recognizer().probabilities
    return {count: median_seconds(lambda count=count: answer(images[:count])) for count in PICTURES}


def by_digits():
    """Seconds for `read_number`, by the number of digits on a page of 2,000 x 2,000 pixels."""
    pages = {count: page_of(count) for count in DIGITS}
    return {
        count: median_seconds(lambda page=page: digitlib.read_number(page)) for count, page in pages.items()
    }


def page_of(count):
    """Draw a page of digits in as many rows as columns, 140 pixels tall each."""
    rng = np.random.default_rng(count)
    page = paper.paper_texture(paper.blank((2_000, 2_000)), rng, 0.3)
    side = round(count**0.5)
    for place in range(count):
        ink = strokes.draw_digit(int(rng.integers(10)), rng, size=196)
        row, column = (round((index + 0.5) * 2_000 / side - 98) for index in divmod(place, side))
        page = paper.lay_ink(page, ink, row, column)
    return page


def by_pixels():
    """Seconds for `read_digit`, by the side of a square picture."""
    rng = np.random.default_rng(0)
    seconds = {}
    for side in SIDES:
        ink = strokes.draw_digit(3, rng, size=side)
        page = np.ascontiguousarray(paper.lay_ink(paper.blank((side, side)), ink, 0, 0))
        seconds[side] = median_seconds(lambda page=page: digitlib.read_digit(page))
    return seconds


def by_training_digits(epochs):
    """Seconds and test accuracy of trainings of the quick network, by the number of training digits."""
    from digitlib.training.export import as_input
    from digitlib.training.fit import PROFILES
    from digitlib.training.mixture import one_hot
    from digitlib.training.networks import build_network, keras, one_cycle

    (images, labels), (test_images, test_labels) = digitlib.load_mnist()
    results = {}
    for count in TRAINING_DIGITS:
        keras.utils.set_random_seed(0)
        model = build_network()
        steps = epochs * -(-count // PROFILES["quick"].batch_size)
        optimizer = keras.optimizers.Adam(one_cycle(PROFILES["quick"].learning_rate, steps))
        model.compile(optimizer, "categorical_crossentropy", jit_compile=False)
        start = time.perf_counter()
        model.fit(
            as_input(images[:count]),
            one_hot(labels[:count]),
            PROFILES["quick"].batch_size,
            epochs=epochs,
            verbose=0,
        )
        seconds = time.perf_counter() - start
        answers = model.predict(as_input(test_images), batch_size=500, verbose=0).argmax(axis=1)
        results[count] = seconds, proportion(answers == test_labels)
        print(f"{count} training digits: {seconds:.0f} s", flush=True)
    return results


@styled
def draw(pictures, digits, pixels, training):
    """Draw the four relations, both axes logarithmic; returns a LessonFigure."""
    figure = LessonFigure(
        9.6,
        7.2,
        "Four line charts with logarithmic axes. Time rises in proportion to the pictures in one call, and "
        "less than that with digits on a page and with pixels. Errors fall with the training digits, from "
        f"{100 - 100 * training[TRAINING_DIGITS[0]][1].value:.1f} % to "
        f"{100 - 100 * training[TRAINING_DIGITS[-1]][1].value:.1f} %.",
    )
    errors = {count: 100 - 100 * accuracy.value for count, (_, accuracy) in training.items()}
    panels = (
        (pictures, "pictures in one call", 1e3, "milliseconds"),
        (digits, "digits on a page", 1e3, "milliseconds"),
        (
            {side * side: seconds for side, seconds in pixels.items()},
            "pixels of a photo",
            1e3,
            "milliseconds",
        ),
        (errors, "training digits", 1, "test digits misread, per cent"),
    )
    for axes, (values, xlabel, factor, ylabel) in zip(figure.subplots(2, 2).flat, panels, strict=True):
        axes.loglog(list(values), [factor * value for value in values.values()], "o-", color=BLUE)
        axes.set(xlabel=xlabel, ylabel=ylabel)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set(major_formatter="{x:,g}", minor_formatter=NullFormatter())
        axes.xaxis.set(major_formatter=EngFormatter(sep=""), minor_formatter=NullFormatter())
        axes.grid(alpha=0.3)
    return figure


def main(arguments=None):
    """Measure everything, print the tables and write the figure."""
    parser = argparse.ArgumentParser(
        description="Measure what more pictures, digits, pixels and training cost."
    )
    parser.add_argument("--epochs", type=int, default=8, help="epochs of each training (8)")
    parser.add_argument("--out", type=Path, default=FIGURE, help=f"the figure ({FIGURE.name} in docs/images)")
    options = parser.parse_args(arguments)
    pictures, digits, pixels = by_pictures(), by_digits(), by_pixels()
    for title, values, per in (
        ("The network, by pictures in one call", pictures, "picture"),
        ("read_number, by digits on a page", digits, "digit"),
        ("read_digit, by the side of a square picture", {side: pixels[side] for side in SIDES}, None),
    ):
        rows = [
            (f"{count:,}", f"{1e3 * seconds:.2f}", f"{1e3 * seconds / count:.3f}" if per else "")
            for count, seconds in values.items()
        ]
        table(title, ("", "milliseconds", f"a {per}" if per else ""), rows)
    training = by_training_digits(options.epochs)
    rows = [
        (
            f"{count:,}",
            f"{seconds:.1f}",
            f"{100 * right.value:.2f} ({100 * right.low:.2f} to {100 * right.high:.2f})",
        )
        for count, (seconds, right) in training.items()
    ]
    head = ("training digits", "seconds", "test accuracy, per cent, 95 % interval")
    table(f"The quick network, {options.epochs} epochs", head, rows)
    options.out.write_bytes(draw(pictures, digits, pixels, training).png())
    print(f"\nFigure: {options.out}")


if __name__ == "__main__":
    main()
