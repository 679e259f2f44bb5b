"""What the layers of a network compute, against Keras and against sums made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import digitlib
from digitlib.explaining import activations
from digitlib.explaining.neighbors import nearest_digits
from digitlib.explaining.occlusion import occlusion
from digitlib.reading.network import Recognizer
from digitlib.training import build_full_network, build_network, keras, to_keras, to_layers

SIDE = 28
pictures = arrays(np.float32, (28, 28), elements=st.floats(0, 1, width=16), fill=st.just(np.float32(0)))


@pytest.fixture(scope="module")
def digits():
    """Forty training digits, values 0 to 1, and their labels."""
    (images, labels), _ = digitlib.load_mnist()
    return images[:40].astype(np.float32) / 255, labels[:40]


def test_feature_maps_are_those_of_keras(digits):
    model = to_keras(digitlib.load_recognizer().layers)
    shown = [layer for layer in model.layers if layer.name.endswith(("_active", "_pooled"))]
    outputs = keras.Model(model.inputs[0], [layer.output for layer in shown])(digits[0][:3, ..., None])
    for number, image in enumerate(digits[0][:3]):
        found = activations.feature_maps(image)
        assert list(found) == [layer.name for layer in shown]
        for values, expected in zip(found.values(), outputs, strict=True):
            np.testing.assert_allclose(values, np.array(expected)[number], atol=1e-4)


def test_feature_maps_of_another_network(digits):
    keras.utils.set_random_seed(1)
    small = Recognizer(to_layers(build_network(width=4)))
    maps = activations.feature_maps(digits[0][0], small)
    assert {name: values.shape for name, values in maps.items()} == {
        "strokes_pooled": (12, 12, 4),
        "strokes_active": (12, 12, 4),
        "corners_pooled": (5, 5, 12),
        "corners_active": (5, 5, 12),
        "parts_active": (3, 3, 24),
    }


def test_every_pixel_of_a_map_is_the_sum_it_is_said_to_be(digits):
    image = digits[0][1]
    maps = {"picture": image[..., None], **activations.feature_maps(image)}
    generator = np.random.default_rng(0)
    for layer in list(maps)[1:]:
        height, width, channels = maps[layer].shape
        corners = [(0, 0), (0, width - 1), (height - 1, 0), (height - 1, width - 1)]
        for row, column in [*corners, *generator.integers(0, (height, width), (6, 2))]:
            channel = int(generator.integers(channels))
            pixel = activations.pixel_sum(image, layer, row, column, channel)
            assert pixel.value == pytest.approx(maps[layer][row, column, channel], abs=1e-4)
            if pixel.kernel is None:
                assert pixel.total == pixel.patch.max()
            else:
                assert pixel.total == pytest.approx((pixel.patch * pixel.kernel).sum() + pixel.bias, abs=1e-4)
                assert pixel.value == max(pixel.total, 0)
            size = len(pixel.patch)
            rows, columns = (pixel.top + np.arange(size), pixel.left + np.arange(size))
            for (a, b), values in zip(np.ndindex(size, size), pixel.patch.reshape(size**2, -1), strict=True):
                place = rows[a], columns[b]
                if min(place) >= 0 and max(place) < len(maps[pixel.source]):
                    below = maps[pixel.source][place]
                    below = below if len(values) > 1 or len(below) == 1 else below[[channel]]
                    np.testing.assert_array_equal(values, below)
                else:
                    assert not values.any(), "beyond the edge there is nothing"


@pytest.mark.parametrize(
    ("layer", "place"), [("attic", (0, 0, 0)), ("strokes_active", (99, 0, 0)), ("strokes_active", (0, -1, 0))]
)
def test_a_pixel_that_is_not_there_is_named(layer, place):
    with pytest.raises(ValueError, match=r"There is no|and no"):
        activations.pixel_sum(np.zeros((28, 28)), layer, *place)


@settings(max_examples=15, deadline=None)
@given(pictures)
def test_any_picture_can_be_looked_into(image):
    maps = activations.feature_maps(image)
    assert all(np.isfinite(values).all() and values.min() >= 0 for values in maps.values())
    similar = nearest_digits(image, count=3)
    assert [neighbor.similarity for neighbor in similar] == sorted(
        (neighbor.similarity for neighbor in similar), reverse=True
    )
    assert np.isfinite(occlusion(image, 3)).all()


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
    field = activations.receptive_field(Recognizer(to_layers(network)), layer)
    generator = np.random.default_rng(0)
    image = generator.random((SIDE, SIDE))
    look = keras.Model(network.inputs[0], network.get_layer(layer.replace("_active", "")).output)
    rows = np.repeat(image[None], SIDE, axis=0)
    rows[np.arange(SIDE), np.arange(SIDE)] += 50  # picture k has its row k changed
    before = look(image[None, ..., None], training=False)[0]
    after = look(rows[..., None], training=False)
    arrived = np.abs(np.array(after) - np.array(before)).max(axis=(2, 3)) > 1e-6
    for place in range(arrived.shape[1]):
        start = field.start + field.spacing * place
        expected = [start <= row < start + field.size for row in range(SIDE)]
        reached = arrived[:, place]
        assert not (reached & ~np.array(expected)).any(), "no change comes from outside"
        # The largest of four may stay the same; and at the border, padding takes the place of rows.
        if layer not in ("corners_pooled", "parts_active", "parts_2_active"):
            assert reached.tolist() == expected


def test_top_patches_are_those_behind_the_largest_values():
    keras.utils.set_random_seed(3)
    network = Recognizer(to_layers(build_network(width=4)))
    images = np.random.default_rng(6).random((12, SIDE, SIDE)).astype(np.float32)
    answers = network.outputs(images, "strokes")[..., 2]
    kernel = network.layers[0].parameters["kernel"][:, :, 0, 2]
    indices, patches = activations.top_activating_patches(network, images, "strokes", channel=2, count=5)
    assert indices.tolist() == np.argsort(-answers.max(axis=(1, 2)))[:5].tolist()
    for index, patch in zip(indices, patches, strict=True):
        assert (patch * kernel).sum() == pytest.approx(answers[index].max(), rel=1e-4)
