"""Look inside a trained network: what its layers compute, and which pixels an answer rests on (Keras)."""

import cv2
import numpy as np

from digitlib.networks import keras

import tensorflow  # isort: skip  (already loaded, without its warnings, by digitlib.networks)

# Every function takes a model as `digitlib.networks` builds it: convolutions, and at the end a dense layer
# of ten scores followed by softmax. Explanations look at the scores: where the network is sure, the softmax
# is flat and its gradient says next to nothing.


def filters(model):
    """Collect the learned kernels of every convolution.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model

    Returns
    -------
    dict of str to (height, width, channels in, channels out) float32 array
        Layer name to kernels, in the order of the network.

    Examples
    --------
    >>> from digitlib.networks import build_network
    >>> {name: kernels.shape for name, kernels in filters(build_network()).items()}
    {'strokes': (5, 5, 1, 24), 'parts': (5, 5, 24, 48)}
    """
    convolutions = (layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D))
    return {layer.name: layer.get_weights()[0] for layer in convolutions}


def feature_maps(model, image):
    """Compute what every layer makes of one picture, as long as it is still a picture.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1

    Returns
    -------
    dict of str to (H, W, C) float32 array
        Layer name to feature map, in the order of the network.

    Examples
    --------
    >>> from digitlib.networks import build_network
    >>> maps = feature_maps(build_network(), np.zeros((28, 28)))
    >>> maps["strokes"].shape, maps["parts_pooled"].shape
    ((24, 24, 24), (4, 4, 48))
    """
    layers = [layer for layer in model.layers if len(layer.output.shape) == 4]
    look = keras.Model(model.inputs[0], [layer.output for layer in layers])
    outputs = look(_batch(image), training=False)
    return {layer.name: np.array(output)[0] for layer, output in zip(layers, outputs, strict=True)}


def saliency(model, image, digit):
    """Ask how much the score of a digit would change if a pixel grew lighter: its gradient.

    After Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks" (2013). They show the
    magnitude; the sign is kept here: above zero, more ink speaks for the digit, below zero against it.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit : int, 0 to 9
        The digit whose score is explained; it need not be the one the network chose.

    Returns
    -------
    (28, 28) float32 array
        Change of the score per change of the pixel.

    Examples
    --------
    >>> from digitlib.networks import build_network
    >>> saliency(build_network(), np.zeros((28, 28)), digit=3).shape
    (28, 28)
    """
    pixels = tensorflow.convert_to_tensor(_batch(image))
    with tensorflow.GradientTape() as tape:
        tape.watch(pixels)
        score = _scores_model(model)(pixels, training=False)[0, digit]
    return np.array(tape.gradient(score, pixels))[0, :, :, 0]


def grad_cam(model, image, digit, layer):
    """Find the region whose features speak for a digit.

    Each channel of a layer's feature map is weighted by the mean gradient of the score, the weighted
    channels are added up, and what speaks against the digit is dropped: Selvaraju et al., "Grad-CAM" (2017).
    The map is as coarse as that layer. Each of its values is laid where its receptive field has its centre,
    with straight lines between, and fades to 0 beyond the outermost; stretching the map over the picture, as
    is often done, moves the marks by several pixels.

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
    >>> from digitlib.networks import build_network
    >>> heat = grad_cam(build_network(), np.zeros((28, 28)), digit=3, layer="parts_active")
    >>> heat.shape, bool(heat.min() >= 0)
    ((28, 28), True)
    """
    image = np.asarray(image)
    depth = model.layers.index(model.get_layer(layer)) + 1
    features = keras.Model(model.inputs[0], model.get_layer(layer).output)(_batch(image), training=False)
    with tensorflow.GradientTape() as tape:
        tape.watch(features)
        scores = features
        for above in model.layers[depth:-1]:  # up to the scores, without the softmax
            scores = above(scores, training=False)
        score = scores[0, digit]
    gradient = np.array(tape.gradient(score, features))[0]
    weights = gradient.mean(axis=(0, 1))
    heat = np.maximum(np.array(features)[0] @ weights, 0)
    first, spacing = _receptive_field_centers(model.layers[:depth])
    rows, columns = (np.indices(image.shape, np.float32) - first) / spacing
    return cv2.remap(heat, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def occlusion(model, image, digit, size=5):
    """Cover one square of the picture after the other and note how much the score of a digit falls.

    After Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2013). The cover is
    black, the paper of MNIST. It needs no gradients, so it works for any classifier.

    Introduced in notebook 05.

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
    >>> from digitlib.networks import build_network
    >>> float(abs(occlusion(build_network(), np.zeros((28, 28)), digit=3)).max())  # nothing there to cover
    0.0
    """
    image = np.asarray(image, np.float32)
    height, width = image.shape
    reach = size // 2
    covered = np.tile(image, (height * width, 1, 1))
    for index, (row, column) in enumerate(np.ndindex(height, width)):
        covered[index, max(0, row - reach) : row + reach + 1, max(0, column - reach) : column + reach + 1] = 0
    look = _scores_model(model)
    scores = look.predict_on_batch(np.concatenate([image[None], covered])[..., None])[:, digit]
    return (scores[0] - scores[1:]).reshape(height, width)


def _batch(image):
    """Make a picture a batch of one with one channel, as Keras wants it."""
    return np.asarray(image, np.float32)[None, ..., None]


def _receptive_field_centers(layers):
    """Tell which pixel a feature map's first value looks at, and how many pixels on the next one does."""
    first, spacing = 0.0, 1
    for layer in layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.MaxPooling2D):
            size = (
                layer.pool_size[0] if isinstance(layer, keras.layers.MaxPooling2D) else layer.kernel_size[0]
            )
            if layer.padding == "valid":
                first += spacing * (size - 1) / 2
            spacing *= layer.strides[0]
    return first, spacing


def _scores_model(model):
    """Cut the softmax off: from a picture to the ten scores."""
    return keras.Model(model.inputs[0], model.layers[-2].output)
