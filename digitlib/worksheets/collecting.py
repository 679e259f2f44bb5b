"""Collect a data set from photos of worksheets: pictures, labels.csv, and a contact sheet to look over."""

import html
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from digitlib.labels import TABLE, LabeledFile, read_labels, write_labels
from digitlib.reading.images import load_picture
from digitlib.reading.picture import ImageError
from digitlib.worksheets.finding import CutCell, cut_sheet
from digitlib.worksheets.layout import WorksheetError
from digitlib.worksheets.pages import pages_of

CONTACT_SHEET = "contact_sheet.html"
"""Name of the page in a collected folder that shows every picture with its label."""
_ALIKE = 0.6
"""Correlation of two photographed cells from which they are the same ink: two photos of one sheet have 0.9
and more, two people who write the same digit 0.3 on average."""
_COMPARED = 32
"""Rows and columns of the pictures that are compared."""

Cells = dict[str, np.ndarray]
"""Pictures of a sheet by the number of their cell."""


@dataclass
class Collected:
    """What came of photos.

    Attributes
    ----------
    added : int
        Pictures that were added.
    remarks : list of str
        Cells that were left out or may be wrong, and photos that added nothing new.
    errors : list of str
        Photos that could not be used, and what to do.
    """

    added: int = 0
    remarks: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def collect(
    photos: Iterable[str | Path], out: str | Path, say: Callable[[str], object] = lambda line: None
) -> Collected:
    """Add what photos of worksheets show to a labelled folder.

    A sheet that is there already adds nothing, even in another photo. Another copy of a sheet, filled in by
    somebody else, counts as another writer.

    Parameters
    ----------
    photos : iterable of path
        Photos of sheets, or PDF files of scanned ones.
    out : path
        The folder; it is made if it is missing. labels.csv lists the pictures: file, label, writer, sheet,
        cell, photo, note.
    say : function
        Called with a line for each photo.

    Returns
    -------
    Collected
        A photo that cannot be used is told in `errors`; the others are collected all the same.

    Raises
    ------
    LabelError
        The folder has a labels.csv that cannot be used.
    """
    out, result = Path(out), Collected()
    rows = read_labels(out, letters=True) if (out / TABLE).exists() else []
    sheets, table = _sheets(rows), [row.columns for row in rows]
    for photo in map(Path, photos):
        try:
            pages = pages_of(photo)
        except (ImageError, WorksheetError) as error:
            result.errors.append(f"{photo.name}: {error}")
            say(result.errors[-1])
            continue
        for number, page in enumerate(pages, start=1):
            name = photo.name if len(pages) == 1 else f"{photo.name}, page {number}"
            try:
                new = _add(page, name, out, sheets, result)
            except WorksheetError as error:
                result.errors.append(f"{name}: {error}")
                say(result.errors[-1])
                continue
            if new:
                table += new
                write_labels(out, table)
                result.added += len(new)
            say(f"{name}: {len(new)} pictures")
    if result.added:
        write_contact_sheet(out)
    return result


def _sheets(rows: list[LabeledFile]) -> dict[str, Cells]:
    """Return the pictures of the sheets that a folder holds."""
    sheets: dict[str, Cells] = {}
    for row in rows:
        if row.columns.get("sheet") and row.columns.get("cell"):
            picture = load_picture(row.path).pixels
            gray = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
            sheets.setdefault(row.columns["sheet"], {})[row.columns["cell"]] = gray
    return sheets


