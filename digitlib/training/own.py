"""Train on a labelled folder of one's own: fine-tune a network, or begin anew, with MNIST mixed in."""

import hashlib
from collections.abc import Callable
from os import PathLike
from pathlib import Path

import numpy as np

from digitlib.backend import keras
from digitlib.data import ImagesAndLabels, load_mnist, split_validation
from digitlib.handwriting import strokes
from digitlib.labels import LabelError
from digitlib.measuring.labeled import LabeledSet, load_labeled, split_by_writer
from digitlib.measuring.models import DIGITS
from digitlib.measuring.proportions import proportion
from digitlib.reading.network import MODEL_FILE as SHIPPED
from digitlib.reading.network import ModelError, load_recognizer
from digitlib.training.batches import Batches
from digitlib.training.convert import to_keras
from digitlib.training.export import as_input
from digitlib.training.fit import PROFILES, Profile, Training, batches_of, run
from digitlib.training.mixture import Batch, augment_most, one_hot

EPOCHS = 6
"""Epochs of a fine-tuning: a class's sheets take about a minute."""
_LEARNING_RATE = 2e-4
"""A twentieth of what the shipped network was trained with: it is to change, not to begin anew."""
_OWN, _MNIST, _NO_DIGIT = 3_000, 6_500, 500
"""Images of an epoch: own digits, MNIST's, so that it forgets none, and what is no digit, so that it stays
unsure where it should be."""
_KEPT = 0.3
"""Proportion of the old weights in the final ones, which are their weighted mean with the new ones."""
_UNCHANGED = 0.5
"""Proportion of the images that are not augmented."""
_SHARE = 10
"""Anew, MNIST's digits are at most so many times as many as the own ones, which are repeated for that."""
_LEAST = 10
"""Pictures below which there is nothing to train on."""


def train_on(
    data: str | PathLike,
    start: str | PathLike | None = SHIPPED,
    profile: str = "quick",
    seed: int = 0,
    epochs: int | None = None,
    out: str | PathLike | None = None,
    say: Callable[[str], object] = lambda line: None,
    progress: Callable[[float], object] = lambda done: None,
) -> Training:
    """Train a network on a labelled folder, mixed with MNIST.

    One writer in five is held out and tells how well it reads hands that it has never seen. MNIST's
    validation digits tell whether it has forgotten any; MNIST's test set stays closed.

    A fine-tuned network ends as the mean of old and new weights. It reads nearly as well as the new ones and
    forgets nearly as little as the old.

    Introduced in the project lesson "Your own digits".

    Parameters
    ----------
    data : path
        A folder with a labels.csv: the columns file and label, and writer to split by.
    start : path, optional
        The network to fine-tune, by default the one that digitlib ships: an .npz file, or a folder that a
        training wrote. None trains a new network.
    profile : str
        Of a new network, "quick" or "full".
    seed, epochs, out, say, progress : int, int, path, function, function
        As in `digitlib.training.train`.

    Returns
    -------
    Training
        The model card has both accuracies, before and after.

    Raises
    ------
    LabelError
        The folder cannot be used, or holds too few pictures.
    ModelError
        The network to start from cannot be used.

    References
    ----------
    M. Wortsman et al., "Robust fine-tuning of zero-shot models" (CVPR 2022, arXiv:2109.01903).
    """
    pictures, training, held_out, split = _own_digits(data, seed)
    before = _network(start) if start else None
    settings = Profile(lambda: _network(start), EPOCHS, _LEARNING_RATE, True) if before else PROFILES[profile]
    epochs = epochs or settings.epochs
    keras.utils.set_random_seed(seed)
    digits, validation = split_validation(*load_mnist()[0])
    own = np.round(training.images * 255).astype(np.uint8), training.labels
    batches = (
        _mixed(own, digits, start, seed, settings) if before else _anew(own, digits, seed, epochs, settings)
    )
    facts = {
        "data": str(data),
        **({"from": "shipped" if start == SHIPPED else str(start)} if before else {"profile": profile}),
        "seed": seed,
        "epochs": epochs,
        "digits_sha256": hashlib.sha256(own[0].tobytes() + own[1].tobytes()).hexdigest(),
    }

    def polish(model):
        if before:
            pairs = zip(before.get_weights(), model.get_weights(), strict=True)
            model.set_weights([_KEPT * old + (1 - _KEPT) * new for old, new in pairs])

    def measure(model):
        card = {
            "name": f"trained on {Path(data).name}",
            "own_pictures": len(pictures.labels),
            "writers": sorted(set(pictures.writers.tolist())),
            **split,
        }
        return card | _accuracies(model, before, held_out, validation)

    return run(settings, facts, batches, validation, out, say, progress, None, polish, measure)


