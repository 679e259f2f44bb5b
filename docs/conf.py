"""Settings of the site that `make site` builds; scripts/build_site.py puts its pages together."""

import json
from pathlib import Path

from docutils import nodes
from latex2mathml.converter import convert

project = "digitlib"
copyright = "the digitlib authors. Text and figures CC BY-SA 4.0, code MIT"
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc"]
exclude_patterns = ["download"]
suppress_warnings = ["myst.header"]  # a cell of a notebook may begin at any level

html_theme = "pydata_sphinx_theme"
html_title = "digitlib"
html_copy_source = False
html_static_path = ["theme"]
html_css_files = ["site.css"]
html_context = {"default_mode": "auto"}  # light or dark, as the visitor's system is
html_theme_options = {
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_prev_next": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_math_renderer = "mathml"

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # the lessons as they are stored
nb_ipywidgets_js = {}  # it would come from another host, and nothing here is live

numpydoc_show_class_members = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the sections of the docstrings say it in words
autodoc_default_options = {
    "members": True,
    "exclude-members": "set, Cells",  # what matplotlib adds to a figure; a name for a type
}


def describe_pictures(app, doctree):
    """Give each picture among a notebook's outputs the alt text that is stored with it."""
    source = Path(app.env.doc2path(app.env.docname))
    if source.suffix != ".ipynb":
        return
    outputs = [
        output["metadata"]["image/png"]["alt"]
        for cell in json.loads(source.read_text(encoding="utf-8"))["cells"]
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    pictures = [
        picture
        for part in doctree.findall(nodes.container)
        if "cell_output" in part["classes"]
        for picture in part.findall(nodes.image)
    ]
    for picture, alt in zip(pictures, outputs, strict=True):
        picture["alt"] = alt


def name_empty_heads(app, doctree):
    """Give the corner of a table, which is empty, a word for those who hear the page."""
    for head in doctree.findall(nodes.thead):
        for entry in head.findall(nodes.entry):
            if not entry.astext().strip():
                entry.children = [nodes.inline("", "Row", classes=["visually-hidden"])]


def name_language(app, pagename, templatename, context, doctree):
    """Tell the browser, and who hears the page, that handout.de is German."""
    ending = pagename.rpartition(".")[2]
    if pagename.startswith("docs/") and ending in ("de", "es", "fr"):
        context["language"] = ending


def write_formula(translator, node):
    """Write a formula as MathML, which browsers draw without a script."""
    display = "block" if isinstance(node, nodes.math_block) else "inline"
    translator.body.append(convert(node.astext(), display=display))
    raise nodes.SkipNode


def setup(app):
    """Register the functions above."""
    app.connect("doctree-read", describe_pictures)
    app.connect("doctree-read", name_empty_heads)
    app.connect("html-page-context", name_language)
    app.add_html_math_renderer("mathml", (write_formula, None), (write_formula, None))
