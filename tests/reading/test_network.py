"""The network in NumPy: each operation against Keras, the file, and what is refused."""

import hashlib
import itertools
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import digitlib
from digitlib.reading import layers as operations
from digitlib.reading.layers import Layer, fold, forward
from digitlib.reading.network import (
    BATCH_SIZE,
    LETTERS_FILE,
    MODEL_FILE,
    ModelError,
    Recognizer,
    load_layers,
    load_recognizer,
    network_file,
    save_layers,
)

SMALL = [
    Layer("flat", "Flatten", {}),
    Layer("logits", "Dense", {"kernel": np.linspace(-1, 1, 7840, dtype=np.float32).reshape(784, 10)}),
    Layer("probabilities", "Softmax", {}),
]


def test_images():
    return digitlib.load_mnist()[1][0][:1_000].astype(np.float32) / 255


test_images.__test__ = False


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 9), st.integers(1, 9), st.integers(1, 4), st.integers(1, 4),
    st.sampled_from(["valid", "same"]), st.tuples(st.integers(1, 3), st.integers(1, 3)), st.integers(0, 99),
)  # fmt: skip
def test_convolution_is_that_of_keras(height, width, tall, wide, padding, strides, seed):
    import keras

    if padding == "valid" and (tall > height or wide > width):
        return
    generator = np.random.default_rng(seed)
    maps = generator.normal(size=(2, height, width, 3)).astype(np.float32)
    kernel, bias = generator.normal(size=(tall, wide, 3, 5)), generator.normal(size=5)
    kernel, bias = kernel.astype(np.float32), bias.astype(np.float32)
    expected = keras.ops.conv(maps, kernel, strides, padding) + bias
    found = operations.convolve(maps, kernel, bias, padding, strides)
    np.testing.assert_allclose(found, np.array(expected), atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 9), st.integers(1, 9), st.tuples(st.integers(1, 3), st.integers(1, 3)), st.integers(0, 99)
)
def test_pooling_is_that_of_keras(height, width, size, seed):
    import keras

    if size[0] > height or size[1] > width:
        return
    maps = np.random.default_rng(seed).normal(size=(2, height, width, 3)).astype(np.float32)
    for found, how in (
        (operations.max_pool, keras.ops.max_pool),
        (operations.average_pool, keras.ops.average_pool),
    ):
        np.testing.assert_allclose(found(maps, size), np.array(how(maps, size, size)), atol=1e-5)


def test_softmax_stands_large_numbers():
    np.testing.assert_allclose(operations.softmax(np.array([[1e4, 1e4, -1e4]])), [[0.5, 0.5, 0]])


def test_folding_changes_no_answer():
    layers = load_layers(MODEL_FILE)
    assert len(fold(layers)) == len(layers) - sum(layer.kind == "BatchNormalization" for layer in layers)
    images = test_images()[:20]
    np.testing.assert_allclose(forward(fold(layers), images), forward(layers, images), atol=1e-5)


def test_normalization_behind_pooling_is_not_folded():
    pooled = [Layer("a", "Conv2D", {}), Layer("b", "MaxPooling2D", {}), Layer("c", "BatchNormalization", {})]
    assert [layer.name for layer in fold(pooled)] == ["a", "b", "c"]


def test_the_shipped_network_answers_as_keras_does():
    from digitlib.training import to_keras

    images = np.concatenate([test_images(), np.random.default_rng(0).random((100, 28, 28), np.float32)])
    expected = to_keras(load_layers(MODEL_FILE)).predict(images[..., None], verbose=0)
    np.testing.assert_allclose(load_recognizer().probabilities(images), expected, atol=1e-5)


def test_one_call_equals_many():
    images = test_images()[:70]
    together = load_recognizer().probabilities(images)
    alone = np.concatenate([load_recognizer().probabilities(image[None]) for image in images])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert load_recognizer().probabilities(images[:0]).shape == (0, 10)


