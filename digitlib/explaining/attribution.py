"""Which pixels an answer rests on: saliency and its kin, Grad-CAM, occlusion (Keras)."""

from collections.abc import Sequence

import cv2
import numpy as np

from digitlib.backend import keras, tensorflow
from digitlib.explaining.activations import receptive_field
from digitlib.explaining.occlusion import occlusion_map
from digitlib.reading.network import Recognizer
from digitlib.training.convert import to_layers

# Explanations use the logits: where a probability is near 1, the softmax is flat and its gradient is close to
# 0. The digit that is explained need not be the one with the largest logit.

CHUNK = 100
"""Images whose gradients are computed in one go."""


def saliency(model: keras.Model, image: np.ndarray, digit: int) -> np.ndarray:
    """Return the saliency map of a digit's logit: its gradient by the pixels.

    K. Simonyan, A. Vedaldi and A. Zisserman, "Deep inside convolutional networks: visualising image
    classification models and saliency maps" (2013, arXiv:1312.6034). They show the magnitude; here the sign
    is kept: above zero, more ink raises the logit, below it lowers it.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose logit is explained.

    Returns
    -------
    (28, 28) float32 array
        Change of the logit per change of the pixel.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> saliency(build_network(), np.zeros((28, 28)), digit=3).shape
    (28, 28)
    """
    return logit_gradients(model, np.asarray(image)[None], digit)[0]


def smooth_grad(
    model: keras.Model, image: np.ndarray, digit: int, count: int = 50, noise: float = 0.15, seed: int = 0
) -> np.ndarray:
    """Return the mean saliency map of noisy copies of an image.

    D. Smilkov, N. Thorat, B. Kim, F. Viégas and M. Wattenberg, "SmoothGrad: removing noise by adding noise"
    (2017, arXiv:1706.03825).

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose logit is explained.
    count : int
        Number of copies.
    noise : float
        Standard deviation of the noise, in units of the pixels.
    seed : int

    Returns
    -------
    (28, 28) float32 array
        Change of the logit per change of the pixel, on average.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> smooth_grad(build_network(), np.zeros((28, 28)), digit=3, count=2).shape
    (28, 28)
    """
    grain = np.random.default_rng(seed).normal(0, noise, (count, *np.shape(image)))
    return logit_gradients(model, image + grain, digit).mean(axis=0)


def integrated_gradients(model: keras.Model, image: np.ndarray, digit: int, steps: int = 400) -> np.ndarray:
    """Return the integrated gradients of a digit's logit, from a black image on.

    M. Sundararajan, A. Taly and Q. Yan, "Axiomatic attribution for deep networks" (2017, arXiv:1703.01365):
    the mean gradient on the straight path from the black image to this one, times the pixel. The attributions
    add up to the logit of the image minus that of the black one (completeness), but for the width of the
    steps.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose logit is explained.
    steps : int
        Points of the path at which the gradient is taken (the middles of equal steps).

    Returns
    -------
    (28, 28) float32 array
        Attribution of each pixel; 0 where there is no ink.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> float(abs(integrated_gradients(build_network(), np.zeros((28, 28)), digit=3)).max())
    0.0
    """
    image = np.asarray(image, np.float32)
    path = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    return image * logit_gradients(model, path[:, None, None] * image, digit).mean(axis=0)


