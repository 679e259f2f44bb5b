"""Pages of tables and small pieces of HTML, from the templates beside this module."""

import base64
import contextlib
import io
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from nbformat import NotebookNode
from PIL import Image

from digitlib.notebooks.results import as_text
from digitlib.reports.origin import origin

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
    write_whole(index, f"{render(template, origin=origin_table(now()), **values)}\n".encode())
    return index


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that it is whole or as before, whatever happens.

    The disk may be full, or this process may be ended.

    Parameters
    ----------
    path : Path
        The file.
    content : bytes
        All that it will hold.

    Raises
    ------
    OSError
        With the name of the file.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "report.html")
    >>> write_whole(path, b"<p>")
    >>> [one.name for one in path.parent.iterdir()]
    ['report.html']
    """
    unfinished = path.with_name(f"{path.name}.writing")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise OSError(error.errno, error.strerror, str(path)) from error


def now() -> str:
    """Return the date and time of now, to the minute, as in "2031-05-06 14:07 UTC".

    Examples
    --------
    >>> len(now())
    20
    """
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")


def origin_table(date: str, parameters: Mapping[str, object] = MappingProxyType({})) -> str:
    """Render a table of what a report was made from and with.

    Parameters
    ----------
    date : str
        When it was made.
    parameters : mapping of str
        The parameters of a run.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> "seed: 7" in origin_table(now(), {"seed": 7})
    True
    """
    rows = [(name, value if isinstance(value, str) else repr(value)) for name, value in parameters.items()]
    return render("origin", rows=[*rows, ("date", date), *origin().items()])


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
