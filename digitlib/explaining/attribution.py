"""Which pixels an answer rests on: saliency and its kin, Grad-CAM, occlusion (Keras)."""

import cv2
import numpy as np

from digitlib.backend import keras, tensorflow
from digitlib.explaining.activations import receptive_field
from digitlib.explaining.occlusion import occlusion_map
from digitlib.reading.network import Recognizer
from digitlib.training.convert import to_layers

# Explanations look at the scores: where the network is sure, the softmax is flat and its gradient says next
# to nothing. The digit that is explained need not be the one that the network chose.

CHUNK = 100
"""Pictures whose gradients are computed in one go."""


def saliency(model, image, digit):
    """Ask how much the score of a digit would change if a pixel grew lighter: its gradient.

    After Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks" (arXiv:1312.6034, 2013). They
    show the magnitude; here the sign is kept: above zero, more ink speaks for the digit, below against it.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose score is explained.

    Returns
    -------
    (28, 28) float32 array
        Change of the score per change of the pixel.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> saliency(build_network(), np.zeros((28, 28)), digit=3).shape
    (28, 28)
    """
    return logit_gradients(model, np.asarray(image)[None], digit)[0]


def smooth_grad(model, image, digit, count=50, noise=0.15, seed=0):
    """Take the mean of the saliencies of many copies of the picture, each with other noise on it.

    Smilkov, Thorat, Kim, Viégas and Wattenberg, "SmoothGrad: removing noise by adding noise"
    (arXiv:1706.03825, 2017).

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose score is explained.
    count : int
        Number of copies.
    noise : float
        Standard deviation of the noise, in units of the pixels.
    seed : int

    Returns
    -------
    (28, 28) float32 array
        Change of the score per change of the pixel, on average.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> smooth_grad(build_network(), np.zeros((28, 28)), digit=3, count=2).shape
    (28, 28)
    """
    grain = np.random.default_rng(seed).normal(0, noise, (count, *np.shape(image)))
    return logit_gradients(model, image + grain, digit).mean(axis=0)


def integrated_gradients(model, image, digit, steps=400):
    """Share the score of a digit out among the pixels, on the way from an empty picture to this one.

    Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks" (arXiv:1703.01365, 2017): the mean
    gradient on the straight way, times the pixel. The shares add up to the score of the picture minus the
    score of an empty one (completeness), but for the width of the steps.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose score is explained.
    steps : int
        Places on the way at which the gradient is taken (the middles of equal steps).

    Returns
    -------
    (28, 28) float32 array
        Share of each pixel in the score; 0 where there is no ink.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> float(abs(integrated_gradients(build_network(), np.zeros((28, 28)), digit=3)).max())
    0.0
    """
    image = np.asarray(image, np.float32)
    way = (np.arange(steps, dtype=np.float32) + 0.5) / steps
    return image * logit_gradients(model, way[:, None, None] * image, digit).mean(axis=0)


def grad_cam(model, image, digit, layer):
    """Find the region whose features speak for a digit.

    Each channel of a layer's feature map is weighted by the mean gradient of the score, the weighted
    channels are added up, and what speaks against the digit is dropped: Selvaraju et al., "Grad-CAM"
    (arXiv:1610.02391, 2017). The map is as coarse as that layer. Each of its values is laid where its
    receptive field has its centre, with straight lines between, and fades to 0 beyond the outermost;
    stretching the map over the picture, as is often done, moves the marks by several pixels.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose score is explained.
    layer : str
        Name of the layer to look at: one of the last activations that are still pictures. The deeper, the
        closer to whole digits, and the coarser.

    Returns
    -------
    (28, 28) float32 array
        0 where nothing speaks for the digit; larger means more.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> heat = grad_cam(build_network(), np.zeros((28, 28)), digit=3, layer="parts_active")
    >>> heat.shape, bool(heat.min() >= 0)
    ((28, 28), True)
    """
    image = np.asarray(image)
    depth = model.layers.index(model.get_layer(layer)) + 1
    features = keras.Model(model.inputs[0], model.get_layer(layer).output)(as_batch([image]), training=False)
    with tensorflow.GradientTape() as tape:
        tape.watch(features)
        scores = features
        for above in model.layers[depth:-1]:  # up to the scores, without the softmax
            scores = above(scores, training=False)
        score = scores[0, digit]
    gradient = np.array(tape.gradient(score, features))[0]
    weights = gradient.mean(axis=(0, 1))
    heat = np.maximum(np.array(features)[0] @ weights, 0)
    field = receptive_field(Recognizer(to_layers(model)), layer)
    center = field.start + (field.size - 1) / 2
    rows, columns = (np.indices(image.shape, np.float32) - center) / field.spacing
    return cv2.remap(heat, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def occlusion(model, image, digit, size=5):
    """Cover one square of the picture after the other and note how much the score of a digit falls.

    See `digitlib.explaining.occlusion.occlusion_map`. Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose score is explained.
    size : int
        Side of the square in pixels, odd.

    Returns
    -------
    (28, 28) float32 array
        How much the score falls with the cover centred on the pixel: above zero, what was covered spoke
        for the digit.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> float(abs(occlusion(build_network(), np.zeros((28, 28)), digit=3)).max())  # nothing there to cover
    0.0
    """
    network = Recognizer(to_layers(model))
    return occlusion_map(lambda images: network.logits(images)[:, digit], image, size)


def logit_gradients(model, images, digit):
    """Compute the gradient of a digit's score, by the pixels, for many pictures.

    Parameters
    ----------
    model : keras.Model
    images : (N, 28, 28) float array
    digit : int or (N,) int array, 0 to 9
        The digit whose score is meant, the same for all or one for each.

    Returns
    -------
    (N, 28, 28) float32 array

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> logit_gradients(build_network(), np.zeros((2, 28, 28)), [3, 5]).shape
    (2, 28, 28)
    """
    look, gradients = logits_model(model), []
    digits = np.broadcast_to(np.asarray(digit, np.int32), len(images))
    for start in range(0, len(images), CHUNK):
        pixels = tensorflow.convert_to_tensor(as_batch(images[start : start + CHUNK]))
        with tensorflow.GradientTape() as tape:
            tape.watch(pixels)
            scores = look(pixels, training=False)
            chosen = tensorflow.gather(scores, digits[start : start + CHUNK], batch_dims=1)
        gradients.append(np.array(tape.gradient(chosen, pixels))[..., 0])
    return np.concatenate(gradients)


def logits_model(model):
    """Cut the softmax off: from a picture to the ten scores.

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


def as_batch(images):
    """Give images one channel and 32 bits, as Keras wants them.

    Examples
    --------
    >>> as_batch(np.zeros((5, 28, 28))).shape
    (5, 28, 28, 1)
    """
    return np.asarray(images, np.float32)[..., None]
