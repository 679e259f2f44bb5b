"""A trained network as a file of numbers, and ready to answer."""

import functools
import hashlib
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from digitlib.reading.layers import OPERATIONS, Layer, fold, forward

MODEL_FILE = Path(__file__).resolve().parents[1] / "model" / "digits.npz"
"""The network of digits that digitlib ships; its model card lies beside it."""
LETTERS_FILE = MODEL_FILE.parent / "letters" / "letters.npz"
"""The network of letters that digitlib ships, with its own model card."""
CARD_NAME = "model_card.json"
IMAGE_SHAPE = (28, 28)
"""Rows and columns of the images that a network reads, in pixels."""
BATCH_SIZE = 32
"""Images in one forward pass: few enough that their feature maps stay in the processor's cache."""
DEFAULT_THRESHOLD = 0.95
"""Confidence from which an answer counts as certain, where no model card gives one."""


class ModelError(RuntimeError):
    """A trained network is missing, damaged, or cannot be used; see the message."""


def save_layers(path: str | Path, layers: Iterable[Layer]) -> None:
    """Write layers as an .npz file; the same layers give the same bytes.

    The file holds each array as "layer/parameter", and names, kinds and settings as JSON in "layers".
    """
    description, arrays = [], {}
    for layer in layers:
        settings = {}
        for name, value in layer.parameters.items():
            if isinstance(value, np.ndarray):
                arrays[f"{layer.name}/{name}"] = np.asarray(value, np.float32)
            else:
                settings[name] = value
        description.append({"name": layer.name, "kind": layer.kind, "settings": settings})
    text = json.dumps(description).encode("utf-8")
    np.savez(path, layers=np.frombuffer(text, np.uint8), **arrays)


