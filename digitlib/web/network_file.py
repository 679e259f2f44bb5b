"""A trained network as the bytes that the browser reads: a line of JSON, then the weights."""

import json

import numpy as np

from digitlib.reading.network import LETTERS_FILE, MODEL_FILE, Recognizer, load_recognizer

SHIPPED_NAME = "digitlib's own network"


def network_name(network: Recognizer) -> str:
    """Return the name of a network: that of its model card, or whose it is."""
    shipped = network.path in (MODEL_FILE, LETTERS_FILE)
    return str(network.card.get("name", SHIPPED_NAME if shipped else "a network of your own"))


def shipped_beside(network: Recognizer | None) -> Recognizer | None:
    """Return digitlib's own network of the same kind, to compare another with.

    Parameters
    ----------
    network : Recognizer or None
        The network of your own, if there is one.

    Returns
    -------
    Recognizer or None
        None where digitlib's own is the one that answers.

    Examples
    --------
    >>> shipped_beside(load_recognizer()) is None
    True
    """
    if network is None:
        return None
    shipped = load_recognizer(LETTERS_FILE if network.what == "letters" else MODEL_FILE)
    return None if network is shipped else shipped


def network_bytes(network: Recognizer) -> bytes:
    r"""Return a network in the form that network.js reads.

    Parameters
    ----------
    network : Recognizer

    Returns
    -------
    bytes
        A line of JSON: `name`, `what` it reads, `classes`, `threshold`, and the `layers`, each with its
        settings and the shapes of its `arrays`. Then the arrays in that order, little-endian float16: for the
        networks here, each probability stays the same to about 0.001.

    Examples
    --------
    >>> head, _, _ = network_bytes(load_recognizer()).partition(b"\n")
    >>> json.loads(head)["layers"][0]["arrays"]["kernel"]
    [5, 5, 1, 16]
    """
    layers, weights = [], []
    for layer in network.layers:
        arrays = {k: np.asarray(v) for k, v in layer.parameters.items() if isinstance(v, np.ndarray)}
        settings = {name: value for name, value in layer.parameters.items() if name not in arrays}
        shapes = {name: list(array.shape) for name, array in arrays.items()}
        layers.append({"name": layer.name, "kind": layer.kind, **settings, "arrays": shapes})
        weights += [array.astype("<f2").tobytes() for array in arrays.values()]
    described = {
        "name": network_name(network),
        "what": network.what,
        "classes": network.classes,
        "threshold": network.certainty_threshold,
        "layers": layers,
    }
    return json.dumps(described).encode() + b"\n" + b"".join(weights)
