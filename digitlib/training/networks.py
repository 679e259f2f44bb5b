"""Build networks and learning rate schedules with Keras."""

from digitlib.backend import keras

_WARMUP, _START = 0.2, 0.1
"""Proportion of the steps in which the learning rate climbs, and the proportion of the highest it starts
at: gradients of untrained weights are large."""


def build_network(width: int = 16) -> keras.Model:
    """Build a small convolutional network for digits (58,000 weights at width 16).

    Three convolutions respond to strokes, to corners and to parts of digits. After the first two, pooling
    keeps the largest value of every 2 x 2 pixels. A dense layer computes ten logits, and softmax turns them
    into probabilities. Pooling comes right behind a convolution, so that the layers after it have a quarter
    of the work.

    Introduced in notebook 03.

    Parameters
    ----------
    width : int
        Number of kernels in the first convolution; the second has three times as many, the third six times.

    Returns
    -------
    keras.Model
        From (N, 28, 28, 1) float32 in 0..1 to (N, 10) probabilities.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio and P. Haffner, "Gradient-based learning applied to document recognition",
    Proceedings of the IEEE 86 (1998). S. Ioffe and C. Szegedy, "Batch normalization: accelerating deep
    network training by reducing internal covariate shift" (ICML 2015, arXiv:1502.03167).

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


def build_full_network(classes: int = 10) -> keras.Model:
    """Build the deeper network that digitlib ships (254,000 weights).

    Five convolutions in three stages. Each stage works at half the resolution of the one before and has
    more kernels: a few for strokes, many for whole parts of digits.

    Parameters
    ----------
    classes : int
        What it tells apart.

    Returns
    -------
    keras.Model
        From (N, 28, 28, 1) float32 in 0..1 to (N, classes) probabilities.

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
            layers.Dense(classes, name="logits"),
            layers.Softmax(name="probabilities"),
        ],
        name="digits",
    )


def _convolution(
    kernels: int, size: int, name: str, *between: keras.Layer, padding: str = "valid"
) -> tuple[keras.Layer, ...]:
    """Return a convolution, the layers between, batch normalization and ReLU."""
    layers = keras.layers
    return (
        layers.Conv2D(kernels, size, padding=padding, use_bias=False, name=name),
        *between,
        layers.BatchNormalization(momentum=0.9, name=f"{name}_normalized"),
        layers.ReLU(name=f"{name}_active"),
    )


def one_cycle(
    learning_rate: float, steps: float, floor: float = 0.0
) -> keras.optimizers.schedules.CosineDecay:
    """Return a learning rate schedule with a warm-up and a cosine decay.

    For a fifth of the training the learning rate climbs in a straight line from a tenth of its highest value;
    then it falls along half a cosine: `keras.optimizers.schedules.CosineDecay` with a warm-up.

    Introduced in notebook 03.

    Parameters
    ----------
    learning_rate : float
        The highest learning rate, above 0.
    steps : float
        Steps of the whole training: epochs times batches, a whole number, 2 or more.
    floor : float
        Learning rate at the end, as a proportion of the highest, 0 to 1.

    Returns
    -------
    keras.optimizers.schedules.CosineDecay
        From a step to its learning rate.

    References
    ----------
    L. N. Smith, "A disciplined approach to neural network hyper-parameters: part 1 - learning rate, batch
    size, momentum, and weight decay" (2018, arXiv:1803.09820). I. Loshchilov and F. Hutter, "SGDR: stochastic
    gradient descent with warm restarts" (ICLR 2017, arXiv:1608.03983).

    Examples
    --------
    >>> schedule = one_cycle(0.2, steps=100)
    >>> [round(float(schedule(step)), 3) for step in (0, 20, 60, 100)]
    [0.02, 0.2, 0.1, 0.0]
    """
    warmup_steps = max(1, round(_WARMUP * steps))
    return keras.optimizers.schedules.CosineDecay(
        _START * learning_rate,
        decay_steps=max(1, int(steps) - warmup_steps),
        alpha=floor,
        warmup_target=learning_rate,
        warmup_steps=warmup_steps,
    )
