"""Train a network: profiles, the loop over epochs, and going on after an interruption."""

import json
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitlib.backend import keras
from digitlib.data import load_mnist, split_validation
from digitlib.handwriting import strokes
from digitlib.training import mixture
from digitlib.training.export import as_input, calibrate, export
from digitlib.training.networks import OneCycle, build_full_network, build_network


@dataclass(frozen=True)
class Profile:
    """The settings of one kind of training."""

    build: Callable  # makes the network
    epochs: int
    peak: float  # highest learning rate
    varied: bool  # whether pictures are varied and other sources mixed in, and the last weights averaged
    batch_size: int = 128


PROFILES = {
    "quick": Profile(build_network, epochs=1, peak=1e-2, varied=False),
    "full": Profile(build_full_network, epochs=50, peak=4e-3, varied=True),
}

CURVES = ("loss", "accuracy", "validation_loss", "validation_accuracy")
"""What the history of a training holds, a value an epoch each."""


@dataclass(frozen=True, eq=False)
class Training:
    """What a training leaves: the network, its learning curves and its model card."""

    model: keras.Model
    history: dict  # a list for each of CURVES
    card: dict  # the whole model card where files were written, else what is known without them


def train(profile="quick", seed=0, epochs=None, out=None, say=lambda line: None, progress=lambda share: None):
    """Train a network on MNIST.

    The last 5,000 training digits are held back to validate on. Everything that is chosen is chosen on them;
    the test set is opened once, when all is done, for the figure in the model card.

    Introduced in notebook 03.

    Parameters
    ----------
    profile : str
        "quick" (a small network, some seconds, about 99 %) or "full" (the network that digitlib ships).
    seed : int
        The same seed gives the same network on the same machine.
    epochs : int, optional
        How often to go through the pictures; by default what the profile says.
    out : path, optional
        Folder for digits.keras, digits.tflite and model_card.json. A training that was stopped goes on from
        the last epoch that it finished there.
    say : function
        Called with a line of text after each epoch.
    progress : function
        Called after each batch with the share of the training that is done, 0 to 1.

    Returns
    -------
    Training
        The network, its learning curves and its model card.

    Raises
    ------
    ValueError
        There is no such profile.
    """
    if profile not in PROFILES:
        raise ValueError(f"There is no profile {profile!r}; allowed are {', '.join(PROFILES)}.")
    settings = PROFILES[profile]
    epochs = epochs or settings.epochs
    keras.utils.set_random_seed(seed)
    (images, labels), test = load_mnist()
    mnist, validation = split_validation(images, labels)
    lessons, sources = (_full_lessons if settings.varied else _plain_lessons)(mnist, seed, epochs)
    batches = epochs * -(-sum(sources.values()) // settings.batch_size)
    model, history = _begin(settings, batches), {name: [] for name in CURVES}
    checkpoint = Checkpoint(Path(out), {"profile": profile, "seed": seed, "epochs": epochs}) if out else None
    if checkpoint and checkpoint.exists():
        model, history = checkpoint.load()
        say(f"going on after epoch {len(history['loss'])}")
    watch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: progress(int(model.optimizer.iterations) / batches)
    )
    last = _LastWeights()
    numbers = range(len(history["loss"]), epochs)
    for number, lesson in zip(numbers, _one_ahead(lessons, numbers), strict=True):
        learnt = model.fit(
            as_input(lesson.images),
            lesson.targets,
            settings.batch_size,
            shuffle=False,
            verbose=0,
            callbacks=[watch, last],
        ).history
        last.put_back()
        checked = model.evaluate(
            as_input(validation[0]), mixture.one_hot(validation[1]), batch_size=500, verbose=0
        )
        for name, value in zip(CURVES, (learnt["loss"][0], learnt["accuracy"][0], *checked), strict=True):
            history[name].append(float(value))
        say(
            f"epoch {number + 1:2d} of {epochs}: loss {history['loss'][-1]:.4f}, "
            f"validation accuracy {history['validation_accuracy'][-1]:.2%}"
        )
        if checkpoint:
            checkpoint.store(model, history)
    if settings.varied:
        _average(model, lessons(epochs - 1).images)
    right = model.predict(as_input(validation[0]), batch_size=500, verbose=0).argmax(axis=1) == validation[1]
    temperature = calibrate(model, *validation)
    card = {
        "profile": profile,
        "seed": seed,
        "epochs": epochs,
        "pictures_an_epoch": sources,
        "varied": settings.varied,
        "validation_accuracy": round(float(right.mean()), 5),
        "temperature": round(temperature, 4),
        "history": {name: [round(value, 5) for value in values] for name, values in history.items()},
    }
    if out:
        card["certainty_threshold"] = _certainty_threshold(model, validation, seed)
        card = export(model, card, test, out)
        checkpoint.remove()
    return Training(model, history, card)


