"""A page of several characters: its ink in rows, and each character read by a network."""

from typing import NamedTuple

import numpy as np

from digitlib.reading.binarize import Ink, binarize
from digitlib.reading.both import Answering
from digitlib.reading.components import Box, Component
from digitlib.reading.normalize import Prepared, mnist_steps
from digitlib.reading.pale import with_pale_ink
from digitlib.reading.picture import NoDigitError, Picture, Step
from digitlib.reading.reader import Reading, make_reading, with_words
from digitlib.reading.rows import find_rows

PAGE_SIDE = 2_000
"""Longest side at which a page of several digits is worked on, in pixels."""
MOST_ROWS = 60
"""Most rows of a page that are read, so that none takes more than about two seconds: squared paper has 59."""
MOST_DIGITS = 800
"""Most digits of a page that are read, for the same reason."""
MOST_COMPONENTS = 8_000
"""Most pieces of ink of a page, most of them dust, that are put into rows, for the same reason."""


def find_ink_rows(picture: Picture) -> tuple[Ink, list[list[Component]], list[Component]]:
    """Find the ink of a page, and its rows.

    Parameters
    ----------
    picture : Picture
        Straightened.

    Returns
    -------
    ink, rows, skipped
        As `binarize` and `find_rows` give them.

    Raises
    ------
    NoDigitError
        There is no ink, or more pieces of it than anyone writes.

    Examples
    --------
    >>> from digitlib.reading.images import load_picture
    >>> page = np.full((120, 300), 230, np.uint8)
    >>> page[30:100, 45:53] = page[30:100, 145:153] = 40
    >>> _, rows, _ = find_ink_rows(load_picture(page))
    >>> [len(row) for row in rows]
    [2]
    """
    ink = binarize(picture.pixels, working_side=PAGE_SIDE)
    if not ink.components:
        raise NoDigitError("The picture holds no ink: only dust was found.")
    if len(ink.components) > MOST_COMPONENTS:
        raise too_much(
            f"{len(ink.components):,} pieces of ink, like dots or a pattern", f"{MOST_COMPONENTS:,}"
        )
    ink = with_pale_ink(ink)
    rows, skipped = find_rows(ink.components, ink.labels.shape)
    pieces = sum(map(len, rows))
    if len(rows) > MOST_ROWS or pieces > MOST_DIGITS:
        found = f"{pieces:,} pieces of ink in {len(rows)} rows, like dots or a pattern"
        raise too_much(found, f"{MOST_DIGITS:,} in {MOST_ROWS}")
    return ink, rows, skipped


def too_much(found: str, allowed: str) -> NoDigitError:
    """Return the error of a page that holds more than is read."""
    return NoDigitError(f"There are {found}. Allowed are {allowed}: show a part of the page.")


class Page(NamedTuple):
    """What all rows of a page share."""

    picture: Picture
    ink: Ink
    network: Answering
    word: str = "digit"  # what the notes of its steps call a character

    def prepare(self, crop: np.ndarray, box: Box) -> Prepared:
        """Take one character through the last steps.

        Parameters
        ----------
        crop : (H, W) uint8 array
            Its soft ink.
        box : Box
            Where it is in the ink.

        Returns
        -------
        Prepared
        """
        note = f"One of several digits: {box.height} rows tall and {box.width} columns wide."
        steps = (*self.picture.steps, *self.ink.steps, Step("crop", crop, note), *mnist_steps(crop))
        place = self.picture.upright_box(box, self.ink.scale)
        return with_words(Prepared(steps[-1].image, steps, place, self.ink.light, box, False), self.word)

    def read(self, prepared: list[Prepared]) -> list[Reading]:
        """Let the network answer, all at once."""
        probabilities = self.network.probabilities(np.stack([one.image for one in prepared]))
        return [make_reading(*pair, self.network) for pair in zip(probabilities, prepared, strict=True)]
