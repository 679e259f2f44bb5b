"""Open the file of a trained network of any origin: checked first, and no code in it is ever run."""

import functools
import json
import math
import string
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from digitlib.data import load_mnist
from digitlib.measuring.keras_file import MAX_FILE, MEGABYTE, load_keras, megabytes
from digitlib.reading.network import MODEL_FILE, ModelError, load_recognizer

DIGITS = tuple(string.digits)
"""What a network tells apart whose card names no classes."""
CONTRACT = "0 (paper) to 1 (ink)"
"""The range of pixel values that a network should take."""
VALUES = {
    CONTRACT: (1.0, 0.0),
    "0 to 255": (255.0, 0.0),
    "-1 to 1": (2.0, -1.0),
    "1 (paper) to 0 (ink)": (-1.0, 1.0),
    "255 (paper) to 0 (ink)": (-255.0, 255.0),
}
"""Ranges of pixel values that networks are trained on, as factor and offset on the contract's."""
_TRIED = 200
"""Training digits of MNIST on which a network is tried with all of them."""
_CLEARLY = 0.2
"""Another range is taken if it reads so large a part of them more: chance alone gives less than half."""
_LEAST_PROBABILITY = 1e-6
"""Stands for a probability of 0, whose logarithm is not finite."""
_BATCH = 500
"""Images that Keras is given at once."""
_SUM_ERROR = 0.03
"""How far probabilities may be off 1 in all: ten numbers in steps of 1/256, as quantized networks give."""

