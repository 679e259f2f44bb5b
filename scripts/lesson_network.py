"""Train the network of lesson 3 as the lesson does, and store it as the copy that digitlib ships.

    python scripts/lesson_network.py

It runs the lesson up to the cell that saves the network. Lessons 5 and 6 take the copy where nobody has run
lesson 3.
"""

import os
import shutil
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from digitlib.notebooks.own_network import SHIPPED

LESSON = Path(__file__).resolve().parents[1] / "notebooks" / "03_train_a_cnn.ipynb"
SAVING = "save-code"
"""The cell of the lesson that saves the network."""
KEPT = "digits.npz", "model_card.json"
"""Lessons 5 and 6 need no more; the .keras file would double the size."""


def main() -> None:
    """Run the cells of the lesson in order, and copy what it saved."""
    lesson = nbformat.read(LESSON, as_version=4)
    last = [cell.id for cell in lesson.cells].index(SAVING)
    lesson.cells = lesson.cells[: last + 1]
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["DIGITLIB_RUNS"] = scratch  # the kernel inherits it
        resources = {"metadata": {"path": str(LESSON.parent)}}
        NotebookClient(lesson, kernel_name="python3", timeout=600, resources=resources).execute()
        SHIPPED.mkdir(exist_ok=True)
        for name in KEPT:
            shutil.copyfile(Path(scratch, "lesson", name), SHIPPED / name)
            print(SHIPPED / name)


if __name__ == "__main__":
    main()
