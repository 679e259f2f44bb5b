"""What a network computes and what its answers rest on, against finite differences and brute force."""

import numpy as np
import pytest

from digitlib.data import load_mnist
from digitlib.explaining import activations, adversarial, attribution, gradients
from digitlib.reading.reader import MODEL_FILE
from digitlib.training.networks import build_full_network, build_network, keras

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
            layers.Dense(10, name="dense_scores"),
            layers.Softmax(),
        ]
    )
    matrix = np.zeros((SIDE * SIDE, 10))
    matrix[:, 4] = weights.ravel()
    model.set_weights([np.ones((1, 1, 1, 1)), matrix, np.zeros(10)])
    return model


def test_filters_are_the_weights_of_the_convolutions(model):
    filters = gradients.filters(model)
    assert list(filters) == ["strokes", "corners", "parts"]
    for name, kernels in filters.items():
        np.testing.assert_array_equal(kernels, model.get_layer(name).get_weights()[0])


def test_first_feature_map_is_the_sliding_sum_of_patch_times_kernel(model, image):
    kernels = gradients.filters(model)["strokes"]
    patches = np.lib.stride_tricks.sliding_window_view(image, kernels.shape[:2])
    expected = np.einsum("ijab,abc->ijc", patches, kernels[:, :, 0])
    np.testing.assert_allclose(gradients.feature_maps(model, image)["strokes"], expected, atol=1e-5)


def test_feature_maps_come_in_order_and_leave_out_the_lists_of_numbers(model, image):
    maps = gradients.feature_maps(model, image)
    assert list(maps) == [layer.name for layer in model.layers[:-3]]
    assert all(values.ndim == 3 for values in maps.values())
    assert maps["parts_active"].min() >= 0


@pytest.mark.parametrize("layer", ["strokes", "corners_1", "parts_2"])
def test_folded_kernels_do_the_work_of_convolution_and_normalization(normalizing, image, layer):
    maps = gradients.feature_maps(normalizing, image)
    inputs = {
        "strokes": image[..., None],
        "corners_1": maps["strokes_pooled"],
        "parts_2": maps["parts_1_active"],
    }
    kernels, biases = gradients.folded_filters(normalizing)[layer]
    size = len(kernels)
    edge = size // 2 if normalizing.get_layer(layer).padding == "same" else 0
    framed = np.pad(inputs[layer], [(edge, edge), (edge, edge), (0, 0)])
    patches = np.lib.stride_tricks.sliding_window_view(framed, (size, size), axis=(0, 1))
    found = np.einsum("ijcab,abco->ijo", patches, kernels) + biases
    np.testing.assert_allclose(found, maps[f"{layer}_normalized"], rtol=1e-4, atol=1e-4)


def test_folding_is_refused_where_pooling_comes_between():
    with pytest.raises(ValueError, match="Behind strokes comes strokes_pooled"):
        gradients.folded_filters(build_network())


@pytest.fixture(scope="module")
def normalizing():
    """A network whose batch normalisation has something to do."""
    keras.utils.set_random_seed(4)
    model = build_full_network()
    generator = np.random.default_rng(4)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([generator.uniform(0.5, 2, weights.shape) for weights in layer.get_weights()])
    return model


def test_outputs_of_many_pictures_are_those_of_each(model, image):
    images = np.array([image, image.T, 0 * image])
    found = gradients.outputs(model, images, "parts_active")
    for values, one in zip(found, images, strict=True):
        np.testing.assert_allclose(values, gradients.feature_maps(model, one)["parts_active"], atol=1e-6)


@pytest.mark.parametrize(
    ("build", "layer"),
    [
        (build_network, "strokes"),
        (build_network, "corners_pooled"),
        (build_network, "parts_active"),
        (build_full_network, "corners_2_active"),
        (build_full_network, "parts_2_active"),
    ],
)
def test_receptive_field_is_where_a_change_arrives(build, layer):
    keras.utils.set_random_seed(0)
    network = build()
    field = gradients.receptive_field(network, layer)
    generator = np.random.default_rng(0)
    image = generator.random((SIDE, SIDE))
    look = keras.Model(network.inputs[0], network.get_layer(layer.replace("_active", "")).output)
    rows = np.repeat(image[None], SIDE, axis=0)
    rows[np.arange(SIDE), np.arange(SIDE)] += 50  # picture k has its row k changed
    before = look(gradients.as_batch([image]), training=False)[0]
    after = look(gradients.as_batch(rows), training=False)
    arrived = np.abs(np.array(after) - np.array(before)).max(axis=(2, 3)) > 1e-6
    for place in range(arrived.shape[1]):
        start = field.start + field.spacing * place
        expected = [start <= row < start + field.size for row in range(SIDE)]
        reached = arrived[:, place]
        assert not (reached & ~np.array(expected)).any(), "no change comes from outside"
        # The largest of four may stay the same; and at the border, padding takes the place of rows.
        if layer not in ("corners_pooled", "parts_active", "parts_2_active"):
            assert reached.tolist() == expected


