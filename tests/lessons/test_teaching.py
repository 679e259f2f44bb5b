"""The teaching guide: its plans fill their time without gaps, and it speaks of every lesson."""

import itertools
import re
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbconvert.filters.markdown import markdown2html
from nbformat.v4 import new_notebook
from web.served import started_browser

from digitlib.notebooks.files import lesson_files, read_notebook
from digitlib.notebooks.minutes import reading_minutes
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
    day = day.partition("\n## ")[0]
    rows = re.findall(r"^\| ([\d:]+)–([\d:]+) \| (.*) \|$", day, re.MULTILINE)
    work = sum(minutes(end) - minutes(begin) for begin, end, what in rows if what not in ("Break", "Lunch"))
    assert work == 6 * 60


TAKEN = re.compile(r"[Ll]esson (\d), sections? (\d(?:(?:, | and | to )\d)*)")
SESSIONS = ("**First session", "**Second session", "## A day")


def sections_of(words):
    """The numbers in "1 to 4" or "1, 3 and 5"."""
    if " to " in words:
        first, last = map(int, words.split(" to "))
        return list(range(first, last + 1))
    return [int(number) for number in re.findall(r"\d", words)]


def taken(heading):
    """What a plan takes from the lessons, in order: (minutes of the row, lesson, its sections)."""
    _, _, below = GUIDE.partition(heading)
    table = re.search(r"(^\|.*\n)+", below, re.MULTILINE)[0]
    for begin, end, what in re.findall(r"^\| ([\d:]+)–([\d:]+) \| (.*)", table, re.MULTILINE):
        found = TAKEN.search(what)
        if found:
            yield minutes(end) - minutes(begin), int(found[1]), sections_of(found[2])


def cells_of(lesson, sections):
    """The cells of a lesson before its first section, and those of some sections."""
    head, bodies, place = [], {}, None
    for cell in read_notebook(lesson_files()[lesson]).cells:
        heading = re.search(r"^## (?:(\d) )?", cell.source, re.MULTILINE)
        if cell.cell_type == "markdown" and heading:
            place = int(heading[1] or 0)
        (head if place is None else bodies.setdefault(place, [])).append(cell)
    return head, [cell for section in sections for cell in bodies[section]]


@pytest.mark.parametrize("heading", SESSIONS)
def test_what_a_plan_takes_fits_its_minutes(heading):
    rows = list(taken(heading))
    assert len(rows) >= 4
    for span, lesson, sections in rows:
        _, body = cells_of(lesson, sections)
        assert reading_minutes(new_notebook(cells=body)) <= span, f"lesson {lesson}, sections {sections}"


def runs():
    """What learners run in one kernel: each lesson of a plan, with all the sections that it takes."""
    for heading in SESSIONS:
        lessons = {}
        for _, lesson, sections in taken(heading):
            lessons.setdefault(lesson, []).extend(sections)
        yield from ((lesson, tuple(sections)) for lesson, sections in lessons.items())


@pytest.mark.parametrize(("lesson", "sections"), sorted(set(runs())))
def test_sections_of_a_plan_run_alone_in_a_fresh_kernel(lesson, sections, tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLIB_RUNS", str(tmp_path))
    head, body = cells_of(lesson, sections)
    cells = [cell for cell in head + body if cell.cell_type == "code"]
    assert len(cells) > 2
    path = lesson_files()[lesson]
    client = NotebookClient(
        new_notebook(cells=cells), kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.execute()


def test_guide_has_a_note_on_every_lesson():
    for path in lesson_files():
        assert f"](../notebooks/{path.name}).** *Stumbling block" in GUIDE


def test_points_add_up():
    table = GUIDE.partition("| What | Points |")[2].partition("\n\n")[0]
    *points, total = map(int, re.findall(r"\| (\d+) \|$", table, re.MULTILINE))
    assert sum(points) == total


def test_handout_has_every_step_in_order():
    assert re.findall(r"^\| (\w+) \|", HANDOUT, re.MULTILINE)[1 : 1 + len(STEP_NAMES)] == list(STEP_NAMES)


LETTER_SIZE = """\
body { font: 16px/1.5 sans-serif; margin: 0 }
h1 { font-size: 2em; margin: 0 0 16px } p, ol { margin: 0 0 16px }
table { border-collapse: collapse; margin-bottom: 16px } td, th { padding: 6px 13px; border: 1px solid }"""
"""Letters and distances as GitHub shows a page in Markdown."""


def test_handout_prints_on_one_page():
    margin = {side: "10mm" for side in ("top", "bottom", "left", "right")}
    with started_browser() as browser:
        page = browser.new_page()
        page.set_content(f"<meta charset=utf-8><style>{LETTER_SIZE}</style>{markdown2html(HANDOUT)}")
        printed = page.pdf(format="A4", margin=margin)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
