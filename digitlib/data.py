"""The data of the lessons: MNIST, its validation split, and the sample pictures."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitlib.labels import TABLE, LabelError, read_labels

LETTERS_SHA256 = "df95f7e53f859d5a469807e54da732b7a68bf7071f0f8e3d78e5f006b2ceb0d2"
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
    with _open_data("mnist.npz", MNIST_SHA256, "build_mnist.py") as mnist:
        return (mnist["x_train"], mnist["y_train"]), (mnist["x_test"], mnist["y_test"])


@dataclass(frozen=True, eq=False)
class LetterShapes:
    """Letters of handwriting fonts, larger than MNIST's digits.

    Attributes
    ----------
    images : (N, 64, 64) uint8 array
        0 is paper and 255 is ink; the longest side of the ink has 56 pixels.
    letters : (N,) str array
        What each shows, A to Z and a to z.
    fonts : (N,) uint8 array
        The number of its font in data/letter_fonts.csv.
    held_out : (N,) bool array
        Whether its font is kept out of training, so that a network can be measured with it.
    """

    images: np.ndarray
    letters: np.ndarray
    fonts: np.ndarray
    held_out: np.ndarray


def load_letter_shapes() -> LetterShapes:
    """Load the letters of 134 free handwriting fonts.

    Returns
    -------
    LetterShapes

    Raises
    ------
    DataError
        If data/letters.npz is missing or damaged.

    Examples
    --------
    >>> shapes = load_letter_shapes()
    >>> shapes.images.shape, str(shapes.letters[0])
    ((6812, 64, 64), 'a')
    """
    with _open_data("letters.npz", LETTERS_SHA256, "build_letters.py") as file:
        images = np.unpackbits(file["ink"], axis=1).reshape(-1, 64, 64) * np.uint8(255)
        letters = file["letters"].astype(np.uint32).view("U1")
        return LetterShapes(images, letters, file["fonts"], file["held_out"][file["fonts"]])


def _open_data(name: str, checksum: str, script: str) -> np.lib.npyio.NpzFile:
    """Open a data file whose SHA-256 is known."""
    path = data_folder() / name
    remedy = f"Copy it again from a fresh {_SOURCE}, or build it with scripts/{script}."
    if not path.is_file():
        raise DataError(f"{path} is missing. {remedy} {_ELSEWHERE}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != checksum:
        raise DataError(f"{path} is damaged: its SHA-256 is {found}, it must be {checksum}. {remedy}")
    return np.load(path)


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
    ['README.md', 'letter_fonts.csv', 'letters.npz', 'mnist.npz', 'samples']
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