def _own_digits(
    data: str | PathLike, seed: int
) -> tuple[LabeledSet, LabeledSet, LabeledSet, dict[str, object]]:
    """Return the digits of a folder: all, those to train on, those held out, and how they were split."""
    pictures = load_labeled(str(data))
    if pictures.classes != DIGITS:
        raise LabelError(f"{data} holds letters. Allowed are digits: letters have a profile of their own.")
    pictures = pictures.where(pictures.found & (pictures.labels >= 0))
    training, held_out, split = _split(pictures, seed)
    if len(training.labels) < _LEAST:
        raise LabelError(
            f"{data} holds {len(training.labels)} digits to train on. Allowed are {_LEAST} or more."
        )
    return pictures, training, held_out, split


def _accuracies(
    model: keras.Model, before: keras.Model | None, held_out: LabeledSet, validation: ImagesAndLabels
) -> dict:
    """Return how well own digits that were held out are read, and by the network before, MNIST's, too."""
    measured = {"held_out_pictures": len(held_out.labels), **_held_out_accuracy(model, "", held_out)}
    if before:
        measured |= _held_out_accuracy(before, "start_", held_out)
        right = _answers(before, as_input(validation[0])) == validation[1]
        measured["start_validation_accuracy"] = round(float(right.mean()), 5)
    return measured


def _network(path: str | PathLike) -> keras.Model:
    """Return a trained network of digits as a Keras network."""
    recognizer = load_recognizer(path)
    if recognizer.classes != tuple("0123456789"):
        classes = ", ".join(recognizer.classes)
        raise ModelError(f"The classes of {path} are {classes}. Allowed are the digits 0 to 9.")
    return to_keras(recognizer.layers)


def _split(pictures: LabeledSet, seed: int) -> tuple[LabeledSet, LabeledSet, dict]:
    """Return what is trained on, what is held out, and how the model card tells it."""
    try:
        training, held_out = split_by_writer(pictures, seed=seed)
    except LabelError:  # one writer, or none is named
        order = np.random.default_rng(seed).permutation(len(pictures.labels))
        unseen = np.isin(np.arange(len(order)), order[: len(order) // 5])
        how = "by picture, as there is one writer only: how well others are read, it does not tell"
        return pictures.where(~unseen), pictures.where(unseen), {"split": how, "held_out_writers": []}
    writers = sorted(set(held_out.writers.tolist()))
    return training, held_out, {"split": "by writer", "held_out_writers": writers}


def _held_out_accuracy(model: keras.Model, name: str, held_out: LabeledSet) -> dict:
    """Return the accuracy on held-out digits, for a model card."""
    own = proportion(_answers(model, held_out.images[..., None]) == held_out.labels)
    return {
        f"{name}held_out_accuracy": round(own.value, 5),
        f"{name}held_out_interval": [round(own.low, 5), round(own.high, 5)],
    }


def _answers(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    return model.predict(inputs, batch_size=500, verbose=0).argmax(axis=1)


def _mixed(
    own: ImagesAndLabels, digits: ImagesAndLabels, start: str | PathLike, seed: int, settings: Profile
) -> tuple[Batches, dict[str, int]]:
    """Return the batches of a fine-tuning: own digits, MNIST's, and what is no digit.

    The targets of all but the own digits are what the network answered before (Z. Li and D. Hoiem, "Learning
    without forgetting", ECCV 2016, arXiv:1606.09282).
    """
    before = load_recognizer(start)

    def make(indices, rng, epoch):
        chosen = (indices[indices < _OWN] + epoch * _OWN) % len(own[0])
        no_digits = int((indices >= _OWN + _MNIST).sum())
        known = rng.integers(len(digits[0]), size=len(indices) - len(chosen) - no_digits)
        images = np.concatenate([own[0][chosen], digits[0][known], strokes.make_non_digits(no_digits, rng)])
        augmented = augment_most(images, rng, _UNCHANGED)
        answers = before.probabilities(augmented[len(chosen) :] / np.float32(255))
        return Batch(augmented, np.concatenate([one_hot(own[1][chosen]), answers]))

    sources = {"own digits": _OWN, "MNIST": _MNIST, "pictures of no digit": _NO_DIGIT}
    return Batches(make, _OWN + _MNIST + _NO_DIGIT, seed, settings.batch_size), sources


def _anew(
    own: ImagesAndLabels, digits: ImagesAndLabels, seed: int, epochs: int, settings: Profile
) -> tuple[Batches, dict[str, int]]:
    """Return the batches of a new network: a profile's, with the own digits among MNIST's."""
    times = max(1, len(digits[0]) // (_SHARE * len(own[0])))
    together = [np.concatenate([part, *[mine] * times]) for part, mine in zip(digits, own, strict=True)]
    batches, sources = batches_of(settings, together, seed, epochs)
    return batches, {"own digits": times * len(own[0]), **sources, "MNIST": len(digits[0])}
