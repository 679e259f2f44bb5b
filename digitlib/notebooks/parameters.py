"""The parameters of a notebook: what its cell tagged `parameters` assigns, and what may be set instead."""

import ast
from collections.abc import Collection, Iterable

from nbformat import NotebookNode

from digitlib.notebooks.files import NotebookError


def default_parameters(notebook: NotebookNode, name: str = "The notebook") -> dict:
    r"""List what the cell tagged `parameters` assigns.

    Parameters
    ----------
    notebook : NotebookNode
        Any notebook.
    name : str
        What an error message calls it.

    Returns
    -------
    dict
        The value of each parameter, in the order of the cell; None for one that is computed.

    Raises
    ------
    NotebookError
        If the cell is not plain Python.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> cell = new_code_cell("seed = 0\nsizes = [20, 28]", metadata={"tags": ["parameters"]})
    >>> default_parameters(new_notebook(cells=[cell]))
    {'seed': 0, 'sizes': [20, 28]}
    """
    parameters = {}
    for cell in notebook.cells:
        if cell.cell_type != "code" or "parameters" not in cell.metadata.get("tags", []):
            continue
        try:
            statements = ast.parse(cell.source).body
        except SyntaxError as error:
            raise NotebookError(
                f"{name}: the cell of the parameters is not plain Python: {error}."
            ) from error
        for statement in statements:
            targets = getattr(statement, "targets", [getattr(statement, "target", None)])
            for target in targets:
                if isinstance(target, ast.Name):
                    parameters[target.id] = _literal(statement.value)
    return parameters


def refuse_unknown(names: Iterable[str], allowed: Collection[str], who: str) -> None:
    """Refuse names that are no parameters; papermill would only warn, and run the notebook unchanged.

    Parameters
    ----------
    names : iterable of str
        The parameters that somebody wants to set.
    allowed : collection of str
        Those that there are.
    who : str
        What the error message calls the notebook.

    Raises
    ------
    NotebookError
        If one of the names is not allowed; the message lists those that are.

    Examples
    --------
    >>> refuse_unknown(["sede"], ["seed", "digit"], "01.ipynb")
    Traceback (most recent call last):
    digitlib.notebooks.files.NotebookError: 01.ipynb has no parameter 'sede'. Allowed: seed, digit.
    """
    unknown = [name for name in names if name not in allowed]
    if unknown:
        listing = ", ".join(allowed) or "none, for there is no cell tagged `parameters`"
        raise NotebookError(f"{who} has no parameter {unknown[0]!r}. Allowed: {listing}.")


def parse_value(text: str, default: object, name: str) -> object:
    """Read a parameter's text as a value of the same kind as its default.

    Parameters
    ----------
    text : str
        What somebody typed.
    default : object
        The notebook's own value; None allows any value.
    name : str
        What an error message calls the parameter.

    Returns
    -------
    object
        The value.

    Raises
    ------
    NotebookError
        If the text is no value of that kind.

    Examples
    --------
    >>> parse_value("7", 4, "digit"), parse_value("7", 0.5, "rate"), parse_value("7", "4", "label")
    (7, 7.0, '7')
    """
    if isinstance(default, str):
        return text
    value = _literal(text, otherwise=text)
    return check_value(value, default, name)


def check_value(value: object, default: object, name: str) -> object:
    """Accept a value for a parameter only if it is of the same kind as its default.

    Parameters
    ----------
    value : object
        What somebody wants to set.
    default : object
        The notebook's own value; None allows any value.
    name : str
        What an error message calls the parameter.

    Returns
    -------
    object
        The value; a whole number becomes a float where the default is one.

    Raises
    ------
    NotebookError
        If the value is of another kind.

    Examples
    --------
    >>> check_value(7, 0.5, "rate")
    7.0
    """
    if type(value) is int and type(default) is float:
        value = float(value)
    if default is not None and type(value) is not type(default):
        raise NotebookError(f"{name} cannot be {value!r}. Allowed is a value such as {default!r}.")
    return value


def _literal(expression: ast.expr | str | None, otherwise: object = None) -> object:
    try:
        return ast.literal_eval(expression)
    except (ValueError, SyntaxError):
        return otherwise
