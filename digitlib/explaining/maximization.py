"""Activation maximization: the image with the largest activation of a channel (Keras)."""

from collections.abc import Sequence

import numpy as np

from digitlib.backend import keras, tensorflow
from digitlib.explaining.attribution import as_batch

_ASCENT_STEP = 0.05
"""Size of one step of the ascent: the root mean square change of the pixels."""
_STARTS = 3
"""Images of faint noise that an ascent starts from; from some of them it gets nowhere, as ReLU passes on no
gradient where it answers nothing."""
_NOISE = 0.1
"""Largest pixel of that noise."""
_BLUR = np.outer([1, 6, 1], [1, 6, 1])[..., None, None].astype(np.float32) / 64
"""Kernel of a slight blur."""


def maximize_activation(
    model: keras.Model, layer: str, channels: Sequence[int], steps: int = 60, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return images that activate channels of a layer most, found by gradient ascent.

    D. Erhan, Y. Bengio, A. Courville and P. Vincent, "Visualizing higher-layer features of a deep network"
    (2009). Pixels stay between 0 and 1. Against high-frequency noise, the image is blurred slightly after
    every fourth step (J. Yosinski et al., "Understanding neural networks through deep visualization", 2015,
    arXiv:1506.06579). Of several starts, the image with the largest activation is kept.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    layer : str
        A layer before its ReLU, so that there is a gradient where ReLU would have none; or "logits".
    channels : sequence of int
        Channels of that layer (of "logits": digits), one image each. Of a feature map, the value in the
        middle is made large.
    steps : int
        Steps of gradient ascent.
    seed : int
        Of the faint noise from which the ascents start.

    Returns
    -------
    images : (N, 28, 28) float32 array, 0 to 1
    activations : (N,) float32 array
        Activation of each channel by its image.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> images, activations = maximize_activation(build_network(), "parts_normalized", [0, 5], steps=4)
    >>> images.shape, activations.shape
    ((2, 28, 28), (2,))
    """
    channel_values = keras.Model(model.inputs[0], model.get_layer(layer).output)
    count, channels = len(channels), np.tile(channels, _STARTS)

    @tensorflow.function
    def ascend(images: tensorflow.Tensor) -> tuple[tensorflow.Tensor, tensorflow.Tensor]:
        with tensorflow.GradientTape() as tape:
            tape.watch(images)
            values = channel_values(images, training=False)
            if len(values.shape) == 4:
                values = values[:, values.shape[1] // 2, values.shape[2] // 2]
            activations = tensorflow.gather(values, channels, batch_dims=1)
        gradient = tape.gradient(activations, images)
        size = tensorflow.sqrt(tensorflow.reduce_mean(gradient**2, axis=(1, 2, 3), keepdims=True))
        return activations, tensorflow.clip_by_value(images + _ASCENT_STEP * gradient / (size + 1e-12), 0, 1)

    noise = np.random.default_rng(seed).uniform(0, _NOISE, (len(channels), 28, 28))
    images = tensorflow.constant(as_batch(noise))
    best, largest = np.array(images), np.full(len(channels), -np.inf, np.float32)
    for step in range(steps + 1):
        activations, changed = ascend(images)
        better = np.array(activations) > largest
        best[better], largest[better] = np.array(images)[better], np.array(activations)[better]
        blurred = step % 4 == 3 and step < 3 * steps / 4  # no blur in the last quarter
        images = tensorflow.nn.conv2d(changed, _BLUR, 1, "SAME") if blurred else changed
    largest = largest.reshape(_STARTS, count)
    start, channel = largest.argmax(axis=0), np.arange(count)
    return best[..., 0].reshape(_STARTS, count, *best.shape[1:3])[start, channel], largest[start, channel]
