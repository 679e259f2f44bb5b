"""Pages of tables: the list of a report's runs, and the parts that a comparison is made of."""

import base64
import io
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from nbformat import NotebookNode
from PIL import Image

from digitlib.figures.style import LessonFigure

INDEX = "index.html"
"""The page that lists what a folder of reports holds."""

STATIC = Path(__file__).resolve().parents[1] / "web" / "static"
THUMBNAIL = 240
"""Width of a small figure in the list, in pixels."""


def page(title: str, *parts: str) -> str:
    """Put a page together that stands alone.

    Parameters
    ----------
    title : str
        Its title, as plain text.
    *parts : str
        HTML.

    Returns
    -------
    str
        A whole HTML page.
    """
    style, script = ((STATIC / name).read_text(encoding="utf-8") for name in ("tables.css", "tables.js"))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(parts) + f"\n</main>\n<script>\n{script}</script>\n"
        "</body>\n</html>\n"
    )


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence]) -> str:
    """Write a table that the reader can sort by any column; without JavaScript it keeps its order.

    Parameters
    ----------
    caption : str
        What the table shows.
    head : sequence of str
        Names of the columns.
    rows : iterable of sequences
        The cells: a number, plain text, or (HTML, number or text to sort by). The first one names its row.

    Returns
    -------
    str
        HTML.
    """
    rows = list(rows)
    columns = list(zip(*rows, strict=True)) or [()] * len(head)
    names = "".join(
        f'<th scope="col"{_number_class(cells)}>{escape(name)}</th>'
        for name, cells in zip(head, columns, strict=True)
    )
    body = "\n".join(map(_row, rows))
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}">'
        '<table class="sortable">\n'
        f"<caption>{escape(caption)}</caption>\n<thead>\n<tr>{names}</tr>\n</thead>\n"
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )


def picture(figure: LessonFigure) -> str:
    """Put a figure into a page, with its alt text.

    Parameters
    ----------
    figure : LessonFigure
        Any figure of `digitlib.figures`.

    Returns
    -------
    str
        HTML.
    """
    return f'<p><img alt="{escape(figure.alt)}" src="{_data_address(figure.png())}"></p>'


def index_page(name: str, runs: Iterable[tuple[Path, NotebookNode, dict]]) -> str:
    """Render the list of all runs of a report.

    Parameters
    ----------
    name : str
        What the report is called.
    runs : iterable of (Path, NotebookNode, dict)
        Each notebook that has run, its page lying beside it, and what `digitlib.reports.folder` noted in it.

    Returns
    -------
    str
        A whole HTML page, with links to the notebooks and their pages.
    """
    rows, figures = [], []
    for path, notebook, run in runs:
        small = [_small(output) for output in _pictures(notebook)]
        rows.append((_links(path), _parameters(run), _found(run), len(small), duration(run)))
        if small:
            link = f'<a href="{quote(path.stem)}.html">{escape(path.stem)}</a>'
            figures.append(f'<h3>{link}</h3>\n<div class="figures">\n' + "\n".join(small) + "\n</div>")
    head = ("Notebook", "Parameters", "Results", "Figures", "Seconds")
    note = "<p>Parameters in bold were set for this run, the others are the notebook's own.</p>"
    return page(
        f"Report {name}", note, table("Runs", head, rows), "<h2>Figures</h2>" if figures else "", *figures
    )


def report_link(path: Path, words: str = "") -> str:
    """Link to the page of a report and to its other files.

    Parameters
    ----------
    path : Path
        The notebook of the report.
    words : str
        What stands for it; by default its name.

    Returns
    -------
    str
        HTML.
    """
    others = {".ipynb": "notebook", ".pdf": "PDF"}
    links = [
        f'<a href="{quote(path.with_suffix(ending).name)}">{kind}</a>'
        for ending, kind in others.items()
        if path.with_suffix(ending).exists()
    ]
    return f'<a href="{quote(path.stem)}.html">{escape(words or path.stem)}</a> ({", ".join(links)})'


def duration(run: dict) -> object:
    """Say how long a run took, or that it failed, as a cell of `table`."""
    if run["error"]:
        return f'<span class="failed">failed: {escape(run["error"])}</span>', -1
    return run["seconds"]


def results_of(run: dict) -> dict:
    """Results of a run by name, as its notebook recorded them."""
    return {result["name"]: result["value"] for result in run["results"]}


def _row(cells: Sequence) -> str:
    first, *others = (_cell(cell) for cell in cells)
    return f'<tr><th scope="row"{first}</th>' + "".join(f"<td{other}</td>" for other in others) + "</tr>"


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _number_class(cells: Sequence) -> str:
    return ' class="number"' if any(map(_is_number, cells)) else ""


def _cell(cell: object) -> str:
    """The rest of a tag, and what stands between it and the closing one."""
    if isinstance(cell, tuple):
        return f' data-sort="{escape(str(cell[1]))}">{cell[0]}'
    if _is_number(cell):
        written = f"{cell:,}" if isinstance(cell, int) else f"{cell:,.4g}"
        return f' class="number" data-sort="{cell}">{written}'
    return f">{escape(str(cell))}"


def _links(path: Path) -> tuple[str, str]:
    return report_link(path), path.stem


def _parameters(run: dict) -> tuple[str, str]:
    lines = []
    for parameter in run["parameters"]:
        text = escape(f"{parameter['name']} = {parameter['value']}")
        lines.append(f"<strong>{text}</strong>" if parameter["changed"] else text)
    return "<br>".join(lines), " ".join(lines)


def _found(run: dict) -> tuple[str, str]:
    lines = [
        escape(f"{name} = {value:,.4g}" if isinstance(value, float) else f"{name} = {value}")
        for name, value in results_of(run).items()
    ]
    return "<br>".join(lines), " ".join(lines)


def _pictures(notebook: NotebookNode) -> Iterable[NotebookNode]:
    for cell in notebook.cells:
        yield from (output for output in cell.get("outputs", []) if "image/png" in output.get("data", {}))


def _small(output: NotebookNode) -> str:
    alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
    with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as image:
        small, drawn = image.convert("RGB"), io.BytesIO()
    small.thumbnail((THUMBNAIL, 10 * THUMBNAIL))
    small.quantize(64).save(drawn, "PNG", optimize=True)
    return f'<img alt="{escape(alt)}" src="{_data_address(drawn.getvalue())}">'


def _data_address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")
