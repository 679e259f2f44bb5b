"""What happens around the network in a file: what it is asked, what is refused in which words, its card."""

import json
import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from digitlib.data import load_mnist
from digitlib.measuring import apart, load_model, models
from digitlib.measuring.models import CONTRACT, DIGITS, MODEL_FILE, Model, ModelError, open_model
from digitlib.reading.layers import Layer
from digitlib.reading.network import load_recognizer, save_layers


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Open a file whose network is a function, with a model card beside it."""

    def open_with(predict, card=None):
        (tmp_path / "net.npz").write_bytes(b"four")
        if card is not None:
            (tmp_path / "model_card.json").write_text(card, encoding="utf-8")
        layers = [SimpleNamespace(parameters={"kernel": np.zeros((2, 3)), "bias": np.zeros(1)})]
        network = SimpleNamespace(layers=layers, probabilities=predict)
        monkeypatch.setattr(models, "load_recognizer", lambda path: network)
        return open_model(tmp_path / "net.npz")

    return open_with


def answering(*row):
    """A network that gives every image the same answer."""
    return lambda images: np.tile(np.array(row, np.float32), (len(images), 1))


def refusal(path):
    with pytest.raises(ModelError) as caught:
        open_model(path)
    return str(caught.value)


def test_a_network_is_tried_on_two_pictures_of_all_values(opened):
    asked = []

    def predict(images):
        asked.append(images)
        return answering(*[0.1] * 10)(images)

    model = opened(predict)
    assert (model.name, model.size, model.weights, model.card, model.values) == (
        "net.npz",
        4,
        7,
        {},
        CONTRACT,
    )
    assert asked[0].shape == (2, 28, 28) and asked[0].dtype == np.float32
    np.testing.assert_allclose(asked[0].ravel(), np.linspace(0, 1, 2 * 28 * 28), atol=1e-6)


@pytest.mark.parametrize(
    ("predict", "reason"),
    [
        (answering(0.5, 0.5), "two pictures give (2, 2) numbers, not (2, 10)."),
        (answering(*[np.nan] * 10), "its answers are not finite. Its weights may hold NaN."),
        (answering(-0.1, 1.1, *[0] * 8), "its answers are no probabilities. End it with softmax."),
        (answering(1.04, *[0] * 9), "its answers are no probabilities. End it with softmax."),
        (answering(0.96, *[0] * 9), "its answers are no probabilities. End it with softmax."),
        (lambda images: 1 / 0, "it is damaged, or cannot be run (ZeroDivisionError: division by zero)."),
        (
            lambda images: {}["w " * 150],
            "it is damaged, or cannot be run (KeyError: 'w" + " w" * 91 + " [...]).",  # 200 signs in all
        ),
    ],
)
def test_answers_that_are_none_are_refused_in_a_sentence(opened, predict, reason):
    with pytest.raises(ModelError) as caught:
        opened(predict)
    assert str(caught.value) == f"net.npz is refused: {reason}"


def test_probabilities_may_be_off_one_as_far_as_whole_numbers_are(opened):
    row = 0.973, *[0] * 9
    np.testing.assert_array_equal(
        opened(answering(*row)).probabilities(np.zeros((1, 28, 28))), np.float32([row])
    )


def test_files_that_are_not_opened_are_named_with_what_is_allowed(tmp_path, monkeypatch):
    kinds = "Allowed are .npz, .keras and .tflite files."
    assert refusal(tmp_path / "net.h5") == f"net.h5 is not opened. {kinds}"
    assert refusal(tmp_path / "gone.NPZ") == "There is no file gone.NPZ."
    (tmp_path / "net.tflite").write_bytes(b"no TFL3 in its place")
    assert refusal(tmp_path / "net.tflite") == "net.tflite is refused: it is no TensorFlow Lite file."
    monkeypatch.setattr(models, "MAX_FILE", 20)
    assert "no TensorFlow" in refusal(tmp_path / "net.tflite"), "as large as allowed"
    monkeypatch.setattr(models, "MAX_FILE", 19)
    assert refusal(tmp_path / "net.tflite") == "net.tflite is too large: 0 MB, allowed are 0 MB."


def test_a_damaged_file_is_named_once(tmp_path):
    path = tmp_path / "net.npz"
    path.write_bytes(b"no numbers")
    with pytest.raises(ModelError) as caught:
        load_recognizer(path)
    assert refusal(path) == str(caught.value) and str(caught.value).startswith("net.npz")


def test_weights_are_counted_but_not_what_says_how_layers_work(tmp_path):
    layers = [
        Layer("flat", "Flatten", {}),
        Layer(
            "dense", "Dense", {"kernel": np.zeros((784, 10), np.float32), "bias": np.zeros(10, np.float32)}
        ),
        Layer("softmax", "Softmax", {}),
    ]
    save_layers(tmp_path / "net.npz", layers)
    assert open_model(tmp_path / "net.npz").weights == 7850


@pytest.mark.parametrize(
    ("card", "threshold"),
    [({}, 0.95), ({"certainty_threshold": 0}, 0.0), ({"certainty_threshold": 1}, 1.0)]
    + [({"certainty_threshold": wrong}, 0.95) for wrong in (-0.01, 1.01, "0.5", None)],
)
def test_a_card_may_set_the_threshold_of_certainty(card, threshold):
    model = Model("net", 0, None, card, CONTRACT, None)
    assert model.certainty_threshold == threshold and type(model.certainty_threshold) is float


HUNDRED = [chr(0x4E00 + number) for number in range(101)]


@pytest.mark.parametrize(
    ("named", "classes"),
    [
        (["x", "o"], ("x", "o")),
        (HUNDRED[:100], tuple(HUNDRED[:100])),
        (HUNDRED, DIGITS),
        (["x"], DIGITS),
        (["x", "o", "x"], DIGITS),
        (["x", "oo"], DIGITS),
        (["x", 0], DIGITS),
        ("xo", DIGITS),
        (None, DIGITS),
    ],
)
def test_a_card_may_name_two_to_a_hundred_signs_as_classes(named, classes):
    model = Model("net", 0, None, {"classes": named}, CONTRACT, None)
    assert model.classes == classes
    nothing = model.probabilities(np.zeros((0, 28, 28), np.float32))
    assert nothing.shape == (0, len(classes)) and nothing.dtype == np.float32


def test_the_card_beside_a_network_is_read_where_it_is_one(opened):
    card = {"classes": ["x", "é"], "certainty_threshold": 0.5}
    model = opened(answering(0.25, 0.75), json.dumps(card, ensure_ascii=False))
    assert model.card == card and model.classes == ("x", "é")
    for none in ("{", "[]", "[" * 100_000, '{"certainty_threshold": 0.5}' + " " * 1_000_000):
        assert opened(answering(*[0.1] * 10), none).card == {}, none[:9]
    full = '{"certainty_threshold": 0.5}'.ljust(1_000_000)
    assert opened(answering(*[0.1] * 10), full).card == {"certainty_threshold": 0.5}


@pytest.mark.parametrize("values", models.VALUES)
def test_images_are_given_in_the_range_of_the_network(values):
    images = np.linspace(0, 1, 784, dtype=np.float32).reshape(1, 28, 28)
    given = Model("net", 0, None, {}, values, lambda images: images).probabilities(images.astype(np.float64))
    paper, ink = {
        "0 (paper) to 1 (ink)": (0, 1),
        "0 to 255": (0, 255),
        "-1 to 1": (-1, 1),
        "1 (paper) to 0 (ink)": (1, 0),
        "255 (paper) to 0 (ink)": (255, 0),
    }[values]
    assert given.dtype == np.float32
    np.testing.assert_allclose(given[0].ravel(), np.linspace(paper, ink, 784), atol=1e-3)


def reads(part_by_paper, opened):
    """Open a network that reads a part of the trial digits, by the value that it is given for paper."""
    digits, labels = (part[:200] for part in load_mnist()[0])

    def predict(images):
        paper = round(float(images[0, 0, 0]))
        if len(images) != len(digits):
            return answering(*[0.1] * 10)(images)
        if paper == 0 and images.max() == 1:
            np.testing.assert_array_equal(images, digits / np.float32(255))
        right = np.arange(len(digits)) < part_by_paper.get(paper, 0) * len(digits)
        return np.eye(10, dtype=np.float32)[np.where(right, labels, (labels + 1) % 10)]

    return opened(predict).values


@pytest.mark.parametrize(
    ("plain", "best", "values"),
    [
        (0.5, 0.75, "1 (paper) to 0 (ink)"),
        (0.5, 0.65, CONTRACT),  # a fifth more is asked for
        (0.75, 0.96, "1 (paper) to 0 (ink)"),
        (0.81, 1.0, CONTRACT),
    ],
)
def test_another_range_is_taken_where_a_network_clearly_reads_more_in_it(opened, plain, best, values):
    assert reads({0: plain, 1: best, 255: 0.3}, opened) == values


def test_a_network_of_other_signs_is_not_tried_on_digits(opened):
    asked = []
    row = answering(0.25, 0.75)
    model = opened(lambda images: (asked.append(len(images)), row(images))[1], '{"classes": ["x", "o"]}')
    assert asked == [2] and model.values == CONTRACT


def test_a_network_apart_is_opened_once_and_again_only_when_its_file_changes(tmp_path, monkeypatch):
    opened = []

    def counted(path):
        opened.append(path)
        return open_model(path)

    def here(job):  # in this process, where it can be counted; but what comes back can be sent
        return pickle.loads(pickle.dumps(apart._look_or_predict(job)))

    monkeypatch.setattr(apart, "open_model", counted)
    monkeypatch.setattr(apart, "_apart", here)
    path = tmp_path / "net.npz"
    path.write_bytes(MODEL_FILE.read_bytes())
    images = np.random.default_rng(0).random((2, 28, 28), np.float32)
    for _ in range(2):
        np.testing.assert_array_equal(
            load_model(path).probabilities(images), load_model().probabilities(images)
        )
    assert opened == [path, MODEL_FILE, MODEL_FILE]
    path.touch()
    load_model(path)
    assert opened.count(path) == 2
    path.unlink()
    with pytest.raises(ModelError, match=r"^There is no file net\.npz\.$"):
        load_model(path)


def test_a_network_apart_that_runs_out_of_memory_is_refused_with_that_reason(tmp_path, monkeypatch):
    def full(job):
        raise MemoryError(job[0].parent.name if job[0].parent != tmp_path else "")

    monkeypatch.setattr(apart, "_apart", full)
    for path, reason in (
        (tmp_path / "net.npz", "it needs more memory than it may have"),
        (tmp_path / "reason" / "net.npz", "reason"),
    ):
        with pytest.raises(ModelError) as caught:
            load_model(path)
        assert str(caught.value) == f"net.npz is refused: {reason}."
