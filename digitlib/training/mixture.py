"""What the shipped network is trained on: MNIST, other hands, photographed digits, and what is no digit."""

from typing import NamedTuple

import numpy as np

from digitlib.handwriting import camera, paper, strokes
from digitlib.reading.images import ImageError, Picture
from digitlib.reading.normalize import prepare_digit
from digitlib.training.augmentation import augment

DRAWN, PHOTOGRAPHED, NO_DIGIT = 14_000, 8_000, 10_000
"""Pictures added to MNIST's in every epoch: drawn styles, photographed digits, and pictures of no digit."""


class Lesson(NamedTuple):
    """Pictures and the answers wanted for them."""

    images: np.ndarray  # (N, 28, 28) uint8
    targets: np.ndarray  # (N, 10) float32: 1 for the digit; 0.1 everywhere where there is no digit


def epoch(lasting, seed, number, as_they_are=0.0):
    """Assemble the pictures of one epoch, each varied anew.

    Digits drawn as pen strokes teach the styles that MNIST lacks. Pictures of no digit are to be answered
    with ten equal probabilities, so that the network is unsure where it should be (outlier exposure,
    Hendrycks et al. 2019).

    Parameters
    ----------
    lasting : Lesson
        What every epoch has: MNIST's training digits, and what `photograph` made of some of them.
    seed, number : int
        Seed of the training and number of the epoch: the same two give the same pictures.
    as_they_are : float
        Share of the pictures that are not varied, 0 to 1.

    Returns
    -------
    Lesson
        Shuffled.
    """
    rng = np.random.default_rng((seed, number))
    drawn, labels, _ = strokes.make_digits(DRAWN, rng)
    none = strokes.make_non_digits(NO_DIGIT, rng)
    images = np.concatenate([lasting.images, drawn, none])
    targets = np.concatenate([lasting.targets, one_hot(labels), nothing(len(none))])
    order = rng.permutation(len(images))
    images = images[order]
    varied = augment(images, rng)
    kept = rng.random(len(images)) < as_they_are
    varied[kept] = images[kept]
    return Lesson(varied, targets[order])


def one_hot(labels):
    """Labels (N,) as targets (N, 10) float32: 1 for the digit, 0 for the others.

    Examples
    --------
    >>> one_hot(np.array([2]))[0, :4].tolist()
    [0.0, 0.0, 1.0, 0.0]
    """
    return np.eye(10, dtype=np.float32)[labels]


def nothing(count):
    """Targets (count, 10) for pictures of no digit: every digit equally unlikely."""
    return np.full((count, 10), 0.1, np.float32)


def photograph(images, labels, rng):
    """Lay digits on paper, take a photo under bad conditions, and send it through the preprocessing.

    What comes out has the faults that photos leave: gaps where a line was removed, restored strokes, specks.
    Pictures in which the preprocessing lost the digit are left out.

    Parameters
    ----------
    images : (N, 28, 28) uint8 array
        MNIST digits.
    labels : (N,) int array
        Their labels.
    rng : numpy.random.Generator
        Source of the conditions.

    Returns
    -------
    Lesson
        At most N pictures.
    """
    results, kept = [], []
    for image, label in zip(images, labels, strict=True):
        try:
            seen = prepare_digit(Picture(_photo(image, rng), 1.0, (0, 0))).image
        except ImageError:
            continue
        if _likeness(seen, image) > 0.5:
            results.append(np.round(seen * 255).astype(np.uint8))
            kept.append(label)
    return Lesson(np.stack(results), one_hot(np.array(kept)))


def _photo(digit, rng):
    """An MNIST digit as a photo of 50 to 260 pixels."""
    height = int(rng.integers(40, 150))
    ink = paper.enlarge(digit, height)
    side = int(height * rng.uniform(1.0, 1.8))
    pen = tuple(int(value) for value in rng.integers(10, 110, 3))
    page = paper.paper_texture(paper.blank((side, side)), rng, rng.uniform(0, 0.6))
    if rng.random() < 0.4:
        lines = (paper.squared_lines, paper.ruled_lines, paper.form_box)[rng.integers(3)]
        page = lines(page, rng, rng.uniform(0.3, 1))
    row, column = rng.integers(0, side - height + 1, 2)
    page = paper.lay_ink(page, ink, int(row), int(column), pen)
    if rng.random() < 0.5:
        page = paper.line_width(page, rng, rng.uniform(0.2, 1))
    conditions = (
        camera.shading,
        camera.shadow_edge,
        camera.vignette,
        camera.perspective,
        camera.blur,
        camera.noise,
        camera.jpeg,
        camera.low_resolution,
    )
    for index in rng.choice(len(conditions), 2, replace=False):
        page = conditions[index](page, rng, rng.uniform(0, 0.7))
    return 255 - page if rng.random() < 0.2 else page


def _likeness(seen, image):
    """Correlation of two pictures, 1 where they are the same."""
    return float(np.corrcoef(seen.ravel(), image.ravel())[0, 1])
