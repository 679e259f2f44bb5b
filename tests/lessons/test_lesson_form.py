"""The form that all lessons share: objectives, predictions, checkpoints, questions, exercises, recap."""

import ast
import re
import statistics
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from digitlib.notebooks.minutes import reading_minutes

LESSONS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
PROJECTS = sorted((LESSONS[0].parent / "projects").glob("*.ipynb"))
SECONDS_A_LESSON, SECONDS_IN_ALL = 60, 300
LONGEST = 90
"""Minutes that a lesson takes to read at most: a double lesson."""

FOLD = re.compile(r"<details><summary>(.*?)</summary>\n\n(.*?)\n\n?</details>", re.DOTALL)
OPTION = re.compile(r"^- \*\*([a-e])\*\* \S", re.MULTILINE)
RIGHT = re.compile(r"\*\*([a-e])\.\*\* \S")
WRONG = re.compile(r"^- \*\*([a-e])\*\*: \S", re.MULTILINE)


def problems(notebook):
    """List where a lesson leaves the form, as sentences."""
    return [problem for check in CHECKS for problem in check(notebook)]


def begins_with_title_and_picture(notebook):
    first = notebook.cells[0]
    if first.get("id") != "title" or not re.match(r"# (\d|Project) · \S", first.source):
        yield "the first cell is not `title`, '# N · Title' or '# Project · Title'"
    if not re.search(r"!\[[^\]]{20,}\]\(", first.source):
        yield "the title has no picture with alt text"


def says_what_it_teaches(notebook):
    lesson = notebook.metadata.digitlib
    plan = source_of(notebook, "plan")
    for words in ("**When you are through, you can**", "**You need**", "**It helps**", "**Time:**"):
        if words not in plan:
            yield f"the cell `plan` lacks {words}"
    for kind, minutes in lesson.minutes.items():
        if not 1 <= minutes <= LONGEST or not re.search(rf"\b{minutes} minutes of {kind}", plan):
            yield f"the cell `plan` does not say: {minutes} minutes of {kind}"
    if set(lesson.minutes) != {"reading", "exercises"}:
        yield f"minutes are given for {sorted(lesson.minutes)}"
    if not 3 <= len(lesson.objectives) <= 6:
        yield f"there are {len(lesson.objectives)} objectives"


def keeps_its_promises(notebook):
    recap, objectives = source_of(notebook, "recap"), list(notebook.metadata.digitlib.objectives)
    if not recap.startswith("## What you can do now") or "**Next:**" not in recap:
        yield "the cell `recap` lacks '## What you can do now' or '**Next:**'"
    for place in ("plan", "recap"):
        listed = re.findall(r"^- (.+)$", source_of(notebook, place), re.MULTILINE)
        if listed[: len(objectives)] != objectives:
            yield f"the objectives in `{place}` are not those of the metadata"
    if not any("### References" in cell.source for cell in notebook.cells):
        yield "there are no references"


def imports_in_one_place(notebook):
    if not any(cell.get("id") == "setup" for cell in code_cells(notebook)):
        yield "there is no cell `setup`"
    for cell in code_cells(notebook):
        imports = [
            node for node in ast.parse(cell.source).body if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        if imports and cell.id not in ("setup", "colab"):
            yield f"{cell.id} imports, which `setup` is for"


def explains_its_parameters(notebook):
    for cell in tagged(notebook, "parameters"):
        for line in cell.source.splitlines():
            if not re.search(r"\S  # \S", line):
                yield f"a parameter is not explained: {line}"


def asks_for_predictions(notebook):
    found = sum("> **Predict.**" in cell.source for cell in markdown_cells(notebook))
    if found < 2:
        yield f"{found} times '> **Predict.**' stands in it; at least twice is wanted"


def has_checkpoints(notebook):
    found = tagged(notebook, "checkpoint")
    if len(found) < 2:
        yield f"{len(found)} cells are tagged `checkpoint`; at least two are wanted"
    if [cell.id for cell in found] != [f"checkpoint-{number}" for number in range(1, len(found) + 1)]:
        yield f"the checkpoints are not numbered: {[cell.id for cell in found]}"
    for cell in found:
        if not any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source))):
            yield f"{cell.id} asserts nothing"


