"""The shipped network opened without TensorFlow, against Keras and against sums made by hand."""

import hashlib
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from digitlib.data import load_mnist
from digitlib.explaining import activations, gradients, neighbors
from digitlib.explaining.layers import OpenNetwork, open_network
from digitlib.explaining.neighbors import nearest_digits, write_index
from digitlib.reading.reader import MODEL_FILE, ModelError, load_recognizer
from digitlib.training.export import to_tflite
from digitlib.training.networks import build_network, keras


@pytest.fixture(scope="module")
def digits():
    """Forty training digits, values 0 to 1, and their labels."""
    (images, labels), _ = load_mnist()
    return images[:40].astype(np.float32) / 255, labels[:40]


@pytest.fixture(scope="module")
def model():
    """The shipped network as Keras has it."""
    return keras.saving.load_model(MODEL_FILE.with_suffix(".keras"))


def test_feature_maps_are_those_of_keras(digits, model):
    for image in digits[0][:3]:
        expected = gradients.feature_maps(model, image)
        found = activations.feature_maps(image)
        seen_once = [name for name in expected if name.endswith(("_active", "_pooled"))]
        assert list(found) == seen_once
        for name, values in found.items():
            np.testing.assert_allclose(values, expected[name], atol=1e-4)


def test_hidden_features_and_scores_are_those_of_keras(digits, model):
    images, _ = digits
    below_scores = [layer.name for layer in model.layers][-3]
    np.testing.assert_allclose(
        activations.hidden(images), gradients.outputs(model, images, below_scores), atol=1e-4
    )
    np.testing.assert_allclose(
        activations.scores(images), gradients.outputs(model, images, "scores"), atol=1e-3
    )


def test_last_layer_gives_the_probabilities_of_the_recognizer(digits):
    images, _ = digits
    network = open_network()
    expected = load_recognizer().probabilities(images)
    np.testing.assert_allclose(network.outputs(network.layers[-1], images), expected, atol=1e-6)


def test_kernels_are_those_of_keras_with_the_normalization_folded_in(model):
    expected, found = gradients.folded_filters(model), open_network().convolutions
    assert list(found) == [f"{name}_active" for name in expected]
    for (kernels, biases), (expected_kernels, expected_biases) in zip(
        found.values(), expected.values(), strict=True
    ):
        np.testing.assert_allclose(kernels, expected_kernels, atol=1e-5)
        np.testing.assert_allclose(biases, expected_biases, atol=1e-4)


def test_another_network_is_opened_too(digits):
    keras.utils.set_random_seed(1)
    small = build_network(width=4)
    network = OpenNetwork(to_tflite(small))
    for name in ("strokes_active", "corners_pooled", "flat", "scores"):
        expected = gradients.outputs(small, digits[0], name)
        np.testing.assert_allclose(network.outputs(name, digits[0]), expected, atol=1e-5)


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


@pytest.mark.parametrize("shape", [(28, 28), (0, 28, 28), (1, 27, 28), (1, 28, 28, 1)])
def test_pictures_of_another_size_are_refused(shape):
    with pytest.raises(ValueError, match="allowed is"):
        activations.scores(np.zeros(shape))


def test_a_layer_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"attic.*scores"):
        open_network().outputs("attic", np.zeros((1, 28, 28)))


def covered_one_by_one(score, image, size):
    """Occlusion as its definition says it, without any short cut."""
    falls = np.zeros((28, 28))
    for row, column in np.ndindex(28, 28):
        covered = image.copy()
        for a, b in np.ndindex(28, 28):
            if max(abs(a - row), abs(b - column)) <= size // 2:
                covered[a, b] = 0
        falls[row, column] = (score(image[None]) - score(covered[None]))[0]
    return falls


@pytest.mark.parametrize("size", [1, 5])
def test_occlusion_is_what_covering_one_by_one_gives(digits, size):
    image = digits[0][2]
    expected = covered_one_by_one(lambda images: activations.scores(images)[:, 4], image, size)
    np.testing.assert_allclose(activations.occlusion(image, 4, size), expected, atol=1e-4)


pictures = arrays(np.float32, (28, 28), elements=st.floats(0, 1, width=16), fill=st.just(np.float32(0)))


@settings(max_examples=25, deadline=None)
@given(pictures, st.sampled_from([1, 3, 7]))
def test_occlusion_of_a_weighted_sum_is_the_covered_sum(image, size):
    weights = np.random.default_rng(1).normal(size=(28, 28))
    padded = np.pad(weights * image, size // 2)
    expected = np.lib.stride_tricks.sliding_window_view(padded, (size, size)).sum(axis=(2, 3))
    found = activations.occlusion_map(lambda images: (images * weights).sum(axis=(1, 2)), image, size)
    np.testing.assert_allclose(found, expected, atol=1e-3)


@pytest.mark.parametrize("size", [0, -3, 4])
def test_a_cover_without_a_middle_is_refused(size):
    with pytest.raises(ValueError, match="odd"):
        activations.occlusion(np.eye(28), 3, size)


@settings(max_examples=15, deadline=None)
@given(pictures)
def test_any_picture_can_be_looked_into(image):
    maps = activations.feature_maps(image)
    assert all(np.isfinite(values).all() and values.min() >= 0 for values in maps.values())
    similar = nearest_digits(image, count=3)
    assert [neighbor.similarity for neighbor in similar] == sorted(
        (neighbor.similarity for neighbor in similar), reverse=True
    )
    assert np.isfinite(activations.occlusion(image, 3)).all()


def test_threads_get_their_own_answers(digits):
    images = digits[0]
    expected = [activations.scores(image[None]) for image in images]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda image: activations.scores(image[None]), images))
    np.testing.assert_array_equal(found, expected)


