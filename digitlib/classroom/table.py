"""The class table: students' networks, each checked, evaluated on the same pictures, and compared fairly."""

import csv
import math
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from digitlib import figures
from digitlib.explaining.neighbors import INDEX_FILE
from digitlib.measuring.apart import load_model
from digitlib.measuring.evaluation import evaluate
from digitlib.measuring.labeled import LabeledSet
from digitlib.measuring.models import ModelError
from digitlib.measuring.proportions import Proportion, proportion, proportion_by
from digitlib.notebooks.files import NotebookError
from digitlib.reports.html import is_number, write_page

NETWORKS = (".npz", ".keras", ".tflite")
"""Endings of files that are taken for networks; of one name, the first kind is evaluated."""

BYSTANDERS = (".txt", ".md", ".pdf", ".csv", ".json", ".ipynb", ".py", ".db", ".ini", ".log")
"""Endings of loose files in a class folder that are passed over: notes, and what systems leave."""

_LEFTOVERS = {"__MACOSX", "__pycache__", INDEX_FILE}
"""Folders and files that are no student's network, like all whose names begin with a dot."""

MAX_FILES = 10_000
"""Most files in a student's folder that are searched: a copied environment must not take minutes."""

SIGNIFICANCE = 0.05
"""A difference between two networks is clear if chance alone would make it less often than this."""

_HEAD = ("place", "student", "score", "right", "of", "values", "weights", "kB", "training seconds", "file")


@dataclass(frozen=True, eq=False)
class Entry:
    """One student's network, and its results.

    Attributes
    ----------
    student, file : str
        The student's name, and that of the network's file.
    reason : str
        Why the network was refused; empty if it was evaluated.
    right : (N,) array of bool, optional
        Which pictures it reads right.
    score : float, 0 to 100
        Mean over the digits or letters that occur of how many of 100 are read right.
    accuracy : Proportion, optional
        Of all pictures, with its interval.
    values : str
        The range of values that the pictures were given in; a key of `digitlib.measuring.models.VALUES`.
    weights : int, optional
        How many weights it has.
    kilobytes : float
        Size of its file.
    training_seconds : float, optional
        From its model card, which is not checked.
    """

    student: str
    file: str = ""
    reason: str = ""
    right: np.ndarray | None = None
    score: float = 0.0
    accuracy: Proportion | None = None
    values: str = ""
    weights: int | None = None
    kilobytes: float = 0.0
    training_seconds: float | None = None


def find_networks(folder: Path) -> list[tuple[str, Path | None, str]]:
    """Find the network of each student.

    Parameters
    ----------
    folder : Path
        Holds a folder for each student, with the network anywhere in it, or the networks themselves. Where
        an .npz and a .keras file of one name lie together, they count as one network. Loose files that are
        no networks, such as a README.txt, are passed over.

    Returns
    -------
    list of (str, Path or None, str)
        By name of the student, each another one: the file, or why there is none. A student is called as the
        folder, or as the file without its ending unless a folder has that name.

    Raises
    ------
    NotebookError
        If there is no such folder, or nothing was handed in.
    """
    if not folder.is_dir():
        raise NotebookError(f"There is no folder {folder}. It must hold a folder for each student.")
    submissions = {}
    for path in sorted(path for path in folder.iterdir() if not _is_left_over(path)):
        if path.is_dir():
            submissions[path.name] = [path]
        elif path.suffix.lower() not in BYSTANDERS:
            name = path.name if path.with_suffix("").is_dir() else path.stem
            submissions.setdefault(name, []).append(path)
    if not submissions:
        raise NotebookError(f"{folder} is empty of networks. It must hold a folder for each student.")
    return [(student, *_network_of(paths)) for student, paths in sorted(submissions.items())]


def evaluate_class(folder: Path, pictures: LabeledSet) -> Iterator[Entry]:
    """Evaluate each student's network.

    They are loaded by `digitlib.measuring.load_model`, so none can end or stop the others' evaluation.

    Parameters
    ----------
    folder : Path
        See `find_networks`.
    pictures : LabeledSet
        Pictures that the networks did not learn from, each of one digit.

    Yields
    ------
    Entry
        In the order of the students' names; a network that is refused, with its reason.

    Raises
    ------
    NotebookError
        If there is no such folder, or it is empty.
    """
    for student, path, reason in find_networks(folder):
        if path is None:
            yield Entry(student, reason=reason)
            continue
        try:
            results = _evaluate_file(path, pictures)
        except ModelError as error:
            yield Entry(student, path.name, str(error))
        else:
            yield Entry(student, path.name, **results)


