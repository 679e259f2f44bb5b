"""Reports: notebooks run with other parameters by papermill, kept with their outputs, and as pages."""

import contextlib
import re
import textwrap
import time
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

import papermill
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode, writes
from nbformat.v4 import new_markdown_cell
from papermill.execute import remove_error_markers

from digitlib.pages import index_page, notebook_page
from digitlib.parameters import default_parameters, parse_value, refuse_unknown
from digitlib.series import NotebookError, lesson_files, read_notebook, template_files

INDEX = "index.html"
"""The page that lists the runs of a report."""

NOTE = "digitlib_report"
"""Where a notebook that has run says how, in its metadata."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@dataclass(frozen=True)
class Report:
    """One run of a notebook.

    Attributes
    ----------
    notebook : Path
        The notebook with its outputs.
    page : Path
        The same for the browser.
    seconds : float
        How long the run took.
    error : str
        The cell that failed, and how; empty if the notebook ran to its end.
    """

    notebook: Path
    page: Path
    seconds: float
    error: str


def report_folder(name: str) -> Path:
    """Find the place of a report.

    Parameters
    ----------
    name : str
        Letters and digits; between them also spaces, hyphens and full stops.

    Returns
    -------
    Path
        The folder of that name in reports/, in the current folder.

    Raises
    ------
    NotebookError
        If the name holds anything else, such as a way out of reports/.

    Examples
    --------
    >>> report_folder("seed 5").as_posix()
    'reports/seed 5'
    """
    if not re.fullmatch(r"\w([\w .-]*\w)?", name):
        raise NotebookError(
            f"A report cannot be called {name!r}. "
            "Allowed are letters and digits, and between them spaces, hyphens and full stops."
        )
    return Path("reports") / name


def plan(paths: Iterable[Path], settings: dict[str, str]) -> list[tuple[Path, dict]]:
    """Decide which notebooks to run, and with which parameters.

    Parameters
    ----------
    paths : iterable of Path
        The notebooks. Without any: the lessons and the templates, and each takes those of the settings that
        it has a parameter for.
    settings : dict of str
        Parameters and their values as text, such as ``{"digit": "7"}``.

    Returns
    -------
    list of (Path, dict)
        Each notebook with the parameters to set. A file that is no notebook is left for `run_report` to name.

    Raises
    ------
    NotebookError
        If there is no such parameter, or not with such a value; or if two notebooks have the same name.
    """
    named = list(paths)
    chosen = named or [*lesson_files(), *template_files()]
    stems = [path.stem for path in chosen]
    twice = [stem for stem in stems if stems.count(stem) > 1]
    if twice:
        raise NotebookError(f"Two notebooks are called {twice[0]}. A report holds one of a name.")
    jobs, known = [], {}
    for path in chosen:
        try:
            defaults = default_parameters(read_notebook(path), path.name)
        except NotebookError:
            jobs.append((path, {}))
            continue
        known |= defaults
        if named:
            refuse_unknown(settings, defaults, path.name)
        taken = {name: text for name, text in settings.items() if name in defaults}
        values = {
            name: parse_value(text, defaults[name], f"{path.name}: {name}") for name, text in taken.items()
        }
        jobs.append((path, values))
    if not named:
        refuse_unknown(settings, known, "The series")
    return jobs


def run_report(notebook: Path, parameters: dict, folder: Path) -> Report:
    """Run a notebook with parameters, and keep it with its outputs, as a notebook and as a page.

    The page of a lesson shows its code; that of a template, which lies in a folder called reports, does not.

    Parameters
    ----------
    notebook : Path
        The notebook; it stays as it is. It runs in its own folder, by the Python that runs this.
    parameters : dict
        Values for some of the names that its `parameters` cell assigns.
    folder : Path
        Where both files go; it is made if it is not there. Those of an earlier run are replaced.

    Returns
    -------
    Report
        The two files, and the error if a cell failed; the cells after it did not run then.

    Raises
    ------
    NotebookError
        If the file is no notebook, does not have one of the parameters, or lies in `folder` itself.
    """
    refuse_unknown(parameters, default_parameters(read_notebook(notebook), notebook.name), notebook.name)
    source, target = notebook.resolve(), folder.resolve() / notebook.name
    if source == target:
        raise NotebookError(f"{notebook} lies in the folder of the report, which would replace it.")
    page = target.with_suffix(".html")
    if page.name == INDEX:
        raise NotebookError(f"{notebook} cannot be reported: its page and the report's list have one name.")
    folder.mkdir(parents=True, exist_ok=True)
    for path in (target, page):
        path.unlink(missing_ok=True)
    start, failure = time.perf_counter(), None
    try:
        papermill.execute_notebook(
            source,
            target,
            parameters,
            kernel_name="python3",
            language="python",
            kernel_manager_class=_ThisPython,
            extra_arguments=["--log-level=CRITICAL"],  # no remarks of the kernel on its connection
            cwd=source.parent,
            progress_bar=False,
        )
    except Exception as error:  # a cell's, or that of a kernel that died or did not start
        failure = error
    seconds = time.perf_counter() - start
    if not target.exists():
        raise NotebookError(f"{notebook} cannot be run: {failure}") from failure
    result = read_notebook(target)
    report = Report(target, page, seconds, _describe(failure, result))
    _tidy(result, report, parameters)
    target.write_text(writes(result) + "\n", encoding="utf-8", newline="\n")
    html = notebook_page(result, source, code=source.parent.name != "reports")
    page.write_text(html, encoding="utf-8", newline="\n")
    return report


def write_index(folder: Path) -> Path:
    """Write a page that lists the runs of a report, those of earlier commands too.

    Parameters
    ----------
    folder : Path
        Where `run_report` left them.

    Returns
    -------
    Path
        The page, index.html.
    """
    runs = []
    for path in sorted(folder.glob("*.ipynb")):
        with contextlib.suppress(NotebookError):  # a run that was stopped may have left half a notebook
            notebook = read_notebook(path)
            if NOTE in notebook.metadata:
                runs.append((path, notebook.metadata[NOTE]))
    index = folder / INDEX
    index.write_text(index_page(folder.name, runs), encoding="utf-8", newline="\n")
    return index


class _ThisPython(AsyncKernelManager):
    """Starts the kernel of the Python that runs this, whatever is installed under the kernel's name."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


def _describe(failure: Exception | None, result: NotebookNode) -> str:
    """Say in which cell a run failed, and how; empty if it did not fail."""
    ran = [cell for cell in result.cells if cell.metadata.get("papermill", {}).get("start_time")]
    if failure is None:
        return ""
    what = str(failure) or type(failure).__name__
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


def _tidy(result: NotebookNode, report: Report, changed: dict) -> None:
    """Note the run for the index, and drop what does not belong into a file that is passed on, in place."""
    parameters = default_parameters(result) | changed
    result.metadata[NOTE] = {
        "parameters": [
            {"name": name, "value": repr(value), "changed": name in changed}
            for name, value in parameters.items()
        ],
        "seconds": round(report.seconds, 1),
        "error": report.error,
    }
    result.metadata.pop("papermill", None)  # paths of this computer
    result.metadata.pop("widgets", None)  # what widgets hold, which may be large or private
    for cell in result.cells:
        for output in cell.get("outputs", []):
            if WIDGET_VIEW in output.get("data", {}):
                output.data = {"text/html": "<p><em>This part works only in a running notebook.</em></p>"}
    remove_error_markers(result)  # papermill sets them even where the error is allowed
    if report.error:
        banner = f'<p style="color: #a00"><strong>This run failed.</strong> {escape(report.error)}</p>'
        result.cells.insert(0, new_markdown_cell(banner))
