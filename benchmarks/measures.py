"""Measure both readers, the classic one and digitlib, on pictures of all kinds: right, accepted, refused."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import no_digits
import numpy as np
from classic import classic_image, classic_number_images
from no_digits import INK, SIDE

import digitlib
from digitlib import paper, strokes
from digitlib.evaluation import share
from digitlib.images import NoDigitError
from digitlib.recognizer import load_recognizer

STRENGTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
MILD, TAKING = 0.3, ("shading", "rotation", "noise", "blur", "jpeg")
"""Ordinary photos have two of these conditions, up to this strength."""
STREAM = 1_998
"""Begins every seed here, so that no picture comes from the random numbers of a training."""
NO_ANSWER = ("", False)


class Reader(NamedTuple):
    """A way to read pictures. Both functions take a picture and return (text, whether it is certain)."""

    name: str
    digit: Callable
    number: Callable


def make_readers(network):
    """Make both readers: the classic one, which is always certain, and digitlib.

    Parameters
    ----------
    network : digitlib.recognizer.Recognizer
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
        return "".join(str(reading.digit) for reading in readings), all(r.certain for r in readings)

    return [
        Reader(
            "classic",
            _forgiving(lambda source: classic([classic_image(source)])),
            _forgiving(lambda source: classic(classic_number_images(source))),
        ),
        Reader("digitlib", _forgiving(ours), _forgiving(our_number)),
    ]


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


# -- photo conditions --------------------------------------------------------------------------------------


def condition_photo(digit, name, strength, seed, place):
    """Photograph an MNIST digit on a clean sheet under one condition.

    Parameters
    ----------
    digit : (28, 28) uint8 array
        Light ink on black.
    name : str
        One of `digitlib.paper.CONDITIONS`.
    strength : float
        0..1.
    seed, place : int
        Seed of the benchmark and place of the digit in it: the same two give the same picture.

    Returns
    -------
    (SIDE, SIDE, 3) uint8 array
    """
    kind = list(paper.CONDITIONS).index(name)
    rng = np.random.default_rng((STREAM, seed, kind, round(100 * strength), place))
    return paper.CONDITIONS[name](paper.sheet(paper.enlarge(digit, INK), SIDE), rng, strength)


def measure_conditions(readers, images, labels, seed, strengths=STRENGTHS):
    """Measure accuracy under every condition at every strength, all on the same digits.

    Parameters
    ----------
    readers : list of Reader
    images : (N, 28, 28) uint8 array
        MNIST test digits.
    labels : (N,) int array
    seed : int
        Of the conditions' random numbers.
    strengths : sequence of float
        0..1.

    Returns
    -------
    dict of (str, str) to list of Share
        For each condition and reader the accuracy at every strength.
    """
    plain = None
    results = {(name, reader.name): [] for name in paper.CONDITIONS for reader in readers}
    for name in paper.CONDITIONS:
        for strength in strengths:
            # Without strength the picture is the same under every condition: measured once.
            shares = plain if strength == 0 else None
            if shares is None:
                photos = (
                    condition_photo(image, name, strength, seed, place) for place, image in enumerate(images)
                )
                shares = _accuracies(readers, photos, labels)
            plain = shares if strength == 0 else plain
            for reader, accuracy in zip(readers, shares, strict=True):
                results[name, reader.name].append(accuracy)
    return results


def _accuracies(readers, pictures, labels):
    """Accuracy of each reader, a list of Share."""
    answers = np.array([[reader.digit(picture)[0] for reader in readers] for picture in pictures])
    return [share(column == labels.astype(str)) for column in answers.T]


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
    return share(alone == labels), share(whole)


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
        results[name] = share(certain), share(right[certain]) if certain.any() else None
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
        results[name] = share([not certain for _, certain in answers])
    rng = np.random.default_rng((STREAM, seed, 300))
    found = no_digits.FASHION.exists()
    answers = [reader.digit(no_digits.clothing(rng)) for _ in range(count if found else 0)]
    results["clothes (Fashion-MNIST)"] = share([not certain for _, certain in answers]) if found else None
    return results
