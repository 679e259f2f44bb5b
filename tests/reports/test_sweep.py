"""Sweeps: which runs a plan makes, what is run again, what the comparison says, and other machines."""

import contextlib
import json
import math
import os
import platform
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from digitlib.cli import report
from digitlib.cli.main import main
from digitlib.notebooks.files import NotebookError
from digitlib.notebooks.results import MIME
from digitlib.reports import origin
from digitlib.reports.cluster import ClusterError, run_all
from digitlib.reports.folder import only_one
from digitlib.reports.plan import Sweep, read_sweep
from digitlib.reports.run import RUN_METADATA, Outcome, make_job, run_job
from digitlib.reports.sweep import is_finished, is_outdated, job_label, sweep_jobs, write_comparison

PLAN = "notebook: tiny.ipynb\nparameters:\n  seed: [0, 1]\n  size: [10, 20]\n  rate: 1\n"
TINY = """\
import pathlib, time
from digitlib.notebooks.results import Results
time.sleep(pause)
with open("runs.txt", "a", encoding="utf-8") as file:
    file.write(f"{size} {seed}\\n")
assert not pathlib.Path(f"broken {size}").exists(), "broken"
Results(accuracy=0.9 + size / 1000 + seed / 100, parameters=size * 100)
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a notebook and the plan of a sweep, that commands run in."""
    cells = [
        new_code_cell("seed = 5\nsize = 1\nrate = 0.5\npause = 0.0", metadata={"tags": ["parameters"]}),
        new_code_cell(TINY, id="work", metadata={"tags": ["timed"]}),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "tiny.ipynb")
    (tmp_path / "plan.yaml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pretend(job, folder, results, error="", seconds=1.0):
    """Leave the files of a run that was not made."""
    note = {"parameters": [], "seconds": seconds, "error": error, "fingerprint": job.fingerprint}
    note["results"] = [{"name": name, "value": value} for name, value in results.items()]
    folder.mkdir(parents=True, exist_ok=True)
    content = json.dumps({"nbformat": 4, "metadata": {RUN_METADATA: note}, "cells": []})
    (folder / f"{job.name}.ipynb").write_text(content, encoding="utf-8")


# --- the plan -----------------------------------------------------------------------------------------------


def test_every_combination_is_a_job_of_its_own(folder):
    jobs = sweep_jobs(read_sweep(folder / "plan.yaml"))
    assert [job.parameters for job in jobs] == [
        {"seed": seed, "size": size, "rate": 1.0} for seed in (0, 1) for size in (10, 20)
    ]
    assert len({job.name for job in jobs}) == 4
    assert all(re.fullmatch(r"tiny-[0-9a-f]{12}", job.name) for job in jobs)
    assert job_label(jobs[1]) == "seed=0 size=20 rate=1.0"
    one = make_job(folder / "tiny.ipynb", {})
    assert {(job.source, job.folder, job.code) for job in jobs} == {(one.source, str(folder), True)}
    assert {job.fingerprint for job in jobs} == {origin.fingerprint({}, folder)}


def test_names_follow_parameters_and_notebook_and_nothing_else(folder):
    before = {str(job.parameters): job.name for job in sweep_jobs(read_sweep(folder / "plan.yaml"))}
    (folder / "plan.yaml").write_text(PLAN.replace("[0, 1]", "[2, 1, 0, 1]"), encoding="utf-8")
    jobs = sweep_jobs(read_sweep(folder / "plan.yaml"))
    assert len(jobs) == 6, "a value that is named twice is run once"
    assert before.items() <= {str(job.parameters): job.name for job in jobs}.items()
    notebook = nbformat.read("tiny.ipynb", as_version=4)
    notebook.cells[1].source += "\n0"
    nbformat.write(notebook, "tiny.ipynb")
    assert not set(before.values()) & {job.name for job in sweep_jobs(read_sweep(folder / "plan.yaml"))}


KEYS = "must have notebook and parameters. Allowed: against, compare, notebook, parameters, repeat."
NAMES = "parameters must be names with values, such as seed: [0, 1, 2]."


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (
            PLAN + "  sede: [1]\n",
            "tiny.ipynb has no parameter 'sede'. Allowed: seed, size, rate, pause. Did you mean 'seed'?",
        ),
        (PLAN.replace("[0, 1]", "[0, one]"), "p.yaml: seed cannot be 'one'. Allowed is a value such as 5."),
        (PLAN.replace("[0, 1]", "0.5"), "p.yaml: seed cannot be 0.5. Allowed is a value such as 5."),
        (
            PLAN.replace("[0, 1]", "[]"),
            "p.yaml: seed has no value. Allowed is a value, or a list of some.",
        ),
        (PLAN.replace("[0, 1]", str([*range(5001)])), "p.yaml makes 10,002 runs. Allowed are 10,000."),
        (PLAN.replace("tiny", "gone"), "gone.ipynb cannot be read: No such file or directory."),
        (
            PLAN.replace("notebook:", "notbook:") + "odd: 1\n",
            f"p.yaml {KEYS} 'notbook' is none of them. Did you mean 'notebook'?",
        ),
        (PLAN + "7: 1\nodd: 1\n", f"p.yaml {KEYS} '7' is none of them."),
        ("notebook: tiny.ipynb\n", f"p.yaml {KEYS}"),
        ("3", f"p.yaml {KEYS}"),
        ("notebook: tiny.ipynb\nparameters: 3\n", f"p.yaml: {NAMES}"),
        ("notebook: tiny.ipynb\nparameters: {}\n", f"p.yaml: {NAMES}"),
        (
            PLAN + "repeat: sed\n",
            "p.yaml: repeat cannot be 'sed'. Allowed: pause, rate, seed, size. Did you mean 'seed'?",
        ),
        (PLAN + "  seed: [3]\n", "p.yaml is not YAML: seed is given twice."),
        (PLAN + "notebook: other.ipynb\n", "p.yaml is not YAML: notebook is given twice."),
        ("notebook: [tiny", "p.yaml is not YAML: while parsing a flow sequence."),
        ("\x00", "p.yaml is not YAML: unacceptable character #x0000: special characters are not allowed."),
        (
            "!!python/object/apply:os.system [touch hacked]",
            "p.yaml is not YAML: could not determine a constructor for the tag "
            "'tag:yaml.org,2002:python/object/apply:os.system'.",
        ),
    ],
)
def test_plans_that_are_wrong_are_named_before_anything_runs(folder, capsys, plan, message):
    (folder / "p.yaml").write_text(plan, encoding="utf-8")
    with pytest.raises(NotebookError) as caught:
        read_sweep(Path("p.yaml"))
    assert str(caught.value) == message
    assert main(["report", "--sweep", "p.yaml"]) == 1
    assert message in capsys.readouterr().err
    assert not (folder / "reports").exists() and not (folder / "hacked").exists()