def _begin(settings, batches):
    """An untrained network with its optimizer, whose schedule ends after so many batches.

    Where the weights are to be averaged, over about the last sixth of the training, the learning rate stays
    above a tenth of its peak: networks too much alike need no mean.
    """
    schedule = OneCycle(settings.peak, batches, end=0.1 if settings.varied else 0.0)
    optimizer = keras.optimizers.Adam(
        schedule, use_ema=settings.varied, ema_momentum=max(0.0, 1 - 1 / (0.15 * batches))
    )
    model = settings.build()
    model.compile(optimizer, "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return model


class _LastWeights(keras.callbacks.Callback):
    """The weights after the last step of a `fit`, which ends by putting their mean in their place."""

    def on_epoch_end(self, epoch, logs=None):
        """Keep them."""
        self._weights = self.model.get_weights()

    def put_back(self):
        """Let the training go on from them."""
        self.model.set_weights(self._weights)


def _average(model, images):
    """Put the mean of a network's weights over its last steps in their place (Izmailov et al. 2018).

    The mean stands steadier than the last step alone. What batch normalisation goes by was measured with
    other weights, so it is measured anew, on these pictures.
    """
    model.optimizer.finalize_variable_values(model.trainable_variables)
    normalizing = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    usual = normalizing[0].momentum
    for number, start in enumerate(range(0, len(images), 1_000)):
        for layer in normalizing:
            layer.momentum = number / (number + 1)  # so that every thousand counts alike
        model(as_input(images[start : start + 1_000]), training=True)
    for layer in normalizing:
        layer.momentum = usual


def _one_ahead(make, numbers):
    """Yield make(number) for each number, and make the next one in a thread while the last is in use."""
    with ThreadPoolExecutor(1) as beside:
        coming = deque()
        for number in numbers:
            coming.append(beside.submit(make, number))
            if len(coming) > 1:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def _plain_lessons(mnist, seed, epochs):
    """MNIST's training digits as they are, shuffled anew in every epoch; and how many of what."""
    images, targets = mnist[0], mixture.one_hot(mnist[1])

    def lesson(number):
        order = np.random.default_rng((seed, number)).permutation(len(images))
        return mixture.Lesson(images[order], targets[order])

    return lesson, {"MNIST": len(images)}


def _full_lessons(mnist, seed, epochs):
    """Everything that `digitlib.training.mixture` has, varied anew in every epoch; and how many of what.

    In the second half of the epochs seven in ten pictures are shown as they are: the network ends on pictures
    like those that it will meet (He et al. 2019, arXiv:1909.09148).
    """
    rng = np.random.default_rng((seed, 10_000))
    chosen = rng.permutation(len(mnist[0]))[: mixture.PHOTOGRAPHED]
    photographed = mixture.photograph(mnist[0][chosen], mnist[1][chosen], rng)
    lasting = mixture.Lesson(
        np.concatenate([mnist[0], photographed.images]),
        np.concatenate([mixture.one_hot(mnist[1]), photographed.targets]),
    )
    sources = {
        "MNIST": len(mnist[0]),
        "MNIST digits laid on paper and photographed by digitlib.training.mixture": len(photographed.images),
        "digits drawn as pen strokes by digitlib.handwriting.strokes": mixture.DRAWN,
        "pictures of no digit, drawn by digitlib.handwriting.strokes": mixture.NO_DIGIT,
    }
    return lambda number: mixture.epoch(lasting, seed, number, 0.7 * (number >= 0.5 * epochs)), sources


def _certainty_threshold(model, validation, seed):
    """The confidence that all but one in thirty digits reach: MNIST's, photographed ones and drawn ones."""
    rng = np.random.default_rng((seed, 20_000))
    images, labels = (part[:300] for part in validation)
    photographed = mixture.photograph(images, labels, rng).images
    drawn = strokes.make_digits(300, rng)[0]
    best = model.predict(as_input(np.concatenate([images, photographed, drawn])), verbose=0).max(axis=1)
    return round(float(np.clip(np.quantile(best, 1 / 30), 0.5, 0.95)), 3)


class Checkpoint:
    """An unfinished training on disk: the network, the optimizer's state and the learning curves.

    Parameters
    ----------
    folder : Path
        Where the training's files go.
    settings : dict
        What the training was started with; a checkpoint of other settings is not gone on with.
    """

    def __init__(self, folder, settings):
        folder.mkdir(parents=True, exist_ok=True)
        self._model, self._notes = folder / "unfinished.keras", folder / "unfinished.json"
        self._settings = settings

    def exists(self):
        """Whether there is an unfinished training with these settings."""
        if not (self._model.exists() and self._notes.exists()):
            return False
        return json.loads(self._notes.read_text(encoding="utf-8"))["settings"] == self._settings

    def load(self):
        """The network with its optimizer, and the learning curves so far."""
        notes = json.loads(self._notes.read_text(encoding="utf-8"))
        return keras.saving.load_model(self._model), notes["history"]

    def store(self, model, history):
        """Write both files beside the old ones, then put them in their place."""
        model.save(self._model.with_stem("writing"))
        notes = json.dumps({"settings": self._settings, "history": history})
        self._notes.with_stem("writing").write_text(notes, encoding="utf-8")
        self._model.with_stem("writing").replace(self._model)
        self._notes.with_stem("writing").replace(self._notes)

    def remove(self):
        """The training is done."""
        self._model.unlink()
        self._notes.unlink()
