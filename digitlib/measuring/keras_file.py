"""Check a .keras file, and load it: Keras opens it only if it holds nothing but known layers and numbers."""

import difflib
import json
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from digitlib.reading.network import ModelError

MEGABYTE = 1_000_000
MAX_FILE = 50 * MEGABYTE
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
    "RandomTranslation", "RandomZoom", "RandomContrast", "RandomBrightness", "RandomShear", "Resizing",
    "Conv1D", "MaxPooling1D", "AveragePooling1D", "GlobalAveragePooling1D", "GlobalMaxPooling1D",
    "SimpleRNN", "SimpleRNNCell", "LSTM", "LSTMCell", "GRU", "GRUCell", "Bidirectional",
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


def load_keras(path: Path) -> object:
    """Load the network of a .keras file, without its optimizer and losses.

    Parameters
    ----------
    path : Path
        A .keras file of Keras 3.

    Returns
    -------
    keras.Model
        From (N, 28, 28, 1), (N, 28, 28) or (N, 784) to (N, 10).

    Raises
    ------
    ModelError
        If it holds anything but known layers and numbers, or is of another shape or too large.

    Examples
    --------
    >>> load_keras(Path(__file__))
    Traceback (most recent call last):
    digitlib.reading.network.ModelError: it is no .keras file of Keras 3, which would be a zip file.
    """
    description = _read_description(path)
    description.pop("compile_config", None)  # for a training that goes on; never loaded here
    _check_description(description)
    from digitlib.backend import keras  # takes seconds, so only after the check

    # Built once without memory for its weights, to check their number before they are loaded.
    with keras.StatelessScope(initialize_variables=False):
        _check_sizes(keras.saving.deserialize_keras_object(description, safe_mode=True))
    _check_weights(path)
    with tempfile.TemporaryDirectory() as folder:  # Keras opens no file that is called NET.KERAS
        copy = Path(folder, "network.keras")
        copy.write_bytes(path.read_bytes())
        return keras.saving.load_model(copy, compile=False, safe_mode=True)


def megabytes(size: int) -> str:
    """Return a number of bytes as text.

    Examples
    --------
    >>> megabytes(2_000_000_000)
    '2,000 MB'
    """
    return f"{size / MEGABYTE:,.0f} MB"


def _read_description(path: Path) -> dict:
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
        if unpacked > MAX_FILE:
            raise ModelError(f"unpacked it has {megabytes(unpacked)}; allowed are {megabytes(MAX_FILE)}.")
        if package.getinfo("config.json").file_size > MEGABYTE:
            raise ModelError("its description is longer than a megabyte.")
        try:
            description = json.loads(package.read("config.json"))
        except (ValueError, RecursionError) as error:
            raise ModelError("its description is no JSON.") from error
    if not isinstance(description, dict) or description.get("class_name") not in _MODELS:
        raise ModelError(f"it is no network of layers. Allowed are {' and '.join(sorted(_MODELS))}.")
    return description


def _check_description(description: dict) -> None:
    """Refuse a description that names a class outside the lists above."""
    config = description.get("config")
    layers = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(layers, list) or len(layers) > _MAX_LAYERS:
        raise ModelError(f"it must have a list of at most {_MAX_LAYERS} layers.")
    for part in _parts(description):
        name = part.get("class_name")
        if name is not None and name not in _LAYERS | _MODELS | _HELPERS:
            known = {layer.lower(): layer for layer in _LAYERS}
            near = difflib.get_close_matches(str(name).lower(), known, n=1)
            advice = f" Allowed is the layer {known[near[0]]}." if near else ""
            raise ModelError(f"it holds {str(name)[:60]!r}, which is not among the allowed layers.{advice}")
        if name is not None and not _is_of_keras(part):
            raise ModelError(f"its {name} is not Keras's own.")
        for key, value in part.items():
            if key.endswith("activation") and isinstance(value, dict) and "class_name" not in value:
                raise ModelError("its activation is code. Allowed are functions of Keras, such as 'relu'.")


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
    if not model.built:
        raise ModelError("the size of its images is open. Begin it with keras.layers.Input((28, 28, 1)).")
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
        if sum(array.nbytes for array in arrays) > MAX_FILE:
            raise ModelError(f"its weights unpack to more than {megabytes(MAX_FILE)}.")
