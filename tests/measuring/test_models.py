"""Networks from files: what is judged, what is refused, and that nothing in a file is run."""

import io
import pickle
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from digitlib.backend import keras, quiet, tensorflow
from digitlib.data import load_mnist
from digitlib.measuring import keras_file, models
from digitlib.measuring.models import MODEL_FILE, open_model
from digitlib.reading.network import ModelError, load_recognizer
from digitlib.training.convert import to_keras

PICTURES = np.random.default_rng(0).random((5, 28, 28), np.float32)


def network(*layers, shape=(28, 28, 1), end="softmax"):
    parts = [
        keras.layers.Input(shape),
        *layers,
        keras.layers.Flatten(),
        keras.layers.Dense(10, activation=end),
    ]
    return keras.Sequential(parts)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """A harmless network, and its file."""
    path = tmp_path_factory.mktemp("models") / "good.keras"
    model = network(keras.layers.Conv2D(2, 3, kernel_regularizer="l2"), keras.layers.Dropout(0.1))
    model.save(path)
    return model, path


def rewritten(path, source, **contents):
    """A copy of a .keras file with other contents: of config.json ("config"), or of other names."""
    names = {"config": "config.json", "weights": "model.weights.h5", "metadata": "metadata.json"}
    contents = {names.get(name, name): content for name, content in contents.items()}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {**dict.fromkeys(old.namelist()), **contents}:
            new.writestr(name, contents.get(name) if name in contents else old.read(name))
    return path


def config_of(path):
    with zipfile.ZipFile(path) as package:
        return package.read("config.json").decode()


# --- what is judged -----------------------------------------------------------------------------------------


def test_a_keras_file_answers_as_keras_does(good):
    model, path = good
    loaded = open_model(path)
    assert np.allclose(
        loaded.probabilities(PICTURES), model.predict(PICTURES[..., None], verbose=0), atol=1e-6
    )
    assert loaded.weights == model.count_params()
    assert loaded.size == path.stat().st_size and loaded.card == {} and loaded.certainty_threshold == 0.95
    assert loaded.probabilities(PICTURES[:0]).shape == (0, 10)
    many = np.random.default_rng(1).random((1_001, 28, 28), np.float32)  # more than two batches
    assert np.allclose(loaded.probabilities(many), model.predict(many[..., None], verbose=0), atol=1e-6)


def test_every_kind_of_file_of_our_network_answers_alike(tmp_path):
    images = load_mnist()[1][0][:50].astype(np.float32) / 255
    expected = load_recognizer().probabilities(images)
    model = to_keras(load_recognizer().layers)
    model.save(tmp_path / "digits.keras")
    (tmp_path / "digits.tflite").write_bytes(as_tflite(model))
    for path in (MODEL_FILE, tmp_path / "digits.keras", tmp_path / "digits.tflite"):
        loaded = open_model(path)
        assert np.allclose(loaded.probabilities(images), expected, atol=1e-4), path.name
        assert loaded.weights in (252_714, None)
    shipped = open_model()
    assert shipped.certainty_threshold == shipped.card["certainty_threshold"]


def as_tflite(model, whole_numbers=False, small=False):
    """A network in TensorFlow Lite's format, as its converter writes it with these settings."""
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(model)
    if small or whole_numbers:
        converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
    if whole_numbers:
        digits = load_mnist()[0][0][:100, None, ..., None] / np.float32(255)
        converter.representative_dataset = lambda: ([digit] for digit in digits)
        converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tensorflow.uint8
    with quiet():
        return converter.convert()


@pytest.fixture(scope="module")
def trained():
    """A small network, trained as in every tutorial, and some digits it did not learn from."""
    keras.utils.set_random_seed(0)
    (images, labels), (others, _) = load_mnist()
    model = network()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images[:3000, ..., None] / 255, labels[:3000], epochs=3, verbose=0)
    return model, others[:200] / np.float32(255)


def test_a_network_is_judged_as_its_owner_saved_it_after_training(trained, tmp_path, capfd):
    model, images = trained
    expected = model.predict(images[..., None], verbose=0)
    model.save(tmp_path / "net.keras")
    (tmp_path / "net.keras").rename(tmp_path / "NET.KERAS")
    (tmp_path / "float.tflite").write_bytes(as_tflite(model))
    (tmp_path / "small.tflite").write_bytes(as_tflite(model, small=True))
    (tmp_path / "uint8.tflite").write_bytes(as_tflite(model, whole_numbers=True))
    capfd.readouterr()
    for name, tolerance in (("NET.KERAS", 1e-5), ("float.tflite", 1e-5), ("small.tflite", 0.1)):
        assert np.allclose(open_model(tmp_path / name).probabilities(images), expected, atol=tolerance), name
    whole = open_model(tmp_path / "uint8.tflite").probabilities(images)
    assert (whole.argmax(1) == expected.argmax(1)).mean() > 0.95 and np.allclose(whole, expected, atol=0.2)
    assert capfd.readouterr() == ("", ""), "no remarks of TensorFlow"


