"""Two readers, one answer: what each says, and what comes out."""

import numpy as np
import pytest

import digitlib
from digitlib.reading.allowed import Allowed, make_allowed
from digitlib.reading.components import Box
from digitlib.reading.line_reader import View, load_line_reader, normalize_row
from digitlib.reading.network import LETTERS_FILE
from digitlib.reading.vote import line_characters, vote_on_character, vote_on_each, vote_on_text

OTHER = 11  # the last class of a line reader of digits


def sure(*digits, certainty=0.99):
    """Return probabilities of digits that were cut out."""
    table = np.full((len(digits), 10), (1 - certainty) / 9)
    table[np.arange(len(digits)), list(digits)] = certainty
    return list(table)


def view(*codes, certainty=0.98):
    """Return a view whose steps spell classes, a blank before and behind each."""
    path = [0]
    for code in codes:
        path += [code, 0]
    steps = np.full((len(path), 12), (1 - certainty) / 11)
    steps[np.arange(len(path)), path] = certainty
    return View(steps, 100, 4.0)


def test_both_readers_alike_are_sure():
    vote = vote_on_text(sure(4, 2), [view(5, 3)])
    assert vote.classes == (4, 2) and vote.confidence > 0.95


def test_readers_that_differ_are_not_sure():
    vote = vote_on_text(sure(4, 2, 1), [view(5, 3)])
    assert vote.classes in ((4, 2, 1), (4, 2)) and vote.confidence < 0.85


def test_letters_make_a_text_unsure_but_are_not_in_it():
    vote = vote_on_text(sure(4, 2), [view(5, OTHER)])
    assert set(vote.classes) <= set(range(10)) and vote.confidence < 0.6


def no_digit(certainty=0.9):
    """Return probabilities of a piece that is none of the ten digits, or hardly one."""
    return np.append(np.full(9, certainty / 10), 1 - 0.9 * certainty)


@pytest.mark.parametrize("certainty", [0.6, 0.9, 1.0])
def test_what_both_readers_take_for_something_else_is_passed_over(certainty):
    cut = [*sure(4), no_digit(certainty), *sure(2)]
    vote = vote_on_text(cut, [view(5, OTHER, 3)])
    assert vote.classes == (4, 2) and vote.spelled == (4, 10, 2)
    assert vote.confidence < 0.5  # it may be a digit that is badly written
    known = vote_on_text(cut, [view(5, OTHER, 3)], make_allowed(pattern="d+d"))
    assert known.classes == (4, 2) and known.confidence > 0.75
    assert vote_on_text([no_digit(certainty)], [view(OTHER)]).confidence < 0.1


def test_something_else_that_was_cut_wrongly_is_passed_over_where_the_line_reader_sees_it():
    vote = vote_on_text(sure(4, 7, 6, 2, certainty=0.8), [view(5, OTHER, 3)])
    assert vote.classes == (4, 2) and vote.spelled == (4, 10, 2)


def test_a_digit_that_the_cutting_reader_sees_is_not_passed_over():
    for certainty in (0.98, 0.5):
        vote = vote_on_text(sure(4, 7, 2), [view(5, OTHER, 3, certainty=certainty)])
        assert vote.classes == vote.spelled == (4, 7, 2) and vote.confidence < 0.6


def test_nothing_seen_is_no_text():
    assert vote_on_text([], [view()]).classes == ()


def test_a_digit_that_the_line_reader_does_not_see_is_unsure():
    assert vote_on_character(sure(3)[0], [view(4)]).max() > 0.9
    votes = vote_on_character(sure(3)[0], [view(OTHER)])
    assert votes.argmax() == 3 and votes.max() < 0.6 and votes.sum() == pytest.approx(1)
    assert vote_on_character(sure(3)[0], [view(OTHER), view(4)]).max() > 0.9


