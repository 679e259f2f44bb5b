"""The class table: students' networks, each looked over, judged on the same pictures, and compared fairly."""

import csv
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from digitlib import figures
from digitlib.classroom.isolation import Isolated, IsolationError
from digitlib.measuring.labeled import LabeledSet, evaluate
from digitlib.measuring.metrics import Proportion, proportion, proportion_by
from digitlib.measuring.models import ModelError, load_model
from digitlib.notebooks.files import NotebookError
from digitlib.reports.html import INDEX, page, picture, table

SECONDS = 120
"""How long one network may take to be loaded and to answer."""
NETWORKS = (".npz", ".keras", ".tflite")
"""Endings of files that are taken for networks; of one name, the first kind is evaluated."""
LOOKED_THROUGH = 10_000
"""Most files in a student's folder; more is not looked through."""
CLEAR = 0.05
"""A difference between two networks is clear if chance alone would make it less often than this."""


@dataclass(frozen=True, eq=False)
class Entry:
    """One student's network, and how it did."""

    student: str
    file: str = ""
    reason: str = ""  # why it was refused; empty if it was judged
    right: np.ndarray | None = None  # (N,) bool: which pictures it reads right
    score: float = 0.0  # 0 to 100: mean over the ten digits of how many of 100 are read right
    accuracy: Proportion | None = None
    weights: int | None = None
    kilobytes: float = 0.0
    training_seconds: float | None = None  # what its model card says; nobody checks it


def find_networks(folder: Path) -> list[tuple[str, Path | None, str]]:
    """Look for one network a student.

    Parameters
    ----------
    folder : Path
        Holds a folder for each student, with the network anywhere in it, or the networks themselves. Where a
        an .npz and a .keras file of one name lie together, they count as one network.

    Returns
    -------
    list of (str, Path or None, str)
        By name of the student: the file, or why there is none.

    Raises
    ------
    NotebookError
        If there is no such folder, or it is empty.
    """
    if not folder.is_dir():
        raise NotebookError(f"There is no folder {folder}. It must hold a folder for each student.")
    places = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    found = [(place.name if place.is_dir() else place.stem, *_network_of(place)) for place in places]
    if not found:
        raise NotebookError(f"{folder} is empty. It must hold a folder for each student.")
    return found


def evaluate_class(folder: Path, pictures: LabeledSet) -> Iterator[Entry]:
    """Judge each student's network, in a process of its own.

    Parameters
    ----------
    folder : Path
        See `find_networks`.
    pictures : LabelledSet
        Pictures that the networks did not learn from, with a digit each.

    Yields
    ------
    Entry
        In the order of the students' names; a network that is refused, with its reason.
    """
    with Isolated(_evaluate_file, SECONDS) as judged:
        for student, path, reason in find_networks(folder):
            if path is None:
                yield Entry(student, reason=reason)
                continue
            try:
                facts = judged((path, pictures))
            except (ModelError, IsolationError, MemoryError) as error:
                yield Entry(student, path.name, str(error) or "it needs more memory than it may have")
            else:
                yield Entry(student, path.name, **facts)


def places(entries: Iterable[Entry]) -> dict[str, int]:
    """Give each judged network its place: one more than there are networks that are clearly better.

    Two networks that the pictures cannot tell apart do not stand above one another because of chance. All
    answer the same pictures, so only those count that one reads right and the other wrong: the exact test of
    McNemar (1947).

    Parameters
    ----------
    entries : iterable of Entry
        From `evaluate_class`.

    Returns
    -------
    dict of str to int
        The place of each student, 1 for the best.
    """
    judged = [entry for entry in entries if not entry.reason]
    return {
        entry.student: 1 + sum(_clearly_better(other.right, entry.right) for other in judged)
        for entry in judged
    }


