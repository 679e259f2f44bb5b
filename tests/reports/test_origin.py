"""What a report says of its origin, limits of a run, and files that are whole or as before."""

import base64
import errno
import io
import platform
import re
import shutil
import subprocess
import time
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from digitlib.cli.main import main
from digitlib.reports import html
from digitlib.reports import origin as origins
from digitlib.reports.html import now, origin_table, render, thumbnails, write_page, write_whole
from digitlib.reports.origin import fingerprint, origin
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
    with pytest.raises(OSError) as caught:
        write_page(tmp_path, "index", title="Report", runs=[])
    error = caught.value
    assert (error.errno, error.strerror) == (errno.ENOSPC, "No space left on device")
    assert error.filename == str(tmp_path / "index.html")
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]
    assert (tmp_path / "index.html").read_bytes() == b"before"


def test_reports_that_is_a_file_is_named(slow, capsys):
    Path("reports").write_text("", encoding="utf-8")
    assert main(["report", "slow.ipynb"]) == 1
    assert "reports" in capsys.readouterr().err


# --- what is said of the origin -----------------------------------------------------------------------------


def test_a_page_is_its_template_with_the_origin_of_now(tmp_path, monkeypatch):
    monkeypatch.setattr(html, "now", lambda: "2031-05-06 14:07 UTC")
    values = {"title": "Report é", "runs": []}
    page = write_page(tmp_path, "index", **values)
    expected = render("index", origin=origin_table("2031-05-06 14:07 UTC"), **values)
    assert page == tmp_path / "index.html" and page.read_text(encoding="utf-8") == f"{expected}\n"


def test_the_origin_is_a_list_of_parameters_date_and_versions():
    lines = re.findall("<li>(.*)</li>", origin_table("today", {"name": "x", "rate": 0.5, "sizes": ["<"]}))
    assert lines[:4] == ["name: x", "rate: 0.5", "sizes: [&#39;&lt;&#39;]", "date: today"]
    assert lines[4:] == [f"{name}: {value}" for name, value in origin().items()]


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows keeps its time zone")
def test_times_are_those_of_greenwich_to_the_minute(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    told = datetime.strptime(now(), "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
    monkeypatch.undo()
    time.tzset()
    assert timedelta(0) <= datetime.now(UTC) - told < timedelta(minutes=2)


def test_versions_are_named_and_what_is_missing_too(monkeypatch):
    monkeypatch.setattr(origins, "PACKAGES", ("numpy", "no-such-package"))
    found = origin.__wrapped__()
    assert list(found) == [
        *("digitlib", "commit", "code", "data", "system", "python", "numpy", "no-such-package")
    ]
    assert found["digitlib"] == metadata.version("digitlib") and found["numpy"] == np.__version__
    assert found["no-such-package"] == "not installed"
    assert (found["system"], found["python"]) == (platform.platform(), platform.python_version())
    assert all(re.fullmatch("[0-9a-f]{12}", found[name]) for name in ("code", "data"))


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_the_commit_is_named_where_there_is_one(tmp_path, monkeypatch):
    def git(*arguments):
        command = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def commit():
        return origin.__wrapped__()["commit"]

    package = tmp_path / "digitlib"
    package.mkdir()
    (package / "a.py").write_text("1", encoding="utf-8")
    monkeypatch.setattr(origins, "_PACKAGE", package)
    assert commit() == "none"
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    short = git("rev-parse", "--short=12", "HEAD")
    assert commit() == short
    (package / "a.py").write_text("2", encoding="utf-8")
    assert commit() == f"{short}, changed"
    monkeypatch.setenv("PATH", "")
    assert commit() == "none", "without git"


def test_a_fingerprint_follows_the_files_of_the_parameters_and_nothing_else(tmp_path):
    def of(**parameters):
        return fingerprint(parameters, tmp_path)

    (tmp_path / "pics").mkdir()
    for name in ("a", "b", "pics/labels.csv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    assert re.fullmatch("[0-9a-f]{12}", of())
    assert of() == of(seed=1) == of(name="") == of(name="gone", sizes=[1, 2], names=["x"])
    kinds = [of(), of(name="a"), of(name="b"), of(names=["a", "b"]), of(name="pics")]
    assert len(set(kinds)) == 5 and of(one="b", other="a") == kinds[3]
    (tmp_path / "a").write_text("b", encoding="utf-8")
    (tmp_path / "b").write_text("a", encoding="utf-8")
    assert of(names=["a", "b"]) != kinds[3], "each has the other's content"
    (tmp_path / "pics/labels.csv").write_text("new", encoding="utf-8")
    assert of(name="pics") != kinds[4]


# --- figures in lists ---------------------------------------------------------------------------------------


def picture(width, height, alt=None, mode="RGB"):
    drawn = io.BytesIO()
    Image.effect_noise((width, height), 90).convert(mode).save(drawn, "PNG")
    text = base64.b64encode(drawn.getvalue()).decode()
    note = {} if alt is None else {"image/png": {"alt": alt}}
    return new_output("display_data", {"image/png": text}, metadata=note)


def test_figures_are_shrunk_for_a_list_and_keep_their_alt_texts():
    first = [picture(960, 480, "A curve."), new_output("stream", text="no figure"), picture(100, 50, "")]
    tall = [picture(240, 4800, mode="RGBA"), new_output("display_data", {"text/plain": "none"})]
    cells = [new_code_cell("1", outputs=first), new_markdown_cell("2"), new_code_cell("3", outputs=tall)]
    found = thumbnails(new_notebook(cells=cells))
    assert [alt for alt, _ in found] == ["A curve.", "", ""]
    images = [Image.open(io.BytesIO(png)) for _, png in found]
    assert [image.format for image in images] == ["PNG"] * 3
    assert [image.size for image in images] == [(240, 120), (100, 50), (120, 2400)]
    assert len(images[0].getcolors()) == 64, "few colors take few bytes"
