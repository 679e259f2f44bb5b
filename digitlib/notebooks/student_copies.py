"""Copies of the lessons for students, without the solutions.

The notebooks in notebooks/ are complete, and the only source. A copy is made by what is written in the cells:

- Lines between ``### BEGIN SOLUTION`` and ``### END SOLUTION`` become ``# Your code here``; these are the
  markers of nbgrader (https://nbgrader.readthedocs.io). Where they are indented, as in the body of a
  function, running the place raises `NotImplementedError` as long as it is still empty.
- A fold, ``<details>``, goes if the word "Solution" is in its summary, and with it a cell that holds nothing
  else. Other folds stay, such as the answers to multiple-choice questions: those are there to learn from.
- A cell tagged `teacher` goes.
- A cell tagged `check` stays. Where it would end in a traceback because the exercise before it is still to be
  done, it prints that instead. It must print its verdict: the value of its last line is not shown any more.
- Outputs and execution counts go.
"""

import ast
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import indent
from urllib.parse import quote

import nbformat
from nbformat import NotebookNode

from digitlib.notebooks.files import NOTEBOOKS, NotebookError, lesson_files, project_files, read_notebook

ARCHIVE = "lessons.zip"
"""The name of the file that holds all student copies."""

_MARKER = re.compile(r"#+\s*(BEGIN|END)\s+SOLUTION\b", re.IGNORECASE)
_FOLD = re.compile(r"<details\b[^>]*>|</details\s*>", re.IGNORECASE)
_SUMMARY = re.compile(r"<details\b[^>]*>\s*<summary\b[^>]*>(.*?)</summary", re.IGNORECASE | re.DOTALL)
_STUBS = {"code": "# Your code here", "markdown": "*Your answer here.*"}
_CHECK = """\
try:
{}
except (NameError, NotImplementedError) as missing:
    print(f"✗ Not yet: {{missing}}.")"""


def student_copy(notebook: NotebookNode, name: str) -> NotebookNode:
    r"""Copy a notebook without its solutions.

    Parameters
    ----------
    notebook : NotebookNode
        A complete lesson; it is left as it is.
    name : str
        The lesson's name in error messages.

    Returns
    -------
    NotebookNode
        The copy; see the top of this module for what differs.

    Raises
    ------
    NotebookError
        If a solution has a beginning without an end, or the other way round.

    Examples
    --------
    >>> lesson = nbformat.v4.new_notebook()
    >>> source = "### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION\nanswer"
    >>> lesson.cells = [nbformat.v4.new_code_cell(source)]
    >>> print(student_copy(lesson, "lesson").cells[0].source)
    # Your code here
    answer
    """
    copy = nbformat.from_dict({**notebook, "cells": list(_student_cells(notebook.cells, name))})
    nbformat.validate(copy)
    return copy