def places(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the rank of each network, 1 for the best.

    It is one more than there are networks that are clearly better.

    Networks whose difference may be chance share a place. All answer the same pictures, so only those count
    that one reads right and the other wrong: the exact test of McNemar (1947), which is a binomial test.

    Parameters
    ----------
    entries : iterable of Entry
        From `evaluate_class`.

    Returns
    -------
    dict of str to int
        The place of each student whose network was evaluated, 1 for the best.

    Examples
    --------
    >>> good, poor = np.ones(20, bool), np.arange(20) < 10
    >>> places([Entry("ada", right=poor), Entry("bob", right=good)])
    {'ada': 2, 'bob': 1}
    """
    judged = [entry for entry in entries if not entry.reason]
    return {
        entry.student: 1 + sum(_is_clearly_better(other.right, entry.right) for other in judged)
        for entry in judged
    }


def write_class_table(entries: list[Entry], pictures: LabeledSet, folder: Path) -> Path:
    """Write the class table, as a page and as class.csv.

    Parameters
    ----------
    entries : list of Entry
        From `evaluate_class`.
    pictures : LabeledSet
        What they were judged on.
    folder : Path
        Where both files go; made if it is not there.

    Returns
    -------
    Path
        The page, index.html.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = places(entries)
    judged = sorted(
        (one for one in entries if not one.reason),
        key=lambda one: (place[one.student], -one.score, one.student),
    )
    rows = [(place[one.student], *_cells(one)) for one in judged]
    refused = [(one.student, one.file, one.reason) for one in entries if one.reason]
    with (folder / "class.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*_HEAD, "refused"))
        writer.writerows([*map(_harmless, row), ""] for row in rows)
        for student, name, reason in refused:
            empty = [""] * (len(_HEAD) - 3)
            writer.writerow(["", _harmless(student), *empty, _harmless(name), _harmless(reason)])
    accuracies = {one.student: one.accuracy for one in judged}
    return write_page(
        folder,
        "class",
        title=f"Class table: {folder.name}",
        pictures=pictures,
        figure=figures.proportion_points(accuracies, "student") if judged else None,
        head=[name if name == "kB" else name.capitalize() for name in _HEAD],
        rows=rows,
        refused=refused,
    )


def _cells(entry: Entry) -> tuple:
    """Return the cells of a row, in the order of the head, without the place."""
    weights, seconds = ("" if one is None else one for one in (entry.weights, entry.training_seconds))
    right = int(entry.right.sum()), entry.right.size
    size = weights, round(entry.kilobytes), seconds
    return entry.student, round(entry.score, 1), *right, entry.values, *size, entry.file


def _evaluate_file(path: Path, pictures: LabeledSet) -> dict:
    model = load_model(path)
    right = evaluate(model, pictures).right
    seconds = model.card.get("training_seconds")
    known = is_number(seconds) and 0 <= seconds < math.inf
    claimed = model.card.get("parameters")
    return {
        "right": right,
        "score": 100 * float(np.mean([one.value for one in proportion_by(pictures.labels, right).values()])),
        "accuracy": proportion(right),
        "values": model.values,
        "weights": model.weights or (claimed if type(claimed) is int and claimed > 0 else None),
        "kilobytes": model.size / 1000,
        "training_seconds": round(float(seconds), 1) if known else None,
    }


def _network_of(places: list[Path]) -> tuple[Path | None, str]:
    """Return the one network in a student's folder or loose files, or why there is none."""
    files = []
    for number, path in enumerate(path for place in places for path in _files_below(place)):
        if number >= MAX_FILES:
            return None, f"it holds more than {MAX_FILES:,} files"
        files.append(path)
    if any(place.is_symlink() for place in places):
        return None, "it is a link to another place"
    networks = [path for path in files if path.suffix.lower() in NETWORKS]
    networks.sort(key=lambda path: (path.stem, NETWORKS.index(path.suffix.lower()), path))
    if not networks:
        kinds = sorted({path.suffix or "no ending" for path in files})
        return None, f"no .npz, .keras or .tflite file; there are {', '.join(kinds[:8]) or 'no files'}"
    if len({path.with_suffix("") for path in networks}) > 1:
        return None, f"more than one network: {', '.join(path.name for path in networks[:8])}"
    return networks[0], ""


def _files_below(place: Path) -> Iterator[Path]:
    """Yield a file itself, or the files in a folder, without links and leftovers."""
    if not place.is_dir():
        yield place
        return
    for folder, folders, names in os.walk(place):
        folders[:] = [name for name in folders if not _is_left_over(Path(name))]
        paths = (Path(folder, name) for name in names)
        yield from (path for path in paths if not (path.is_symlink() or _is_left_over(path)))


def _is_left_over(path: Path) -> bool:
    return path.name.startswith(".") or path.name in _LEFTOVERS


def _is_clearly_better(one: np.ndarray, other: np.ndarray) -> bool:
    won, lost = int((one & ~other).sum()), int((other & ~one).sum())
    return won > lost and bool(binomtest(won, won + lost).pvalue < SIGNIFICANCE)


def _harmless(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
