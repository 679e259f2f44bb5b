"""What a network computes and what its answers rest on, against finite differences and brute force."""

import numpy as np
import pytest

from digitlib.backend import keras
from digitlib.data import load_mnist
from digitlib.explaining import adversarial, attribution
from digitlib.explaining.maximization import maximize_activation
from digitlib.explaining.occlusion import occlusion_map
from digitlib.reading.network import load_recognizer
from digitlib.training.convert import to_keras
from digitlib.training.networks import build_network

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
    """Run the layers one by one up to the scores, without `attribution`."""
    values = np.asarray(images, np.float64)[..., None]
    for layer in model.layers[:-1]:
        values = layer(values, training=False)
    return np.array(values)


def outputs(model, images, layer):
    """What Keras computes up to a layer."""
    look = keras.Model(model.inputs[0], model.get_layer(layer).output)
    return np.array(look(np.asarray(images)[..., None], training=False))


def weighted_pixels(weights):
    """A network whose score for digit 4 is a weighted sum of the pixels, and 0 for the other digits."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 1)),
            layers.Conv2D(1, 1, use_bias=False),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(10, name="dense_scores"),
            layers.Softmax(),
        ]
    )
    matrix = np.zeros((SIDE * SIDE, 10))
    matrix[:, 4] = weights.ravel()
    model.set_weights([np.ones((1, 1, 1, 1)), matrix, np.zeros(10)])
    return model


def test_ideal_picture_of_a_weighted_sum_has_ink_where_the_weights_are_above_zero():
    weights = np.where(np.arange(SIDE)[:, None] + np.zeros(SIDE) < 12, 1.0, -1.0)
    (picture,), (score,) = maximize_activation(weighted_pixels(weights), "dense_scores", [4])
    assert picture[:10].min() > 0.9 and picture[15:].max() < 0.1
    assert score == pytest.approx((weights * picture).sum(), rel=1e-4)


def test_ideal_pictures_excite_their_channels_more_than_any_noise(model):
    pictures, excitements = maximize_activation(model, "parts_normalized", [1, 6], steps=30)
    assert pictures.min() >= 0 and pictures.max() <= 1
    noise = np.random.default_rng(2).random((200, SIDE, SIDE))
    answers = outputs(model, noise, "parts_normalized")[:, 1, 1]
    assert (excitements > answers[:, [1, 6]].max(axis=0)).all()
    again, _ = maximize_activation(model, "parts_normalized", [1, 6], steps=30)
    np.testing.assert_array_equal(pictures, again)


@pytest.mark.parametrize("digit", [0, 7])
def test_saliency_is_the_finite_difference_of_the_score(model, image, digit):
    gradient = attribution.saliency(model, image, digit)
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
    np.testing.assert_allclose(attribution.saliency(weighted_pixels(weights), image, 4), weights, rtol=1e-5)
    assert not attribution.saliency(weighted_pixels(weights), image, 5).any()


@pytest.mark.parametrize("digit", range(10))
def test_grad_cam_weighs_channels_by_the_finite_difference_of_the_score(model, image, digit):
    def score(features):
        values = features[None]
        for layer in model.layers[-3:-1]:
            values = layer(values, training=False)
        return float(values[0, digit])

    features = outputs(model, image[None], "parts_active")[0].astype(np.float64)
    step = 1e-6
    heat = np.zeros(features.shape[:2])
    for channel in range(features.shape[2]):
        raised = features.copy()
        raised[..., channel] += step
        heat += features[..., channel] * (score(raised) - score(features)) / step / heat.size
    heat = np.pad(np.maximum(heat, 0), 1)  # it fades to 0 beyond the outermost values
    places = (np.arange(SIDE) - center_of_first_value(model, image)) / 4
    known = range(-1, len(heat) - 1)
    along_rows = np.array([np.interp(places, known, row) for row in heat])
    expected = np.array([np.interp(places, known, column) for column in along_rows.T]).T
    found = attribution.grad_cam(model, image, digit, "parts_active")
    np.testing.assert_allclose(found, expected, atol=1e-3 * features.max())


def center_of_first_value(model, image):
    """Find the middle of the rows that reach the first row of the last feature map, by trying each."""
    before = outputs(model, image[None], "parts_active")[0, 0]
    reaching = []
    for row in range(SIDE):
        changed = image.copy()
        changed[row] += 10
        if (outputs(model, changed[None], "parts_active")[0, 0] != before).any():
            reaching.append(row)
    return np.mean(reaching)


@pytest.mark.parametrize("size", [1, 5])
def test_occlusion_of_a_weighted_sum_is_the_covered_sum(size):
    generator = np.random.default_rng(1)
    weights, image = generator.normal(size=(SIDE, SIDE)), generator.random((SIDE, SIDE))
    padded = np.pad(weights * image, size // 2)
    expected = np.lib.stride_tricks.sliding_window_view(padded, (size, size)).sum(axis=(2, 3))
    found = attribution.occlusion(weighted_pixels(weights), image, 4, size=size)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_explanations_leave_the_picture_alone(model, image):
    before = image.copy()
    attribution.saliency(model, image, 7)
    attribution.grad_cam(model, image, 7, "parts_active")
    attribution.occlusion(model, image, 7)
    np.testing.assert_array_equal(image, before)


def test_integrated_gradients_add_up_to_the_score(model, image):
    for digit in (0, 7):
        shares = attribution.integrated_gradients(model, image, digit)
        with_ink, without = scores(model, [image, 0 * image])[:, digit]
        assert shares.sum() == pytest.approx(with_ink - without, rel=0.01, abs=0.005)
        assert not shares[image == 0].any()


def test_integrated_gradients_add_up_in_the_shipped_network():
    shipped = to_keras(load_recognizer().layers)
    _, (images, labels) = load_mnist()
    for picture, label in zip(images[:3] / 255, labels, strict=False):
        shares = attribution.integrated_gradients(shipped, picture, label)
        with_ink, without = load_recognizer().logits([picture, 0 * picture])[:, label]
        assert shares.sum() == pytest.approx(with_ink - without, rel=0.01)


def test_integrated_gradients_of_a_weighted_sum_are_its_parts():
    weights = np.random.default_rng(0).normal(size=(SIDE, SIDE)).astype(np.float32)
    image = np.random.default_rng(1).random((SIDE, SIDE)).astype(np.float32)
    found = attribution.integrated_gradients(weighted_pixels(weights), image, 4, steps=3)
    np.testing.assert_allclose(found, weights * image, atol=1e-5)


def test_smooth_gradient_is_the_mean_of_saliencies(model, image):
    grain = np.random.default_rng(0).normal(0, 0.1, (6, SIDE, SIDE))
    expected = np.mean([attribution.saliency(model, image + one, 7) for one in grain], axis=0)
    np.testing.assert_allclose(
        attribution.smooth_grad(model, image, 7, count=6, noise=0.1), expected, rtol=1e-4, atol=1e-6
    )


def test_gradients_of_many_pictures_are_those_of_each(model):
    images = np.random.default_rng(0).random((attribution.CHUNK + 3, SIDE, SIDE))
    digits = np.arange(len(images)) % 10
    found = attribution.logit_gradients(model, images, digits)
    for index in (0, 7, len(images) - 1):
        expected = attribution.saliency(model, images[index], digits[index])
        np.testing.assert_allclose(found[index], expected, rtol=1e-4, atol=1e-6)


def test_both_networks_share_one_occlusion(model, image):
    def score(images):
        return scores(model, images)[:, 3]

    expected = occlusion_map(score, image, size=3)
    np.testing.assert_allclose(attribution.occlusion(model, image, 3, size=3), expected, atol=1e-4)


def test_smallest_change_of_weighted_sums_is_the_one_computed_by_hand():
    """Digit 4 scores the sum of the upper half, digit 9 always 40: a change of s takes 392 s off."""
    weights = np.zeros((SIDE, SIDE))
    weights[:14] = 1
    model = weighted_pixels(weights)
    kernel, matrix, bias = model.get_weights()
    bias[9] = 40
    model.set_weights([kernel, matrix, bias])
    image = np.full((SIDE, SIDE), 0.5)  # scores 196
    for steps in (1, 5):
        change = adversarial.adversarial_example(model, image, digit=4, rival=9, steps=steps)
        assert change.strength == pytest.approx(np.ceil(100 * (196 - 40) / 392) / 100)
        assert np.abs(change.image - image).max() <= change.strength + 1e-6
        np.testing.assert_allclose(change.image[14:], 0.5, atol=1e-6)
    assert adversarial.adversarial_example(model, image, digit=4, rival=3) is None, "3 always scores 0"


@pytest.mark.parametrize("steps", [1, 4])
def test_a_changed_picture_is_read_as_the_rival(model, image, steps):
    image = np.where(image > 0.5, np.float32(1), image)  # nothing may become lighter than white
    digit, rival = scores(model, [image])[0].argsort()[[-1, -2]]
    change = adversarial.adversarial_example(model, image, digit, rival, steps)
    assert change.image.min() >= 0 and change.image.max() <= 1
    assert np.abs(change.image - image).max() <= change.strength + 1e-6
    assert scores(model, [change.image])[0].argmax() == rival
