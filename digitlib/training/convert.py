"""Keras networks as lists of layers that NumPy runs, and back."""

from collections.abc import Iterable

import numpy as np

from digitlib.backend import keras
from digitlib.reading.layers import Layer
from digitlib.reading.network import IMAGE_SHAPE, ModelError

_ALLOWED = (
    "Conv2D, MaxPooling2D, AveragePooling2D, BatchNormalization, ReLU, Activation, Flatten, Dropout, Dense "
    "and Softmax, one after the other"
)
_ACTIVATIONS = {"relu": "ReLU", "softmax": "Softmax"}


def to_layers(model: keras.Sequential, shape: tuple = IMAGE_SHAPE) -> list[Layer]:
    """Convert a Keras network to layers that NumPy runs.

    Dropout does nothing after training and is left out. An activation that a layer brings along becomes a
    layer of its own. Introduced in notebook 03.

    Parameters
    ----------
    model : keras.Sequential
        From images to probabilities.
    shape : (int, int)
        Rows and columns of its images; None for any number.

    Returns
    -------
    list of Layer
        See `digitlib.reading.network.save_layers`.

    Raises
    ------
    ModelError
        The network has another form, or a layer that NumPy cannot run here; the message names it.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> [layer.name for layer in to_layers(build_network())][:3]
    ['strokes', 'strokes_pooled', 'strokes_normalized']
    """
    if not isinstance(model, keras.Sequential) or model.input_shape[1:] not in (
        (*shape, 1),
        shape,
    ):
        raise ModelError(
            f"The network must be a keras.Sequential with {(*shape, 1)} images; "
            f"this is a {type(model).__name__} with the input {model.input_shape}."
        )
    layers = []
    for layer in model.layers:
        kind = type(layer).__name__
        if kind not in _READERS:
            raise ModelError(f"The layer {layer.name} is a {kind}. Allowed are {_ALLOWED}.")
        layers += _READERS[kind](layer)
    return layers


def _refuse_unless(layer: keras.Layer, **needed: object) -> None:
    """Raise a ModelError where a setting of a layer has another value than the one needed."""
    for name, value in needed.items():
        if getattr(layer, name) != value:
            raise ModelError(
                f"The layer {layer.name} has {name}={getattr(layer, name)!r}. Allowed is {value!r}."
            )


def _activation(layer: keras.Layer, own: bool = False) -> list[Layer]:
    """Return the activation of a layer as a layer: `own` where it is all that the layer does."""
    name = keras.activations.serialize(layer.activation)
    if name == "linear":
        return []
    if name not in _ACTIVATIONS:
        allowed = ", ".join(_ACTIVATIONS)
        raise ModelError(f"The layer {layer.name} has the activation {name}. Allowed are {allowed}.")
    return [Layer(layer.name if own else f"{layer.name}_{name}", _ACTIVATIONS[name], {})]


def _weights(layer: keras.Layer) -> dict[str, np.ndarray]:
    return dict(zip(("kernel", "bias"), layer.get_weights(), strict=False))


def _convolution(layer: keras.Layer) -> list[Layer]:
    _refuse_unless(layer, dilation_rate=(1, 1), groups=1, data_format="channels_last")
    settings = {"padding": layer.padding, "strides": list(layer.strides)}
    return [Layer(layer.name, "Conv2D", _weights(layer) | settings), *_activation(layer)]


def _pooling(layer: keras.Layer) -> list[Layer]:
    _refuse_unless(layer, padding="valid", data_format="channels_last", strides=tuple(layer.pool_size))
    return [Layer(layer.name, type(layer).__name__, {"size": list(layer.pool_size)})]


def _normalization(layer: keras.Layer) -> list[Layer]:
    _refuse_unless(layer, center=True, scale=True)
    gamma, beta, mean, variance = layer.get_weights()
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return [Layer(layer.name, "BatchNormalization", {"scale": scale, "offset": beta - mean * scale})]


def _relu(layer: keras.Layer) -> list[Layer]:
    _refuse_unless(layer, max_value=None, negative_slope=0, threshold=0)
    return [Layer(layer.name, "ReLU", {})]


_READERS = {
    "Conv2D": _convolution,
    "MaxPooling2D": _pooling,
    "AveragePooling2D": _pooling,
    "BatchNormalization": _normalization,
    "ReLU": _relu,
    "Activation": lambda layer: _activation(layer, own=True),
    "Flatten": lambda layer: [Layer(layer.name, "Flatten", {})],
    "Dropout": lambda layer: [],
    "Dense": lambda layer: [Layer(layer.name, "Dense", _weights(layer)), *_activation(layer)],
    "Softmax": lambda layer: [Layer(layer.name, "Softmax", {})],
}


def to_keras(layers: Iterable[Layer], shape: tuple = IMAGE_SHAPE) -> keras.Sequential:
    """Build a Keras network from layers, where gradients are needed.

    Introduced in notebook 05.

    Parameters
    ----------
    layers : iterable of Layer
        Those of a `Recognizer`, or from `digitlib.reading.network.load_layers`.
    shape : (int, int)
        Rows and columns of its images; None for any number.

    Returns
    -------
    keras.Sequential
        The same network, layer by layer, under the same names.

    Examples
    --------
    >>> import digitlib
    >>> to_keras(digitlib.load_recognizer().layers).output_shape
    (None, 10)
    """
    model = keras.Sequential([keras.layers.Input((*shape, 1), name="picture")], name="digits")
    for layer in layers:
        parameters, weights = dict(layer.parameters), []
        if layer.kind == "Conv2D":
            weights = [parameters.pop(name) for name in ("kernel", "bias") if name in parameters]
            parameters |= {"filters": weights[0].shape[-1], "kernel_size": weights[0].shape[:2]}
        elif layer.kind == "Dense":
            weights = [parameters.pop(name) for name in ("kernel", "bias") if name in parameters]
            parameters = {"units": weights[0].shape[-1]}
        elif layer.kind == "BatchNormalization":
            scale, offset = parameters["scale"], parameters["offset"]
            parameters, weights = {"epsilon": 0.0}, [scale, offset, 0 * scale, 0 * scale + 1]
        elif "size" in parameters:
            parameters = {"pool_size": tuple(parameters["size"])}
        if layer.kind in ("Conv2D", "Dense"):
            parameters["use_bias"] = len(weights) == 2
        model.add(getattr(keras.layers, layer.kind)(name=layer.name, **parameters))
        model.layers[-1].set_weights(weights)
    return model
