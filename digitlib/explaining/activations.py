"""Look inside the shipped network without TensorFlow: feature maps, a pixel's sum, what a score rests on."""

from dataclasses import dataclass

import cv2
import numpy as np

from digitlib.explaining.layers import open_network


@dataclass(frozen=True, eq=False)
class PixelSum:
    """How one pixel of a feature map comes about.

    Attributes
    ----------
    source : str
        The layer below, that the patch is taken from; "picture" at the very bottom.
    top, left : int
        Row and column of the patch's first pixel in the layer below; below zero where the edge is padded.
    patch : (H, W, C) float32 array
        What the pixel looks at.
    kernel : (H, W, C) float32 array or None
        What the patch is multiplied by, number by number; None for pooling, which takes the largest.
    bias : float
        What is added to the products.
    total : float
        Sum of the products and the bias (pooling: the largest number).
    value : float
        What the pixel holds: the total, or 0 where it is below (ReLU).
    """

    source: str
    top: int
    left: int
    patch: np.ndarray
    kernel: np.ndarray | None
    bias: float
    total: float
    value: float


def feature_maps(image):
    """Compute what every layer makes of one picture, as long as it is still a picture.

    They are those of `digitlib.explaining.gradients.feature_maps` after ReLU and after pooling: in the
    shipped file a convolution, its batch normalisation and its ReLU are one layer.

    Introduced in notebook 05.

    Parameters
    ----------
    image : (28, 28) float array, 0 to 1

    Returns
    -------
    dict of str to (H, W, C) float32 array
        Layer name to feature map, in the order of the network.

    Examples
    --------
    >>> maps = feature_maps(np.zeros((28, 28)))
    >>> next(iter(maps)), maps["strokes_active"].ndim
    ('strokes_active', 3)
    """
    network = open_network()
    outputs = ((layer, network.outputs(layer, np.asarray(image)[None])) for layer in network.layers)
    return {layer: output[0] for layer, output in outputs if output.ndim == 4}


def scores(images):
    """Compute the ten scores of pictures: what softmax makes probabilities of.

    Parameters
    ----------
    images : (N, 28, 28) float array, 0 to 1

    Returns
    -------
    (N, 10) float32 array

    Examples
    --------
    >>> scores(np.zeros((2, 28, 28))).shape
    (2, 10)
    """
    return open_network().outputs("scores", images)


def hidden(images):
    """Compute the features of pictures: the last layer before the ten scores.

    Introduced in notebook 05.

    Parameters
    ----------
    images : (N, 28, 28) float array, 0 to 1

    Returns
    -------
    (N, D) float32 array

    Examples
    --------
    >>> len(hidden(np.zeros((2, 28, 28))))
    2
    """
    return open_network().hidden(images)


def pixel_sum(image, layer, row, column, channel):
    """Take one pixel of a feature map apart: patch times kernel, plus bias, and what ReLU leaves of it.

    Introduced in notebook 05.

    Parameters
    ----------
    image : (28, 28) float array, 0 to 1
    layer : str
        A key of `feature_maps`.
    row, column, channel : int
        Place in that feature map.

    Returns
    -------
    PixelSum

    Examples
    --------
    >>> image = np.eye(28)
    >>> pixel = pixel_sum(image, "strokes_active", row=4, column=4, channel=0)
    >>> bool(np.isclose(pixel.value, feature_maps(image)["strokes_active"][4, 4, 0], atol=1e-5))
    True
    """
    return _pixel_sum(_with_picture(image), open_network().convolutions, layer, row, column, channel)


def _with_picture(image):
    return {"picture": np.asarray(image, np.float32)[..., None], **feature_maps(image)}


def _pixel_sum(maps, convolutions, layer, row, column, channel):
    names = list(maps)
    if layer not in names[1:]:
        raise ValueError(f"There is no feature map {layer!r}; there are {', '.join(names[1:])}.")
    source = names[names.index(layer) - 1]
    below, above = maps[source], maps[layer]
    if not all(0 <= place < size for place, size in zip((row, column, channel), above.shape, strict=True)):
        raise ValueError(
            f"{layer} has {above.shape} rows, columns and channels, and no ({row}, {column}, {channel})."
        )
    if layer in convolutions:
        kernels, biases = convolutions[layer]
        kernel, bias = kernels[..., channel], float(biases[channel])
        size = len(kernel)
        edge = (len(above) + size - 1 - len(below)) // 2  # padding, which keeps a map its size
        padded = np.pad(below, ((edge, edge), (edge, edge), (0, 0)))
        patch = padded[row : row + size, column : column + size]
        total = float((patch.astype(float) * kernel).sum() + bias)
        return PixelSum(source, row - edge, column - edge, patch, kernel, bias, total, max(total, 0.0))
    size = len(below) // len(above)
    top, left = row * size, column * size
    patch = below[top : top + size, left : left + size, channel : channel + 1]
    largest = float(patch.max())
    return PixelSum(source, top, left, patch, None, 0.0, largest, largest)


def occlusion_map(score, image, size=5):
    """Cover one square of a picture after the other and note how much a score falls.

    After Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014). The cover is
    black, the paper of MNIST. It needs no gradients, so it works for any classifier.

    Introduced in notebook 05.

    Parameters
    ----------
    score : function
        From (N, 28, 28) float32 pictures to their (N,) scores.
    image : (28, 28) float array, 0 to 1
    size : int
        Side of the square in pixels, odd.

    Returns
    -------
    (28, 28) float32 array
        How much the score falls with the cover centred on the pixel: above zero, what was covered spoke
        for it.

    Examples
    --------
    >>> image = np.zeros((28, 28)); image[3, 4] = 1
    >>> fall = occlusion_map(lambda images: images.sum(axis=(1, 2)), image, size=3)
    >>> fall[2:5, 3:6].min(), fall.sum()
    (np.float32(1.0), np.float32(9.0))
    """
    if size < 1 or size % 2 == 0:
        raise ValueError(f"size is {size}; allowed are odd numbers from 1 on, so that a cover has a middle.")
    image = np.asarray(image, np.float32)
    reach = size // 2
    # A cover over nothing but paper changes nothing, so it is not tried.
    places = np.argwhere(cv2.dilate((image != 0).astype(np.uint8), np.ones((size, size))))
    covered = np.tile(image, (len(places) + 1, 1, 1))  # the last one stays whole
    for picture, (row, column) in zip(covered, places, strict=False):
        picture[max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1] = 0
    answers = np.asarray(score(covered), np.float32)
    falls = np.zeros(image.shape, np.float32)
    falls[tuple(places.T)] = answers[-1] - answers[:-1]
    return falls


def occlusion(image, digit, size=5):
    """Cover one square of a picture after the other and note how much the score of a digit falls.

    See `occlusion_map`. Introduced in notebook 05.

    Parameters
    ----------
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose score is explained; it need not be the one the network chose.
    size : int
        Side of the square in pixels, odd.

    Returns
    -------
    (28, 28) float32 array

    Examples
    --------
    >>> float(abs(occlusion(np.zeros((28, 28)), digit=3)).max())  # nothing there to cover
    0.0
    """
    return occlusion_map(lambda images: scores(images)[:, digit], image, size)
