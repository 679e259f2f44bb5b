"""Picture in, `Reading` out: preprocessing and the trained network, run by OpenCV (no TensorFlow)."""

import functools
import hashlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from digitlib.reading.binarize import Step, find_ink
from digitlib.reading.components import Box, cut_candidates, number_rows
from digitlib.reading.images import NoDigitError, load_picture
from digitlib.reading.normalize import Prepared, cut_out, full_size, mnist_steps, prepare_digit

MODEL_FILE = Path(__file__).resolve().parents[1] / "model" / "digits.tflite"
PAGE_SIDE = 2_000
"""Longest side at which a page of several digits is worked on, in pixels."""
CUT_COST = 0.3
"""What a further cut through touching digits costs, in units of -log(confidence)."""
CHUNK = 32
"""Pictures the network looks at in one go; larger chunks leave the processor's cache and are slower."""


class ModelError(RuntimeError):
    """The trained network is missing or damaged."""


@dataclass(frozen=True, eq=False)
class Reading:
    """What the network read, how sure it is, and how it came to it."""

    digit: int  # 0..9
    confidence: float  # 0..1: how often such an answer is right
    probabilities: np.ndarray  # (10,) float32, sums to 1
    certain: bool  # False: better say "I am not sure"
    image: np.ndarray  # (28, 28) float32 in 0..1: what the network saw
    steps: tuple  # of Step: the preprocessing, in order
    box: Box  # (row, column, height, width) of the digit in the upright picture

    def __repr__(self):
        """The answer in words."""
        sure = "certain" if self.certain else "not sure"
        return f"Reading(digit {self.digit}, confidence {self.confidence:.1%}, {sure})"


class Recognizer:
    """A trained network and its model card.

    Safe to use from several threads at once: they take turns.

    Parameters
    ----------
    network : (bytes)
        A TensorFlow Lite file whose input is one (1, 28, 28, 1) picture.
    card : dict
        The model card; `certainty_threshold` is the confidence from which an answer counts as certain.
    """

    def __init__(self, network, card):
        try:
            self._network = cv2.dnn.readNetFromTFLite(np.frombuffer(network, np.uint8))
        except cv2.error as error:
            raise ModelError("The network's file is no TensorFlow Lite model for OpenCV.") from error
        self._lock = threading.Lock()
        self.card = card

    def probabilities(self, images):
        """Ten probabilities for each picture.

        Parameters
        ----------
        images : (N, 28, 28) float32 array
            What `digitlib.reading.normalize` makes: light ink on black, values 0..1.

        Returns
        -------
        (N, 10) float32 array
            Each row sums to 1.

        Examples
        --------
        >>> load_recognizer().probabilities(np.zeros((3, 28, 28), np.float32)).shape
        (3, 10)
        """
        images = np.asarray(images, np.float32)
        if images.ndim != 3 or images.shape[1:] != (28, 28):
            raise ValueError(f"images has the shape {images.shape}; allowed is (N, 28, 28).")
        answers = np.empty((len(images), 10), np.float32)
        with self._lock:
            for start in range(0, len(images), CHUNK):
                chunk = images[start : start + CHUNK, None]
                self._network.setInput(chunk)
                answers[start : start + CHUNK] = self._network.forward()
        return answers


