"""The whole way: a sheet is printed, filled, photographed, collected, trained on, and its network reads."""

import json
from functools import partial

import numpy as np
import pytest

import digitlib
from digitlib.cli.main import main
from digitlib.data import split_validation
from digitlib.labels import read_labels
from digitlib.measuring import load_labeled
from digitlib.training import own
from digitlib.web import DemoApp
from digitlib.worksheets import collect
from digitlib.worksheets.simulate import photograph_class


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Six writers' sheets, collected and trained on, as a class does it."""
    folder = tmp_path_factory.mktemp("class")
    photograph_class(folder / "photos", {number: number for number in range(1, 7)})
    (images, labels), _ = own.load_mnist()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in (("_OWN", 2_000), ("_MNIST", 2_000), ("_NO_DIGIT", 100), ("EPOCHS", 2)):
            patch.setattr(own, name, value)
        patch.setattr(own, "split_validation", partial(split_validation, count=2_000))
        patch.setattr(own, "load_mnist", lambda: ((images[:10_000], labels[:10_000]), None))
        assert main(["worksheet", "--sheets", "6", "--out", "sheets.pdf"]) == 0
        assert main(["collect", "photos/*.jpg", "--out", "my_digits"]) == 0
        assert main(["train", "--data", "my_digits", "--out", "runs/mine"]) == 0
    return folder


def test_sheets_become_a_data_set(folder):
    rows = read_labels(folder / "my_digits", ("file", "label", "writer", "sheet", "cell", "photo", "note"))
    assert len(rows) == 480 and len({row.columns["writer"] for row in rows}) == 6


def test_fine_tuning_helps_on_unseen_writers_and_forgets_little(folder, tmp_path):
    card = json.loads((folder / "runs" / "mine" / "model_card.json").read_text(encoding="utf-8"))
    assert card["split"] == "by writer" and card["from"] == "shipped" and card["data"] == "my_digits"
    assert card["validation_accuracy"] > card["start_validation_accuracy"] - 0.003
    assert (
        collect(
            photograph_class(tmp_path / "photos", {number: 1_000 + number for number in range(1, 6)}),
            tmp_path / "unseen",
        ).errors
        == []
    )
    unseen = load_labeled(str(tmp_path / "unseen"))
    before, after = (
        (network.probabilities(unseen.images).argmax(axis=1) != unseen.labels).mean()
        for network in (digitlib.load_recognizer(), digitlib.load_recognizer(folder / "runs" / "mine"))
    )
    assert before > 0.05 and after < 2 / 3 * before


def test_own_network_reads_in_python_command_and_demo(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    row = read_labels(folder / "my_digits")[4]
    reading = digitlib.read_digit(row.path, network="runs/mine")
    recognizer = digitlib.load_recognizer("runs/mine")
    assert (
        reading.probabilities.tolist()
        == digitlib.read_digit(row.path, network=recognizer).probabilities.tolist()
    )
    capsys.readouterr()
    assert main(["read", "--json", "--network", "runs/mine", str(row.path)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["digit"] == reading.digit and np.allclose(answer["probabilities"], reading.probabilities)
    assert recognizer.card["name"] == "trained on my_digits"
    assert DemoApp(network=recognizer)
    assert (folder / "runs" / "mine" / "neighbors.npz").is_file()
