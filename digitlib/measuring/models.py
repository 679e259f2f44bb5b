"""Load a trained network from a file of any origin: checked first, and no code in it is ever run."""

import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from digitlib.reading.network import BATCH_SIZE, MODEL_FILE, ModelError, load_recognizer

_MEGABYTE = 1_000_000
_MAX_FILE = 50 * _MEGABYTE
"""Largest file, packed or unpacked, in bytes; digitlib's own network has one."""
MAX_WEIGHTS = 10_000_000
MAX_LAYER = 5_000_000
"""Largest output of a layer, in numbers for one image."""
_MAX_LAYERS = 200

_PARTS = {"metadata.json", "config.json", "model.weights.h5"}
"""Files in a .keras file."""
_MODELS = {"Functional", "Sequential"}
# fmt: off
_LAYERS = {
    "InputLayer", "Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose", "Dense", "Flatten",
    "Reshape", "Permute", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D",
    "GlobalMaxPooling2D", "UpSampling2D", "BatchNormalization", "LayerNormalization",
    "GroupNormalization", "UnitNormalization", "Rescaling", "Normalization", "Activation", "ReLU",
    "LeakyReLU", "PReLU", "ELU", "Softmax", "Dropout", "SpatialDropout2D", "GaussianNoise",
    "GaussianDropout", "AlphaDropout", "ZeroPadding2D", "Cropping2D", "Add", "Average", "Multiply",
    "Maximum", "Minimum", "Subtract", "Concatenate", "RandomFlip", "RandomRotation",
    "RandomTranslation", "RandomZoom", "RandomContrast", "RandomBrightness",
}
"""Layers that a network may have: all of them compute, none of them carries code."""
_HELPERS = {
    "DTypePolicy", "__tuple__", "__numpy__", "__keras_tensor__", "Zeros", "Ones", "Constant",
    "RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling", "GlorotNormal",
    "GlorotUniform", "HeNormal", "HeUniform", "LecunNormal", "LecunUniform", "Orthogonal", "Identity",
    "L1", "L2", "L1L2", "MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm", "SeedGenerator",
}
"""Other classes that its description may name: initializers, regularizers, constraints, types."""
# fmt: on