def test_threads_get_their_own_answers():
    images = test_images()[:40]
    expected = [load_recognizer().logits(image[None]) for image in images]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda image: load_recognizer().logits(image[None]), images))
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape", [(28, 28), (1, 27, 28), (1, 28, 28, 1)])
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"allowed is \(N, 28, 28\)"):
        load_recognizer().probabilities(np.zeros(shape))


def test_pixels_that_were_not_divided_are_refused():
    pixels = np.full((1, 28, 28), 255, np.uint8)
    with pytest.raises(ValueError, match="Divide pixels by 255"):
        load_recognizer().probabilities(pixels)
    assert load_recognizer().probabilities(pixels // 255).shape == (1, 10), "0 and 1 are what it takes"
    assert load_recognizer().probabilities(pixels[:0]).shape == (0, 10)


def test_a_layer_that_is_not_there_is_named():
    with pytest.raises(ValueError, match=r"attic.*logits"):
        load_recognizer().outputs(np.zeros((1, 28, 28)), "attic")


def test_layers_come_back_from_their_file(tmp_path):
    save_layers(tmp_path / "one.npz", load_layers(MODEL_FILE))
    assert (tmp_path / "one.npz").read_bytes() == MODEL_FILE.read_bytes()


def test_a_network_without_a_card_has_numbered_classes(tmp_path):
    save_layers(tmp_path / "digits.npz", SMALL)
    recognizer = load_recognizer(tmp_path)
    assert recognizer.classes == tuple("0123456789") and recognizer.card == {}
    assert recognizer.certainty_threshold == 0.95
    assert load_recognizer(tmp_path / "digits.npz") is recognizer, "read once"
    (tmp_path / "model_card.json").write_text('{"certainty_threshold": 0.5}', encoding="utf-8")
    assert load_recognizer(tmp_path).certainty_threshold == 0.5, "a changed file is read again"


def test_shipped_files_are_those_of_the_card():
    for name, checksum in load_recognizer().card["sha256"].items():
        assert hashlib.sha256(MODEL_FILE.with_name(name).read_bytes()).hexdigest() == checksum


def spoil_checksum(folder):
    path = folder / "digits.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"x")


def spoil_card(folder):
    (folder / "model_card.json").write_text("{", encoding="utf-8")


def replace_by_words(folder):
    (folder / "digits.npz").write_bytes(b"nonsense")
    checksum = hashlib.sha256(b"nonsense").hexdigest()
    card = json.dumps({"sha256": {"digits.npz": checksum}})
    (folder / "model_card.json").write_text(card, encoding="utf-8")


def replace_by(*layers):
    def spoil(folder):
        (folder / "model_card.json").unlink()
        save_layers(folder / "digits.npz", layers)

    return spoil


def replace_by_pickle(folder):
    (folder / "model_card.json").unlink()
    np.savez(folder / "digits.npz", layers=np.array([{"name": "code"}], dtype=object))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda folder: (folder / "digits.npz").unlink(), r"digits\.npz or its model_card\.json is missing"),
        (spoil_checksum, "its SHA-256 differs"),
        (spoil_card, r"model_card\.json beside digits\.npz is damaged"),
        (replace_by_words, r"digits\.npz"),
        (replace_by_pickle, "no network that digitlib can run"),
        (replace_by(Layer("a", "Lambda", {})), "Allowed are .npz files with layers of the kinds Conv2D"),
        (replace_by(*SMALL[:2]), "softmax at its end"),
        (replace_by(SMALL[0], Layer("d", "Dense", {"kernel": np.zeros((9, 10))})), "no network"),
        (replace_by(), "softmax at its end"),
    ],
)
def test_what_is_no_network_is_refused_with_the_reason(tmp_path, spoil, words):
    for name in ("digits.npz", "model_card.json"):
        shutil.copy(MODEL_FILE.with_name(name), tmp_path)
    spoil(tmp_path)
    with pytest.raises(ModelError, match=words):
        load_recognizer(tmp_path / "digits.npz")


def test_a_keras_file_is_not_opened_here(tmp_path):
    (tmp_path / "mine.keras").write_bytes(b"PK")
    with pytest.raises(ModelError, match=r"mine\.keras is not opened here. Allowed are \.npz files"):
        load_recognizer(tmp_path / "mine.keras")


