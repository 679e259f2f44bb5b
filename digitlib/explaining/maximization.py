"""Activation maximization: the image that a unit answers to most strongly (Keras)."""

import numpy as np

from digitlib.backend import keras, tensorflow
from digitlib.explaining.attribution import as_batch

ASCENT_STEP = 0.05
"""Size of one step of the ascent: the root mean square change of the pixels."""
BLUR = np.outer([1, 6, 1], [1, 6, 1])[..., None, None].astype(np.float32) / 64
"""A little blur, as a kernel."""


def maximize_activation(model, layer, channels, steps=60, seed=0):
    """Return images that activate channels of a layer most, found by gradient ascent.

    D. Erhan, Y. Bengio, A. Courville and P. Vincent, "Visualizing higher-layer features of a deep network"
    (2009). Pixels stay between 0 and 1. To keep away from grain that no pen makes, the image is blurred
    a little after every fourth step (J. Yosinski et al., arXiv:1506.06579). The best one is kept.

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    layer : str
        A layer before its ReLU, so that there is a gradient where ReLU would have none; or "logits".
    channels : sequence of int
        Channels of that layer (of "logits": digits), one picture each. Of a feature map, the value in the
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
