"""What the layers of a network compute: feature maps, the sum behind one value, receptive fields."""

from dataclasses import dataclass

import numpy as np

from digitlib.reading.layers import Layer, same_margins
from digitlib.reading.network import Recognizer, load_recognizer

_POOLING = ("MaxPooling2D", "AveragePooling2D")


@dataclass(frozen=True, eq=False)
class PixelSum:
    """How one value of a feature map is computed.

    Attributes
    ----------
    source : str
        The layer below, from which the patch is taken; "picture" at the very bottom.
    top, left : int
        Row and column of the patch's first value in the layer below; below zero where the edge is padded.
    patch : (H, W, C) float32 array
        The values that the kernel or the window lies on.
    kernel : (H, W, C) float32 array or None
        What the patch is multiplied by, number by number; None for pooling, which takes the largest.
    bias : float
        What is added to the products.
    total : float
        Sum of the products and the bias (pooling: the largest value).
    value : float
        The value of the feature map: the total, or 0 where it is below (ReLU).
    """

    source: str
    top: int
    left: int
    patch: np.ndarray
    kernel: np.ndarray | None
    bias: float
    total: float
    value: float


@dataclass(frozen=True)
class ReceptiveField:
    """The pixels that a value of a feature map depends on.

    Rows and columns have the same.

    Attributes
    ----------
    start : int
        First pixel for the first value; below zero where the edge is padded.
    size : int
        Number of pixels in a row.
    spacing : int
        Pixels from the field of one value to that of the next.
    """

    start: int
    size: int
    spacing: int


def feature_maps(image: np.ndarray, network: Recognizer | None = None) -> dict[str, np.ndarray]:
    """Return the feature maps of an image behind every ReLU and every pooling.

    Introduced in notebook 05.

    Parameters
    ----------
    image : (28, 28) float array, 0 to 1
    network : Recognizer, optional
        By default the one that digitlib ships.

    Returns
    -------
    dict of str to (H, W, C) float32 array
        Layer name to feature maps, in the order of the network.

    Examples
    --------
    >>> maps = feature_maps(np.zeros((28, 28)))
    >>> next(iter(maps)), maps["strokes_active"].shape
    ('strokes_active', (24, 24, 16))
    """
    network, maps = network or load_recognizer(), {}
    for layer in network.layers:
        if layer.kind == "ReLU" or layer.kind in _POOLING:
            values = network.outputs(np.asarray(image)[None], layer.name)[0]
            if values.ndim == 3:
                maps[layer.name] = values
    return maps


def pixel_sum(
    image: np.ndarray, layer: str, row: int, column: int, channel: int, network: Recognizer | None = None
) -> PixelSum:
    """Return the sum behind one value of a feature map.

    It is the patch times the kernel, plus the bias, and ReLU.

    Introduced in notebook 05.

    Parameters
    ----------
    image : (28, 28) float array, 0 to 1
    layer : str
        A key of `feature_maps` that follows right behind a convolution or is a pooling.
    row, column, channel : int
        Position in that feature map.
    network : Recognizer, optional
        By default the one that digitlib ships.

    Returns
    -------
    PixelSum

    Raises
    ------
    ValueError
        There is no such feature map, or no such position in it.

    Examples
    --------
    >>> image = np.eye(28)
    >>> pixel = pixel_sum(image, "strokes_active", row=4, column=4, channel=0)
    >>> bool(np.isclose(pixel.value, feature_maps(image)["strokes_active"][4, 4, 0], atol=1e-5))
    True
    """
    network = network or load_recognizer()
    maps = {"picture": np.asarray(image, np.float32)[..., None], **feature_maps(image, network)}
    names = list(maps)
    if layer not in names[1:]:
        raise ValueError(f"There is no feature map {layer!r}; there are {', '.join(names[1:])}.")
    source = names[names.index(layer) - 1]
    below, shape = maps[source], maps[layer].shape
    if not all(0 <= index < size for index, size in zip((row, column, channel), shape, strict=True)):
        raise ValueError(
            f"{layer} has {shape} rows, columns and channels, and no ({row}, {column}, {channel})."
        )
    index = [one.name for one in network.layers].index(layer)
    if network.layers[index].kind in _POOLING:
        height, width = network.layers[index].parameters["size"]
        top, left = row * height, column * width
        patch = below[top : top + height, left : left + width, channel : channel + 1]
        largest = float(patch.max())
        return PixelSum(source, top, left, patch, None, 0.0, largest, largest)
    parameters = network.layers[index - 1].parameters
    kernel, bias = parameters["kernel"][..., channel], float(parameters["bias"][channel])
    margin = same_margins(len(below), len(kernel))[0] if parameters["padding"] == "same" else 0
    padded = np.pad(below, ((margin, len(kernel)), (margin, len(kernel)), (0, 0)))
    patch = padded[row : row + kernel.shape[0], column : column + kernel.shape[1]]
    total = float((patch.astype(float) * kernel).sum() + bias)
    return PixelSum(source, row - margin, column - margin, patch, kernel, bias, total, max(total, 0.0))


