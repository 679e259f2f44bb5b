"""Write the tables of README.md anew: the notebooks with their minutes, the rooms of digitlib, the badges.

    python scripts/update_readme.py

Minutes and seconds come from the notebooks' metadata, a room's job from the first line of its docstring, and
addresses from pyproject.toml; the lessons' cell `colab`, which holds one, is written anew as well.
What is written stands between two comments, such as <!-- notebooks --> and <!-- /notebooks -->.
"""

import ast
import sys
import tomllib
from pathlib import Path

import nbformat
from addresses import URLS, colab_cell, ways_to_run

ROOT = Path(__file__).resolve().parent.parent


def notebooks_table(root):
    """Build the table of the lessons.

    Parameters
    ----------
    root : Path
        Folder of the repository.

    Returns
    -------
    str
        Markdown: title with link, the first objective, minutes of reading and of exercises, seconds that the
        computer needs, and their sums; and where the lesson runs without an installation.
    """
    rows, sums = [], [0, 0, 0]
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        lesson = notebook.metadata.get("digitlib", {})
        missing = {"minutes", "objectives", "seconds"} - set(lesson)
        if missing:
            raise SystemExit(
                f"{path.name} has no digitlib.{min(missing)} in its metadata; see docs/how_it_works.md."
            )
        title = notebook.cells[0].source.splitlines()[0].removeprefix("# ")
        times = lesson.minutes.reading, lesson.minutes.exercises, lesson.seconds
        sums = [one + more for one, more in zip(sums, times, strict=True)]
        link = f"[{title}](notebooks/{path.name})"
        ways = ", ".join(f"[{way}]({url})" for way, url in ways_to_run(f"notebooks/{path.name}").items())
        rows.append(f"| {link} | {lesson.objectives[0]} | {' | '.join(map(str, times))} | {ways} |")
    return "\n".join(
        (
            "| Notebook | One thing you can do afterwards "
            "| Minutes of reading | Minutes of exercises | Seconds to run | Run it |",
            "|---|---|--:|--:|--:|---|",
            *rows,
            f"| All | | {' | '.join(map(str, sums))} | |",
        )
    )


def rooms_table(root):
    """Build the table of the package.

    Parameters
    ----------
    root : Path
        Folder of the repository.

    Returns
    -------
    str
        Markdown: each room of digitlib and its one job, the first line of its docstring. The rooms stand from
        the heart outwards: the layers that pyproject.toml gives the import linter, the lowest first.
    """
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    rows = ["| Room | Its one job |", "|---|---|"]
    for room in reversed(layers):
        path = root / "digitlib" / room / "__init__.py"
        if path.is_file():  # the lowest layer is single modules
            job = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).splitlines()[0]
            rows.append(f"| [`digitlib/{room}/`](digitlib/{room}) | {job} |")
    return "\n".join(rows)


def badges(root):
    """Build the row of badges.

    Parameters
    ----------
    root : Path
        Folder of the repository.

    Returns
    -------
    str
        Markdown: for each workflow that checks something, a picture of how its last run ended, which leads to
        its runs; and Binder and Colab, which open the first lesson.
    """
    runs = {name: f"{URLS['Homepage']}/actions/workflows/{name}.yml" for name in ("tests", "nightly", "site")}
    checks = [f"[![Last run of {name}]({run}/badge.svg?branch=main)]({run})" for name, run in runs.items()]
    first = min((root / "notebooks").glob("*.ipynb"))
    pictures = {
        "on Binder": "https://mybinder.org/badge_logo.svg",
        "on Colab": "https://colab.research.google.com/assets/colab-badge.svg",
    }
    ways = ways_to_run(f"notebooks/{first.name}")
    opened = [f"[![Open lesson 0 {way}]({picture})]({ways[way]})" for way, picture in pictures.items()]
    return "\n".join((*checks, *opened))


TABLES = {"badges": badges, "notebooks": notebooks_table, "rooms": rooms_table}


def update(text, root=ROOT):
    """Replace what is written by this script in a README.

    Parameters
    ----------
    text : str
        The README.
    root : Path
        Folder of the repository that the tables describe.

    Returns
    -------
    str
        The README with new tables and badges; all else stays as it was.
    """
    for name, table in TABLES.items():
        opening, closing = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, found, rest = text.partition(opening)
        _, ended, after = rest.partition(closing)
        if not (found and ended):
            raise SystemExit(f"README.md has no place for a table: {opening}, and below it {closing}.")
        text = f"{before}{opening}\n{table(root)}\n{closing}{after}"
    return text


def update_colab_cell(path):
    """Write the cell `colab` of a notebook anew, before the cell `setup`; put it there if it has none.

    Parameters
    ----------
    path : Path
        The notebook. With a new cell it must be run again: the cells are counted.
    """
    notebook = nbformat.read(path, as_version=4)
    places = {cell.get("id"): place for place, cell in enumerate(notebook.cells)}
    if "colab" not in places:
        places["colab"] = places["setup"]
        notebook.cells.insert(places["setup"], nbformat.v4.new_code_cell(id="colab"))
    notebook.cells[places["colab"]].source = colab_cell()
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        raise SystemExit("update_readme.py takes no arguments.")
    readme = ROOT / "README.md"
    readme.write_text(update(readme.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    for lesson in [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("notebooks/projects/*.ipynb")]:
        update_colab_cell(lesson)
