"""The check of an exercise: never a traceback, a hint for each mistake, friendly to whoever has not tried."""

import warnings

import numpy as np
import pytest

from digitlib.notebooks import check, seal
from digitlib.notebooks.exercises import MISSING, UNTOUCHED


def verdict(capsys, answer, start=0, right=lambda value: value == 42, **mistakes):
    check(answer, start, right, mistakes or {"too small": lambda value: value < 42}, "count once more.")
    return capsys.readouterr().out


class Hostile:
    """An object that answers every question with an error."""

    def __eq__(self, other):
        raise RuntimeError

    def __bool__(self):
        raise RuntimeError


def stops(error):
    def answer():
        raise error

    return answer


@pytest.mark.parametrize(
    ("answer", "printed"),
    [
        (lambda: 42, "✓ Right."),
        (lambda: np.int64(42), "✓ Right."),
        (lambda: 0, f"✗ Not yet: {UNTOUCHED}."),
        (lambda: 41, "✗ Not yet: too small."),
        (lambda: 43, "✗ Not yet: count once more."),
        (lambda: None, f"✗ Not yet: {MISSING}"),
        (lambda: [42, None], f"✗ Not yet: {MISSING}"),
        (lambda: np.array(None), f"✗ Not yet: {MISSING}"),
        (lambda: "42", "✗ Not yet: count once more."),
        (lambda: np.zeros(3), "✗ Not yet: count once more."),
        (lambda: Hostile(), "✗ Not yet: count once more."),
        (lambda: total, "✗ Not yet: name 'total' is not defined. Has the cell above run?"),  # noqa: F821
        (stops(ValueError("too\nlong")), "✗ Not yet: your code stops with ValueError: too"),
        (stops(NotImplementedError()), "✗ Not yet: your code stops with NotImplementedError: "),
        (stops(SystemExit()), "✗ Not yet: your code stops with SystemExit: "),
    ],
)
def test_every_answer_has_its_line(capsys, answer, printed):
    assert verdict(capsys, answer) == f"{printed}\n"


def test_the_first_hint_that_fits_is_given(capsys):
    hints = {"too small": lambda value: value < 42, "far too small": lambda value: value < 10}
    assert verdict(capsys, lambda: 5, **hints) == "✗ Not yet: too small.\n"


def test_a_value_that_is_only_equal_to_the_start_was_tried(capsys):
    assert UNTOUCHED not in verdict(capsys, lambda: False)


def test_pictures_of_two_sizes_that_nobody_touched_are_what_they_were_at_first(capsys):
    start = [np.zeros((60, 12)), np.zeros((10, 40))]
    assert UNTOUCHED in verdict(capsys, lambda: [one.copy() for one in start], start)
    assert UNTOUCHED not in verdict(capsys, lambda: [start[0], start[1] + 1], start)


def test_warnings_of_a_learners_code_stay_out_of_the_page(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "count" in verdict(capsys, lambda: np.float64(1) / 0)


def test_who_stops_the_kernel_is_obeyed(capsys):
    with pytest.raises(KeyboardInterrupt):
        verdict(capsys, stops(KeyboardInterrupt()))


def test_seal_tells_numbers_apart_and_not_how_they_are_stored():
    assert seal([1, 2]) == seal(np.array([1.001, 2], np.float32)) == seal((1.0, 1.999))
    assert len({seal(1), seal([1]), seal(1.01), seal([1, 2]), seal([2, 1]), seal(-1)}) == 6
    assert seal(-0.001) == seal(0) != seal(-0.001, decimals=3)
    with pytest.raises(TypeError):
        seal("1")