def test_columns_and_probabilities_belong_to_the_digits():
    probabilities, columns = line_characters((4, 2), [view(5, 3)])
    assert probabilities.argmax(axis=1).tolist() == [4, 2]
    assert columns == [100 + 4 * 1.5, 100 + 4 * 3.5]
    assert line_characters((1,) * 50, [view(5, 3)])[1] == []
    for digit in vote_on_each(sure(4, 2), probabilities):
        assert digit.dtype == np.float32 and digit.sum() == pytest.approx(1)


def test_what_is_known_decides():
    cut, views = sure(4, 7, certainty=0.6), [view(5, 8, certainty=0.6)]
    assert vote_on_text(cut, views).classes == (4, 7)
    vote = vote_on_text(cut, views, make_allowed(among=["42", 41, "13"]))
    assert vote.classes in ((4, 2), (4, 1)) and vote.confidence < 0.5
    assert len(vote_on_text(cut, views, make_allowed(pattern="d-d-d")).classes) == 3
    assert int("".join(map(str, vote_on_text(cut, views, make_allowed(at_most=20)).classes))) <= 20


def test_an_allowed_text_that_nobody_can_see_is_no_text():
    assert vote_on_text(sure(4), [view(5)], make_allowed(among=["1234567890"])).classes == ()
    assert digitlib.read_number(page(45), among=["1" * 60]).text == ""


def test_the_best_allowed_text_is_the_best_of_all_of_them():
    rng = np.random.default_rng(0)
    steps = rng.dirichlet(np.full(12, 0.3), 6)
    views, allowed = [View(steps, 0, 4.0)], make_allowed(at_most=999)
    from digitlib.reading.ctc import text_probability

    best = max(range(1_000), key=lambda n: text_probability(steps, [int(d) + 1 for d in str(n)]))
    assert vote_on_text([], views, allowed).classes == tuple(map(int, str(best)))


@pytest.mark.parametrize(
    ("known", "message"),
    [
        ({"among": []}, "holds no digits"),
        ({"among": ["a"]}, "holds no digits"),
        ({"pattern": "--"}, "a d for each digit"),
        ({"pattern": "d2"}, "a d for each digit"),
        ({"at_most": -1}, "allowed is 0 to"),
        ({"at_most": 10**9}, "allowed is 0 to"),
        ({"among": ["123"], "at_most": 20}, "0 texts"),
        ({"among": ["123"], "pattern": "dd"}, "0 texts"),
    ],
)
def test_what_cannot_be_known_is_refused(known, message):
    with pytest.raises(ValueError, match=message):
        make_allowed(**known)


