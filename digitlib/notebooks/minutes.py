"""How long a lesson takes to read: counted, not guessed."""

import re

from nbformat import NotebookNode

WORDS_A_MINUTE = 150
"""Slow reading: these texts explain something new in every sentence."""
SECONDS = {"line": 8, "prediction": 45, "question": 60, "figure": 30}
"""For a line of code, a prediction before a cell, a multiple-choice question, a figure."""
ROUNDED_TO = 5
"""Minutes are said in steps of so many."""
_LEFT_OUT = re.compile(r"(exercise|check|solution|try|teacher)-|recap|references")
"""Cells that are no reading: they count as exercises, or are there to look something up."""


def reading_minutes(notebook: NotebookNode) -> int:
    """Count how many minutes a lesson takes without its exercises.

    Parameters
    ----------
    notebook : NotebookNode
        A lesson with its outputs.

    Returns
    -------
    int
        Minutes, rounded to `ROUNDED_TO`; at least that.

    Examples
    --------
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> reading_minutes(new_notebook(cells=[new_markdown_cell("word " * 1200)]))
    10
    """
    words = seconds = 0
    for cell in notebook.cells:
        if _LEFT_OUT.match(cell.get("id", "")):
            continue
        if cell.cell_type == "code":
            seconds += SECONDS["line"] * sum(bool(line.strip()) for line in cell.source.splitlines())
            seconds += SECONDS["figure"] * sum(
                "image/png" in output.get("data", {}) for output in cell.outputs
            )
        elif cell.get("id", "").startswith("question-"):
            seconds += SECONDS["question"]
        else:
            words += len(re.findall(r"[^\W_]+", re.sub(r"\]\([^)]*\)", "]", cell.source)))
            seconds += SECONDS["prediction"] * cell.source.count("**Predict.**")
    minutes = words / WORDS_A_MINUTE + seconds / 60
    return max(ROUNDED_TO, ROUNDED_TO * round(minutes / ROUNDED_TO))
