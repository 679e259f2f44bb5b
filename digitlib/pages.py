"""Pages for the browser: a notebook that has run, and the list of all runs of a report.

A page stands alone: it loads nothing from elsewhere, so it opens without the internet and can be passed on.
"""

from collections.abc import Iterable
from html import escape
from pathlib import Path
from urllib.parse import quote

from nbconvert import HTMLExporter
from nbformat import NotebookNode

# nbconvert's page in the style of JupyterLab, without what it would load, and with the figures' alt texts.
_TEMPLATE = """\
{%- extends 'index.html.j2' -%}
{%- block html_head_js_requirejs -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block data_png scoped -%}
{%- set alt = output | get_metadata("alt", "image/png") -%}
{{ super() | replace("<img ", '<img alt="%s" ' | format(alt | escape_html) if alt else "<img ") }}
{%- endblock -%}
"""

_INDEX = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Report {name}</title>
<style>
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ padding: 0.4rem 0.8rem 0.4rem 0; border-bottom: 1px solid #ccc; }}
th, td {{ text-align: left; vertical-align: top; }}
.failed {{ color: #a00; }}
</style>
</head>
<body>
<main>
<h1>Report {name}</h1>
<p>Parameters in bold were set for this run, the others are the notebook's own.</p>
<table>
<thead>
<tr><th scope="col">Notebook</th><th scope="col">Parameters</th><th scope="col">Result</th></tr>
</thead>
<tbody>
{rows}
</tbody>
</table>
</main>
</body>
</html>
"""


def notebook_page(notebook: NotebookNode, path: Path, code: bool = True) -> str:
    """Render a notebook that has run.

    Pictures become part of the page.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook with its outputs.
    path : Path
        Where it comes from: gives the page its title, and pictures that it names are looked for there.
    code : bool
        Whether to show the code, or only the text and the outputs.

    Returns
    -------
    str
        A whole HTML page.
    """
    exporter = HTMLExporter(
        raw_template=_TEMPLATE,
        embed_images=True,
        exclude_input=not code,
        exclude_input_prompt=not code,
        exclude_output_prompt=not code,
    )
    place = {"name": path.stem, "path": str(path.resolve().parent)}
    return exporter.from_notebook_node(notebook, {"metadata": place})[0]


def index_page(name: str, runs: Iterable[tuple[Path, dict]]) -> str:
    """Render the list of all runs of a report.

    Parameters
    ----------
    name : str
        What the report is called.
    runs : iterable of (Path, dict)
        Each notebook that has run, its page lying beside it, and what `digitlib.reports` noted in it.

    Returns
    -------
    str
        A whole HTML page, with links to the notebooks and their pages.
    """
    rows = "\n".join(_row(path, run) for path, run in runs)
    return _INDEX.format(name=escape(name), rows=rows)


def _row(path: Path, run: dict) -> str:
    page, notebook = (quote(path.with_suffix(suffix).name) for suffix in (".html", ".ipynb"))
    parameters = []
    for parameter in run["parameters"]:
        text = escape(f"{parameter['name']} = {parameter['value']}")
        parameters.append(f"<strong>{text}</strong>" if parameter["changed"] else text)
    result = f"{run['seconds']:.0f} s"
    if run["error"]:
        result = f'<span class="failed">failed: {escape(run["error"])}</span>'
    return (
        f'<tr><th scope="row"><a href="{page}">{escape(path.stem)}</a> '
        f'(<a href="{notebook}">notebook</a>)</th>'
        f"<td>{'<br>'.join(parameters)}</td><td>{result}</td></tr>"
    )