def test_a_plan_says_what_is_repeated_compared_and_drawn_against(folder):
    values = {"seed": [0, 1], "size": [10, 20], "rate": [1.0]}
    assert read_sweep(folder / "plan.yaml") == Sweep(
        folder / "tiny.ipynb", values, "seed", "accuracy", ("training_seconds", "parameters", "training_size")
    )
    (folder / "plan.yaml").write_text(PLAN + "repeat: size\ncompare: 7\nagainst: 8\n", encoding="utf-8")
    assert read_sweep(folder / "plan.yaml") == Sweep(folder / "tiny.ipynb", values, "size", "7", ("8",))
    (folder / "plan.yaml").write_text(
        PLAN.replace("[0, 1]", str([*range(5000)])) + "against: [a, 2]\n", encoding="utf-8"
    )
    plan = read_sweep(folder / "plan.yaml")
    assert len(plan.combinations) == 10_000 and plan.against == ("a", "2")


def test_results_that_the_notebook_does_not_give_are_refused_where_it_is_stored_as_run(folder):
    notebook = nbformat.read("tiny.ipynb", as_version=4)
    shown = {"accuracy": 0.9, "parameters": 7}
    notebook.cells[1].outputs = [new_output("display_data", {MIME: shown})]
    nbformat.write(notebook, "tiny.ipynb")
    allowed = "Allowed: accuracy, parameters, pause, rate, seed, size, work_seconds."
    for line, wrong, word in (
        ("compare: accurracy", "compare cannot be 'accurracy'", "accuracy"),
        ("against: [accuracy, sizes]", "against cannot be 'sizes'", "size"),
    ):
        (folder / "plan.yaml").write_text(f"{PLAN}{line}\n", encoding="utf-8")
        with pytest.raises(NotebookError) as caught:
            read_sweep(Path("plan.yaml"))
        assert str(caught.value) == f"plan.yaml: {wrong}. {allowed} Did you mean {word!r}?"
    (folder / "plan.yaml").write_text(f"{PLAN}compare: parameters\nagainst: work_seconds\n", encoding="utf-8")
    assert read_sweep(folder / "plan.yaml").against == ("work_seconds",)


