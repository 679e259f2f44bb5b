"""Any network judged on any labelled pictures: MNIST's test set, the samples, or a folder with labels.csv."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitlib.data import load_mnist, load_samples
from digitlib.measuring.metrics import Proportion, proportion
from digitlib.measuring.models import Model
from digitlib.reading.images import ImageError, NoDigitError, load_picture
from digitlib.reading.normalize import prepare_digit


class LabelError(ValueError):
    """Labelled pictures that cannot be used; the message says why, and what is allowed."""


@dataclass(frozen=True, eq=False)
class LabeledSet:
    """Pictures of one digit each, ready for a network.

    Attributes
    ----------
    name : str
        What the set is called.
    images : (N, 28, 28) float32 array
        Values 0..1; black where nothing was found.
    labels : (N,) int array
        The true digits; -1 for a picture that holds none.
    kinds : (N,) str array
        What is special about each picture.
    found : (N,) bool array
        Whether the preprocessing found ink that may be a digit.
    doubtful : (N,) bool array
        Whether there is other ink as large as the digit, or the digit runs out of the picture.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray
    found: np.ndarray
    doubtful: np.ndarray

    def where(self, chosen: np.ndarray) -> "LabeledSet":
        """Take some of the pictures.

        Parameters
        ----------
        chosen : (N,) bool array or slice
            Which of them.

        Returns
        -------
        LabelledSet
            These, in their order.
        """
        parts = (self.images, self.labels, self.kinds, self.found, self.doubtful)
        return LabeledSet(self.name, *(part[chosen] for part in parts))


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A network's answers to labelled pictures, and what is right among them."""

    pictures: LabeledSet
    probabilities: np.ndarray  # (N, 10)
    answers: np.ndarray  # (N,) the digit read; -1 where nothing was found
    certain: np.ndarray  # (N,) bool

    @property
    def right(self) -> np.ndarray:
        """Which pictures are read right: (N,) bool."""
        return self.answers == self.pictures.labels

    @property
    def accuracy(self) -> Proportion:
        """The share of pictures that are read right."""
        return proportion(self.right)

    @property
    def seen(self) -> tuple[np.ndarray, np.ndarray]:
        """Probabilities and labels of the pictures in which something was found."""
        return self.probabilities[self.pictures.found], self.pictures.labels[self.pictures.found]


def load_labeled(name: str, count: int | None = None) -> LabeledSet:
    """Load labelled pictures, and prepare them for a network.

    Parameters
    ----------
    name : str
        "mnist" (the test pictures), "samples" (the pictures that come with digitlib), or a folder with a
        labels.csv that has the columns file and label, and may have the column kind. A label is one digit,
        or empty for a picture that holds none. Pictures of several digits are passed over.
    count : int, optional
        How many pictures at most, from the first; by default all.

    Returns
    -------
    LabelledSet
        The pictures with their labels.

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
    """Let a network read labelled pictures.

    Parameters
    ----------
    model : Model
        From `digitlib.measuring.models.load_model`.
    pictures : LabelledSet
        From `load_labeled`.

    Returns
    -------
    Judgement
        Its answers. They are certain where the confidence reaches what the model card says, and the picture
        is not doubtful, as in `digitlib.read_digit`.
    """
    probabilities = model.probabilities(pictures.images)
    answers = np.where(pictures.found, probabilities.argmax(axis=1), -1)
    sure = probabilities.max(axis=1) >= model.certainty_threshold
    return Evaluation(pictures, probabilities, answers, sure & pictures.found & ~pictures.doubtful)


def photo_reader(model: Model) -> Callable[[np.ndarray], int | None]:
    """Make a function that reads the digit of a photo, for `digitlib.measuring.measure_conditions`.

    Parameters
    ----------
    model : Model
        The network that reads.

    Returns
    -------
    function
        From a picture to its digit; None where nothing is found.
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
