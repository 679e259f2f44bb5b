"""`make lab` and `make class`: JupyterLab where the pictures and links of the lessons resolve."""

import re
import shlex
import subprocess
import sys

import pytest
from playwright.sync_api import expect
from web.served import ROOT, served

from digitlib.notebooks.files import lesson_files, project_files, read_notebook


def options_of(target):
    """The options and the file that the Makefile starts JupyterLab with."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    always = re.search(r"^LAB := .* -m jupyterlab (.*?) \$\(AS_ROOT\)$", makefile, re.MULTILINE)[1]
    (file,) = re.findall(rf"^{target}: .*?\$\(LAB\) (\S+)$", makefile, re.MULTILINE | re.DOTALL)[:1]
    return [*shlex.split(always), file]


def test_lab_opens_the_first_lesson_and_class_its_copy():
    assert options_of("lab")[-1] == "notebooks/00_start_here.ipynb"
    assert options_of("class")[-1] == "student/00_start_here.ipynb"
    assert (ROOT / options_of("lab")[-1]).is_file()


@pytest.mark.parametrize("path", [*lesson_files(), *project_files()], ids=lambda path: path.stem)
def test_pictures_and_links_of_a_lesson_lie_below_the_root(path):
    """From the folder of the lessons, and as well from that of the student copies beside it."""
    for cell in read_notebook(path).cells:
        for target in re.findall(
            r"\]\(([^)\s:#]+)(?:#[^)]*)?\)", cell.source if cell.cell_type == "markdown" else ""
        ):
            whole = (path.parent / target).resolve()
            assert whole.exists() and ROOT in whole.parents, target
            assert target.startswith("../") or whole in [*lesson_files(), *project_files()], (
                f"{target} has no copy for students"
            )


@pytest.fixture(scope="module")
def lab():
    """JupyterLab as `make lab` starts it, but without a browser of its own."""
    options = [*options_of("lab")[:-1], "--no-browser", "--ServerApp.token=", "--allow-root"]
    with served("jupyterlab", *options) as (address, _):
        yield address


def test_the_last_lesson_shows_its_picture_and_whole_lines_of_code_and_no_news(lab, browser):
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    lost = []
    page.on(
        "response",
        lambda reply: lost.append(reply.url) if reply.status == 404 and "/files/" in reply.url else None,
    )
    page.goto(f"{lab}/lab/tree/{lesson_files()[-1].relative_to(ROOT).as_posix()}?reset")
    picture = page.locator(".jp-RenderedMarkdown img").first
    expect(picture).to_be_visible(timeout=60_000)
    page.wait_for_timeout(3_000)  # the news would come now
    assert picture.evaluate("image => image.naturalWidth") > 400
    assert lost == []
    assert page.get_by_text("Jupyter news").count() == 0
    page.set_viewport_size({"width": 1024, "height": 900})
    code = page.locator(".jp-CodeCell .cm-scroller").first
    expect(code).to_be_visible()
    assert code.evaluate("code => code.innerText.split('\\n').some(line => line.length > 80)")
    assert code.evaluate("code => code.scrollWidth <= code.clientWidth"), "no line is cut off"
    page.close()


def test_class_writes_the_copies_that_it_opens(tmp_path):
    command = [sys.executable, "-m", "digitlib", "student", "--out", str(tmp_path / "student")]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / options_of("class")[-1]).is_file()
