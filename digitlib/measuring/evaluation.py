"""Evaluate any network on labelled images."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from digitlib.measuring.labeled import LabeledSet
from digitlib.measuring.models import Model, ModelError
from digitlib.measuring.proportions import Proportion, proportion
from digitlib.reading.images import load_picture
from digitlib.reading.normalize import prepare_digit
from digitlib.reading.picture import NoDigitError


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The answers of a network to labelled images.

    Attributes
    ----------
    pictures : LabeledSet
        The images.
    probabilities : (N, classes) float32 array
        Rows that sum to 1.
    answers : (N,) int array
        The class with the highest probability; -1 where no ink was found.
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

    Raises
    ------
    ModelError
        The network tells other classes apart than the labels name.

    Examples
    --------
    >>> from digitlib.measuring import load_labeled, load_model
    >>> evaluate(load_model(), load_labeled("mnist", 3)).answers
    array([7, 2, 1])
    """
    if model.classes != pictures.classes:
        known, named = ("".join(classes) for classes in (model.classes, pictures.classes))
        raise ModelError(f"{model.name} tells {known} apart; {pictures.name} holds {named}.")
    probabilities = model.probabilities(pictures.images)
    answers = np.where(pictures.found, probabilities.argmax(axis=1), -1)
    sure = probabilities.max(axis=1) >= model.certainty_threshold
    return Evaluation(pictures, probabilities, answers, sure & pictures.found & ~pictures.doubtful)


def photo_reader(model: Model) -> Callable[[np.ndarray], int | None]:
    """Return a function that reads the digit or letter of a photo.

    It is for `measure_conditions`.

    Parameters
    ----------
    model : Model
        From `digitlib.measuring.load_model`.

    Returns
    -------
    function
        From a (H, W, 3) uint8 photo to the number of its class; None where no ink is found.

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
