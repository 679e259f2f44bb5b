"""The check of the environment: what is missing is named, with what to do; TensorFlow is not imported."""

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from digitlib.data import DataError
from digitlib.notebooks import environment
from digitlib.reading.network import ModelError

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def faults():
    """What is not well, by the first word of what it is about."""
    return {
        found.what.partition(" ")[0]: found.advice
        for found in environment.check_environment()
        if not found.ok
    }


def test_all_is_well_here():
    assert [str(found) for found in environment.check_environment() if not found.ok] == []


def test_every_line_begins_with_its_verdict():
    assert all(str(found).startswith("OK    ") for found in environment.check_environment())
    missing = environment.Finding("numpy", "all lessons", "Install it.")
    assert str(missing).splitlines() == ["FAIL  numpy (all lessons)", "      Install it."]


def test_tensorflow_is_not_imported():
    code = (
        "import sys; from digitlib.notebooks import check_environment; check_environment(); "
        "print('tensorflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert done.stdout.strip() == "False", done.stderr


def test_names_what_the_project_requires():
    lines = [
        *PROJECT["dependencies"],
        *(line for part in PROJECT["optional-dependencies"].values() for line in part),
    ]
    limits = {Requirement(line).name: Requirement(line).specifier for line in lines}
    named = {found.what.split()[0]: found.what for found in environment.check_environment()}
    for line in PROJECT["dependencies"]:
        required = Requirement(line)
        here = required.marker is None or required.marker.evaluate()
        assert not here or required.name in named, "each package that digitlib imports is looked for"
    assert named["tensorflow"] == "tensorflow 2.20 or newer, below 3"
    assert limits["tensorflow"] == SpecifierSet(">=2.20,<3")
    marker = next(Requirement(line).marker for line in PROJECT["optional-dependencies"]["train"])
    allowed = SpecifierSet(PROJECT["requires-python"])
    minors = [
        (3, minor)
        for minor in range(40)
        if f"3.{minor}" in allowed and marker.evaluate({"python_version": f"3.{minor}"})
    ]
    assert list(environment.PYTHONS) == minors
    assert all(f"{major}.{minor}" in named["Python"] for major, minor in minors)


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 14, 0), (2, 7, 18)])
def test_wrong_python(monkeypatch, version):
    monkeypatch.setattr(environment.sys, "version_info", version)
    assert f"This is Python {version[0]}.{version[1]}." in faults()["Python"]


def test_missing_package(monkeypatch):
    def version(name, real=metadata.version):
        if name == "tensorflow":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(environment.metadata, "version", version)
    found = faults()
    assert list(found) == ["tensorflow"]
    assert "not installed" in found["tensorflow"] and "make setup" in found["tensorflow"]


@pytest.mark.parametrize(
    ("version", "good"),
    [("2.19.1", False), ("2.20.0", True), ("2.100.0", True), ("2.21.0rc1", True), ("3.0.0", False)],
)
def test_versions_are_compared_as_numbers(monkeypatch, version, good):
    real = metadata.version
    monkeypatch.setattr(
        environment.metadata, "version", lambda name: version if name == "tensorflow" else real(name)
    )
    found = faults()
    assert ("tensorflow" not in found) == good
    assert good or version in found["tensorflow"]


def test_limits_of_any_kind_are_named(monkeypatch):
    lines = ["numpy>=2.0,!=2.1", "pillow~=11.0", "keras"]
    monkeypatch.setattr(environment, "_requirements", lambda: lines)
    named = {found.what.split()[0]: found.what for found in environment.check_environment()}
    assert named["numpy"] == "numpy 2.0 or newer, !=2.1"
    assert (named["pillow"], named["keras"]) == ("pillow ~=11.0", "keras")


def test_digitlib_was_never_installed(monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(environment.metadata, "requires", requires)
    assert "pip install -e" in faults()["numpy"]


def test_two_opencvs(monkeypatch):
    class Distribution:
        name = "opencv-python"

    monkeypatch.setattr(environment.metadata, "distributions", lambda: [Distribution])
    assert "pip uninstall --yes opencv-python opencv-python-headless" in faults()["one"]
    monkeypatch.setitem(environment.sys.modules, "google.colab", object())
    assert "one" not in faults(), "Google Colab brings several, all alike"


@pytest.mark.parametrize(
    ("function", "error", "what"),
    [
        ("load_mnist", DataError("mnist.npz is missing. Get it back."), "MNIST,"),
        ("load_samples", DataError("labels.csv is missing. Get it back."), "sample"),
        ("load_recognizer", ModelError("digits.npz is damaged. Get it back."), "trained"),
    ],
)
def test_missing_file_is_named_with_its_remedy(monkeypatch, function, error, what):
    def fail():
        raise error

    monkeypatch.setattr(environment, function, fail)
    assert faults()[what] == str(error)


def test_wrong_answer(monkeypatch):
    class Reading:
        digit = -1

    monkeypatch.setattr(environment, "read_digit", lambda path: Reading)
    assert list(faults()) == ["a"]
    assert "was read as -1" in faults()["a"]
