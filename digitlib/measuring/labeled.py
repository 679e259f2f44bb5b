"""Labelled images to evaluate a network on: MNIST's, the samples, letters, or a folder with labels.csv."""

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitlib.data import data_folder, load_mnist
from digitlib.handwriting.letters import make_letters
from digitlib.labels import TABLE, LabeledFile, LabelError, read_labels
from digitlib.measuring.models import DIGITS
from digitlib.reading.images import load_picture
from digitlib.reading.normalize import prepare_digit
from digitlib.reading.picture import ImageError, NoDigitError

_SHOWN = 20
"""Most pictures that cannot be read that an error lists."""
_LETTERS = 2_600
"""Letters of the set "letters", at most: a hundred of each."""
_CAPITALS = tuple(string.ascii_uppercase)


@dataclass(frozen=True, eq=False)
class LabeledSet:
    """Images of one digit or letter each, ready for a network.

    Attributes
    ----------
    name : str
        Name of the set.
    images : (N, 28, 28) float32 array
        Values 0..1; black where nothing was found.
    labels : (N,) int array
        The true digits, or the numbers of their letters among the classes; -1 for an image that holds none.
    kinds : (N,) str array
        Category of each image, such as how it was photographed.
    found : (N,) bool array
        Whether the preprocessing found ink that may be a digit.
    doubtful : (N,) bool array
        Whether there is other ink as large as the digit, or the digit runs out of the image.
    writers : (N,) str array, optional
        Who wrote each digit, by the column writer of labels.csv; by default nobody is named.
    classes : tuple of str
        What the labels stand for: the ten digits, or A to Z.
    """

    name: str
    images: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray
    found: np.ndarray
    doubtful: np.ndarray
    writers: np.ndarray | None = None
    classes: tuple[str, ...] = DIGITS

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
        return LabeledSet(self.name, *(part[chosen] for part in parts), self.classes)


def load_labeled(
    name: str, count: int | None = None, progress: Callable[[int, int], None] = lambda done, of: None
) -> LabeledSet:
    """Load labelled images, and preprocess them for a network.

    Parameters
    ----------
    name : str
        "mnist" (the test set), "samples" (the photos that come with digitlib), "letters" (of fonts that no
        network of digitlib has learnt from), or a folder with a labels.csv that has the columns file and
        label, and may have the column kind. A label is one digit, in another folder one letter, or empty for
        an image that holds none. Images of several digits or letters are left out.
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
    if name == "letters":
        return _letters(min(count or _LETTERS, _LETTERS))
    folder = data_folder() / "samples" if name == "samples" else Path(name)
    if not (folder / TABLE).is_file():
        raise LabelError(
            f"There are no labelled pictures called {name!r}. "
            f"Allowed are mnist, samples, letters, or a folder with a {TABLE}."
        )
    rows = read_labels(folder, letters=True)
    _refuse_padded(rows)
    classes = _classes_of(name, rows)
    rows = [row for row in rows if len(row.label) < 2][:count]
    if not rows:
        raise LabelError(f"{name} holds no picture of one digit or letter.")
    return _prepare(folder.name, rows, classes, progress)


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


def _letters(count: int) -> LabeledSet:
    """Return letters of fonts that no network of digitlib has learnt from."""
    images, letters = make_letters(count, np.random.default_rng(0), held_out=True)
    labels = np.array([_CAPITALS.index(letter.upper()) for letter in letters])
    kinds = np.where(np.char.isupper(letters), "capitals", "small letters")
    found = np.ones(count, bool)
    return LabeledSet("letters", images / np.float32(255), labels, kinds, found, ~found, classes=_CAPITALS)


def _refuse_padded(rows: Sequence[LabeledFile]) -> None:
    """Refuse labels such as 01 where no picture shows a longer number: they may well mean one digit."""
    longer = [row for row in rows if len(row.label) > 1]
    if longer and all(len(row.label) == 2 and row.label[0] == "0" for row in longer):
        row = longer[0]
        raise LabelError(
            f"{TABLE}, line {row.line}: the label {row.label!r} may mean {row.label[1]}, or two digits. "
            f"Write {row.label[1]}, or delete the row: pictures of several digits are left out here."
        )


def _prepare(
    name: str, rows: Sequence[LabeledFile], classes: tuple[str, ...], progress: Callable[[int, int], None]
) -> LabeledSet:
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
    labels = np.array([classes.index(row.label.upper()) if row.label else -1 for row in rows])
    kinds = np.array([row.columns.get("kind", "") for row in rows])
    writers = np.array([row.columns.get("writer", "") for row in rows])
    seen = np.array(found), np.array(doubtful)
    return LabeledSet(name, np.stack(images), labels, kinds, *seen, writers, classes)


def _classes_of(name: str, rows: Sequence[LabeledFile]) -> tuple[str, ...]:
    """Return what labels stand for: digits, or else letters."""
    digits = [row for row in rows if row.label.isdecimal()]
    letters = [row for row in rows if row.label and not row.label.isdecimal()]
    if letters and digits:
        few, many = (letters, "digits") if len(letters) <= len(digits) else (digits, "letters")
        raise LabelError(
            f"{TABLE}, line {few[0].line}: the label is {few[0].label!r}, and others of {name} are {many}. "
            "Allowed is one of both: keep them in two folders."
        )
    return _CAPITALS if letters else DIGITS
