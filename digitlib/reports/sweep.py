"""Sweeps: one notebook run with every combination of some parameters, and the runs compared."""

import hashlib
import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import yaml

from digitlib import figures
from digitlib.figures.style import LessonFigure
from digitlib.notebooks.files import NotebookError, read_notebook, template_files
from digitlib.notebooks.parameters import check_value, read_parameters, refuse_unknown
from digitlib.reports.html import is_number, write_page
from digitlib.reports.run import RUN_METADATA, Job, make_job

MAX_RUNS = 10_000
"""Most combinations in a sweep: a day's work of some hundred processes. More is taken for a mistake."""

_KEYS = {"notebook", "parameters", "repeat", "compare", "against"}


@dataclass(frozen=True)
class Sweep:
    """The plan of a sweep: a notebook, its parameters, and what to compare.

    Attributes
    ----------
    notebook : Path
        The notebook.
    parameters : dict of str to list
        Each parameter with the values that it takes; all combinations are run.
    repeat : str
        The parameter, such as a seed, whose values repeat a measurement: their spread is shown.
    compare : str
        The result that is compared.
    against : list of str
        Results and parameters that it is drawn against.
    """

    notebook: Path
    parameters: dict
    repeat: str = "seed"
    compare: str = "accuracy"
    against: tuple = ("training_seconds", "parameters", "training_size")

    @property
    def combinations(self) -> list[dict]:
        """The parameters of each run, in order."""
        values = itertools.product(*self.parameters.values())
        return [dict(zip(self.parameters, row, strict=True)) for row in values]


def read_sweep(path: Path) -> Sweep:
    """Read the plan of a sweep.

    Parameters
    ----------
    path : Path
        A YAML file with the keys notebook (a file beside it, or the name of a template) and parameters (each
        a value or a list of values), and optionally repeat, compare and against; see `Sweep`.

    Returns
    -------
    Sweep
        The plan.

    Raises
    ------
    NotebookError
        If the file holds anything else, or the notebook has no such parameters.

    Examples
    --------
    >>> sweep = read_sweep(Path("notebooks/reports/sweep.yaml"))
    >>> sweep.notebook.name, len(sweep.combinations)
    ('training_report.ipynb', 24)
    """
    content = _read_yaml(path)
    notebook = {one.stem: one for one in template_files()}.get(
        str(content["notebook"]), path.parent / str(content["notebook"])
    )
    allowed = read_parameters(read_notebook(notebook), notebook.name)
    refuse_unknown(map(str, content["parameters"]), allowed, notebook.name)
    parameters = {}
    for name, values in content["parameters"].items():
        values, label = values if isinstance(values, list) else [values], f"{path.name}: {name}"
        if not values:
            raise NotebookError(f"{label} has no value. Allowed is a value, or a list of some.")
        parameters[name] = [check_value(value, allowed[name].default, label) for value in values]
    runs = math.prod(map(len, parameters.values()))
    if runs > MAX_RUNS:
        raise NotebookError(f"{path} makes {runs:,} runs. Allowed are {MAX_RUNS:,}.")
    others = {key: content[key] for key in ("repeat", "compare") if key in content}
    if "against" in content:
        against = content["against"]
        others["against"] = tuple(map(str, against if isinstance(against, list) else [against]))
    return Sweep(notebook, parameters, **others)


def sweep_jobs(sweep: Sweep) -> list[Job]:
    """Make a job for each combination.

    Parameters
    ----------
    sweep : Sweep
        From `read_sweep`.

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
        jobs.append(replace(template, name=name, parameters=parameters))
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
        False also for a run that failed.

    Examples
    --------
    >>> is_finished(Job("a", "", {}, ""), Path("no folder"))
    False
    """
    run = _run_metadata(job, folder)
    return bool(run) and not run["error"]


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


def _read_yaml(path: Path) -> dict:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise NotebookError(f"{path} is not YAML: {str(error).splitlines()[0]}.") from error
    if not isinstance(content, dict) or not {"notebook", "parameters"} <= set(content) <= _KEYS:
        raise NotebookError(f"{path} must have notebook and parameters. Allowed: {', '.join(sorted(_KEYS))}.")
    if not isinstance(content["parameters"], dict) or not content["parameters"]:
        raise NotebookError(f"{path}: parameters must be names with values, such as seed: [0, 1, 2].")
    return content


def _run_metadata(job: Job, folder: Path) -> dict:
    path = folder / f"{job.name}.ipynb"
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"].get(RUN_METADATA, {})
    except (OSError, ValueError, KeyError):
        return {}


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