@pytest.mark.parametrize(
    ("text", "number"), [("1e-3", 0.001), ("1E3", 1000.0), ("2.e+1", 20.0), ("-1.5e-3", -0.0015), ("1", 1.0)]
)
def test_numbers_may_have_an_exponent(folder, text, number):
    (folder / "plan.yaml").write_text(PLAN.replace("rate: 1", f"rate: [{text}]"), encoding="utf-8")
    assert read_sweep(folder / "plan.yaml").parameters["rate"] == [number]


def test_a_missing_plan_is_named(folder):
    with pytest.raises(NotebookError, match=r"^none\.yaml cannot be read: No such file or directory\.$"):
        read_sweep(Path("none.yaml"))
    Path("none.yaml").write_bytes(b"\xff")
    with pytest.raises(NotebookError, match=r"^none\.yaml is not YAML: 'utf-8' codec can't decode .*\.$"):
        read_sweep(Path("none.yaml"))


def test_the_plan_that_comes_with_digitlib_can_be_run():
    plan = Path(__file__).resolve().parents[2] / "notebooks" / "reports" / "sweep.yaml"
    assert len(sweep_jobs(read_sweep(plan))) == 24


# --- the comparison -----------------------------------------------------------------------------------------


def test_comparison_has_a_row_a_run_means_over_seeds_and_figures(folder):
    sweep = read_sweep(folder / "plan.yaml")
    jobs = sweep_jobs(sweep)
    for job in jobs[:3]:
        size, seed = job.parameters["size"], job.parameters["seed"]
        pretend(job, folder / "out", {"accuracy": 0.9 + seed / 50, "parameters": 100 * size})
    pretend(jobs[3], folder / "out", {}, error="cell 2 (work): <b>no</b>")
    page = write_comparison(sweep, jobs, folder / "out").read_text(encoding="utf-8")
    assert "3 of 4 runs of tiny are finished. The same command goes on with the others." in page
    assert page.count('<th scope="row"') == 2 + 4
    assert '<th scope="row">size 10</th><td class="number" data-sort="2">2</td>' in page
    mean = np.mean([0.9, 0.92])
    assert f'data-sort="{mean}"' in page, "the mean over both seeds of size 10"
    assert (
        "accuracy against parameters: highest on average 0.91 (size 10) at 1,000, lowest 0.9 (size 20)"
        in page
    )
    assert "failed: cell 2 (work): &lt;b&gt;no" in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_comparison_without_any_number_is_a_table(folder):
    sweep = read_sweep(folder / "plan.yaml")
    jobs = sweep_jobs(sweep)
    pretend(jobs[0], folder / "out", {"accuracy": float("nan"), "parameters": "many"})
    page = write_comparison(sweep, jobs, folder / "out").read_text(encoding="utf-8")
    assert "<img" not in page and page.count('<th scope="row"') == 1


