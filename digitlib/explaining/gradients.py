"""What a trained network computes: kernels, feature maps, what excites a unit, a map of digits (Keras)."""

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from digitlib.backend import keras, tensorflow

# Every function takes a model as `digitlib.training.networks` builds it: convolutions, and at the end a
# dense layer of ten scores followed by softmax.

ASCENT_STEP = 0.05
"""How far one step of `maximize_activation` goes: the root mean square change of its pixels."""
BLUR = np.outer([1, 6, 1], [1, 6, 1])[..., None, None].astype(np.float32) / 64
"""A little blur, as a kernel."""


@dataclass(frozen=True)
class ReceptiveField:
    """Which pixels a value of a feature map looks at; the same across rows and columns.

    Attributes
    ----------
    start : int
        First pixel that the first value looks at; below zero where the edge is padded.
    size : int
        How many pixels in a row each value looks at.
    spacing : int
        How many pixels further on the next value looks.
    """

    start: int
    size: int
    spacing: int


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
    >>> from digitlib.training.networks import build_network
    >>> {name: kernels.shape for name, kernels in filters(build_network()).items()}
    {'strokes': (5, 5, 1, 16), 'corners': (3, 3, 16, 48), 'parts': (3, 3, 48, 96)}
    """
    return {layer.name: layer.get_weights()[0] for layer in model.layers if _is_convolution(layer)}


def folded_filters(model):
    """Collect kernels and biases with the batch normalisation behind each convolution folded in.

    After training, batch normalisation is one multiplication and one addition a channel. Both can be done to
    the kernel beforehand: ``gamma / deviation * kernel``, and the bias ``beta - gamma / deviation * mean``.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
        Batch normalisation comes right behind each convolution.

    Returns
    -------
    dict of str to (kernels, biases)
        Layer name to (height, width, channels in, channels out) and (channels out,) arrays: patch times
        kernel, plus bias, is what the normalisation puts out.

    Raises
    ------
    ValueError
        Something else, such as pooling, comes right behind a convolution.

    Examples
    --------
    >>> from digitlib.training.networks import build_full_network
    >>> kernels, biases = folded_filters(build_full_network())["strokes"]
    >>> kernels.shape, biases.shape
    ((5, 5, 1, 16), (16,))
    """
    folded = {}
    for layer, following in zip(model.layers, model.layers[1:], strict=False):
        if _is_convolution(layer):
            if not isinstance(following, keras.layers.BatchNormalization):
                raise ValueError(f"Behind {layer.name} comes {following.name}; allowed is normalisation.")
            gamma, beta, mean, variance = following.get_weights()
            factor = gamma / np.sqrt(variance + following.epsilon)
            folded[layer.name] = layer.get_weights()[0] * factor, beta - factor * mean
    return folded


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
    >>> from digitlib.training.networks import build_network
    >>> maps = feature_maps(build_network(), np.zeros((28, 28)))
    >>> maps["strokes"].shape, maps["parts_active"].shape
    ((24, 24, 16), (3, 3, 96))
    """
    layers = [layer for layer in model.layers if len(layer.output.shape) == 4]
    look = keras.Model(model.inputs[0], [layer.output for layer in layers])
    outputs = look(as_batch([image]), training=False)
    return {layer.name: np.array(output)[0] for layer, output in zip(layers, outputs, strict=True)}


def outputs(model, images, layer):
    """Compute what one layer makes of many pictures.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    images : (N, 28, 28) float array, 0 to 1
    layer : str
        Its name. "flat" gives the features that the ten scores are made of.

    Returns
    -------
    (N, ...) float32 array

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> outputs(build_network(), np.zeros((2, 28, 28)), "flat").shape
    (2, 864)
    """
    look = keras.Model(model.inputs[0], model.get_layer(layer).output)
    return look.predict(as_batch(images), batch_size=500, verbose=0)


