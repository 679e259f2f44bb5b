"""What every notebook keeps to, read from the files; `make test` also runs them all and compares (nbval)."""

import ast
import base64
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from digitlib.notebooks import refresh

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTEBOOKS = LESSONS + sorted((ROOT / "notebooks").glob("[!.]*/*.ipynb"))
PLACES = {
    "digitlib",
    "digitlib.explaining",
    "digitlib.handwriting",
    "digitlib.measuring",
    "digitlib.notebooks",
    "digitlib.reading",
    "digitlib.training",
    "digitlib.web",
}
"""Where notebooks import from: few enough to know one's way about."""
OF_DIGITLIB = {"figures", "preprocess", "worksheets"}
"""What they import from digitlib itself; everything else there is called digitlib.something."""
PNG = base64.b64encode(b"\x89PNG").decode()


def problems(notebook, folder):
    """List what is wrong with a notebook that lies in a folder, as sentences."""
    return [problem for check in CHECKS for problem in check(notebook, folder)]


def ran_from_top_to_bottom(notebook, folder):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"cells were not run in order, once, from a clean kernel: {counts}"


def shows_no_error(notebook, folder):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"{cell.id} stores the error {output.ename}"
            elif output.get("name") == "stderr":
                yield f"{cell.id} stores what was written to stderr: {output.text[:80]!r}"


def stores_no_noise(notebook, folder):
    if "widgets" in notebook.metadata:
        yield "it stores widget state"
    for cell in notebook.cells:
        if set(cell.metadata) - {"tags"}:
            yield f"{cell.id} has metadata beside its tags: {sorted(cell.metadata)}"


def imports_from_few_places(notebook, folder):
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                places = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names = {alias.name for alias in node.names}
                places = (
                    {f"digitlib.{one}" for one in names - OF_DIGITLIB}
                    if node.module == "digitlib"
                    else {node.module}
                )
            else:
                continue
            for place in sorted(places - PLACES):
                if place.partition(".")[0] == "digitlib":
                    yield f"{cell.id} imports from {place}, which is none of {sorted(PLACES)}"


def becomes_a_script_of_python(notebook, folder):
    if notebook.metadata.get("language_info", {}).get("file_extension") != ".py":
        yield "nbconvert would write it as a text file: language_info lacks file_extension"


