"""One notebook run by papermill: with parameters, in a fresh kernel, on this machine or another."""

import textwrap
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import papermill
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output
from papermill.execute import remove_error_markers

from digitlib.notebooks.files import WIDGET_VIEW, NotebookError, read_notebook, template_files
from digitlib.notebooks.parameters import read_parameters, refuse_unknown
from digitlib.notebooks.results import read_results
from digitlib.reports.html import INDEX, now, origin_table, render
from digitlib.reports.kernel import ThisPython, kernel_settings, kill_started_with, last_words
from digitlib.reports.origin import origin
from digitlib.reports.pages import PrintError, notebook_page, print_page
from digitlib.reports.scratch import scratch_folder

RUN_METADATA = "digitlib_report"
"""Key in the metadata of a notebook that has run: its parameters, results, seconds and error."""

CELL_SECONDS = 3600
"""Most seconds that a cell of a report may take, unless told otherwise: one may hang."""

_WIDGET = {"text/html": "<p><em>This part works only in a running notebook.</em></p>"}


@dataclass(frozen=True)
class Job:
    """A notebook to run, in plain values.

    It may run on a machine that does not share our disk.

    Attributes
    ----------
    name : str
        Name of the report's files, without their endings.
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
    cell_seconds : int
        Most seconds that one cell may take.
    fingerprint : str
        Hash of what its results rest on, from `digitlib.reports.origin.fingerprint`; kept with the run.
    """

    name: str
    source: str
    parameters: dict = field(hash=False)
    folder: str
    code: bool = True
    pdf: bool = False
    neighbors: tuple = ()
    cell_seconds: int = CELL_SECONDS
    fingerprint: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came out of a job, as the contents of the files to write.

    Attributes
    ----------
    error : str
        The cell that failed, and how; empty if the notebook ran to its end.
    notebook, page : str
        The notebook with its outputs, and its HTML page; empty where the run could not start.
    pdf : bytes
        The printed page; empty where there is none.
    seconds : float
        How long the run took.
    print_error : str
        Why the page was not printed; empty if it was, or was not meant to be.
    """

    error: str
    notebook: str = ""
    page: str = ""
    pdf: bytes = b""
    seconds: float = 0.0
    print_error: str = ""


def make_job(
    path: Path, parameters: dict, name: str = "", pdf: bool = False, neighbors: Iterable[str] = ()
) -> Job:
    """Make the job of a notebook: pack what a run needs.

    Parameters
    ----------
    path : Path
        The notebook; it stays as it is.
    parameters : dict
        Values for some of the names that its `parameters` cell assigns.
    name : str
        Name of the report's files; by default that of the notebook.
    pdf : bool
        Whether to print the page, where a browser is installed.
    neighbors : iterable of str
        File names of the notebooks that are reported beside it.

    Returns
    -------
    Job
        A notebook will run in its own folder, and its page show the code. One of the templates of digitlib
        will run in the current folder, and its page show none.

    Raises
    ------
    NotebookError
        If the file is no notebook, does not have one of the parameters, or would take the place of the list.

    Examples
    --------
    >>> from digitlib.notebooks.files import lesson_files
    >>> job = make_job(lesson_files()[1], {"seed": 5})
    >>> job.name, job.parameters, job.code
    ('01_explore_the_data', {'seed': 5}, True)
    """
    notebook = read_notebook(path)
    refuse_unknown(parameters, read_parameters(notebook, path.name), path.name)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    template = path.resolve() in [one.resolve() for one in template_files()]
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
    with scratch_folder() as scratch:
        source, target = Path(scratch, "source.ipynb"), Path(scratch, "run.ipynb")
        source.write_text(job.source, encoding="utf-8", newline="\n")
        try:
            papermill.execute_notebook(
                source,
                target,
                job.parameters,
                kernel_name="python3",
                language="python",
                kernel_manager_class=ThisPython,
                config=kernel_settings(scratch),
                extra_arguments=["--log-level=CRITICAL"],  # no remarks of the kernel on its connection
                cwd=job.folder if Path(job.folder).is_dir() else scratch,
                progress_bar=False,
                execution_timeout=job.cell_seconds,
            )
        except Exception as error:  # a cell's, or that of a kernel that died or did not start
            failure = error
            if not isinstance(error, papermill.PapermillExecutionError):
                failure = RuntimeError(f"{error} {last_words(scratch)}".rstrip())
        finally:
            kill_started_with(scratch)
        if not target.exists():
            raise NotebookError(f"{job.name} cannot be run: {failure}") from failure
        result = read_notebook(target)
    seconds = time.perf_counter() - start
    error = _error_text(failure, result)
    _store_metadata(result, job, seconds, error)
    _tidy(result, error)
    parameters = {one.name: one.value for one in result.metadata[RUN_METADATA].parameters}
    made = origin_table(result.metadata[RUN_METADATA].date, parameters)
    result.cells.append(new_markdown_cell(made, id="digitlib-origin"))
    page = notebook_page(result, Path(job.folder, f"{job.name}.ipynb"), job.code, job.neighbors)
    pdf, print_error = _printed(page) if job.pdf else (b"", "")
    return Outcome(error, nbformat.writes(result) + "\n", page, pdf, seconds, print_error)


def _printed(page: str) -> tuple[bytes, str]:
    """Return a page as PDF, or why it cannot be printed."""
    try:
        return print_page(page), ""
    except PrintError as problem:
        return b"", str(problem)


def one_line(failure: Exception) -> str:
    r"""Return the message of an exception, shortened to one line.

    Examples
    --------
    >>> one_line(ValueError("no\n  good")), one_line(KeyboardInterrupt())
    ('no good', 'KeyboardInterrupt')
    """
    return textwrap.shorten(str(failure) or type(failure).__name__, 300)


def _error_text(failure: Exception | None, result: NotebookNode) -> str:
    """Return in which cell a run failed, and how; empty if it did not fail."""
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


def _store_metadata(result: NotebookNode, job: Job, seconds: float, error: str) -> None:
    """Store in the notebook's metadata what the list of runs and the comparison show."""
    results = read_results(result) | _add_times(result)
    defaults = {name: one.default for name, one in read_parameters(result).items()}
    result.metadata[RUN_METADATA] = {
        "parameters": [
            {"name": name, "value": repr(value), "changed": name in job.parameters}
            for name, value in (defaults | job.parameters).items()
        ],
        "results": [{"name": name, "value": value} for name, value in results.items()],
        "seconds": round(seconds, 1),
        "error": error,
        "date": now(),
        "origin": origin(),
        "fingerprint": job.fingerprint,
    }


def _tidy(result: NotebookNode, error: str) -> None:
    """Drop what does not belong into a file that is passed on, in place, and show the error at the top."""
    result.metadata.pop("papermill", None)  # paths of this computer
    result.metadata.pop("widgets", None)  # the widgets' values, which may be large or private
    for cell in result.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if WIDGET_VIEW in output.get("data", {}):
                output.data = dict(_WIDGET)
    remove_error_markers(result)  # papermill sets them even where the error is allowed
    if error:
        result.cells.insert(0, new_markdown_cell(render("failed", error=error), id="digitlib-failed"))


def _add_times(result: NotebookNode) -> dict:
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