def rows_of(page):
    """The cells of each row of the tables of a page, the heads among them."""
    rows = [re.findall("<t[hd].*?</t[hd]>", row) for row in re.findall("<tr>(.*?)</tr>", page, re.DOTALL)]
    return [" | ".join(re.sub("<[^>]*>", "", cell) for cell in cells) for cells in rows]


def test_comparison_tells_each_group_and_each_run(folder):
    (folder / "plan.yaml").write_text(f"{PLAN}against: [cost, size, same]\n", encoding="utf-8")
    sweep = read_sweep(folder / "plan.yaml")
    jobs = sweep_jobs(sweep)
    given = [{"accuracy": 0.5, "cost": 1.0}, {"accuracy": 0.75, "cost": 3.0, "same": 1, "rate": 2.0}]
    given += [
        {"accuracy": 0.25, "cost": True, "extra_note": "odd"},
        {"accuracy": math.nan, "cost": 9.0, "same": 1},
    ]
    for number, (job, results) in enumerate(zip(jobs, given, strict=True)):
        pretend(job, folder / "out", results, seconds=number + 0.5)
    (folder / "out" / f"{jobs[1].name}.pdf").touch()
    path = write_comparison(sweep, jobs, folder / "out")
    page = path.read_text(encoding="utf-8")
    assert path == folder / "out" / "index.html" and "<title>Sweep: out</title>" in page
    assert "<p>4 of 4 runs of tiny are finished.</p>" in page
    assert "<caption>Runs that differ only in seed</caption>" in page
    assert rows_of(page) == [
        "Parameters | Runs | accuracy: mean | lowest | highest",
        "size 10 | 2 | 0.375 | 0.25 | 0.5",
        "size 20 | 1 | 0.75 | 0.75 | 0.75",
        "report | seed | size | rate | accuracy | cost | same | rate | extra note | seconds in all",
        "run 1 (notebook) | 0 | 10 | 1 | 0.5 | 1 |  |  |  | 0.5",
        "run 2 (notebook, PDF) | 0 | 20 | 1 | 0.75 | 3 | 1 | 2 |  | 1.5",
        "run 3 (notebook) | 1 | 10 | 1 | 0.25 | yes |  |  | odd | 2.5",
        "run 4 (notebook) | 1 | 20 | 1 | nan | 9 | 1 |  |  | 3.5",
    ]
    assert f'href="{jobs[1].name}.pdf"' in page
    alts = re.findall('<img alt="(.*?)"', page)
    assert alts == [
        "Points for 2 groups of runs, accuracy against cost: highest on average 0.75 (size 20) at 3, "
        "lowest 0.5 (size 10) at 1.",
        "Points for 2 groups of runs, accuracy against size: highest on average 0.75 (size 20) at 20, "
        "lowest 0.375 (size 10) at 10.",
    ]


def test_runs_of_one_group_have_no_name_and_single_ones_no_means(folder):
    (folder / "plan.yaml").write_text(PLAN.replace("[10, 20]", "10"), encoding="utf-8")
    sweep = read_sweep(folder / "plan.yaml")
    jobs = sweep_jobs(sweep)
    for done, count in ((1, 0), (2, 1)):
        pretend(jobs[done - 1], folder / "out", {"accuracy": 0.5})
        page = write_comparison(sweep, jobs, folder / "out").read_text(encoding="utf-8")
        assert page.count('<th scope="row">all runs</th>') == count


