"""What the network looks at, against finite differences and brute force."""

import numpy as np
import pytest

from digitlib import explain
from digitlib.networks import build_network, keras

SIDE = 28


@pytest.fixture(scope="module")
def image():
    """A thick seven on noise: flat areas are kinks of ReLU and pooling, where differences have no limit."""
    image = np.random.default_rng(5).uniform(0, 0.2, (SIDE, SIDE)).astype(np.float32)
    image[5:8, 7:21] = 0.9
    for row in range(8, 24):
        image[row, 19 - row // 2 : 22 - row // 2] = 0.6
    return image


@pytest.fixture(scope="module")
def model():
    """The lesson's network, small, untrained, in double precision so that differences are exact enough."""
    keras.utils.set_random_seed(3)
    keras.config.set_dtype_policy("float64")
    try:
        return build_network(width=4)
    finally:
        keras.config.set_dtype_policy("float32")


def scores(model, images):
    """Run the layers one by one up to the scores, without `explain`."""
    values = np.asarray(images, np.float64)[..., None]
    for layer in model.layers[:-1]:
        values = layer(values, training=False)
    return np.array(values)


def weighted_pixels(weights):
    """A network whose score for digit 4 is a weighted sum of the pixels, and 0 for the other digits."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 1)),
            layers.Conv2D(1, 1, use_bias=False),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(10),
            layers.Softmax(),
        ]
    )
    matrix = np.zeros((SIDE * SIDE, 10))
    matrix[:, 4] = weights.ravel()
    model.set_weights([np.ones((1, 1, 1, 1)), matrix, np.zeros(10)])
    return model


def test_filters_are_the_weights_of_the_convolutions(model):
    filters = explain.filters(model)
    assert list(filters) == ["strokes", "parts"]
    for name, kernels in filters.items():
        np.testing.assert_array_equal(kernels, model.get_layer(name).get_weights()[0])


def test_first_feature_map_is_the_sliding_sum_of_patch_times_kernel(model, image):
    kernels = explain.filters(model)["strokes"]
    patches = np.lib.stride_tricks.sliding_window_view(image, kernels.shape[:2])
    expected = np.einsum("ijab,abc->ijc", patches, kernels[:, :, 0])
    np.testing.assert_allclose(explain.feature_maps(model, image)["strokes"], expected, atol=1e-5)


def test_feature_maps_come_in_order_and_leave_out_the_lists_of_numbers(model, image):
    maps = explain.feature_maps(model, image)
    assert list(maps) == [layer.name for layer in model.layers[:-3]]
    assert all(values.ndim == 3 for values in maps.values())
    assert maps["parts_active"].min() >= 0


@pytest.mark.parametrize("digit", [0, 7])
def test_saliency_is_the_finite_difference_of_the_score(model, image, digit):
    gradient = explain.saliency(model, image, digit)
    step = 1e-5
    places = [(6, 10), (7, 20), (12, 14), (16, 12), (20, 10), (3, 3)]
    for place in places:
        shifted = np.array([image, image], np.float64)
        shifted[0][place] += step
        shifted[1][place] -= step
        above, below = scores(model, shifted)[:, digit]
        assert gradient[place] == pytest.approx((above - below) / (2 * step), rel=1e-3, abs=1e-6)


def test_saliency_of_a_weighted_sum_is_its_weights():
    weights = np.random.default_rng(0).normal(size=(SIDE, SIDE)).astype(np.float32)
    image = np.full((SIDE, SIDE), 0.5)
    np.testing.assert_allclose(explain.saliency(weighted_pixels(weights), image, 4), weights, rtol=1e-5)
    assert not explain.saliency(weighted_pixels(weights), image, 5).any()


@pytest.mark.parametrize("digit", range(10))
def test_grad_cam_weighs_channels_by_the_finite_difference_of_the_score(model, image, digit):
    def score(features):
        values = features[None]
        for layer in (model.get_layer("parts_pooled"), model.layers[-3], model.get_layer("scores")):
            values = layer(values, training=False)
        return float(values[0, digit])

    features = explain.feature_maps(model, image)["parts_active"].astype(np.float64)
    step = 1e-6
    heat = np.zeros(features.shape[:2])
    for channel in range(features.shape[2]):
        raised = features.copy()
        raised[..., channel] += step
        heat += features[..., channel] * (score(raised) - score(features)) / step / heat.size
    heat = np.pad(np.maximum(heat, 0), 1)  # it fades to 0 beyond the outermost values
    places = (np.arange(SIDE) - centre_of_first_value(model, image)) / 2
    along_rows = np.array([np.interp(places, range(-1, 9), row) for row in heat])
    expected = np.array([np.interp(places, range(-1, 9), column) for column in along_rows.T]).T
    found = explain.grad_cam(model, image, digit, "parts_active")
    np.testing.assert_allclose(found, expected, atol=1e-3 * features.max())


def centre_of_first_value(model, image):
    """Find the middle of the rows that reach the first row of the last feature map, by trying each."""
    before = explain.feature_maps(model, image)["parts_active"][0]
    reaching = []
    for row in range(SIDE):
        changed = image.copy()
        changed[row] += 10
        if (explain.feature_maps(model, changed)["parts_active"][0] != before).any():
            reaching.append(row)
    return np.mean(reaching)


@pytest.mark.parametrize("size", [1, 5])
def test_occlusion_of_a_weighted_sum_is_the_covered_sum(size):
    generator = np.random.default_rng(1)
    weights, image = generator.normal(size=(SIDE, SIDE)), generator.random((SIDE, SIDE))
    padded = np.pad(weights * image, size // 2)
    expected = np.lib.stride_tricks.sliding_window_view(padded, (size, size)).sum(axis=(2, 3))
    found = explain.occlusion(weighted_pixels(weights), image, 4, size=size)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_explanations_leave_the_picture_alone(model, image):
    before = image.copy()
    explain.saliency(model, image, 7)
    explain.grad_cam(model, image, 7, "parts_active")
    explain.occlusion(model, image, 7)
    np.testing.assert_array_equal(image, before)