def test_favourites_are_the_patches_behind_the_largest_values(model):
    images = np.random.default_rng(6).random((12, SIDE, SIDE)).astype(np.float32)
    answers = gradients.outputs(model, images, "strokes")[..., 2]
    kernel = gradients.filters(model)["strokes"][:, :, 0, 2]
    indices, patches = gradients.top_activating_patches(model, images, "strokes", channel=2, count=5)
    assert indices.tolist() == np.argsort(-answers.max(axis=(1, 2)))[:5].tolist()
    for index, patch in zip(indices, patches, strict=True):
        assert (patch * kernel).sum() == pytest.approx(answers[index].max(), rel=1e-4)


def test_ideal_picture_of_a_weighted_sum_has_ink_where_the_weights_are_above_zero():
    weights = np.where(np.arange(SIDE)[:, None] + np.zeros(SIDE) < 12, 1.0, -1.0)
    (picture,), (score,) = gradients.maximize_activation(weighted_pixels(weights), "dense_scores", [4])
    assert picture[:10].min() > 0.9 and picture[15:].max() < 0.1
    assert score == pytest.approx((weights * picture).sum(), rel=1e-4)


def test_ideal_pictures_excite_their_channels_more_than_any_noise(model):
    pictures, excitements = gradients.maximize_activation(model, "parts_normalized", [1, 6], steps=30)
    assert pictures.min() >= 0 and pictures.max() <= 1
    noise = np.random.default_rng(2).random((200, SIDE, SIDE))
    answers = gradients.outputs(model, noise, "parts_normalized")[:, 1, 1]
    assert (excitements > answers[:, [1, 6]].max(axis=0)).all()
    again, _ = gradients.maximize_activation(model, "parts_normalized", [1, 6], steps=30)
    np.testing.assert_array_equal(pictures, again)


def test_flat_map_by_principal_components_is_that_of_a_singular_value_decomposition():
    features = np.random.default_rng(0).normal(size=(60, 9)) * np.arange(1, 10)
    centerd = features - features.mean(axis=0)
    left, widths, _ = np.linalg.svd(centerd, full_matrices=False)
    np.testing.assert_allclose(abs(gradients.embed_2d(features)), abs(left[:, :2] * widths[:2]), atol=1e-6)


def test_flat_map_by_neighbors_keeps_heaps_apart():
    heaps = np.repeat(50 * np.eye(3, 8), 20, axis=0) + np.random.default_rng(0).normal(size=(60, 8))
    places = gradients.embed_2d(heaps, "t-SNE")
    distances = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(distances, np.inf)
    assert (distances.argmin(axis=1) // 20 == np.arange(60) // 20).all()


def test_an_unknown_kind_of_map_is_named():
    with pytest.raises(ValueError, match="allowed are 'PCA' and 't-SNE'"):
        gradients.embed_2d(np.eye(5), "globe")


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

    features = gradients.feature_maps(model, image)["parts_active"].astype(np.float64)
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
    before = gradients.feature_maps(model, image)["parts_active"][0]
    reaching = []
    for row in range(SIDE):
        changed = image.copy()
        changed[row] += 10
        if (gradients.feature_maps(model, changed)["parts_active"][0] != before).any():
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
    shipped = keras.saving.load_model(MODEL_FILE.with_suffix(".keras"))
    _, (images, labels) = load_mnist()
    for picture, label in zip(images[:3] / 255, labels, strict=False):
        shares = attribution.integrated_gradients(shipped, picture, label)
        with_ink, without = activations.scores([picture, 0 * picture])[:, label]
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

    expected = activations.occlusion_map(score, image, size=3)
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