def _add(
    page: np.ndarray, photo: str, out: Path, sheets: dict[str, Cells], result: Collected
) -> list[dict[str, str]]:
    """Write the pictures of a page, and return their rows for the table; `sheets` is changed in place."""
    sheet, cells = cut_sheet(page)
    written = {str(one.cell.number): one for one in cells if not one.left_out}
    if not written:
        raise WorksheetError("Nothing is written in its boxes.")
    first = f"sheet_{sheet.number:04d}"
    copies = [name for name in sheets if name == first or name.startswith(f"{first}_")]
    for name in copies:
        if _same(sheets[name], written):
            result.remarks.append(f"{photo}: {name} is there already.")
            return []
    name = f"{first}_{len(copies) + 1}" if copies else first
    for one in cells:
        remark = one.left_out or one.note
        if remark:
            result.remarks.append(f"{photo}: cell {one.cell.number} ({one.cell.label}): {remark}")
    (out / name).mkdir(parents=True, exist_ok=True)
    rows = []
    for number, one in written.items():
        file = f"{name}/cell_{int(number):02d}.png"
        _, data = cv2.imencode(".png", one.image)
        (out / file).write_bytes(data.tobytes())
        rows.append(
            {
                "file": file,
                "label": one.cell.label,
                "writer": name.replace("sheet", "writer"),
                "sheet": name,
                "cell": number,
                "photo": photo,
                "note": one.note,
            }
        )
    sheets[name] = {number: one.image for number, one in written.items()}
    return rows


def _same(known: Cells, written: dict[str, CutCell]) -> bool:
    """Return whether two photos show the same ink."""
    common = known.keys() & written.keys()
    likeness = [_likeness(known[number], written[number].image) for number in common]
    return bool(likeness) and float(np.median(likeness)) > _ALIKE


def _likeness(one: np.ndarray, other: np.ndarray) -> float:
    size = (_COMPARED, _COMPARED)
    small = [cv2.resize(image, size, interpolation=cv2.INTER_AREA).ravel() for image in (one, other)]
    return float(np.corrcoef(small)[0, 1])


def write_contact_sheet(folder: str | Path) -> Path:
    """Write a page that shows every picture of a collected folder with its label.

    Cells that are not in labels.csv, left out or struck out, show as gaps.

    Parameters
    ----------
    folder : path
        From `collect`.

    Returns
    -------
    Path
        The page; it is replaced.
    """
    folder = Path(folder)
    sheets: dict[str, dict[int, LabeledFile]] = {}
    for row in read_labels(folder, letters=True):
        if row.columns.get("sheet") and row.columns.get("cell", "").isdecimal():
            sheets.setdefault(row.columns["sheet"], {})[int(row.columns["cell"])] = row
    parts = [_PAGE]
    for name, cells in sheets.items():
        parts.append(f"<h2>{html.escape(name)}</h2>\n<p>{len(cells)} pictures</p>\n<div>")
        parts += [_figure(number, cells.get(number), folder) for number in range(1, max(cells) + 1)]
        parts.append("</div>")
    path = folder / CONTACT_SHEET
    path.write_text("\n".join(parts) + "\n", encoding="utf-8", newline="\n")
    return path


def _figure(number: int, row: LabeledFile | None, folder: Path) -> str:
    if row is None:
        return f"<figure><figcaption>cell {number}<br>left out</figcaption></figure>"
    file, label = row.path.relative_to(folder).as_posix(), html.escape(row.label)
    note = html.escape(row.columns.get("note", ""))
    kind = ' class="note"' if note else ""
    text = f"<b>{label}</b> cell {number}" + (f"<br>{note}" if note else "")
    picture = f'<img src="{html.escape(file)}" alt="Cell {number}, to be {label}" width="68">'
    return f"<figure{kind}>{picture}<figcaption>{text}</figcaption></figure>"


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Contact sheet</title>
<style>
body { font: 16px/1.4 sans-serif; margin: 1rem; color: #111; background: #fff }
div { display: grid; grid-template-columns: repeat(10, 6rem); gap: .4rem; overflow-x: auto }
figure { margin: 0; min-height: 6.6rem; padding: .2rem; border: 1px solid #888;
  text-align: center }
figure.note { border: 3px solid #b00020 }
figcaption { font-size: .8rem } b { font-size: 1.1rem }
</style>
<h1>Contact sheet</h1>
<p>Does every picture show the digit in bold below it? Strike out a wrong one by deleting its row from
labels.csv. A thick red frame is a remark of the program.</p>"""
