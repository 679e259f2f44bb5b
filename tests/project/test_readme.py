"""README.md and its neighbours: links lead somewhere, commands exist, code runs, tables are current."""

import ast
import doctest
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import update_readme  # noqa: E402

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
MADE = ("reports", "student", "runs", "wheelhouse", "build", ".venv")
"""Folders that commands make, so that they need not be there."""


@pytest.fixture(params=PAGES, ids=lambda path: path.name)
def page(request):
    return request.param


def read(path):
    return path.read_text(encoding="utf-8")


FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text, language=""):
    """The code blocks of a page in one language; without a language they are for the terminal."""
    return [block for found, block in FENCED.findall(text) if found == language]


def commands(text):
    """Every line to type, and every piece of code within a sentence; without the remarks behind them."""
    lines = [line for block in blocks(text) for line in block.splitlines()]
    prose = FENCED.sub("", text)
    return [line.split("  #")[0].strip() for line in lines + re.findall(r"`([^`]+)`", prose)]


def anchors(text):
    """The addresses of a page's headings, as GitHub forms them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def run(*arguments):
    """Run Python in the folder of the repository."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")


# --- links and pictures -------------------------------------------------------------------------------------


def test_links_and_pictures_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", read(page)):
        if not target.startswith(("https://", "http://")):
            name, _, anchor = target.partition("#")
            file = page.parent / name if name else page
            assert file.exists(), target
            assert not anchor or anchor in anchors(read(file)), target


def test_pictures_are_described(page):
    for alt in re.findall(r"!\[([^\]]*)\]", read(page)):
        assert len(alt.split()) > 3, alt
    assert "<img" not in read(page)


def test_places_in_the_repository_exist(page):
    for code in re.findall(r"`([\w./-]+/[\w./-]*)`", read(page)):
        assert code.partition("/")[0] in MADE or (ROOT / code).exists(), code


# --- commands -----------------------------------------------------------------------------------------------


def test_make_has_every_target_that_is_named(page):
    targets = re.findall(r"^([a-z]+):", read(ROOT / "Makefile"), re.MULTILINE)
    for command in commands(read(page)):
        for target in re.findall(r"\bmake ([a-z]+)", command):
            assert target in targets, command


def test_readme_names_the_two_commands_first():
    first = blocks(read(ROOT / "README.md"))[0]
    assert re.findall(r"^make \w+", first, re.MULTILINE) == ["make lab", "make test"]


def test_command_line_has_everything_that_is_named(page):
    for command in commands(read(page)):
        for subcommand, rest in re.findall(r"python -m digitlib (\w+)(.*)", command):
            helped = run("-m", "digitlib", subcommand, "--help")
            assert helped.returncode == 0, command
            for option in re.findall(r"--[a-z-]+", rest):
                assert option in helped.stdout, command


def test_files_in_commands_exist(page):
    for block in blocks(read(page)):
        for name in re.findall(r"\b(?:notebooks|scripts|tests|data|benchmarks)/[\w./]+", block):
            assert (ROOT / name).exists() or "your_title" in name, name


def test_read_commands_of_the_readme_work():
    for command in commands(read(ROOT / "README.md")):
        if command.startswith("python -m digitlib read ") and "runs/" not in command:
            done = run(*command.split()[1:])
            assert done.returncode == 0, done.stderr
            assert len(done.stdout.splitlines()) == 1


def test_papermill_is_given_parameters_that_the_notebook_has():
    lines = [line for line in commands(read(ROOT / "README.md")) if line.startswith("papermill ")]
    assert lines
    for line in lines:
        _, name, result, *settings = line.split()
        assert not (ROOT / result).exists()
        cells = nbformat.read(ROOT / name, as_version=4).cells
        parameters = next(cell.source for cell in cells if "parameters" in cell.metadata.get("tags", []))
        known = {target.id for statement in ast.parse(parameters).body for target in statement.targets}
        assert settings[::3] == ["-p"] * len(settings[::3])
        assert set(settings[1::3]) <= known


def test_pip_installs_extras_that_exist(page):
    extras = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]["optional-dependencies"].keys()
    found = re.findall(r"pip install [^`\n]*\.\[([\w,]+)\]", read(page))
    for names in found:
        assert set(names.split(",")) <= set(extras), names
    if page.name == "README.md":
        learners = {"lessons", "train", "reports", "web", "worksheets"}
        assert learners in [set(names.split(",")) for names in found]


