"""Run the notebooks in order, each in a fresh kernel, and store their outputs (`make notebooks`).

    python -m digitlib.notebooks.refresh [NOTEBOOK ...]

Without names it runs the whole series. A second run changes no byte: no widget state is kept, no metadata
but the tags and the lesson's own. There the seconds that the lesson takes are noted, in steps of five, and
noted anew only when they are far off. The figure of the cell tagged "title-picture" becomes the picture of
the first cell. A notebook that fails is left as it was.
"""

import math
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def main(names):
    """Run the named notebooks, or all.

    Parameters
    ----------
    names : list of str
        Paths of notebooks; empty for the whole series.

    Returns
    -------
    int
        0 when all ran, 1 when one failed.
    """
    paths = [Path(name) for name in names] or [
        *sorted(NOTEBOOKS.glob("*.ipynb")),
        *sorted(NOTEBOOKS.glob("reports/*.ipynb")),
    ]
    failures = 0
    for path in paths:
        start = time.perf_counter()
        try:
            run(path)
            print(f"{path.name}  {time.perf_counter() - start:.0f} s", flush=True)
        except NotebookError as error:
            failures += 1
            print(f"{path.name}  {error}", file=sys.stderr, flush=True)
    return 1 if failures else 0


class NotebookError(Exception):
    """A notebook that did not run to its end: which cell, and why."""


def run(path):
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
        timeout=600,
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
    clean(notebook)
    note_seconds(notebook, time.perf_counter() - start)
    place_title_picture(notebook)
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


def clean(notebook):
    """Drop what differs from run to run and from computer to computer, in place.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook after its run.
    """
    lesson = notebook.metadata.get("digitlib")
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": {"name": "python"}})
    if lesson:
        notebook.metadata["digitlib"] = lesson
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)


def note_seconds(notebook, seconds):
    """Note in a lesson's metadata how long it runs, in place, unless what stands there is about right.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook after its run; one without metadata of a lesson stays as it is.
    seconds : float
        How long the run took, with the start of the kernel.
    """
    lesson = notebook.metadata.get("digitlib")
    if lesson:
        rounded, noted = 5 * math.ceil(seconds / 5), lesson.get("seconds", 0)
        if not noted / 2 <= rounded <= 2 * noted:
            lesson["seconds"] = rounded


def place_title_picture(notebook):
    """Attach the figure of the cell tagged "title-picture" to the first cell as title.png, in place.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook after its run.
    """
    for cell in notebook.cells:
        if "title-picture" in cell.metadata.get("tags", []):
            picture = cell.outputs[-1].data["image/png"]
            notebook.cells[0].attachments = {"title.png": {"image/png": picture}}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