@pytest.mark.parametrize("values", models.VALUES)
def test_a_network_gets_the_values_that_it_was_trained_on(trained, tmp_path, values):
    model, images = trained
    factor, offset = models.VALUES[values]
    undo = keras.layers.Rescaling(1 / factor, -offset / factor)
    keras.Sequential([keras.layers.Input((28, 28, 1)), undo, *model.layers]).save(tmp_path / "own.keras")
    loaded = open_model(tmp_path / "own.keras")
    assert loaded.values == values
    expected = model.predict(images[..., None], verbose=0)
    assert np.allclose(loaded.probabilities(images), expected, atol=1e-3)


def test_a_network_that_guesses_is_given_the_usual_values(tmp_path):
    keras.utils.set_random_seed(1)
    network().save(tmp_path / "poor.keras")
    assert open_model(tmp_path / "poor.keras").values == models.CONTRACT


def test_without_tensorflow_the_remedy_is_named(good, monkeypatch):
    monkeypatch.setitem(sys.modules, "digitlib.backend", None)
    with pytest.raises(
        ModelError, match=r'needs TensorFlow, which is missing: pip install "digitlib\[train\]"'
    ):
        open_model(good[1])


def with_nan(layers):
    model = network()
    model.set_weights([np.full_like(values, np.nan) for values in model.get_weights()])
    return model


USUAL_MISTAKES = {
    "not finite. Its weights may hold NaN": with_nan,
    r"Begin it with keras\.layers\.Input": lambda layers: keras.Sequential(
        [layers.Flatten(), layers.Dense(10)]
    ),
    "its activation is code": lambda layers: network(layers.Dense(4, activation=lambda values: values)),
    "'Relu', which is not among the allowed layers. Allowed is the layer ReLU": lambda layers: keras.Model(
        picture := layers.Input((28, 28, 1)),
        layers.Dense(10, activation="softmax")(keras.ops.relu(layers.Flatten()(picture))),
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("reason", USUAL_MISTAKES)
def test_usual_mistakes_get_a_sentence_of_their_own(tmp_path, reason):
    USUAL_MISTAKES[reason](keras.layers).save(tmp_path / "net.keras")
    with pytest.raises(ModelError, match=reason):
        open_model(tmp_path / "net.keras")


def test_a_tflite_file_with_operators_of_tensorflow_itself_is_refused_and_not_run(tmp_path):
    class Writer(tensorflow.Module):
        @tensorflow.function(input_signature=[tensorflow.TensorSpec((1, 28, 28, 1))])
        def answer(self, image):
            tensorflow.io.write_file(str(tmp_path / "sprung"), "x")
            return tensorflow.ones((1, 10)) / 10

    writer = Writer()
    converter = tensorflow.lite.TFLiteConverter.from_concrete_functions(
        [writer.answer.get_concrete_function()], writer
    )
    sets = tensorflow.lite.OpsSet
    converter.target_spec.supported_ops = [sets.TFLITE_BUILTINS, sets.SELECT_TF_OPS]
    with quiet():
        (tmp_path / "evil.tflite").write_bytes(converter.convert())
    with pytest.raises(ModelError, match=r"evil\.tflite is refused: .*Select TensorFlow op"):
        open_model(tmp_path / "evil.tflite")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    "card", ["{", "[]", "3", '{"certainty_threshold": "high"}', '{"certainty_threshold": 7}']
)
def test_a_strange_model_card_does_no_harm(good, tmp_path, card):
    path = tmp_path / "good.keras"
    path.write_bytes(good[1].read_bytes())
    path.with_name("model_card.json").write_text(card, encoding="utf-8")
    assert open_model(path).certainty_threshold == 0.95


def test_usual_networks_are_allowed(tmp_path):
    layers = keras.layers
    picture = layers.Input((28, 28, 1))
    left = layers.Conv2D(4, 3, padding="same", activation="relu")(picture)
    right = layers.BatchNormalization()(layers.Conv2D(4, 1, kernel_initializer="he_normal")(picture))
    joined = layers.GlobalAveragePooling2D()(layers.Add()([left, right]))
    residual = keras.Model(picture, layers.Dense(10, activation="softmax")(joined))
    nested = network(
        keras.Sequential([layers.Input((28, 28, 1)), layers.SeparableConv2D(2, 3), layers.ReLU()])
    )
    varied = network(layers.RandomRotation(0.1), layers.Rescaling(2.0), layers.LeakyReLU())
    flat = network(shape=(784,))
    square = network(layers.Reshape((28, 28, 1)), shape=(28, 28))
    resized = network(layers.Resizing(14, 14))
    recurrent = keras.Sequential(
        [layers.Input((28, 28)), layers.Bidirectional(layers.LSTM(8)), layers.Dense(10, activation="softmax")]
    )
    for number, model in enumerate((residual, nested, varied, flat, square, resized, recurrent)):
        path = tmp_path / f"{number}.keras"
        model.save(path)
        assert open_model(path).weights == model.count_params()


# --- what is refused ----------------------------------------------------------------------------------------


class Trap:
    """What a pickle would run."""

    def __reduce__(self):
        return open, (Trap.target, "w")


def test_no_other_kind_of_file_is_opened(tmp_path):
    Trap.target = str(tmp_path / "sprung")
    for name in ("model.pkl", "model.h5", "model.pt", "model", "model.py"):
        path = tmp_path / name
        path.write_bytes(pickle.dumps(Trap()))
        with pytest.raises(ModelError, match=r"is not opened. Allowed are .npz, .keras and .tflite files"):
            open_model(path)
    for name, words in (
        ("model.keras", "refused: it is"),
        ("model.tflite", "refused: it is"),
        ("model.npz", "no"),
    ):
        path = tmp_path / name
        path.write_bytes(pickle.dumps(Trap()))
        with pytest.raises(ModelError, match=f"{name} is {words} "):
            open_model(path)
    assert not (tmp_path / "sprung").exists()


def test_missing_and_too_large_files_are_named(tmp_path):
    with pytest.raises(ModelError, match=r"There is no file gone\.keras"):
        open_model(tmp_path / "gone.keras")
    path = tmp_path / "large.tflite"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)  # a file with a hole: no 2 GB are written
    with pytest.raises(ModelError, match="too large: 2,000 MB, allowed are 50 MB"):
        open_model(path)


