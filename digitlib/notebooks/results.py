"""What a report found: shown as a table in its notebook, and read again by whoever compares many runs."""

from html import escape

from nbformat import NotebookNode

MIME = "application/vnd.digitlib.results+json"


class Facts(dict):
    """Names and what is to be said of each, shown as a table on the last line of a cell.

    Examples
    --------
    >>> Facts({"read right": "99 of 100", "weights": 37378})
    read right  99 of 100
    weights        37,378
    """

    def __repr__(self):
        """A line for each name."""
        values = {str(name): _written(value) for name, value in self.items()}
        widths = max(map(len, values), default=0), max(map(len, values.values()), default=0)
        return "\n".join(f"{name:{widths[0]}}  {value:>{widths[1]}}" for name, value in values.items())

    def _repr_html_(self):
        rows = (
            f'<tr><th scope="row" style="text-align: left">{escape(str(name).replace("_", " "))}</th>'
            f'<td style="text-align: left">{escape(_written(value))}</td></tr>'
            for name, value in self.items()
        )
        return f"<table><tbody>\n{chr(10).join(rows)}\n</tbody></table>"


class Results(Facts):
    """Facts that the runs of a sweep are compared by: numbers and short texts, kept for `read_results`.

    Examples
    --------
    >>> Results(accuracy=0.99, parameters=37378)
    accuracy      0.99
    parameters  37,378
    """

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/plain": repr(self), "text/html": self._repr_html_(), MIME: dict(self)}


def read_results(notebook: NotebookNode) -> dict:
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


def _written(value) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_written(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(map(_written, value))
    if isinstance(value, float):
        return f"{value:,.4g}"
    return f"{value:,}" if type(value) is int else str(value)
