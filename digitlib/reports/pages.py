"""Pages of notebooks that have run: for the browser, and on paper.

A page stands alone: it loads nothing from elsewhere, so it opens without the internet and can be passed on.
"""

import base64
import io
import shutil
import subprocess
import tempfile
from collections.abc import Collection
from html import escape
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

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
"""Programs that print a page as PDF; the first that is installed does it."""

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
{%- block html_head_css -%}
{{ super() }}
<style>
main { max-width: 64rem; margin: 0 auto; }
.jp-RenderedImage img, .jp-RenderedHTMLCommon img { max-width: 100%; height: auto; }
.jp-RenderedHTMLCommon table { margin-left: 0; }
@media print {
  body.jp-Notebook { font-size: 11pt; }
  img, table, pre, details { break-inside: avoid; }
  h1, h2, h3 { break-after: avoid; }
}
</style>
{%- endblock -%}
"""


def notebook_page(
    notebook: NotebookNode, path: Path, code: bool = True, neighbors: Collection[str] = ()
) -> str:
    """Render a notebook that has run.

    Pictures and formulas become part of the page.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook with its outputs.
    path : Path
        Where it comes from: gives the page its title, and pictures that it names are looked for there.
    code : bool
        Whether to show the code, or only the text and the outputs.
    neighbors : collection of str
        File names of notebooks whose pages will lie beside this one. Links to them lead to their pages; links
        to other files lead nowhere from here, so their words stay without a link.

    Returns
    -------
    str
        A whole HTML page.
    """
    exporter = _Exporter(
        neighbors,
        raw_template=_TEMPLATE,
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
        The PDF file; empty where there is no Chromium or Chrome, or it fails.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        return b""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        source, target = Path(scratch, "page.html"), Path(scratch, "page.pdf")
        source.write_text(page, encoding="utf-8", newline="\n")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={scratch}", f"--print-to-pdf={target}", source.as_uri()]
        try:
            subprocess.run(command, capture_output=True, timeout=120)
        except (OSError, subprocess.TimeoutExpired):
            return b""
        return target.read_bytes() if target.exists() else b""


class _Exporter(HTMLExporter):
    """nbconvert's exporter, with formulas and links for pages that stand alone."""

    def __init__(self, neighbors: Collection[str], **settings):
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
        return f"<code>{escape(simple)}</code>"
    figure, drawn = Figure(figsize=(width / 72, height / 72)), io.BytesIO()
    figure.text(0, depth / height, f"${simple}$", fontproperties=letters)
    figure.savefig(drawn, format="svg", metadata={"Date": None})
    data = base64.b64encode(drawn.getvalue()).decode("ascii")
    return (
        f'<img class="formula" alt="{escape(simple)}" style="vertical-align: {-depth:.1f}pt" '
        f'src="data:image/svg+xml;base64,{data}">'
    )