def has_parameters(notebook, folder):
    tagged = [cell for cell in code_cells(notebook) if "parameters" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        yield f"{len(tagged)} cells are tagged `parameters`, not one"
    for cell in tagged:
        for statement in ast.parse(cell.source).body:
            if not isinstance(statement, ast.Assign) or not is_literal(statement.value):
                yield f"the parameters cell does more than assign values: {ast.unparse(statement)}"


def describes_every_picture(notebook, folder):
    for cell in code_cells(notebook):
        for kind, alt in picture_descriptions(cell):
            if not alt.strip():
                yield f"{cell.id} shows a picture ({kind}) without alt text"
    for cell in markdown_cells(notebook):
        if re.search(r"!\[\s*\]\(|<img(?![^>]*\balt=[\"'][^\"']+)", cell.source):
            yield f"{cell.id} shows a picture without alt text"


def says_more_than_how_many(notebook, folder):
    for cell in code_cells(notebook):
        for _, alt in picture_descriptions(cell):
            if re.fullmatch(r"\d+ \w+\.", alt):
                yield f"{cell.id} shows a picture whose alt text says nothing: {alt}"


def keeps_alt_texts_out_of_the_code(notebook, folder):
    for cell in code_cells(notebook) if folder.name != "reports" else ():
        if re.search(r"\balt\s*=", cell.source):
            yield f"{cell.id} tells in its code what will be seen: figures describe themselves"


def prints_numbers_not_verdicts(notebook, folder):
    for cell in code_cells(notebook) if folder.name != "reports" else ():
        for text in (text for output in cell.outputs for text in output_texts(output)):
            found = re.search(r"^.*\b(True|False)$", text, re.MULTILINE)
            if found:
                yield f"{cell.id} prints a verdict instead of a number: {found[0]!r}"


def names_no_place_on_this_computer(notebook, folder):
    for cell in notebook.cells:
        texts = [cell.source, *(text for output in cell.get("outputs", []) for text in output_texts(output))]
        for text in texts:
            found = re.search(r"(?<![\w.:/~])/(home|Users|root|work|tmp|usr|var|opt|mnt)/|\b[A-Z]:\\", text)
            if found:
                yield f"{cell.id} has an absolute path: {text[found.start() : found.start() + 40]!r}"


def links_lead_somewhere(notebook, folder):
    for cell in markdown_cells(notebook):
        for target in re.findall(r"\]\(([^)\s]+)\)", cell.source):
            if target.startswith("attachment:"):
                if target.removeprefix("attachment:") not in cell.get("attachments", {}):
                    yield f"{cell.id} shows {target}, which is not attached"
                continue
            if re.match(r"https?://|mailto:|#", target):
                continue
            place = (folder / target.partition("#")[0]).resolve()
            if not (place.exists() and place.is_relative_to(ROOT)):  # JupyterLab serves the repository
                yield f"{cell.id} links to {target}, which does not exist"


def cells_are_short(notebook, folder):
    for cell in code_cells(notebook):
        limit = 50 if "check" in cell.metadata.get("tags", []) else 20  # a check is not there to be read
        if len(cell.source.splitlines()) > limit:
            yield f"{cell.id} has more than {limit} lines"


def is_small(notebook, folder):
    size = len(nbformat.writes(notebook))
    if size > 1_000_000:
        yield f"it has {size} bytes, more than a million"


CHECKS = (
    ran_from_top_to_bottom,
    shows_no_error,
    stores_no_noise,
    imports_from_few_places,
    becomes_a_script_of_python,
    has_parameters,
    describes_every_picture,
    says_more_than_how_many,
    keeps_alt_texts_out_of_the_code,
    prints_numbers_not_verdicts,
    names_no_place_on_this_computer,
    links_lead_somewhere,
    cells_are_short,
    is_small,
)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def picture_descriptions(cell):
    """The kind and the alt text of every picture among a cell's outputs."""
    for output in cell.outputs:
        for kind in output.get("data", {}):
            if kind.startswith("image/"):
                yield kind, output.metadata.get(kind, {}).get("alt", "")


def output_texts(output):
    """Everything a reader can read in an output."""
    yield output.get("text", "")
    yield from (data for kind, data in output.get("data", {}).items() if kind.startswith("text/"))


def is_literal(value):
    try:
        ast.literal_eval(value)
    except ValueError:
        return False
    return True


def test_there_are_notebooks():
    assert LESSONS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_the_rules(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    found = problems(notebook, path.parent)
    assert not found, "\n".join(found)


def good_notebook():
    """A notebook without a flaw, for the tests of the guard to break."""
    notebook = new_notebook(metadata={"language_info": {"name": "python", "file_extension": ".py"}})
    notebook.cells = [
        new_markdown_cell("# Title\n[the readme](README.md)", id="title"),
        new_code_cell("seed = 0", id="parameters", metadata={"tags": ["parameters"]}, execution_count=1),
        new_code_cell("plot()", id="plot", execution_count=2),
    ]
    notebook.cells[2].outputs = [
        new_output("display_data", {"image/png": PNG}, metadata={"image/png": {"alt": "A plot."}})
    ]
    return notebook


def run_out_of_order(notebook):
    notebook.cells[1].execution_count, notebook.cells[2].execution_count = 2, 1


def run_half(notebook):
    notebook.cells[2].execution_count = None
    notebook.cells[2].outputs = []


def run_later_in_a_used_kernel(notebook):
    notebook.cells[1].execution_count, notebook.cells[2].execution_count = 7, 8


def raise_an_error(notebook):
    notebook.cells[2].outputs = [new_output("error", ename="ValueError", evalue="no", traceback=[])]


def warn(notebook):
    notebook.cells[2].outputs.append(new_output("stream", name="stderr", text="FutureWarning"))


def keep_widget_state(notebook):
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}


def keep_timings(notebook):
    notebook.cells[2].metadata["execution"] = {"iopub.execute_input": "2020-01-01T00:00:00Z"}


def import_from_a_ninth_place(notebook):
    notebook.cells[2].source = "from digitlib.reading.vote import vote_on_text"


def import_a_module_of_a_room(notebook):
    notebook.cells[2].source = "import digitlib.reading.vote"


def import_a_room_as_a_whole(notebook):
    notebook.cells[2].source = "from digitlib import figures, labels"


def lose_the_language(notebook):
    notebook.metadata.language_info = {"name": "python"}


def lose_the_parameters(notebook):
    notebook.cells[1].metadata = {}


def derive_in_the_parameters(notebook):
    notebook.cells[1].source = "seed = 0\nother = seed + 1"


def lose_the_alt_text(notebook):
    notebook.cells[2].outputs[0].metadata = {}


def say_how_many_pictures(notebook):
    notebook.cells[2].outputs[0].metadata = {"image/png": {"alt": "1 picture."}}


def tell_it_in_the_code(notebook):
    notebook.cells[2].source = "plot(alt='The loss falls.')"


def print_a_verdict(notebook):
    notebook.cells[2].outputs.append(new_output("stream", name="stdout", text="more than 90 %: True\n"))


def lose_the_alt_text_in_prose(notebook):
    notebook.cells[0].source += "\n![](README.md)"


def lose_the_alt_text_in_html(notebook):
    notebook.cells[0].source += '\n<img src="README.md">'


def write_an_absolute_path(notebook):
    notebook.cells[2].source = "open('/home/ada/digit.png')"


def print_an_absolute_path(notebook):
    notebook.cells[2].outputs.append(new_output("stream", name="stdout", text="saved to C:\\digits"))


def link_to_nothing(notebook):
    notebook.cells[0].source += "\n[gone](nowhere.md)"


def link_out_of_the_repository(notebook):
    notebook.cells[0].source += "\n[up](..)"


def show_a_lost_attachment(notebook):
    notebook.cells[0].source += "\n![a plot](attachment:lost.png)"


def write_a_long_cell(notebook):
    notebook.cells[2].source = "\n".join(["plot()"] * 21)


def grow_too_large(notebook):
    notebook.cells[2].outputs[0].data["image/png"] = "A" * 1_000_000


FLAWS = [
    run_out_of_order,
    run_half,
    run_later_in_a_used_kernel,
    raise_an_error,
    warn,
    keep_widget_state,
    keep_timings,
    import_from_a_ninth_place,
    import_a_module_of_a_room,
    import_a_room_as_a_whole,
    lose_the_language,
    lose_the_parameters,
    derive_in_the_parameters,
    lose_the_alt_text,
    say_how_many_pictures,
    tell_it_in_the_code,
    print_a_verdict,
    lose_the_alt_text_in_prose,
    lose_the_alt_text_in_html,
    write_an_absolute_path,
    print_an_absolute_path,
    link_to_nothing,
    link_out_of_the_repository,
    show_a_lost_attachment,
    write_a_long_cell,
    grow_too_large,
]


def test_guard_passes_a_good_notebook():
    assert problems(good_notebook(), ROOT) == []


@pytest.mark.parametrize("flaw", FLAWS, ids=lambda flaw: flaw.__name__)
def test_guard_finds(flaw):
    notebook = good_notebook()
    flaw(notebook)
    assert len(problems(notebook, ROOT)) == 1


def run_script(*paths):
    command = [sys.executable, "-m", "digitlib.notebooks.refresh", *paths]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)


