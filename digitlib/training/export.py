"""From a trained network to its files: digits.npz, digits.keras and the model card."""

import hashlib
import json
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import numpy as np

from digitlib.measuring.metrics import calibration_error, fit_temperature, proportion
from digitlib.reading.network import save_layers
from digitlib.training.convert import to_layers


def as_input(images):
    """Pictures (N, 28, 28) uint8 as the network's input (N, 28, 28, 1) float32 in 0..1.

    Examples
    --------
    >>> as_input(np.full((2, 28, 28), 255, np.uint8))[0, 0, 0, 0]
    np.float32(1.0)
    """
    return images[..., None].astype(np.float32) / 255


def calibrate(model, images, labels):
    """Calibrate a network: divide its logits by the temperature that fits best.

    The division goes into the weights of the last dense layer, so the network needs no extra part. Which
    digit wins does not change.

    Parameters
    ----------
    model : keras.Model
        Its layer "logits" is changed in place.
    images, labels : (N, 28, 28) uint8 and (N,) int arrays
        Pictures that were not trained on.

    Returns
    -------
    float
        The temperature; see `digitlib.measuring.metrics.fit_temperature`.
    """
    temperature = fit_temperature(model.predict(as_input(images), batch_size=500, verbose=0), labels)
    logits = model.get_layer("logits")
    logits.set_weights([weights / temperature for weights in logits.get_weights()])
    return temperature


def export(model, card, test, folder):
    """Write digits.keras, digits.npz and model_card.json.

    Parameters
    ----------
    model : keras.Model
        A trained network, from (N, 28, 28, 1) to (N, 10).
    card : dict
        What is known about the training; the test figures, sizes, versions and checksums are added.
    test : (images, labels)
        MNIST's test set. It is opened here, when nothing can be chosen any more.
    folder : path
        Where the three files go; made if it is not there.

    Returns
    -------
    dict
        The whole model card.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    save_keras(model, folder / "digits.keras")
    save_layers(folder / "digits.npz", to_layers(model))
    images, labels = test
    probabilities = model.predict(as_input(images), batch_size=500, verbose=0)
    accuracy = proportion(probabilities.argmax(axis=1) == labels)
    card = {
        **card,
        "parameters": model.count_params(),
        "test_accuracy": round(accuracy.value, 5),
        "test_accuracy_interval": [round(accuracy.low, 5), round(accuracy.high, 5)],
        "test_pictures": accuracy.count,
        "test_calibration_error": round(calibration_error(probabilities, labels), 5),
        "test_set": "opened once, after everything was chosen on the validation split",
        "versions": {
            name: version(name) for name in ("tensorflow", "keras", "numpy", "opencv-python-headless")
        },
        "sha256": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in ("digits.keras", "digits.npz")
        },
    }
    text = json.dumps(card, indent=1)
    (folder / "model_card.json").write_text(text + "\n", encoding="utf-8")
    return card


def save_keras(model, path):
    """Save a network without its optimizer, and without the time of day: the same network, the same bytes.

    Parameters
    ----------
    model : keras.Model
        The network.
    path : Path
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
