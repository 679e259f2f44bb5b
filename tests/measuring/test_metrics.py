"""Measures against other implementations and against cases worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from skimage import metrics as skimage_metrics
from sklearn import metrics as sklearn_metrics
from sklearn.calibration import calibration_curve

from digitlib.measuring import metrics, proportion, proportion_by


@settings(deadline=None)
@given(st.integers(1, 20_000), st.floats(0, 1))
def test_share_agrees_with_scipys_wilson_interval(count, part):
    right = np.arange(count) < round(part * count)
    share = proportion(right)
    expected = stats.binomtest(int(right.sum()), count).proportion_ci(method="wilson")
    assert share.value == pytest.approx(right.mean())
    assert share.low == pytest.approx(expected.low, abs=1e-6)
    assert share.high == pytest.approx(expected.high, abs=1e-6)


def test_share_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"^There are no answers to count: the array is empty\.$"):
        proportion([])


def test_a_share_is_written_in_per_cent_with_its_interval():
    share = proportion([3, 0, 0, 0.5])  # what is not 0 counts as right
    assert (share.value, share.count) == (0.5, 4) and all(type(one) is float for one in share[:3])
    assert str(proportion(np.arange(2_000) < 1_990)) == "99.50% (99.08% to 99.73%, 2,000 pictures)"


def test_confusion_matrix_agrees_with_scikit_image():
    rng = np.random.default_rng(0)
    labels, answers = rng.integers(0, 10, (2, 500))
    expected = skimage_metrics.contingency_table(labels, answers, normalize=False).toarray()
    np.testing.assert_array_equal(metrics.confusion_matrix(labels, answers), expected)


@pytest.mark.parametrize(
    "labels, answers, message",
    [
        ([3, 4], [3, -1], "There is the answer -1; allowed are 0 to 9."),
        ([-1, 4], [3, 4], "There is the label -1; allowed are 0 to 9."),
        ([3], [10], "There is the answer 10; allowed are 0 to 9."),
        ([3, 4], [3], "There are 2 labels and 1 answers; allowed is one for each."),
    ],
)
def test_confusion_matrix_refuses_what_it_cannot_count(labels, answers, message):
    with pytest.raises(ValueError) as caught:
        metrics.confusion_matrix(labels, answers)
    assert str(caught.value) == message


def test_confusion_matrix_keeps_classes_that_do_not_occur_and_takes_small_integers():
    labels, answers = np.full(3, 20, np.uint8), np.array([20, 1, 20], np.uint8)
    matrix = metrics.confusion_matrix(labels, answers, 26)  # 26 * 20 is more than a byte holds
    assert matrix.shape == (26, 26) and matrix[20, 20] == 2 and matrix[20, 1] == 1 and matrix.sum() == 3


def test_temperature_has_the_smallest_cross_entropy_of_a_fine_grid():
    rng = np.random.default_rng(6)
    logits = 3 * rng.normal(size=(3_000, 10))
    probabilities = special.softmax(logits, axis=1)
    labels = np.array([rng.choice(10, p=row) for row in special.softmax(logits / 1.7, axis=1)])
    grid = np.exp(np.linspace(np.log(0.2), np.log(5), 401))
    losses = [sklearn_metrics.log_loss(labels, special.softmax(logits / one, axis=1)) for one in grid]
    assert metrics.fit_temperature(probabilities, labels) == pytest.approx(grid[np.argmin(losses)], rel=0.01)


def test_temperature_stays_in_its_range():
    certain = np.eye(10)
    assert 0.2 <= metrics.fit_temperature(certain, np.arange(10)) <= 1
    assert metrics.fit_temperature(certain, (np.arange(10) + 1) % 10) == pytest.approx(5, rel=1e-3)


def test_shares_by_group_are_the_recall_of_each_digit():
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 10, 400)
    answers = np.where(rng.random(400) < 0.7, labels, rng.integers(0, 10, 400))
    shares = proportion_by(labels, answers == labels)
    expected = sklearn_metrics.recall_score(labels, answers, average=None)
    assert list(shares) == list(range(10))
    np.testing.assert_allclose([one.value for one in shares.values()], expected)
    assert [one.count for one in shares.values()] == np.bincount(labels).tolist()


def test_shares_by_group_take_names_and_refuse_unequal_lengths():
    assert list(proportion_by(["b", "a", "b"], [True, True, False])) == ["a", "b"]
    with pytest.raises(ValueError, match=r"^There are 2 groups and 1 answers; allowed is one for each\.$"):
        proportion_by([1, 2], [True])
    assert [type(group) for group in proportion_by(np.array([3, 4]), [1, 0])] == [int, int]


def test_reliability_curve_agrees_with_scikit_learn():
    rng = np.random.default_rng(5)
    probabilities = rng.dirichlet(np.full(10, 0.3), 2_000)
    labels = (probabilities.cumsum(axis=1) > rng.random((2_000, 1))).argmax(axis=1)
    confidence, accuracy, count = metrics.calibration_curve(probabilities, labels, bins=8)
    right, best = probabilities.argmax(axis=1) == labels, probabilities.max(axis=1)
    expected_accuracy, expected_confidence = calibration_curve(right, best, n_bins=8)
    np.testing.assert_allclose(accuracy[count > 0], expected_accuracy)
    np.testing.assert_allclose(confidence[count > 0], expected_confidence)


levels = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=60)


@settings(deadline=None)
@given(levels)
def test_coverage_curve_agrees_with_scikit_learns_precision(answers):
    """The accuracy of what is answered is the precision of "this confidence is enough"."""
    confidence, right = np.array([level / 5 for level, _ in answers]), np.array([r for _, r in answers])
    limit, coverage, accuracy = metrics.accuracy_coverage_curve(confidence, right)
    np.testing.assert_allclose(coverage, [np.mean(confidence >= one) for one in limit])
    if right.any():
        precision, _, thresholds = sklearn_metrics.precision_recall_curve(right, confidence)
        expected = dict(zip(thresholds, precision[:-1], strict=True))
        np.testing.assert_allclose(accuracy, [expected[one] for one in limit])


def test_coverage_curve_ends_with_all_answers():
    limit, coverage, accuracy = metrics.accuracy_coverage_curve([0.2, 0.9, 0.9], [False, True, False])
    assert limit.tolist() == [0.9, 0.2]
    assert (coverage[-1], accuracy[-1]) == (1, pytest.approx(1 / 3))


@pytest.mark.parametrize("confidence, right", [([], []), ([0.5], [True, False])])
def test_coverage_curve_of_nothing_or_of_unequal_lengths_is_refused(confidence, right):
    with pytest.raises(ValueError) as caught:
        metrics.accuracy_coverage_curve(confidence, right)
    assert str(caught.value) == (
        f"There are {len(confidence)} confidences and {len(right)} answers; allowed is one for each, "
        "and one at least."
    )


def test_honest_probabilities_have_a_small_calibration_error_and_bold_ones_a_large_one():
    rng = np.random.default_rng(1)
    honest = rng.dirichlet(np.full(10, 0.3), 20_000)
    labels = (honest.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    bold = honest**4 / (honest**4).sum(axis=1, keepdims=True)
    assert metrics.calibration_error(honest, labels) < 0.015
    assert metrics.calibration_error(bold, labels) > 0.1
    assert metrics.fit_temperature(bold, labels) == pytest.approx(4, abs=0.3)
    assert metrics.fit_temperature(honest, labels) == pytest.approx(1, abs=0.08)


def test_calibration_error_worked_out_by_hand():
    """Four answers at 0.9, three of them right; two at 0.6, both right."""
    probabilities = np.zeros((6, 10))
    probabilities[:4, 0], probabilities[:4, 1] = 0.9, 0.1
    probabilities[4:, 0], probabilities[4:, 1] = 0.6, 0.4
    labels = np.array([0, 0, 0, 1, 0, 0])
    assert metrics.calibration_error(probabilities, labels) == pytest.approx((4 * 0.15 + 2 * 0.4) / 6)
    together = (4 * 0.9 + 2 * 0.6 - 5) / 6  # in a single bin, overconfidence makes up for underconfidence
    assert metrics.calibration_error(probabilities, labels, bins=1) == pytest.approx(abs(together))


@pytest.mark.filterwarnings("error")
def test_answers_without_any_doubt_lie_in_the_last_bin_and_the_others_stay_empty():
    confidence, accuracy, count = metrics.calibration_curve(np.eye(10), np.arange(10))
    assert count.tolist() == [0] * 14 + [10]
    assert (confidence[-1], accuracy[-1]) == (1, 1) and np.isnan(accuracy[:-1]).all()


def test_reliability_curve_counts_every_answer_once():
    rng = np.random.default_rng(2)
    probabilities = rng.dirichlet(np.ones(10), 300)
    confidence, accuracy, count = metrics.calibration_curve(probabilities, rng.integers(0, 10, 300))
    assert count.sum() == 300
    assert np.isnan(confidence[count == 0]).all()
    assert np.nansum(confidence * count) == pytest.approx(probabilities.max(axis=1).sum())
    assert ((accuracy >= 0) | np.isnan(accuracy)).all()


def test_most_confident_errors_come_first_and_are_errors():
    rng = np.random.default_rng(3)
    probabilities, labels = rng.dirichlet(np.ones(10), 200), rng.integers(0, 10, 200)
    places = metrics.most_confident_errors(probabilities, labels, 5)
    best = probabilities[places].max(axis=1)
    assert len(places) == 5
    assert (probabilities[places].argmax(axis=1) != labels[places]).all()
    assert (np.diff(best) <= 0).all()
    wrong = probabilities.argmax(axis=1) != labels
    assert best[0] == probabilities[wrong].max()


def test_most_confident_errors_are_twelve_and_keep_their_order_where_confidence_is_the_same():
    probabilities = np.tile([0.75, 0.25], (20, 1))
    assert metrics.most_confident_errors(probabilities, np.ones(20, int)).tolist() == list(range(12))
    assert metrics.most_confident_errors([[0.9, 0.1], [0.6, 0.4]], [0, 1]).tolist() == [1]
