"""The first code of a lesson: on Google Colab it installs digitlib, everywhere else it does nothing."""

import shlex
import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from packaging.requirements import Requirement

from digitlib.notebooks.files import lesson_files, project_files, read_notebook

ROOT = Path(__file__).resolve().parents[2]
LESSONS = [*lesson_files(), *project_files()]


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def run(request):
    """Run the first code cell of a lesson; give the magic commands that it used."""
    first = next(cell for cell in read_notebook(request.param).cells if cell.cell_type == "code")

    def run():
        used = []
        shell = SimpleNamespace(run_line_magic=lambda name, line: used.append((name, line)))
        exec(first.source, {"get_ipython": lambda: shell})
        return used

    return run


def test_nothing_happens_elsewhere(run):
    assert "google.colab" not in sys.modules
    assert run() == []


def test_colab_installs_this_repository_and_keeps_its_own_packages(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    ((magic, line),) = run()
    assert magic == "pip"
    command, quiet, *wanted = shlex.split(line)
    assert (command, quiet) == ("install", "--quiet")
    packages = {Requirement(one).name: Requirement(one) for one in wanted}
    home = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]["Homepage"]
    assert packages["digitlib"].url == f"git+{home}"
    assert not packages["digitlib"].extras, "jupyterlab and ipykernel would replace those that Colab runs on"
    assert set(packages) == {"digitlib", "anywidget"}, "what the lessons import and Colab does not bring"
