"""The plan of a sweep: one notebook with every combination of some parameters, from a YAML file."""

import itertools
import math
import re
from dataclasses import dataclass
from pathlib import Path

import yaml
from nbformat import NotebookNode

from digitlib.notebooks.files import NotebookError, read_notebook, template_files
from digitlib.notebooks.parameters import check_value, read_parameters, refuse_unknown, suggestion
from digitlib.notebooks.results import read_results

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
    others = {key: str(content[key]) for key in ("repeat", "compare") if key in content}
    if "against" in content:
        against = content["against"]
        others["against"] = tuple(map(str, against if isinstance(against, list) else [against]))
    _refuse_unknown_results(path, read_notebook(notebook), set(allowed), others)
    return Sweep(notebook, parameters, **others)


def _refuse_unknown_results(path: Path, notebook: NotebookNode, allowed: set[str], others: dict) -> None:
    """Refuse to compare what the notebook does not give; what it gives is known if it is stored as run."""
    known = {"repeat": allowed}
    if results := read_results(notebook):
        timed = [cell.id for cell in notebook.cells if "timed" in cell.metadata.get("tags", [])]
        seconds = {f"{name.replace('-', '_')}_seconds" for name in timed}
        known["compare"] = known["against"] = allowed | results.keys() | seconds
    for key, names in known.items():
        given = others.get(key, ())
        for name in [given] if isinstance(given, str) else given:
            if name not in names:
                raise NotebookError(
                    f"{path}: {key} cannot be {name!r}. Allowed: {', '.join(sorted(names))}."
                    + suggestion(name, names)
                )


class _Loader(yaml.SafeLoader):
    """Reads YAML, where 1e-3 is a number, and a key that is given twice an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        names = [self.construct_object(key) for key, _ in node.value]
        twice = [str(name) for name in names if names.count(name) > 1]
        if twice:
            raise yaml.constructor.ConstructorError(problem=f"{twice[0]} is given twice")
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+$"), list("-+0123456789")
)


def _read_yaml(path: Path) -> dict:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise NotebookError(f"{path} is not YAML: {str(error).splitlines()[0]}.") from error
    if not isinstance(content, dict) or not {"notebook", "parameters"} <= set(content) <= _KEYS:
        odd = [str(key) for key in content if key not in _KEYS] if isinstance(content, dict) else []
        raise NotebookError(
            f"{path} must have notebook and parameters. Allowed: {', '.join(sorted(_KEYS))}."
            + "".join(f" {key!r} is none of them.{suggestion(key, _KEYS)}" for key in odd[:1])
        )
    if not isinstance(content["parameters"], dict) or not content["parameters"]:
        raise NotebookError(f"{path}: parameters must be names with values, such as seed: [0, 1, 2].")
    return content
