"""Reports: many notebooks run, kept with their outputs and as pages, and listed."""

import contextlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from digitlib.notebooks.files import NotebookError, lesson_files, read_notebook, template_files
from digitlib.notebooks.parameters import default_parameters, parse_value, refuse_unknown
from digitlib.reports.cluster import run_all
from digitlib.reports.html import INDEX, index_page
from digitlib.reports.run import NOTE, Job, Outcome, one_line, run_job


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
        Each notebook with the parameters to set. A file that is no notebook is left for
        `digitlib.reports.run.make_job` to name.

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


def keep(outcome: Outcome, folder: Path, name: str) -> None:
    """Write what came out of a job; the files of an earlier run are replaced.

    Parameters
    ----------
    outcome : Outcome
        From `digitlib.reports.run.run_job`.
    folder : Path
        Where the files go; it is made if it is not there.
    name : str
        What they are called, without their endings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {".html": outcome.page.encode(), ".pdf": outcome.pdf, ".ipynb": outcome.notebook.encode()}
    for ending, content in files.items():  # the notebook last: where it lies, the report is whole
        path = folder / f"{name}{ending}"
        if not content:
            path.unlink(missing_ok=True)
            continue
        unfinished = folder / f"{name}{ending}.writing"
        unfinished.write_bytes(content)
        unfinished.replace(path)


def run_reports(
    jobs: Iterable[Job], folder: Path, scheduler: str | None = None, workers: int | None = None
) -> Iterator[tuple[Job, float, str]]:
    """Run notebooks at once, and keep what comes out as soon as it does.

    Parameters
    ----------
    jobs : iterable of Job
        Each with a name of its own.
    folder : Path
        Where the reports go.
    scheduler, workers
        Where they run; see `digitlib.reports.cluster.run_all`.

    Yields
    ------
    (Job, float, str)
        In the order in which they end: the job, how many seconds it took, and the error, if there was one.
    """
    for job, result in run_all(run_job, list(jobs), scheduler, workers):
        if isinstance(result, Outcome):
            keep(result, folder, job.name)
            yield job, result.seconds, result.error
        else:
            yield job, 0.0, one_line(result)


def write_index(folder: Path) -> Path:
    """Write a page that lists the runs of a report, those of earlier commands too.

    Parameters
    ----------
    folder : Path
        Where `keep` left them.

    Returns
    -------
    Path
        The page, index.html.
    """
    runs = []
    for path in sorted(folder.glob("*.ipynb")):
        with contextlib.suppress(NotebookError):
            notebook = read_notebook(path)
            if NOTE in notebook.metadata:
                runs.append((path, notebook, notebook.metadata[NOTE]))
    index = folder / INDEX
    index.write_text(index_page(folder.name, runs), encoding="utf-8", newline="\n")
    return index
