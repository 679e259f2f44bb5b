"""What a report says of its origin, limits of a run, and files that are whole or as before."""

import errno
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from digitlib.cli.main import main
from digitlib.reports import html
from digitlib.reports.html import write_page, write_whole
from digitlib.reports.origin import origin
from digitlib.reports.run import make_job, run_job


@pytest.fixture
def slow(tmp_path, monkeypatch):
    """A notebook with a cell that may hang, in a folder that commands run in."""
    cells = [
        new_code_cell("seed = 5\nname = '<b>'\npause = 0.0", metadata={"tags": ["parameters"]}),
        new_code_cell("import time; time.sleep(pause); print('done')", id="work"),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "slow.ipynb")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_page_says_what_it_was_made_with(slow, capsys):
    assert main(["report", "slow.ipynb", "--name", "one", "--set", "seed=7"]) == 0
    made = origin()
    for name in ("slow.html", "index.html"):
        page = Path("reports", "one", name).read_text(encoding="utf-8")
        for what in ("digitlib", "commit", "code", "data", "python", "numpy", "tensorflow"):
            assert f"<li>{what}: {made[what]}</li>" in page, (name, what)
        assert "<li>date: 20" in page
    page = Path("reports", "one", "slow.html").read_text(encoding="utf-8")
    assert "<li>seed: 7</li>" in page and "&lt;b&gt;" in page and "<b>'" not in page
    note = nbformat.read("reports/one/slow.ipynb", as_version=4).metadata.digitlib_report
    assert note.origin == made and note.date.endswith("UTC")


def test_a_cell_that_hangs_is_ended_and_named(slow, capsys):
    arguments = ["slow.ipynb", "--name", "one", "--set", "pause=600", "--cell-seconds", "1"]
    assert main(["report", *arguments]) == 1
    assert "slow.ipynb  failed: cell 2 (work): " in capsys.readouterr().out
    outcome = run_job(make_job(Path("slow.ipynb"), {"pause": 0.1}))
    assert outcome.error == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--sweep", "s.yaml", "--pictures", "mnist"],
            "--pictures says nothing here. It is allowed with --class.",
        ),
        (["--sweep", "s.yaml", "--set", "a=1"], "--set says nothing here. It is allowed with notebooks."),
        (["--class", "c", "--set", "a=1"], "--set says nothing here"),
        (
            ["--class", "c", "--workers", "2"],
            "--workers says nothing here. It is allowed with notebooks and --sweep",
        ),
        (["--class", "c", "--cell-seconds", "2"], "--cell-seconds says nothing here"),
        (["slow.ipynb", "--pictures", "mnist"], "--pictures says nothing here"),
    ],
)
def test_an_option_that_would_be_passed_over_is_refused(slow, capsys, arguments, message):
    assert main(["report", *arguments]) == 1
    assert message in capsys.readouterr().err
    assert not Path("reports").exists()


def test_a_full_disk_leaves_the_page_of_before_and_names_the_file(tmp_path, monkeypatch):
    write_whole(tmp_path / "index.html", b"before")

    def full(path, content):
        with path.open("wb") as file:
            file.write(content[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(html.Path, "write_bytes", full)
    with pytest.raises(OSError, match=r"No space left on device: .*index\.html"):
        write_page(tmp_path, "index", title="Report", runs=[])
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert (tmp_path / "index.html").read_bytes() == b"before"


def test_reports_that_is_a_file_is_named(slow, capsys):
    Path("reports").write_text("", encoding="utf-8")
    assert main(["report", "slow.ipynb"]) == 1
    assert "reports" in capsys.readouterr().err
