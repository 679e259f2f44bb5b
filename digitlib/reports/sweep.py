"""Sweeps: one notebook run with every combination of some parameters, and the runs compared."""

import hashlib
import itertools
import json
import math
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from digitlib import figures
from digitlib.notebooks.files import NotebookError, read_notebook, template_files
from digitlib.notebooks.parameters import check_value, default_parameters, refuse_unknown
from digitlib.reports.html import INDEX, duration, page, picture, report_link, results_of, table
from digitlib.reports.run import NOTE, Job, make_job

MAX_RUNS = 10_000
"""Most combinations in a sweep: more is a slip of the pen."""
KEYS = {"notebook", "parameters", "repeat", "compare", "against"}


@dataclass(frozen=True)
class Sweep:
    """Which notebook to run, with which combinations, and what to compare.

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
        a value or a list of values), and, if wanted, repeat, compare and against; see `Sweep`.

    Returns
    -------
    Sweep
        The plan.

    Raises
    ------
    NotebookError
        If the file says something else, or the notebook has no such parameters.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise NotebookError(f"{path} is not YAML: {str(error).splitlines()[0]}.") from error
    if not isinstance(content, dict) or not {"notebook", "parameters"} <= set(content) <= KEYS:
        raise NotebookError(f"{path} must have notebook and parameters. Allowed: {', '.join(sorted(KEYS))}.")
    parameters = content["parameters"]
    if not isinstance(parameters, dict) or not parameters:
        raise NotebookError(f"{path}: parameters must be names with values, such as seed: [0, 1, 2].")
    parameters = {
        str(name): value if isinstance(value, list) else [value] for name, value in parameters.items()
    }
    notebook = _find(str(content["notebook"]), path.parent)
    defaults = default_parameters(read_notebook(notebook), notebook.name)
    refuse_unknown(parameters, defaults, notebook.name)
    for name, values in parameters.items():
        if not values:
            raise NotebookError(f"{path}: {name} has no value. Allowed is a value, or a list of some.")
        parameters[name] = [check_value(value, defaults[name], f"{path.name}: {name}") for value in values]
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
        Each is named after the notebook's text and its parameters: a changed notebook is a new run.
    """
    template = make_job(sweep.notebook, {})
    jobs = []
    for parameters in sweep.combinations:
        identity = json.dumps([template.source, parameters], sort_keys=True, default=str)
        name = f"{template.name}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"
        jobs.append(replace(template, name=name, parameters=parameters))
    return list({job.name: job for job in jobs}.values())  # a value that was named twice is run once


def is_finished(job: Job, folder: Path) -> bool:
    """Whether a job has run to its end, in this command or an earlier one."""
    return bool(run := _note(job, folder)) and not run["error"]


def write_comparison(sweep: Sweep, jobs: list[Job], folder: Path) -> Path:
    """Write a page that compares the runs of a sweep: a table to sort, and figures.

    Parameters
    ----------
    sweep : Sweep
        The plan.
    jobs : list of Job
        Its runs, from `sweep_jobs`; those that have not run yet are counted.
    folder : Path
        Where the reports are.

    Returns
    -------
    Path
        The page, index.html.
    """
    runs = {job.name: (job, run) for job in jobs if (run := _note(job, folder))}
    finished = [(job, run) for job, run in runs.values() if not run["error"]]
    missing = len(jobs) - len(finished)
    parts = [
        f"<p>{len(finished):,} of {len(jobs):,} runs of {sweep.notebook.stem} are finished."
        + (" The same command goes on with the others." if missing else "")
        + "</p>"
    ]
    groups = _groups(sweep, finished)
    for against in sweep.against:
        points = _points(groups, sweep.compare, against)
        if len({round(along, 9) for along, _ in points.values()}) > 1:
            parts.append(picture(figures.sweep_points(points, against, sweep.compare, sweep.repeat)))
    if groups and any(len(runs) > 1 for runs in groups.values()):
        parts.append(_group_table(sweep, groups))
    parts.append(_run_table(sweep, list(runs.values()), folder))
    index = folder / INDEX
    index.write_text(page(f"Sweep: {folder.name}", *parts), encoding="utf-8", newline="\n")
    return index


def describe(job: Job) -> str:
    """Name a job by its parameters.

    Examples
    --------
    >>> describe(Job("a", "", {"seed": 0, "width": 4}, ""))
    'seed=0 width=4'
    """
    return " ".join(f"{name}={value}" for name, value in job.parameters.items())


def _find(name: str, beside: Path) -> Path:
    named = {path.stem: path for path in template_files()}
    return named.get(name, beside / name)


def _note(job: Job, folder: Path) -> dict:
    path = folder / f"{job.name}.ipynb"
    try:
        return json.loads(path.read_text(encoding="utf-8"))["metadata"].get(NOTE, {})
    except (OSError, ValueError, KeyError):
        return {}


def _groups(sweep: Sweep, finished: list[tuple[Job, dict]]) -> dict[str, list[dict]]:
    """Results and parameters of runs, grouped by all parameters but the repeated one."""
    varied = [name for name, values in sweep.parameters.items() if len(values) > 1 and name != sweep.repeat]
    groups = {}
    for job, run in finished:
        name = ", ".join(f"{name} {job.parameters[name]}" for name in varied) or "all runs"
        # A result stands before a parameter of its name.
        groups.setdefault(name, []).append(job.parameters | results_of(run))
    return groups


def _points(groups: dict, compare: str, against: str) -> dict:
    """Name of each group, its mean along the chart, and its values up."""
    points = {}
    for name, runs in groups.items():
        known = [run for run in runs if _is_number(run.get(compare)) and _is_number(run.get(against))]
        if known:
            along = sum(run[against] for run in known) / len(known)
            points[name] = (along, [run[compare] for run in known])
    return points


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _group_table(sweep: Sweep, groups: dict) -> str:
    rows = []
    for name, runs in groups.items():
        values = [run[sweep.compare] for run in runs if _is_number(run.get(sweep.compare))]
        if values:
            mean = sum(values) / len(values)
            rows.append((name, len(values), mean, min(values), max(values)))
    head = ("Parameters", "Runs", f"{sweep.compare}: mean", "lowest", "highest")
    return table(f"Runs that differ only in {sweep.repeat}", head, rows)


def _run_table(sweep: Sweep, runs: list[tuple[Job, dict]], folder: Path) -> str:
    names = list(dict.fromkeys(name for _, run in runs for name in results_of(run)))
    rows = []
    for number, (job, run) in enumerate(runs, start=1):
        link = report_link(folder / f"{job.name}.ipynb", f"run {number}"), number
        found = results_of(run)
        results = [found.get(name, "") for name in names]
        rows.append((link, *(job.parameters[name] for name in sweep.parameters), *results, duration(run)))
    head = ("report", *sweep.parameters, *names, "seconds in all")
    return table("All runs", [name.replace("_", " ") for name in head], rows)
