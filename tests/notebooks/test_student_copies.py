"""Student copies: no solution is left, all else is, and faulty markers are named."""

import zipfile

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from digitlib.notebooks.files import NotebookError, lesson_files, read_notebook
from digitlib.notebooks.student_copies import ARCHIVE, student_copy, write_student_copies


def copy_of(*cells):
    return student_copy(new_notebook(cells=list(cells)), "lesson.ipynb").cells


def code(*lines, **options):
    return new_code_cell("\n".join(lines), **options)


def run(*sources):
    """Run code cells one after the other, and return what they print."""
    lines = []
    names = {"print": lambda *words: lines.append(" ".join(map(str, words)))}
    for source in sources:
        exec(source, names)
    return lines


# --- solutions between markers ------------------------------------------------------------------------------


def test_solution_becomes_a_stub():
    cell = code("a = 1", "### BEGIN SOLUTION", "b = 2", "c = 3", "### END SOLUTION", "d = 4")
    assert copy_of(cell)[0].source == "a = 1\n# Your code here\nd = 4"


def test_stub_of_a_function_keeps_its_indentation_and_says_what_is_missing():
    cell = code(
        "def area(image):",
        '    """Count the ink."""',
        "    ### BEGIN SOLUTION",
        "    return image.sum()",
        "    ### END SOLUTION",
    )
    source = copy_of(cell)[0].source
    assert source.splitlines()[2] == "    # Your code here"
    assert "image.sum" not in source
    with pytest.raises(NotImplementedError, match="area is still to be written"):
        run(source, "area(0)")


def test_stub_of_a_method_names_the_method():
    cell = code(
        "class Reader:",
        "    def other(self):",
        "        def inner():",
        "            pass",
        "    def read(self):",
        "        ### BEGIN SOLUTION",
        "        return 4",
        "        ### END SOLUTION",
    )
    with pytest.raises(NotImplementedError, match="read is still"):
        run(copy_of(cell)[0].source, "Reader().read()")


def test_several_solutions_in_a_cell():
    cell = code(*2 * ("### BEGIN SOLUTION", "secret", "### END SOLUTION"), "end")
    assert copy_of(cell)[0].source == "# Your code here\n# Your code here\nend"


@pytest.mark.parametrize(
    "begin", ["# BEGIN SOLUTION", "###BEGIN SOLUTION", "### Begin Solution", "\t### BEGIN  SOLUTION  "]
)
def test_marker_may_be_written_otherwise(begin):
    assert "secret" not in copy_of(code(begin, "secret", "### END SOLUTION"))[0].source


def test_solution_in_prose_becomes_a_place_to_answer():
    cell = new_markdown_cell("Why?\n\n### BEGIN SOLUTION\nBecause.\n### END SOLUTION")
    assert copy_of(cell)[0].source == "Why?\n\n*Your answer here.*"


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        (["### BEGIN SOLUTION", "secret"], "no ### END SOLUTION after it"),
        (["secret", "### END SOLUTION"], "no ### BEGIN SOLUTION before it"),
        (["### BEGIN SOLUTION", "### BEGIN SOLUTION", "secret", "### END SOLUTION"], "comes twice"),
        (["secret = 1  ### BEGIN SOLUTION", "### END SOLUTION"], "must stand alone"),
        (["### BEGIN SOLUTION: secret", "### END SOLUTION"], "must stand alone"),
    ],
)
@pytest.mark.parametrize("new_cell", [new_code_cell, new_markdown_cell])
def test_faulty_markers_are_named_with_notebook_and_cell(lines, fault, new_cell):
    cells = [new_markdown_cell("Prose."), new_cell("\n".join(lines), id="exercise-1")]
    with pytest.raises(NotebookError, match=rf"^lesson\.ipynb, cell 2 \(exercise-1\): .*{fault}"):
        copy_of(*cells)


@given(st.lists(st.sampled_from(["### BEGIN SOLUTION", "### END SOLUTION", "x = 'public'"]), max_size=12))
def test_whatever_the_markers_no_solution_is_left(lines):
    inside, wanted, faulty = False, [], False
    for number, line in enumerate(lines):
        begins, ends = "BEGIN" in line, "END" in line
        faulty |= (begins and inside) or (ends and not inside)
        inside = begins or (inside and not ends)
        if "public" in line:
            lines[number] = "x = 'secret'" if inside else line
            wanted += [] if inside else [line]
    if faulty or inside:
        with pytest.raises(NotebookError):
            copy_of(code(*lines))
    else:
        source = copy_of(code(*lines))[0].source
        assert "secret" not in source
        assert [line for line in source.splitlines() if "public" in line] == wanted
        assert source.count("# Your code here") == lines.count("### BEGIN SOLUTION")


# --- checks -------------------------------------------------------------------------------------------------

EXERCISE = code("### BEGIN SOLUTION", "answer = 42", "### END SOLUTION")
FUNCTION = code("def answer():", "    ### BEGIN SOLUTION", "    return 42", "    ### END SOLUTION")


def check(*lines):
    return code(*lines, metadata={"tags": ["check"]})


