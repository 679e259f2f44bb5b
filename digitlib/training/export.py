"""Export a trained network: its layers as .npz, Keras' own file, and the model card."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from digitlib.backend import keras
from digitlib.data import ImagesAndLabels
from digitlib.measuring.metrics import calibration_error, fit_temperature
from digitlib.measuring.proportions import proportion
from digitlib.reading.network import save_layers
from digitlib.training.convert import to_layers

_PACKAGES = ("tensorflow", "keras", "numpy", "opencv-python-headless")
"""Their versions are told in a model card."""


def as_input(images: np.ndarray) -> np.ndarray:
    """Return (N, 28, 28) uint8 images as input, (N, 28, 28, 1) float32 from 0 to 1.

    Examples
    --------
    >>> as_input(np.full((2, 28, 28), 255, np.uint8))[0, 0, 0, 0]
    np.float32(1.0)
    """
    return np.divide(images[..., None], 255, dtype=np.float32)


def calibrate(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> float:
    """Calibrate a network by temperature scaling.

    The weights of the last dense layer are divided by the temperature, so the network needs no extra layer.
    The digit with the largest probability does not change. C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger,
    "On calibration of modern neural networks" (2017).

    Parameters
    ----------
    model : keras.Model
        Its last dense layer is changed in place.
    images : (N, 28, 28) uint8 array
        Images that were not trained on.
    labels : (N,) int array

    Returns
    -------
    float
        The temperature; see `digitlib.measuring.metrics.fit_temperature`.
    """
    temperature = fit_temperature(model.predict(as_input(images), batch_size=500, verbose=0), labels)
    logits = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)][-1]
    logits.set_weights([weights / temperature for weights in logits.get_weights()])
    return temperature


def export(
    model: keras.Model,
    card: dict,
    folder: str | Path,
    test: ImagesAndLabels | None = None,
    name: str = "digits",
) -> dict:
    """Write digits.keras, digits.npz and model_card.json.

    Introduced in notebook 03.

    Parameters
    ----------
    model : keras.Model
        A trained network, from (N, 28, 28, 1) to (N, classes).
    card : dict
        The training's settings and results; test results, sizes, versions and checksums are added.
    folder : path
        Where the three files go; made if it is not there. Files of an earlier network are replaced.
    test : (images, labels), optional
        A test set, (N, 28, 28) uint8 and (N,) numbers of classes, where it is to be opened: MNIST's. It is
        used only here, after every choice.
    name : str
        What the network reads: the name of its files.

    Returns
    -------
    dict
        The whole model card.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    files = f"{name}.keras", f"{name}.npz"
    save_keras(model, folder / files[0])
    save_layers(folder / files[1], to_layers(model))
    card = {**card, "parameters": model.count_params()}
    if test:
        card |= _test_results(model, *test)
    return write_card(card, folder, files, "model_card.json")


def _test_results(model: keras.Model, images: np.ndarray, labels: np.ndarray) -> dict:
    """Return what a model card says of the test set."""
    probabilities = model.predict(as_input(images), batch_size=500, verbose=0)
    accuracy = proportion(probabilities.argmax(axis=1) == labels)
    return {
        "test_accuracy": round(accuracy.value, 5),
        "test_accuracy_interval": [round(accuracy.low, 5), round(accuracy.high, 5)],
        "test_pictures": accuracy.count,
        "test_calibration_error": round(calibration_error(probabilities, labels), 5),
        "test_set": "opened once, after everything was chosen on the validation split",
    }


def write_card(card: dict, folder: Path, files: Sequence[str], name: str) -> dict:
    """Add versions and checksums to a model card, and write it beside the files.

    Parameters
    ----------
    card : dict
        What is known of the network.
    folder : path
        Where the files lie.
    files : sequence of str
        Their names.
    name : str
        Name of the card.

    Returns
    -------
    dict
        The whole card.
    """
    card = {
        **card,
        "versions": {package: version(package) for package in _PACKAGES},
        "sha256": {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in files},
    }
    (folder / name).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8", newline="\n")
    return card


def save_keras(model: keras.Model, path: str | Path) -> None:
    """Save a network without its optimizer and its time: same network, same bytes.

    Parameters
    ----------
    model : keras.Model
        The network.
    path : path
        A file that ends in .keras.
    """
    bare = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    with tempfile.TemporaryDirectory() as scratch:
        saved = Path(scratch) / "model.keras"
        bare.save(saved)
        with zipfile.ZipFile(saved) as old, zipfile.ZipFile(path, "w") as new:
            for name in sorted(old.namelist()):
                content = old.read(name)
                if name == "metadata.json":
                    content = json.dumps({**json.loads(content), "date_saved": ""}).encode()
                new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