def asks_three_questions(notebook):
    ids = [cell.id for cell in markdown_cells(notebook) if cell.id.startswith("question-")]
    if ids != ["question-1", "question-2", "question-3"]:
        yield f"the multiple-choice questions are {ids}, not question-1, question-2, question-3"
    rights = set()
    for name in ids:
        source = source_of(notebook, name)
        asked, *answers = re.split(r"(?=<details>)", source, maxsplit=1)
        fold = FOLD.search(answers[0]) if answers else None
        if not fold or fold[1] != "Answer":
            yield f"{name} has no fold <summary>Answer</summary> with an empty line after it"
            continue
        options = OPTION.findall(asked)
        right, wrong = RIGHT.match(fold[2]), WRONG.findall(fold[2])
        rights.add(right and right[1])
        if not asked.startswith(f"**Question {name[-1]}.** ") and f"\n**Question {name[-1]}.** " not in asked:
            yield f"{name} does not say **Question {name[-1]}.**"
        if not 3 <= len(options) <= 5 or options != list("abcde"[: len(options)]):
            yield f"{name} offers {options}, not three to five answers in order"
        if right is None or sorted([right[1], *wrong]) != sorted(options):
            yield f"the answer of {name} does not explain every option once: {right and right[1]}, {wrong}"
    if len(ids) == 3 and len(rights) == 1:
        yield "the right answer is the same letter in all three questions"


def has_exercises(notebook):
    ids = [cell.id for cell in notebook.cells]
    numbers = [name.removeprefix("exercise-") for name in ids if re.fullmatch(r"exercise-\d+", name)]
    if not 2 <= len(numbers) <= 4 or numbers != [str(number) for number in range(1, len(numbers) + 1)]:
        yield f"the exercises are numbered {numbers}; wanted are two to four"
    for number in numbers:
        wanted = [f"exercise-{number}", f"check-{number}", f"solution-{number}"]
        found = [name for name in ids if name in wanted]
        cells = {cell.id: cell for cell in notebook.cells}
        if found != wanted:
            yield f"exercise {number} has the cells {found}, not {wanted}"
            continue
        exercise, check, solution = (cells[name] for name in wanted)
        if check.metadata.get("tags", []) != ["check"]:
            yield f"{check.id} is not tagged `check`"
        hints = re.search(r"^check\($.*mistakes=\{(.*?)^    \},", check.source, re.MULTILINE | re.DOTALL)
        if hints is None or hints[1].count("lambda") < 3:
            yield f"{check.id} does not tell three usual mistakes apart, by digitlib.notebooks.check"
        if len(exercise.source.splitlines()) > 12:
            yield f"{exercise.id} has more than 12 lines"
        fold = FOLD.fullmatch(solution.source.strip())
        if not fold or fold[1] != f"Solution {number}" or fold[2].count("```python\n") != 1:
            yield f"{solution.id} is not one fold, Solution {number}, with one block of Python in it"
    text = "\n".join(cell.source for cell in markdown_cells(notebook))
    for number in numbers:
        if not re.search(rf"^\*\*{number}\. .+\*\*", text, re.MULTILINE):
            yield f"the text of exercise {number} does not begin **{number}. Name.**"


def helps_teachers(notebook):
    notes = tagged(notebook, "teacher")
    if not notes:
        yield "no cell is tagged `teacher`"
    for cell in notes:
        if cell.cell_type != "markdown" or not cell.source.startswith("**For teachers.**"):
            yield f"{cell.id} is no note that begins with **For teachers.**"


def is_short_where_it_computes(notebook):
    lines = [len(cell.source.splitlines()) for cell in code_cells(notebook)]
    if statistics.median(lines) > 6:
        yield f"half of the code cells have {statistics.median(lines)} lines or more; six is the limit"


def is_quick(notebook):
    if not 0 < notebook.metadata.digitlib.get("seconds", 0) < SECONDS_A_LESSON:
        yield f"seconds, which make notebooks measures, are not below {SECONDS_A_LESSON}"


CHECKS = (
    begins_with_title_and_picture,
    says_what_it_teaches,
    keeps_its_promises,
    imports_in_one_place,
    explains_its_parameters,
    asks_for_predictions,
    has_checkpoints,
    asks_three_questions,
    has_exercises,
    helps_teachers,
    is_short_where_it_computes,
    is_quick,
)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def tagged(notebook, tag):
    return [cell for cell in notebook.cells if tag in cell.metadata.get("tags", [])]