def test_a_lambda_layer_is_refused_and_not_run(tmp_path):
    target = tmp_path / "sprung"
    name = str(target)  # what a Lambda layer holds on to must be plain, or Keras does not save it
    trap = keras.layers.Lambda(lambda pictures: (Path(name).touch(), pictures)[1])
    path = tmp_path / "lambda.keras"
    network(trap).save(path)
    target.unlink(missing_ok=True)  # Keras runs it once while the network is built
    with pytest.raises(ModelError, match="'Lambda', which is not among the allowed layers"):
        open_model(path)
    assert not target.exists()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"class_name": "Dense"', '"class_name": "TFSMLayer"', "'TFSMLayer', which is not among"),
        (
            '"module": "keras.layers", "class_name": "Dense"',
            '"module": "os", "class_name": "Dense"',
            "not Keras's own",
        ),
        ('"activation": "softmax"', '"activation": {"class_name": "function", "config": "f"}', "'function'"),
        ('"registered_name": null', '"registered_name": "evil>Dense"', "not Keras's own"),
        ('"units": 10', '"units": 1000000000', "goes from|damaged|weights"),
        ('"filters": 2', '"filters": 100000', "weights; allowed are|has [0-9,]* numbers|damaged"),
        ('"activation": "softmax"', '"activation": "os.system"', "damaged, or cannot be run"),
        ('"class_name": "Sequential"', '"class_name": "Sequence"', "no network of layers"),
        ('"layers": [', '"layers": 3, "others": [', "a list of at most 200 layers"),
    ],
)
def test_descriptions_that_do_more_are_refused(good, tmp_path, old, new, reason):
    config = config_of(good[1])
    assert old in config
    path = rewritten(tmp_path / "bad.keras", good[1], config=config.replace(old, new, 1))
    with pytest.raises(ModelError, match=rf"bad\.keras is refused: .*({reason})"):
        open_model(path)


@pytest.mark.parametrize("config", ["", "{", "3", "[]", "[" * 100_000, '{"class_name": "Sequential"}'])
def test_descriptions_that_are_none_are_refused(good, tmp_path, config):
    with pytest.raises(ModelError, match=r"bad\.keras is refused"):
        open_model(rewritten(tmp_path / "bad.keras", good[1], config=config))