Predict = Callable[[np.ndarray], np.ndarray]
"""From (N, 28, 28) float32 images to (N, 10) probabilities."""


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
    """

    name: str
    size: int
    weights: int | None
    card: dict[str, object] = field(repr=False)
    _predict: Predict = field(repr=False)

    @property
    def certainty_threshold(self) -> float:
        """The confidence from which an answer is certain: the card's, or 0.95."""
        limit = self.card.get("certainty_threshold")
        return float(limit) if isinstance(limit, (int, float)) and 0 <= limit <= 1 else 0.95

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probabilities of the ten digits for each image.

        Parameters
        ----------
        images : (N, 28, 28) float32 array
            Light ink on black, values 0..1.

        Returns
        -------
        (N, 10) float32 array
            Each row sums to 1.
        """
        if not len(images):
            return np.empty((0, 10), np.float32)
        return self._predict(np.asarray(images, np.float32))


def load_model(path: str | Path = MODEL_FILE) -> Model:
    """Load a trained network.

    An .npz file holds numbers only. A .keras file is a zip file with a description and weights; Keras opens
    it only if the description names nothing but known layers. A .tflite file is run by OpenCV, which runs no
    code from it.

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
        The file is of another type, damaged or too large, or is no classifier of digits made of known
        layers; the message gives the reason.

    Examples
    --------
    >>> load_model().probabilities(np.zeros((3, 28, 28), np.float32)).shape
    (3, 10)
    """
    path = Path(path)
    loaders = {".npz": _load_layers, ".keras": _load_keras, ".tflite": _load_tflite}
    if path.suffix.lower() not in loaders:
        raise ModelError(f"{path.name} is not opened. Allowed are .npz, .keras and .tflite files.")
    if not path.is_file():
        raise ModelError(f"There is no file {path.name}.")
    size = path.stat().st_size
    if size > _MAX_FILE:
        raise ModelError(
            f"{path.name} is too large: {_megabytes(size)}, allowed are {_megabytes(_MAX_FILE)}."
        )
    try:
        predict, weights = loaders[path.suffix.lower()](path)
        trial = predict(np.linspace(0, 1, 2 * 784, dtype=np.float32).reshape(2, 28, 28))
    except ModelError as error:
        named = str(error).startswith(path.name)
        raise ModelError(str(error) if named else f"{path.name} is refused: {error}") from error
    except Exception as error:  # a damaged file may raise any error
        raise ModelError(f"{path.name} is refused: it is damaged, or cannot be run.") from error
    if trial.shape != (2, 10) or not np.isfinite(trial).all():
        raise ModelError(f"{path.name} is refused: two pictures give {trial.shape} numbers, not (2, 10).")
    if (trial < 0).any() or not np.allclose(trial.sum(axis=1), 1, atol=1e-3):
        raise ModelError(f"{path.name} is refused: its answers are no probabilities. End it with softmax.")
    return Model(path.name, size, weights, _card_beside(path), predict)


def _load_tflite(path: Path) -> tuple[Predict, int | None]:
    content = path.read_bytes()
    if content[4:8] != b"TFL3":
        raise ModelError("it is no TensorFlow Lite file.")
    network, lock = cv2.dnn.readNetFromTFLite(np.frombuffer(content, np.uint8)), threading.Lock()

    def predict(images: np.ndarray) -> np.ndarray:
        parts = []
        with lock:
            for start in range(0, len(images), BATCH_SIZE):
                network.setInput(images[start : start + BATCH_SIZE, None])
                parts.append(network.forward().copy())
        return np.concatenate(parts)

    return predict, None


def _load_layers(path: Path) -> tuple[Predict, int | None]:
    recognizer = load_recognizer(path)
    weights = [value for layer in recognizer.layers for value in layer.parameters.values()]
    return recognizer.probabilities, sum(value.size for value in weights if isinstance(value, np.ndarray))


def _load_keras(path: Path) -> tuple[Predict, int | None]:
    _check_description(_read_description(path))
    from digitlib.backend import keras  # takes seconds, so only after the check

    with zipfile.ZipFile(path) as package:
        config = package.read("config.json").decode("utf-8")
    # Built once without memory for its weights, to check their number before they are loaded.
    with keras.StatelessScope(initialize_variables=False):
        _check_sizes(keras.saving.deserialize_keras_object(json.loads(config), safe_mode=True))
    _check_weights(path)
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    shape = (-1, *model.input_shape[1:])  # with or without an axis for the channel

    def predict(images: np.ndarray) -> np.ndarray:
        batches = (images[start : start + 500].reshape(shape) for start in range(0, len(images), 500))
        return np.concatenate([model.predict_on_batch(batch) for batch in batches])

    return predict, model.count_params()


def _read_description(path: Path) -> object:
    """Return the description inside a .keras file; refuse an unusual zip file."""
    if not zipfile.is_zipfile(path):
        raise ModelError("it is no .keras file of Keras 3, which would be a zip file.")
    with zipfile.ZipFile(path) as package:
        entries = package.infolist()
        names = [entry.filename for entry in entries]
        if sorted(names) != sorted(_PARTS):
            odd = sorted(set(names) - _PARTS) or sorted(_PARTS - set(names)) or sorted(names)
            raise ModelError(f"it must hold {', '.join(sorted(_PARTS))}, once each; look at {odd[0]!r}.")
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > _MAX_FILE:
            raise ModelError(f"unpacked it has {_megabytes(unpacked)}; allowed are {_megabytes(_MAX_FILE)}.")
        if package.getinfo("config.json").file_size > _MEGABYTE:
            raise ModelError("its description is longer than a megabyte.")
        try:
            return json.loads(package.read("config.json"))
        except (ValueError, RecursionError) as error:
            raise ModelError("its description is no JSON.") from error


def _check_description(description: object) -> None:
    """Refuse a description that names a class outside the lists above."""
    if not isinstance(description, dict) or description.get("class_name") not in _MODELS:
        raise ModelError(f"it is no network of layers. Allowed are {' and '.join(sorted(_MODELS))}.")
    config = description.get("config")
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list) or len(layers) > _MAX_LAYERS:
        raise ModelError(f"it must have a list of at most {_MAX_LAYERS} layers.")
    for part in _parts(description):
        name = part.get("class_name")
        if name is not None and name not in _LAYERS | _MODELS | _HELPERS:
            raise ModelError(f"it holds {str(name)[:60]!r}, which is not among the allowed layers.")
        if name is not None and not _is_of_keras(part):
            raise ModelError(f"its {name} is not Keras's own.")


def _parts(value: object, depth: int = 0) -> Iterator[dict]:
    """Yield the dicts in a value of a JSON file, at any depth."""
    if depth > 50:
        raise ModelError("its description is nested too deeply.")
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else ():
        yield from _parts(item, depth + 1)


def _is_of_keras(part: dict) -> bool:
    module, registered = part.get("module"), part.get("registered_name")
    ours = module is None or (isinstance(module, str) and module.split(".")[0] == "keras")
    return ours and registered in (None, part["class_name"])


def _check_sizes(model) -> None:
    """Refuse a network of another shape, or one that is too large for memory."""
    shapes = model.input_shape, model.output_shape
    if shapes[0][1:] not in ((28, 28, 1), (28, 28), (784,)) or shapes[1][1:] != (10,):
        raise ModelError(f"it goes from {shapes[0]} to {shapes[1]}; allowed is (28, 28, 1) to (10,).")
    if model.count_params() > MAX_WEIGHTS:
        raise ModelError(f"it has {model.count_params():,} weights; allowed are {MAX_WEIGHTS:,}.")
    for layer in model.layers:
        outputs = layer.output if isinstance(layer.output, list) else [layer.output]
        for output in outputs:
            numbers = int(np.prod([side or 1 for side in output.shape[1:]], dtype=float))
            if numbers > MAX_LAYER:
                raise ModelError(f"its layer {layer.name} has {numbers:,} numbers; allowed: {MAX_LAYER:,}.")


def _check_weights(path: Path) -> None:
    """Refuse weights that lie in other files, are no numbers, or are too large unpacked."""
    import h5py

    links, parts = [], []
    with zipfile.Path(path, "model.weights.h5").open("rb") as file, h5py.File(file) as weights:
        weights.visititems_links(lambda _, link: links.append(link))
        weights.visititems(lambda _, part: parts.append(part))
        arrays = [part for part in parts if isinstance(part, h5py.Dataset)]
        if not all(isinstance(link, h5py.HardLink) for link in links) or any(
            array.external or array.is_virtual for array in arrays
        ):
            raise ModelError("its weights lie in another file.")
        for array in arrays:
            if array.dtype.kind not in "fiu":
                raise ModelError(f"its weights hold {array.dtype}, not numbers.")
        if sum(array.nbytes for array in arrays) > _MAX_FILE:
            raise ModelError(f"its weights unpack to more than {_megabytes(_MAX_FILE)}.")


def _card_beside(path: Path) -> dict[str, object]:
    """Return the model card beside a network; empty if there is none that can be read."""
    card = path.with_name("model_card.json")
    try:
        if card.stat().st_size > _MEGABYTE:
            return {}
        content = json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _megabytes(size: int) -> str:
    return f"{size / _MEGABYTE:,.0f} MB"
