"""Training: repeatable, resumable, and saved in files that answer alike."""

import dataclasses
import json
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest

from digitlib.data import load_mnist, split_validation
from digitlib.reading.network import load_recognizer
from digitlib.training import batches as making
from digitlib.training import fit, mixture
from digitlib.training.batches import mixed_batches, plain_batches
from digitlib.training.export import as_input, calibrate, save_keras
from digitlib.training.networks import build_network, one_cycle


@pytest.fixture
def small_mnist(monkeypatch):
    """MNIST's first 4,000 training and 500 test digits, so that a training takes seconds."""
    (images, labels), test = load_mnist()
    small = (images[:4_000], labels[:4_000]), (test[0][:500], test[1][:500])
    monkeypatch.setattr(fit, "load_mnist", lambda: small)
    monkeypatch.setattr(fit, "split_validation", partial(split_validation, count=500))
    return small


def files_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def stop(line):
    raise KeyboardInterrupt


def test_quick_training_learns_and_writes_what_the_card_says(small_mnist, tmp_path):
    lines = []
    result = fit.train("quick", seed=1, epochs=2, out=tmp_path, say=lines.append)
    assert result.history["validation_accuracy"][-1] > 0.8
    assert len(lines) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "digits.keras",
        "digits.npz",
        "model_card.json",
    ]
    card = json.loads((tmp_path / "model_card.json").read_text(encoding="utf-8"))
    images, labels = small_mnist[1]
    recognizer = load_recognizer(tmp_path)
    answers = recognizer.probabilities(images.astype(np.float32) / 255).argmax(axis=1)
    assert card["test_accuracy"] == pytest.approx((answers == labels).mean(), abs=1e-4)
    assert card["parameters"] == build_network().count_params()


def test_same_seed_same_files_other_seed_other_network(small_mnist, tmp_path):
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        fit.train("quick", seed=seed, epochs=1, out=tmp_path / name)
    first, again, other = (files_in(tmp_path / name) for name in ("first", "again", "other"))
    assert first == again
    assert first["digits.npz"] != other["digits.npz"]


