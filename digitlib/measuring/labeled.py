"""Evaluate any network on labelled images: MNIST's test set, the samples, or a folder with labels.csv."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitlib.data import load_mnist, load_samples
from digitlib.measuring.models import Model
from digitlib.measuring.proportions import Proportion, proportion
from digitlib.reading.images import ImageError, NoDigitError, load_picture
from digitlib.reading.normalize import prepare_digit


class LabelError(ValueError):
    """Labelled images cannot be used; the message gives the reason."""


@dataclass(frozen=True, eq=False)
class LabeledSet:
    """Images of one digit each, ready for a network.

    Attributes
    ----------
    name : str
        Name of the set.
    images : (N, 28, 28) float32 array
        Values 0..1; black where nothing was found.
    labels : (N,) int array
        The true digits; -1 for an image that holds none.
    kinds : (N,) str array
        Category of each image, such as how it was photographed.
    found : (N,) bool array
        Whether the preprocessing found ink that may be a digit.
    doubtful : (N,) bool array
        Whether there is other ink as large as the digit, or the digit runs out of the image.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray
    found: np.ndarray
    doubtful: np.ndarray

    def where(self, chosen: np.ndarray) -> "LabeledSet":
        """Select some of the images.

        Parameters
        ----------
        chosen : (N,) bool array or slice
            Which of them.

        Returns
        -------
        LabeledSet
            These, in their order.

        Examples
        --------
        >>> mnist = load_labeled("mnist", 3)
        >>> mnist.where(mnist.labels > 1).labels
        array([7, 2])
        """
        parts = (self.images, self.labels, self.kinds, self.found, self.doubtful)
        return LabeledSet(self.name, *(part[chosen] for part in parts))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The answers of a network to labelled images.

    Attributes
    ----------
    pictures : LabeledSet
        The images.
    probabilities : (N, 10) float32 array
        Rows that sum to 1.
    answers : (N,) int array
        The digit with the highest probability; -1 where no ink was found.
    certain : (N,) bool array
        Whether the answer counts as certain.
    """

    pictures: LabeledSet
    probabilities: np.ndarray
    answers: np.ndarray
    certain: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Tell which answers are right: (N,) bool."""
        return self.answers == self.pictures.labels

    @property
    def accuracy(self) -> Proportion:
        """Return the proportion of right answers and its 95 % interval."""
        return proportion(self.right)

    @property
    def seen(self) -> tuple[np.ndarray, np.ndarray]:
        """Return probabilities and labels of the images in which ink was found."""
        return self.probabilities[self.pictures.found], self.pictures.labels[self.pictures.found]


def load_labeled(name: str, count: int | None = None) -> LabeledSet:
    """Load labelled images, and preprocess them for a network.

    Parameters
    ----------
    name : str
        "mnist" (the test set), "samples" (the photos that come with digitlib), or a folder with a labels.csv
        that has the columns file and label, and may have the column kind. A label is one digit, or empty for
        an image that holds none. Images of several digits are left out.
    count : int, optional
        How many images at most, from the first; by default all.

    Returns
    -------
    LabeledSet
        The images with their labels.

    Raises
    ------
    LabelError
        If there is no such set, or a row of labels.csv is wrong.

    Examples
    --------
    >>> load_labeled("mnist", 3).labels
    array([7, 2, 1])
    """
    if name == "mnist":
        _, (images, labels) = load_mnist()
        images, labels = images[:count], labels[:count].astype(int)
        everywhere = np.ones(len(labels), bool)
        images = images.astype(np.float32) / 255
        return LabeledSet("MNIST", images, labels, np.full(len(labels), "MNIST"), everywhere, ~everywhere)
    if name == "samples":
        rows = [(sample.path, sample.label, sample.kind) for sample in load_samples()]
    else:
        rows = _read_labels(Path(name))
    rows = [row for row in rows if len(row[1]) < 2][:count]
    if not rows:
        raise LabelError(f"{name} holds no picture of one digit.")
    return _prepare(Path(name).name, rows)


def evaluate(model: Model, pictures: LabeledSet) -> Evaluation:
    """Evaluate a network on labelled images.

    Parameters
    ----------
    model : Model
        From `digitlib.measuring.models.load_model`.
    pictures : LabeledSet
        From `load_labeled`.

    Returns
    -------
    Evaluation
        The answers. They are certain where the confidence reaches the threshold of the model card, and the
        image is not doubtful, as in `digitlib.read_digit`.

    Examples
    --------
    >>> from digitlib.measuring import load_model
    >>> evaluate(load_model(), load_labeled("mnist", 3)).answers
    array([7, 2, 1])
    """
    probabilities = model.probabilities(pictures.images)
    answers = np.where(pictures.found, probabilities.argmax(axis=1), -1)
    sure = probabilities.max(axis=1) >= model.certainty_threshold
    return Evaluation(pictures, probabilities, answers, sure & pictures.found & ~pictures.doubtful)


def photo_reader(model: Model) -> Callable[[np.ndarray], int | None]:
    """Return a function that reads the digit of a photo, for `measure_conditions`.

    Parameters
    ----------
    model : Model
        From `digitlib.measuring.models.load_model`.

    Returns
    -------
    function
        From a (H, W, 3) uint8 photo to its digit, 0 to 9; None where no ink is found.

    Examples
    --------
    >>> from digitlib.measuring import condition_photo, load_model
    >>> digit = np.zeros((28, 28), np.uint8)
    >>> digit[4:24, 12:16] = 255
    >>> photo_reader(load_model())(condition_photo(digit, "blur", 0.5))
    1
    """

    def read(photo):
        try:
            image = prepare_digit(load_picture(photo)).image
        except NoDigitError:
            return None
        return int(model.probabilities(image[None])[0].argmax())

    return read


def _read_labels(folder: Path) -> list[tuple[Path, str, str]]:
    table = folder / "labels.csv"
    if not table.is_file():
        raise LabelError(
            f"There are no labelled pictures called {folder.name!r}. "
            "Allowed are mnist, samples, or a folder with a labels.csv."
        )
    with table.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"file", "label"} - set(reader.fieldnames or ())
        if missing:
            raise LabelError(f"labels.csv has no column {min(missing)}. It needs the columns file and label.")
        rows = [(row["file"] or "", (row["label"] or "").strip(), row.get("kind") or "") for row in reader]
    for file, label, _ in rows:
        if label and not (label.isascii() and label.isdecimal()):
            raise LabelError(f"labels.csv gives {file} the label {label!r}. Allowed are digits, or nothing.")
        if not (folder / file).resolve().is_relative_to(folder.resolve()):
            raise LabelError(f"labels.csv names {file}, which lies outside of the folder.")
        if not (folder / file).is_file():
            raise LabelError(f"labels.csv names {file}, which is not there.")
    return [(folder / file, label, kind) for file, label, kind in rows]


def _prepare(name: str, rows: Iterable[tuple[Path, str, str]]) -> LabeledSet:
    images, found, doubtful = [], [], []
    for path, _, _ in rows:
        try:
            digit = prepare_digit(load_picture(path))
        except NoDigitError:
            digit = None
        except ImageError as error:
            raise LabelError(f"{path.name} cannot be read: {error}") from error
        images.append(np.zeros((28, 28), np.float32) if digit is None else digit.image)
        found.append(digit is not None)
        doubtful.append(digit is not None and digit.doubtful)
    _, labels, kinds = zip(*rows, strict=True)
    labels = np.array([int(label) if label else -1 for label in labels])
    return LabeledSet(name, np.stack(images), labels, np.array(kinds), np.array(found), np.array(doubtful))