def source_of(notebook, name):
    """The text of the cell of that id; empty if there is none."""
    return next((cell.source for cell in notebook.cells if cell.get("id") == name), "")


@pytest.mark.parametrize("path", LESSONS + PROJECTS, ids=lambda path: path.stem)
def test_lesson_has_the_form(path):
    notebook = nbformat.read(path, as_version=4)
    found = problems(notebook)
    assert not found, "\n".join(found)
    number = "Project" if path in PROJECTS else int(path.stem[:2])
    assert notebook.cells[0].source.startswith(f"# {number} · ")


def test_series_is_whole_and_quick():
    assert [path.stem[:2] for path in LESSONS] == [f"0{number}" for number in range(len(LESSONS))]
    lessons = [nbformat.read(path, as_version=4).metadata.digitlib for path in LESSONS]
    assert sum(lesson.seconds for lesson in lessons) < SECONDS_IN_ALL


@pytest.mark.parametrize("path", LESSONS + PROJECTS, ids=lambda path: path.stem)
def test_minutes_of_reading_are_counted(path):
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.digitlib.minutes.reading == reading_minutes(notebook)


def test_minutes_count_what_a_reader_does():
    empty = reading_minutes(good_lesson())
    for name, source, minutes in [
        ("prose", "word " * 1500, 10),
        ("predict", "> **Predict.**\n" * 40, 30),
        ("exercise-9-text", "word " * 1500, 0),
        ("recap", "word " * 1500, 0),
    ]:
        lesson = good_lesson()
        lesson.cells.append(markdown(name, source))
        assert reading_minutes(lesson) == empty + minutes
    lesson = good_lesson()
    lesson.cells += [code("long", "x = 1\n\n" * 150), code("check-9", "x = 1\n" * 150)]
    assert reading_minutes(lesson) == empty + 20
    picture = {"image/png": ""}
    lesson.cells[-2].outputs = [new_output("display_data", picture)] * 10
    assert reading_minutes(lesson) == empty + 25


@pytest.mark.parametrize("path", LESSONS[:-1], ids=lambda path: path.stem)
def test_lesson_leads_to_the_next(path):
    recap = source_of(nbformat.read(path, as_version=4), "recap")
    assert f"]({LESSONS[LESSONS.index(path) + 1].name})" in recap.partition("**Next:**")[2]


# --- the checks themselves, on a small lesson with one flaw at a time ---------------------------------------

QUESTION = """\
**Question {}.** What is it?

- **a** One.
- **b** Two.
- **c** Three.

<details><summary>Answer</summary>

**{}.** For a reason.

- **{}**: Taken for the other.
- **{}**: Taken for the third.

</details>"""


CHECK = """\
check(
    lambda: total,
    start=0,
    right=lambda value: seal(value) == "0f",
    mistakes={
        "too small": lambda value: value < 1,
        "too large": lambda value: value > 1,
        "no number": lambda value: value.strip(),
    },
    otherwise="add",
)"""


def good_lesson():
    """A lesson without a flaw."""
    aims = ["See", "Hear", "Say"]
    listing = "\n".join(f"- {aim}" for aim in aims)
    plan = f"**When you are through, you can**\n\n{listing}\n\n**You need** a. **It helps** b.\n\n"
    plan += "**Time:** 20 minutes of reading, 15 minutes of exercises."
    lesson = {"minutes": {"reading": 20, "exercises": 15}, "objectives": aims, "seconds": 5}
    notebook = new_notebook(metadata={"digitlib": lesson})
    notebook.cells = [
        markdown("title", "# 1 · Look\n\n![Ten digits in a row, from 0 to 9.](attachment:title.png)"),
        markdown("plan", plan),
        code("setup", "import math"),
        code("parameters", "seed = 0  # which pictures", "parameters"),
        markdown("predict", "> **Predict.** What?"),
        code("checkpoint-1", "assert seed < 9", "checkpoint"),
        markdown("predict-2", "Prose.\n\n> **Predict.** And now?"),
        code("checkpoint-2", "assert math.pi > 3", "checkpoint"),
        markdown("teacher-1", "**For teachers.** Ask.", "teacher"),
        markdown("question-1", QUESTION.format(1, "a", "b", "c")),
        markdown("question-2", "## Check yourself\n\n" + QUESTION.format(2, "b", "a", "c")),
        markdown("question-3", QUESTION.format(3, "b", "a", "c")),
    ]
    for number in (1, 2):
        notebook.cells += [
            markdown(f"exercise-{number}-text", f"**{number}. A sum.** Add."),
            code(f"exercise-{number}", "total = 0"),
            code(f"check-{number}", CHECK, "check"),
            markdown(
                f"solution-{number}",
                f"<details><summary>Solution {number}</summary>\n\n```python\ntotal = 1\n```\n</details>",
            ),
        ]
    end = f"## What you can do now\n\n{listing}\n\n**Next:** more.\n\n### References\n\n- A book."
    notebook.cells.append(markdown("recap", end))
    return notebook


