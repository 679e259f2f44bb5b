"""Reports: parameters reach the notebook, failures are named, pages load nothing, names stay in place."""

import base64
import json
import os
import re
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from playwright.sync_api import sync_playwright

from digitlib.notebooks.files import NotebookError, lesson_files, read_notebook, template_files
from digitlib.notebooks.parameters import Parameter, check_value, parse_value, read_parameters, refuse_unknown
from digitlib.notebooks.results import Results, Table, read_results
from digitlib.reports import folder as folders
from digitlib.reports import kernel, pages, run
from digitlib.reports.cluster import ClusterError
from digitlib.reports.folder import plan, report_folder, run_reports, store, write_index
from digitlib.reports.pages import BROWSERS, PrintError, notebook_page, print_page
from digitlib.reports.run import make_job, run_job


def find_chromium():
    return next(filter(None, map(shutil.which, BROWSERS)), None)


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


class Report:
    """A notebook run here, and the files of its report."""

    def __init__(self, path, parameters, folder):
        job = make_job(path, parameters)
        outcome = run_job(job)
        store(outcome, folder, job.name)
        self.error = outcome.error
        self.notebook, self.page = folder / f"{job.name}.ipynb", folder / f"{job.name}.html"


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
        new_code_cell("from ipykernel import get_connection_info\nprint(get_connection_info(unpack=True))"),
        new_code_cell("1 / 0", id="allowed", metadata={"tags": ["raises-exception"]}),
        new_code_cell("import ipywidgets\nipywidgets.IntSlider()", id="slider"),
        new_code_cell("import time\ntime.sleep(0.2)", id="waiting", metadata={"tags": ["timed"]}),
        new_code_cell("from digitlib.notebooks.results import Results\nResults(accuracy=0.75)"),
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
            "good": Report(good, {"seed": 21}, root / "out"),
            "bad": Report(bad, {"seed": 5, "label": "x < y"}, root / "out"),
            "dead": Report(dead, {}, root / "out"),
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


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such sockets")
def test_kernels_that_start_at_once_cannot_take_each_others_ports(folder):
    assert "'transport': 'ipc'" in printed(nbformat.read(folder["good"].notebook, as_version=4))


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


@pytest.mark.parametrize(
    ("then", "error"),
    [
        ("runpy.run_module('ipykernel_launcher', run_name='__main__')", ""),
        ("sys.exit('no room')", ".* died before .* no room"),
    ],
)
def test_what_a_kernel_writes_beside_its_outputs_is_kept_for_when_it_does_not_start(
    tmp_path, monkeypatch, capfd, then, error
):
    talks = f"import runpy, sys; print('Assertion failed', file=sys.stderr); {then}"
    command = [sys.executable, "-c", talks, "-f", "{connection_file}"]
    monkeypatch.setattr(kernel, "get_kernel_dict", lambda: {"argv": command, "language": "python"})
    path = write(tmp_path / "calm.ipynb", new_code_cell("print(1)"))
    assert re.fullmatch(error, run_job(make_job(path, {})).error)
    assert "Assertion" not in capfd.readouterr().err


def test_result_holds_no_widget_state_and_no_path_of_papermill(folder):
    notebook = nbformat.read(folder["good"].notebook, as_version=4)
    assert not {"widgets", "papermill"} & set(notebook.metadata)
    slider = next(cell for cell in notebook.cells if cell.id == "slider")
    assert "running notebook" in slider.outputs[0].data["text/html"]
    assert list(slider.outputs[0].data) == ["text/html"]


def test_unknown_parameter_is_refused_with_those_allowed(tmp_path):
    path = write(tmp_path / "one.ipynb", parameters_cell())
    with pytest.raises(NotebookError, match=r"one\.ipynb has no parameter 'sede'. Allowed: seed, label"):
        make_job(path, {"sede": 1})
    bare = write(tmp_path / "bare.ipynb", new_code_cell("seed = 0"))
    with pytest.raises(NotebookError, match="Allowed: none"):
        make_job(bare, {"seed": 1})


