"""The layers of a network, one function for each kind, and `forward`: from an image to its probabilities.

This is all there is to an answer. Introduced in notebook 03.
"""

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

PRODUCT_SIZE = 2**18
"""Most multiplications in one matrix product: OpenBLAS shares larger ones out to threads, which then wait for
each other longer than they compute."""


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of a network.

    Attributes
    ----------
    name : str
        Its name, such as "strokes".
    kind : str
        A key of `OPERATIONS`, named as in Keras.
    parameters : dict
        Arguments of its operation: float32 arrays (weights), and settings (text or a list of two numbers).
    """

    name: str
    kind: str
    parameters: dict


# -- one function for each kind of layer; maps are (N, H, W, C) float32 ------------------------------------


def convolve(
    maps: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | float = 0.0,
    padding: str = "valid",
    strides: Sequence[int] = (1, 1),
) -> np.ndarray:
    """Lay kernels (h, w, C, K) on maps: patch times kernel, summed up, plus bias.

    The patches become the rows of one matrix, and one matrix product computes all sums (im2col:
    K. Chellapilla, S. Puri and P. Simard, "High performance convolutional neural networks for document
    processing", 2006).

    Examples
    --------
    >>> image, kernel = np.ones((1, 4, 4, 1), np.float32), np.ones((3, 3, 1, 1), np.float32)
    >>> convolve(image, kernel)[0, :, :, 0].tolist()
    [[9.0, 9.0], [9.0, 9.0]]
    """
    height, width, channels, count = kernel.shape
    if padding == "same":
        sides = zip(maps.shape[1:3], (height, width), strides, strict=True)
        maps = np.pad(maps, ((0, 0), *(same_margins(*side) for side in sides), (0, 0)))
    patches = sliding_window_view(maps, (height, width), axis=(1, 2))[:, :: strides[0], :: strides[1]]
    places, weights = math.prod(patches.shape[:3]), height * width * channels
    rows = patches.transpose(0, 1, 2, 4, 5, 3).reshape(places, weights)
    return (_product(rows, kernel.reshape(weights, count)) + bias).reshape(*patches.shape[:3], count)


def _product(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the matrix product ``rows @ weights``, computed a few rows at a time (see `PRODUCT_SIZE`)."""
    step = max(1, PRODUCT_SIZE // weights.size)
    parts = [rows[start : start + step] @ weights for start in range(0, max(1, len(rows)), step)]
    return np.concatenate(parts)


def same_margins(size: int, window: int, stride: int = 1) -> tuple[int, int]:
    """Return how many zeros padding "same" puts before and behind a side of maps."""
    total = max((math.ceil(size / stride) - 1) * stride + window - size, 0)
    return total // 2, total - total // 2


def max_pool(maps: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Keep the largest value of each window; the windows lie side by side."""
    return functools.reduce(np.maximum, _window_values(maps, size))


def average_pool(maps: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Keep the mean of each window; the windows lie side by side."""
    return functools.reduce(np.add, _window_values(maps, size)) / np.float32(size[0] * size[1])


def _window_values(maps: np.ndarray, size: Sequence[int]) -> list[np.ndarray]:
    """Return the first value of every window, the second of every window, and so on."""
    height, width = size
    bottom, right = maps.shape[1] // height * height, maps.shape[2] // width * width
    return [maps[:, i:bottom:height, j:right:width] for i in range(height) for j in range(width)]


def batch_normalize(maps: np.ndarray, scale: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """Scale each channel and add an offset: all that is left after training."""
    return maps * scale + offset


def relu(maps: np.ndarray) -> np.ndarray:
    """Set values below zero to zero."""
    return np.maximum(maps, 0)


def flatten(maps: np.ndarray) -> np.ndarray:
    """Write all maps of an image into one row."""
    return maps.reshape(len(maps), math.prod(maps.shape[1:]))


def dense(features: np.ndarray, kernel: np.ndarray, bias: np.ndarray | float = 0.0) -> np.ndarray:
    """Weigh the features of an image up into each output."""
    return features @ kernel + bias


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities: the exponentials of logits, divided by their sum."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


OPERATIONS = {
    "Conv2D": convolve,
    "MaxPooling2D": max_pool,
    "AveragePooling2D": average_pool,
    "BatchNormalization": batch_normalize,
    "ReLU": relu,
    "Flatten": flatten,
    "Dense": dense,
    "Softmax": softmax,
}


def forward(layers: Iterable[Layer], images: np.ndarray) -> np.ndarray:
    """Send images (N, H, W) through layers; return the output of the last one."""
    values = images[..., np.newaxis]
    for layer in layers:
        values = OPERATIONS[layer.kind](values, **layer.parameters)
    return values


def fold(layers: Iterable[Layer]) -> list[Layer]:
    """Fold each batch normalization into the convolution right before it."""
    folded = []
    for layer in layers:
        before = folded[-1] if folded else layer
        if layer.kind == "BatchNormalization" and before.kind == "Conv2D":
            scale, offset = layer.parameters["scale"], layer.parameters["offset"]
            kernel, bias = (
                before.parameters["kernel"] * scale,
                before.parameters.get("bias", 0) * scale + offset,
            )
            folded[-1] = Layer(before.name, "Conv2D", {**before.parameters, "kernel": kernel, "bias": bias})
        else:
            folded.append(layer)
    return folded