def markdown(name, source, *tags):
    return new_markdown_cell(source, id=name, metadata={"tags": list(tags)} if tags else {})


def code(name, source, *tags):
    return new_code_cell(source, id=name, metadata={"tags": list(tags)} if tags else {})


def test_a_good_lesson_has_no_problem():
    assert problems(good_lesson()) == []


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("title", "# 1 · Look", "# Look"),
        ("title", "Ten digits in a row, from 0 to 9.", ""),
        ("plan", "**It helps** b.", ""),
        ("plan", "20 minutes", "10 minutes"),
        ("plan", "- Hear\n", ""),
        ("recap", "- Hear\n", "- Listen\n"),
        ("recap", "**Next:** more.", ""),
        ("recap", "### References", ""),
        ("parameters", "  # which pictures", ""),
        ("predict", "> **Predict.**", "Predict:"),
        ("checkpoint-1", "assert seed", "seed"),
        ("checkpoint-2", "assert", "import os\nassert"),
        ("teacher-1", "**For teachers.** ", ""),
        ("question-1", "**Question 1.** ", ""),
        ("question-1", "- **c** Three.", "- **d** Three."),
        ("question-1", "- **b** Two.\n- **c** Three.", "- **c** Three.\n- **b** Two."),
        ("question-2", "- **c**: Taken for the third.", ""),
        ("question-2", "- **c**: Taken", "- **b**: Taken"),
        ("question-2", "Answer", "Solution"),
        ("question-3", "<details>", "<div>"),
        ("question-1", "**a.** For a reason.\n\n- **b**", "**b.** For a reason.\n\n- **a**"),
        ("check-1", '        "no number": lambda value: value.strip(),\n', ""),
        ("check-1", "check(", "print("),
        ("exercise-1", "total = 0", "total = 0\n" * 13),
        ("exercise-2-text", "**2. A sum.** ", ""),
        ("solution-1", "Solution 1", "Solution"),
        ("solution-2", "```python\n", "```\n"),
        ("solution-2", "<details>", "See below.\n\n<details>"),
    ],
)
def test_a_flaw_in_a_cell_is_found(name, old, new):
    lesson = good_lesson()
    cell = next(cell for cell in lesson.cells if cell.id == name)
    assert old in cell.source
    cell.source = cell.source.replace(old, new)
    assert problems(lesson)


@pytest.mark.parametrize(
    "name", ["setup", "checkpoint-2", "question-2", "check-1", "exercise-2", "teacher-1"]
)
def test_a_missing_cell_is_noticed(name):
    lesson = good_lesson()
    lesson.cells = [cell for cell in lesson.cells if cell.id != name]
    assert problems(lesson)


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": {"reading": 20}},
        {"minutes": {"reading": 20, "exercises": 15, "breaks": 5}},
        {"objectives": ["See"]},
        {"objectives": ["See", "Say", "Hear"]},
        {"seconds": 60},
        {"seconds": 0},
    ],
)
def test_a_flaw_in_what_the_lesson_says_of_itself_is_found(change):
    lesson = good_lesson()
    lesson.metadata.digitlib.update(nbformat.from_dict(change))
    assert problems(lesson)


def test_long_code_is_noticed():
    lesson = good_lesson()
    for cell in code_cells(lesson)[2:]:
        cell.source = "\n" * 6 + cell.source
    assert len(problems(lesson)) == 1
