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
PRODUCT_DEPTH = 96
"""Most terms of a sum in one matrix product: fewer terms leave more rows for it, and OpenBLAS copies the
weights anew for each product. 64 to 128 are about as fast."""


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
        maps = _pad(maps, *(same_margins(*side) for side in sides))
    patches = sliding_window_view(maps, (height, width), axis=(1, 2))[:, :: strides[0], :: strides[1]]
    places, weights = math.prod(patches.shape[:3]), height * width * channels
    rows = patches.transpose(0, 1, 2, 4, 5, 3).reshape(places, weights)
    return (_product(rows, kernel.reshape(weights, count)) + bias).reshape(*patches.shape[:3], count)


def _product(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the matrix product ``rows @ weights``, computed in blocks (see `PRODUCT_SIZE`)."""
    depth, count = weights.shape
    height = max(1, PRODUCT_SIZE // (PRODUCT_DEPTH * count))
    whole = len(rows) // height * height
    products = []
    for blocks in (rows[:whole].reshape(-1, height, depth), rows[np.newaxis, whole:]):
        sums = blocks[..., :PRODUCT_DEPTH] @ weights[:PRODUCT_DEPTH]
        for start in range(PRODUCT_DEPTH, depth, PRODUCT_DEPTH):
            terms = slice(start, start + PRODUCT_DEPTH)
            sums += blocks[..., terms] @ weights[terms]
        products.append(sums.reshape(-1, count))
    return np.concatenate(products)


def _pad(maps: np.ndarray, rows: tuple[int, int], columns: tuple[int, int]) -> np.ndarray:
    """Put rows and columns of zeros before and behind maps, in an eighth of `numpy.pad`'s time."""
    (top, bottom), (left, right) = rows, columns
    count, height, width, channels = maps.shape
    padded = np.zeros((count, top + height + bottom, left + width + right, channels), maps.dtype)
    padded[:, top : top + height, left : left + width] = maps
    return padded


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
