"""Run the notebooks in order, each in a fresh kernel, and store their outputs (`make notebooks`).

    python -m digitlib.notebooks.refresh [NOTEBOOK ...]

Without names it runs the whole series. A second run changes no byte: neither widget state nor metadata is
stored, except the tags and the lesson's own. The lesson's metadata holds the seconds that it takes, in steps
of five; they change only when they are off by more than a factor of two. Minutes of reading are counted anew,
and stand in the cell `plan` as well. The figure of the cell tagged
"title-picture" becomes the picture of the first cell. A notebook that fails keeps its former contents.
"""

import math
import os
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from digitlib.notebooks.files import (
    WIDGET_VIEW,
    NotebookError,
    lesson_files,
    project_files,
    template_files,
)
from digitlib.notebooks.minutes import reading_minutes

CELL_SECONDS = 600
"""Most seconds that one cell may take: the slowest one takes about a tenth of it."""

_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"}
"""Without the ending, `jupyter nbconvert --to script` writes a text file without the prose."""


def main(names: Sequence[str]) -> int:
    """Run the named notebooks, or all.

    Parameters
    ----------
    names : sequence of str
        Paths of notebooks; empty for the whole series.

    Returns
    -------
    int
        The exit status: 0 if all ran, 1 if one failed.
    """
    failures = 0
    for path in [Path(name) for name in names] or [*lesson_files(), *project_files(), *template_files()]:
        start = time.perf_counter()
        try:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as runs:
                os.environ["DIGITLIB_RUNS"] = runs  # no other lesson's network is replaced, or used
                refresh_notebook(path)
            print(f"{path.name}  {time.perf_counter() - start:.0f} s", flush=True)
        except NotebookError as error:
            failures += 1
            print(f"{path.name}  {error}", file=sys.stderr, flush=True)
    return 1 if failures else 0


def refresh_notebook(path: Path) -> None:
    """Run a notebook and write it back with its outputs.

    Parameters
    ----------
    path : Path
        The notebook; it runs in its own folder.

    Raises
    ------
    NotebookError
        If a cell fails. The file keeps its former contents.
    """
    notebook = nbformat.read(path, as_version=4)
    current = []
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(path.resolve().parent)}},
        on_cell_execute=lambda cell, cell_index: current.append((cell_index, cell)),
    )
    start = time.perf_counter()
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        index, cell = current[-1]
        what = f"{error.ename}: {error.evalue}" if isinstance(error, CellExecutionError) else str(error)
        raise NotebookError(f"cell {index + 1} ({cell.id}): {what}\n\n{cell.source}\n") from error
    _clean(notebook)
    note_seconds(notebook, time.perf_counter() - start)
    note_minutes(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def note_seconds(notebook: NotebookNode, seconds: float) -> None:
    """Store in a lesson's metadata how long it runs, in place.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook after its run; one without metadata of a lesson stays as it is.
    seconds : float
        How long the run took, with the start of the kernel; a stored value from half to twice of it stays.

    Examples
    --------
    >>> lesson = nbformat.v4.new_notebook(metadata={"digitlib": {"seconds": 40}})
    >>> for seconds in (39, 12):
    ...     note_seconds(lesson, seconds)
    ...     print(lesson.metadata.digitlib.seconds)
    40
    15
    """
    lesson = notebook.metadata.get("digitlib")
    if lesson:
        rounded, noted = 5 * math.ceil(seconds / 5), lesson.get("seconds", 0)
        if not noted / 2 <= rounded <= 2 * noted:
            lesson["seconds"] = rounded


def note_minutes(notebook: NotebookNode) -> None:
    """Store in a lesson how long it takes to read, in place.

    The minutes stand in its metadata and in its cell `plan`.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook after its run; one without a plan stays as it is.

    Examples
    --------
    >>> note_minutes(nbformat.v4.new_notebook())
    """
    plan = next((cell for cell in notebook.cells if cell.get("id") == "plan"), None)
    if plan is not None:
        minutes = notebook.metadata["digitlib"]["minutes"]["reading"] = reading_minutes(notebook)
        plan.source = re.sub(r"\d+ minutes of reading", f"{minutes} minutes of reading", plan.source)


def _clean(notebook: NotebookNode) -> None:
    """Drop what differs from run to run and from computer to computer, and attach the title's picture."""
    lesson = notebook.metadata.get("digitlib")
    notebook.metadata = nbformat.from_dict({"kernelspec": _KERNEL, "language_info": _LANGUAGE})
    if lesson:
        notebook.metadata["digitlib"] = lesson
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
        if "title-picture" in tags:
            picture = cell.outputs[-1].data["image/png"]
            notebook.cells[0].attachments = {"title.png": {"image/png": picture}}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
