"""The training of the line reader: its loss against the reader, and that the same seed repeats."""

import hashlib
import json

import numpy as np
import pytest

from digitlib.data import load_mnist
from digitlib.reading import line_reader
from digitlib.reading.ctc import text_probability
from digitlib.reading.layers import forward
from digitlib.reading.network import load_layers
from digitlib.training import line_networks, lines, row_batches

DIGITS = tuple(part[:200] for part in load_mnist()[0])


def test_loss_is_that_of_the_reader():
    rng = np.random.default_rng(0)
    steps = rng.dirichlet(np.ones(12), (2, 20))
    codes = np.zeros((2, lines.LONGEST), int)
    codes[0, :3], codes[1, :2] = (4, 4, 1), (11, 2)
    expected = [
        -np.log(text_probability(row, code[code > 0])) for row, code in zip(steps, codes, strict=True)
    ]
    np.testing.assert_allclose(lines.ctc(codes, steps[:, None]).numpy(), expected, rtol=1e-3)


@pytest.mark.parametrize("profile", list(lines.CHARACTERS))
def test_batches_repeat_and_differ(profile):
    characters = lines.CHARACTERS[profile]
    first, again = (
        row_batches.RowBatches(row_batches.row_drawer(profile, DIGITS), characters, 0, 3) for _ in range(2)
    )
    rows, codes = first[1]
    assert rows.shape == (row_batches.COLUMNS // row_batches.WIDTHS[1], 40, row_batches.WIDTHS[1], 1)
    assert (
        codes.shape == (len(rows), lines.LONGEST) and len(characters) - 2 < codes.max() <= len(characters) + 1
    )
    np.testing.assert_array_equal(rows, again[1][0])
    again.begin(1)
    moved, same = again[1]
    np.testing.assert_array_equal(same, codes)
    assert not np.array_equal(moved, rows)
    again.begin(row_batches.DRAWN_FOR)
    assert not np.array_equal(again[1][1], codes)


def test_a_grown_network_reads_digits_as_before():
    rows = row_batches.RowBatches(row_batches.row_drawer("lines", DIGITS), "0123456789", 5, 1)[0][0][:20]
    characters = line_networks.CHARACTERS["text_lines"]
    grown = line_networks.grow_line_network(characters, 0).predict(rows, verbose=0)[:, 0]
    before = forward(line_reader.load_line_reader().layers, rows[..., 0])[:, 0]
    np.testing.assert_allclose(grown[..., :11], before[..., :11], atol=0.06)
    assert grown[..., 11:].std(axis=-1).max() > 0, "new characters begin a little different"


@pytest.mark.parametrize("profile", ["digits", ""])
def test_an_unknown_profile_is_refused(profile):
    with pytest.raises(ValueError, match="allowed are lines, text_lines"):
        lines.train_lines(profile)


def test_rows_to_measure_with_show_held_out_fonts_alone(monkeypatch):
    asked = []

    def draw_ink(letter, rng, held_out, longest, pen):
        asked.append(held_out)
        return np.full((longest, longest // 2), 255, np.uint8)

    monkeypatch.setattr(row_batches, "draw_ink", draw_ink)
    for held_out in (True, False):
        del asked[:]
        draw = row_batches.row_drawer("text_lines", DIGITS, held_out)
        for number in range(20):
            draw(256, np.random.default_rng(number))
        assert set(asked) == {held_out}


@pytest.mark.parametrize("profile", list(lines.CHARACTERS))
def test_a_short_training_writes_what_numpy_runs(profile, tmp_path, monkeypatch):
    for module in (lines, row_batches):
        monkeypatch.setattr(module, "WIDTHS", (48, 64))
        monkeypatch.setattr(module, "COLUMNS", 480)
    monkeypatch.setattr(lines, "STEPS", 4)
    monkeypatch.setattr(lines, "HELD_BACK", 2)
    said = []
    training = lines.train_lines(profile, epochs=2, out=tmp_path, say=said.append)
    assert len(said) == 2 and training.card["epochs"] == 2 and training.card["profile"] == profile
    assert {path.name for path in tmp_path.iterdir()} == {"lines.keras", "lines.npz", "lines_card.json"}
    batches = row_batches.RowBatches(row_batches.row_drawer(profile, DIGITS), lines.CHARACTERS[profile], 5, 1)
    rows = batches[0][0]
    layers = load_layers(tmp_path / "lines.npz", (line_reader.ROW_HEIGHT, line_reader.ROW_HEIGHT))
    expected = training.model.predict(rows, verbose=0)
    np.testing.assert_allclose(forward(layers, rows[..., 0]), expected, atol=1e-4)


@pytest.mark.parametrize(
    ("file", "profile", "accuracy", "parameters"),
    [
        (line_reader.LINES_FILE, "lines", 0.6, 272_196),
        (line_reader.TEXT_LINES_FILE, "text_lines", 0.45, 272_918),
    ],
)
def test_shipped_network_is_the_one_of_its_card(file, profile, accuracy, parameters):
    card = json.loads((file.parent / "lines_card.json").read_text(encoding="utf-8"))
    assert card["sha256"]["lines.npz"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert card["profile"] == profile and card["validation_accuracy"] > accuracy
    assert file.stat().st_size < 1_200_000
    assert card["parameters"] == parameters