def test_neighbors_are_training_digits_and_a_digit_of_the_index_is_its_own_neighbor():
    (images, labels), _ = load_mnist()
    for neighbor in nearest_digits(images[5] / 255, count=3):
        np.testing.assert_array_equal(neighbor.image, images[neighbor.index])
        assert neighbor.label == labels[neighbor.index]
        assert -1 <= neighbor.similarity <= 1.001
        itself = nearest_digits(neighbor.image / 255, count=1)[0]
        assert itself.index == neighbor.index
        assert itself.similarity > 0.99


def test_neighbors_are_those_of_the_whole_features(digits):
    """The index keeps 64 bytes a digit; the search among all features is the measure."""
    (images, _), _ = load_mnist()
    indices = neighbors._load_index()["indices"]
    everything = unit(activations.hidden(images[indices] / np.float32(255)))
    shared = []
    for image in digits[0]:
        exact = indices[np.argsort(-everything @ unit(activations.hidden(image[None]))[0])[:8]]
        shared.append(len({n.index for n in nearest_digits(image)} & {int(index) for index in exact}))
    assert np.mean(shared) > 6, "of eight"


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_neighbors_of_new_digits_are_mostly_of_their_class():
    _, (images, labels) = load_mnist()
    right = [
        neighbor.label == label
        for image, label in zip(images[:40], labels[:40], strict=True)
        for neighbor in nearest_digits(image / 255, count=5)
    ]
    assert np.mean(right) > 0.9


@pytest.fixture(scope="module")
def small_index(tmp_path_factory):
    """An index written anew, of 40 digits."""
    folder = tmp_path_factory.mktemp("model")
    shutil.copy(MODEL_FILE, folder)
    (images, labels), _ = load_mnist()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbors, "EACH", 4)
        return write_index(folder / MODEL_FILE.name, images[:2000], labels[:2000])


def test_the_same_digits_give_the_same_index(small_index, tmp_path, monkeypatch):
    monkeypatch.setattr(neighbors, "EACH", 4)
    shutil.copy(MODEL_FILE, tmp_path)
    (images, labels), _ = load_mnist()
    again = write_index(tmp_path / MODEL_FILE.name, images[:2000], labels[:2000])
    assert again.read_bytes() == small_index.read_bytes()
    with np.load(again) as index:
        assert np.bincount(index["labels"]).tolist() == [4] * 10
        np.testing.assert_array_equal(index["labels"], labels[index["indices"]])


def test_the_shipped_index_is_small():
    assert MODEL_FILE.with_name(neighbors.INDEX_FILE).stat().st_size < 1_000_000


def lose(path):
    path.unlink()


def cut_off(path):
    path.write_bytes(path.read_bytes()[:1000])


def write_words(path):
    path.write_text("Dear diary", encoding="utf-8")


@pytest.mark.parametrize("spoil", [lose, cut_off, write_words])
def test_a_missing_or_damaged_index_is_named(small_index, tmp_path, spoil):
    for path in (small_index, MODEL_FILE):
        shutil.copy(path, tmp_path)
    spoil(tmp_path / small_index.name)
    with pytest.raises(ModelError, match="missing or damaged"):
        neighbors._load_index(tmp_path / MODEL_FILE.name)


def test_an_index_of_another_network_is_named(small_index, tmp_path):
    shutil.copy(small_index, tmp_path)
    (tmp_path / MODEL_FILE.name).write_bytes(MODEL_FILE.read_bytes() + b"\0")
    with pytest.raises(ModelError, match="another network"):
        neighbors._load_index(tmp_path / MODEL_FILE.name)


def test_the_shipped_index_belongs_to_the_shipped_network():
    with np.load(MODEL_FILE.with_name(neighbors.INDEX_FILE)) as index:
        assert index["network"].tobytes() == hashlib.sha256(MODEL_FILE.read_bytes()).digest()


def test_looking_inside_needs_neither_tensorflow_nor_matplotlib():
    program = (
        "import sys, numpy; from digitlib.explaining import activations, neighbors; "
        "activations.occlusion(numpy.eye(28), 3); "
        "neighbors.nearest_digits(numpy.eye(28)); "
        "print([n for n in ('tensorflow', 'keras', 'matplotlib', 'sklearn') if n in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
