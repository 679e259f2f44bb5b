"""Keras networks as lists of layers: the same answers, and what is refused by name."""

import numpy as np
import pytest

from digitlib.backend import keras
from digitlib.reading.layers import fold
from digitlib.reading.network import (
    MODEL_FILE,
    ModelError,
    Recognizer,
    load_layers,
    load_recognizer,
    save_layers,
)
from digitlib.training.convert import to_keras, to_layers
from digitlib.training.networks import build_full_network, build_network

layers = keras.layers
IMAGES = np.random.default_rng(0).random((20, 28, 28)).astype(np.float32)


def plain():
    """A network as a learner writes it: activations in the layers, dropout, Keras' own names."""
    return keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(8, 3, activation="relu", strides=2, padding="same"),
            layers.AveragePooling2D(2),
            layers.BatchNormalization(),
            layers.Conv2D(6, (3, 2), use_bias=False),
            layers.Activation("relu"),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(12, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def dense():
    """No convolution, and images without a channel."""
    return keras.Sequential(
        [layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, use_bias=False), layers.Softmax()]
    )


def with_settled_weights(build):
    keras.utils.set_random_seed(2)
    model, generator = build(), np.random.default_rng(2)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([generator.uniform(0.5, 2, weights.shape) for weights in layer.get_weights()])
    return model


@pytest.mark.parametrize("build", [plain, dense, build_network, build_full_network])
def test_numpy_answers_as_keras_does(build, tmp_path):
    model = with_settled_weights(build)
    expected = model.predict(IMAGES if build is dense else IMAGES[..., None], verbose=0)
    save_layers(tmp_path / "digits.npz", to_layers(model))
    found = load_recognizer(tmp_path).probabilities(IMAGES)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("build", [plain, build_network, build_full_network])
def test_keras_gets_the_same_network_back(build):
    converted = to_layers(with_settled_weights(build))
    expected = Recognizer(converted).probabilities(IMAGES)
    for again in (converted, fold(converted)):
        np.testing.assert_allclose(to_keras(again).predict(IMAGES[..., None], verbose=0), expected, atol=1e-5)
    assert [layer.name for layer in to_keras(converted).layers] == [layer.name for layer in converted]


def test_the_shipped_network_survives_the_way_through_keras():
    shipped = load_layers(MODEL_FILE)
    for before, after in zip(shipped, to_layers(to_keras(shipped)), strict=True):
        assert (before.name, before.kind) == (after.name, after.kind)
        for name, value in before.parameters.items():
            if isinstance(value, np.ndarray):
                np.testing.assert_allclose(after.parameters[name], value, atol=1e-6)


@pytest.mark.parametrize(
    ("odd", "words"),
    [
        (layers.Conv2D(4, 3, dilation_rate=2), r"odd has dilation_rate=\(2, 2\)"),
        (layers.Conv2D(4, 3, activation="gelu"), "odd has the activation gelu. Allowed are relu, softmax"),
        (layers.MaxPooling2D(3, strides=2), r"odd has strides=\(2, 2\). Allowed is \(3, 3\)"),
        (layers.ReLU(max_value=6), "odd has max_value=6"),
        (layers.SeparableConv2D(4, 3), "odd is a SeparableConv2D. Allowed are Conv2D, MaxPooling2D"),
        (layers.BatchNormalization(center=False), "odd has center=False"),
    ],
)
def test_a_layer_that_numpy_cannot_run_is_named(odd, words):
    odd.name = "odd"
    model = keras.Sequential([layers.Input((28, 28, 1)), odd, layers.Flatten(), layers.Dense(10, "softmax")])
    with pytest.raises(ModelError, match=words):
        to_layers(model)


def test_another_form_of_network_is_refused():
    image = layers.Input((28, 28, 1))
    with pytest.raises(ModelError, match="must be a keras"):
        to_layers(keras.Model(image, layers.Dense(10)(layers.Flatten()(image))))
    with pytest.raises(ModelError, match=r"with the input \(None, 32, 32, 3\)"):
        to_layers(keras.Sequential([layers.Input((32, 32, 3)), layers.Flatten(), layers.Dense(10)]))
