"""The command `report`: runs what is asked for, prints a line for each part, and says what failed."""

from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from digitlib.classroom import table
from digitlib.measuring.labeled import load_labeled
from digitlib.notebooks.files import NotebookError
from digitlib.reports import sweep
from digitlib.reports.folder import plan, report_folder, run_reports, write_index
from digitlib.reports.run import Job, make_job


def run_notebooks(options: Namespace, notebooks: list[Path]) -> str:
    """Report notebooks, or the whole series.

    Parameters
    ----------
    options : Namespace
        The command's arguments.
    notebooks : list of Path
        What to report; empty for the whole series.

    Returns
    -------
    str
        What failed, in a line; empty if nothing did.
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
    failed += _run(jobs, folder, options, lambda job: f"{job.name}.ipynb")
    print(write_index(folder))
    return f"{len(failed)} of {len(planned)} failed: {', '.join(failed)}" if failed else ""


def run_sweep(options: Namespace) -> str:
    """Run the combinations of a sweep that are not there yet, and compare all.

    Parameters
    ----------
    options : Namespace
        The command's arguments.

    Returns
    -------
    str
        What failed, in a line; empty if nothing did.
    """
    folder = report_folder(options.sweep.stem if options.name is None else options.name)
    plan_of_sweep = sweep.read_sweep(options.sweep)
    if options.set:
        raise NotebookError("A sweep takes its parameters from its file. Allowed with --set are notebooks.")
    jobs = sweep.sweep_jobs(plan_of_sweep)
    left = [job for job in jobs if not sweep.is_finished(job, folder)]
    if len(left) < len(jobs):
        print(f"{len(jobs) - len(left)} of {len(jobs)} are there from before", flush=True)
    try:
        failed = _run(left, folder, options, sweep.describe)
    finally:  # also when it is stopped
        print(sweep.write_comparison(plan_of_sweep, jobs, folder), flush=True)
    return f"{len(failed)} of {len(jobs)} failed: {'; '.join(failed)}" if failed else ""


def judge_students(options: Namespace) -> str:
    """Compare the networks of a class.

    Parameters
    ----------
    options : Namespace
        The command's arguments.

    Returns
    -------
    str
        Whose network was refused, in a line; empty if none was.
    """
    folder = report_folder("class" if options.name is None else options.name)
    pictures = load_labeled(options.pictures)
    pictures, entries = pictures.where(pictures.labels >= 0), []
    for entry in table.evaluate_class(options.students, pictures):
        entries.append(entry)
        print(
            f"{entry.student}  {f'refused: {entry.reason}' if entry.reason else f'{entry.score:.1f}'}",
            flush=True,
        )
    print(table.write_class_table(entries, pictures, folder))
    refused = [entry.student for entry in entries if entry.reason]
    return f"{len(refused)} of {len(entries)} refused: {', '.join(refused)}" if refused else ""


def _run(jobs: Sequence[Job], folder: Path, options: Namespace, describe: Callable) -> list[str]:
    """Run jobs, print a line for each, and return what failed."""
    folder.mkdir(parents=True, exist_ok=True)
    failed = []
    runs = run_reports(jobs, folder, options.scheduler, options.workers)
    for number, (job, seconds, error) in enumerate(runs, start=1):
        what = f"failed: {error}" if error else f"{seconds:.0f} s"
        print(f"{number} of {len(jobs)}  {describe(job)}  {what}", flush=True)
        if error:
            failed.append(describe(job))
    return failed