def load_layers(path: str | Path, shape: tuple[int, int] = IMAGE_SHAPE) -> list[Layer]:
    """Read what `save_layers` wrote.

    Parameters
    ----------
    path : path
    shape : (int, int)
        Rows and columns of the images that the network reads, in pixels.

    Returns
    -------
    list of Layer
        From (N, H, W) images to probabilities; ModelError is raised where it is something else.

    Examples
    --------
    >>> load_layers(MODEL_FILE)[0].name
    'strokes'
    """
    path = Path(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        layers = []
        for entry in json.loads(arrays.pop("layers").tobytes()):
            own = {
                key.rpartition("/")[2]: arrays[key]
                for key in arrays
                if key.rpartition("/")[0] == entry["name"]
            }
            layers.append(Layer(entry["name"], entry["kind"], own | entry["settings"]))
        probabilities = forward(layers, np.zeros((2, *shape), np.float32))
    except OSError as error:
        raise ModelError(f"{path.name} cannot be read: {error.strerror or 'it is no .npz file'}.") from error
    except (ValueError, LookupError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"{path.name} is no network that digitlib can run, or it is damaged. "
            f"Allowed are .npz files with layers of the kinds {', '.join(OPERATIONS)}."
        ) from error
    if not np.allclose(probabilities.sum(axis=-1), 1, atol=1e-3) or (
        shape == IMAGE_SHAPE and probabilities.ndim != 2
    ):
        raise ModelError(
            f"{path.name} does not end in probabilities. Allowed is a network with softmax at its end."
        )
    return layers


class Recognizer:
    """A trained network and its model card; any number of threads may use it.

    Attributes
    ----------
    layers : list of Layer
        From (N, 28, 28) images to (N, classes) probabilities; batch normalization is folded in.
    card : dict
        The model card; `certainty_threshold` and `classes` are taken from it where it has them.
    classes : tuple of str
        What each probability stands for.
    certainty_threshold : float
        Confidence from which an answer counts as certain, 0 to 1.
    path : Path or None
        The file that it was loaded from, if it was.
    """

    def __init__(self, layers: Sequence[Layer], card: dict | None = None, path: Path | None = None):
        self.layers, self.card, self.path = fold(layers), card or {}, path
        count = forward(self.layers, np.zeros((1, *IMAGE_SHAPE), np.float32)).shape[1]
        self.classes = tuple(self.card.get("classes", map(str, range(count))))
        if len(self.classes) != count:
            raise ModelError(
                f"{CARD_NAME} names {len(self.classes)} classes, and the network tells {count} apart."
            )
        self.certainty_threshold = float(self.card.get("certainty_threshold", DEFAULT_THRESHOLD))

    @property
    def what(self) -> str:
        """What it reads: "digits", or "letters" where one of its classes is one."""
        return "digits" if all(name.isdecimal() for name in self.classes) else "letters"

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return the probabilities (N, classes) of images (N, 28, 28), 0 to 1.

        Examples
        --------
        >>> load_recognizer().probabilities(np.zeros((3, 28, 28))).shape
        (3, 10)
        """
        return self.outputs(images, self.layers[-1].name)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return the logits (N, classes) of images: what softmax normalizes."""
        return self.outputs(images, self.layers[-2].name)

    def outputs(self, images: np.ndarray, layer: str) -> np.ndarray:
        """Return what one layer puts out for images.

        Parameters
        ----------
        images : (N, 28, 28) float array, 0 to 1
        layer : str
            A name among `layers`.

        Returns
        -------
        (N, H, W, C) or (N, D) float32 array

        Raises
        ------
        ValueError
            The images have another shape or hold whole numbers above 1, or there is no such layer.
        """
        if np.asarray(images).dtype.kind in "iu" and np.max(images, initial=0) > 1:
            raise ValueError("images holds whole numbers above 1; allowed is 0 to 1. Divide pixels by 255.")
        images = np.asarray(images, np.float32)
        if images.ndim != 3 or images.shape[1:] != IMAGE_SHAPE:
            raise ValueError(f"images has the shape {images.shape}; allowed is (N, 28, 28).")
        names = [one.name for one in self.layers]
        if layer not in names:
            raise ValueError(f"There is no layer {layer!r}; there are {', '.join(names)}.")
        needed = self.layers[: names.index(layer) + 1]
        batches = [images[start : start + BATCH_SIZE] for start in range(0, max(1, len(images)), BATCH_SIZE)]
        return np.concatenate([forward(needed, batch) for batch in batches])


def network_file(path: str | Path) -> Path:
    """Return the .npz file of a network.

    Parameters
    ----------
    path : path
        The file itself, or the folder that a training wrote: a network of digits, or else of letters.

    Returns
    -------
    Path

    Examples
    --------
    >>> network_file("runs/mine/digits.npz").name
    'digits.npz'
    """
    if not Path(path).is_dir():
        return Path(path)
    letters = Path(path) / LETTERS_FILE.name
    return letters if letters.is_file() else Path(path) / MODEL_FILE.name


def load_recognizer(path: str | Path = MODEL_FILE) -> Recognizer:
    """Load a trained network; the same file is read once a process.

    Parameters
    ----------
    path : path
        An .npz file, or the folder that a training wrote; by default digitlib's own network. A model card
        beside it, model_card.json, is used and must belong to it.

    Returns
    -------
    Recognizer

    Raises
    ------
    ModelError
        A file is missing or damaged, or the network is not the one that the card describes (SHA-256).

    Examples
    --------
    >>> load_recognizer().classes[7]
    '7'
    """
    path = network_file(path)
    card = path.with_name(CARD_NAME)
    times = tuple(file.stat().st_mtime_ns if file.is_file() else None for file in (path, card))
    return _load_recognizer(path, card, times)


@functools.lru_cache(maxsize=8)
def _load_recognizer(path: Path, card_path: Path, times: tuple) -> Recognizer:
    """Read network and card; `times`, when they were written, makes a changed file a new one."""
    remedy = "Get it again, or train one: python -m digitlib train."
    if path.suffix.lower() != ".npz":
        raise ModelError(
            f"{path.name} is not opened here. Allowed are .npz files, and folders of a training."
        )
    if not path.is_file() or (path in (MODEL_FILE, LETTERS_FILE) and not card_path.is_file()):
        raise ModelError(f"The trained network {path.name} or its {CARD_NAME} is missing. {remedy}")
    try:
        card = json.loads(card_path.read_text(encoding="utf-8")) if card_path.is_file() else {}
        described = card.get("sha256", {}).get(path.name)
    except (OSError, ValueError, AttributeError) as error:
        raise ModelError(f"{CARD_NAME} beside {path.name} is damaged. {remedy}") from error
    if described and described != hashlib.sha256(path.read_bytes()).hexdigest():
        raise ModelError(f"{path.name} is not the file that {CARD_NAME} describes: its SHA-256 differs.")
    return Recognizer(load_layers(path), card, path)
