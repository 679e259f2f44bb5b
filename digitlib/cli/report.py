"""The command `report`: run notebooks, print a line for each, and list those that failed."""

from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from digitlib.classroom import table
from digitlib.measuring.labeled import load_labeled
from digitlib.measuring.models import CONTRACT
from digitlib.notebooks.files import NotebookError
from digitlib.reports import sweep
from digitlib.reports.folder import only_one, plan, report_folder, run_reports, write_index
from digitlib.reports.plan import read_sweep
from digitlib.reports.run import CELL_SECONDS, Job, make_job

PROGRESS_STEP = 500
"""Pictures after which a line says how many are prepared: some seconds of work."""


def run_notebooks(options: Namespace, notebooks: Sequence[Path]) -> str:
    """Report notebooks, or the whole series.

    Parameters
    ----------
    options : Namespace
        The command's arguments: name, set, scheduler, workers, cell_seconds.
    notebooks : sequence of Path
        What to report; empty for the whole series.

    Returns
    -------
    str
        The notebooks that failed, in a line; empty after success.

    Raises
    ------
    NotebookError
        If the report's name or a parameter is not allowed, or another process writes this report.
    """
    folder = report_folder("latest" if options.name is None else options.name)
    planned = plan(notebooks, dict(options.set))
    names = [path.name for path, _ in planned]
    jobs, failed = [], []
    for path, parameters in planned:
        try:
            jobs.append(make_job(path, parameters, pdf=True, neighbors=names))
        except NotebookError as error:
            print(f"{path.name}  failed: {error}", flush=True)
            failed.append(path.name)
    with only_one(folder):
        try:
            failed += _run(jobs, folder, options, lambda job: f"{job.name}.ipynb")
        finally:  # also when it is stopped
            print(write_index(folder), flush=True)
    return f"{len(failed)} of {len(planned)} failed: {', '.join(failed)}" if failed else ""


def run_sweep(options: Namespace) -> str:
    """Run the combinations of a sweep that are not finished yet, and compare all.

    Parameters
    ----------
    options : Namespace
        The command's arguments: sweep, name, scheduler, workers, cell_seconds.

    Returns
    -------
    str
        The notebooks that failed, in a line; empty after success.

    Raises
    ------
    NotebookError
        If the plan is faulty, or another process runs this sweep.
    """
    folder = report_folder(options.sweep.stem if options.name is None else options.name)
    sweep_plan = read_sweep(options.sweep)
    jobs = sweep.sweep_jobs(sweep_plan)
    with only_one(folder):
        left = [job for job in jobs if not sweep.is_finished(job, folder)]
        outdated = sum(sweep.is_outdated(job, folder) for job in left)
        if len(left) < len(jobs):
            print(f"{len(jobs) - len(left)} of {len(jobs)} are there from before", flush=True)
        if outdated:
            print(f"{outdated} are of another digitlib, other data or files: made anew", flush=True)
        try:
            failed = _run(left, folder, options, sweep.job_label)
        finally:  # also when it is stopped
            print(sweep.write_comparison(sweep_plan, jobs, folder), flush=True)
    return f"{len(failed)} of {len(jobs)} failed: {'; '.join(failed)}" if failed else ""


def judge_students(options: Namespace) -> str:
    """Compare the networks of a class.

    Parameters
    ----------
    options : Namespace
        The command's arguments: students, pictures, name.

    Returns
    -------
    str
        The students whose network was refused, in a line; empty if none was.

    Raises
    ------
    NotebookError
        If there is no such folder of students, or the report's name is not allowed.
    LabelError
        If there are no such pictures.
    """
    folder = report_folder("class" if options.name is None else options.name)
    pictures = load_labeled(options.pictures or "samples", progress=_print_progress)
    pictures, entries = pictures.where(pictures.labels >= 0), []
    table.find_networks(options.students)  # its errors come before a folder is made
    with only_one(folder):
        for entry in table.evaluate_class(options.students, pictures):
            entries.append(entry)
            remark = "" if entry.values in ("", CONTRACT) else f"  (given values {entry.values})"
            status = f"refused: {entry.reason}" if entry.reason else f"{entry.score:.1f}{remark}"
            print(f"{entry.student}  {status}", flush=True)
        print(table.write_class_table(entries, pictures, folder))
    refused = [entry.student for entry in entries if entry.reason]
    return f"{len(refused)} of {len(entries)} refused: {', '.join(refused)}" if refused else ""


def _run(jobs: Sequence[Job], folder: Path, options: Namespace, label: Callable[[Job], str]) -> list[str]:
    """Run jobs, print a line for each, and return the labels of those that failed."""
    jobs = [replace(job, cell_seconds=options.cell_seconds or CELL_SECONDS) for job in jobs]
    failed, print_error = [], ""
    runs = run_reports(jobs, folder, options.scheduler, options.workers)
    for number, (job, outcome) in enumerate(runs, start=1):
        status = f"failed: {outcome.error}" if outcome.error else f"{outcome.seconds:.0f} s"
        print(f"{number} of {len(jobs)}  {label(job)}  {status}", flush=True)
        if outcome.print_error and not print_error:
            print_error = outcome.print_error
            print(f"No PDF: {print_error}.", flush=True)
        if outcome.error:
            failed.append(label(job))
    return failed


def _print_progress(done: int, of: int) -> None:
    """Print how many pictures are prepared, where it takes long."""
    if done % PROGRESS_STEP == 0:
        print(f"prepared {done:,} of {of:,} pictures", flush=True)
