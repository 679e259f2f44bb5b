"""Reports: parameters reach the notebook, failures are named, pages load nothing, names stay in place."""

import json
import re
import sys
from html.parser import HTMLParser

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from digitlib import reports
from digitlib.pages import notebook_page
from digitlib.parameters import default_parameters, parse_value
from digitlib.reports import plan, report_folder, run_report, write_index
from digitlib.series import NotebookError, lesson_files, read_notebook

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB9HFkpgAAAABJRU5ErkJggg=="


def parameters_cell(source="seed = 0\nlabel = 'a'\nrate = 0.5"):
    return new_code_cell(source, id="parameters", metadata={"tags": ["parameters"]})


def write(path, *cells):
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def printed(notebook):
    return "".join(
        output.text for cell in notebook.cells for output in cell.get("outputs", []) if "text" in output
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three real runs, while another kernel of the same name, which does not start, is installed."""
    root = tmp_path_factory.mktemp("reports")
    kernel = root / "jupyter" / "kernels" / "python3" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    spec = {"argv": [str(root / "no_python"), "{connection_file}"], "display_name": "", "language": "python"}
    kernel.write_text(json.dumps(spec), encoding="utf-8")
    good = write(
        root / "notebooks" / "good.ipynb",
        new_markdown_cell("# Good\nSee [the web](https://example.org) and $a^2$."),
        parameters_cell(),
        new_code_cell("import os, sys\nprint(seed * 2, label, os.path.basename(os.getcwd()))"),
        new_code_cell("print(sys.executable)"),
        new_code_cell("1 / 0", id="allowed", metadata={"tags": ["raises-exception"]}),
        new_code_cell("import ipywidgets\nipywidgets.IntSlider()", id="slider"),
        new_code_cell("print('to the end')"),
    )
    bad = write(
        root / "notebooks" / "bad.ipynb",
        parameters_cell(),
        new_code_cell("1 / 0", id="allowed", metadata={"tags": ["raises-exception"]}),
        new_markdown_cell("Prose."),
        new_code_cell("raise ValueError('no <b>good</b>\\nat all')", id="broken"),
        new_code_cell("print('never')"),
    )
    dead = write(root / "notebooks" / "dead.ipynb", new_code_cell("import os\nos._exit(3)", id="killer"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(root / "jupyter"))
        yield {
            "good": run_report(good, {"seed": 21}, root / "out"),
            "bad": run_report(bad, {"seed": 5, "label": "x < y"}, root / "out"),
            "dead": run_report(dead, {}, root / "out"),
            "index": write_index(root / "out").read_text(encoding="utf-8"),
            "original": good,
        }


# --- running ------------------------------------------------------------------------------------------------


def test_parameters_reach_the_notebook_which_runs_in_its_folder(folder):
    notebook = nbformat.read(folder["good"].notebook, as_version=4)
    assert "42 a notebooks\n" in printed(notebook)
    assert "to the end" in printed(notebook)
    assert folder["good"].error == ""


def test_runs_by_this_python_whatever_kernel_is_installed(folder):
    assert sys.executable in printed(nbformat.read(folder["good"].notebook, as_version=4))


def test_the_source_stays_as_it_was(folder):
    assert printed(nbformat.read(folder["original"], as_version=4)) == ""


def test_failure_names_cell_and_error_and_stops_there(folder):
    assert folder["bad"].error == "cell 4 (broken): ValueError: no <b>good</b> at all"
    notebook = nbformat.read(folder["bad"].notebook, as_version=4)
    assert "never" not in printed(notebook)
    assert "This run failed." in notebook.cells[0].source
    assert "no &lt;b&gt;good" in notebook.cells[0].source


def test_an_error_that_the_notebook_allows_is_no_failure(folder):
    text = folder["good"].notebook.read_text(encoding="utf-8")
    assert "ZeroDivisionError" in text
    assert "papermill-error" not in text
    assert "This run failed" not in text


def test_a_kernel_that_dies_is_a_failure_of_the_cell(folder):
    assert folder["dead"].error.startswith("cell 1 (killer): ")
    assert folder["dead"].page.exists()


def test_result_holds_no_widget_state_and_no_path_of_papermill(folder):
    notebook = nbformat.read(folder["good"].notebook, as_version=4)
    assert not {"widgets", "papermill"} & set(notebook.metadata)
    slider = next(cell for cell in notebook.cells if cell.id == "slider")
    assert "running notebook" in slider.outputs[0].data["text/html"]
    assert list(slider.outputs[0].data) == ["text/html"]


def test_unknown_parameter_is_refused_with_those_allowed(tmp_path):
    path = write(tmp_path / "one.ipynb", parameters_cell())
    with pytest.raises(NotebookError, match=r"one\.ipynb has no parameter 'sede'. Allowed: seed, label"):
        run_report(path, {"sede": 1}, tmp_path / "out")
    bare = write(tmp_path / "bare.ipynb", new_code_cell("seed = 0"))
    with pytest.raises(NotebookError, match="Allowed: none"):
        run_report(bare, {"seed": 1}, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_report_replaces_neither_its_source_nor_its_list(tmp_path):
    path = write(tmp_path / "one.ipynb")
    before = path.read_bytes()
    with pytest.raises(NotebookError, match="would replace it"):
        run_report(path, {}, tmp_path)
    with pytest.raises(NotebookError, match="one name"):
        run_report(write(tmp_path / "index.ipynb"), {}, tmp_path / "out")
    assert path.read_bytes() == before


# --- pages --------------------------------------------------------------------------------------------------


class Loaded(HTMLParser):
    """What a browser would fetch to show a page."""

    CALLS = r"(?:\burl\(|@import|\bimport\(|\bfrom)"
    ADDRESS = r"((?:https?:|//|[\w./-]+\.\w+\b)[^\"')\s]*)"

    def __init__(self, html):
        super().__init__()
        self.addresses = re.findall(rf"{self.CALLS}\s*[\"']?{self.ADDRESS}", html)
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            loads = name in ("src", "srcset", "data", "poster") or (name == "href" and tag != "a")
            if loads and not value.startswith(("data:", "#")):
                self.addresses.append(value)


@pytest.mark.parametrize(
    "part",
    [
        '<script src="a.js"></script>',
        '<link href="a.css">',
        '<img src="a.png">',
        '<style>@import "a.css";</style>',
        "<style>p { background: url(a.png) }</style>",
        "<script>await import('https://example.org/a')</script>",
        "<script>import a from '//example.org/a'</script>",
    ],
)
def test_loaded_finds_what_pages_load(part):
    assert len(Loaded(part).addresses) == 1
    assert Loaded('<img src="data:image/png;base64,AA"><a href="https://example.org">').addresses == []


@pytest.mark.parametrize("name", ["good", "bad"])
def test_pages_load_nothing(folder, name):
    assert Loaded(folder[name].page.read_text(encoding="utf-8")).addresses == []


def test_page_of_a_notebook_with_everything_loads_nothing(tmp_path):
    (tmp_path / "pixel.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": {}, "version_major": 2}}
    notebook = new_notebook(metadata={"widgets": widgets})
    image = new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": "A dot."}})
    notebook.cells = [
        new_markdown_cell("![A dot.](pixel.png) $$x^2$$\n```mermaid\ngraph\n```"),
        new_code_cell("secret_code()", outputs=[image], execution_count=1),
    ]
    page = notebook_page(notebook, tmp_path / "all.ipynb")
    assert Loaded(page).addresses == []
    assert not re.search("unpkg|cdnjs|jsdelivr", page), "scripts also fetch what no tag names"
    assert page.count('src="data:image/png;base64') == 2
    assert page.count('alt="A dot."') == 2
    assert "<title>all</title>" in page


def test_page_of_a_template_shows_no_code(tmp_path):
    stream = new_output("stream", text="shown")
    notebook = new_notebook(cells=[new_code_cell("secret = 1", outputs=[stream], execution_count=1)])
    with_code, without = (notebook_page(notebook, tmp_path / "a.ipynb", code) for code in (True, False))
    assert "secret" in with_code
    assert "In\xa0[1]" in with_code
    assert "secret" not in without
    assert "[1]" not in without
    assert "shown" in without


def test_templates_are_known_by_their_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(
        reports.papermill,
        "execute_notebook",
        lambda source, target, *_, **__: target.write_bytes(source.read_bytes()),
    )
    for place, shown in (("reports", False), ("notebooks", True)):
        path = write(tmp_path / place / "one.ipynb", new_code_cell("visible_code"))
        page = run_report(path, {}, tmp_path / "out").page
        assert ("visible_code" in page.read_text(encoding="utf-8")) == shown


def test_index_lists_runs_parameters_and_links(folder):
    assert Loaded(folder["index"]).addresses == []
    for name in ("good", "bad", "dead"):
        assert f'href="{name}.html"' in folder["index"]
        assert f'href="{name}.ipynb"' in folder["index"]
    assert "<strong>seed = 21</strong><br>label = &#x27;a&#x27;<br>rate = 0.5" in folder["index"]
    assert "x &lt; y" in folder["index"]
    assert "failed: cell 4 (broken): ValueError: no &lt;b&gt;good" in folder["index"]
    assert folder["index"].count("failed:") == 2


def test_index_passes_over_what_is_no_run(tmp_path):
    write(tmp_path / "mine.ipynb", new_code_cell("1"))
    (tmp_path / "half.ipynb").write_text("{", encoding="utf-8")
    index = write_index(tmp_path).read_text(encoding="utf-8")
    assert "mine" not in index
    assert "half" not in index


# --- what to run --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        ".",
        "..",
        "../x",
        "a/b",
        "a\\b",
        "/tmp/x",
        "C:x",
        "a/../../b",
        "-x",
        ".x",
        "x.",
        "a\nb",
        "x\0",
    ],
)
def test_names_that_lead_elsewhere_are_refused(name):
    with pytest.raises(NotebookError, match="Allowed are letters and digits"):
        report_folder(name)


@pytest.mark.parametrize("name", ["x", "seed 5", "2024-05-01", "v1.2_final", "Größe"])
def test_harmless_names_are_a_folder_of_reports(name):
    assert report_folder(name).parts == ("reports", name)


@pytest.fixture
def series(tmp_path, monkeypatch):
    """A series of two lessons and a template."""
    paths = [
        write(tmp_path / "01.ipynb", parameters_cell("seed = 0\ndigit = 4")),
        write(tmp_path / "02.ipynb", parameters_cell("seed = 0")),
        write(tmp_path / "reports" / "model.ipynb", parameters_cell("profile = 'quick'")),
    ]
    monkeypatch.setattr("digitlib.series.NOTEBOOKS", tmp_path)
    return paths


def test_without_names_the_whole_series_is_run(series):
    assert plan([], {}) == [(path, {}) for path in series]


def test_without_names_each_notebook_takes_the_parameters_that_it_has(series):
    settings = {"seed": "3", "digit": "7"}
    expected = [{"seed": 3, "digit": 7}, {"seed": 3}, {}]
    assert [parameters for _, parameters in plan([], settings)] == expected
    with pytest.raises(NotebookError, match=r"'sede'. Allowed: seed, digit, profile"):
        plan([], {"sede": "1"})


def test_a_named_notebook_must_have_the_parameter(series):
    with pytest.raises(NotebookError, match=r"02\.ipynb has no parameter 'digit'. Allowed: seed"):
        plan(series, {"digit": "7"})


def test_two_notebooks_of_one_name_are_refused(tmp_path):
    with pytest.raises(NotebookError, match="Two notebooks are called one"):
        plan([tmp_path / "a" / "one.ipynb", tmp_path / "b" / "one.ipynb"], {})


def test_a_file_that_is_no_notebook_does_not_stop_the_plan(tmp_path):
    good = write(tmp_path / "good.ipynb", parameters_cell())
    assert plan([tmp_path / "gone.ipynb", good], {"seed": "1"})[1] == (good, {"seed": 1})


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"nbformat": 4, "cells": 1}', "\xff"])
def test_files_that_are_no_notebooks_are_named(tmp_path, content):
    path = tmp_path / "broken.ipynb"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(NotebookError, match=r"broken\.ipynb is not a Jupyter notebook"):
        read_notebook(path)


def test_missing_files_and_other_kinds_are_named(tmp_path):
    with pytest.raises(NotebookError, match=r"gone\.ipynb cannot be read: No such file"):
        read_notebook(tmp_path / "gone.ipynb")
    with pytest.raises(NotebookError, match=r"Allowed are \.ipynb files"):
        read_notebook(tmp_path / "text.txt")


def test_a_series_without_lessons_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("digitlib.series.NOTEBOOKS", tmp_path)
    with pytest.raises(NotebookError, match="no notebooks"):
        lesson_files()


# --- parameters ---------------------------------------------------------------------------------------------


def test_default_parameters_are_what_the_cell_assigns():
    source = "one = 1\nname: str = 'x'\nlater: int\nsizes = [\n  1,\n  2,\n]\ncomputed = one + 1\nless = -2"
    notebook = new_notebook(cells=[new_code_cell("other = 1"), parameters_cell(source)])
    assert default_parameters(notebook) == {
        "one": 1,
        "name": "x",
        "later": None,
        "sizes": [1, 2],
        "computed": None,
        "less": -2,
    }


def test_parameters_that_python_cannot_read_are_named():
    with pytest.raises(NotebookError, match=r"x\.ipynb: the cell of the parameters"):
        default_parameters(new_notebook(cells=[parameters_cell("%matplotlib inline")]), "x.ipynb")


@pytest.mark.parametrize(
    ("text", "default", "value"),
    [
        ("7", 4, 7),
        ("-7", 4, -7),
        ("7", 0.5, 7.0),
        ("7", "4", "7"),
        ("True", "x", "True"),
        ("False", True, False),
        ("[1]", [2, 3], [1]),
        ("quick", None, "quick"),
        ("7", None, 7),
        ("", "x", ""),
        ("a=b", "x", "a=b"),
    ],
)
def test_values_are_of_the_kind_that_the_notebook_has(text, default, value):
    found = parse_value(text, default, "name")
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("text", "default"),
    [("seven", 4), ("7.5", 4), ("True", 4), ("1", True), ("true", True), ("None", 4), ("", 4), ("(1,)", [1])],
)
def test_values_of_another_kind_are_refused(text, default):
    with pytest.raises(NotebookError, match="Allowed is a value such as " + re.escape(repr(default))):
        parse_value(text, default, "name")
