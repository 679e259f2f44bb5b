"""Measure readers on pictures of all kinds: right, accepted, refused."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import no_digits
import numpy as np
import ppocr
from classic import classic_image, classic_number_images

import digitlib
from digitlib.handwriting import paper, strokes
from digitlib.measuring.proportions import proportion
from digitlib.measuring.robustness import INK, SIDE, STREAM
from digitlib.reading.network import load_recognizer
from digitlib.reading.picture import NoDigitError

MILD, TAKING = 0.3, ("shading", "rotation", "noise", "blur", "jpeg")
"""Ordinary photos have two of these conditions, up to this strength."""
NO_ANSWER = ("", False)


class Reader(NamedTuple):
    """A way to read pictures. Both functions take a picture and return (text, whether it is certain)."""

    name: str
    digit: Callable
    number: Callable


def make_readers(network):
    """Make the readers: the classic one and PP-OCRv6, which are always certain, and digitlib.

    PP-OCRv6 is left out where it is not installed.

    Parameters
    ----------
    network : digitlib.reading.reader.Recognizer
        The network of the classic reader.

    Returns
    -------
    list of Reader
    """

    def classic(images):
        answers = network.probabilities(np.stack(images)).argmax(axis=1)
        return "".join(map(str, answers)), True

    def ours(source):
        reading = digitlib.read_digit(source)
        return str(reading.digit), reading.certain

    def our_number(source):
        readings = digitlib.read_number(source)
        return readings.text.replace("\n", ""), readings.certain

    readers = [
        Reader(
            "classic",
            _forgiving(lambda source: classic([classic_image(source)])),
            _forgiving(lambda source: classic(classic_number_images(source))),
        ),
        Reader("PP-OCRv6", ppocr.read_one, ppocr.read_number),
        Reader("digitlib", _forgiving(ours), _forgiving(our_number)),
    ]
    try:
        ppocr.recognizer()
    except ImportError:
        print(ppocr.MISSING)
        del readers[1]
    return readers


def _forgiving(read):
    """Let a reader that finds no digit answer nothing instead of raising."""

    def answer(source):
        try:
            return read(source)
        except NoDigitError:
            return NO_ANSWER

    return answer


# -- the sample pictures -----------------------------------------------------------------------------------


def count_samples(readers, samples):
    """Count what each reader gets right, by kind.

    A number is right if every digit of it is. A picture without a digit is right if the reader refuses: it
    finds nothing, or says that it is not certain.

    Parameters
    ----------
    readers : list of Reader
    samples : list of digitlib.data.Sample

    Returns
    -------
    dict of str to (int, list of int)
        For each kind the number of pictures and how many of them each reader gets right.
    """
    pictures = Counter(sample.kind for sample in samples)
    right = {reader.name: Counter() for reader in readers}
    for sample in samples:
        for reader in readers:
            text, certain = (reader.number if len(sample.label) > 1 else reader.digit)(sample.path)
            right[reader.name][sample.kind] += text == sample.label if sample.label else not certain
    return {kind: (count, [right[r.name][kind] for r in readers]) for kind, count in pictures.items()}


# -- the whole path ----------------------------------------------------------------------------------------


def measure_whole_path(images, labels):
    """Compare the network alone with picture-in, digit-out, on MNIST's own pictures.

    Parameters
    ----------
    images : (N, 28, 28) uint8 array
    labels : (N,) int array

    Returns
    -------
    Share, Share
        Accuracy of the network on the pictures as they are, and of `digitlib.read_digit`.
    """
    alone = load_recognizer().probabilities(images.astype(np.float32) / 255).argmax(axis=1)
    read = _forgiving(lambda image: (digitlib.read_digit(image).digit, True))
    whole = np.array([read(image)[0] == label for image, label in zip(images, labels, strict=True)])
    return proportion(alone == labels), proportion(whole)


# -- what it knows it does not know ------------------------------------------------------------------------


def mild(picture, rng):
    """Photograph a sheet as people do: under two conditions, both mild."""
    for name in rng.choice(TAKING, 2, replace=False):
        picture = paper.CONDITIONS[name](picture, rng, rng.uniform(0, MILD))
    return picture


def measure_accepted(reader, images, labels, seed):
    """Measure how many digits are accepted, and how many of these are right.

    Parameters
    ----------
    reader : Reader
    images : (N, 28, 28) uint8 array
        MNIST test digits.
    labels : (N,) int array
    seed : int

    Returns
    -------
    dict of str to (Share, Share or None)
        For MNIST's digits and for as many drawn with a pen: the share accepted, and the accuracy among these
        (None if there are none).
    """
    rng = np.random.default_rng((STREAM, seed, 100))
    mnist = [(paper.enlarge(image, INK), label) for image, label in zip(images, labels, strict=True)]
    drawn = [
        (strokes.draw_digit(int(digit), rng, None, INK), digit)
        for digit in rng.integers(10, size=len(images))
    ]
    results = {}
    for name, digits in (("MNIST's test digits", mnist), ("digits drawn with a pen", drawn)):
        answers = [reader.digit(mild(paper.sheet(ink, SIDE), rng)) for ink, _ in digits]
        certain = np.array([certain for _, certain in answers])
        right = np.array([text == str(label) for (text, _), (_, label) in zip(answers, digits, strict=True)])
        results[name] = proportion(certain), proportion(right[certain]) if certain.any() else None
    return results


def measure_refused(reader, count, seed):
    """Measure how many pictures that hold no digit are refused, by kind.

    Parameters
    ----------
    reader : Reader
    count : int
        Pictures of each kind.
    seed : int

    Returns
    -------
    dict of str to Share or None
        None where the pictures are not installed.
    """
    results = {}
    for number, (name, draw) in enumerate(no_digits.KINDS.items()):
        rng = np.random.default_rng((STREAM, seed, 200, number))
        answers = [reader.digit(mild(draw(rng), rng)) for _ in range(count)]
        results[name] = proportion([not certain for _, certain in answers])
    rng = np.random.default_rng((STREAM, seed, 300))
    found = no_digits.FASHION.exists()
    answers = [reader.digit(no_digits.clothing(rng)) for _ in range(count if found else 0)]
    results["clothes (Fashion-MNIST)"] = (
        proportion([not certain for _, certain in answers]) if found else None
    )
    return results