def grad_cam(model: keras.Model, image: np.ndarray, digit: int, layer: str) -> np.ndarray:
    """Return the Grad-CAM heat map of a digit's logit.

    Each channel of a layer's feature map is weighted by the mean gradient of the logit, the weighted channels
    are added up, and values below zero become 0: R. R. Selvaraju et al., "Grad-CAM: visual explanations from
    deep networks via gradient-based localization" (2017, arXiv:1610.02391). The map is as coarse as that
    layer. Each of its values is drawn at the centre of its receptive field, with linear interpolation
    between, and falls to 0 beyond the outermost; stretching the map over the image, as is often done, shifts
    it by several pixels.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose logit is explained.
    layer : str
        Name of a layer with feature maps. The deeper, the closer to whole digits, and the coarser.

    Returns
    -------
    (28, 28) float32 array
        0 where no feature raises the logit; larger means more.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> heat = grad_cam(build_network(), np.zeros((28, 28)), digit=3, layer="parts_active")
    >>> heat.shape, bool(heat.min() >= 0)
    ((28, 28), True)
    """
    heat = grad_cam_values(model, image, digit, layer)
    field = receptive_field(Recognizer(to_layers(model)), layer)
    center = field.start + (field.size - 1) / 2
    rows, columns = (np.indices(np.shape(image), np.float32) - center) / field.spacing
    return cv2.remap(heat, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def grad_cam_values(model: keras.Model, image: np.ndarray, digit: int, layer: str) -> np.ndarray:
    """Return a Grad-CAM heat map as coarse as its layer.

    Introduced in notebook 05.

    Parameters
    ----------
    model, image, digit, layer : object
        As `grad_cam` takes them.

    Returns
    -------
    (H, W) float32 array
        As large as the layer's feature maps.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> grad_cam_values(build_network(), np.zeros((28, 28)), digit=3, layer="parts_active").shape
    (3, 3)
    """
    depth = model.layers.index(model.get_layer(layer)) + 1
    features = keras.Model(model.inputs[0], model.get_layer(layer).output)(as_batch([image]), training=False)
    with tensorflow.GradientTape() as tape:
        tape.watch(features)
        values = features
        for above in model.layers[depth:-1]:  # up to the logits, without the softmax
            values = above(values, training=False)
        logit = values[0, digit]
    weights = np.array(tape.gradient(logit, features))[0].mean(axis=(0, 1))
    return np.maximum(np.array(features)[0] @ weights, 0)


def occlusion(model: keras.Model, image: np.ndarray, digit: int, size: int = 5) -> np.ndarray:
    """Return the occlusion map of a digit's logit.

    One square of the image is covered after the other: see `digitlib.explaining.occlusion.occlusion_map`.
    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose logit is explained.
    size : int
        Side of the square in pixels, odd.

    Returns
    -------
    (28, 28) float32 array
        How much the logit falls with the cover centred on the pixel: above zero, what was covered is
        evidence for the digit.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> float(abs(occlusion(build_network(), np.zeros((28, 28)), digit=3)).max())  # nothing there to cover
    0.0
    """
    network = Recognizer(to_layers(model))
    return occlusion_map(lambda images: network.logits(images)[:, digit], image, size)


def logit_gradients(model: keras.Model, images: np.ndarray, digit: int | Sequence[int]) -> np.ndarray:
    """Return the gradients of a digit's logit by the pixels, for many images.

    Parameters
    ----------
    model : keras.Model
    images : (N, 28, 28) float array
    digit : int or (N,) int array, 0 to 9
        The digit of the logit, the same for all or one for each.

    Returns
    -------
    (N, 28, 28) float32 array

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> logit_gradients(build_network(), np.zeros((2, 28, 28)), [3, 5]).shape
    (2, 28, 28)
    """
    compute_logits, gradients = logits_model(model), []
    digits = np.broadcast_to(np.asarray(digit, np.int32), len(images))
    for start in range(0, len(images), CHUNK):
        pixels = tensorflow.convert_to_tensor(as_batch(images[start : start + CHUNK]))
        with tensorflow.GradientTape() as tape:
            tape.watch(pixels)
            logits = compute_logits(pixels, training=False)
            chosen = tensorflow.gather(logits, digits[start : start + CHUNK], batch_dims=1)
        gradients.append(np.array(tape.gradient(chosen, pixels))[..., 0])
    return np.concatenate(gradients)


def logits_model(model: keras.Model) -> keras.Model:
    """Return a network without its softmax, from images to logits.

    The weights are shared with the network.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    keras.Model

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> logits_model(build_network()).output.shape
    (None, 10)
    """
    return keras.Model(model.inputs[0], model.layers[-2].output)


def as_batch(images: np.ndarray | Sequence[np.ndarray]) -> np.ndarray:
    """Return (N, 28, 28) images as a Keras input, (N, 28, 28, 1) float32.

    Examples
    --------
    >>> as_batch(np.zeros((5, 28, 28))).shape
    (5, 28, 28, 1)
    """
    return np.asarray(images, np.float32)[..., None]
