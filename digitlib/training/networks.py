"""The networks, as Keras builds them."""

import numpy as np

from digitlib.backend import keras


def build_network(width=16):
    """Build a small convolutional network for digits (58,000 weights at width 16).

    Three convolutions look for strokes, for corners and for parts of digits. After the first two, pooling
    keeps the strongest answer of every 2 x 2 pixels. One dense layer weighs the parts up into ten scores,
    and softmax turns the scores into probabilities (LeCun et al. 1998, with the batch normalisation of Ioffe
    and Szegedy 2015). Pooling comes right behind a convolution: what follows has a quarter of the work.

    Introduced in notebook 03.

    Parameters
    ----------
    width : int
        Number of kernels in the first convolution; the second has three times as many, the third six times.

    Returns
    -------
    keras.Model
        From (N, 28, 28, 1) float32 in 0..1 to (N, 10) probabilities.

    Examples
    --------
    >>> build_network().count_params()
    58074
    """
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((28, 28, 1), name="picture"),
            *_convolution(width, 5, "strokes", layers.MaxPooling2D(name="strokes_pooled")),
            *_convolution(3 * width, 3, "corners", layers.MaxPooling2D(name="corners_pooled")),
            *_convolution(6 * width, 3, "parts"),
            layers.Flatten(name="flat"),
            layers.Dense(10, name="logits"),
            layers.Softmax(name="probabilities"),
        ],
        name="digits",
    )


def build_full_network():
    """Build the deeper network that digitlib ships (254,000 weights).

    Five convolutions in three stages. Each stage sees the picture at half the resolution of the one before
    and has more kernels: a few for strokes, many for whole parts of digits.

    Returns
    -------
    keras.Model
        From (N, 28, 28, 1) float32 in 0..1 to (N, 10) probabilities.

    Examples
    --------
    >>> build_full_network().count_params()
    253914
    """
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((28, 28, 1), name="picture"),
            *_convolution(16, 5, "strokes"),
            layers.MaxPooling2D(name="strokes_pooled"),
            *_convolution(32, 3, "corners_1", padding="same"),
            *_convolution(64, 3, "corners_2", padding="same"),
            layers.MaxPooling2D(name="corners_pooled"),
            *_convolution(96, 3, "parts_1"),
            *_convolution(192, 3, "parts_2"),
            layers.Flatten(name="flat"),
            layers.Dense(10, name="logits"),
            layers.Softmax(name="probabilities"),
        ],
        name="digits",
    )


def _convolution(kernels, size, name, *between, padding="valid"):
    """Convolution, what comes between, batch normalisation and ReLU: layers that belong together."""
    layers = keras.layers
    return (
        layers.Conv2D(kernels, size, padding=padding, use_bias=False, name=name),
        *between,
        layers.BatchNormalization(momentum=0.9, name=f"{name}_normalized"),
        layers.ReLU(name=f"{name}_active"),
    )


@keras.saving.register_keras_serializable("digitlib")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Learning rate that climbs for a fifth of the training and then glides down (Smith 2018).

    Parameters
    ----------
    peak : float
        The highest learning rate.
    steps : int
        Steps of the whole training.
    end : float
        Where the glide ends, as a share of the peak.
    """

    def __init__(self, peak, steps, end=0.0):
        self.peak, self.steps, self.end = peak, steps, end

    def __call__(self, step):
        """Learning rate at a step."""
        done = keras.ops.cast(step, "float32") / self.steps
        climb = 0.1 + 0.9 * done / 0.2
        glide = 0.5 + 0.5 * keras.ops.cos(np.pi * (done - 0.2) / 0.8)
        return self.peak * keras.ops.where(done < 0.2, climb, keras.ops.maximum(glide, self.end))

    def get_config(self):
        """What Keras stores beside the weights, so that a saved training can go on."""
        return {"peak": self.peak, "steps": self.steps, "end": self.end}
