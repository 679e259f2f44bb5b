"""One notebook run by papermill: with parameters, in a fresh kernel, on this machine or another."""

import os
import tempfile
import textwrap
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import nbformat
import papermill
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from papermill.execute import remove_error_markers

from digitlib.notebooks.files import NotebookError, read_notebook
from digitlib.notebooks.parameters import default_parameters, refuse_unknown
from digitlib.notebooks.results import read_results
from digitlib.reports.html import INDEX
from digitlib.reports.pages import notebook_page, print_page

NOTE = "digitlib_report"
"""Where a notebook that has run says how, in its metadata."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Job:
    """A notebook to run, in plain values: it may run on a machine that does not share our disk.

    Attributes
    ----------
    name : str
        What the files of the report are called, without their endings.
    source : str
        The notebook, as the text of its file.
    parameters : dict
        Values for some of the names that its `parameters` cell assigns.
    folder : str
        Where it runs, on a machine that has this folder.
    code : bool
        Whether the page shows the code.
    pdf : bool
        Whether the page is printed, too.
    neighbors : tuple of str
        File names of the notebooks that are reported beside it.
    """

    name: str
    source: str
    parameters: dict = field(hash=False)
    folder: str
    code: bool = True
    pdf: bool = False
    neighbors: tuple = ()


@dataclass(frozen=True)
class Outcome:
    """What came out of a job, as the contents of the files to write."""

    notebook: str
    page: str
    pdf: bytes
    seconds: float
    error: str  # the cell that failed, and how; empty if the notebook ran to its end


def make_job(
    path: Path, parameters: dict, name: str = "", pdf: bool = False, neighbors: Iterable[str] = ()
) -> Job:
    """Pack what a run needs.

    Parameters
    ----------
    path : Path
        The notebook; it stays as it is.
    parameters : dict
        Values for some of the names that its `parameters` cell assigns.
    name : str
        What the files of the report are called; by default as the notebook.
    pdf : bool
        Whether to print the page, where a browser is installed.
    neighbors : iterable of str
        File names of the notebooks that are reported beside it.

    Returns
    -------
    Job
        A lesson will run in its own folder, and its page show the code. A template, which lies in a folder
        called reports, will run in the current folder, and its page show none.

    Raises
    ------
    NotebookError
        If the file is no notebook, does not have one of the parameters, or would take the place of the list.
    """
    notebook = read_notebook(path)
    refuse_unknown(parameters, default_parameters(notebook, path.name), path.name)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    template = path.resolve().parent.name == "reports"
    folder = Path.cwd() if template else path.resolve().parent  # a lesson reads files that lie beside it
    name = name or path.stem
    if f"{name}.html" == INDEX:
        raise NotebookError(f"{path} cannot be reported: its page and the report's list have one name.")
    source = nbformat.writes(notebook)
    return Job(name, source, parameters, str(folder), not template, pdf, tuple(neighbors))


def run_job(job: Job) -> Outcome:
    """Run a notebook in a fresh kernel of the Python that runs this.

    Parameters
    ----------
    job : Job
        From `make_job`.

    Returns
    -------
    Outcome
        The notebook with its outputs, its page, and the error if a cell failed; the cells after it did not
        run then.

    Raises
    ------
    NotebookError
        If the kernel does not start.
    """
    start, failure = time.perf_counter(), None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        source, target = Path(scratch, "source.ipynb"), Path(scratch, "run.ipynb")
        source.write_text(job.source, encoding="utf-8", newline="\n")
        try:
            papermill.execute_notebook(
                source,
                target,
                job.parameters,
                kernel_name="python3",
                language="python",
                kernel_manager_class=type("_Kernel", (_ThisPython,), {"scratch": scratch}),
                extra_arguments=["--log-level=CRITICAL"],  # no remarks of the kernel on its connection
                cwd=job.folder if Path(job.folder).is_dir() else scratch,
                progress_bar=False,
            )
        except Exception as error:  # a cell's, or that of a kernel that died or did not start
            failure = error
        if not target.exists():
            raise NotebookError(f"{job.name} cannot be run: {failure}") from failure
        result = read_notebook(target)
    seconds = time.perf_counter() - start
    error = _describe(failure, result)
    _tidy(result, job, seconds, error)
    page = notebook_page(result, Path(job.folder, f"{job.name}.ipynb"), job.code, job.neighbors)
    pdf = print_page(page) if job.pdf else b""
    return Outcome(nbformat.writes(result) + "\n", page, pdf, seconds, error)


class _ThisPython(AsyncKernelManager):
    """Starts the kernel of the Python that runs this, whatever is installed under the kernel's name."""

    scratch = ""  # a folder of this kernel's own

    def __init__(self, **settings):
        super().__init__(**settings)
        # Two kernels that start at once may choose the same port. Sockets in a folder of its own no other
        # takes, and no other user can reach. Their names are short by law: 104 bytes on macOS.
        if os.name == "posix" and len(self.scratch) < 80:
            self.transport, self.ip = "ipc", str(Path(self.scratch, "kernel"))

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


