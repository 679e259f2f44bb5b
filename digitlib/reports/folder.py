"""Folders of reports: which notebooks are run, the files of each run, and the page that lists them."""

import contextlib
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from digitlib.notebooks.files import NotebookError, lesson_files, read_notebook, template_files
from digitlib.notebooks.parameters import parse_value, read_parameters, refuse_unknown
from digitlib.reports.cluster import run_all
from digitlib.reports.html import now, thumbnails, write_page, write_whole
from digitlib.reports.run import RUN_METADATA, Job, Outcome, one_line, run_job

_LOCKED_BYTE = 1000
"""Where a file is locked on Windows: behind the text in it."""


def report_folder(name: str) -> Path:
    """Return the folder of a report.

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


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold a folder of reports, so that no second command writes into it.

    The lock is the operating system's, on a file beside the folder: it ends with the process, however that
    ends.

    Parameters
    ----------
    folder : Path
        The folder of the report; it is made if it is not there.

    Yields
    ------
    None

    Raises
    ------
    NotebookError
        If another process holds it; the message names it.

    Examples
    --------
    >>> import tempfile
    >>> with only_one(Path(tempfile.mkdtemp(), "mine")):
    ...     pass
    """
    folder.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("a+", encoding="utf-8") as file:
        try:
            _lock(file)
        except OSError as error:
            file.seek(0)
            raise NotebookError(
                f"{folder} is in use by {file.read()}. Wait until it ends, or choose another --name."
            ) from error
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}, since {now()}")
        file.flush()
        yield


def _lock(file: TextIO) -> None:
    """Lock a file for this process, or raise OSError."""
    if sys.platform == "win32":
        import msvcrt

        file.seek(_LOCKED_BYTE)  # others may read what stands before it
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def plan(paths: Iterable[Path], settings: dict[str, str]) -> list[tuple[Path, dict]]:
    """Choose the notebooks to run, and the parameters of each.

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
        Each notebook with the parameters to set. A file that is no notebook stays in the list:
        `digitlib.reports.run.make_job` raises its error.

    Raises
    ------
    NotebookError
        If there is no such parameter, or not with such a value; or if two notebooks have the same name.

    Examples
    --------
    >>> [(path.name, parameters) for path, parameters in plan([lesson_files()[1]], {"seed": "5"})]
    [('01_explore_the_data.ipynb', {'seed': 5})]
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
            parameters = read_parameters(read_notebook(path), path.name)
        except NotebookError:
            jobs.append((path, {}))
            continue
        known |= parameters
        if named:
            refuse_unknown(settings, parameters, path.name)
        values = {
            name: parse_value(text, parameters[name].default, f"{path.name}: {name}")
            for name, text in settings.items()
            if name in parameters
        }
        jobs.append((path, values))
    if not named:
        refuse_unknown(settings, known, "The series")
    return jobs


def store(outcome: Outcome, folder: Path, name: str) -> None:
    """Write the files of a run; those of an earlier run of the same name are replaced.

    Parameters
    ----------
    outcome : Outcome
        From `digitlib.reports.run.run_job`.
    folder : Path
        The folder of the report; it is made if it is not there.
    name : str
        Name of the files, without their endings.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {".html": outcome.page.encode(), ".pdf": outcome.pdf, ".ipynb": outcome.notebook.encode()}
    for ending, content in files.items():  # the notebook last: where it lies, the report is whole
        path = folder / f"{name}{ending}"
        if not content:
            path.unlink(missing_ok=True)
            continue
        write_whole(path, content)


def run_reports(
    jobs: Iterable[Job], folder: Path, scheduler: str | None = None, workers: int | None = None
) -> Iterator[tuple[Job, Outcome]]:
    """Run notebooks in parallel, and store the files of each as soon as it is done.

    Parameters
    ----------
    jobs : iterable of Job
        Each with a name of its own.
    folder : Path
        Where the reports go.
    scheduler : str, optional
        Address of a Dask scheduler; see `digitlib.reports.cluster.run_all`.
    workers : int, optional
        How many processes to start here.

    Yields
    ------
    (Job, Outcome)
        In the order in which they end. Where a run could not start, the outcome holds only its error.

    Raises
    ------
    ClusterError
        If the cluster cannot be used.
    """
    for job, result in run_all(run_job, list(jobs), scheduler, workers):
        if isinstance(result, Outcome):
            store(result, folder, job.name)
            yield job, result
        else:
            yield job, Outcome(one_line(result))


def write_index(folder: Path) -> Path:
    """Write a page that lists the runs of a report, those of earlier commands too.

    Parameters
    ----------
    folder : Path
        A folder with files of `store`.

    Returns
    -------
    Path
        The page, index.html.
    """
    runs = []
    for path in sorted(folder.glob("*.ipynb")):
        with contextlib.suppress(NotebookError):
            notebook = read_notebook(path)
            if RUN_METADATA in notebook.metadata:
                files = {"name": path.stem, "pdf": path.with_suffix(".pdf").exists()}
                runs.append(notebook.metadata[RUN_METADATA] | files | {"figures": thumbnails(notebook)})
    return write_page(folder, "index", title=f"Report {folder.name}", runs=runs)
