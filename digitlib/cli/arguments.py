"""Arguments of several commands: whole numbers, and a progress bar while they run."""

import argparse
import contextlib
from collections.abc import Callable, Iterator


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers for argparse."""

    def whole_number(text: str) -> int:
        if not (text.isdecimal() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return whole_number


@contextlib.contextmanager
def progress_bar() -> Iterator[tuple[Callable[[str], None], Callable[[float], None]]]:
    """Show a progress bar; yield a function for lines and one for the part done."""
    from tqdm import tqdm

    layout = "{percentage:3.0f} % |{bar}| {elapsed} gone, {remaining} left"
    with tqdm(total=1.0, bar_format=layout, leave=False, disable=None) as bar:

        def progress(done: float) -> None:
            if not bar.n:  # a training that goes on starts in the middle
                bar.initial = bar.n = bar.last_print_n = done
            bar.update(done - bar.n)

        yield lambda line: bar.write(line), progress