Predict = Callable[[np.ndarray], np.ndarray]
"""From (N, 28, 28) float32 images to (N, classes) probabilities."""


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network, ready for prediction.

    Attributes
    ----------
    name : str
        The file's name.
    size : int
        The file's size in bytes.
    weights : int or None
        Number of weights; None if the file does not contain it.
    card : dict
        The model card beside the file, unchecked; empty without one.
    values : str
        The range of values that its images are given in, a key of `VALUES`: the one it was trained on.
    predict : function
        From (N, 28, 28) float32 images in that range to (N, classes) probabilities.
    """

    name: str
    size: int
    weights: int | None
    card: dict[str, object] = field(repr=False)
    values: str
    predict: Predict = field(repr=False)

    @property
    def classes(self) -> tuple[str, ...]:
        """What each probability stands for: the card's classes, or the ten digits."""
        return _classes_of(self.card)

    @property
    def certainty_threshold(self) -> float:
        """The confidence from which an answer is certain: the card's, or 0.95."""
        limit = self.card.get("certainty_threshold")
        return float(limit) if isinstance(limit, (int, float)) and 0 <= limit <= 1 else 0.95

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probabilities of the classes for each image.

        Parameters
        ----------
        images : (N, 28, 28) float32 array
            Light ink on black, values 0..1.

        Returns
        -------
        (N, classes) float32 array
            Each row sums to 1.
        """
        if not len(images):
            return np.empty((0, len(self.classes)), np.float32)
        factor, offset = VALUES[self.values]
        return self.predict(np.float32(factor) * np.asarray(images, np.float32) + np.float32(offset))


def open_model(path: str | Path = MODEL_FILE) -> Model:
    """Open a trained network in this process.

    `digitlib.measuring.load_model` does it in one apart, as a file of a stranger needs.

    An .npz file holds numbers only. A .keras file is a zip file with a description and weights; Keras opens
    it only if the description names nothing but known layers. A .tflite file is run by TensorFlow Lite's
    interpreter with its own operators alone, none of which reaches a file. Images are given in the range of
    values that the network reads best by far: it may have been trained on another one than 0 to 1.

    Parameters
    ----------
    path : path
        An .npz, .keras or .tflite file; by default digitlib's own network. A model_card.json may
        lie beside it.

    Returns
    -------
    Model
        Ready to answer.

    Raises
    ------
    ModelError
        The file is of another type, damaged or too large, or is no classifier of digits, or of what its card
        names, made of known layers; the message gives the reason.

    Examples
    --------
    >>> open_model().probabilities(np.zeros((3, 28, 28), np.float32)).shape
    (3, 10)
    """
    path = Path(path)
    loaders = {".npz": _load_layers, ".keras": _load_keras, ".tflite": _load_tflite}
    if path.suffix.lower() not in loaders:
        raise ModelError(f"{path.name} is not opened. Allowed are .npz, .keras and .tflite files.")
    if not path.is_file():
        raise ModelError(f"There is no file {path.name}.")
    size = path.stat().st_size
    if size > MAX_FILE:
        raise ModelError(f"{path.name} is too large: {megabytes(size)}, allowed are {megabytes(MAX_FILE)}.")
    try:
        predict, weights = loaders[path.suffix.lower()](path)
        trial = predict(np.linspace(0, 1, 2 * 784, dtype=np.float32).reshape(2, 28, 28))
    except ModelError as error:
        named = str(error).startswith(path.name)
        raise ModelError(str(error) if named else f"{path.name} is refused: {error}") from error
    except ImportError as error:
        raise ModelError(
            f'{path.name} needs TensorFlow, which is missing: pip install "digitlib[train]".'
        ) from error
    except Exception as error:  # a damaged file may raise any error
        cause = textwrap.shorten(f"{type(error).__name__}: {error}", 200)
        raise ModelError(f"{path.name} is refused: it is damaged, or cannot be run ({cause}).") from error
    card = _card_beside(path)
    wanted = 2, len(_classes_of(card))
    if trial.shape != wanted:
        raise ModelError(f"{path.name} is refused: two pictures give {trial.shape} numbers, not {wanted}.")
    if not np.isfinite(trial).all():
        raise ModelError(f"{path.name} is refused: its answers are not finite. Its weights may hold NaN.")
    if (trial < 0).any() or not np.allclose(trial.sum(axis=1), 1, atol=_SUM_ERROR):
        raise ModelError(f"{path.name} is refused: its answers are no probabilities. End it with softmax.")
    model = Model(path.name, size, weights, card, CONTRACT, predict)
    return _with_its_values(model) if model.classes == DIGITS else model


def _classes_of(card: dict[str, object]) -> tuple[str, ...]:
    """Return the classes that a card names: 2 to 100 different signs; else the ten digits."""
    classes = card.get("classes")
    named = isinstance(classes, list) and all(isinstance(one, str) and len(one) == 1 for one in classes)
    return tuple(classes) if named and 2 <= len(set(classes)) == len(classes) <= 100 else DIGITS


@functools.cache
def _trial_digits() -> tuple[np.ndarray, np.ndarray]:
    (images, labels), _ = load_mnist()
    return images[:_TRIED] / np.float32(255), labels[:_TRIED]


def _with_its_values(model: Model) -> Model:
    """Return the model with the range of values that it reads digits best in."""
    images, labels = _trial_digits()

    def fit(one: Model) -> tuple[float, float]:
        """Return the mean log probability of the true digits, and the proportion read right."""
        answers = one.probabilities(images)
        true = answers[np.arange(_TRIED), labels]
        return np.log(true + _LEAST_PROBABILITY).mean(), (answers.argmax(axis=1) == labels).mean()

    _, plain = fit(model)
    if plain > 1 - _CLEARLY:
        return model
    (_, most), best = max(
        ((fit(one), one) for one in (replace(model, values=values) for values in VALUES)),
        key=lambda tried: tried[0],
    )
    return best if most >= plain + _CLEARLY else model


def _load_keras(path: Path) -> tuple[Predict, int | None]:
    model = load_keras(path)
    from digitlib.backend import keras

    shape = (-1, *model.input_shape[1:])  # with or without an axis for the channel

    def predict(images: np.ndarray) -> np.ndarray:
        parts = np.split(images.reshape(shape), range(_BATCH, len(images), _BATCH))
        return np.concatenate([keras.ops.convert_to_numpy(model(part, training=False)) for part in parts])

    return predict, model.count_params()


def _load_tflite(path: Path) -> tuple[Predict, int | None]:
    content = path.read_bytes()
    if content[4:8] != b"TFL3":
        raise ModelError("it is no TensorFlow Lite file.")
    from digitlib.backend import quiet, tensorflow

    with quiet(), warnings.catch_warnings(action="ignore"):  # it is to move to another package one day
        interpreter = tensorflow.lite.Interpreter(
            model_content=content,
            experimental_op_resolver_type=tensorflow.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        )
        interpreter.allocate_tensors()
    ends = [*interpreter.get_input_details(), *interpreter.get_output_details()]
    shapes = [tuple(end["shape"].tolist()) for end in ends]
    if len(shapes) != 2 or math.prod(shapes[0]) != 784:
        raise ModelError(f"its inputs and outputs are {shapes}; allowed is (1, 28, 28, 1) to (1, 10).")
    image, answer = ends

    def predict_one(pixels: np.ndarray) -> np.ndarray:
        scale, zero = image["quantization"]
        if scale:  # whole numbers stand for the values
            limits = np.iinfo(image["dtype"])
            pixels = np.clip(np.rint(pixels / scale + zero), limits.min, limits.max)
        interpreter.set_tensor(image["index"], pixels.reshape(image["shape"]).astype(image["dtype"]))
        interpreter.invoke()
        scale, zero = answer["quantization"]
        numbers = interpreter.get_tensor(answer["index"]).ravel().astype(np.float32)
        return (numbers - zero) * np.float32(scale) if scale else numbers

    return lambda images: np.stack([predict_one(pixels) for pixels in images]), None


def _load_layers(path: Path) -> tuple[Predict, int | None]:
    recognizer = load_recognizer(path)
    weights = [value for layer in recognizer.layers for value in layer.parameters.values()]
    return recognizer.probabilities, sum(value.size for value in weights if isinstance(value, np.ndarray))


def _card_beside(path: Path) -> dict[str, object]:
    """Return the model card beside a network; empty if there is none that can be read."""
    card = path.with_name("model_card.json")
    try:
        if card.stat().st_size > MEGABYTE:
            return {}
        content = json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
