"""Evaluate any network on labelled images: MNIST's test set, the samples, or a folder with labels.csv."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitlib.data import data_folder, load_mnist
from digitlib.labels import TABLE, LabeledFile, LabelError, read_labels
from digitlib.measuring.models import Model
from digitlib.measuring.proportions import Proportion, proportion
from digitlib.reading.images import load_picture
from digitlib.reading.normalize import prepare_digit
from digitlib.reading.picture import ImageError, NoDigitError

_SHOWN = 20
"""Most pictures that cannot be read that an error lists."""


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
    writers : (N,) str array, optional
        Who wrote each digit, by the column writer of labels.csv; by default nobody is named.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray
    found: np.ndarray
    doubtful: np.ndarray
    writers: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.writers is None:
            object.__setattr__(self, "writers", np.full(len(self.labels), ""))

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
        parts = (self.images, self.labels, self.kinds, self.found, self.doubtful, self.writers)
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


def load_labeled(
    name: str, count: int | None = None, progress: Callable[[int, int], None] = lambda done, of: None
) -> LabeledSet:
    """Load labelled images, and preprocess them for a network.

    Parameters
    ----------
    name : str
        "mnist" (the test set), "samples" (the photos that come with digitlib), or a folder with a labels.csv
        that has the columns file and label, and may have the column kind. A label is one digit, or empty for
        an image that holds none. Images of several digits are left out.
    count : int, optional
        How many images at most, from the first; by default all.
    progress : function, optional
        Called after each image that was preprocessed, with how many are done and how many there are.

    Returns
    -------
    LabeledSet
        The images with their labels.

    Raises
    ------
    LabelError
        If there is no such set, a row of labels.csv is wrong, or pictures cannot be read: all of them are
        named with their lines.

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
    folder = data_folder() / "samples" if name == "samples" else Path(name)
    if not (folder / TABLE).is_file():
        raise LabelError(
            f"There are no labelled pictures called {name!r}. "
            f"Allowed are mnist, samples, or a folder with a {TABLE}."
        )
    rows = read_labels(folder)
    _refuse_padded(rows)
    rows = [row for row in rows if len(row.label) < 2][:count]
    if not rows:
        raise LabelError(f"{name} holds no picture of one digit.")
    return _prepare(folder.name, rows, progress)


def split_by_writer(
    pictures: LabeledSet, held_out: float = 0.2, seed: int = 0
) -> tuple[LabeledSet, LabeledSet]:
    """Split labelled images into a training and a test set with other writers.

    Pictures of one hand in both parts would make a network look better than it is (leakage).

    Parameters
    ----------
    pictures : LabeledSet
        From `load_labeled`, with two writers or more.
    held_out : float
        Proportion of the writers that the test set gets, at least one of them; between 0 and 1.
    seed : int
        The same seed gives the same split.

    Returns
    -------
    training, test : LabeledSet

    Raises
    ------
    LabelError
        The images name fewer than two writers.

    Examples
    --------
    >>> pictures = load_labeled("mnist", 4)
    >>> pictures.writers[:] = list("abba")
    >>> [sorted(set(part.writers.tolist())) for part in split_by_writer(pictures)]
    [['b'], ['a']]
    """
    writers = np.unique(pictures.writers)
    if len(writers) < 2:
        raise LabelError(
            f"{pictures.name} has {len(writers)} writer. The column writer of {TABLE} must name two or more."
        )
    count = int(np.clip(round(held_out * len(writers)), 1, len(writers) - 1))
    unseen = np.isin(pictures.writers, np.random.default_rng(seed).permutation(writers)[:count])
    return pictures.where(~unseen), pictures.where(unseen)


def evaluate(model: Model, pictures: LabeledSet) -> Evaluation:
    """Evaluate a network on labelled images.

    Parameters
    ----------
    model : Model
        From `digitlib.measuring.load_model`.
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
        From `digitlib.measuring.load_model`.

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


def _refuse_padded(rows: Sequence[LabeledFile]) -> None:
    """Refuse labels such as 01 where no picture shows a longer number: they may well mean one digit."""
    longer = [row for row in rows if len(row.label) > 1]
    if longer and all(len(row.label) == 2 and row.label[0] == "0" for row in longer):
        row = longer[0]
        raise LabelError(
            f"{TABLE}, line {row.line}: the label {row.label!r} may mean {row.label[1]}, or two digits. "
            f"Write {row.label[1]}, or delete the row: pictures of several digits are left out here."
        )


def _prepare(name: str, rows: Sequence[LabeledFile], progress: Callable[[int, int], None]) -> LabeledSet:
    images, found, doubtful, broken = [], [], [], []
    for number, row in enumerate(rows, start=1):
        digit = None
        try:
            digit = prepare_digit(load_picture(row.path))
        except NoDigitError:
            pass
        except ImageError as error:
            broken.append(f"{TABLE}, line {row.line}: {row.path.name} cannot be read: {error}")
        images.append(np.zeros((28, 28), np.float32) if digit is None else digit.image)
        found.append(digit is not None)
        doubtful.append(digit is not None and digit.doubtful)
        progress(number, len(rows))
    if broken:
        more = [f"... and {len(broken) - _SHOWN} more."] if len(broken) > _SHOWN else []
        raise LabelError("\n".join([*broken[:_SHOWN], *more, "Mend these pictures, or delete their rows."]))
    labels = np.array([int(row.label) if row.label else -1 for row in rows])
    kinds = np.array([row.columns.get("kind", "") for row in rows])
    writers = np.array([row.columns.get("writer", "") for row in rows])
    return LabeledSet(name, np.stack(images), labels, kinds, np.array(found), np.array(doubtful), writers)