@pytest.mark.parametrize("shape", [(14, 14, 1), (28, 28, 3), (None, None, 1)])
def test_networks_of_another_shape_are_refused(tmp_path, shape):
    path = tmp_path / "other.keras"
    pooled = [keras.layers.Conv2D(2, 3), keras.layers.GlobalAveragePooling2D()]
    network(*pooled, shape=shape).save(path)
    with pytest.raises(ModelError, match=r"allowed is \(28, 28, 1\) to \(10,\)"):
        open_model(path)


def test_answers_that_are_no_probabilities_are_refused(tmp_path):
    path = tmp_path / "scores.keras"
    network(end=None).save(path)
    with pytest.raises(ModelError, match="End it with softmax"):
        open_model(path)


def test_too_large_networks_are_refused_before_they_take_memory(good, tmp_path, monkeypatch):
    monkeypatch.setattr(keras_file, "MAX_WEIGHTS", 1000)
    monkeypatch.setattr("h5py.File", lambda *_: pytest.fail("too late"))
    with pytest.raises(ModelError, match="13,550 weights; allowed are 1,000"):
        open_model(good[1])
    monkeypatch.undo()
    monkeypatch.setattr(keras_file, "MAX_LAYER", 1000)
    with pytest.raises(ModelError, match=r"layer conv2d\w* has 1,352 numbers; allowed: 1,000"):
        open_model(good[1])


def test_zip_bombs_and_strange_parts_are_refused(good, tmp_path):
    bomb = rewritten(tmp_path / "bomb.keras", good[1], weights=bytes(60_000_000))
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(ModelError, match="unpacked it has 60 MB; allowed are 50 MB"):
        open_model(bomb)
    for name in ("../evil.py", "assets/vocabulary.txt"):
        with pytest.raises(ModelError, match="look at"):
            open_model(rewritten(tmp_path / "odd.keras", good[1], **{name: b"x"}))


def weights_with(change):
    """A file of weights that a function adds to."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        change(file)
    return content.getvalue()


def link_within(file):
    file.create_dataset("b", data=np.ones(4))
    file["a"] = h5py.SoftLink("/b")


def virtual(file):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("passwd", "x", (4,))
    file.create_virtual_dataset("group/a", layout)


ELSEWHERE = "its weights lie in another file."


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda file: file.__setitem__("a", h5py.ExternalLink("/etc/passwd", "x")), ELSEWHERE),
        (lambda file: file.__setitem__("a", h5py.SoftLink("/b")), ELSEWHERE),
        (link_within, ELSEWHERE),
        (lambda f: f.create_dataset("a", (4,), "u1", external=[("passwd", 0, 4)]), ELSEWHERE),
        (virtual, ELSEWHERE),
        (
            lambda f: f.create_dataset("a", (10**9,), "f4", chunks=(1000,), compression="gzip"),
            "its weights unpack to more than 50 MB.",
        ),
        (
            lambda file: file.create_dataset("a", data=np.array([b"text"])),
            "its weights hold |S4, not numbers.",
        ),
    ],
)
def test_weights_that_are_no_numbers_in_the_file_are_refused(good, tmp_path, change, reason):
    path = rewritten(tmp_path / "bad.keras", good[1], weights=weights_with(change))
    with pytest.raises(ModelError) as caught:
        open_model(path)
    assert str(caught.value) == f"bad.keras is refused: {reason}"


def test_weights_may_be_numbers_of_any_kind_and_as_many_as_a_file_may_hold(good, tmp_path, monkeypatch):
    def kinds(file):
        for kind in ("f4", "i4", "u1"):
            file.create_dataset(f"layers/{kind}", data=np.zeros(100_000, kind), compression="gzip")

    path = rewritten(tmp_path / "kinds.keras", good[1], weights=weights_with(kinds))
    monkeypatch.setattr("digitlib.backend.keras.saving.load_model", lambda *_, **__: "loaded")
    monkeypatch.setattr(keras_file, "MAX_FILE", 900_000)
    assert keras_file.load_keras(path) == "loaded"
    monkeypatch.setattr(keras_file, "MAX_FILE", 899_999)
    with pytest.raises(ModelError, match=r"^its weights unpack to more than 1 MB\.$"):
        keras_file.load_keras(path)


def test_damaged_files_are_refused(good, trained, tmp_path):
    (tmp_path / "whole.tflite").write_bytes(as_tflite(trained[0]))
    for source in (good[1], MODEL_FILE, tmp_path / "whole.tflite"):
        content = source.read_bytes()
        for length in (0, 10, len(content) // 2, len(content) - 10):
            path = tmp_path / f"cut{source.suffix}"
            path.write_bytes(content[:length])
            with pytest.raises(ModelError):
                open_model(path)