def page(*columns):
    picture = np.full((120, 60 * (1 + max(columns) // 60) + 60), 230, np.uint8)
    for column in columns:
        picture[30:100, column : column + 8] = 40
    return picture


@pytest.mark.parametrize("known", [{"among": ["12"]}, {"pattern": "dd"}, {"at_most": 20}])
def test_what_is_known_needs_a_network_of_digits(known):
    with pytest.raises(ValueError, match="What is known needs a network of digits; this one tells A, B"):
        digitlib.read_number(page(45, 125), network=LETTERS_FILE, **known)


def test_a_number_is_shown_by_its_pattern():
    number = digitlib.read_number(page(45, 125, 205), pattern="d.dd")
    assert number.text == "1.11" and len(number) == 3
    assert digitlib.read_number(page(45, 125, 205), among=["111", "77"]).text == "111"


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (40, 5_000), (7, 9)])
def test_any_row_can_be_looked_at(shape):
    light = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    steps = load_line_reader().look(light).steps
    assert steps.shape[1] == 12 and 4 <= len(steps) <= 400
    np.testing.assert_allclose(steps.sum(axis=1), 1, atol=1e-4)
    assert np.isfinite(normalize_row(light)).all()


def test_a_network_of_ones_own_answers_alone():
    own = digitlib.load_recognizer()
    alone = digitlib.read_digit(page(45), network=own)
    np.testing.assert_allclose(alone.probabilities, own.probabilities(alone.image[None])[0])
    both = digitlib.read_digit(page(45))
    assert both.label == alone.label and not np.allclose(both.probabilities, alone.probabilities)


@pytest.mark.parametrize(
    ("known", "texts", "length"),
    [
        ({"among": ["1-2", 7, "7", "", "x"]}, {"12", "7"}, None),
        ({"at_most": 2}, {"0", "1", "2"}, None),
        ({"pattern": "d.d"}, None, 2),
        ({"among": ["1", "05", "12", "13"], "at_most": 12}, {"1", "12"}, None),
        ({"among": ["1", "12"], "pattern": "dd."}, {"12"}, 2),
        ({"at_most": 11, "pattern": "dd"}, {"10", "11"}, 2),
    ],
)
def test_what_is_known_is_put_together(known, texts, length):
    assert make_allowed() is None
    assert make_allowed(**known) == Allowed(texts, length, known.get("pattern"))


def test_digits_are_shown_by_the_pattern():
    """Where digits are missing, signs stand alone; what the pattern has no place for is not shown."""
    for digits, shown in (("2411", "24.11."), ("241", "24.1."), ("24119", "24.11.")):
        assert make_allowed(pattern="dd.dd.").shown(digits) == shown
    assert make_allowed(at_most=99).shown("12") == "12"


def test_a_row_is_scaled_by_its_paper_and_its_strongest_ink():
    """Paper 0, ink 1; a few pixels may lie beyond, not far; what differs by less than noise stays pale."""
    light = np.full((40, 100), 50, np.uint8)
    light[10:20] = 150
    light[0, :4], light[1, :4], light[2, :4], light[3, :4] = 190, 170, 0, 40
    row = normalize_row(light)
    assert row.dtype == np.float32
    np.testing.assert_allclose(row[[39, 15, 0, 1, 2, 3], 0], [0, 1, 1.3, 1.2, -0.5, -0.1], atol=1e-6)
    faint = np.full((40, 100), 50, np.uint8)
    faint[10:20], faint[0, 0] = 56, 0
    np.testing.assert_allclose(normalize_row(faint)[[39, 15, 0], 0], [0, 0.5, -1], atol=1e-6)


def test_a_view_knows_the_columns_of_its_steps():
    """The middle of a step, in columns of the picture; around a box a quarter of its height is seen."""
    light = np.zeros((100, 300), np.uint8)
    whole, part = load_line_reader().look(light), load_line_reader().look(light, Box(20, 60, 40, 100))
    assert (len(whole.steps), whole.left, whole.width) == (30, 0, 10.0)
    assert (len(part.steps), part.left, part.width) == (20, 50, 6.0)
    assert whole.column(0) == 5.0 and part.column(2) == 65.0
    corner = load_line_reader().look(light, Box(2, 3, 40, 100))
    assert (corner.left, corner.width) == (0, 113 / len(corner.steps))
    assert load_line_reader(("a",)) is None and load_line_reader(("A", "7")) is not None


@pytest.mark.parametrize(
    ("faint", "place", "brightest"),
    [(230, (30, pytest.approx(93, abs=5), 70, 98), 0.0), (222, (30, 120, 70, 30), 1.0)],
)
def test_what_must_be_there_is_cut_out_of_paper_and_of_ink_too_faint_for_the_threshold(
    faint, place, brightest
):
    """Three digits are known to be there, two are seen: where the third may be, the paper itself counts.

    On empty paper two columns are as good, five apart: which one it is depends on how a processor rounds.
    """
    shown = page(45, 245)
    shown[30:100, 120:150] = faint
    number = digitlib.read_number(shown, pattern="ddd")
    assert [tuple(one.box) for one in number] == [(30, 45, 70, 8), place, (30, 245, 70, 8)]
    assert [one.image.max() for one in number] == [1.0, brightest, 1.0] and not number.certain
