"""The shipped network layer by layer: what each puts out, kernels and biases (OpenCV, no TensorFlow)."""

import functools
import re
import struct
import threading
from pathlib import Path

import cv2
import numpy as np

from digitlib.reading.reader import CHUNK, MODEL_FILE, load_recognizer


class OpenNetwork:
    """A trained network whose layers can be asked one by one. Safe to use from several threads at once.

    OpenCV 5 gives out the last layer only: buffers of earlier ones are used again on the way. So the file is
    cut after each layer, and every piece is a network of its own.

    Parameters
    ----------
    network : bytes
        A TensorFlow Lite file, as `digitlib.training.export` writes it.
    """

    def __init__(self, network):
        self._pieces = dict(_cut(network))
        self._networks = {}
        self._lock = threading.Lock()

    def outputs(self, layer, images):
        """Compute what a layer makes of pictures.

        Parameters
        ----------
        layer : str
            Its name; `layers` lists them.
        images : (N, 28, 28) float array, 0 to 1

        Returns
        -------
        (N, H, W, C) or (N, D) float32 array
        """
        images = np.asarray(images, np.float32)
        if images.ndim != 3 or images.shape[1:] != (28, 28) or not len(images):
            raise ValueError(f"images has the shape {images.shape}; allowed is (N, 28, 28), N from 1 on.")
        if layer not in self._pieces:
            raise ValueError(f"There is no layer {layer!r}; there are {', '.join(self._pieces)}.")
        answers = []
        with self._lock:
            network = self._network(layer)
            for start in range(0, len(images), CHUNK):
                network.setInput(images[start : start + CHUNK, None])
                answers.append(network.forward().copy())
        answers = np.concatenate(answers)
        return answers.transpose(0, 2, 3, 1) if answers.ndim == 4 else answers.reshape(len(images), -1)

    def hidden(self, images):
        """Compute the features of pictures: the last layer before the ten scores.

        Parameters
        ----------
        images : (N, 28, 28) float array, 0 to 1

        Returns
        -------
        (N, D) float32 array
        """
        return self.outputs(self.layers[self.layers.index("scores") - 1], images)

    @property
    def layers(self):
        """Names of all layers from the picture to the probabilities."""
        return tuple(self._pieces)

    @functools.cached_property
    def convolutions(self):
        """Kernels (H, W, channels in, channels out) and biases (channels out,) of each convolution.

        What the file calls a convolution has batch normalisation folded into its kernels and biases.
        """
        with self._lock:
            network = self._network(self.layers[-1])
            layers = [network.getLayer(network.getLayerId(name)) for name in network.getLayerNames()]
        weights = [layer.blobs for layer in layers if layer.type == "Convolution"]
        active = [name for name in self.layers if name.endswith("_active")]
        return {
            name: (kernels.transpose(2, 3, 1, 0), biases.ravel())
            for name, (kernels, biases) in zip(active, weights, strict=True)
        }

    def _network(self, layer):
        if layer not in self._networks:
            self._networks[layer] = cv2.dnn.readNetFromTFLite(np.frombuffer(self._pieces[layer], np.uint8))
        return self._networks[layer]


@functools.cache
def open_network(path=MODEL_FILE):
    """Open a trained network, once a process.

    Parameters
    ----------
    path : Path
        The .tflite file; its model card lies beside it.

    Returns
    -------
    OpenNetwork

    Raises
    ------
    ModelError
        A file is missing, or the network is not the one that the card describes.

    Examples
    --------
    >>> open_network().layers[0], open_network().layers[-1]
    ('strokes_active', 'probabilities')
    """
    load_recognizer(path)  # checks both files
    return OpenNetwork(Path(path).read_bytes())


def _cut(network):
    """Give each layer's name, and the network's file cut after that layer.

    A TensorFlow Lite file is a FlatBuffer: tables whose fields point forward. The list of operators stands
    in the order of the network, so a smaller number at its head leaves the rest out.
    """

    def number(place, kind="<I"):
        return struct.unpack_from(kind, network, place)[0]

    def follow(place):
        return place + number(place)

    def field(table, slot):
        return follow(table + number(table - number(table, "<i") + 4 + 2 * slot, "<H"))

    def element(vector, index):
        return follow(vector + 4 + 4 * index)

    graph = element(field(follow(0), 2), 0)
    tensors, outputs, operators = field(graph, 0), field(graph, 2), field(graph, 3)
    for last in range(number(operators)):
        tensor = number(field(element(operators, last), 2) + 4)
        text = field(element(tensors, tensor), 3)
        name = network[text + 4 : text + 4 + number(text)].decode()
        found = re.match(r"[^/;]+/(\w+?)(_\d+)?/", name)
        piece = bytearray(network)
        struct.pack_into("<I", piece, operators, last + 1)
        struct.pack_into("<I", piece, outputs + 4, tensor)
        yield (found[1] if found else "probabilities"), bytes(piece)
