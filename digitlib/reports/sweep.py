"""Sweeps: the runs of a plan, which of them are finished, and the page that compares them."""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean

from digitlib import figures
from digitlib.figures.style import LessonFigure
from digitlib.reports.html import is_number, write_page
from digitlib.reports.origin import fingerprint
from digitlib.reports.plan import Sweep
from digitlib.reports.run import RUN_METADATA, Job, make_job


def sweep_jobs(sweep: Sweep) -> list[Job]:
    """Make a job for each combination.

    Parameters
    ----------
    sweep : Sweep
        From `digitlib.reports.plan.read_sweep`.

    Returns
    -------
    list of Job
        Each one's name is a hash of the notebook's text and its parameters: a changed notebook is a new run.
    """
    template = make_job(sweep.notebook, {})
    jobs = []
    for parameters in sweep.combinations:
        identity = json.dumps([template.source, parameters], sort_keys=True, default=str)
        name = f"{template.name}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
        rests_on = fingerprint(parameters, Path(template.folder))
        jobs.append(replace(template, name=name, parameters=parameters, fingerprint=rests_on))
    return list({job.name: job for job in jobs}.values())  # a value that was named twice is run once


def is_finished(job: Job, folder: Path) -> bool:
    """Whether a job has run to its end, in this command or an earlier one.

    Parameters
    ----------
    job : Job
        From `sweep_jobs`.
    folder : Path
        The folder of the report.

    Returns
    -------
    bool
        False also for a run that failed, and for one of other code, data or files: see `is_outdated`.

    Examples
    --------
    >>> is_finished(Job("a", "", {}, ""), Path("no folder"))
    False
    """
    run = _run_metadata(job, folder)
    return bool(run) and not run["error"] and run["fingerprint"] == job.fingerprint


def is_outdated(job: Job, folder: Path) -> bool:
    """Whether a job has run to its end, but not with today's code and data.

    Parameters
    ----------
    job : Job
        From `sweep_jobs`.
    folder : Path
        The folder of the report.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_outdated(Job("a", "", {}, ""), Path("no folder"))
    False
    """
    run = _run_metadata(job, folder)
    return bool(run) and not run["error"] and run["fingerprint"] != job.fingerprint


def write_comparison(sweep: Sweep, jobs: list[Job], folder: Path) -> Path:
    """Write a page that compares the runs of a sweep: a table to sort, and figures.

    Parameters
    ----------
    sweep : Sweep
        The plan.
    jobs : list of Job
        Its runs, from `sweep_jobs`; those that have not run yet are counted.
    folder : Path
        The folder of the report.

    Returns
    -------
    Path
        The page, index.html.
    """
    runs = [(job, run) for job in jobs if (run := _run_metadata(job, folder))]
    finished = [(job, run) for job, run in runs if not run["error"]]
    groups = _groups(sweep, finished)
    repeated = any(len(values) > 1 for values in groups.values())
    names = list(dict.fromkeys(name for _, run in runs for name in _results(run)))
    return write_page(
        folder,
        "sweep",
        title=f"Sweep: {folder.name}",
        notebook=sweep.notebook.stem,
        finished=len(finished),
        planned=len(jobs),
        figures=list(_figures(sweep, groups)),
        repeat=sweep.repeat,
        compare=sweep.compare,
        groups=_group_rows(sweep, groups) if repeated else [],
        head=[name.replace("_", " ") for name in ("report", *sweep.parameters, *names, "seconds in all")],
        runs=[_run_row(number, *run, sweep, names, folder) for number, run in enumerate(runs, start=1)],
    )


def job_label(job: Job) -> str:
    """Return the parameters of a job in a line.

    Examples
    --------
    >>> job_label(Job("a", "", {"seed": 0, "width": 4}, ""))
    'seed=0 width=4'
    """
    return " ".join(f"{name}={value}" for name, value in job.parameters.items())


def _run_metadata(job: Job, folder: Path) -> dict:
    """Return what is known of a run; nothing if it is not there."""
    path = folder / f"{job.name}.ipynb"
    try:
        run = json.loads(path.read_text(encoding="utf-8"))["metadata"].get(RUN_METADATA, {})
    except (OSError, ValueError, KeyError):
        return {}
    return {"fingerprint": ""} | run if run else {}  # runs of the first version have none


def _results(run: dict) -> dict:
    return {result["name"]: result["value"] for result in run["results"]}


def _groups(sweep: Sweep, finished: list[tuple[Job, dict]]) -> dict[str, list[dict]]:
    """Group results and parameters of runs by all parameters but the repeated one."""
    varied = [name for name, values in sweep.parameters.items() if len(values) > 1 and name != sweep.repeat]
    groups = {}
    for job, run in finished:
        name = ", ".join(f"{name} {job.parameters[name]}" for name in varied) or "all runs"
        # A result takes the place of a parameter of the same name.
        groups.setdefault(name, []).append(job.parameters | _results(run))
    return groups


def _figures(sweep: Sweep, groups: dict[str, list[dict]]) -> Iterator[LessonFigure]:
    """Draw what is compared against each quantity that differs between the groups."""
    for against in sweep.against:
        points = {}
        for name, runs in groups.items():
            known = [
                run for run in runs if _is_finite(run.get(sweep.compare)) and _is_finite(run.get(against))
            ]
            if known:
                points[name] = fmean(run[against] for run in known), [run[sweep.compare] for run in known]
        if len({round(mean, 9) for mean, _ in points.values()}) > 1:
            yield figures.sweep_points(points, against, sweep.compare, sweep.repeat)


def _group_rows(sweep: Sweep, groups: dict[str, list[dict]]) -> list[tuple]:
    """Return each group's name, how many runs it has, and their mean, lowest and highest value."""
    values = {
        name: [run[sweep.compare] for run in runs if _is_finite(run.get(sweep.compare))]
        for name, runs in groups.items()
    }
    return [(name, len(all_), fmean(all_), min(all_), max(all_)) for name, all_ in values.items() if all_]


def _run_row(number: int, job: Job, run: dict, sweep: Sweep, names: list[str], folder: Path) -> dict:
    """Return a run's row: its number, its parameters, its results under their names, and its seconds."""
    values = [job.parameters[name] for name in sweep.parameters]
    values += [_results(run).get(name, "") for name in names]
    pdf = (folder / f"{job.name}.pdf").exists()
    return run | {"name": job.name, "pdf": pdf, "cells": [f"run {number}", *values, run["seconds"]]}


def _is_finite(value: object) -> bool:
    return is_number(value) and math.isfinite(value)
