"""Pages of tables and small pieces of HTML, from the templates beside this module."""

import base64
import io
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from nbformat import NotebookNode
from PIL import Image

from digitlib.notebooks.results import as_text

INDEX = "index.html"
"""The page that lists what a folder of reports holds."""

THUMBNAIL = 240
"""Width of a small figure in a list, in pixels: five stand side by side on a laptop."""


def render(template: str, **values: object) -> str:
    """Render a template with values; every text among them is escaped.

    Parameters
    ----------
    template : str
        Name of a file in templates/, without its ending .html.j2.
    **values
        The names that it uses.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> render("failed", error="<script>")
    '<p style="color: #a00"><strong>This run failed.</strong> &lt;script&gt;</p>'
    """
    return _TEMPLATES.get_template(f"{template}.html.j2").render(values)


def write_page(folder: Path, template: str, **values: object) -> Path:
    """Write the page of a folder of reports.

    Parameters
    ----------
    folder : Path
        The folder.
    template : str
        Name of the template, as in `render`.
    **values
        The names that it uses.

    Returns
    -------
    Path
        The page, index.html.
    """
    index = folder / INDEX
    index.write_text(render(template, **values) + "\n", encoding="utf-8", newline="\n")
    return index


def thumbnails(notebook: NotebookNode) -> list[tuple[str, bytes]]:
    """Shrink the figures of a notebook.

    Parameters
    ----------
    notebook : NotebookNode
        A notebook that has run.

    Returns
    -------
    list of (str, bytes)
        The alt text of each figure, and a PNG of `THUMBNAIL` pixels in width.
    """
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [_thumbnail(output) for output in outputs if "image/png" in output.get("data", {})]


def is_number(value: object) -> bool:
    """Return whether a value is a number, which True and False are not.

    Examples
    --------
    >>> is_number(0.5), is_number(True), is_number("1")
    (True, False, False)
    """
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _thumbnail(output: NotebookNode) -> tuple[str, bytes]:
    alt = output.get("metadata", {}).get("image/png", {}).get("alt", "")
    with Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))) as image:
        small, drawn = image.convert("RGB"), io.BytesIO()
    small.thumbnail((THUMBNAIL, 10 * THUMBNAIL))
    small.quantize(64).save(drawn, "PNG", optimize=True)
    return alt, drawn.getvalue()


def _png_address(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


_TEMPLATES = Environment(
    loader=PackageLoader("digitlib.reports"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_TEMPLATES.filters |= {"as_text": as_text, "png_address": _png_address}
_TEMPLATES.tests["numeric"] = is_number
