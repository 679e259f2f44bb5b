"""Training data of the shipped network: MNIST, drawn digits, photographed digits, and images of no digit."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from digitlib.handwriting import camera, paper, strokes
from digitlib.reading.images import load_picture
from digitlib.reading.normalize import prepare_digit
from digitlib.reading.picture import ImageError
from digitlib.training.augmentation import augment

DRAWN, PHOTOGRAPHED, NO_DIGIT = 14_000, 8_000, 10_000
"""Images added to MNIST's 55,000 in every epoch: about a third, so that MNIST stays the main source."""
_LEAST_CORRELATION = 0.5
"""Correlation with the original below which a photographed digit counts as lost."""


class Stream(IntEnum):
    """Second number of each seed, so that no two uses share their random numbers."""

    ORDER, BATCH, PHOTOGRAPHS, THRESHOLD, ROWS, ROWS_MOVED, LETTERS, NEW_CHARACTERS = range(8)


class Batch(NamedTuple):
    """Images and the outputs wanted for them."""

    images: np.ndarray  # (N, 28, 28) uint8
    targets: np.ndarray  # (N, 10) float32: 1 for the digit; 0.1 everywhere where there is no digit


def count_images(fixed: Batch) -> int:
    """Count the images of an epoch.

    Parameters
    ----------
    fixed : Batch
        As in `make_batch`.

    Returns
    -------
    int
        Its images, and those that are drawn anew in every epoch.

    Examples
    --------
    >>> count_images(Batch(np.zeros((55_000, 28, 28), np.uint8), one_hot(np.zeros(55_000, int))))
    79000
    """
    return len(fixed.images) + DRAWN + NO_DIGIT


def make_batch(fixed: Batch, indices: np.ndarray, rng: np.random.Generator, unchanged: float = 0.0) -> Batch:
    """Make a batch: take, draw and augment images.

    Digits drawn as pen strokes add the styles that MNIST lacks. The target of an image of no digit is ten
    equal probabilities, so that the network becomes unsure where it should be (outlier exposure).

    Parameters
    ----------
    fixed : Batch
        Images that every epoch has: MNIST's training digits, and what `photograph` made of some of them.
    indices : (N,) int array
        Which images of the epoch, 0 to ``count_images(fixed) - 1``: the fixed ones come first, then DRAWN
        drawn digits, then NO_DIGIT images of no digit. An index of a drawn image only counts: what is drawn
        depends on `rng`.
    rng : numpy.random.Generator
        Source of drawing and augmentation: the same state makes the same batch.
    unchanged : float
        Proportion of the images that are not augmented, 0 to 1.

    Returns
    -------
    Batch
        N images with their targets: fixed ones, drawn digits, images of no digit.

    References
    ----------
    D. Hendrycks, M. Mazeika and T. Dietterich, "Deep anomaly detection with outlier exposure" (ICLR 2019,
    arXiv:1812.04606).

    Examples
    --------
    >>> fixed = Batch(np.zeros((2, 28, 28), np.uint8), one_hot(np.array([7, 1])))
    >>> batch = make_batch(fixed, np.array([1, 2, 2 + DRAWN]), np.random.default_rng(0))
    >>> batch.images.shape, batch.targets.max(axis=1)
    ((3, 28, 28), array([1. , 1. , 0.1], dtype=float32))
    """
    chosen = indices[indices < len(fixed.images)]
    no_digits = int((indices >= len(fixed.images) + DRAWN).sum())
    drawn, labels, _ = strokes.make_digits(len(indices) - len(chosen) - no_digits, rng)
    outliers = strokes.make_non_digits(no_digits, rng)
    images = np.concatenate([fixed.images[chosen], drawn, outliers])
    targets = np.concatenate([fixed.targets[chosen], one_hot(labels), uniform_targets(no_digits)])
    return Batch(augment_most(images, rng, unchanged), targets)


def augment_most(images: np.ndarray, rng: np.random.Generator, unchanged: float) -> np.ndarray:
    """Augment images, but for some.

    Parameters
    ----------
    images : (N, 28, 28) uint8 array
    rng : numpy.random.Generator
        Source of the augmentation, and of what stays.
    unchanged : float
        Proportion that stays as it is, 0 to 1.

    Returns
    -------
    (N, 28, 28) uint8 array

    Examples
    --------
    >>> images = np.full((3, 28, 28), 9, np.uint8)
    >>> bool((augment_most(images, np.random.default_rng(0), 1.0) == images).all())
    True
    """
    augmented = augment(images, rng)
    kept = rng.random(len(images)) < unchanged
    augmented[kept] = images[kept]
    return augmented


def one_hot(labels: np.ndarray, classes: int = 10) -> np.ndarray:
    """Encode labels as targets.

    Parameters
    ----------
    labels : (N,) int array
        Numbers of their classes, from 0: digits.
    classes : int
        How many there are.

    Returns
    -------
    (N, classes) float32 array
        1 for the class, 0 for the others.

    Examples
    --------
    >>> one_hot(np.array([2]))[0, :4].tolist()
    [0.0, 0.0, 1.0, 0.0]
    """
    return np.eye(classes, dtype=np.float32)[labels]


def uniform_targets(count: int, classes: int = 10) -> np.ndarray:
    """Return targets for images of no class: every one equally probable.

    Parameters
    ----------
    count : int
        Number of images.
    classes : int
        How many classes there are.

    Returns
    -------
    (count, classes) float32 array
        ``1 / classes`` everywhere.

    Examples
    --------
    >>> uniform_targets(2).shape
    (2, 10)
    """
    return np.full((count, classes), 1 / classes, np.float32)


def photograph(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator, classes: int = 10) -> Batch:
    """Photograph digits under bad conditions, and preprocess the photos.

    The digits are laid on drawn paper. The images have the faults that photos leave: gaps where a line was
    removed, restored strokes, specks. Images in which the preprocessing lost the digit are left out.

    Parameters
    ----------
    images : (N, 28, 28) uint8 array
        MNIST digits, light ink on black.
    labels : (N,) int array
        Numbers of their classes: digits.
    rng : numpy.random.Generator
        Source of the conditions.
    classes : int
        How many classes there are.

    Returns
    -------
    Batch
        At most N images, with their targets.

    Examples
    --------
    >>> digit = np.zeros((28, 28), np.uint8)
    >>> digit[4:24, 12:16] = 255
    >>> photograph(digit[None], np.array([1]), np.random.default_rng(0)).images.shape
    (1, 28, 28)
    """
    results, kept = np.empty_like(images), np.zeros(len(images), bool)
    for index, image in enumerate(images):
        try:
            prepared = prepare_digit(load_picture(_photo(image, rng))).image
        except ImageError:
            continue
        results[index] = np.round(prepared * 255)
        kept[index] = np.corrcoef(prepared.ravel(), image.ravel())[0, 1] > _LEAST_CORRELATION
    return Batch(results[kept], one_hot(labels[kept], classes))


def _photo(digit: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Photograph an MNIST digit: (side, side, 3) uint8, side 40 to 268 pixels."""
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