def test_interrupted_training_goes_on_to_the_same_network(small_mnist, tmp_path):
    unbroken = fit.train("quick", seed=0, epochs=3)

    def stop_in_epoch_two(line):
        if line.startswith("epoch  2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit.train("quick", seed=0, epochs=3, out=tmp_path, say=stop_in_epoch_two)
    lines, shares = [], []
    resumed = fit.train("quick", seed=0, epochs=3, out=tmp_path, say=lines.append, progress=shares.append)
    assert lines[0].startswith("going on after epoch")
    assert shares == sorted(shares)
    assert shares[0] > 1 / 3 and shares[-1] == 1, "the bar starts where the training was stopped"
    for name, values in unbroken.history.items():
        assert resumed.history[name] == pytest.approx(values, abs=1e-6)
    for old, new in zip(unbroken.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_allclose(old, new, atol=1e-6)


@pytest.fixture
def small_full(small_mnist, monkeypatch):
    """The profile "full" with a small network and few pictures of every source."""
    for name, count in (("PHOTOGRAPHED", 20), ("DRAWN", 60), ("NO_DIGIT", 40)):
        monkeypatch.setattr(mixture, name, count)
    small = dataclasses.replace(fit.PROFILES["full"], build=partial(build_network, 4))
    monkeypatch.setitem(fit.PROFILES, "full", small)


def test_interrupted_full_training_goes_on_to_the_same_network(small_full, tmp_path):
    unbroken = fit.train("full", seed=0, epochs=2)
    with pytest.raises(KeyboardInterrupt):
        fit.train("full", seed=0, epochs=2, out=tmp_path, say=stop)
    resumed = fit.train("full", seed=0, epochs=2, out=tmp_path)
    for name, values in unbroken.history.items():
        assert resumed.history[name] == pytest.approx(values, abs=1e-6)
    for old, new in zip(unbroken.model.get_weights(), resumed.model.get_weights(), strict=True):
        np.testing.assert_allclose(old, new, atol=1e-6)
    assert not list(tmp_path.glob("unfinished*"))


def test_batch_normalization_goes_by_the_pictures_and_the_averaged_weights(small_full):
    model = fit.train("full", seed=0, epochs=1).model
    images = load_mnist()[0][0][:2_000]
    fit.measure_normalization(model, np.split(as_input(images), 2))
    normalized = keras.Model(model.inputs[0], model.get_layer("strokes_normalized").input)
    values = normalized.predict(as_input(images), verbose=0)
    layer = model.get_layer("strokes_normalized")
    np.testing.assert_allclose(layer.moving_mean, values.mean(axis=(0, 1, 2)), rtol=1e-3, atol=1e-4)
    assert layer.momentum == 0.9


def test_checkpoint_of_other_settings_is_not_gone_on_with(small_mnist, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fit.train("quick", seed=0, epochs=2, out=tmp_path, say=stop)
    lines = []
    fit.train("quick", seed=9, epochs=1, out=tmp_path, say=lines.append)
    assert not lines[0].startswith("going on")


@pytest.fixture
def small_quick(small_mnist, monkeypatch):
    """The profile "quick" with a small network, which is written in a form that takes no time."""
    small = dataclasses.replace(fit.PROFILES["quick"], build=partial(build_network, 4))
    monkeypatch.setitem(fit.PROFILES, "quick", small)
    monkeypatch.setattr(fit, "digits_threshold", lambda answers: 0.5)
    monkeypatch.setattr(fit, "everyday_digits", lambda validation, seed: validation[0][:2])

    def export(model, card, folder, test, name):
        folder.mkdir(exist_ok=True)
        (folder / "digits.bytes").write_bytes(b"".join(weights.tobytes() for weights in model.get_weights()))
        (folder / "model_card.json").write_text(json.dumps(card), encoding="utf-8")
        return card

    monkeypatch.setattr(fit, "export", export)


def test_a_training_killed_before_any_rename_ends_with_the_same_files(small_quick, tmp_path, monkeypatch):
    """A checkpoint counts as a whole or not at all: weights never stand beside another epoch's curves."""
    fit.train("quick", seed=0, epochs=2, out=tmp_path / "unbroken")
    replace, left = Path.replace, []

    def killed(path, target):
        if not left:
            raise KeyboardInterrupt
        left.pop()
        return replace(path, target)

    for renamed in range(4):
        folder = tmp_path / str(renamed)
        left.extend([None] * renamed)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(Path, "replace", killed)
            fit.train("quick", seed=0, epochs=2, out=folder)
        fit.train("quick", seed=0, epochs=2, out=folder)
        assert files_in(folder) == files_in(tmp_path / "unbroken")


def test_results_count_only_when_all_are_written(small_quick, tmp_path, monkeypatch):
    export = fit.export

    def stopped(*given):
        export(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fit, "export", stopped)
        with pytest.raises(KeyboardInterrupt):
            fit.train("quick", seed=0, epochs=1, out=tmp_path)
    assert all(path.name.startswith("unfinished") for path in tmp_path.iterdir())
    lines = []
    fit.train("quick", seed=0, epochs=1, out=tmp_path, say=lines.append)
    assert lines == ["going on after epoch 1"]
    assert not list(tmp_path.glob("unfinished*"))


def test_number_of_epochs_below_one_is_refused():
    with pytest.raises(ValueError, match="epochs is 0; allowed is 1 or more"):
        fit.train("quick", epochs=0)


def test_unknown_profile_is_named():
    with pytest.raises(ValueError, match="'huge'; allowed are quick, full"):
        fit.train("huge")


def test_saved_network_answers_alike_without_its_optimizer(tmp_path):
    model = build_network(4)
    model.compile("adam", "categorical_crossentropy")
    save_keras(model, tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras")
    image = np.random.default_rng(0).random((2, 28, 28, 1), np.float32)
    np.testing.assert_array_equal(model(image), loaded(image))


def test_calibration_makes_bold_answers_modest_and_changes_none():
    keras.utils.set_random_seed(0)
    model = build_network(4)
    scores = model.get_layer("logits")
    scores.set_weights([weights * 30 for weights in scores.get_weights()])
    images, labels = (part[:500] for part in load_mnist()[1])
    before = model.predict(as_input(images), verbose=0)
    temperature = calibrate(model, images, labels)
    after = model.predict(as_input(images), verbose=0)
    assert temperature > 1
    assert after.max(axis=1).mean() < before.max(axis=1).mean()
    np.testing.assert_array_equal(before.argmax(axis=1), after.argmax(axis=1))


@pytest.mark.parametrize("floor", [0.0, 0.1])
def test_one_cycle_climbs_for_a_fifth_and_glides_down_along_half_a_cosine(floor):
    schedule = one_cycle(0.01, 100, floor)
    done = np.arange(101) / 100
    climb = 0.1 + 0.9 * done / 0.2
    glide = floor + (1 - floor) * (0.5 + 0.5 * np.cos(np.pi * (done - 0.2) / 0.8))
    expected = 0.01 * np.where(done < 0.2, climb, glide)
    np.testing.assert_allclose([float(schedule(step)) for step in range(101)], expected, atol=2e-9)


def test_an_epoch_depends_on_its_seed_and_number_only_and_holds_every_image_once():
    (images, labels), _ = load_mnist()
    digits = images[:300], labels[:300]
    batches, _ = plain_batches(digits, 5, 3, 128)
    again, _ = plain_batches(digits, 5, 3, 128)
    other, _ = plain_batches(digits, 6, 3, 128)
    batches.begin(0)
    first = np.concatenate([batch for batch, _ in batches])
    batches.begin(1)
    for _ in range(2):
        again.begin(1)
        np.testing.assert_array_equal(batches[2][0], again[2][0])
    second = np.concatenate([batch for batch, _ in batches])
    other.begin(1)
    assert not np.array_equal(second, first)
    assert not np.array_equal(second[:128], other[0][0])
    for epoch in (first, second):
        rows = np.sort(np.round(255 * epoch).astype(np.uint8).reshape(300, -1).view("S784").ravel())
        np.testing.assert_array_equal(rows, np.sort(digits[0].reshape(300, -1).view("S784").ravel()))


def test_mixed_batch_is_repeatable_and_marks_what_is_no_digit(monkeypatch):
    monkeypatch.setattr(mixture, "DRAWN", 30)
    monkeypatch.setattr(mixture, "NO_DIGIT", 20)
    (images, labels), _ = load_mnist()
    fixed = mixture.Batch(images[:50], mixture.one_hot(labels[:50]))
    assert mixture.count_images(fixed) == 50 + 30 + 20
    everything = np.random.default_rng(0).permutation(100)
    first, again, other = (
        mixture.make_batch(fixed, everything, np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)
    assert len(first.images) == len(first.targets) == 100
    np.testing.assert_allclose(first.targets.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(first.targets.max(axis=1) < 0.2, np.arange(100) >= 80)
    taken = everything[everything < 50]
    np.testing.assert_array_equal(first.targets[:50], fixed.targets[taken])


def test_unchanged_images_are_not_augmented():
    (images, labels), _ = load_mnist()
    fixed = mixture.Batch(images[:200], mixture.one_hot(labels[:200]))
    batch = mixture.make_batch(fixed, np.arange(200), np.random.default_rng(0), unchanged=0.7)
    same = (batch.images == fixed.images).all(axis=(1, 2)).mean()
    assert 0.6 < same < 0.8


def test_second_half_of_the_epochs_shows_most_images_unchanged(monkeypatch):
    monkeypatch.setattr(
        making, "photograph", lambda images, labels, rng: mixture.Batch(images[:0], np.zeros((0, 10)))
    )
    seen = []
    monkeypatch.setattr(
        making,
        "make_batch",
        lambda *given: seen.append(given[-1]) or mixture.Batch(np.zeros((1, 28, 28), np.uint8), None),
    )
    (images, labels), _ = load_mnist()
    batches, _ = mixed_batches((images[:300], labels[:300]), 0, 4, 128)
    for epoch in range(4):
        batches.begin(epoch)
        batches[0]
    assert seen == [0, 0, 0.7, 0.7]


def test_photographed_digits_still_look_like_themselves():
    (images, labels), _ = load_mnist()
    photos = mixture.photograph(images[:40], labels[:40], np.random.default_rng(1))
    assert len(photos.images) > 25
    assert photos.images.dtype == np.uint8
    assert photos.images.max() > 200
