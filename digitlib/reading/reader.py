"""One digit or letter: picture in, `Reading` out."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from digitlib.reading.both import Answering, BothNetworks, as_recognizer
from digitlib.reading.components import Box
from digitlib.reading.ctc import text_probability
from digitlib.reading.images import Source, load_picture
from digitlib.reading.line_reader import load_line_reader
from digitlib.reading.network import LETTERS_FILE, Recognizer
from digitlib.reading.normalize import Prepared, Step, prepare_digit
from digitlib.reading.vote import vote_on_character

CLEAR = 0.98
"""Probability of a character in the line reader's first look from which a second makes no answer surer."""


@dataclass(frozen=True, eq=False)
class Reading:
    """One character as the network read it, and the steps on the way."""

    label: str  # the class with the largest probability; in a number, the one that fits the whole text
    confidence: float  # its probability, 0 to 1: how often such an answer is right
    probabilities: np.ndarray  # (classes,) float32, sums to 1
    classes: tuple[str, ...]  # what each probability stands for
    certain: bool  # False where it is better to say "I am not sure"
    image: np.ndarray  # (28, 28) float32, 0 to 1: what the network saw
    steps: tuple[Step, ...]  # the preprocessing, in order
    box: Box  # (row, column, height, width) in the upright picture

    @property
    def digit(self) -> int | None:
        """The label as a number 0 to 9; None for a letter."""
        return int(self.label) if self.label.isdecimal() else None

    def __repr__(self) -> str:
        sure = "certain" if self.certain else "not sure"
        kind = "digit" if self.digit is not None else "letter"
        return f"Reading({kind} {self.label}, confidence {self.confidence:.1%}, {sure})"


def read_digit(
    source: Source, skip: tuple[str, ...] = (), network: Recognizer | str | Path | None = None
) -> Reading:
    """Read the one handwritten digit of a picture.

    Parameters
    ----------
    source : path, bytes or uint8 array
        A picture file, its bytes, or its pixels: (H, W) grey, (H, W, 3) red-green-blue or (H, W, 4) with
        transparency; or a `Picture` that was loaded before.
    skip : sequence of str
        Preprocessing steps to leave out, to see what breaks; see `digitlib.preprocess.trace`.
    network : Recognizer or path, optional
        A network of your own (see `digitlib.load_recognizer`); by default the one that digitlib ships.

    Returns
    -------
    Reading
        The digit, a calibrated confidence, and every step on the way.

    Raises
    ------
    ImageError, NoDigitError
        The source is no picture, or holds no ink; the message says what is allowed.
    ModelError
        The network is missing or damaged.

    Examples
    --------
    >>> page = np.full((120, 100), 230, np.uint8)
    >>> page[20:100, 45:55] = 40
    >>> read_digit(page).digit
    1
    """
    prepared = prepare_digit(load_picture(source), skip)
    return _ask(prepared, as_recognizer(network), vote=network is None and not skip)


def read_letter(
    source: Source, skip: tuple[str, ...] = (), network: Recognizer | str | Path | None = None
) -> Reading:
    """Read the one handwritten letter of a picture; upper and lower case count as one.

    Introduced in the project lesson "Letters".

    Parameters
    ----------
    source, skip : object
        As `read_digit` takes them.
    network : Recognizer or path, optional
        A network of your own (see `digitlib.load_recognizer`); by default digitlib's network of letters.

    Returns
    -------
    Reading
        The letter as its `label`, A to Z, a calibrated confidence, and every step on the way.

    Raises
    ------
    ImageError, NoDigitError, ModelError
        As `read_digit` does.

    Examples
    --------
    >>> page = np.full((120, 100), 230, np.uint8)
    >>> page[20:100, 30:40] = page[90:100, 30:75] = 40
    >>> read_letter(page).label
    'L'
    """
    prepared = with_words(prepare_digit(load_picture(source), skip), "letter")
    recognizer = as_recognizer(LETTERS_FILE if network is None else network)
    return _ask(prepared, recognizer, vote=network is None and not skip)


def read_character(source: Source, skip: tuple[str, ...] = ()) -> Reading:
    """Read the one character of a picture, digit or letter.

    A 0 and an O, a 1 and an I, a 2 and a Z, a 5 and an S may be the same strokes: then the probability is
    shared between both, and the reading is not certain.

    Parameters
    ----------
    source, skip : object
        As `read_digit` takes them.

    Returns
    -------
    Reading
        Its classes are the ten digits and the 26 letters.

    Raises
    ------
    ImageError, NoDigitError, ModelError
        As `read_digit` does.

    Examples
    --------
    >>> page = np.full((120, 100), 230, np.uint8)
    >>> page[20:100, 30:40] = page[90:100, 30:75] = 40
    >>> read_character(page).label
    'L'
    """
    prepared = with_words(prepare_digit(load_picture(source), skip), "character")
    return _ask(prepared, BothNetworks(), vote=not skip)


def _ask(prepared: Prepared, network: Answering, vote: bool) -> Reading:
    """Let a network answer, and if there is to be a vote, the line reader, too."""
    probabilities = network.probabilities(prepared.image[None])[0]
    if vote:
        lines = load_line_reader(network.classes)
        views = [lines.look(prepared.light, prepared.light_box)]
        if text_probability(views[0].steps, [int(probabilities.argmax()) + 1]) < CLEAR:
            views.append(lines.look(prepared.light))
        probabilities = vote_on_character(probabilities, views)
    return make_reading(probabilities, prepared, network)


def with_probabilities(
    reading: Reading, probabilities: np.ndarray, index: int, recognizer: Answering
) -> Reading:
    """Return a reading with the character and the probabilities of a vote."""
    confidence = float(probabilities[index])
    return replace(
        reading,
        label=recognizer.classes[index],
        confidence=confidence,
        probabilities=probabilities,
        certain=confidence >= recognizer.certainty_threshold,
    )


def with_words(prepared: Prepared, name: str) -> Prepared:
    """Return a prepared character whose notes call it by another name than "digit"."""
    if name == "digit":  # nothing to do, for many a piece of a page
        return prepared
    steps = tuple(replace(step, note=step.note.replace("digit", name)) for step in prepared.steps)
    return replace(prepared, steps=steps)


def make_reading(probabilities: np.ndarray, prepared: Prepared, recognizer: Answering) -> Reading:
    """Put the answer of a network to one prepared character together."""
    best, classes = int(probabilities.argmax()), recognizer.classes
    confidence = float(min(1.0, probabilities[best]))
    certain = confidence >= recognizer.certainty_threshold and not prepared.doubtful
    found = prepared.image, prepared.steps, prepared.box
    return Reading(classes[best], confidence, probabilities, classes, certain, *found)
