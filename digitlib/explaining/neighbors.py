"""Nearest training examples of an image in the network's embedding: a small index, and a search in it."""

import functools
import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from digitlib.reading.network import MODEL_FILE, ModelError, Recognizer, load_recognizer, network_file

INDEX_FILE = "neighbors.npz"
"""The index of training examples, beside the network it was made with."""
PER_CLASS = 300
"""Training examples of each class in the index, where there are as many."""
_COMPONENTS = 64
"""Components of an embedding that are kept, a byte each."""


@dataclass(frozen=True, eq=False)
class Neighbor:
    """A training example whose embedding is close to that of an image.

    Attributes
    ----------
    image : (28, 28) uint8 array
        The digit or letter, light on black.
    label : int or str
        The digit, 0 to 9, or the letter, A to Z.
    index : int
        Its index in MNIST's training set, or among the letters that were drawn.
    similarity : float
        Cosine similarity of the two embeddings, as the index keeps them: 1 is the same direction.
    """

    image: np.ndarray
    label: int | str
    index: int
    similarity: float


def write_index(path: str | Path, images: np.ndarray, labels: np.ndarray) -> Path:
    """Write the index that `nearest_digits` searches, beside a network.

    Of each class `PER_CLASS` examples are drawn. Their embeddings are projected on their main directions, the
    eigenvectors of their scatter matrix, and stored with one byte a number. The same input gives the same
    file.

    Parameters
    ----------
    path : path
        The network, an .npz file.
    images : (N, 28, 28) uint8 array
    labels : (N,) uint8 or str array
        What the network was trained on: digits or letters.

    Returns
    -------
    Path
        The file that was written.
    """
    path = Path(path)
    network = path.read_bytes()
    generator = np.random.default_rng(0)
    places = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    chosen = [generator.choice(of, min(PER_CLASS, len(of)), replace=False) for of in places]
    chosen = np.sort(np.concatenate(chosen))
    features = _features(load_recognizer(path), images[chosen] / np.float32(255))
    _, directions = np.linalg.eigh(features.T @ features)  # the strongest come last
    directions = directions[:, : -_COMPONENTS - 1 : -1].astype(np.float16)
    codes = np.rint(127 * _unit(features @ directions.astype(np.float32))).astype(np.int8)
    index = path.with_name(INDEX_FILE)
    np.savez_compressed(
        index,
        network=np.frombuffer(hashlib.sha256(network).digest(), np.uint8),
        directions=directions,
        codes=codes,
        images=images[chosen],
        labels=labels[chosen],
        indices=chosen.astype(np.uint16),
    )
    return index


def nearest_digits(image: np.ndarray, count: int = 8, network: str | Path = MODEL_FILE) -> list[Neighbor]:
    """Return the training examples with the most similar embedding.

    Introduced in notebook 05.

    Parameters
    ----------
    image : (28, 28) float array, 0 to 1
    count : int
        How many.
    network : path
        The network, of digits or of letters: an .npz file, or the folder that a training wrote. The index
        lies beside it.

    Returns
    -------
    list of Neighbor
        The most similar first.

    Raises
    ------
    ModelError
        The index is missing, damaged, or belongs to another network.

    Examples
    --------
    >>> [neighbor.label for neighbor in nearest_digits(np.eye(28), count=2)]  # doctest: +ELLIPSIS
    [...]
    """
    path = network_file(network)
    index = _load_index(path)
    directions = index["directions"].astype(np.float32)
    features = _unit(_features(load_recognizer(path), np.asarray(image)[None]) @ directions)[0]
    codes = _unit(index["codes"].astype(np.float32))
    similarities = codes @ features
    best = np.argsort(-similarities, kind="stable")[:count]
    return [
        Neighbor(
            index["images"][entry],
            index["labels"][entry].item(),
            int(index["indices"][entry]),
            float(similarities[entry]),
        )
        for entry in best
    ]


@functools.cache
def _load_index(path: Path = MODEL_FILE) -> dict[str, np.ndarray]:
    remedy = "Get it back from the repository, or write it anew with `write_index`."
    try:
        with np.load(Path(path).with_name(INDEX_FILE)) as file:
            index = dict(file)
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelError(f"{INDEX_FILE} beside the network is missing or damaged. {remedy}") from error
    if index["network"].tobytes() != hashlib.sha256(Path(path).read_bytes()).digest():
        raise ModelError(f"{INDEX_FILE} was made with another network. {remedy}")
    return index


def _features(network: Recognizer, images: np.ndarray) -> np.ndarray:
    """Return the features of images, the last layer before the logits, each row of length 1."""
    return _unit(network.outputs(images, network.layers[-3].name))


def _unit(rows: np.ndarray) -> np.ndarray:
    """Scale each row to length 1; a row of zeros stays."""
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
