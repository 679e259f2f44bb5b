"""Pages of notebooks that have run: for the browser, and on paper.

A page stands alone: it loads nothing from elsewhere, so it opens without the internet and can be passed on.
"""

import base64
import io
import os
import shutil
import subprocess
from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import matplotlib
from jinja2 import pass_context
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from digitlib.reports.html import render
from digitlib.reports.scratch import scratch_folder

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "chrome",
    "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
"""Programs that print a page as PDF, by name or by place; the first that is installed does it."""

PRINT_SECONDS = 120
"""Most seconds that printing a page may take; a lesson takes about two."""

_TEMPLATE = Path(__file__).with_name("templates") / "notebook.html.j2"


class PrintError(RuntimeError):
    """A page that could not be printed; the message says why in a line."""


def notebook_page(
    notebook: NotebookNode, path: Path, code: bool = True, neighbors: Collection[str] = ()
) -> str:
    """Render a notebook that has run as an HTML page.

    Pictures and formulas become part of the page.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook with its outputs.
    path : Path
        Its file: gives the page its title, and the folder of pictures that its prose shows.
    code : bool
        Whether to show the code, or only the text and the outputs.
    neighbors : collection of str
        File names of notebooks whose pages will lie beside this one. Links to them lead to their pages; of
        links to other files only the words stay.

    Returns
    -------
    str
        A whole HTML page.

    Examples
    --------
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> page = notebook_page(new_notebook(cells=[new_markdown_cell("# Hello")]), Path("one.ipynb"))
    >>> "<title>one</title>" in page
    True
    """
    exporter = _Exporter(
        neighbors,
        raw_template=_TEMPLATE.read_text(encoding="utf-8"),
        embed_images=True,
        exclude_input=not code,
        exclude_input_prompt=not code,
        exclude_output_prompt=not code,
    )
    place = {"name": path.stem, "path": str(path.resolve().parent)}
    return exporter.from_notebook_node(notebook, {"metadata": place})[0]


def print_page(page: str) -> bytes:
    """Print a page as PDF, with the browser that is installed.

    Parameters
    ----------
    page : str
        A whole HTML page that stands alone.

    Returns
    -------
    bytes
        The PDF file.

    Raises
    ------
    PrintError
        If no browser is installed, or it fails.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        raise PrintError("neither Chromium nor Chrome nor Edge is installed")
    with scratch_folder() as scratch:
        source, target = Path(scratch, "page.html"), Path(scratch, "page.pdf")
        source.write_text(page, encoding="utf-8", newline="\n")
        command = [browser, "--headless", "--disable-gpu", "--no-pdf-header-footer"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--no-sandbox")  # as root, Chromium does not start with its sandbox
        command += [f"--user-data-dir={scratch}", f"--print-to-pdf={target}", source.as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PRINT_SECONDS)
        except OSError as error:
            raise PrintError(f"{browser} cannot be started: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise PrintError(f"{browser} took longer than {PRINT_SECONDS} seconds") from error
        if not target.exists():
            raise PrintError(f"{browser} made none (exit status {done.returncode})")
        return target.read_bytes()


class _Exporter(HTMLExporter):
    """nbconvert's exporter, with formulas and links for pages that stand alone."""

    def __init__(self, neighbors: Collection[str], **settings: object) -> None:
        self._neighbors = neighbors
        super().__init__(**settings)

    @pass_context
    def markdown2html(self, context, source: str) -> str:
        attachments = context.get("cell", {}).get("attachments", {})
        path = context.get("resources", {}).get("metadata", {}).get("path", "")
        renderer = _Renderer(escape=False, attachments=attachments, embed_images=True, path=path)
        renderer.neighbors = self._neighbors
        return MarkdownWithMath(renderer=renderer).render(source)


class _Renderer(IPythonRenderer):
    """Markdown to HTML: formulas as pictures, links only where they lead somewhere."""

    neighbors: Collection[str] = ()

    def inline_math(self, body: str) -> str:
        return _formula(body)

    def block_math(self, body: str) -> str:
        return f'<p style="text-align: center">{_formula(body)}</p>'

    def block_html(self, html: str) -> str:
        # To embed pictures nbconvert parses each piece of HTML, and so closes what a later piece of the cell
        # is to close: answers would stand outside of their <details>.
        return super().block_html(html) if "<img" in html else f"{html}\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        address = urlsplit(url)
        if not (address.scheme or address.netloc) and address.path:
            target = unquote(address.path)
            if target not in self.neighbors:
                return text
            url = quote(Path(target).with_suffix(".html").name)
            url += f"#{address.fragment}" if address.fragment else ""
        return super().link(text, url, title)


@matplotlib.rc_context({"svg.hashsalt": "digitlib"})  # the same formula, the same bytes
def _formula(tex: str) -> str:
    r"""Draw a formula as part of the page, with its TeX as alt text; what matplotlib cannot draw stays TeX.

    Examples
    --------
    >>> _formula(r"-\log p")[:48]
    '<img class="formula" alt="-\\log p" style="vertic'
    """
    simple, letters = " ".join(tex.split()), FontProperties(size=12)
    try:
        width, height, depth, *_ = MathTextParser("path").parse(f"${simple}$", 72, letters)
    except ValueError:
        return render("formula", tex=simple, svg="")
    figure, drawn = Figure(figsize=(width / 72, height / 72)), io.BytesIO()
    figure.text(0, depth / height, f"${simple}$", fontproperties=letters)
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    svg = base64.b64encode(drawn.getvalue()).decode("ascii")
    return render("formula", tex=simple, depth=f"{depth:.1f}", svg=svg)
