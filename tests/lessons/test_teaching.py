"""The teaching guide: its plans fill their time without gaps, and it speaks of every lesson."""

import itertools
import re
from pathlib import Path

import pytest

from digitlib.notebooks.files import lesson_files
from digitlib.reading.normalize import STEP_NAMES

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "teaching.md").read_text(encoding="utf-8")
HANDOUT = (DOCS / "handout.md").read_text(encoding="utf-8")


def spans(heading):
    """The first column of the table below a heading: beginning and end in minutes."""
    _, _, below = GUIDE.partition(heading)
    table = re.search(r"(^\|.*\n)+", below, re.MULTILINE)[0]
    return [tuple(map(minutes, row)) for row in re.findall(r"^\| ([\d:]+)–([\d:]+) \|", table, re.MULTILINE)]


def minutes(text):
    """Minutes of a plan ("75"), or of a clock ("09:30")."""
    hours, _, rest = text.rpartition(":")
    return 60 * int(hours or 0) + int(rest)


@pytest.mark.parametrize(
    ("heading", "first", "last"),
    [("First session", "0", "90"), ("Second session", "0", "90"), ("## A day", "09:00", "16:30")],
)
def test_plan_fills_its_time_without_gaps(heading, first, last):
    rows = spans(heading)
    assert len(rows) > 5
    assert (rows[0][0], rows[-1][1]) == (minutes(first), minutes(last))
    assert all(end == begin for (_, end), (begin, _) in itertools.pairwise(rows))
    assert all(begin < end for begin, end in rows)


def test_six_hours_of_work_in_a_day():
    _, _, day = GUIDE.partition("## A day")
    rows = re.findall(r"^\| ([\d:]+)–([\d:]+) \| (.*) \|$", day, re.MULTILINE)
    work = sum(minutes(end) - minutes(begin) for begin, end, what in rows if what not in ("Break", "Lunch"))
    assert work == 6 * 60


def test_guide_has_a_note_on_every_lesson():
    for path in lesson_files():
        assert f"](../notebooks/{path.name}).** *Stumbling block" in GUIDE


def test_points_add_up():
    table = GUIDE.partition("| What | Points |")[2].partition("\n\n")[0]
    *points, total = map(int, re.findall(r"\| (\d+) \|$", table, re.MULTILINE))
    assert sum(points) == total


def test_handout_has_every_step_in_order_and_fits_a_page():
    assert re.findall(r"^\| (\w+) \|", HANDOUT, re.MULTILINE)[1 : 1 + len(STEP_NAMES)] == list(STEP_NAMES)
    assert len(HANDOUT.splitlines()) < 65
