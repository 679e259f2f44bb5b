"""The parameters of a notebook: what its cell tagged `parameters` assigns, and what may be set instead."""

import ast
import difflib
import io
import tokenize
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nbformat import NotebookNode

from digitlib.notebooks.files import NotebookError


class Parameter(NamedTuple):
    """A parameter of a notebook.

    Attributes
    ----------
    default : object
        The value in the notebook; None where it is computed.
    comment : str
        The comment beside it, without its sign; empty if there is none.
    """

    default: object
    comment: str = ""


def read_parameters(notebook: NotebookNode, name: str = "The notebook") -> dict[str, Parameter]:
    r"""List the parameters of a notebook.

    Papermill's own list, made by regular expressions, loses an assignment whose value or comment holds
    another ``=``, and takes a ``#`` in a text for a comment; so Python's parser reads the cell.

    Parameters
    ----------
    notebook : NotebookNode
        Any notebook.
    name : str
        The notebook's name in an error message.

    Returns
    -------
    dict of str to Parameter
        What the cell tagged `parameters` assigns, in its order.

    Raises
    ------
    NotebookError
        If the cell is not plain Python.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> source = "seed = 0  # of all randomness\nsizes = [20, 28]"
    >>> cell = new_code_cell(source, metadata={"tags": ["parameters"]})
    >>> for parameter in read_parameters(new_notebook(cells=[cell])).items():
    ...     print(parameter)
    ('seed', Parameter(default=0, comment='of all randomness'))
    ('sizes', Parameter(default=[20, 28], comment=''))
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
        tokens = tokenize.generate_tokens(io.StringIO(cell.source).readline)
        comments = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
        for statement in statements:
            if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
                continue
            default = None if isinstance(statement, ast.AugAssign) else _literal(statement.value)
            comment = comments.get(statement.end_lineno, "").lstrip("# ")
            for target in getattr(statement, "targets", None) or [statement.target]:
                if isinstance(target, ast.Name):
                    parameters[target.id] = Parameter(default, comment)
    return parameters


def refuse_unknown(names: Iterable[str], allowed: Mapping[str, Parameter], owner: str) -> None:
    """Refuse names that are no parameters.

    papermill would only warn, and run the notebook unchanged.

    Parameters
    ----------
    names : iterable of str
        The parameters to set.
    allowed : mapping of str to Parameter
        The parameters of the notebook.
    owner : str
        The notebook's name in an error message.

    Raises
    ------
    NotebookError
        If one of the names is not allowed; the message lists those that are, with their comments.

    Examples
    --------
    >>> refuse_unknown(["sede"], {"seed": Parameter(0, "of all randomness")}, "It")
    Traceback (most recent call last):
    digitlib.notebooks.files.NotebookError: It has no parameter 'sede'. Allowed: seed. Did you mean 'seed'?
      seed: of all randomness
    """
    unknown = [name for name in names if name not in allowed]
    if unknown:
        listing = ", ".join(allowed) or "none, for there is no cell tagged `parameters`"
        comments = (f"\n  {name}: {one.comment}" for name, one in allowed.items() if one.comment)
        guess = suggestion(unknown[0], allowed)
        raise NotebookError(
            f"{owner} has no parameter {unknown[0]!r}. Allowed: {listing}.{guess}{''.join(comments)}"
        )


def suggestion(word: str, allowed: Iterable[str]) -> str:
    """Return a question for the word that was probably meant.

    Parameters
    ----------
    word : str
        What is not allowed.
    allowed : iterable of str
        What is.

    Returns
    -------
    str
        Begins with a blank, to follow a sentence; empty if no word is near.

    Examples
    --------
    >>> suggestion("accurracy", ["accuracy", "seconds"]), suggestion("x", ["accuracy"])
    (" Did you mean 'accuracy'?", '')
    """
    near = difflib.get_close_matches(word, list(allowed), n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def parse_value(text: str, default: object, name: str) -> object:
    """Parse the text of a parameter as a value of the same type as its default.

    Parameters
    ----------
    text : str
        The value as text, such as an argument of a command.
    default : object
        The notebook's own value; None allows any value.
    name : str
        The parameter's name in an error message.

    Returns
    -------
    object
        The value.

    Raises
    ------
    NotebookError
        If the text is no value of that type.

    Examples
    --------
    >>> parse_value("7", 4, "digit"), parse_value("7", 0.5, "rate"), parse_value("7", "4", "label")
    (7, 7.0, '7')
    """
    return text if isinstance(default, str) else check_value(_literal(text, otherwise=text), default, name)


def check_value(value: object, default: object, name: str) -> object:
    """Return a value for a parameter if it is of the same type as its default.

    Parameters
    ----------
    value : object
        The value to set.
    default : object
        The notebook's own value; None allows any value.
    name : str
        The parameter's name in an error message.

    Returns
    -------
    object
        The value; a whole number becomes a float where the default is one.

    Raises
    ------
    NotebookError
        If the value is of another type.

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