def test_a_report_does_not_take_the_place_of_its_list(tmp_path):
    with pytest.raises(NotebookError, match="one name"):
        make_job(write(tmp_path / "index.ipynb"), {})


def test_what_is_sent_holds_no_outputs(folder):
    assert "slider" in make_job(folder["good"].notebook, {}).source
    assert "to the end\\n" not in make_job(folder["good"].notebook, {}).source


def test_a_cell_tagged_timed_gets_its_seconds_which_count_as_results(folder):
    notebook = nbformat.read(folder["good"].notebook, as_version=4)
    timed = next(cell for cell in notebook.cells if cell.id == "waiting")
    seconds = float(re.fullmatch(r"This took (\d+\.\d\d) s\.\n", timed.outputs[-1].text)[1])
    assert 0.2 <= seconds < 60
    found = {result["name"]: result["value"] for result in notebook.metadata[run.RUN_METADATA]["results"]}
    assert found == {"accuracy": 0.75, "waiting_seconds": seconds}


def test_files_replace_those_of_an_earlier_run_and_leave_no_rests(tmp_path):
    store(run.Outcome("", "{}", "<p>", b"%PDF"), tmp_path, "one")
    store(run.Outcome("", "{1}", "<i>"), tmp_path, "one")
    contents = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert contents == {"one.ipynb": "{1}", "one.html": "<i>"}


def test_runs_are_stored_as_they_end_and_keep_their_error_where_they_do_not_start(tmp_path, monkeypatch):
    asked, done = [], run.Outcome("", "{}", "<p>é")
    jobs = [run.Job(name, "", {}, "") for name in ("one", "two")]

    def run_all(*arguments):
        asked.append(arguments)
        yield jobs[1], ValueError("no\n room")
        yield jobs[0], done

    monkeypatch.setattr(folders, "run_all", run_all)
    results = list(run_reports((job for job in jobs), tmp_path / "new" / "out", "tcp://a", 3))
    assert results == [(jobs[1], run.Outcome("no room")), (jobs[0], done)]
    assert asked == [(run_job, jobs, "tcp://a", 3)]
    contents = {path.name: path.read_bytes() for path in (tmp_path / "new" / "out").iterdir()}
    assert contents == {"one.ipynb": b"{}", "one.html": "<p>é".encode()}


# --- results ------------------------------------------------------------------------------------------------


def test_results_show_as_a_table_and_are_read_again():
    shown = Results(accuracy=0.5, parameters=1234)._repr_mimebundle_()
    assert "<td" in shown["text/html"] and "1,234" in shown["text/html"]
    output = new_output("execute_result", json.loads(json.dumps(shown)))
    earlier = new_output("execute_result", Results(accuracy=0.1)._repr_mimebundle_())
    cells = [new_code_cell("..", outputs=[one]) for one in (earlier, output)]
    assert read_results(new_notebook(cells=cells)) == {"accuracy": 0.5, "parameters": 1234}


def test_facts_are_words_not_html():
    assert "&lt;b&gt;" in Table({"<b>": "<b>"})._repr_html_()
    assert repr(Table()) == ""


# --- several at once ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def at_once(tmp_path_factory):
    """Three notebooks handed to two processes; one fails, one kills its kernel."""
    root = tmp_path_factory.mktemp("at_once")
    good = write(root / "good.ipynb", parameters_cell(), new_code_cell("print(seed * 2)"))
    bad = write(root / "bad.ipynb", new_code_cell("1 / 0", id="broken"))
    dead = write(root / "dead.ipynb", new_code_cell("import os\nos._exit(3)", id="killer"))
    jobs = [make_job(good, {"seed": 4}), make_job(bad, {}), make_job(dead, {})]
    ended = {job.name: outcome.error for job, outcome in run_reports(jobs, root / "out", workers=2)}
    return root / "out", ended