@pytest.mark.parametrize(
    ("note", "finished", "outdated"),
    [
        ({}, True, False),
        ({"error": "no"}, False, False),
        ({"fingerprint": "other"}, False, True),
        ({"fingerprint": None}, False, True),  # of the first version
        ({"error": "no", "fingerprint": "other"}, False, False),
        (None, False, False),
    ],
)
def test_a_run_is_finished_outdated_or_neither(folder, note, finished, outdated):
    job = sweep_jobs(read_sweep(folder / "plan.yaml"))[0]
    pretend(job, folder, {}, **({"error": note["error"]} if note and "error" in note else {}))
    path = folder / f"{job.name}.ipynb"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["metadata"] = {} if note is None else {RUN_METADATA: content["metadata"][RUN_METADATA] | note}
    if note and note.get("fingerprint", "") is None:
        del content["metadata"][RUN_METADATA]["fingerprint"]
    path.write_text(json.dumps(content), encoding="utf-8")
    assert (is_finished(job, folder), is_outdated(job, folder)) == (finished, outdated)
    path.write_text("{}", encoding="utf-8")
    assert (is_finished(job, folder), is_outdated(job, folder)) == (False, False)


# --- running, stopping, going on ----------------------------------------------------------------------------


def lines(text, pattern):
    return re.findall(pattern, text, re.MULTILINE)


def test_finished_runs_are_kept_and_failed_ones_run_again(folder, capsys):
    (folder / "broken 20").touch()
    plan = PLAN.replace("[0, 1]", "[0]")
    (folder / "plan.yaml").write_text(plan, encoding="utf-8")
    assert main(["report", "--sweep", "plan.yaml", "--name", "first", "--workers", "1"]) == 1
    out = capsys.readouterr()
    assert lines(out.out, r"^\d of 2  seed=0 size=10 rate=1.0  \d+ s$")
    assert lines(
        out.out, r"^\d of 2  seed=0 size=20 rate=1.0  failed: cell 2 \(work\): AssertionError: broken$"
    )
    assert "1 of 2 failed: seed=0 size=20" in out.err
    (folder / "broken 20").unlink()
    assert main(["report", "--sweep", "plan.yaml", "--name", "first", "--workers", "1"]) == 0
    assert "1 of 2 are there from before\n1 of 1  seed=0 size=20" in capsys.readouterr().out
    assert main(["report", "--sweep", "plan.yaml", "--name", "first"]) == 0
    assert "2 of 2 are there from before\nreports" in capsys.readouterr().out
    assert (folder / "runs.txt").read_text(encoding="utf-8").splitlines() == ["10 0", "20 0", "20 0"]
    page = (folder / "reports" / "first" / "index.html").read_text(encoding="utf-8")
    assert "2 of 2 runs of tiny are finished.</p>" in page
    assert "work seconds" in page


def test_half_a_file_is_no_finished_run(folder):
    job = sweep_jobs(read_sweep(folder / "plan.yaml"))[0]
    (folder / f"{job.name}.ipynb").write_text('{"cells": [', encoding="utf-8")
    assert not is_finished(job, folder)
    pretend(job, folder, {})
    assert is_finished(job, folder)


def test_runs_of_other_code_or_data_or_files_are_made_anew_and_told(folder, monkeypatch, capsys):
    (folder / "plan.yaml").write_text(PLAN.replace("rate: 1", "name: [a.txt, '']"), encoding="utf-8")
    notebook = nbformat.read("tiny.ipynb", as_version=4)
    notebook.cells[0].source += "\nname = ''"
    nbformat.write(notebook, "tiny.ipynb")
    (folder / "a.txt").write_text("one", encoding="utf-8")
    plan = read_sweep(folder / "plan.yaml")
    for job in sweep_jobs(plan):
        pretend(job, folder / "reports" / "plan", {"accuracy": 1.0})
    assert main(["report", "--sweep", "plan.yaml"]) == 0
    assert "8 of 8 are there from before\nreports" in capsys.readouterr().out
    (folder / "a.txt").write_text("two", encoding="utf-8")
    done = []
    monkeypatch.setattr(
        report, "run_reports", lambda jobs, *_: iter([(done.append(job), job) for job in jobs][:0])
    )
    assert main(["report", "--sweep", "plan.yaml"]) == 0
    assert "4 of 8 are there from before\n4 are of another digitlib, " in capsys.readouterr().out
    assert [job.parameters["name"] for job in done] == ["a.txt"] * 4
    monkeypatch.setattr(origin, "origin", lambda: {"code": "other", "data": "same"})
    assert main(["report", "--sweep", "plan.yaml"]) == 0
    assert capsys.readouterr().out.startswith("8 are of another digitlib, ")