def receptive_field(model, layer):
    """Find out which pixels a value of a layer's feature map looks at.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    layer : str
        Name of a layer whose output is still a picture.

    Returns
    -------
    ReceptiveField

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> receptive_field(build_network(), "parts_active")
    ReceptiveField(start=0, size=20, spacing=4)
    """
    start, size, spacing = 0, 1, 1
    for below in model.layers[: model.layers.index(model.get_layer(layer)) + 1]:
        if _is_convolution(below) or isinstance(below, keras.layers.MaxPooling2D):
            window = (below.kernel_size if _is_convolution(below) else below.pool_size)[0]
            if below.padding == "same":
                start -= spacing * ((window - 1) // 2)
            size += spacing * (window - 1)
            spacing *= below.strides[0]
    return ReceptiveField(start, size, spacing)


def top_activating_patches(model, images, layer, channel, count=8):
    """Cut out the patches that excite a channel most, at most one of each picture.

    After Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014).

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    images : (N, 28, 28) float array, 0 to 1
    layer : str
        Name of a layer whose output is still a picture.
    channel : int
    count : int

    Returns
    -------
    indices : (count,) int array
        The pictures, the most exciting first.
    patches : (count, size, size) float array
        What the most excited value of each looks at; 0 beyond the edge of the picture.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> network, images = build_network(), np.zeros((9, 28, 28))
    >>> indices, patches = top_activating_patches(network, images, "parts_active", 0, count=4)
    >>> indices.shape, patches.shape
    ((4,), (4, 20, 20))
    """
    answers = outputs(model, images, layer)[..., channel]
    indices = np.argsort(-answers.max(axis=(1, 2)), kind="stable")[:count]
    field = receptive_field(model, layer)
    padded = np.pad(np.asarray(images)[indices], ((0, 0), (field.size, field.size), (field.size, field.size)))
    patches = []
    for index, image in zip(indices, padded, strict=True):
        places = np.unravel_index(answers[index].argmax(), answers.shape[1:])
        row, column = (field.size + field.start + field.spacing * place for place in places)
        patches.append(image[row : row + field.size, column : column + field.size])
    return indices, np.array(patches)


def maximize_activation(model, layer, channels, steps=60, seed=0):
    """Make pictures that excite channels of a layer most, by climbing along the gradient.

    After Erhan, Bengio, Courville and Vincent, "Visualizing Higher-Layer Features of a Deep Network" (2009).
    Pixels stay between 0 and 1. To keep away from grain that no pen makes, the picture is blurred a little
    after every fourth step (Yosinski et al., arXiv:1506.06579). The best picture on the way is kept.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    layer : str
        A convolution's normalised output, such as "parts_normalized", so that there is a gradient where ReLU
        would have none; or "scores".
    channels : sequence of int
        Channels of that layer (of "scores": digits), one picture each. Of a feature map, the value in the
        middle is made large.
    steps : int
    seed : int
        Where the climb starts: paper with hardly visible noise.

    Returns
    -------
    pictures : (N, 28, 28) float32 array, 0 to 1
    excitements : (N,) float32 array
        What the channels answer to their pictures.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> pictures, excitements = maximize_activation(build_network(), "parts_normalized", [0, 5], steps=4)
    >>> pictures.shape, excitements.shape
    ((2, 28, 28), (2,))
    """
    look = keras.Model(model.inputs[0], model.get_layer(layer).output)
    channels = np.asarray(channels)

    @tensorflow.function
    def climb(pictures):
        with tensorflow.GradientTape() as tape:
            tape.watch(pictures)
            answers = look(pictures, training=False)
            if len(answers.shape) == 4:
                answers = answers[:, answers.shape[1] // 2, answers.shape[2] // 2]
            excited = tensorflow.gather(answers, channels, batch_dims=1)
        slope = tape.gradient(excited, pictures)
        size = tensorflow.sqrt(tensorflow.reduce_mean(slope**2, axis=(1, 2, 3), keepdims=True))
        return excited, tensorflow.clip_by_value(pictures + ASCENT_STEP * slope / (size + 1e-12), 0, 1)

    noise = np.random.default_rng(seed).uniform(0, 0.02, (len(channels), 28, 28))
    pictures = tensorflow.constant(as_batch(noise))
    best, excitements = np.array(pictures), np.full(len(channels), -np.inf, np.float32)
    for step in range(steps + 1):
        excited, higher = climb(pictures)
        better = np.array(excited) > excitements
        best[better], excitements[better] = np.array(pictures)[better], np.array(excited)[better]
        blurred = step % 4 == 3 and step < 3 * steps / 4  # the last quarter of the way is climbed freely
        pictures = tensorflow.nn.conv2d(higher, BLUR, 1, "SAME") if blurred else higher
    return best[..., 0], excitements


def embed_2d(features, method="PCA", seed=0):
    """Lay lists of features out on a plane, so that what is alike comes to lie together.

    "PCA" turns the features so that they are seen from their widest side (Pearson 1901): distances shrink,
    but their order is kept as well as a plane can. "t-SNE" keeps only who is whose neighbour (van der Maaten
    and Hinton, "Visualizing Data using t-SNE", 2008): sizes of heaps and distances between them mean nothing.

    Introduced in notebook 05.

    Parameters
    ----------
    features : (N, D) float array
    method : {"PCA", "t-SNE"}
    seed : int
        For t-SNE. Its result also depends on the processor's last decimals.

    Returns
    -------
    (N, 2) float array

    Examples
    --------
    >>> embed_2d(np.eye(5)).shape
    (5, 2)
    """
    if method == "PCA":
        return PCA(2, svd_solver="full").fit_transform(features)
    if method == "t-SNE":
        layout = TSNE(2, init="pca", perplexity=min(30, len(features) / 4), max_iter=500, random_state=seed)
        with threadpool_limits(1):  # several threads would mostly wait for each other
            return layout.fit_transform(features)
    raise ValueError(f"method is {method!r}; allowed are 'PCA' and 't-SNE'.")


def as_batch(images):
    """Give pictures one channel and 32 bits, as Keras wants them.

    Examples
    --------
    >>> as_batch(np.zeros((5, 28, 28))).shape
    (5, 28, 28, 1)
    """
    return np.asarray(images, np.float32)[..., None]


def _is_convolution(layer):
    return isinstance(layer, keras.layers.Conv2D)
