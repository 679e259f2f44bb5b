"""The first time an idea appears, its code stands in the lesson; and numbers are printed as numbers."""

import re

import pytest

from digitlib.notebooks.files import lesson_files, read_notebook

IDEAS = {
    "03": {
        "a network with kernels": r"layers\.Conv2D\(first, 5, activation=\"relu\".*\n *layers\.MaxPooling2D",
        "scores made into probabilities": r"layers\.Dense\(10, activation=\"softmax\"",
        "compile": r"network\.compile\(\n?\s*keras\.optimizers\.Adam\(",
        "fit, with curves that grow": r"network\.fit\((.|\n)*callbacks=\[live\]",
        "pooling by hand": r"\.max\(axis=\(1, 3\)\)",
        "ReLU by hand": r"np\.maximum\(maps\[0\], 0\)",
        "softmax by hand": r"np\.exp\(scores\) / np\.exp\(scores\)\.sum\(\)",
        "saving": r"export\(network, card, folder\)",
        "reading a digit": r"read_digit\([^)]*, network=folder\)",
    },
    "05": {
        "occlusion": r"for row in range\(28\):\n\s*for column in range\(28\):\n\s*covered = image\.copy\(\)",
        "Grad-CAM": r"tape\.gradient\(score, features\)",
        "a control": r"train\(0\.0\)",
        "one pixel": r"\(pixel\.patch \* pixel\.kernel\)\.sum\(\)",
        "the fast gradient sign method": r"strength \* np\.sign\(slope\)",
        "erasing the blame": r"image\[max\(0, row - 2\) : row \+ 3, max\(0, column - 2\) : column \+ 3\] = 0",
        "a look into one's own network": r"feature_maps\(image, mine\)",
    },
    "06": {
        "a page": r"widgets\.FileUpload\((.|\n)*widgets\.Button\((.|\n)*answer\((.|\n)*button\.on_click\(",
        "the demo with one's own network": r"DemoApp\(network=mine\)\napp$",
    },
}
"""By lesson: ideas, and what their code looks like."""


def code_of(lesson):
    return [cell for cell in lesson.cells if cell.cell_type == "code"]


@pytest.mark.parametrize(("number", "idea"), [(number, idea) for number in IDEAS for idea in IDEAS[number]])
def test_the_code_of_an_idea_stands_in_its_lesson(number, idea):
    (path,) = [path for path in lesson_files() if path.stem.startswith(number)]
    assert any(re.search(IDEAS[number][idea], cell.source) for cell in code_of(read_notebook(path)))


def test_a_page_is_built_in_fifteen_lines_and_the_series_ends_on_the_demo():
    cells = code_of(read_notebook(lesson_files()[-1]))
    (page,) = [
        cell.source
        for cell in cells
        if "widgets.FileUpload(accept" in cell.source and "on_click" in cell.source
    ]
    assert 10 <= len([line for line in page.splitlines() if line.strip()]) <= 15
    assert cells[-1].metadata.tags == ["demo"]


@pytest.mark.parametrize(
    "path", [path for path in lesson_files() if path.stem[:2] in IDEAS], ids=lambda path: path.stem
)
def test_what_is_printed_is_a_number_and_not_whether_it_is_so(path):
    for cell in code_of(read_notebook(path)):
        for output in cell.outputs:
            said = output.get("text", "") or output.get("data", {}).get("text/plain", "")
            assert not re.search(r"(^|: ?)(True|False)$", said, re.MULTILINE), cell.id


@pytest.mark.parametrize(
    "path", [path for path in lesson_files() if path.stem[:2] in IDEAS], ids=lambda path: path.stem
)
def test_no_alt_text_stands_in_the_code_of_a_learner(path):
    for cell in code_of(read_notebook(path)):
        assert not re.search(r"\balt\b ?=", cell.source), cell.id
