"""Descriptions in .keras files, made by hand: what is refused before Keras sees them, and in which words."""

import io
import json
import zipfile
from types import SimpleNamespace

import h5py
import pytest

from digitlib.measuring import keras_file
from digitlib.measuring.keras_file import load_keras, megabytes
from digitlib.reading.network import ModelError

PARTS = ("metadata.json", "config.json", "model.weights.h5")
DENSE = {
    "module": "keras.layers",
    "class_name": "Dense",
    "config": {"units": 10, "activation": "softmax"},
    "registered_name": None,
}
PASSED = "the description is allowed"


def network(*layers):
    return {"module": "keras", "class_name": "Sequential", "config": {"layers": list(layers)}}


def nested(depth):
    """A layer whose configuration is lists in lists."""
    value = []
    for _ in range(depth):
        value = [value]
    return {"class_name": "Dense", "config": value}


@pytest.fixture
def refusal(tmp_path, monkeypatch):
    """Say why a file with a description is refused; a description that is allowed goes no further."""

    def stop(description, safe_mode):
        assert safe_mode is True and "compile_config" not in description
        raise ModelError(PASSED)

    monkeypatch.setattr("digitlib.backend.keras.saving.deserialize_keras_object", stop)

    def reason(description, **others):
        text = description if isinstance(description, str | bytes) else json.dumps(description)
        with zipfile.ZipFile(tmp_path / "net.keras", "w", zipfile.ZIP_DEFLATED) as package:
            for name in others.get("names", PARTS):
                package.writestr(name, text if name == "config.json" else others.get("content", b""))
        with pytest.raises(ModelError) as caught:
            load_keras(tmp_path / "net.keras")
        return str(caught.value)

    return reason


@pytest.mark.parametrize(
    "layer",
    [
        DENSE,
        {"class_name": "Dense"},
        {**DENSE, "registered_name": "Dense"},
        {
            **DENSE,
            "config": {"activation": {"class_name": "ReLU"}, "kernel_regularizer": {"class_name": "L2"}},
        },
        {"class_name": None, "module": "os"},  # no class is made of it
    ],
)
def test_layers_of_keras_are_allowed(refusal, layer):
    assert refusal(network(layer)) == PASSED
    assert refusal({**network(layer), "class_name": "Functional"}) == PASSED
    assert refusal({**network(layer), "compile_config": {"class_name": "Evil"}}) == PASSED, "never loaded"


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ({"class_name": "Lambda"}, "it holds 'Lambda', which is not among the allowed layers."),
        (
            {"class_name": "conv2d"},
            "it holds 'conv2d', which is not among the allowed layers. Allowed is the layer Conv2D.",
        ),
        ({"class_name": "z" * 70}, f"it holds {'z' * 60!r}, which is not among the allowed layers."),
        ({"class_name": 7}, "it holds '7', which is not among the allowed layers."),
        ({**DENSE, "module": "os"}, "its Dense is not Keras's own."),
        ({**DENSE, "module": "os.keras"}, "its Dense is not Keras's own."),
        ({**DENSE, "module": 7}, "its Dense is not Keras's own."),
        ({**DENSE, "registered_name": "evil>Dense"}, "its Dense is not Keras's own."),
        (
            {**DENSE, "config": {"recurrent_activation": {"config": "f"}}},
            "its activation is code. Allowed are functions of Keras, such as 'relu'.",
        ),
    ],
)
def test_what_is_no_layer_of_keras_is_refused_at_any_depth(refusal, layer, reason):
    assert refusal(network(DENSE, layer)) == reason
    assert refusal(network({"class_name": "Bidirectional", "config": {"inside": [[layer]]}})) == reason


@pytest.mark.parametrize("description", ["3", "[]", "{}", '{"class_name": "Dense"}', '{"class_name": null}'])
def test_what_is_no_network_is_refused(refusal, description):
    assert refusal(description) == "it is no network of layers. Allowed are Functional and Sequential."


@pytest.mark.parametrize("description", ["", "{", b"\xff\xfe", "[" * 100_000])
def test_what_is_no_json_is_refused(refusal, description):
    assert refusal(description) == "its description is no JSON."


@pytest.mark.parametrize("config", [None, [], {}, {"layers": {}}, {"layers": [DENSE] * 201}])
def test_what_has_no_list_of_layers_or_too_many_is_refused(refusal, config):
    assert refusal({"class_name": "Sequential", "config": config}) == (
        "it must have a list of at most 200 layers."
    )


def test_limits_themselves_are_allowed(refusal):
    assert refusal(network(*[DENSE] * 200)) == PASSED
    # The description, its config and its layers lie above the layer, and the layer above its own config.
    assert refusal(network(nested(46))) == PASSED
    assert refusal(network(nested(47))) == "its description is nested too deeply."
    description = json.dumps(network(DENSE))
    assert refusal(description.ljust(1_000_000)) == PASSED
    assert refusal(description.ljust(1_000_001)) == "its description is longer than a megabyte."


