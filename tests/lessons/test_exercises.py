"""Exercises as learners meet them: open at first, right with the solution, which no student copy holds."""

import ast
import re
import tomllib
from pathlib import Path

import nbformat
import papermill
import pytest

from digitlib.notebooks.files import lesson_files, project_files, read_notebook
from digitlib.notebooks.parameters import read_parameters
from digitlib.notebooks.student_copies import student_copy

OTHER_PARAMETERS = {
    "00": {"kind": "marker"},
    "01": {"seed": 5, "digit": 7, "sample": 1000},
    "02": {"seed": 3, "good": "whiteboard", "difficult": "phone_pen", "sample": 8},
    "03": {"seed": 1, "epochs": 1, "digit": 4, "few": 100},
    "04": {"seed": 1, "pictures": 2000, "photos": 20, "conditions": ["rotation"]},
    "05": {"seed": 1, "digit": 3, "rival": 8},
    "06": {"sample": "single_021_marker.jpg"},
    "own_digits": {"writers": 6, "seed": 1, "epochs": 1},
    "letters": {"letters": 4000, "seed": 1, "epochs": 2},
}
"""What each lesson is tried with beside its own values: other pictures, and little work."""

LESSONS = [*lesson_files(), *project_files()]
ANSWERS = Path(__file__).parent / "answers"
"""A file a lesson: to each exercise right answers, and wrong ones with words of the hint for them."""
FEWEST = 8
"""Wrong answers to each exercise at least, each another mistake."""


def names_of(source):
    """The names that some code gives a value, and those that it uses."""
    given, used = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else given).add(node.id)
        elif isinstance(node, ast.FunctionDef):
            given.add(node.name)
        elif isinstance(node, ast.alias):
            given.add((node.asname or node.name).partition(".")[0])
    return given, used


def cells_needed(cells, source):
    """The cells, last first, that make what some code after them uses, directly or by way of others."""
    needed = names_of(source)[1]
    for cell in reversed(cells):
        given, used = names_of(cell.source)
        if given & needed:
            needed |= used
            yield cell


def solution_of(cell):
    """The code of a cell solution-N."""
    (code,) = re.findall(r"```python\n(.*?)```", cell.source, re.DOTALL)
    return code


def short_name(path):
    """The number of a lesson, or the name of a project."""
    return path.stem[:2] if path.stem[0].isdecimal() else path.stem