def test_a_changed_file_of_digitlib_or_of_the_data_changes_the_origin(folder, monkeypatch):
    copy = folder / "digitlib"
    (copy / "__pycache__").mkdir(parents=True)
    (copy / "network.py").write_text("width = 8", encoding="utf-8")
    monkeypatch.setattr(origin, "_PACKAGE", copy)
    monkeypatch.setenv("DIGITLIB_DATA", str(folder))
    (folder / "samples").mkdir()
    seen = [origin.origin.__wrapped__()]
    (copy / "__pycache__" / "network.pyc").write_bytes(b"new")
    seen.append(origin.origin.__wrapped__())
    (copy / "network.py").write_text("width = 9", encoding="utf-8")
    seen.append(origin.origin.__wrapped__())
    (folder / "samples" / "labels.csv").write_text("file,label\n", encoding="utf-8")
    seen.append(origin.origin.__wrapped__())
    assert [len({one[key] for one in seen}) for key in ("code", "data")] == [2, 2]
    assert seen[0] == seen[1] and seen[1]["code"] != seen[2]["code"] and seen[2]["data"] != seen[3]["data"]
    assert seen[0]["commit"] == "none" and seen[0]["numpy"] == np.__version__


def test_a_sweep_that_runs_already_is_named_with_its_process(folder, capsys):
    with only_one(Path("reports/plan")):
        code = "import sys; from digitlib.cli.main import main; sys.exit(main())"
        command = [sys.executable, "-c", code, "report", "--sweep", "plan.yaml"]
        done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 1 and done.stdout == ""
    assert f"reports/plan is in use by process {os.getpid()} on " in done.stderr.replace(os.sep, "/")
    with only_one(Path("reports/plan")):
        pass


@pytest.mark.skipif(os.name != "posix", reason="Windows locks within a process otherwise")
def test_a_folder_that_is_held_is_named_with_its_holder_and_can_be_held_again(tmp_path):
    place = tmp_path / "new" / "one"
    for _ in range(2):
        with only_one(place):
            assert place.is_dir()
            holder = (tmp_path / "new" / ".one.lock").read_text(encoding="utf-8")
            with pytest.raises(NotebookError) as caught, only_one(place):
                pass
            assert str(caught.value) == (
                f"{place} is in use by {holder}. Wait until it ends, or choose another --name."
            )
            process = re.escape(f"process {os.getpid()} on {platform.node()}")
            assert re.fullmatch(rf"{process}, since \d{{4}}-\d\d-\d\d \d\d:\d\d UTC", holder)