def _describe(failure: Exception | None, result: NotebookNode) -> str:
    """Say in which cell a run failed, and how; empty if it did not fail."""
    ran = [cell for cell in result.cells if cell.metadata.get("papermill", {}).get("start_time")]
    if failure is None:
        return ""
    what = one_line(failure)
    if isinstance(failure, papermill.PapermillExecutionError):
        if not ran[-1].metadata.papermill.get("exception"):
            return ""  # papermill also objects to an error that a cell's tag allows: `raises-exception`
        errors = [output for output in ran[-1].outputs if output.output_type == "error"]
        what = f"{errors[-1].ename}: {errors[-1].evalue}" if errors else "the cell was stopped"
        what = textwrap.shorten(what, 300)
    if not ran:
        return what
    added = [cell for cell in ran if "injected-parameters" in cell.metadata.get("tags", [])]
    if ran[-1] in added:
        return f"the given parameters: {what}"
    return f"cell {len(ran) - len(added)} ({ran[-1].get('id', 'no id')}): {what}"


def one_line(failure: Exception) -> str:
    """Say in one line what an exception says."""
    return textwrap.shorten(str(failure) or type(failure).__name__, 300)


def _tidy(result: NotebookNode, job: Job, seconds: float, error: str) -> None:
    """Note the run for the index, and drop what does not belong into a file that is passed on, in place."""
    results = read_results(result) | _say_times(result)
    parameters = default_parameters(result) | job.parameters
    result.metadata[NOTE] = {
        "parameters": [
            {"name": name, "value": repr(value), "changed": name in job.parameters}
            for name, value in parameters.items()
        ],
        "results": [{"name": name, "value": value} for name, value in results.items()],
        "seconds": round(seconds, 1),
        "error": error,
    }
    result.metadata.pop("papermill", None)  # paths of this computer
    result.metadata.pop("widgets", None)  # what widgets hold, which may be large or private
    for cell in result.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if WIDGET_VIEW in output.get("data", {}):
                output.data = {"text/html": "<p><em>This part works only in a running notebook.</em></p>"}
    remove_error_markers(result)  # papermill sets them even where the error is allowed
    if error:
        banner = f'<p style="color: #a00"><strong>This run failed.</strong> {escape(error)}</p>'
        result.cells.insert(0, new_markdown_cell(banner, id="digitlib-failed"))


def _say_times(result: NotebookNode) -> dict:
    """Add to each cell tagged `timed` how long it took, in place; return the seconds by the cell's id.

    The notebook itself prints no times, so that two runs of it are the same.
    """
    times = {}
    for cell in result.cells:
        duration = cell.metadata.get("papermill", {}).get("duration")
        if "timed" in cell.metadata.get("tags", []) and duration is not None:
            times[f"{cell.id.replace('-', '_')}_seconds"] = round(duration, 2)
            cell.outputs.append(new_output("stream", name="stdout", text=f"This took {duration:.2f} s.\n"))
    return times
