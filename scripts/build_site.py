"""Build the web site of the series (`make site`): lessons as they are stored, guides, and a reference.

    python scripts/build_site.py [--out build/site]

Nothing is run and nothing is fetched. A page lies in the site where its file lies in the repository, so that
links between pages stay as they are; a link to any other file leads to the repository's own page.

Below lite/ lies JupyterLite: lessons that run inside the visitor's browser, with digitlib as a wheel. Its
Python, Pyodide, and most packages come from public servers then: the one exception to "no other host".
"""

import argparse
import ast
import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from addresses import AUTHORS, BROWSER_PACKAGES, IN_BROWSER, ROOT, on_github, ways_to_run
from sphinx.cmd.build import main as sphinx

LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|attachment:|#)([^)\s#]+)")
RUN = "**Run it** {}. Or {{download}}`download it <{}>`. [Which ways there are]({}).\n\n{}{}."
INSTALL = "# Only here, inside the browser: fetches the packages of this lesson.\n"
INSTALL += f"%pip install -q digitlib {' '.join(BROWSER_PACKAGES)}"
BADGES = re.compile("<!-- badges -->.*<!-- /badges -->", re.DOTALL)
"""Pictures from other hosts, which the site does without."""
PARTS = {
    "lessons": ("notebooks/*", "notebooks/projects/*"),
    "guides": ("docs/*",),
    "reference": ("reference/*",),
}
"""The parts of the site, and which pages each lists."""


def pages() -> dict[str, str]:
    """Return the files that become pages, and the page of each; both seen from the root."""
    patterns = ("docs/*.md", "notebooks/*.ipynb", "notebooks/projects/*.ipynb")
    found = sorted(path.relative_to(ROOT).as_posix() for pattern in patterns for path in ROOT.glob(pattern))
    return {"README.md": "index.md"} | {name: name for name in found}


def with_links(text: str, name: str) -> str:
    """Return the text of a page with its links as they are right in the site."""
    folder = Path(name).parent

    def lead(match: re.Match) -> str:
        place = Path(os.path.normpath(folder / match[1])).as_posix()
        there = pages().get(place, place if place.endswith(".png") else "")
        return Path(os.path.relpath(there, folder)).as_posix() if there else on_github(place)

    return LINK.sub(lead, text)


def stage_notebook(name: str, source: Path) -> None:
    """Write the page of a notebook: with the ways to run it below its title."""
    page, original = source / name, source / "download" / Path(name).name
    shutil.copy(ROOT / name, original)
    notebook = json.loads(original.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            text = with_links("".join(cell["source"]), name)
            cell["source"] = text.replace("](attachment:", f"]({page.stem}-")
            for picture, content in cell.pop("attachments", {}).items():
                (page.parent / f"{page.stem}-{picture}").write_bytes(base64.b64decode(content["image/png"]))
    ways = ", ".join(f"[{way}]({address})" for way, address in ways_to_run(name).items())
    paths = (
        Path(os.path.relpath(path, page.parent)).as_posix()
        for path in (original, source / "docs" / "ways_in.md")
    )
    log = subprocess.run(
        ["git", "log", "-1", "--format=%cs", "--", name], cwd=ROOT, capture_output=True, text=True
    )
    changed = f", last changed on {log.stdout.strip()}" if log.stdout.strip() else ""
    text = RUN.format(ways, *paths, AUTHORS, changed)
    cell = {"cell_type": "markdown", "id": "ways", "metadata": {}, "source": text}
    notebook["cells"].insert(1, cell)
    page.write_text(json.dumps(notebook), encoding="utf-8")


def room_page(room: Path) -> str:
    """Return the page of a room of the package: what its docstrings say, a module a section."""
    parts = []
    for path in sorted(room.rglob("*.py")):
        if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            members = "" if parts else "\n   :no-members:"  # the room passes on what its modules define
            title = f"## {module.removeprefix(f'digitlib.{room.name}.')}" if parts else f"# {module}"
            parts.append(f"{title}\n\n```{{eval-rst}}\n.. automodule:: {module}{members}\n```\n")
    return "\n".join(parts)


def stage(source: Path) -> None:
    """Write all pages into a folder, and one for each part of the site that lists its pages."""
    for folder in ("download", "reference", "notebooks/projects"):
        (source / folder).mkdir(parents=True)
    shutil.copytree(ROOT / "docs" / "images", source / "docs" / "images")
    shutil.copytree(ROOT / "docs" / "theme", source / "theme")
    shutil.copy(ROOT / "docs" / "conf.py", source)
    for name, page in pages().items():
        if name.endswith(".ipynb"):
            stage_notebook(name, source)
        else:
            text = with_links(BADGES.sub("", (ROOT / name).read_text(encoding="utf-8")), name)
            (source / page).write_text(text, encoding="utf-8")
    for init in sorted((ROOT / "digitlib").glob("*/__init__.py")):
        page = source / "reference" / f"digitlib.{init.parent.name}.md"
        page.write_text(room_page(init.parent), encoding="utf-8")
    for part, lists in PARTS.items():
        (source / f"{part}.md").write_text(contents(part.capitalize(), *lists), encoding="utf-8")
    with (source / "index.md").open("a", encoding="utf-8") as index:
        index.write(contents("", *PARTS).replace("glob:", "glob:\n:hidden:"))


def contents(title: str, *pages: str) -> str:
    """Return a page that lists others, which Sphinx forms its margins from."""
    return "\n".join([title and f"# {title}", "", "```{toctree}", ":glob:", "", *pages, "```", ""])


def build_lite(out: Path) -> None:
    """Build JupyterLite with the lessons that need no TensorFlow, and digitlib as a wheel."""
    lessons, wheels = out / "lite" / "lessons", out / "lite" / "wheels"
    lessons.mkdir(parents=True)

    def lead(match: re.Match) -> str:
        place = Path(os.path.normpath(Path("notebooks") / match[1]))
        if place.suffix == ".png":
            shutil.copy(ROOT / place, lessons)
        return (
            place.name if place.suffix == ".png" or place.stem in IN_BROWSER else on_github(place.as_posix())
        )

    for path in (ROOT / "notebooks" / f"{name}.ipynb" for name in IN_BROWSER):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = LINK.sub(lead, cell.source)
        notebook.cells.insert(1, nbformat.v4.new_code_cell(INSTALL, id="install"))
        nbformat.write(notebook, lessons / path.name)
    run("uv", "build", "--quiet", "--wheel", "--out-dir", wheels, ROOT)
    (wheel,) = wheels.glob("*.whl")
    folders = ("--lite-dir", out / "lite", "--contents", lessons, "--output-dir", out / "html" / "lite")
    run(
        "jupyter",
        "lite",
        "build",
        *folders,
        "--piplite-wheels",
        wheel,
        "--apps",
        "lab",
        "--no-sourcemaps",
        cwd=wheels,
    )


def run(*command: object, cwd: Path = ROOT) -> None:
    """Run a program of Python, and end with what it said where it fails."""
    done = subprocess.run([sys.executable, "-m", *map(str, command)], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def main() -> int:
    """Build the site; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site")
    out = parser.parse_args().out.resolve()
    shutil.rmtree(out, ignore_errors=True)
    stage(out / "source")
    status = sphinx(["-q", "-W", "-j", "auto", "-d", f"{out}/cache", f"{out}/source", f"{out}/html"])
    build_lite(out)
    return status


if __name__ == "__main__":
    sys.exit(main())
