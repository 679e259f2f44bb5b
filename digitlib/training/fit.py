"""Train a network: profiles, the schedule, and the data of each epoch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from digitlib.backend import keras
from digitlib.data import ImagesAndLabels, load_mnist, split_validation
from digitlib.training.batches import Batches, mixed_batches, plain_batches
from digitlib.training.certainty import digits_threshold, everyday_digits
from digitlib.training.checkpoint import Checkpoint
from digitlib.training.export import as_input, calibrate, export
from digitlib.training.mixture import one_hot
from digitlib.training.networks import build_full_network, build_network, one_cycle

_AVERAGED = 0.15
"""Proportion of all steps over which the weights are averaged: long enough to steady them, short enough to
forget the steps at a high learning rate."""
_FLOOR = 0.1
"""Lowest learning rate where weights are averaged, as a proportion of the highest: the mean of networks that
are almost the same gains nothing."""
_MEASURED = 20_000
"""Images that batch normalisation is measured on after averaging; each counts with all of its pixels."""


@dataclass(frozen=True)
class Profile:
    """The settings of one kind of training."""

    build: Callable[[], keras.Model]
    epochs: int
    learning_rate: float  # the highest of the schedule
    augmented: bool  # whether images are augmented, other sources mixed in, and the last weights averaged
    batch_size: int = 128
    name: str = "digits"  # of the files


PROFILES = {
    "quick": Profile(build_network, epochs=1, learning_rate=1e-2, augmented=False),
    "full": Profile(build_full_network, epochs=50, learning_rate=4e-3, augmented=True),
}


@dataclass(frozen=True, eq=False)
class Training:
    """The results of a training: the network, its learning curves and its model card."""

    model: keras.Model
    history: dict[str, list[float]]  # loss, accuracy, validation_loss, validation_accuracy: one an epoch
    card: dict  # the whole model card where files were written, otherwise what is known without them


def train(
    profile: str = "quick",
    seed: int = 0,
    epochs: int | None = None,
    out: str | PathLike | None = None,
    say: Callable[[str], object] = lambda line: None,
    progress: Callable[[float], object] = lambda done: None,
) -> Training:
    """Train a network on MNIST.

    Of the training digits 5,000 are drawn at random and held back for validation. Everything that is chosen
    is chosen on them; the test set is opened once, at the end, for the figure in the model card.

    Introduced in notebook 03.

    Parameters
    ----------
    profile : str
        "quick" (a small network, some seconds, about 99 %) or "full" (the network that digitlib ships).
    seed : int
        The same seed gives the same network on the same machine, 0 to 2**32 - 1.
    epochs : int, optional
        Number of passes over the training data, 1 or more; by default that of the profile.
    out : path, optional
        Folder for the files of `digitlib.training.export.export`; made if it is missing. A training that was
        stopped there resumes after its last finished epoch, and ends with the same network.
    say : function
        Called with a line of text after each epoch.
    progress : function
        Called after each batch with the proportion of the training that is done, 0 to 1.

    Returns
    -------
    Training
        The network, its learning curves and its model card.

    Raises
    ------
    ValueError
        If there is no such profile, or the number of epochs is below 1.
    """
    if profile not in PROFILES:
        raise ValueError(f"There is no profile {profile!r}; allowed are {', '.join(PROFILES)}.")
    settings = PROFILES[profile]
    epochs = settings.epochs if epochs is None else epochs
    if epochs < 1:
        raise ValueError(f"The number of epochs is {epochs}; allowed is 1 or more.")
    keras.utils.set_random_seed(seed)
    (images, labels), test = load_mnist()
    digits, validation = split_validation(images, labels)
    facts = {"profile": profile, "seed": seed, "epochs": epochs}
    return run(
        settings, facts, batches_of(settings, digits, seed, epochs), validation, out, say, progress, test
    )


def batches_of(
    settings: Profile, digits: ImagesAndLabels, seed: int, epochs: int
) -> tuple[Batches, dict[str, int]]:
    """Return the batches of a profile, and the images of an epoch by source."""
    make_batches = mixed_batches if settings.augmented else plain_batches
    return make_batches(digits, seed, epochs, settings.batch_size)


def run(
    settings: Profile,
    facts: dict,
    data: tuple[Batches, dict[str, int]],
    validation: ImagesAndLabels,
    out: str | PathLike | None,
    say: Callable[[str], object],
    progress: Callable[[float], object],
    test: ImagesAndLabels | None = None,
    polish: Callable[[keras.Model], object] = lambda model: None,
    measure: Callable[[keras.Model], dict] = lambda model: {},
    threshold: Callable[[keras.Model], float] | None = None,
) -> Training:
    """Run a training to its end.

    Parameters
    ----------
    settings : Profile
    facts : dict
        What the training was started with, "seed" and "epochs" among it: the beginning of the model card.
    data : (Batches, dict)
        What is trained on, and the images of an epoch by source.
    validation : (images, labels)
        What was held back, (N, 28, 28) uint8 and (N,) numbers of classes: MNIST's validation digits.
    out, say, progress : path, function, function
        As in `train`.
    test : (images, labels), optional
        MNIST's test set, where it is to be opened.
    polish : function
        What is done to the network once it is trained.
    measure : function
        What else is measured for the card, once the network is calibrated.
    threshold : function, optional
        From the calibrated network to the confidence from which an answer is certain; by default what all but
        one in thirty of `everyday_digits` reach.

    Returns
    -------
    Training
    """
    (batches, sources), seed, epochs = data, facts["seed"], facts["epochs"]
    model = _compiled(settings, epochs * len(batches))
    checkpoint = Checkpoint(Path(out), facts) if out else None
    held_back = as_input(validation[0]), one_hot(validation[1], model.output_shape[-1])
    history = fit(model, batches, held_back, epochs, checkpoint, say, progress)
    if settings.augmented:
        images = batches.first(_MEASURED, epochs - 1)
        measure_normalization(model, np.split(images, range(1_000, len(images), 1_000)))
    polish(model)

    def everyday(model):
        return digits_threshold(model.predict(as_input(everyday_digits(validation, seed)), verbose=0))

    answers = model.predict(as_input(validation[0]), batch_size=500, verbose=0).argmax(axis=1)
    card = {
        **facts,
        "pictures_an_epoch": sources,
        "augmented": settings.augmented,
        "validation_accuracy": round(float((answers == validation[1]).mean()), 5),
        "temperature": round(calibrate(model, *validation), 4),
        "history": {name: [round(value, 5) for value in values] for name, values in history.items()},
    }
    card |= measure(model)
    if checkpoint:
        card["certainty_threshold"] = (threshold or everyday)(model)
        card = checkpoint.finish(lambda folder: export(model, card, folder, test, settings.name))
    return Training(model, history, card)


def _compiled(settings: Profile, steps: int) -> keras.Model:
    """Return an untrained, compiled network for a training of so many steps."""
    optimizer = averaging_optimizer(settings.learning_rate, steps, settings.augmented)
    model = settings.build()
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return model


def averaging_optimizer(
    learning_rate: float, steps: int, averaging: bool = True
) -> keras.optimizers.Optimizer:
    """Return Adam with a one-cycle schedule; it may average the last weights."""
    return keras.optimizers.Adam(
        one_cycle(learning_rate, steps, _FLOOR if averaging else 0.0),
        use_ema=averaging,
        ema_momentum=max(0.0, 1 - 1 / (_AVERAGED * steps)),
    )


def fit(
    model: keras.Model,
    batches: keras.utils.PyDataset,
    validation: tuple[np.ndarray, np.ndarray] | keras.utils.PyDataset,
    epochs: int,
    checkpoint: "Checkpoint | None",
    say: Callable[[str], object],
    progress: Callable[[float], object],
) -> dict[str, list[float]]:
    """Fit a network from where its checkpoint ends.

    Keras ends by putting the averaged weights in place, where the optimizer averages (P. Izmailov et al.,
    "Averaging weights leads to wider optima and better generalization", UAI 2018, arXiv:1803.05407).

    Parameters
    ----------
    model : keras.Model
        Compiled.
    batches : keras.utils.PyDataset
        With a method `begin`, which goes to an epoch.
    validation : (inputs, targets), or keras.utils.PyDataset
        What is measured after each epoch.
    epochs : int
    checkpoint : Checkpoint or None
    say, progress : function
        As in `train`.

    Returns
    -------
    dict of str to list of float
        Learning curves: one value an epoch.
    """
    names = ("loss", "accuracy", "validation_loss", "validation_accuracy")
    history = (checkpoint and checkpoint.load(model)) or {name: [] for name in names}
    done = len(history["loss"])
    if done:
        say(f"going on after epoch {done}")

    def end_epoch(epoch, logs):
        for name, values in history.items():
            values.append(float(logs[name.replace("validation", "val")]))
        if checkpoint:
            checkpoint.save(model, history)
        validated = f"validation accuracy {logs['val_accuracy']:.2%}"
        say(f"epoch {epoch + 1:2d} of {epochs}: loss {logs['loss']:.4f}, {validated}")

    steps = epochs * len(batches)
    hooks = keras.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: batches.begin(epoch),
        on_epoch_end=end_epoch,
        on_train_batch_end=lambda batch, logs: progress(int(model.optimizer.iterations) / steps),
    )
    model.fit(
        batches,
        shuffle=False,  # Keras would shuffle the order of the batches with another seed
        epochs=epochs,
        initial_epoch=done,
        validation_data=validation,
        **({"validation_batch_size": 500} if isinstance(validation, tuple) else {}),
        callbacks=[hooks],
        verbose=0,
    )
    return history


def measure_normalization(model: keras.Model, batches: Iterable[np.ndarray]) -> None:
    """Measure batch normalization anew, as averaging has changed the weights.

    Parameters
    ----------
    model : keras.Model
        Changed in place.
    batches : iterable of float32 arrays
        Inputs; each batch counts alike.
    """
    normalizing = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    if not normalizing:  # a trained network has it folded into its weights
        return
    momentum = normalizing[0].momentum
    for number, images in enumerate(batches):
        for layer in normalizing:
            layer.momentum = number / (number + 1)  # so that every batch counts alike
        model(images, training=True)
    for layer in normalizing:
        layer.momentum = momentum