def test_a_failing_report_is_named_and_the_others_finish(at_once):
    folder, ended = at_once
    assert set(ended) == {"good", "bad", "dead"}
    assert ended["good"] == ""
    assert ended["bad"] == "cell 1 (broken): ZeroDivisionError: division by zero"
    assert ended["dead"].startswith("cell 1 (killer): ")
    assert "8\n" in printed(nbformat.read(folder / "good.ipynb", as_version=4))
    assert sorted(path.suffix for path in folder.iterdir()) == [".html"] * 3 + [".ipynb"] * 3


def test_a_scheduler_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("digitlib.reports.cluster.ANSWER_SECONDS", 1)
    job = make_job(write(tmp_path / "one.ipynb"), {})
    with pytest.raises(ClusterError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        list(run_reports([job], tmp_path / "out", "tcp://127.0.0.1:9"))
    with pytest.raises(ClusterError, match="answers at nonsense:"):
        list(run_reports([job], tmp_path / "out", "nonsense://"))


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


def test_only_templates_of_digitlib_run_in_the_current_folder_and_show_no_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    template = make_job(template_files()[0], {})
    mine = make_job(write(tmp_path / "a" / "reports" / "one.ipynb"), {})
    assert (template.code, template.folder) == (False, str(tmp_path))
    assert (mine.code, mine.folder) == (True, str(tmp_path / "a" / "reports"))


def test_formulas_are_pictures_with_their_tex_as_alt_text(tmp_path):
    text = "So $e^{x<1}$ and\n\n$$\n\\log   p\n$$\n\nand $\\nosuchcommand$."
    notebook = new_notebook(cells=[new_markdown_cell(text)])
    page, again = (notebook_page(notebook, tmp_path / "a.ipynb") for _ in range(2))
    found = re.findall(
        '<img alt="(.*?)" class="formula" src="(.*?)" style="vertical-align: -(.*?)pt"/>', page
    )
    assert [alt for alt, _, _ in found] == ["e^{x&lt;1}", "\\log p"]
    assert 0 <= float(found[0][2]) < 1.5 < 2 < float(found[1][2]) < 4, "g and p hang below the line"
    for _, source, _ in found:
        svg = base64.b64decode(source.removeprefix("data:image/svg+xml;base64,")).decode()
        width, height = (float(side) for side in re.search('width="(.*?)pt" height="(.*?)pt"', svg).groups())
        assert 20 < width < 35 and 10 < height < 16 and "<path" in svg
    assert page.count('<p style="text-align: center"><img alt="\\log p"') == 1
    assert page.count('<p style="text-align: center">') == 1, "only where it stands alone"
    assert "<code>\\nosuchcommand</code>" in page
    assert page == again, "the same notebook makes the same page"


def test_answers_stay_folded_away(tmp_path):
    cell = "<details><summary>Answer</summary>\n\n**b.** Hidden.\n\n- **a**: No.\n\n</details>\n\nShown."
    page = notebook_page(new_notebook(cells=[new_markdown_cell(cell)]), tmp_path / "lesson.ipynb")
    folded = re.search("<details>(.*?)</details>", page, re.DOTALL)[1]
    assert "Hidden." in folded and "No." in folded
    assert "Shown." not in folded


def test_pictures_in_prose_are_found_beside_the_notebook_or_in_its_cell(tmp_path):
    (tmp_path / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    cell = new_markdown_cell('![a](dot.png) ![b](attachment:b.png)\n\n<img src="dot.png">\n')
    cell["attachments"] = {"b.png": {"image/png": PIXEL}}
    page = notebook_page(new_notebook(cells=[cell]), tmp_path / "a.ipynb")
    sources = re.findall('<img[^>]*src="(.*?)"', page)
    dot = "data:image/png;base64,iVBORw0KGgo="
    assert sources == [dot, f"data:image/png;base64,{PIXEL}", dot]


def test_links_lead_to_pages_that_are_there_or_are_words(tmp_path):
    text = "[two](two.ipynb#a) [gone](gone.ipynb) [up](../README.md) [web](https://example.org) [here](#x) "
    text += "[three](my%20three.ipynb 'the third') [net](//example.org/two.ipynb) [mail](mailto:a@b)"
    page = notebook_page(
        new_notebook(cells=[new_markdown_cell(text)]),
        tmp_path / "a.ipynb",
        neighbors=["two.ipynb", "my three.ipynb"],
    )
    assert '<a href="my%20three.html" title="the third">three</a>' in page
    assert '<a href="//example.org/two.ipynb">net</a>' in page and '<a href="mailto:a@b">mail</a>' in page
    assert '<a href="two.html#a">two</a>' in page
    assert "gone.ipynb" not in page and "gone" in page
    assert "README.md" not in page
    assert '<a href="https://example.org">web</a>' in page and '<a href="#x">here</a>' in page


def test_without_a_browser_no_page_is_printed_and_that_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("digitlib.reports.pages.BROWSERS", ("no-such-browser",))
    with pytest.raises(PrintError, match=r"^neither Chromium nor Chrome nor Edge is installed$"):
        print_page("<p>Hello</p>")
    job = make_job(write(tmp_path / "one.ipynb"), {}, pdf=True)
    assert "Chromium" in run_job(job).print_error


@pytest.fixture
def browser(tmp_path, monkeypatch):
    """Put a script in the place of the browser."""

    def install(script):
        path = tmp_path / "Browser Of Some System"
        path.write_text(script, encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setattr(pages, "BROWSERS", ("no-such-browser", str(path)))
        return path

    return install


needs_scripts = pytest.mark.skipif(os.name != "posix", reason="a script stands in for the browser")


@needs_scripts
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("#!/bin/sh\nexit 7\n", "made none (exit status 7)"),
        ("#!/bin/sh\nexec sleep 600\n", "took longer than 0.2 seconds"),
        ("#!/no/such/shell\n", "cannot be started: No such file or directory"),
    ],
)
def test_why_a_browser_prints_no_page_is_named(browser, monkeypatch, script, reason):
    path = browser(script)
    monkeypatch.setattr(pages, "PRINT_SECONDS", 0.2 if "sleep" in script else 60)
    with pytest.raises(PrintError) as caught:
        print_page("<p>Hello</p>")
    assert str(caught.value) == f"{path} {reason}"


@needs_scripts
@pytest.mark.parametrize("user", [0, 1000])
def test_a_browser_is_told_to_print_and_only_root_does_it_without_the_sandbox(browser, monkeypatch, user):
    path = browser(
        '#!/bin/sh\necho "$@" > "${0%/*}/arguments"\nfor one; do case $one in\n'
        "--print-to-pdf=*) target=${one#*=};; file://*) source=${one#file://};; esac; done\n"
        'cp "$source" "$target"\n'
    )
    monkeypatch.setattr("os.geteuid", lambda: user)
    assert print_page("<p>é\n</p>") == "<p>é\n</p>".encode()
    *options, folder, target, source = path.with_name("arguments").read_text(encoding="utf-8").split()
    assert options == [
        "--headless",
        "--disable-gpu",
        "--no-pdf-header-footer",
        *(["--no-sandbox"] if user == 0 else []),
    ]
    scratch = folder.removeprefix("--user-data-dir=")
    assert target == f"--print-to-pdf={scratch}/page.pdf" and source == f"file://{scratch}/page.html"
    assert not Path(scratch).exists()


@pytest.mark.skipif(not find_chromium(), reason="no Chromium or Chrome")
def test_printed_page_is_a_pdf_with_the_words_on_it():
    assert print_page("<!DOCTYPE html><title>T</title><p>Hello</p>").startswith(b"%PDF")


@pytest.mark.skipif(not find_chromium(), reason="no Chromium or Chrome")
def test_page_opens_from_disk_without_a_request_and_with_every_picture(folder, tmp_path):
    image = new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": "A dot."}})
    notebook = new_notebook(
        cells=[new_markdown_cell("# Title\n$x^2$"), new_code_cell("dot()", outputs=[image])]
    )
    page = tmp_path / "a.html"
    page.write_text(notebook_page(notebook, tmp_path / "a.ipynb"), encoding="utf-8")
    listing = tmp_path / "index.html"
    listing.write_text(folder["index"], encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for path in (page, listing):
            tab, asked, wrong = browser.new_page(), [], []
            tab.on("request", lambda request, asked=asked: asked.append(request.url))
            tab.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
            tab.goto(path.as_uri())
            assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
            assert wrong == []
            widths = tab.eval_on_selector_all("img", "images => images.map(image => image.naturalWidth)")
            assert all(width > 0 for width in widths) and (path == listing or len(widths) == 2)
        tab.get_by_role("button", name="Notebook").click()
        first = tab.locator("tbody tr").first
        assert first.locator("th").inner_text().startswith("bad")
        tab.get_by_role("button", name="Notebook").click()
        assert first.locator("th").inner_text().startswith("good")
        browser.close()


def test_index_lists_runs_parameters_and_links(folder):
    assert Loaded(folder["index"]).addresses == []
    for name in ("good", "bad", "dead"):
        assert f'href="{name}.html"' in folder["index"]
        assert f'href="{name}.ipynb"' in folder["index"]
    assert "accuracy = 0.75" in folder["index"]
    assert "<strong>seed = 21</strong><br>label = &#39;a&#39;<br>rate = 0.5" in folder["index"]
    assert "x &lt; y" in folder["index"]
    assert "failed: cell 4 (broken): ValueError: no &lt;b&gt;good" in folder["index"]
    assert folder["index"].count("failed:") == 2


@pytest.mark.skipif(os.name != "posix", reason="Windows allows no such file names")
def test_names_errors_values_and_comments_cannot_carry_html(tmp_path):
    evil = "<script>x"
    note = {"seconds": 1.0, "error": f"ValueError: {evil}"}
    note["parameters"] = [{"name": evil, "value": evil, "changed": True}]
    note["results"] = [{"name": evil, "value": evil}]
    picture = new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": evil}})
    cells = [parameters_cell(f"seed = 0  # {evil}"), new_code_cell("1", outputs=[picture])]
    path = tmp_path / f"{evil}.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={run.RUN_METADATA: note}), path)
    listing = write_index(tmp_path).read_text(encoding="utf-8")
    page = notebook_page(read_notebook(path), path)
    assert evil not in listing and listing.count("&lt;script&gt;x") == 9
    assert evil not in page and page.count("&lt;script&gt;x") >= 2
    assert evil not in run.render("failed", error=evil)


def test_index_lists_files_and_figures_of_each_run_by_name(tmp_path):
    picture = new_output("display_data", {"image/png": PIXEL}, metadata={"image/png": {"alt": "A dot."}})
    note = {"seconds": 1.0, "error": "", "parameters": [], "results": []}
    for name in ("two", "one"):
        cells = [new_code_cell("1", outputs=[picture] if name == "two" else [])]
        nbformat.write(
            new_notebook(cells=cells, metadata={run.RUN_METADATA: note}), tmp_path / f"{name}.ipynb"
        )
    (tmp_path / "one.pdf").touch()
    path = write_index(tmp_path)
    page = path.read_text(encoding="utf-8")
    assert path == tmp_path / "index.html" and f"<title>Report {tmp_path.name}</title>" in page
    assert re.findall('href="([^"]*)"', page) == [
        *("one.html", "one.ipynb", "one.pdf", "two.html", "two.ipynb", "two.html")
    ]
    assert page.count('<img alt="A dot." src="data:image/png;base64,') == 1


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
    with pytest.raises(NotebookError) as caught:
        report_folder(name)
    assert str(caught.value) == (
        f"A report cannot be called {name!r}. "
        "Allowed are letters and digits, and between them spaces, hyphens and full stops."
    )


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
    monkeypatch.setattr("digitlib.notebooks.files.NOTEBOOKS", tmp_path)
    return paths


def test_without_names_the_whole_series_is_run(series):
    assert plan([], {}) == [(path, {}) for path in series]


def test_without_names_each_notebook_takes_the_parameters_that_it_has(series):
    settings = {"seed": "3", "digit": "7"}
    expected = [{"seed": 3, "digit": 7}, {"seed": 3}, {}]
    assert [parameters for _, parameters in plan([], settings)] == expected
    with pytest.raises(
        NotebookError, match=r"^The series has no parameter 'sede'. Allowed: seed, digit, profile"
    ):
        plan([], {"sede": "1"})
    with pytest.raises(NotebookError, match=r"^01\.ipynb: digit cannot be 'x'\."):
        plan([], {"digit": "x"})


def test_a_named_notebook_must_have_the_parameter(series):
    with pytest.raises(NotebookError, match=r"02\.ipynb has no parameter 'digit'. Allowed: seed"):
        plan(series, {"digit": "7"})


def test_two_notebooks_of_one_name_are_refused(tmp_path):
    places = [tmp_path / place for place in ("two.ipynb", "a/one.ipynb", "b/one.ipynb")]
    with pytest.raises(
        NotebookError, match=r"^Two notebooks are called one\. A report holds one of a name\.$"
    ):
        plan(places, {})


def test_a_file_that_is_no_notebook_does_not_stop_the_plan(tmp_path):
    good = write(tmp_path / "good.ipynb", parameters_cell())
    gone = tmp_path / "gone.ipynb"
    assert plan((path for path in (gone, good)), {"seed": "1"}) == [(gone, {}), (good, {"seed": 1})]


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
    monkeypatch.setattr("digitlib.notebooks.files.NOTEBOOKS", tmp_path)
    with pytest.raises(NotebookError, match="no notebooks"):
        lesson_files()


# --- parameters ---------------------------------------------------------------------------------------------


def test_default_parameters_are_what_the_cell_assigns():
    source = "one = 1\nname: str = 'x'\nlater: int\nsizes = [\n  1,\n  2,\n]\ncomputed = one + 1\nless = -2"
    notebook = new_notebook(cells=[new_code_cell("other = 1"), parameters_cell(source)])
    assert {name: one.default for name, one in read_parameters(notebook).items()} == {
        "one": 1,
        "name": "x",
        "later": None,
        "sizes": [1, 2],
        "computed": None,
        "less": -2,
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("sizes = [1]\nfor size in sizes:\n    print(size)", {"sizes": Parameter([1])}),
        ("seed = 1\nseed += 1", {"seed": Parameter(None)}),
        ("color = '#f00'  # of = the ink", {"color": Parameter("#f00", "of = the ink")}),
        ("a = b = 2  # both", {"a": Parameter(2, "both"), "b": Parameter(2, "both")}),
        ("if True:\n    x = 1\nimport os", {}),
    ],
)
def test_cells_that_do_more_than_assign_are_read_and_comments_too(source, expected):
    assert read_parameters(new_notebook(cells=[parameters_cell(source)])) == expected


def test_a_refusal_lists_the_parameters_with_their_comments():
    notebook = new_notebook(cells=[parameters_cell("seed = 0  # of all randomness\nrate = 1.0")])
    with pytest.raises(NotebookError, match=r"rate\. Did you mean .seed.\?\n  seed: of all randomness$"):
        refuse_unknown(["sede"], read_parameters(notebook), "x.ipynb")


def test_parameters_that_python_cannot_read_are_named():
    with pytest.raises(NotebookError, match=r"x\.ipynb: the cell of the parameters"):
        read_parameters(new_notebook(cells=[parameters_cell("%matplotlib inline")]), "x.ipynb")


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


def test_values_of_a_sweep_are_of_the_kind_that_the_notebook_has():
    assert check_value(1, 0.5, "rate") == 1.0 and type(check_value(1, 0.5, "rate")) is float
    for value, default in ((True, 1), (1, True), ("1", 1), (1.5, 1), (None, 1)):
        with pytest.raises(NotebookError, match="rate cannot be"):
            check_value(value, default, "rate")