def receptive_field(network: Recognizer, layer: str) -> ReceptiveField:
    """Return which pixels a value of a layer's feature map depends on.

    Introduced in notebook 05.

    Parameters
    ----------
    network : Recognizer
    layer : str
        Name of a layer with feature maps.

    Returns
    -------
    ReceptiveField

    Examples
    --------
    >>> receptive_field(load_recognizer(), "corners_1_active")
    ReceptiveField(start=-2, size=10, spacing=2)
    """
    start, size, spacing = 0, 1, 1
    for below in network.layers[: [one.name for one in network.layers].index(layer) + 1]:
        if below.kind == "Conv2D" or below.kind in _POOLING:
            window, stride, margin = _window(below)
            start -= spacing * margin
            size += spacing * (window - 1)
            spacing *= stride
    return ReceptiveField(start, size, spacing)


def _window(layer: Layer) -> tuple[int, int, int]:
    """Return the side of a layer's window, its stride, and the zeros before the edge."""
    if layer.kind in _POOLING:
        return layer.parameters["size"][0], layer.parameters["size"][0], 0
    window = len(layer.parameters["kernel"])
    margin = (window - 1) // 2 if layer.parameters["padding"] == "same" else 0
    return window, layer.parameters.get("strides", (1, 1))[0], margin


def top_activating_patches(
    network: Recognizer, images: np.ndarray, layer: str, channel: int, count: int = 8
) -> tuple[np.ndarray, np.ndarray]:
    """Return the patches that activate a channel most, at most one of each image.

    M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks" (2014).
    Introduced in notebook 05.

    Parameters
    ----------
    network : Recognizer
    images : (N, 28, 28) float array, 0 to 1
    layer : str
        Name of a layer with feature maps.
    channel : int
    count : int

    Returns
    -------
    indices : (count,) int array
        The images, those with the largest activation first.
    patches : (count, size, size) float array
        The receptive field of the largest activation in each; 0 beyond the edge of the image.

    Examples
    --------
    >>> images = np.zeros((9, 28, 28))
    >>> indices, patches = top_activating_patches(load_recognizer(), images, "corners_1_active", 0, count=4)
    >>> indices.shape, patches.shape
    ((4,), (4, 10, 10))
    """
    activations = network.outputs(images, layer)[..., channel]
    indices = np.argsort(-activations.max(axis=(1, 2)), kind="stable")[:count]
    field = receptive_field(network, layer)
    padded = np.pad(np.asarray(images)[indices], ((0, 0), (field.size, field.size), (field.size, field.size)))
    patches = []
    for index, image in zip(indices, padded, strict=True):
        position = np.unravel_index(activations[index].argmax(), activations.shape[1:])
        row, column = (field.size + field.start + field.spacing * int(along) for along in position)
        patches.append(image[row : row + field.size, column : column + field.size])
    return indices, np.array(patches)
