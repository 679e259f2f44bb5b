"""A class folder as it comes in: twenty networks, saved in the usual ways, and ten files that are none."""

import io
import pickle
import zipfile

import numpy as np
import pytest

from digitlib.backend import keras, quiet, tensorflow
from digitlib.classroom import table
from digitlib.classroom.table import evaluate_class, places, write_class_table
from digitlib.cli import report
from digitlib.cli.main import main
from digitlib.data import load_mnist
from digitlib.measuring.labeled import load_labeled
from digitlib.measuring.models import CONTRACT, MODEL_FILE

COUNT = 300
"""Digits of MNIST's test set that the class is judged on."""


def train(*layers, factor=1.0, offset=0.0, shape=(28, 28, 1), count=2000):
    """Train a network, on values of a range; return it with the answers that it gives there."""
    keras.utils.set_random_seed(0)
    (images, labels), (others, _) = load_mnist()
    images, others = (
        part.reshape(-1, *shape) / np.float32(255) * factor + offset for part in (images, others)
    )
    parts = [keras.layers.Input(shape), *layers, keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    network = keras.Sequential(parts)
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(images[:count], labels[:count], batch_size=16, verbose=0)
    return network, network.predict(others[:COUNT], verbose=0).argmax(axis=1)


def kinds_of_networks():
    layers = keras.layers
    return {
        "plain": train(),
        "poor": train(count=60),
        "convolution": train(
            layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D(), layers.Dropout(0.2)
        ),
        "normalized": train(layers.Flatten(), layers.Dense(32, "relu"), layers.BatchNormalization()),
        "flat": train(shape=(784,)),
        "square": train(shape=(28, 28)),
        "0 to 255": train(layers.Rescaling(1 / 255), factor=255.0),
        "-1 to 1": train(layers.Flatten(), layers.Dense(32, "relu"), factor=2.0, offset=-1.0),
        "1 (paper) to 0 (ink)": train(
            layers.Flatten(), layers.Dense(32, "relu"), factor=-1.0, offset=1.0, count=6000
        ),
    }


def lite(network, small=False):
    converter = tensorflow.lite.TFLiteConverter.from_keras_model(network)
    converter.optimizations = [tensorflow.lite.Optimize.DEFAULT] if small else []
    with quiet():
        return converter.convert()


@pytest.fixture(scope="module")
def hand_ins(tmp_path_factory):
    """The folder, and the answers that each of the twenty networks should be judged by."""
    root = tmp_path_factory.mktemp("thirty") / "class"
    scratch, networks, expected = tmp_path_factory.mktemp("saved") / "net.keras", kinds_of_networks(), {}

    def hand_in(student, kind, place, content=None):
        network, expected[student] = networks[kind]
        if content is None:
            network.save(scratch)
            content = scratch.read_bytes()
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(content)

    for number, kind in enumerate(networks):  # nine, each as model.save writes it after compile and fit
        hand_in(f"student {number}", kind, f"student {number}/handed in/net.keras")
    hand_in("mia", "convolution", "mia/net.keras")
    hand_in("mia.keras", "poor", "mia.keras")  # another pupil of that name
    hand_in("zed", "plain", "zed/NET.KERAS")
    hand_in("mac", "plain", "mac/net.keras")
    hand_in("two kinds", "normalized", "two kinds.keras")
    hand_in("two kinds", "normalized", "two kinds.tflite", lite(networks["normalized"][0]))
    hand_in("lite", "convolution", "lite/net.tflite", lite(networks["convolution"][0]))
    hand_in("small", "convolution", "small/net.tflite", lite(networks["convolution"][0], small=True))
    hand_in("flat lite", "flat", "flat lite.tflite", lite(networks["flat"][0]))
    hand_in("Übung <b>", "square", "Übung <b>/net.keras")
    hand_in("=1+1", "plain", "=1+1/net.keras")
    networks["ours"] = None, load_mnist()[1][1][:COUNT]
    hand_in("ours", "ours", "ours/digits.npz", MODEL_FILE.read_bytes())
    (root / "ours" / "neighbors.npz").write_bytes(b"digitlib's own index lies beside the network")

    (root / "mac" / "__MACOSX").mkdir()
    for name in ("mac/__MACOSX/._net.keras", "mac/._net.keras", "mac/.DS_Store", "mac/README.txt"):
        (root / name).write_bytes(b"\x00\x05\x16\x07")
    for name in ("README.txt", "Thumbs.db", "desktop.ini", "model_card.json", ".DS_Store"):
        (root / name).write_bytes(b"left by a system")
    hand_in_what_is_none(root, networks, scratch)
    return root, expected


def hand_in_what_is_none(root, networks, scratch):
    network, _ = networks["plain"]
    network.save(scratch)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", "{}")
        archive.writestr("metadata.json", "{}")
        archive.writestr("model.weights.h5", bytes(60_000_000))
    contents = {
        "bad pickle/net.keras": pickle.dumps(Exception()),
        "bad torch/net.pt": b"PK",
        "bad bomb/net.keras": bomb.getvalue(),
        "bad empty/net.keras": b"",
        "bad large/net.tflite": bytes(60_000_000),
        "bad half/net.keras": scratch.read_bytes()[:-500],
        "bad lite/net.tflite": lite(network)[:2000],
        "bad twice/one.keras": scratch.read_bytes(),
        "bad twice/two.keras": scratch.read_bytes(),
        "bad archive.zip": bomb.getvalue(),
        "bad nothing/notes.txt": b"I was ill.",
    }
    for name, content in contents.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(content)


@pytest.fixture(scope="module")
def evaluated(hand_ins):
    pictures = load_labeled("mnist", COUNT)
    return pictures, list(evaluate_class(hand_ins[0], pictures))


def test_twenty_networks_get_scores_and_places_and_ten_files_their_reasons(hand_ins, evaluated):
    _, expected = hand_ins
    pictures, entries = evaluated
    judged = {entry.student: entry for entry in entries if not entry.reason}
    refused = {entry.student: entry.reason for entry in entries if entry.reason}
    assert set(judged) == set(expected) and len(judged) == 20
    assert len(refused) == 10 and all(student.startswith("bad ") for student in refused), refused
    for student, entry in judged.items():
        # Ours is not asked here, and a smaller file is one of fewer bits.
        tolerance = 0.02 if student in ("ours", "small") else 0.004
        own = (expected[student] == pictures.labels).mean()
        assert abs(entry.right.mean() - own) <= tolerance, student
    values = {student: entry.values for student, entry in judged.items() if entry.values != CONTRACT}
    assert values == {"student 6": "0 to 255", "student 7": "-1 to 1", "student 8": "1 (paper) to 0 (ink)"}
    place = places(entries)
    assert [student for student in place if place[student] == 1] == ["ours"]
    last = [student for student in place if place[student] == max(place.values())]
    assert sorted(last) == ["mia.keras", "student 1"] and place["mia"] < place["mia.keras"]


def test_the_page_shows_all_thirty(hand_ins, evaluated, tmp_path):
    pictures, entries = evaluated
    page = write_class_table(entries, pictures, tmp_path).read_text(encoding="utf-8")
    assert "Übung &lt;b&gt;" in page and "20 rows" in page
    assert all(f"<td>{student}</td>" in page for student in hand_ins[1] if "<" not in student)
    assert len((tmp_path / "class.csv").read_text(encoding="utf-8").splitlines()) == 31


def test_the_command_says_which_values_a_network_was_given(evaluated, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(table, "find_networks", lambda folder: [])
    monkeypatch.setattr(table, "evaluate_class", lambda folder, pictures: evaluated[1])
    monkeypatch.setattr(report, "load_labeled", lambda name, progress: progress(500, 1000) or evaluated[0])
    assert main(["report", "--class", "any"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "prepared 500 of 1,000 pictures"
    assert sum("(given values" in line for line in lines) == 3
    assert sum("refused: " in line for line in lines) == 10
