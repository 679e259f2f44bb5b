"""A labelled folder: pictures, and labels.csv as spreadsheets and programs save it."""

import codecs
import csv
import io
import itertools
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

TABLE = "labels.csv"
"""Name of the table in a folder of pictures."""

_DELIMITERS = ",;\t"
_UTF16 = codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE


class LabelError(ValueError):
    """Labelled images cannot be used; the message gives the reason."""


@dataclass(frozen=True)
class LabeledFile:
    """One row of labels.csv.

    Attributes
    ----------
    path : Path
        The picture; it exists.
    label : str
        The digits that it shows, in reading order, or letters; empty for a picture without any.
    line : int
        Where the row ends in the table, from 1.
    columns : dict of str to str
        All cells, by the name of their column in small letters.
    """

    path: Path
    label: str
    line: int
    columns: dict[str, str]


def read_labels(
    folder: Path, columns: Sequence[str] = ("file", "label"), letters: bool = False
) -> list[LabeledFile]:
    r"""Read the labels.csv of a folder.

    Commas, semicolons or tabs may stand between the cells, and the text may be UTF-8, UTF-16 or Windows-1252:
    so spreadsheets save it. Names of columns may have capital letters and blanks, empty rows are passed over,
    and a backslash in the name of a file may stand for a slash.

    Parameters
    ----------
    folder : Path
        Holds the table and, in itself or in folders below it, the pictures.
    columns : sequence of str
        The columns that the table must have, file and label among them.
    letters : bool
        Whether a label may hold letters.

    Returns
    -------
    list of LabeledFile
        In the order of the rows.

    Raises
    ------
    LabelError
        If there is no table, or a row cannot be used; the message names its line and what is allowed.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "seven.png").touch()
    >>> (folder / TABLE).write_bytes(b"File; Label\nseven.png;7\n")
    24
    >>> [(row.path.name, row.label, row.line) for row in read_labels(folder)]
    [('seven.png', '7', 2)]
    """
    table = folder / TABLE
    if not table.is_file():
        raise LabelError(f"There is no {table}.")
    text, is_unicode = _decoded(table.read_bytes())
    found, lines = [], {}
    for line, cells in _rows(text, columns, table):
        where = f"{table}, line {line}"
        name, label = cells["file"], cells["label"].removesuffix(".0")  # as pandas writes 7 beside a gap
        if not name:
            raise LabelError(f"{where}: there is no name of a file.")
        if label and not (label.isascii() and (label.isalnum() if letters else label.isdecimal())):
            allowed = "digits, letters, or nothing" if letters else "digits, or nothing"
            raise LabelError(f"{where}: {name} has the label {label!r}. Allowed are {allowed}.")
        path = _find(folder, name)
        if path is None:
            remedy = "" if is_unicode else " If letters look wrong here, save the table as CSV UTF-8."
            raise LabelError(f"{where}: {name} is not there.{remedy}")
        if not path.resolve().is_relative_to(folder.resolve()):
            raise LabelError(f"{where}: {name} lies outside of the folder.")
        first = lines.setdefault(path.resolve(), line)
        if first != line:
            raise LabelError(f"{where}: {name} was named in line {first} already. Allowed is once.")
        found.append(LabeledFile(path, label, line, cells))
    return found


def write_labels(folder: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write the labels.csv of a folder, replacing an old one at once and as a whole.

    Parameters
    ----------
    folder : Path
        Where it goes.
    rows : iterable of mapping of str to str
        The cells of each row by column; a column that a row lacks stays empty.
    """
    rows = list(rows)
    columns = list(dict.fromkeys(itertools.chain(("file", "label"), *rows)))
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    writing = folder / f"{TABLE}.writing"
    writing.write_text(text.getvalue(), encoding="utf-8", newline="")
    writing.replace(folder / TABLE)


def add_picture(folder: str | Path, image: np.ndarray, label: str, writer: str = "") -> Path:
    """Add a picture with its label to a labelled folder.

    Parameters
    ----------
    folder : path
        It is made, with its labels.csv, where there is none.
    image : (H, W) or (H, W, 3) uint8 array
        Grey values, or red, green and blue.
    label : str
        What it shows: digits or letters.
    writer : str
        Who wrote it: a made-up name.

    Returns
    -------
    Path
        The new file; none is ever replaced.

    Raises
    ------
    LabelError
        The label is nothing that may stand in labels.csv, or the folder's table cannot be used.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "mine"
    >>> _ = add_picture(folder, np.full((28, 28), 255, np.uint8), "7")
    >>> add_picture(folder, np.full((28, 28), 255, np.uint8), "1", writer="owl").name
    'added_0002.png'
    >>> print((folder / TABLE).read_text(encoding="utf-8"))
    file,label,writer
    added_0001.png,7,
    added_0002.png,1,owl
    <BLANKLINE>
    """
    folder = Path(folder)
    if not (label.isascii() and label.isalnum()):
        raise LabelError(f"The label is {label!r}. Allowed are digits and letters.")
    rows = read_labels(folder, letters=True) if (folder / TABLE).exists() else []
    folder.mkdir(parents=True, exist_ok=True)
    paths = (folder / f"added_{number:04d}.png" for number in itertools.count(1))
    path = next(path for path in paths if not path.exists())
    with path.open("xb") as file:
        Image.fromarray(image).save(file, format="PNG")
    new = {"file": path.name, "label": label, "writer": writer}
    write_labels(folder, [*(row.columns for row in rows), new])
    return path


def _decoded(content: bytes) -> tuple[str, bool]:
    """Return a table as text, and whether it is certain in which encoding it was saved."""
    if content.startswith(_UTF16):
        return content.decode("utf-16", errors="replace"), True
    try:
        return content.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), False


def _rows(text: str, columns: Sequence[str], table: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the line and the cells of each row below the head."""
    for delimiter in _DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
        try:
            rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
        except csv.Error as error:
            raise LabelError(f"{table}, line {reader.line_num}: {error}. Save it as CSV UTF-8.") from error
        rows = [row for row in rows if any(row[1]) and not row[1][0].startswith("sep=")]  # Excel's own line
        head = [name.lower() for name in rows[0][1]] if rows else []
        if all(head.count(name) == 1 for name in columns):
            break
    else:
        found = text.strip().partition("\n")[0].strip()[:80]
        raise LabelError(f"{table} needs the columns {', '.join(columns)}, each once. Its head is {found!r}.")
    for line, cells in rows[1:]:
        if any(cells[len(head) :]) or len(cells) <= max(map(head.index, columns)):
            raise LabelError(
                f"{table}, line {line}: it has {len(cells)} cells, and the columns are {', '.join(head)}. "
                "Put a name that holds a comma into quotation marks."
            )
        yield line, dict.fromkeys(head, "") | dict(zip(head, cells, strict=False))


def _find(folder: Path, name: str) -> Path | None:
    """Return the file of a name, however slashes and accents in it are written."""
    for written in (name, name.replace("\\", "/")):
        for form in ("NFC", "NFD"):
            path = folder / unicodedata.normalize(form, written)
            if path.is_file():
                return path
    return None