def test_python_blocks_run(page, monkeypatch):
    monkeypatch.chdir(ROOT)
    for number, block in enumerate(blocks(read(page), "python")):
        test = doctest.DocTestParser().get_doctest(block, {}, f"{page.name}, block {number}", str(page), 0)
        assert test.examples, block
        assert doctest.DocTestRunner().run(test).failed == 0


# --- tables -------------------------------------------------------------------------------------------------


def test_tables_are_current():
    text = read(ROOT / "README.md")
    assert update_readme.update(text) == text, "run scripts/update_readme.py"


def small_repository(root):
    """A repository with one notebook and two rooms, to build tables of."""
    notebook = nbformat.v4.new_notebook()
    minutes = {"reading": 20, "exercises": 15}
    notebook.metadata["digitlib"] = {"minutes": minutes, "objectives": ["See", "Hear"], "seconds": 10}
    notebook.cells = [nbformat.v4.new_markdown_cell("# 3 · Look\n\nProse.")]
    (root / "notebooks").mkdir()
    (root / "digitlib").mkdir()
    nbformat.write(notebook, root / "notebooks" / "03_look.ipynb")
    for room, job in {"attic": "On top.", "cellar": "Its job.\n\nMore."}.items():
        (root / "digitlib" / room).mkdir()
        (root / "digitlib" / room / "__init__.py").write_text(f'"""{job}"""\n', encoding="utf-8")
    contract = '[[tool.importlinter.contracts]]\nlayers = ["attic", "cellar", "data"]\n'
    (root / "pyproject.toml").write_text(contract, encoding="utf-8")


def test_tables_say_what_notebooks_and_rooms_say(tmp_path):
    small_repository(tmp_path)
    badges, rooms = "<!-- badges --><!-- /badges -->", "<!-- rooms --><!-- /rooms -->"
    tables = f"{badges}\n<!-- notebooks -->\nold\n<!-- /notebooks -->\nBetween\n{rooms}"
    lines = update_readme.update(f"Above\n{tables}\nBelow\n", tmp_path).splitlines()
    (row,) = [
        line
        for line in lines
        if line.startswith("| [3 · Look](notebooks/03_look.ipynb) | See | 20 | 15 | 10 |")
    ]
    assert row.count("notebooks/03_look.ipynb") == 3, "on Binder and on Colab, but not in a browser"
    assert "| All | | 20 | 15 | 10 | |" in lines
    cellar = lines.index("| [`digitlib/cellar/`](digitlib/cellar) | Its job. |")
    assert lines[cellar + 1] == "| [`digitlib/attic/`](digitlib/attic) | On top. |", "the heart comes first"
    assert "old" not in lines
    assert sum(line.startswith("[![Open lesson 0 on ") and "03_look" in line for line in lines) == 2
    assert [line for line in lines if line in ("Above", "Between", "Below")] == ["Above", "Between", "Below"]
    again = "\n".join(lines) + "\n"
    assert update_readme.update(again, tmp_path) == again


def test_badges_show_workflows_that_there_are():
    shown = re.findall(r"/actions/workflows/([\w.]+)/badge\.svg", read(ROOT / "README.md"))
    assert {"tests.yml", "nightly.yml"} <= set(shown)
    for name in shown:
        assert (ROOT / ".github/workflows" / name).is_file(), f"there is no workflow {name}"


def test_what_tables_cannot_show_is_named(tmp_path):
    with pytest.raises(SystemExit, match="no place for a table"):
        update_readme.update("# No markers", tmp_path)
    small_repository(tmp_path)
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "notebooks" / "04_bare.ipynb")
    with pytest.raises(SystemExit, match=r"04_bare\.ipynb"):
        update_readme.notebooks_table(tmp_path)


def test_commands_are_found():
    text = "Say `make lab`, not make it.\n```\nmake test    # every check\n```\n```python\n>>> 1\n```\n"
    assert commands(text) == ["make test", "make lab"]
    assert blocks(text, "python") == [">>> 1\n"]
    assert anchors("## What it cannot do!\n") == {"what-it-cannot-do"}