def test_check_says_which_name_is_missing():
    sources = [cell.source for cell in copy_of(EXERCISE, check("print('✓' if answer == 42 else '✗')"))]
    assert run(*sources) == ["✗ Not yet: name 'answer' is not defined."]
    assert run(sources[0].replace("# Your code here", "answer = 42"), sources[1]) == ["✓"]
    assert run(sources[0].replace("# Your code here", "answer = 41"), sources[1]) == ["✗"]


def test_check_says_which_function_is_still_to_be_written():
    sources = [cell.source for cell in copy_of(FUNCTION, check("print('✓' if answer() == 42 else '✗')"))]
    assert run(*sources) == ["✗ Not yet: answer is still to be written."]


def test_check_hides_no_other_mistake():
    sources = [cell.source for cell in copy_of(code("answer = 'x'"), check("print(answer + 1)"))]
    with pytest.raises(TypeError):
        run(*sources)


def test_check_keeps_texts_of_several_lines():
    lines = ["text = '''one", "two", "  three'''", "more = (f'''a", "{1 +", "1} b''')", "print([text, more])"]
    source = copy_of(check(*lines))[0].source
    assert source.startswith("try:")
    assert run(source) == run("\n".join(lines))


@pytest.mark.parametrize("source", ["", "# nothing to do", "%matplotlib inline\nx = 1", "!ls"])
def test_check_that_cannot_be_wrapped_stays(source):
    assert copy_of(check(source))[0].source == source


def test_checks_keep_their_tag_and_other_cells_their_code():
    first, second = copy_of(check("print(1)"), code("print(1)", metadata={"tags": ["checkpoint"]}))
    assert first.metadata.tags == ["check"]
    assert second.source == "print(1)"


# --- folds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "summary",
    [
        "<summary>Solution</summary>",
        "<summary>Solution 2</summary>",
        "\n\n<summary ><b>A solution</b></summary>",
    ],
)
@pytest.mark.parametrize("tag", ["details", "DETAILS", "details open"])
def test_folded_solution_goes(summary, tag):
    text = f"Before.\n\n<{tag}>{summary}\n\nsecret\n\n</{tag.split()[0]}>\n\nAfter."
    assert copy_of(new_markdown_cell(text))[0].source == "Before.\n\nAfter."


def test_cell_of_nothing_but_a_solution_goes():
    fold = "<details><summary>Solution</summary>\nsecret\n</details>\n"
    assert [cell.source for cell in copy_of(new_markdown_cell("a"), new_markdown_cell(fold))] == ["a"]


def test_other_folds_stay():
    text = "<details><summary>Hint: the resolution</summary>\n\nLook closely.\n\n</details>"
    assert copy_of(new_markdown_cell(text))[0].source == text


def test_folds_in_folds():
    inner = "<details><summary>{}</summary>inner</details>"
    outer = "<details><summary>{}</summary>\n\none\n\n{}\n\ntwo\n</details>\n\nend"
    hint_with_solution = outer.format("Hint", inner.format("Solution"))
    assert copy_of(new_markdown_cell(hint_with_solution))[0].source == (
        "<details><summary>Hint</summary>\n\none\n\ntwo\n</details>\n\nend"
    )
    for name in ("Hint", "Solution"):
        solution = outer.format("Solution", inner.format(name))
        assert copy_of(new_markdown_cell(f"start\n\n{solution}"))[0].source == "start\n\nend"


def test_two_solutions_in_a_cell():
    fold = "<details><summary>Solution</summary>secret</details>"
    assert copy_of(new_markdown_cell(f"a\n{fold}\nb\n{fold}\nc"))[0].source == "a\n\nb\n\nc"


def test_solution_fold_without_end_is_named():
    cell = new_markdown_cell("<details><summary>Solution</summary>secret", id="fold")
    with pytest.raises(NotebookError, match=r"lesson\.ipynb, cell 1 \(fold\): .* no </details>"):
        copy_of(cell)


def test_picture_of_a_solution_goes_with_it():
    fold = "<details><summary>Solution</summary>![s](attachment:secret.png)</details>"
    cell = new_markdown_cell(f"![t](attachment:a%20title.png)\n\n{fold}")
    cell.attachments = {name: {"image/png": "iVBORw0KGgo="} for name in ("secret.png", "a title.png")}
    assert list(copy_of(cell)[0].attachments) == ["a title.png"]


# --- the rest of a notebook ---------------------------------------------------------------------------------


def test_teachers_cells_go():
    teacher = code("### END SOLUTION", metadata={"tags": ["teacher", "check"]})
    assert [cell.source for cell in copy_of(code("a"), teacher, code("b"))] == ["a", "b"]


def test_outputs_go_and_metadata_stays():
    lesson = {"minutes": {"reading": 20}}
    notebook = new_notebook(
        metadata={"digitlib": lesson, "kernelspec": {"name": "python3", "display_name": ""}}
    )
    output = new_output("stream", text="secret")
    notebook.cells = [
        code("x", id="x", metadata={"tags": ["parameters"]}, outputs=[output], execution_count=3),
        new_raw_cell("raw"),
        new_markdown_cell(""),
    ]
    before = nbformat.writes(notebook)
    copy = student_copy(notebook, "lesson.ipynb")
    assert copy.metadata == notebook.metadata
    assert copy.cells[0].outputs == []
    assert copy.cells[0].execution_count is None
    assert (copy.cells[0].id, copy.cells[0].metadata.tags) == ("x", ["parameters"])
    assert [cell.source for cell in copy.cells[1:]] == ["raw", ""]
    assert nbformat.writes(notebook) == before