def test_a_recognizer_made_of_layers_answers():
    assert Recognizer(SMALL).probabilities(np.zeros((2, 28, 28))).shape == (2, 10)


def test_a_card_with_too_few_classes_is_refused():
    with pytest.raises(ModelError, match="names 3 classes, and the network tells 10 apart"):
        Recognizer(load_layers(MODEL_FILE), {"classes": ["A", "B", "C"]})


def test_a_folder_holds_a_network_of_letters_or_else_of_digits(tmp_path):
    assert network_file(tmp_path) == tmp_path / "digits.npz"
    assert network_file(str(tmp_path / "any.npz")) == tmp_path / "any.npz"
    (tmp_path / "letters.npz").mkdir()
    assert network_file(tmp_path) == tmp_path / "digits.npz", "a folder is no network"
    (tmp_path / "letters.npz").rmdir()
    for name in ("letters.npz", "model_card.json"):
        shutil.copy(LETTERS_FILE.with_name(name), tmp_path)
    assert network_file(str(tmp_path)) == tmp_path / "letters.npz"
    letters = load_recognizer(tmp_path)
    assert (letters.what, letters.path) == ("letters", tmp_path / "letters.npz")
    digits = load_recognizer()
    assert (digits.what, digits.path) == ("digits", MODEL_FILE)
    assert Recognizer(SMALL, {"classes": "012345678A"}).what == "letters"


def test_a_convolution_without_a_bias_is_folded_like_one_with_it():
    rng = np.random.default_rng(0)
    kernel, scale, offset = rng.normal(size=(3, 3, 1, 4)), rng.normal(size=4), rng.normal(size=4)
    for bias in ({}, {"bias": rng.normal(size=4)}):
        layers = [
            Layer("a", "Conv2D", {"kernel": kernel, **bias, "padding": "same"}),
            Layer("b", "BatchNormalization", {"scale": scale, "offset": offset}),
            Layer("c", "ReLU", {}),
        ]
        folded = fold(layers)
        assert [(one.name, one.kind) for one in folded] == [("a", "Conv2D"), ("c", "ReLU")]
        images = rng.normal(size=(2, 6, 7))
        np.testing.assert_allclose(forward(folded, images), forward(layers, images))


def test_a_product_in_parts_is_the_product():
    """However few rows and terms are computed at a time, also where there are none."""
    rng = np.random.default_rng(0)
    maps, kernel = rng.normal(size=(3, 9, 8, 2)).astype(np.float32), rng.normal(size=(2, 3, 2, 5))
    whole = operations.convolve(maps, kernel.astype(np.float32), strides=(1, 2))
    for size, depth in itertools.product((1, 61, 300), (1, 5, 12, 96)):
        with patch.multiple(operations, PRODUCT_SIZE=size, PRODUCT_DEPTH=depth):
            parts = operations.convolve(maps, kernel.astype(np.float32), strides=(1, 2))
            assert operations.convolve(maps[:0], kernel.astype(np.float32)).shape == (0, 8, 6, 5)
        np.testing.assert_allclose(parts, whole, atol=1e-5)


@pytest.mark.parametrize("count", [0, 1, 31, 32, 33, 65])
def test_images_are_answered_in_batches(count):
    images = test_images()[:count]
    network = Recognizer(SMALL)
    parts = np.split(images, range(BATCH_SIZE, count, BATCH_SIZE))  # sums of one and of many round otherwise
    expected = np.concatenate([forward(SMALL, part) for part in parts]) if count else np.zeros((0, 10))
    np.testing.assert_allclose(network.probabilities(images), expected, atol=1e-6)
    assert network.probabilities(images).dtype == network.outputs(images, "flat").dtype == np.float32
    np.testing.assert_allclose(network.outputs(images, "flat"), images.reshape(count, 784))
    np.testing.assert_allclose(operations.softmax(network.logits(images)), expected, atol=1e-6)