def write_student_copies(folder: Path, paths: Iterable[Path] = (), replace: bool = False) -> list[Path]:
    """Write student copies of the lessons, and `ARCHIVE` with all of them.

    Nothing is written unless all copies could be made, and no file in the folder would be lost.

    Parameters
    ----------
    folder : Path
        Where they go; it is made if it is not there.
    paths : iterable of Path
        The lessons; without any, all of notebooks/ and its projects/.
    replace : bool
        Whether to write over files there that differ from the copies: somebody may have worked in them.

    Returns
    -------
    list of Path
        The written notebooks, then the archive.

    Raises
    ------
    NotebookError
        If a lesson is faulty, `folder` is the one of the lessons or lies within it, or it holds a file that
        differs and must not be replaced.
    """
    paths = list(paths) or [*lesson_files(), *project_files()]
    for place in (folder.absolute(), *folder.absolute().parents):
        if any(place.exists() and place.samefile(path.parent) for path in paths):
            raise NotebookError(f"{folder} holds the lessons themselves. Choose a folder elsewhere.")
    contents = {
        _place(path): f"{nbformat.writes(student_copy(read_notebook(path), path.name))}\n".encode()
        for path in paths
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in contents.items():  # without the time of day: the same lessons, the same bytes
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    contents[ARCHIVE] = packed.getvalue()
    files = {folder / name: content for name, content in contents.items()}
    changed = {path: content for path, content in files.items() if _differs(path, content)}
    worked_in = [path.name for path in changed if path.exists()]
    if worked_in and not replace:
        raise NotebookError(
            f"{folder} holds {', '.join(worked_in)} with other contents, which somebody may have worked on. "
            "Choose another folder, or give --replace to write over them."
        )
    for path, content in changed.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(files)


def _place(path: Path) -> str:
    """Return where a copy goes: in projects/, as the lesson, so that its links to the series hold."""
    return path.relative_to(NOTEBOOKS).as_posix() if path.is_relative_to(NOTEBOOKS) else path.name


def _differs(path: Path, content: bytes) -> bool:
    return not (path.is_file() and path.read_bytes() == content)


def _student_cells(cells: list[NotebookNode], name: str) -> Iterator[dict]:
    for number, cell in enumerate(cells, start=1):
        tags = cell.metadata.get("tags", [])
        if "teacher" in tags:
            continue
        where = f"{name}, cell {number} ({cell.get('id', 'no id')})"
        source = cell.source
        if cell.cell_type == "markdown":
            source = _without_folds(source, where)
            if cell.source.strip() and not source.strip():
                continue
        source = _without_solutions(source, _STUBS.get(cell.cell_type, ""), where)
        changed = {"source": source}
        if cell.cell_type == "code":
            changed |= {"outputs": [], "execution_count": None}
            if "check" in tags:
                changed["source"] = _guard_check(source)
        if "attachments" in cell:
            changed["attachments"] = {
                file: data
                for file, data in cell.attachments.items()
                if f"attachment:{file}" in source or f"attachment:{quote(file)}" in source
            }
        yield {**cell, **changed}


def _without_solutions(source: str, stub: str, where: str) -> str:
    """Put a stub in the place of each block between the markers."""
    kept, begin = [], None
    for line in source.splitlines():
        marker = _MARKER.search(line)
        if marker is None:
            if begin is None:
                kept.append(line)
            continue
        if line.strip() != marker[0]:
            raise NotebookError(f"{where}: the marker {marker[0]} must stand alone in its line.")
        begins = marker[1].upper() == "BEGIN"
        if begins and begin is not None:
            raise NotebookError(f"{where}: {marker[0]} comes twice, without ### END SOLUTION between them.")
        if not begins and begin is None:
            raise NotebookError(f"{where}: {marker[0]} has no ### BEGIN SOLUTION before it.")
        if begins:
            begin = line[: marker.start()]
        else:
            kept += _stub_lines(begin, stub, kept)
            begin = None
    if begin is not None:
        raise NotebookError(f"{where}: ### BEGIN SOLUTION has no ### END SOLUTION after it.")
    return "\n".join(kept)


def _stub_lines(margin: str, stub: str, before: list[str]) -> Iterator[str]:
    """Yield the lines for an empty place; `margin` is its indentation, `before` the lines above it."""
    yield margin + stub
    if margin and stub == _STUBS["code"]:
        heads = (re.match(r"(\s*)(?:async\s+)?def\s+(\w+)", line) for line in reversed(before))
        name = next((head[2] for head in heads if head and len(head[1]) < len(margin)), "this part")
        yield f'{margin}raise NotImplementedError("{name} is still to be written")'


def _without_folds(source: str, where: str) -> str:
    """Cut out every <details> whose summary holds the word "Solution"."""
    opened, solutions = [], []
    for tag in _FOLD.finditer(source):
        if not tag[0].startswith("</"):
            opened.append(tag.start())
        elif opened:
            start = opened.pop()
            if _is_solution(source[start:]):
                solutions.append((start, tag.end()))
    if any(_is_solution(source[start:]) for start in opened):
        raise NotebookError(f"{where}: a <details> with a solution has no </details>.")
    for start, end in sorted(solutions, reverse=True):
        # A fold within another goes with the outer one.
        if not any(outer < start and end < outer_end for outer, outer_end in solutions):
            source = source[:start].rstrip() + "\n\n" + source[end:].lstrip()
    return source.strip("\n") if solutions else source


def _is_solution(fold: str) -> bool:
    summary = _SUMMARY.match(fold)
    return bool(summary and re.search(r"\bsolution", summary[1], re.IGNORECASE))


def _guard_check(source: str) -> str:
    """Wrap a check so that it prints what is missing, where the exercise is not done yet."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # IPython's own commands, which Python alone cannot read
        return source
    if not tree.body:
        return source
    inside_text = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for line in range(node.lineno + 1, node.end_lineno + 1)
    }
    lines = source.splitlines()
    return _CHECK.format(
        "\n".join(
            line if number in inside_text else indent(line, "    ")
            for number, line in enumerate(lines, start=1)
        )
    )
