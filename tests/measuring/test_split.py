"""Splitting labelled pictures by who wrote them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitlib.labels import LabelError
from digitlib.measuring import split_by_writer
from digitlib.measuring.labeled import LabeledSet


def pictures_of(writers):
    count, everywhere = len(writers), np.ones(len(writers), bool)
    images, kinds = np.zeros((count, 28, 28), np.float32), np.full(count, "")
    writers = np.array(writers)
    return LabeledSet("mine", images, np.arange(count), kinds, everywhere, ~everywhere, writers)


@given(
    st.lists(st.sampled_from("abcdef"), min_size=2, max_size=40).filter(lambda found: len(set(found)) > 1),
    st.floats(0.01, 0.99),
    st.integers(0, 99),
)
def test_no_writer_is_in_both_parts_and_no_picture_is_lost(writers, held_out, seed):
    training, test = split_by_writer(pictures_of(writers), held_out, seed)
    assert not set(training.writers.tolist()) & set(test.writers.tolist())
    assert len(training.labels) and len(test.labels)
    assert sorted([*training.labels, *test.labels]) == list(range(len(writers)))
    again = split_by_writer(pictures_of(writers), held_out, seed)[1]
    assert again.labels.tolist() == test.labels.tolist()


def test_seed_and_proportion_choose_the_writers():
    pictures = pictures_of([f"w{number}" for number in range(100)])
    parts = [set(split_by_writer(pictures, 0.3, seed)[1].writers.tolist()) for seed in (0, 1)]
    assert len(parts[0]) == len(parts[1]) == 30 and parts[0] != parts[1]


@pytest.mark.parametrize(("held_out", "count"), [(0.01, 1), (0.24, 2), (0.26, 3), (0.99, 9)])
def test_each_part_has_a_writer_and_the_test_set_what_is_nearest_to_the_proportion(held_out, count):
    training, test = split_by_writer(pictures_of([*"abcdefghij"]), held_out)
    assert (len(test.labels), len(training.labels)) == (count, 10 - count)
    assert len(split_by_writer(pictures_of([*"abcdefghij"]))[1].labels) == 2, "a fifth by default"


@pytest.mark.parametrize("writers", [["a", "a"], ["", ""]])
def test_one_writer_cannot_be_split(writers):
    with pytest.raises(LabelError) as caught:
        split_by_writer(pictures_of(writers))
    assert str(caught.value) == "mine has 1 writer. The column writer of labels.csv must name two or more."
