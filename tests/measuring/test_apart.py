"""Networks of strangers, in a process apart: what loops, is huge or damaged ends nothing else."""

import sys

import numpy as np
import pytest
from measuring.acts import LONG

from digitlib.backend import keras, quiet, tensorflow
from digitlib.measuring import apart, load_model
from digitlib.measuring.isolation import Isolated
from digitlib.measuring.models import MODEL_FILE, ModelError, open_model
from digitlib.reading.layers import Layer
from digitlib.reading.network import load_layers, save_layers

PICTURES = np.random.default_rng(0).random((5, 28, 28), np.float32)


@pytest.fixture(scope="module")
def strangers(tmp_path_factory):
    """A good network, saved the usual ways, one that answers, but never a second time, and three bad ones."""
    folder = tmp_path_factory.mktemp("strangers")
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    keras.Sequential(layers).save(folder / "good.keras")
    (folder / "good.npz").write_bytes(MODEL_FILE.read_bytes())
    (folder / "half.keras").write_bytes((folder / "good.keras").read_bytes()[:-500])
    many, large = np.ones((1, 1, 1, 5000), np.float32), np.ones((28, 28, 5000, 1), np.float32)
    layers = [
        Layer(f"layer {number}", "Conv2D", {"kernel": kernel, "padding": "same", "strides": [1, 1]})
        for number, kernel in enumerate((many, large))  # small themselves; in between lie 25 GB
    ]
    save_layers(folder / "huge.npz", layers)
    (folder / "loops.tflite").write_bytes(endless())
    return folder


def endless():
    """A network in TensorFlow Lite's format whose loop never ends."""

    class Network(tensorflow.Module):
        @tensorflow.function(input_signature=[tensorflow.TensorSpec((1, 28, 28, 1))])
        def answer(self, image):
            start = tensorflow.reduce_sum(image), tensorflow.ones((1, 10)) / 10
            return tensorflow.while_loop(lambda sum, _: sum > -1, lambda sum, same: (sum * 0, same), start)[1]

    network = Network()
    function = network.answer.get_concrete_function()
    converter = tensorflow.lite.TFLiteConverter.from_concrete_functions([function], network)
    with quiet():
        return converter.convert()


def test_a_network_answers_as_it_would_here(strangers):
    for name in ("good.keras", "good.npz"):
        expected, loaded = open_model(strangers / name), load_model(strangers / name)
        assert np.array_equal(loaded.probabilities(PICTURES), expected.probabilities(PICTURES)), name
        assert (loaded.name, loaded.size, loaded.weights, loaded.values) == (
            (expected.name, expected.size, expected.weights, expected.values)
        )
    assert load_model().card == open_model().card != {}


def test_a_file_that_was_replaced_is_another_network(strangers):
    path = strangers / "mine.npz"
    path.write_bytes((strangers / "good.npz").read_bytes())
    before = load_model(path).probabilities(PICTURES)
    layers = load_layers(path)
    layers[-2].parameters["bias"][:] = np.arange(10)
    save_layers(path, layers)
    assert not np.allclose(load_model(path).probabilities(PICTURES), before)


def test_a_network_that_loops_is_ended_and_the_next_one_is_served(strangers, monkeypatch):
    monkeypatch.setattr(apart, "_apart", Isolated(apart._look_or_predict, 1))
    with pytest.raises(ModelError, match=r"^loops\.tflite is refused: it took longer than 1 seconds\.$"):
        load_model(strangers / "loops.tflite")
    apart._apart._seconds = LONG
    assert load_model(strangers / "good.npz").probabilities(PICTURES).shape == (5, 10)
    apart._apart.end()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the memory")
def test_a_network_that_is_huge_ends_nothing_else(strangers):
    with pytest.raises(ModelError, match=r"^huge\.npz is refused: .*Unable to allocate"):
        load_model(strangers / "huge.npz")


def test_damaged_and_missing_files_get_their_reason(strangers):
    with pytest.raises(ModelError, match=r"^half\.keras is refused: it is no \.keras file"):
        load_model(strangers / "half.keras")
    with pytest.raises(ModelError, match=r"^There is no file gone\.npz"):
        load_model(strangers / "gone.npz")
