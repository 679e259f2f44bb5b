"""Networks from files: what is judged, what is refused, and that nothing in a file is run."""

import io
import json
import pickle
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from digitlib.backend import keras, quiet, tensorflow
from digitlib.data import load_mnist
from digitlib.measuring import models
from digitlib.measuring.models import MODEL_FILE, load_model
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
    loaded = load_model(path)
    assert np.allclose(
        loaded.probabilities(PICTURES), model.predict(PICTURES[..., None], verbose=0), atol=1e-6
    )
    assert loaded.weights == model.count_params()
    assert loaded.size == path.stat().st_size and loaded.card == {} and loaded.certainty_threshold == 0.95
    assert loaded.probabilities(PICTURES[:0]).shape == (0, 10)


def test_every_kind_of_file_of_our_network_answers_alike(tmp_path):
    images = load_mnist()[1][0][:50].astype(np.float32) / 255
    expected = load_recognizer().probabilities(images)
    model = to_keras(load_recognizer().layers)
    model.save(tmp_path / "digits.keras")
    (tmp_path / "digits.tflite").write_bytes(as_tflite(model))
    for path in (MODEL_FILE, tmp_path / "digits.keras", tmp_path / "digits.tflite"):
        loaded = load_model(path)
        assert np.allclose(loaded.probabilities(images), expected, atol=1e-4), path.name
        assert loaded.weights in (252_714, None)
    shipped = load_model()
    assert shipped.certainty_threshold == shipped.card["certainty_threshold"]


def as_tflite(model):
    """A network in TensorFlow Lite's format, for one image at a time, as OpenCV runs it."""
    image = keras.layers.Input(batch_shape=(1, 28, 28, 1))
    with quiet():
        fixed = keras.Sequential([image, *model.layers])
        return tensorflow.lite.TFLiteConverter.from_keras_model(fixed).convert()


@pytest.mark.parametrize(
    "card", ["{", "[]", "3", '{"certainty_threshold": "high"}', '{"certainty_threshold": 7}']
)
def test_a_strange_model_card_does_no_harm(good, tmp_path, card):
    path = tmp_path / "good.keras"
    path.write_bytes(good[1].read_bytes())
    path.with_name("model_card.json").write_text(card, encoding="utf-8")
    assert load_model(path).certainty_threshold == 0.95


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
    for number, model in enumerate((residual, nested, varied, flat, square)):
        path = tmp_path / f"{number}.keras"
        model.save(path)
        assert load_model(path).weights == model.count_params()


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
            load_model(path)
    for name, words in (
        ("model.keras", "refused: it is"),
        ("model.tflite", "refused: it is"),
        ("model.npz", "no"),
    ):
        path = tmp_path / name
        path.write_bytes(pickle.dumps(Trap()))
        with pytest.raises(ModelError, match=f"{name} is {words} "):
            load_model(path)
    assert not (tmp_path / "sprung").exists()


def test_missing_and_too_large_files_are_named(tmp_path):
    with pytest.raises(ModelError, match=r"There is no file gone\.keras"):
        load_model(tmp_path / "gone.keras")
    path = tmp_path / "large.tflite"
    with path.open("wb") as file:
        file.truncate(2_000_000_000)  # a file with a hole: no 2 GB are written
    with pytest.raises(ModelError, match="too large: 2,000 MB, allowed are 50 MB"):
        load_model(path)


def test_a_lambda_layer_is_refused_and_not_run(tmp_path):
    target = tmp_path / "sprung"
    name = str(target)  # what a Lambda layer holds on to must be plain, or Keras does not save it
    trap = keras.layers.Lambda(lambda pictures: (Path(name).touch(), pictures)[1])
    path = tmp_path / "lambda.keras"
    network(trap).save(path)
    target.unlink(missing_ok=True)  # Keras runs it once while the network is built
    with pytest.raises(ModelError, match="'Lambda', which is not among the allowed layers"):
        load_model(path)
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
        load_model(path)


@pytest.mark.parametrize("config", ["", "{", "3", "[]", "[" * 100_000, '{"class_name": "Sequential"}'])
def test_descriptions_that_are_none_are_refused(good, tmp_path, config):
    with pytest.raises(ModelError, match=r"bad\.keras is refused"):
        load_model(rewritten(tmp_path / "bad.keras", good[1], config=config))


@pytest.mark.parametrize("shape", [(14, 14, 1), (28, 28, 3), (None, None, 1)])
def test_networks_of_another_shape_are_refused(tmp_path, shape):
    path = tmp_path / "other.keras"
    pooled = [keras.layers.Conv2D(2, 3), keras.layers.GlobalAveragePooling2D()]
    network(*pooled, shape=shape).save(path)
    with pytest.raises(ModelError, match=r"allowed is \(28, 28, 1\) to \(10,\)"):
        load_model(path)


def test_answers_that_are_no_probabilities_are_refused(tmp_path):
    path = tmp_path / "scores.keras"
    network(end=None).save(path)
    with pytest.raises(ModelError, match="End it with softmax"):
        load_model(path)


def test_too_large_networks_are_refused_before_they_take_memory(good, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "MAX_WEIGHTS", 1000)
    monkeypatch.setattr(models, "_check_weights", lambda path: pytest.fail("too late"))
    with pytest.raises(ModelError, match="13,550 weights; allowed are 1,000"):
        load_model(good[1])
    monkeypatch.undo()
    monkeypatch.setattr(models, "MAX_LAYER", 1000)
    with pytest.raises(ModelError, match=r"layer conv2d\w* has 1,352 numbers; allowed: 1,000"):
        load_model(good[1])


def test_zip_bombs_and_strange_parts_are_refused(good, tmp_path):
    bomb = rewritten(tmp_path / "bomb.keras", good[1], weights=bytes(60_000_000))
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(ModelError, match="unpacked it has 60 MB; allowed are 50 MB"):
        load_model(bomb)
    for name in ("../evil.py", "assets/vocabulary.txt"):
        with pytest.raises(ModelError, match="look at"):
            load_model(rewritten(tmp_path / "odd.keras", good[1], **{name: b"x"}))


def weights_with(change):
    """A file of weights that a function adds to."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        change(file)
    return content.getvalue()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda file: file.__setitem__("a", h5py.ExternalLink("/etc/passwd", "x")), "in another file"),
        (lambda file: file.__setitem__("a", h5py.SoftLink("/b")), "in another file"),
        (lambda f: f.create_dataset("a", (4,), "u1", external=[("passwd", 0, 4)]), "in another file"),
        (
            lambda f: f.create_dataset("a", (10**9,), "f4", chunks=(1000,), compression="gzip"),
            "unpack to more",
        ),
        (lambda file: file.create_dataset("a", data=np.array([b"text"])), "not numbers"),
    ],
)
def test_weights_that_are_no_numbers_in_the_file_are_refused(good, tmp_path, change, reason):
    path = rewritten(tmp_path / "bad.keras", good[1], weights=weights_with(change))
    with pytest.raises(ModelError, match=reason):
        load_model(path)


def test_damaged_files_are_refused(good, tmp_path):
    for source in (good[1], MODEL_FILE):
        content = source.read_bytes()
        for length in (0, 10, len(content) // 2, len(content) - 10):
            path = tmp_path / f"cut{source.suffix}"
            path.write_bytes(content[:length])
            if source == MODEL_FILE and length > 10:
                continue  # OpenCV may crash: digitlib.classroom.isolation is for that
            with pytest.raises(ModelError):
                load_model(path)
    assert json.loads(config_of(good[1]))
