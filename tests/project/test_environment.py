"""What surrounds the code: environment.yml, Makefile, .ci/run, versions, and what an import may load."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import digitlib

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)
ENVIRONMENT = (ROOT / "environment.yml").read_text(encoding="utf-8")


# --- environment.yml ----------------------------------------------------------------------------------------


EXTRAS = PROJECT["optional-dependencies"]


def environment_problems(text):
    """List what is wrong with an environment file, as sentences."""
    return [problem for check in (is_for_conda, has_our_packages, says_why) for problem in check(text)]


def is_for_conda(text):
    environment = yaml.safe_load(text)
    if environment["name"] != "digitlib":
        yield f"the environment is called {environment['name']}"
    if environment["channels"] != ["conda-forge", "nodefaults"]:
        yield f"packages come from {environment['channels']}"
    lines = conda_lines(text)
    for line in lines:
        if not re.fullmatch(r"[a-z0-9_.-]+(=\d+(\.\d+)*|>=\d+(\.\d+)*(,<\d+)?)?", line):
            yield f"conda cannot read {line!r}"
    if "pip" not in lines:
        yield "pip is not installed"
    python = dict(line.partition("=")[::2] for line in lines).get("python", "")
    # python=3.12 is any 3.12.x: its first and its last must both be allowed.
    releases = [f"{python or '0'}.{last}" for last in (0, 99)]
    if not all(release in SpecifierSet(PROJECT["requires-python"]) for release in releases):
        yield f"Python {python!r} is not within {PROJECT['requires-python']}"


def has_our_packages(text):
    names = [re.split("[=<> ]", line)[0] for line in conda_lines(text)]
    for name in ("python", "jupyterlab", "numpy", "matplotlib", "ipywidgets"):
        if names.count(name) != 1:
            yield f"{name} stands there {names.count(name)} times"
    listed = versions([*PROJECT["dependencies"], *(line for lines in EXTRAS.values() for line in lines)])
    for line in conda_lines(text):
        name = re.split("[=<> ]", line)[0]
        if name not in ("python", "pip") and listed.get(name) != str(Requirement(line)):
            yield f"pyproject.toml has {listed.get(name)}, environment.yml {line}"
    wanted = re.search(r"^LEARN := (.*)$", MAKEFILE, re.MULTILINE)[
        1
    ].split()  # what learners need, as `make setup`
    if pip_lines(text) != [f"-e .[{','.join(wanted)}]"]:
        yield f"pip installs {pip_lines(text)}, not digitlib with the extras {', '.join(wanted)}"


def says_why(text):
    dependencies = text[text.index("\ndependencies:") :]
    for line in re.findall(r"^ *- .*$", dependencies, re.MULTILINE):
        entry, _, comment = line.partition(" # ")
        if not comment and entry.strip() != "- pip:":
            yield f"nothing says why {entry.strip()!r} is there"
        for number in re.findall(r"\b0\d\b", comment):
            if number not in {f"0{number}" for number in range(7)}:
                yield f"{entry.strip()!r} names notebook {number}"


def conda_lines(text):
    """The lines for conda itself."""
    return [line for line in yaml.safe_load(text)["dependencies"] if isinstance(line, str)]


def pip_lines(text):
    """The lines below `pip:`."""
    return next(part for part in yaml.safe_load(text)["dependencies"] if isinstance(part, dict))["pip"]


def versions(lines):
    """Each package by its name, with the versions that are allowed, in one spelling."""
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(requirement.name): str(requirement) for requirement in requirements}


def test_environment_agrees_with_pyproject():
    assert environment_problems(ENVIRONMENT) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"numpy>=2.0 ", "numpy>=1.9 "),
        (r"  - jupyterlab.*\n", ""),
        (r"(  - numpy.*\n)", r"\1\1"),
        (r"(  - matplotlib\S*).*", r"\1"),
        (r"notebooks 05 and 06", "notebooks 05 and 08"),
        (r"python=3.12", "python=3.10"),
        (r"python=3.12", "python=3"),
        (r"python=3.12", "python"),
        (r"python=3.12", "python = = 3.12"),
        (r"  - pip  .*\n", ""),
        (r"  - nodefaults.*\n", ""),
        (r"name: digitlib", "name: base"),
        (r",reports", ""),
        (r"    - -e .*\n", "    - digitlib\n"),
    ],
)
def test_guard_finds_an_edit_of_the_environment(old, new):
    edited, count = re.subn(old, new, ENVIRONMENT, count=1)
    assert count == 1
    assert environment_problems(edited) != []


def imported_packages(folder):
    """Names of the packages that Python files import at any place, without Python's own and ours."""
    names = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"digitlib"}


def declared(*extras):
    """Names of the packages that digitlib asks for, and with these extras."""
    lines = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    return set(versions(lines))


def test_every_imported_package_is_declared():
    distributions = metadata.packages_distributions()
    needed = {
        name: {canonicalize_name(n) for n in distributions[name]}
        for name in imported_packages(ROOT / "digitlib")
    }
    missing = [name for name, packages in needed.items() if not packages & declared(*EXTRAS)]
    assert missing == []


@pytest.mark.parametrize(
    ("room", "extras"),
    [
        ("reading", ("heic",)),
        ("handwriting", ("lessons",)),
        ("measuring", ("lessons", "train")),
        ("training", ("train",)),
        ("figures", ("lessons",)),
        ("notebooks", ("lessons",)),
        ("reports", ("reports", "cluster")),
        ("worksheets", ("worksheets",)),
        ("web", ("lessons", "web")),
        ("web/server", ("web",)),
    ],
)
def test_a_room_needs_only_its_extras(room, extras):
    distributions = metadata.packages_distributions()
    for name in imported_packages(ROOT / "digitlib" / room):
        assert {canonicalize_name(one) for one in distributions[name]} & declared(*extras), name


def test_every_notebook_stands_in_the_issue_forms():
    folder = ROOT / "notebooks"
    notebooks = {path.stem for path in [*folder.glob("*.ipynb"), *folder.glob("[!.]*/*.ipynb")]}
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
    assert citation["version"] == digitlib.__version__


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
    for path in ROOT.glob(f"{folder}/**/*.py"):
        assert list(calls_without_encoding(path.read_text(encoding="utf-8"))) == [], path.name


def test_missing_encoding_is_found():
    for call in ("open('b.txt')", "open(p, 'w')", "p.open()", "p.open('w')", "p.open(mode='r')"):
        assert len(list(calls_without_encoding(call))) == 1, call
    for call in ("p.read_text()", "p.write_text('b')"):
        assert len(list(calls_without_encoding(call))) == 1, call
    for call in ("open(p, 'rb')", "p.open('wb')", "p.open(mode='rb')", "p.read_bytes()", "tarfile.open(p)"):
        assert list(calls_without_encoding(call)) == [], call
    assert list(calls_without_encoding("open(p, encoding='utf-8')")) == []