@functools.cache
def load_recognizer(path=MODEL_FILE):
    """Load a trained network, once a process.

    Parameters
    ----------
    path : Path
        The .tflite file; its model card lies beside it as model_card.json.

    Returns
    -------
    Recognizer
        Ready to answer.

    Raises
    ------
    ModelError
        A file is missing, or the network is not the one that the card describes (SHA-256).
    """
    path = Path(path)
    try:
        network = path.read_bytes()
        card = json.loads(path.with_name("model_card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"The trained network {path.name} or its model_card.json is missing or damaged. "
            "Get both again from the repository, or train them: python -m digitlib train"
        ) from error
    if hashlib.sha256(network).hexdigest() != card["sha256"][path.name]:
        raise ModelError(f"{path.name} is not the file that model_card.json describes (its SHA-256 differs).")
    return Recognizer(network, card)


def read_digit(source, skip=()):
    """Read the one handwritten digit of a picture.

    Parameters
    ----------
    source : path, bytes or uint8 array
        A picture file, its bytes, or its pixels: (H, W) grey, (H, W, 3) red-green-blue or (H, W, 4) with
        transparency; or a `digitlib.reading.images.Picture` that was loaded before.
    skip : sequence of str
        Preprocessing steps to leave out, to see what breaks; see `digitlib.reading.normalize.trace`.

    Returns
    -------
    Reading
        The digit, a calibrated confidence, and every step on the way.

    Raises
    ------
    ImageError
        The source is no picture; the message says what was wrong and what is allowed.
    NoDigitError
        The picture holds no ink.

    Examples
    --------
    >>> page = np.full((120, 100), 230, np.uint8)
    >>> page[20:100, 45:55] = 40
    >>> read_digit(page).digit
    1
    """
    prepared = prepare_digit(load_picture(source), skip)
    recognizer = load_recognizer()
    probabilities = recognizer.probabilities(prepared.image[None])[0]
    return _reading(probabilities, prepared, recognizer.card)


def _reading(probabilities, prepared, card):
    """The answer for one digit."""
    digit = int(probabilities.argmax())
    confidence = float(min(1.0, probabilities[digit]))
    certain = confidence >= card["certainty_threshold"] and not prepared.doubtful
    return Reading(digit, confidence, probabilities, certain, prepared.image, prepared.steps, prepared.box)


class Number(list):
    """The readings of a picture of several digits, in reading order.

    Attributes
    ----------
    text : str
        The digits as text, a line for each row.
    confidence : float
        Confidence that all of them are right: the product of theirs.
    skipped : list of Box
        Separators (dashes, dots, commas) that were passed over.
    """

    def __init__(self, rows, skipped):
        super().__init__(reading for row in rows for reading in row)
        self.text = "\n".join("".join(str(reading.digit) for reading in row) for row in rows)
        self.confidence = float(np.prod([reading.confidence for reading in self]))
        self.skipped = skipped


def read_number(source):
    """Read all handwritten digits of a picture: rows from top to bottom, each from left to right.

    Parameters
    ----------
    source : path, bytes or uint8 array
        The picture, as `read_digit` takes it.

    Returns
    -------
    Number
        A list of `Reading`, one a digit, with the `text` of all and the separators that were `skipped`.

    Raises
    ------
    ImageError
        The source is no picture.
    NoDigitError
        The picture holds no ink.

    Examples
    --------
    >>> page = np.full((120, 300), 230, np.uint8)
    >>> page[30:100, 45:53] = page[30:100, 145:153] = page[30:100, 245:253] = 40
    >>> read_number(page).text
    '111'
    """
    picture = load_picture(source)
    recognizer = load_recognizer()
    ink = find_ink(picture, working_side=PAGE_SIDE)
    if not ink.pieces:
        raise NoDigitError("The picture holds no ink: only dust was found.")
    rows, skipped = number_rows(ink.pieces, ink.labels.shape)
    candidates = [
        [_candidates(cut_out(ink.gray, ink.labels, piece), piece.box) for piece in row] for row in rows
    ]
    cuts = [part for row in candidates for piece in row for part in piece.values()]
    prepared = [_prepared(cut, box, ink, picture.shape) for cut, box in cuts]
    probabilities = recognizer.probabilities(np.stack([digit.image for digit in prepared]))
    answers = iter(zip(probabilities, prepared, strict=True))
    readings = []
    for row in candidates:
        readings.append([])
        for piece in row:
            parts = {span: _reading(*next(answers), recognizer.card) for span in piece}
            readings[-1] += _best_split(parts)
    return Number(readings, [full_size(piece.box, ink.scale, picture.shape) for piece in skipped])


def _candidates(cut, box):
    """The digits a piece of ink may consist of: {(first column, last column): (cut, box)}.

    A piece that is not wide is one digit. In a wide one, all spans between thin places are candidates.
    """
    height, width = cut.shape
    wide = 0.9 * height < width < 12 * height
    columns = [0, *(cut_candidates(cut) if wide else []), width]
    spans = {}
    for first in range(len(columns)):
        for last in range(first + 1, len(columns)):
            start, end = columns[first], columns[last]
            whole = end - start == width
            if whole or 0.15 * height < end - start < 1.3 * height:
                part = cut[:, start:end]
                inked = np.flatnonzero((part > 100).any(axis=1))
                if whole or inked.size > 0.5 * height:
                    top, bottom = (inked[0], inked[-1] + 1) if inked.size else (0, height)
                    spans[start, end] = (
                        part[top:bottom],
                        Box(box.row + int(top), box.column + start, int(bottom - top), end - start),
                    )
    return spans


def _best_split(parts):
    """The chain of spans from the first to the last column that the network finds most convincing.

    Shortest path over the spans, each as long as its answer is unlikely (dynamic programming, as handwritten
    numbers have been cut since LeCun et al. 1998). Every further cut must pay for itself.
    """
    end_of_all = max(end for _, end in parts)
    best = {0: (0.0, [])}
    for start, end in sorted(parts):
        if start not in best:
            continue
        reading = parts[start, end]
        cost = best[start][0] - np.log(max(reading.confidence, 1e-6)) + CUT_COST
        if end not in best or cost < best[end][0]:
            best[end] = (cost, [*best[start][1], reading])
    return best[end_of_all][1]


def _prepared(cut, box, ink, shape):
    """One digit of a page, ready for the network."""
    note = f"One of several digits: {box.height} rows tall and {box.width} columns wide."
    steps = (*ink.steps, Step("crop", cut, note), *mnist_steps(cut))
    return Prepared(steps[-1].image, steps, full_size(box, ink.scale, shape), False)
