"""Measures against other implementations and against cases worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from skimage import metrics

from digitlib import evaluation


@given(st.integers(1, 20_000), st.floats(0, 1))
def test_share_agrees_with_scipys_wilson_interval(count, part):
    right = np.arange(count) < round(part * count)
    share = evaluation.share(right)
    expected = stats.binomtest(int(right.sum()), count).proportion_ci(method="wilson")
    assert share.value == pytest.approx(right.mean())
    assert share.low == pytest.approx(expected.low, abs=1e-6)
    assert share.high == pytest.approx(expected.high, abs=1e-6)


def test_share_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no answers"):
        evaluation.share([])


def test_confusion_matrix_agrees_with_scikit_image():
    rng = np.random.default_rng(0)
    labels, answers = rng.integers(0, 10, (2, 500))
    expected = metrics.contingency_table(labels, answers, normalize=False).toarray()
    np.testing.assert_array_equal(evaluation.confusion_matrix(labels, answers), expected)


def test_honest_probabilities_have_a_small_calibration_error_and_bold_ones_a_large_one():
    rng = np.random.default_rng(1)
    honest = rng.dirichlet(np.full(10, 0.3), 20_000)
    labels = (honest.cumsum(axis=1) > rng.random((20_000, 1))).argmax(axis=1)
    bold = honest**4 / (honest**4).sum(axis=1, keepdims=True)
    assert evaluation.calibration_error(honest, labels) < 0.015
    assert evaluation.calibration_error(bold, labels) > 0.1
    assert evaluation.fit_temperature(bold, labels) == pytest.approx(4, abs=0.3)
    assert evaluation.fit_temperature(honest, labels) == pytest.approx(1, abs=0.08)


def test_calibration_error_worked_out_by_hand():
    """Four answers at 0.9, three of them right; two at 0.6, both right."""
    probabilities = np.zeros((6, 10))
    probabilities[:4, 0], probabilities[:4, 1] = 0.9, 0.1
    probabilities[4:, 0], probabilities[4:, 1] = 0.6, 0.4
    labels = np.array([0, 0, 0, 1, 0, 0])
    assert evaluation.calibration_error(probabilities, labels) == pytest.approx((4 * 0.15 + 2 * 0.4) / 6)


def test_reliability_curve_counts_every_answer_once():
    rng = np.random.default_rng(2)
    probabilities = rng.dirichlet(np.ones(10), 300)
    confidence, accuracy, count = evaluation.reliability_curve(probabilities, rng.integers(0, 10, 300))
    assert count.sum() == 300
    assert np.isnan(confidence[count == 0]).all()
    assert np.nansum(confidence * count) == pytest.approx(probabilities.max(axis=1).sum())
    assert ((accuracy >= 0) | np.isnan(accuracy)).all()


def test_most_confident_errors_come_first_and_are_errors():
    rng = np.random.default_rng(3)
    probabilities, labels = rng.dirichlet(np.ones(10), 200), rng.integers(0, 10, 200)
    places = evaluation.most_confident_errors(probabilities, labels, 5)
    best = probabilities[places].max(axis=1)
    assert len(places) == 5
    assert (probabilities[places].argmax(axis=1) != labels[places]).all()
    assert (np.diff(best) <= 0).all()
    wrong = probabilities.argmax(axis=1) != labels
    assert best[0] == probabilities[wrong].max()