def answers_to(path):
    """What learners may answer to the exercises of a lesson: {number: {"right": [], "wrong": []}}."""
    return tomllib.loads((ANSWERS / f"{short_name(path)}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_checks_tell_right_answers_from_each_mistake(path, capsys):
    cells = read_notebook(path).cells
    by_id = {cell.id: cell for cell in cells}
    namespace, ready, missed = {"display": lambda figure: None}, set(), []
    stubs = [place for place, cell in enumerate(cells) if re.fullmatch(r"exercise-\d+", cell.id)]
    answers = answers_to(path)
    assert [cells[place].id.removeprefix("exercise-") for place in stubs] == list(answers)

    def printed_by(*sources):
        capsys.readouterr()
        own = dict(namespace)
        for source in sources:
            run(source, path, own)
        return capsys.readouterr().out

    for place, (number, given) in zip(stubs, answers.items(), strict=True):
        stub, check = cells[place].source, by_id[f"check-{number}"].source
        solution = solution_of(by_id[f"solution-{number}"])
        earlier = [
            c for c in cells[:place] if c.cell_type == "code" and not re.match("check-|exercise-", c.id)
        ]
        needed = list(cells_needed(earlier, "\n".join([stub, solution, check])))
        for cell in reversed([cell for cell in needed if cell.id not in ready]):
            run(cell.source, path, namespace)
            ready.add(cell.id)
        wanted = [
            (stub, "✗ Not yet: "),
            (solution, "✓ Right."),
            *((code, "✓ Right.") for code in given["right"]),
        ]
        wanted += [(code, hint) for code, hint in given["wrong"]]
        assert len({code for code, _ in given["wrong"]}) >= FEWEST
        printed = {code: printed_by(stub, code, check) for code in dict(wanted)}
        for code, words in wanted:
            *_, line = printed[code].splitlines()
            verdict = "✓ Right." if words == "✓ Right." else "✗ Not yet: "
            if not line.startswith(verdict) or words not in line:
                missed.append(f"exercise {number}: {code}\n  wanted: {words}\n  printed: {printed[code]}")
        hints = {printed[code] for code, _ in given["wrong"]}
        assert len(hints) >= 4, f"exercise {number}: one hint for many mistakes: {hints}"
    assert not missed, "\n".join(missed)


def parts_of(code):
    """The values that some code computes, as text: what stands right of = or behind return, and within it."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Assign | ast.Return):
            yield node.value


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_check_holds_its_answer(path):
    cells = {cell.id: cell for cell in read_notebook(path).cells}
    for number in answers_to(path):
        check = ast.parse(cells[f"check-{number}"].source)
        shown = {ast.unparse(node) for node in ast.walk(check) if isinstance(node, ast.expr)}
        for code in [solution_of(cells[f"solution-{number}"]), *answers_to(path)[number]["right"]]:
            for value in parts_of(code):
                text = ast.unparse(value)
                given = text in ast.unparse(ast.parse(cells[f"exercise-{number}"].source))
                plain = isinstance(value, ast.Name) or text in ("True", "False", "None", "0")
                assert given or plain or text not in shown, f"check-{number} shows {text}"


def run(source, path, namespace):
    """Run a cell; what it names "../" is found from the folder of the lesson."""
    exec(compile(source, f"{path.stem}.py", "exec"), namespace)


@pytest.fixture(autouse=True)
def in_the_folder_of_the_lessons(monkeypatch):
    monkeypatch.chdir(lesson_files()[0].parent)


# --- student copies -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_student_copy_holds_no_solution_and_no_note_for_teachers(path):
    lesson = read_notebook(path)
    copy = student_copy(lesson, path.name)
    text = "\n".join(cell.source for cell in copy.cells)
    stubs = "\n".join(cell.source for cell in lesson.cells if cell.id.startswith("exercise-"))
    for cell in lesson.cells:
        if cell.id.startswith("solution-"):
            assert cell.id not in {kept.id for kept in copy.cells}
            for line in map(str.strip, solution_of(cell).splitlines()):
                if len(line) > 12 and line not in stubs:
                    assert line not in text
        if "teacher" in cell.metadata.get("tags", []):
            assert cell.source not in text
    assert "**For teachers.**" not in text
    assert not any(cell.get("outputs") for cell in copy.cells)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_student_copy_keeps_all_else(path):
    lesson = read_notebook(path)
    copy = student_copy(lesson, path.name)
    gone = {cell.id for cell in lesson.cells} - {cell.id for cell in copy.cells}
    assert all(re.match("solution-|teacher-", name) for name in gone)
    kept = {cell.id: cell.source for cell in copy.cells}
    for cell in lesson.cells:
        if cell.id in kept and "check" not in cell.metadata.get("tags", []):
            assert kept[cell.id] == cell.source
    for number in (1, 2, 3):
        assert "<summary>Answer</summary>" in kept[f"question-{number}"], "answers stay, folded"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_student_copy_runs_with_other_parameters_and_stops_only_at_exercises(path, tmp_path):
    lesson, source, result = read_notebook(path), tmp_path / path.name, tmp_path / "result.ipynb"
    parameters = OTHER_PARAMETERS[short_name(path)]
    defaults = {name: one.default for name, one in read_parameters(lesson).items()}
    assert parameters.keys() <= defaults.keys()
    assert defaults != defaults | parameters
    nbformat.write(student_copy(lesson, path.name), source)
    papermill.execute_notebook(
        source, result, parameters, kernel_name="python3", cwd=path.parent, progress_bar=False
    )
    ran = {cell.id: cell for cell in read_notebook(result).cells if cell.cell_type == "code"}
    for name, cell in ran.items():
        printed = "".join(output.get("text", "") for output in cell.outputs)
        assert ("✗ Not yet" in printed) == name.startswith("check-"), printed
        assert not any(output.get("name") == "stderr" for output in cell.outputs), printed
    before = {cell.id: described(cell) for cell in lesson.cells if cell.cell_type == "code"}
    after = {name: described(cell) for name, cell in ran.items() if name in before}
    assert [len(pictures) for pictures in after.values()] == [len(pictures) for pictures in before.values()]
    assert after != before, "the figures follow the parameters"


def described(cell):
    """The alt text of each picture among a cell's outputs."""
    return [
        output.metadata["image/png"]["alt"]
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]
