"""What becomes of a notebook that papermill has run; papermill is played here, so no kernel is started."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import papermill
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from papermill.exceptions import PapermillExecutionError

from digitlib.notebooks.files import NotebookError
from digitlib.notebooks.results import MIME
from digitlib.reports import html, run
from digitlib.reports.kernel import ThisPython, kernel_settings, kill_started_with, last_words
from digitlib.reports.origin import origin
from digitlib.reports.run import RUN_METADATA, Job, Outcome, make_job, one_line, run_job

PARAMETERS = new_code_cell("seed = 0\nname = 'x'", id="parameters", metadata={"tags": ["parameters"]})


def cell(name, *tags, outputs=(), failed=False, **times):
    """A cell that papermill has run."""
    notes = {"tags": list(tags), "papermill": {"start_time": "now", "exception": failed, **times}}
    return new_code_cell("1", id=name, outputs=list(outputs), metadata=notes | {"execution": {}})


@pytest.fixture
def ran(monkeypatch):
    """Run a job; papermill leaves a notebook of these cells, or none, and fails where it is told to."""

    def run_with(cells, failure=None, **settings):
        asked, metadata = {}, settings.pop("metadata", {"papermill": {}, "widgets": {"state": "private"}})

        def execute(source, target, parameters, **others):
            text = source.read_text(encoding="utf-8")
            asked.update(others, source=source, parameters=parameters, text=text)
            if cells is not None:
                nbformat.write(new_notebook(cells=[PARAMETERS, *cells], metadata=metadata), target)
            if failure:
                raise failure

        monkeypatch.setattr(papermill, "execute_notebook", execute)
        outcome = run_job(
            Job("one", settings.pop("source", "{}"), **{"parameters": {}, "folder": ""} | settings)
        )
        return outcome, asked

    return run_with


def broken(index=0):
    return PapermillExecutionError(index, 1, "1", "ValueError", "no", ["no"])


def error(name, text):
    return new_output("error", ename=name, evalue=text, traceback=[])


# --- the job ------------------------------------------------------------------------------------------------


def test_a_job_holds_all_that_a_run_needs_and_no_outputs(tmp_path):
    shown = new_code_cell("print(1)", outputs=[new_output("stream", text="1")], execution_count=3)
    nbformat.write(new_notebook(cells=[PARAMETERS, shown, new_markdown_cell("# A")]), tmp_path / "a.ipynb")
    job = make_job(tmp_path / "a.ipynb", {"seed": 5}, "other", True, (name for name in ["b.ipynb"]))
    assert job == Job("other", job.source, {"seed": 5}, str(tmp_path), True, True, ("b.ipynb",), 3600, "")
    cells = nbformat.reads(job.source, as_version=4).cells
    assert [one.source for one in cells] == [PARAMETERS.source, "print(1)", "# A"]
    assert (cells[1].outputs, cells[1].execution_count) == ([], None)
    assert make_job(tmp_path / "a.ipynb", {}) == Job("a", job.source, {}, str(tmp_path))
    with pytest.raises(NotebookError) as caught:
        make_job(tmp_path / "a.ipynb", {}, "index")
    assert str(caught.value) == (
        f"{tmp_path / 'a.ipynb'} cannot be reported: its page and the report's list have one name."
    )
    magic = new_code_cell("%matplotlib inline", metadata=PARAMETERS.metadata)
    nbformat.write(new_notebook(cells=[magic]), tmp_path / "b.ipynb")
    with pytest.raises(NotebookError, match=r"^b\.ipynb: the cell of the parameters"):
        make_job(tmp_path / "b.ipynb", {})


def test_papermill_gets_the_notebook_a_kernel_of_this_python_and_its_limits(ran, tmp_path):
    there, gone = (
        ran([], source="é", parameters={"seed": 7}, folder=str(place), cell_seconds=9)[1]
        for place in (tmp_path, tmp_path / "elsewhere")
    )
    scratch = str(there["source"].parent)
    assert (there["text"], there["parameters"], there["execution_timeout"]) == ("é", {"seed": 7}, 9)
    assert there["kernel_manager_class"] is ThisPython and there["config"] == kernel_settings(scratch)
    assert there["cwd"] == str(tmp_path) and gone["cwd"] == str(gone["source"].parent)
    assert not Path(scratch).exists() and not there["progress_bar"]


# --- what failed --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "failure", "text"),
    [
        ([cell("a"), cell("b")], None, ""),
        (
            [
                cell("a"),
                cell("b", outputs=[error("TypeError", "x"), error("ValueError", "a\n b")], failed=True),
            ],
            broken(),
            "cell 2 (b): ValueError: a b",
        ),
        ([cell("b", outputs=[error("E", "x" * 400)], failed=True)], broken(), "cell 1 (b): E: [...]"),
        ([cell("b", failed=True), new_code_cell("2")], broken(), "cell 1 (b): the cell was stopped"),
        ([cell("b", outputs=[error("E", "allowed")])], broken(), ""),
        (
            [cell("g", "injected-parameters", outputs=[error("NameError", "y")], failed=True)],
            broken(),
            "the given parameters: NameError: y",
        ),
        (
            [cell("g", "injected-parameters"), cell("a"), cell("b", failed=True)],
            broken(),
            "cell 2 (b): the cell was stopped",
        ),
        ([cell("b", failed=True)], RuntimeError("Kernel died"), "cell 1 (b): Kernel died"),
        ([], RuntimeError("  no\nport "), "no port"),
    ],
)
def test_a_failure_names_the_cell_and_the_error(ran, cells, failure, text):
    outcome, _ = ran(cells, failure)
    assert outcome.error == text
    notebook = nbformat.reads(outcome.notebook, as_version=4)
    assert notebook.metadata[RUN_METADATA].error == text
    first = notebook.cells[0]
    if text:
        assert (first.id, first.source) == ("digitlib-failed", html.render("failed", error=text))
    else:
        assert first.id == "parameters"


def test_a_run_that_leaves_nothing_is_an_error_with_the_last_words_of_its_kernel(ran, monkeypatch):
    monkeypatch.setattr(run, "last_words", lambda folder: f"no room in {Path(folder).is_dir()}")
    with pytest.raises(NotebookError) as caught:
        ran(None, RuntimeError("Kernel died:"))
    assert str(caught.value) == "one cannot be run: Kernel died: no room in True"


def test_a_message_is_one_line_of_at_most_300_signs():
    assert one_line(ValueError("no\n  good")) == "no good"
    assert one_line(KeyError()) == "KeyError"
    assert len(one_line(ValueError("ab " * 200))) == 299 and len(one_line(ValueError("ab " * 100))) == 299


# --- what is kept -------------------------------------------------------------------------------------------


def test_parameters_results_times_and_origin_are_kept_with_the_run(ran, monkeypatch):
    monkeypatch.setattr(run, "now", lambda: "today")
    monkeypatch.setattr(run, "time", SimpleNamespace(perf_counter=iter((1.0, 3.26)).__next__))
    result = new_output("display_data", {MIME: {"accuracy": 0.5}})
    cells = [
        cell("to-time", "timed", outputs=[result], duration=1.238),
        cell("untimed", duration=5.0),
        cell("never", "timed"),
    ]
    outcome, _ = ran(cells, parameters={"seed": 7}, fingerprint="f1")
    notebook = nbformat.reads(outcome.notebook, as_version=4)
    note = json.loads(json.dumps(notebook.metadata[RUN_METADATA]))
    assert outcome.seconds == pytest.approx(2.26)
    assert note == {
        "seconds": 2.3,
        "parameters": [
            {"name": "seed", "value": "7", "changed": True},
            {"name": "name", "value": "'x'", "changed": False},
        ],
        "results": [{"name": "accuracy", "value": 0.5}, {"name": "to_time_seconds", "value": 1.24}],
        "error": "",
        "date": "today",
        "origin": origin(),
        "fingerprint": "f1",
    }
    printed = [[one.get("text") for one in part.outputs] for part in notebook.cells[1:4]]
    assert printed == [[None, "This took 1.24 s.\n"], [], []]
    assert notebook.cells[1].outputs[1].name == "stdout"
    last = notebook.cells[-1]
    assert last.id == "digitlib-origin" and last.source == html.origin_table(
        "today", {"seed": "7", "name": "'x'"}
    )
    assert outcome.notebook.endswith("}\n")


def test_a_file_that_is_passed_on_holds_no_paths_and_no_widgets(ran):
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "Slider"}
    outputs = [new_output("display_data", widget), new_output("display_data", {"text/plain": "kept"})]
    cells = [cell("a", outputs=outputs), new_markdown_cell("# Prose")]
    bare, outcome = (ran(cells, **others)[0] for others in ({"metadata": {}}, {}))
    notebook = nbformat.reads(outcome.notebook, as_version=4)
    assert set(notebook.metadata) == {RUN_METADATA}
    assert nbformat.reads(bare.notebook, as_version=4).cells[1] == notebook.cells[1]
    assert all(set(one.metadata) <= {"tags"} for one in notebook.cells)
    data = [dict(one.data) for one in notebook.cells[1].outputs]
    assert data == [
        {"text/html": "<p><em>This part works only in a running notebook.</em></p>"},
        {"text/plain": "kept"},
    ]


@pytest.mark.parametrize("code", [True, False])
def test_the_page_is_that_of_the_job(ran, tmp_path, code):
    (tmp_path / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    prose = new_markdown_cell("[two](two.ipynb) [gone](gone.ipynb) ![Dot](dot.png)")
    settings = {"folder": str(tmp_path), "code": code, "neighbors": ("two.ipynb",)}
    outcome, _ = ran([prose, new_code_cell("secret = 1")], **settings)
    assert "<title>one</title>" in outcome.page and '<a href="two.html">two</a>' in outcome.page
    assert ("secret" in outcome.page) == code and "data:image/png;base64" in outcome.page
    assert (outcome.pdf, outcome.print_error) == (b"", "")


@pytest.mark.parametrize("fails", [False, True])
def test_a_page_is_printed_where_that_is_asked_for(ran, monkeypatch, fails):
    def print_page(page):
        if fails:
            raise run.PrintError("no browser")
        return page.encode()

    monkeypatch.setattr(run, "print_page", print_page)
    outcome, _ = ran([], pdf=True)
    assert (outcome.pdf, outcome.print_error) == (
        (b"", "no browser") if fails else (outcome.page.encode(), "")
    )
    assert Outcome("x") == Outcome("x", "", "", b"", 0.0, "")


# --- the kernel ---------------------------------------------------------------------------------------------


def test_the_kernel_is_this_python_with_runs_beside_its_connection_file(tmp_path):
    spec = ThisPython(connection_file=str(tmp_path / "kernel.json")).kernel_spec
    assert spec.argv[0] == sys.executable and spec.env == {"DIGITLIB_RUNS": str(tmp_path / "runs")}


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such sockets")
@pytest.mark.parametrize(("length", "sockets"), [(79, True), (80, False)])
def test_connections_lie_in_the_folder_where_its_name_is_short_enough_for_sockets(length, sockets):
    folder = "k" * length
    expected = {"connection_file": f"{folder}/kernel.json"}
    expected |= {"transport": "ipc", "ip": f"{folder}/kernel"} if sockets else {}
    assert kernel_settings(folder) == {"KernelManager": expected}


@pytest.mark.parametrize(
    ("written", "line"),
    [(b"one\n two words \n\n  \n", "two words"), (b"\xff\n", "\ufffd"), (b"", ""), (None, "")],
)
def test_the_last_line_of_a_kernel_is_found(tmp_path, written, line):
    if written is not None:
        (tmp_path / "kernel.stderr").write_bytes(written)
    assert last_words(str(tmp_path)) == line


def test_only_what_was_started_with_the_folder_is_ended(tmp_path):
    wait = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen([*wait, f"-f={tmp_path / 'kernel.json'}"]) as own, subprocess.Popen(wait) as other:
        kill_started_with(str(tmp_path))
        assert not psutil.pid_exists(own.pid) or own.wait(60)
        assert other.poll() is None
        other.kill()
