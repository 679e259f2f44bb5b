"""The notebooks of the series as files: where they lie, and reading one."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from digitlib.data import bundled_folder

NOTEBOOKS = bundled_folder("notebooks")
"""Folder of the lessons; projects and the templates of reports lie in projects/ and reports/ below it."""

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
"""Type of the output of a widget; it shows something only where a kernel runs."""


class NotebookError(ValueError):
    """A notebook or a request cannot be used; the message lists what is allowed."""


def lesson_files() -> list[Path]:
    """List the lessons.

    Returns
    -------
    list of Path
        The notebooks of the series, in order.

    Raises
    ------
    NotebookError
        If the folder notebooks/ is not where it lies in the repository.

    Examples
    --------
    >>> lesson_files()[0].parent.name
    'notebooks'
    """
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    if not paths:
        raise NotebookError(f"There are no notebooks in {NOTEBOOKS}. Get them back from the repository.")
    return paths


def project_files() -> list[Path]:
    """List the project lessons, which stand behind the series.

    Returns
    -------
    list of Path
        The notebooks in notebooks/projects/, in order.

    Examples
    --------
    >>> "own_digits" in [path.stem for path in project_files()]
    True
    """
    return sorted(NOTEBOOKS.glob("projects/*.ipynb"))


def template_files() -> list[Path]:
    """List the templates: notebooks that are only there to be reported.

    Returns
    -------
    list of Path
        The notebooks in notebooks/reports/, in order.

    Examples
    --------
    >>> [path.stem for path in template_files()]
    ['model_report', 'own_digits', 'training_report']
    """
    return sorted(NOTEBOOKS.glob("reports/*.ipynb"))


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook from a file.

    Parameters
    ----------
    path : Path
        An .ipynb file.

    Returns
    -------
    NotebookNode
        The notebook, in version 4 of the format.

    Raises
    ------
    NotebookError
        If the file cannot be read or holds no notebook.

    Examples
    --------
    >>> read_notebook(lesson_files()[0]).nbformat
    4
    """
    if path.suffix != ".ipynb":
        raise NotebookError(f"{path} is not a Jupyter notebook. Allowed are .ipynb files.")
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except OSError as error:
        raise NotebookError(f"{path} cannot be read: {error.strerror}.") from error
    except Exception as error:  # nbformat raises many types of exceptions for files that are no notebooks
        raise NotebookError(f"{path} is not a Jupyter notebook: it is damaged, or something else.") from error
    return notebook