def running(scratch):
    """Find the processes that were started with a folder for temporary files."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if os.fsencode(scratch) in path.read_bytes():
                found.append(int(path.parent.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc")
@pytest.mark.parametrize(
    ("workers", "sent", "status"),
    [
        ("1", signal.SIGINT, 130),
        ("2", signal.SIGINT, 130),
        ("1", signal.SIGTERM, 143),
        ("2", signal.SIGTERM, 143),
    ],
)
def test_a_sweep_that_is_stopped_leaves_nothing_running_and_goes_on(folder, workers, sent, status):
    (folder / "plan.yaml").write_text(PLAN + "  pause: 1.0\n", encoding="utf-8")
    command = [sys.executable, "-m", "digitlib", "report", "--sweep", "plan.yaml", "--workers", workers]
    environment = os.environ | {"TMPDIR": str(folder / "scratch")}
    (folder / "scratch").mkdir()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, env=environment
    )
    assert process.stdout.readline().startswith(b"1 of 4")
    assert process.pid in running(folder / "scratch")
    if sent == signal.SIGINT:  # a terminal sends it to all processes of the command
        os.killpg(process.pid, sent)
    else:
        process.send_signal(sent)
    _, printed = process.communicate(timeout=120)
    assert process.returncode == status and printed == b"Stopped.\n", printed
    deadline = time.monotonic() + 300  # far more than a busy machine needs
    while running(folder / "scratch") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not running(folder / "scratch"), "processes go on"
    assert not list((folder / "scratch").iterdir()), "files are left"
    finished = len(list((folder / "reports" / "plan").glob("tiny-*.ipynb")))
    assert 1 <= finished < 4
    page = (folder / "reports" / "plan" / "index.html").read_text(encoding="utf-8")
    assert f"{finished} of 4 runs" in page
    done = subprocess.run([*command[:-1], "1"], capture_output=True, timeout=300)
    assert done.returncode == 0
    assert done.stdout.startswith(f"{finished} of 4 are there from before".encode())
    assert len(list((folder / "reports" / "plan").glob("tiny-*.ipynb"))) == 4


# --- several processes --------------------------------------------------------------------------------------


def die(job):
    """Leave a mark in a file; end the process for the first `deaths` marks, then return their number."""
    path, deaths = job
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("x")
    marks = Path(path).stat().st_size
    if marks <= deaths:
        os._exit(1)
    return marks


def test_a_job_whose_process_dies_is_done_again_at_most_twice_and_no_other_suffers(tmp_path):
    deaths = {"fine": 0, "once": 1, "always": 100}
    jobs = [(str(tmp_path / name), count) for name, count in deaths.items()]
    results = {Path(path).name: result for (path, _), result in run_all(die, jobs, workers=2)}
    assert isinstance(results["fine"], int) and results["once"] == 2
    assert str(results["always"]) == "its process died 3 times"


def test_without_dask_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r'pip install "digitlib\[cluster\]"'):
        list(run_all(abs, [1], scheduler="tcp://127.0.0.1:9"))
    assert sorted(run_all(abs, [-1, 2], workers=2)) == [(-1, 1), (2, 2)], "processes here need no Dask"


# --- more than one machine ----------------------------------------------------------------------------------


@contextlib.contextmanager
def dask(*arguments):
    """A Dask process, ended at the end with all that it started."""
    command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stderr.close()


@pytest.mark.skipif(os.name != "posix", reason="kills process groups")
def test_a_cluster_runs_the_sweep_though_a_worker_is_killed_and_the_disk_is_not_shared(
    folder, tmp_path_factory
):
    (folder / "plan.yaml").write_text(PLAN + "  pause: 1.0\n", encoding="utf-8")
    jobs = sweep_jobs(read_sweep(folder / "plan.yaml"))
    jobs = [type(job)(**{**vars(job), "folder": "/not/on/this/machine"}) for job in jobs]
    scratch = str(tmp_path_factory.mktemp("worker"))
    with contextlib.ExitStack() as stack:
        start = ["dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
        scheduler = stack.enter_context(dask(*start))
        address = next(
            found[1] for line in scheduler.stderr if (found := re.search(r"at: *(tcp://\S+)", line))
        )
        options = ["--no-dashboard", "--nthreads", "1", "--no-nanny", "--local-directory", scratch]
        workers = [stack.enter_context(dask("dask_worker", address, *options)) for _ in range(2)]
        killed, results = False, {}
        for job, outcome in run_all(run_job, jobs, address):
            results[job.name] = outcome
            if not killed:  # the other worker is in the middle of a job now, or about to be
                os.killpg(workers[0].pid, signal.SIGKILL)
                killed = True
    assert set(results) == {job.name for job in jobs}
    assert all(isinstance(outcome, Outcome) and not outcome.error for outcome in results.values())
    assert all("Results(accuracy" in outcome.notebook for outcome in results.values())
    assert not (folder / "runs.txt").exists(), "the work was done elsewhere"
