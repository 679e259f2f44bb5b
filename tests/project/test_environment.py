"""What surrounds the code: environment.yml, Makefile, .ci/run, versions, and what an import may load."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)
ENVIRONMENT = (ROOT / "environment.yml").read_text(encoding="utf-8")


# --- environment.yml ----------------------------------------------------------------------------------------


def environment_problems(text):
    """List what is wrong with an environment file, as sentences."""
    return [problem for check in (is_for_conda, has_our_packages, says_why) for problem in check(text)]


def is_for_conda(text):
    environment = yaml.safe_load(text)
    if environment["name"] != "digitlib":
        yield f"the environment is called {environment['name']}"
    if environment["channels"] != ["conda-forge", "nodefaults"]:
        yield f"packages come from {environment['channels']}"
    lines = [line for line in environment["dependencies"] if isinstance(line, str)]
    for line in lines:
        if not re.fullmatch(r"[a-z0-9_.-]+(=\d+(\.\d+)*)?", line):
            yield f"conda cannot read {line!r}"
    if "pip" not in lines:
        yield "pip is not installed"
    python = dict(line.partition("=")[::2] for line in lines).get("python", "")
    # python=3.12 is any 3.12.x: its first and its last must both be allowed.
    releases = [f"{python or '0'}.{last}" for last in (0, 99)]
    if not all(release in SpecifierSet(PROJECT["requires-python"]) for release in releases):
        yield f"Python {python!r} is not within {PROJECT['requires-python']}"


def has_our_packages(text):
    *packages, last = pip_lines(text)
    if last != "-e .":
        yield f"the last pip line is {last!r}, not '-e .'"
    extras = PROJECT["optional-dependencies"]
    wanted = versions([*PROJECT["dependencies"], *(line for lines in extras.values() for line in lines)])
    found = versions(packages)
    if len(found) != len(packages):
        yield "a package stands there twice"
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            yield f"{name}: pyproject.toml has {wanted.get(name)}, environment.yml has {found.get(name)}"


def says_why(text):
    dependencies = text[text.index("\ndependencies:") :]
    for line in re.findall(r"^ *- .*$", dependencies, re.MULTILINE):
        entry, _, comment = line.partition(" # ")
        notebooks = re.findall(r"\b0\d\b", comment)
        commands = re.findall(r"\bmake ([a-z]+)", comment)
        if not (notebooks or commands):
            yield f"no notebook and no command needs {entry.strip()!r}"
        for number in notebooks:
            if number not in {f"0{number}" for number in range(7)}:
                yield f"{entry.strip()!r} names notebook {number}"
        for command in commands:
            if command not in TARGETS:
                yield f"{entry.strip()!r} names make {command}"


def pip_lines(text):
    """The lines below `pip:`."""
    return next(part for part in yaml.safe_load(text)["dependencies"] if isinstance(part, dict))["pip"]


def versions(lines):
    """Each package by its name, with the versions that are allowed, in one spelling."""
    requirements = [Requirement(line) for line in lines if not line.startswith("-")]
    return {canonicalize_name(requirement.name): str(requirement) for requirement in requirements}


def test_environment_agrees_with_pyproject():
    assert environment_problems(ENVIRONMENT) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"numpy>=2.0 ", "numpy>=1.9 "),
        (r"tensorflow>=2.20,<3", "tensorflow>=2.20"),
        (r"    - papermill.*\n", ""),
        (r"(    - ruff.*\n)", r"\1    - flake8>=7.0  # make lint: more style\n"),
        (r"(    - ruff.*\n)", r"\1\1"),
        (r"opencv-python-headless>=", "opencv-python>="),
        (r"pyyaml>=6.0", "pyyaml[fast]>=6.0"),
        (r"(    - pillow\S*).*", r"\1"),
        (r"(    - pillow\S*).*", r"\1  # opens picture files"),
        (r"# make lint", "# make beautiful"),
        (r"notebook 06, make demo: photo", "notebook 07: photo"),
        (r"python=3.12", "python=3.10"),
        (r"python=3.12", "python=3"),
        (r"python=3.12", "python"),
        (r"python=3.12", "python = = 3.12"),
        (r"  - pip  .*\n", ""),
        (r"  - nodefaults.*\n", ""),
        (r"name: digitlib", "name: base"),
        (r"(    - import-linter.*\n)(    - -e .*\n)", r"\2\1"),
        (r"    - -e .*\n", ""),
    ],
)
def test_guard_finds_an_edit_of_the_environment(old, new):
    edited, count = re.subn(old, new, ENVIRONMENT, count=1)
    assert count == 1
    assert environment_problems(edited) != []


def test_every_notebook_stands_in_the_issue_forms():
    folder = ROOT / "notebooks"
    notebooks = {path.stem for path in [*folder.glob("*.ipynb"), *folder.glob("reports/*.ipynb")]}
    forms = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
    assert forms
    for form in forms:
        fields = {field["id"]: field for field in yaml.safe_load(form.read_text(encoding="utf-8"))["body"]}
        assert {"notebook", "cell", "environment"} <= fields.keys(), form.name
        assert notebooks <= set(fields["notebook"]["attributes"]["options"]), form.name


# --- Makefile and .ci/run -----------------------------------------------------------------------------------


def test_make_has_the_targets_that_readers_rely_on():
    wanted = [
        "help",
        "setup",
        "lab",
        "demo",
        "test",
        "lint",
        "notebooks",
        "report",
        "student",
        "train",
        "bench",
        "clean",
    ]
    assert set(wanted) <= set(TARGETS)
    assert sorted(TARGETS) == sorted(re.search(r"^\.PHONY:(.*)", MAKEFILE, re.MULTILINE)[1].split())


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_help_lists_every_target():
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert sorted(line.split()[0] for line in shown.stdout.splitlines()) == sorted(TARGETS)


def test_ci_runs_every_check():
    script = ROOT / ".ci" / "run"
    assert re.search(r"^make test$", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert os.name == "nt" or os.access(script, os.X_OK), ".ci/run is not executable"


# --- the package and the files ------------------------------------------------------------------------------


def test_import_loads_nothing_heavy():
    code = "import digitlib, sys; print(*{name.partition('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert {"digitlib", "cv2"} <= set(loaded)
    assert not {"tensorflow", "keras", "matplotlib", "ipywidgets", "anywidget", "IPython"} & set(loaded)


def test_version_is_the_same_everywhere():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]


MACHINE_PATH = re.compile(
    r"(?<![\w.:/~])/((home|Users)/(?!ada\b)|root/|srv/|mnt/)|\b[A-Z]:\\Users\\(?!ada\b)"
)
"""Folders of one computer. Ada is the reader we made up: tests may use her home."""


def test_machine_paths_are_found():
    for text in ("see /root/x", "'/home/bob/x'", "(/srv/digits)", r"C:\Users\bob", "/Users/bob"):
        assert MACHINE_PATH.search(text), text
    for text in ("#!/usr/bin/env", "/home/ada/digit.png", "https://a.org/srv/x", "notebooks/srv/", "/srv"):
        assert not MACHINE_PATH.search(text), text


def test_no_file_names_a_place_on_this_computer():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True, encoding="utf-8")
    paths = [ROOT / name for name in set(listed.stdout.split("\0")) - {""}]
    assert len(paths) > 20
    for path in paths:
        if path == Path(__file__) or not path.is_file():
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            found = [match[0] for match in MACHINE_PATH.finditer(content.decode("utf-8"))]
            assert found == [], path.name


def calls_without_encoding(source):
    """Lines of a Python source that open a text file and leave its encoding to the operating system."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or "encoding" in [keyword.arg for keyword in node.keywords]:
            continue
        match node.func:
            case ast.Attribute(ast.Name("tarfile" | "zipfile" | "gzip" | "Image" | "os"), "open"):
                continue
            case ast.Name("open"):
                modes = node.args[1:2]
            case ast.Attribute(_, "open"):
                modes = node.args[:1]
            case ast.Attribute(_, "read_text" | "write_text"):
                modes = []
            case _:
                continue
        modes += [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
        if not any(isinstance(mode, ast.Constant) and "b" in str(mode.value) for mode in modes):
            yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("folder", ["digitlib", "scripts", "benchmarks", "tests"])
def test_text_files_are_opened_with_an_encoding(folder):
    for path in ROOT.glob(f"{folder}/*.py"):
        assert list(calls_without_encoding(path.read_text(encoding="utf-8"))) == [], path.name


def test_missing_encoding_is_found():
    for call in ("open('b.txt')", "open(p, 'w')", "p.open()", "p.open('w')", "p.open(mode='r')"):
        assert len(list(calls_without_encoding(call))) == 1, call
    for call in ("p.read_text()", "p.write_text('b')"):
        assert len(list(calls_without_encoding(call))) == 1, call
    for call in ("open(p, 'rb')", "p.open('wb')", "p.open(mode='rb')", "p.read_bytes()", "tarfile.open(p)"):
        assert list(calls_without_encoding(call)) == [], call
    assert list(calls_without_encoding("open(p, encoding='utf-8')")) == []