def write_class_table(entries: list[Entry], pictures: LabeledSet, folder: Path) -> Path:
    """Write the class table, as a page and as class.csv.

    Parameters
    ----------
    entries : list of Entry
        From `evaluate_class`.
    pictures : LabelledSet
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
        (e for e in entries if not e.reason), key=lambda e: (place[e.student], -e.score, e.student)
    )
    head = ("place", "student", "score", "right", "of", "weights", "kB", "training seconds", "file")
    rows = [
        (place[e.student], e.student, round(e.score, 1), int(e.right.sum()), e.right.size,
         "" if e.weights is None else e.weights, round(e.kilobytes),
         "" if e.training_seconds is None else e.training_seconds, e.file)
        for e in judged
    ]  # fmt: skip
    refused = [(entry.student, entry.file, entry.reason) for entry in entries if entry.reason]
    with (folder / "class.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*head, "refused"))
        writer.writerows([*map(_harmless, row), ""] for row in rows)
        for student, name, reason in refused:
            writer.writerow(["", _harmless(student), *[""] * 6, _harmless(name), _harmless(reason)])
    parts = [f"<p>Judged on {len(pictures.labels):,} pictures: {escape(pictures.name)}.</p>", _EXPLANATION]
    if judged:
        parts.append(picture(figures.proportion_points({e.student: e.accuracy for e in judged}, "student")))
        parts.append(
            table(
                "Networks of the class", [name.capitalize() if name != "kB" else name for name in head], rows
            )
        )
    if refused:
        parts.append(table("Refused", ("Student", "File", "Why"), refused))
    index = folder / INDEX
    index.write_text(page(f"Class table: {folder.name}", *parts), encoding="utf-8", newline="\n")
    return index


_EXPLANATION = """\
<p><strong>Score:</strong> how many of 100 pictures are read right, the ten digits counting alike.
<strong>Place:</strong> one more than there are networks that are clearly better. Networks that these pictures
cannot tell apart share a place, however their scores differ (exact test of McNemar, 1947). Neither size nor
training time counts; they show who got far with little. Weights of .tflite files and training seconds come
from the students' model cards and are not checked. The score is fair only if nobody trained on these
pictures.</p>"""


def _evaluate_file(job: tuple[Path, LabeledSet]) -> dict:
    path, pictures = job
    model = load_model(path)
    right = evaluate(model, pictures).right
    seconds = model.card.get("training_seconds")
    known = isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and 0 <= seconds < math.inf
    claimed = model.card.get("parameters")
    return {
        "right": right,
        "score": 100 * float(np.mean([one.value for one in proportion_by(pictures.labels, right).values()])),
        "accuracy": proportion(right),
        "weights": model.weights or (claimed if type(claimed) is int and claimed > 0 else None),
        "kilobytes": model.size / 1000,
        "training_seconds": round(float(seconds), 1) if known else None,
    }


def _network_of(place: Path) -> tuple[Path | None, str]:
    """The one network of a student, or why there is none."""
    files = [place] if not place.is_dir() else []
    for number, path in enumerate(place.rglob("*") if place.is_dir() else ()):
        if number >= LOOKED_THROUGH:
            return None, f"it holds more than {LOOKED_THROUGH:,} files"
        if path.is_symlink() or path.is_dir():
            continue
        files.append(path)
    networks = [path for path in files if path.suffix.lower() in NETWORKS]
    networks.sort(key=lambda path: (path.stem, NETWORKS.index(path.suffix.lower()), path))
    if place.is_symlink() or any(not path.resolve().is_relative_to(place.resolve()) for path in networks):
        return None, "it is a link to another place"
    if not networks:
        kinds = sorted({path.suffix or "no ending" for path in files})
        return None, f"no .npz, .keras or .tflite file; there are {', '.join(kinds[:8]) or 'no files'}"
    if len({path.with_suffix("") for path in networks}) > 1:
        return None, f"more than one network: {', '.join(path.name for path in networks[:8])}"
    return networks[0], ""


def _clearly_better(one: np.ndarray, other: np.ndarray) -> bool:
    won, lost = int((one & ~other).sum()), int((other & ~one).sum())
    decided = won + lost
    if won <= lost:
        return False
    chance = 2 * sum(math.comb(decided, wins) for wins in range(won, decided + 1)) / 2**decided
    return chance < CLEAR


def _harmless(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
