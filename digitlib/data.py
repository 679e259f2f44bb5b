"""The data of the lessons: MNIST, its validation split, and the sample pictures."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitlib.labels import TABLE, LabelError, read_labels

MNIST_SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"

_SOURCE = "download of the repository (or install digitlib again)"
_ELSEWHERE = "If the data folder lies elsewhere, set the environment variable DIGITLIB_DATA to its path."

ImagesAndLabels = tuple[np.ndarray, np.ndarray]


class DataError(RuntimeError):
    """A data file is missing or damaged; the message contains the remedy."""


@dataclass(frozen=True)
class Sample:
    """One image of data/samples.

    Attributes
    ----------
    path : Path
        The image file.
    label : str
        The digits that it shows, in reading order; empty for an image without a digit.
    kind : str
        Kind of the image, such as its light or its paper.
    made : str
        How the image was made.
    """

    path: Path
    label: str
    kind: str
    made: str


def load_mnist() -> tuple[ImagesAndLabels, ImagesAndLabels]:
    """Load the handwritten digits of MNIST, as Keras does, but without a download.

    Introduced in notebook 01.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images: uint8 arrays of shape (60000, 28, 28) and (10000, 28, 28), 0 is paper and 255 is ink. Labels:
        uint8 arrays of shape (60000,) and (10000,), 0 to 9. Every call returns new arrays.

    Raises
    ------
    DataError
        If data/mnist.npz is missing or damaged.

    Notes
    -----
    Y. LeCun, C. Cortes and C. J. C. Burges, "The MNIST database of handwritten digits" (1998), CC BY-SA 3.0.

    Examples
    --------
    >>> (x_train, y_train), (x_test, y_test) = load_mnist()
    >>> x_train.shape, x_test.shape
    ((60000, 28, 28), (10000, 28, 28))
    >>> int(y_train[0])
    5
    """
    path = data_folder() / "mnist.npz"
    remedy = f"Copy it again from a fresh {_SOURCE}, or build it with scripts/build_mnist.py."
    if not path.is_file():
        raise DataError(f"{path} is missing. {remedy} {_ELSEWHERE}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != MNIST_SHA256:
        raise DataError(f"{path} is damaged: its SHA-256 is {found}, it must be {MNIST_SHA256}. {remedy}")
    with np.load(path) as mnist:
        return (mnist["x_train"], mnist["y_train"]), (mnist["x_test"], mnist["y_test"])


def split_validation(
    images: np.ndarray, labels: np.ndarray, count: int = 5_000, seed: int = 0
) -> tuple[ImagesAndLabels, ImagesAndLabels]:
    """Split training images into a training and a validation set, stratified.

    The images are drawn at random, in each class the same proportion. The test set stays unseen until the
    end.
    Introduced in notebook 03.

    Parameters
    ----------
    images : numpy.ndarray, shape (N, ...)
        The training images.
    labels : numpy.ndarray, shape (N,)
        Their labels.
    count : int, 1 to N - 1
        How many images to set aside.
    seed : int
        The same seed gives the same split.

    Returns
    -------
    (x_train, y_train), (x_validation, y_validation)
        N - `count` and `count` images with their labels, in their old order.

    Raises
    ------
    ValueError
        If the images and labels are not equally many, or `count` leaves one part empty.

    Examples
    --------
    >>> labels = np.repeat([3, 8], 50)
    >>> _, (_, y_validation) = split_validation(np.zeros((100, 28, 28)), labels, count=10)
    >>> y_validation
    array([3, 3, 3, 3, 3, 8, 8, 8, 8, 8])
    """
    if len(images) != len(labels):
        raise ValueError(f"there are {len(images)} images and {len(labels)} labels; allowed is one for each.")
    if not 0 < count < len(labels):
        raise ValueError(
            f"count is {count}; allowed are 1 to {len(labels) - 1}, so that both parts hold images."
        )
    # Shuffle, sort by digit without undoing the shuffle within a digit, then take images at equal steps.
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_digit = shuffled[np.argsort(labels[shuffled], kind="stable")]
    aside = np.zeros(len(labels), bool)
    aside[by_digit[np.arange(count) * len(labels) // count]] = True
    return (images[~aside], labels[~aside]), (images[aside], labels[aside])


def load_samples() -> list[Sample]:
    """Return the sample images with their labels.

    Introduced in notebook 01.

    Returns
    -------
    list of Sample
        In the order of data/samples/labels.csv.

    Raises
    ------
    DataError
        If labels.csv or a picture that it names is missing, or a column is.

    Examples
    --------
    >>> samples = load_samples()
    >>> all(sample.path.is_file() for sample in samples)
    True
    """
    table = data_folder() / "samples" / TABLE
    remedy = f"Copy the samples again from a fresh {_SOURCE}."
    if not table.is_file():
        raise DataError(f"{table} is missing. {remedy} {_ELSEWHERE}")
    try:
        rows = read_labels(table.parent, ("file", "label", "kind", "made"))
    except LabelError as error:
        raise DataError(f"{error} {remedy}") from error
    return [Sample(row.path, row.label, row.columns["kind"], row.columns["made"]) for row in rows]


def bundled_folder(name: str) -> Path:
    """Return a folder that comes with digitlib.

    It is that of the repository, or its copy in an installed package.

    Parameters
    ----------
    name : {"data", "notebooks"}

    Returns
    -------
    Path

    Examples
    --------
    >>> sorted(path.name for path in bundled_folder("data").iterdir())
    ['README.md', 'mnist.npz', 'samples']
    """
    package = Path(__file__).resolve().parent
    in_repository = (package.parent / "pyproject.toml").is_file()
    return package.parent / name if in_repository else package / f"_{name}"


def data_folder() -> Path:
    """Return the folder of the data, or the one that DIGITLIB_DATA names.

    Returns
    -------
    Path

    Examples
    --------
    >>> (data_folder() / "samples" / TABLE).is_file()
    True
    """
    return Path(os.environ.get("DIGITLIB_DATA") or bundled_folder("data"))
