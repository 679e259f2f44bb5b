"""CTC: all ways to spell a text, against counting them one by one."""

import itertools
from collections import Counter

import numpy as np
import pytest

from digitlib.reading.ctc import align, best_texts, single_probabilities, text_probabilities, text_probability


def spelled(path):
    """Return the text that a path of classes spells: repetitions count once, blanks not at all."""
    return tuple(index for index, _ in itertools.groupby(path) if index)


def all_texts(steps):
    """Add up the probabilities of all paths, text by text."""
    texts = Counter()
    for path in itertools.product(range(steps.shape[1]), repeat=len(steps)):
        texts[spelled(path)] += np.prod([row[index] for row, index in zip(steps, path, strict=True)])
    return texts


@pytest.fixture(params=range(6))
def steps(request):
    rng = np.random.default_rng(request.param)
    logits = rng.normal(0, 2, (int(rng.integers(1, 7)), 4))
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


def test_probability_of_a_text_is_the_sum_over_all_paths(steps):
    texts = all_texts(steps)
    assert sum(texts.values()) == pytest.approx(1)
    asked = list(itertools.chain.from_iterable(itertools.product((1, 2, 3), repeat=n) for n in range(5)))
    expected = [texts[text] for text in asked]
    assert [text_probability(steps, text) for text in asked] == pytest.approx(expected, abs=1e-12)
    assert text_probabilities(steps, asked).tolist() == pytest.approx(expected, abs=1e-12)


def test_texts_of_one_character_are_the_same_sum(steps):
    expected = [text_probability(steps, [index]) for index in (1, 2, 3)]
    np.testing.assert_allclose(single_probabilities(steps, [1, 2, 3]), expected)


def test_a_wide_beam_finds_the_best_texts_and_their_probabilities(steps):
    steps = steps * (1 - 4e-3) + 1e-3  # the search leaves out what is less probable than a thousandth
    texts = all_texts(steps)
    found = best_texts(steps, width=10_000)
    assert {text: p for text, p in found if p} == pytest.approx(dict(texts))
    assert found[0][0] == texts.most_common(1)[0][0]
    narrow, probability = best_texts(steps, width=6)[0]
    assert probability <= texts[narrow] + 1e-12


def test_alignment_is_the_best_of_all_paths(steps):
    for text in [(), (1,), (2, 3), (1, 1)]:
        paths = [p for p in itertools.product(range(4), repeat=len(steps)) if spelled(p) == text]
        if not paths:
            continue
        best = max(paths, key=lambda p: np.prod([row[index] for row, index in zip(steps, p, strict=True)]))
        runs = [
            (index, list(run)) for index, run in itertools.groupby(enumerate(best), key=lambda pair: pair[1])
        ]
        expected = [(run[0][0], run[-1][0]) for index, run in runs if index]
        assert align(steps, text) == expected


def test_long_rows_do_not_underflow():
    steps = np.full((2_000, 12), 0.01)
    steps[:, 0] = 0.89
    assert text_probability(steps, [1]) == 0.0 or text_probability(steps, [1]) > 0
    sure = np.zeros((2_000, 12))
    sure[:, 0] = 1
    sure[1_000, :] = 0
    sure[1_000, 5] = 1
    assert text_probability(sure, [5]) == pytest.approx(1)
    assert best_texts(sure)[0] == ((5,), pytest.approx(1))
    assert align(sure, [5]) == [(1_000, 1_000)]
