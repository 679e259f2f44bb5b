"""What the world sees: addresses, metadata and workflows agree with each other."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_owner_and_name_of_the_repository_are_the_same_everywhere():
    owner, name = PROJECT["urls"]["Homepage"].removeprefix("https://github.com/").split("/")
    pages = [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        ROOT / "CITATION.cff",
        ROOT / "pyproject.toml",
        *WORKFLOWS,
    ]
    found = 0
    for page in pages:
        addresses = re.findall(
            r"(?:github\.com|raw\.githubusercontent\.com)/([\w-]+)/([\w-]+)", page.read_text(encoding="utf-8")
        )
        found += len(addresses)
        assert set(addresses) <= {(owner, name)}, page.name
    assert found >= 5


def test_the_installed_package_says_what_it_is():
    said = metadata.metadata("digitlib")
    assert said["Version"] == metadata.version("digitlib")
    assert {"Homepage", "Documentation", "Issues", "Changelog"} <= set(PROJECT["urls"])
    assert not re.findall(r"\]\((?!https?:|#)", said.get_payload() or said["Description"]), "relative links"
    for version in ("3.11", "3.12", "3.13", "3.14"):
        assert f"Programming Language :: Python :: {version}" in said.get_all("Classifier")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_what_is_there(path):
    """Their form is checked by actionlint, in the workflow `tests`."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert commands or path.stem == "links"
    for command in commands:
        for target in re.findall(r"^make (\w+)", command, re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        for name in re.findall(r"(?<!\S)((?:tests|data|digitlib|scripts|\.ci)(?:/[\w./]+)?)(?!\S)", command):
            assert (ROOT / name).exists() or name == "digitlib", name