def test_running_a_notebook_twice_changes_no_byte(tmp_path):
    notebook = new_notebook(metadata={"digitlib": {"minutes": {"reading": 1}}, "widgets": {}, "authors": []})
    notebook.cells = [
        new_markdown_cell("![a grid](attachment:title.png)", id="title"),
        new_code_cell("import numpy\nfrom digitlib import figures", id="setup"),
        new_code_cell("figures.picture_grid([numpy.eye(9)])", id="grid"),
        new_code_cell("import ipywidgets; ipywidgets.IntSlider()", id="slider"),
    ]
    notebook.cells[2].metadata.update({"tags": ["title-picture"], "collapsed": True})
    path = tmp_path / "lesson.ipynb"
    nbformat.write(notebook, path)
    assert run_script(path).returncode == 0
    first = path.read_bytes()
    assert run_script(path).returncode == 0
    assert path.read_bytes() == first
    stored = nbformat.reads(first.decode(), as_version=4)
    assert list(problems(stored, tmp_path)) == ["0 cells are tagged `parameters`, not one"]
    assert stored.metadata.digitlib.minutes.reading == 1
    assert stored.metadata.digitlib.seconds % 5 == 0 < stored.metadata.digitlib.seconds
    assert stored.cells[2].metadata == {"tags": ["title-picture"]}
    assert stored.cells[0].attachments["title.png"]["image/png"].startswith("iVBOR")
    assert list(stored.cells[3].outputs[0].data) == ["text/plain"]


@pytest.mark.parametrize(
    ("noted", "took", "then"),
    [(0, 3.2, 5), (0, 5.1, 10), (5, 9.9, 5), (5, 10.1, 15), (40, 15.1, 40), (40, 14.9, 15), (20, 41, 45)],
)
def test_seconds_are_noted_anew_only_when_they_are_far_off(noted, took, then):
    notebook = new_notebook(metadata={"digitlib": {"seconds": noted} if noted else {"minutes": {}}})
    refresh.note_seconds(notebook, took)
    assert notebook.metadata.digitlib.seconds == then


def test_seconds_are_noted_only_of_lessons():
    notebook = new_notebook()
    refresh.note_seconds(notebook, 12)
    assert notebook.metadata == {}


def test_a_failing_notebook_is_named_with_its_cell_and_left_alone(tmp_path):
    notebook = new_notebook()
    notebook.cells = [
        new_code_cell("number = 1", id="fine"),
        new_markdown_cell("Prose."),
        new_code_cell("number / 0", id="broken"),
    ]
    path = tmp_path / "lesson.ipynb"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    result = run_script(path)
    assert result.returncode == 1
    assert "lesson.ipynb  cell 3 (broken): ZeroDivisionError: division by zero" in result.stderr
    assert path.read_bytes() == before
