"""Tables of values in a notebook, and the results that the runs of a sweep are compared by."""

from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader

if TYPE_CHECKING:  # a second to import, which no lesson needs
    from nbformat import NotebookNode

MIME = "application/vnd.digitlib.results+json"
"""Type of the output that holds results as JSON; other programs show the table instead."""

_TEMPLATES = Environment(
    loader=PackageLoader("digitlib.notebooks"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


class Table(dict):
    """A table of names and values, shown on the last line of a cell.

    Examples
    --------
    >>> Table({"read right": "99 of 100", "weights": 37378})
    read right  99 of 100
    weights        37,378
    """

    def __repr__(self) -> str:
        """Return a line for each name."""
        texts = {str(name): as_text(value) for name, value in self.items()}
        widths = max(map(len, texts), default=0), max(map(len, texts.values()), default=0)
        return "\n".join(f"{name:{widths[0]}}  {text:>{widths[1]}}" for name, text in texts.items())

    def _repr_html_(self) -> str:
        rows = [(str(name).replace("_", " "), as_text(value)) for name, value in self.items()]
        return _TEMPLATES.get_template("table.html.j2").render(rows=rows)


class Results(Table):
    """A table of results, numbers and short texts, which `read_results` finds again.

    Examples
    --------
    >>> Results(accuracy=0.99, parameters=37378)
    accuracy      0.99
    parameters  37,378
    """

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict:
        return {"text/plain": repr(self), "text/html": self._repr_html_(), MIME: dict(self)}


def read_results(notebook: "NotebookNode") -> dict:
    """Collect the results that the cells of a notebook show.

    Parameters
    ----------
    notebook : NotebookNode
        A notebook that has run.

    Returns
    -------
    dict
        Numbers and texts by name; of a name that is given twice, the later one.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook, new_output
    >>> shown = new_output("execute_result", {MIME: {"accuracy": 0.99}})
    >>> read_results(new_notebook(cells=[new_code_cell("...", outputs=[shown])]))
    {'accuracy': 0.99}
    """
    results = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            results |= output.get("data", {}).get(MIME, {})
    return results


def as_text(value: object) -> str:
    """Format a value for a table.

    Numbers have thousands separators, floats four digits; what is true or not is yes or no.

    Parameters
    ----------
    value : object
        A number, a text, a truth value, or a list or dict of them.

    Returns
    -------
    str
        Plain text.

    Examples
    --------
    >>> as_text(37378), as_text(0.98765), as_text([1, 2.5]), as_text({"augmented": True})
    ('37,378', '0.9877', '1, 2.5', 'augmented: yes')
    """
    if isinstance(value, dict):
        return "; ".join(f"{name}: {as_text(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(as_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}"
    return f"{value:,}" if type(value) is int else str(value)