@pytest.mark.parametrize(
    ("names", "odd"),
    [
        ((*PARTS, "assets/b", "assets/a"), "assets/a"),
        (PARTS[:1] + PARTS[2:], "config.json"),
        (PARTS[1:2], "metadata.json"),
    ],
)
def test_other_parts_than_keras_writes_are_refused(refusal, names, odd):
    assert refusal(network(DENSE), names=names) == (
        f"it must hold config.json, metadata.json, model.weights.h5, once each; look at {odd!r}."
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_refused(refusal):
    assert refusal(network(DENSE), names=(*PARTS, "config.json")).endswith("; look at 'config.json'.")


def test_all_parts_together_may_be_as_large_as_a_file(refusal, monkeypatch):
    description = json.dumps(network(DENSE))
    monkeypatch.setattr(keras_file, "MAX_FILE", len(description) + 2 * 1_600_000)
    assert refusal(description, content=bytes(1_600_000)) == PASSED
    assert refusal(description, content=bytes(1_600_001)) == "unpacked it has 3 MB; allowed are 3 MB."


def test_what_is_no_zip_file_is_refused(tmp_path):
    (tmp_path / "net.keras").write_bytes(b"\x89HDF")
    with pytest.raises(ModelError) as caught:
        load_keras(tmp_path / "net.keras")
    assert str(caught.value) == "it is no .keras file of Keras 3, which would be a zip file."


def test_sizes_are_written_in_whole_megabytes():
    assert [megabytes(size) for size in (0, 1_400_000, 50_000_000)] == ["0 MB", "1 MB", "50 MB"]


class Built:
    """What is looked at in a network that Keras has built."""

    def __init__(self, shapes=((None, 28, 28, 1), (None, 10)), weights=7850, layers=(), built=True):
        self.input_shape, self.output_shape = shapes
        self.layers, self.built, self._weights = layers, built, weights

    def count_params(self):
        return self._weights


def layer(*shapes, name="conv"):
    outputs = [SimpleNamespace(shape=shape) for shape in shapes]
    return SimpleNamespace(name=name, output=outputs if len(outputs) > 1 else outputs[0])


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Load a file of which Keras builds a given network; return what Keras then loads of the whole file."""
    weights = io.BytesIO()
    h5py.File(weights, "w").close()
    with zipfile.ZipFile(tmp_path / "NET.KERAS", "w") as package:
        for name, content in zip(PARTS, (b"{}", json.dumps(network(DENSE)), weights.getvalue()), strict=True):
            package.writestr(name, content)

    def load_model(path, compile, safe_mode):
        assert compile is False and safe_mode is True and path.suffix == ".keras"
        return path.read_bytes()

    def load(model):
        monkeypatch.setattr("digitlib.backend.keras.saving.deserialize_keras_object", lambda *_, **__: model)
        monkeypatch.setattr("digitlib.backend.keras.saving.load_model", load_model)
        return load_keras(tmp_path / "NET.KERAS") == (tmp_path / "NET.KERAS").read_bytes()

    return load


ALLOWED = "allowed is (28, 28, 1) to (10,)."


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Built(weights=10_000_000), None),
        (Built(weights=10_000_001), "it has 10,000,001 weights; allowed are 10,000,000."),
        (Built(shapes=((None, 28, 28), (None, 10))), None),
        (Built(shapes=((None, 784), (None, 10))), None),
        (
            Built(shapes=((None, 28, 28, 3), (None, 10))),
            f"it goes from (None, 28, 28, 3) to (None, 10); {ALLOWED}",
        ),
        (Built(shapes=((None, 784), (None, 26))), f"it goes from (None, 784) to (None, 26); {ALLOWED}"),
        (
            Built(built=False),
            "the size of its images is open. Begin it with keras.layers.Input((28, 28, 1)).",
        ),
        (Built(layers=[layer((None, 100, 100, 500))]), None),
        (Built(layers=[layer((None, None, 5_000_000))]), None),
        (
            Built(layers=[layer((None, 10)), layer((None, 1), (None, 100, 100, 501), name="two")]),
            "its layer two has 5,010,000 numbers; allowed: 5,000,000.",
        ),
        (
            Built(layers=[layer((None, *[2**16] * 5))]),  # more than 64 bits count
            f"its layer conv has {2**80:,} numbers; allowed: 5,000,000.",
        ),
    ],
)
def test_sizes_are_looked_at_before_memory_is_taken(built, model, reason):
    if reason is None:
        assert built(model)
    else:
        with pytest.raises(ModelError) as caught:
            built(model)
        assert str(caught.value) == reason
