"""The networks of line readers: one for rows of digits, and one grown from it for more characters."""

import string

import numpy as np

from digitlib.backend import keras
from digitlib.reading.layers import Layer
from digitlib.reading.line_reader import ROW_HEIGHT, load_line_reader
from digitlib.training.convert import to_keras
from digitlib.training.mixture import Stream

CHARACTERS = {"lines": string.digits, "text_lines": string.digits + string.ascii_uppercase}
"""What the line readers of the two profiles tell apart, in the order of their outputs after the blank."""


def build_line_network() -> keras.Sequential:
    """Build a convolutional network for rows of digits (272,000 weights).

    Six convolutions halve the height again and again until one row of values is left, a step for every four
    columns. Two convolutions along that row let each step see its neighbors, about a digit's width to both
    sides. No dense layer: the network takes rows of any width.

    Returns
    -------
    keras.Sequential
        From (N, 40, W, 1) float32 rows to (N, 1, W / 4, 12) probabilities: blank, ten digits, something else.

    Examples
    --------
    >>> build_line_network().output_shape
    (None, 1, None, 12)
    """
    layers = keras.layers

    def convolution(kernels, size, name, strides=1, padding="same"):
        return (
            layers.Conv2D(kernels, size, strides, padding, use_bias=False, name=name),
            layers.BatchNormalization(momentum=0.9, name=f"{name}_normalized"),
            layers.ReLU(name=f"{name}_active"),
        )

    return keras.Sequential(
        [
            layers.Input((ROW_HEIGHT, None, 1), name="row"),
            *convolution(24, 5, "strokes", strides=2),
            *convolution(32, 3, "corners"),
            layers.MaxPooling2D(name="corners_pooled"),
            *convolution(64, 3, "parts_1"),
            *convolution(64, 3, "parts_2"),
            layers.MaxPooling2D((2, 1), name="parts_pooled"),
            *convolution(96, 3, "digits"),
            *convolution(128, (5, 1), "columns", padding="valid"),
            *convolution(96, (1, 5), "neighbors_1"),
            *convolution(96, (1, 3), "neighbors_2"),
            layers.Conv2D(len(CHARACTERS["lines"]) + 2, 1, name="logits"),
            layers.Softmax(name="probabilities"),
        ],
        name="lines",
    )


def grow_line_network(characters: str, seed: int) -> keras.Sequential:
    """Build a network for more characters from the shipped line reader.

    It knows strokes and digits already. A new character begins as a part of what was "something else"
    before, and all of them a little different.

    Parameters
    ----------
    characters : str
        The ten digits, then others.
    seed : int

    Returns
    -------
    keras.Sequential
        From (N, 40, W, 1) float32 rows to (N, 1, W / 4, characters + 2) probabilities.

    Examples
    --------
    >>> grow_line_network("0123456789AB", seed=0).output_shape
    (None, 1, None, 14)
    """
    *known, logits, softmax = load_line_reader().layers
    kernel, bias = logits.parameters["kernel"], logits.parameters["bias"]
    new = len(characters) + 2 - kernel.shape[-1]
    kinds = np.r_[: kernel.shape[-1] - 1, [kernel.shape[-1] - 1] * (new + 1)]
    kernel, bias = kernel[..., kinds].copy(), bias[kinds].copy()
    rng = np.random.default_rng((seed, Stream.NEW_CHARACTERS))
    kernel[..., -new - 1 :] += rng.normal(0, kernel.std(), (*kernel.shape[:-1], new + 1)) / 4
    bias[-new - 1 :] -= np.log(new + 1)
    grown = Layer(logits.name, logits.kind, logits.parameters | {"kernel": kernel, "bias": bias})
    return to_keras([*known, grown, softmax], (ROW_HEIGHT, None))
