"""Training: repeatable, resumable, and saved in files that answer alike."""

import dataclasses
import json
from functools import partial

import keras
import numpy as np
import pytest

from digitlib.data import load_mnist, split_validation
from digitlib.reading.network import load_recognizer
from digitlib.training import fit, mixture
from digitlib.training.export import as_input, calibrate, save_keras
from digitlib.training.networks import OneCycle, build_network


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


def test_every_epoch_goes_on_from_the_last_weights_and_not_from_their_mean(small_full, monkeypatch):
    begins, ends = [], []

    class Watch(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            begins.append(self.model.get_weights())

        def on_train_batch_end(self, batch, logs=None):
            self.after = self.model.get_weights()

        def on_train_end(self, logs=None):
            ends.append(self.after)

    fit_model = keras.Model.fit
    monkeypatch.setattr(
        keras.Model,
        "fit",
        lambda *given, callbacks, **named: fit_model(*given, callbacks=[*callbacks, Watch()], **named),
    )
    fit.train("full", seed=0, epochs=3)
    assert len(begins) == 3
    for end, begin in zip(ends, begins[1:], strict=False):
        for old, new in zip(end, begin, strict=True):
            np.testing.assert_array_equal(old, new)


def test_batch_normalization_goes_by_the_pictures_and_the_averaged_weights(small_full):
    model = fit.train("full", seed=0, epochs=1).model
    images = load_mnist()[0][0][:2_000]
    fit._average(model, images)
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


def test_one_cycle_climbs_and_glides_to_zero():
    schedule = OneCycle(0.01, 100)
    rates = np.array([float(schedule(step)) for step in range(101)])
    assert rates.argmax() == 20
    assert rates.max() == pytest.approx(0.01)
    assert rates[-1] == pytest.approx(0, abs=1e-9)
    assert np.all(np.diff(rates[:20]) > 0)
    assert np.all(np.diff(rates[21:]) < 0)
    assert OneCycle(**schedule.get_config())(7) == schedule(7)


def test_one_cycle_may_end_above_zero():
    schedule, to_zero = OneCycle(0.01, 100, end=0.1), OneCycle(0.01, 100)
    rates, lower = (np.array([float(s(step)) for step in range(101)]) for s in (schedule, to_zero))
    np.testing.assert_allclose(rates[:80], lower[:80])
    np.testing.assert_allclose(rates[90:], 0.001)
    assert OneCycle(**schedule.get_config())(100) == schedule(100)


def test_epoch_of_the_full_profile_is_repeatable_and_marks_what_is_no_digit(monkeypatch):
    monkeypatch.setattr(mixture, "DRAWN", 30)
    monkeypatch.setattr(mixture, "NO_DIGIT", 20)
    (images, labels), _ = load_mnist()
    mnist = mixture.Lesson(images[:50], mixture.one_hot(labels[:50]))
    first, again = (mixture.epoch(mnist, 1, 2) for _ in range(2))
    other = mixture.epoch(mnist, 1, 3)
    np.testing.assert_array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)
    assert len(first.images) == 50 + 30 + 20
    np.testing.assert_allclose(first.targets.sum(axis=1), 1, atol=1e-6)
    assert (first.targets.max(axis=1) < 0.2).sum() == 20


def test_photographed_digits_still_look_like_themselves():
    (images, labels), _ = load_mnist()
    photos = mixture.photograph(images[:40], labels[:40], np.random.default_rng(1))
    assert len(photos.images) > 25
    assert photos.images.dtype == np.uint8
    assert photos.images.max() > 200