# --- files --------------------------------------------------------------------------------------------------


@pytest.fixture
def lessons(tmp_path):
    """Two lessons in a folder."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    paths = [folder / "01_first.ipynb", folder / "02_second.ipynb"]
    for path in paths:
        nbformat.write(new_notebook(cells=[EXERCISE, new_markdown_cell("Grüße ✓")]), path)
    return paths


def test_copies_and_archive_are_written(lessons, tmp_path):
    folder = tmp_path / "class" / "student"
    written = write_student_copies(folder, lessons)
    assert written == [folder / "01_first.ipynb", folder / "02_second.ipynb", folder / ARCHIVE]
    assert read_notebook(written[0]).cells[0].source == "# Your code here"
    assert read_notebook(written[0]).cells[1].source == "Grüße ✓"
    with zipfile.ZipFile(written[-1]) as archive:
        assert archive.namelist() == ["01_first.ipynb", "02_second.ipynb"]
        assert [archive.read(path.name) for path in written[:-1]] == [
            path.read_bytes() for path in written[:-1]
        ]


def test_writing_again_gives_the_same_bytes(lessons, tmp_path):
    first, second = (
        [path.read_bytes() for path in write_student_copies(tmp_path / "student", lessons)] for _ in range(2)
    )
    assert first == second


def edit(folder):
    path = folder / "01_first.ipynb"
    path.write_text(
        path.read_text(encoding="utf-8").replace("# Your code here", "answer = 42"), encoding="utf-8"
    )


def rename(folder):
    edit(folder)
    (folder / "01_first.ipynb").rename(folder / "02_second.ipynb")


def add_a_cell(folder):
    notebook = read_notebook(folder / "01_first.ipynb")
    notebook.cells.append(code("mine = 1"))
    nbformat.write(notebook, folder / "01_first.ipynb")


def run_a_cell(folder):
    notebook = read_notebook(folder / "01_first.ipynb")
    notebook.cells[0].outputs = [new_output("stream", text="42")]
    nbformat.write(notebook, folder / "01_first.ipynb")


def edit_and_lock(folder):
    edit(folder)
    (folder / "01_first.ipynb").chmod(0o444)


def pack_other_files(folder):
    with zipfile.ZipFile(folder / ARCHIVE, "w") as archive:
        archive.writestr("my work.ipynb", "{}")


@pytest.mark.parametrize("work", [edit, rename, add_a_cell, run_a_cell, edit_and_lock, pack_other_files])
def test_work_in_a_copy_is_not_written_over_unless_asked(lessons, tmp_path, work):
    folder = tmp_path / "student"
    write_student_copies(folder, lessons)
    work(folder)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(NotebookError, match=r"with other contents.* --replace"):
        write_student_copies(folder, lessons)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    if work is not edit_and_lock:
        clean = {path.name: path.read_bytes() for path in write_student_copies(tmp_path / "new", lessons)}
        write_student_copies(folder, lessons, replace=True)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == clean


def test_a_copy_under_another_name_stays_beside_the_new_ones(lessons, tmp_path):
    folder = tmp_path / "student"
    write_student_copies(folder, lessons)
    edit(folder)
    work = (folder / "01_first.ipynb").rename(folder / "01_first ada.ipynb").read_bytes()
    write_student_copies(folder, lessons)
    assert (folder / "01_first ada.ipynb").read_bytes() == work
    assert (folder / "01_first.ipynb").exists()


def test_lessons_are_not_written_over(lessons, tmp_path):
    before = lessons[0].read_bytes()
    link = tmp_path / "link"
    link.symlink_to(lessons[0].parent, target_is_directory=True)
    for folder in (
        lessons[0].parent,
        lessons[0].parent / ".." / "notebooks",
        link,
        lessons[0].parent / "student",
    ):
        with pytest.raises(NotebookError, match="holds the lessons themselves"):
            write_student_copies(folder, lessons)
    assert lessons[0].read_bytes() == before
    assert not (lessons[0].parent / "student").exists()


def test_nothing_is_written_when_one_lesson_is_faulty(lessons, tmp_path):
    nbformat.write(new_notebook(cells=[code("### BEGIN SOLUTION", id="open")]), lessons[1])
    with pytest.raises(NotebookError, match=r"02_second\.ipynb, cell 1 \(open\)"):
        write_student_copies(tmp_path / "student", lessons)
    assert not (tmp_path / "student").exists()


@pytest.mark.parametrize("path", lesson_files(), ids=lambda path: path.stem)
def test_the_lessons_leave_no_solution(path):
    text = nbformat.writes(student_copy(read_notebook(path), path.name))
    assert "SOLUTION" not in text
    assert "<summary>Solution" not in text
