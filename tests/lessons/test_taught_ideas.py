"""The first time an idea appears, its code stands in the lesson."""

import re

import pytest

from digitlib.notebooks.files import lesson_files, read_notebook

IDEAS = {
    "00": {
        "drawing in the first minutes": r"pad = DrawingPad\(\)\npad$",
        "reading a digit": r"reading = digitlib\.read_digit\(photo\)",
    },
    "01": {
        "an average": r"x_rest\[y_rest == d\]\.mean\(axis=0\)",
        "the nearest average": r"\(\(images - mean\) \*\* 2\)\.sum\(axis=\(1, 2\)\)",
    },
    "02": {
        "grayscale": r"weights = \[0\.299, 0\.587, 0\.114\]\ngray = \(pixels @ weights\)(.|\n)*picture_grid",
        "invert": r"light = 255 - gray\nfigures\.picture_grid",
        "threshold": r"cv2\.threshold\(light, 0, 255, cv2\.THRESH_OTSU\)",
        "crop": r"cv2\.boundingRect\(largest\)(.|\n)*cv2\.drawContours(.|\n)*cv2\.rectangle(.|\n)*grid",
        "resize": r"cv2\.resize\(cut, None(.|\n)*picture_grid",
        "center": r"middle\[top : top \+ small(.|\n)*picture_grid",
        "normalize": r"image = \(middle / 255\)(.|\n)*picture_grid",
        "the local background": r"paper = cv2\.morphologyEx\(dimmed_light, cv2\.MORPH_OPEN(.|\n)*grid",
        "a sheet made level": r"cv2\.approxPolyDP\((.|\n)*cv2\.getPerspectiveTransform\(corners",
        "printed lines": r"cv2\.MORPH_OPEN, np\.ones\(\(1, run\), np\.uint8\)",
    },
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
    "04": {
        "Wilson's interval": r"np\.sqrt\(p \* \(1 - p\) / n \+ z\*\*2 / \(4 \* n\*\*2\)\)",
        "boldness": r"given\.max\(axis=1\)\.mean\(\) - np\.mean\(given\.argmax\(axis=1\) == true\)",
        "a reader without preprocessing": r"def fifteen_lines\(photo\):",
        "two readers and their vote": r"best_texts\(view\.steps\)(.|\n)*vote_on_text\(cut, \[view\]\)",
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
        "the demo with one's own network": r"DemoApp\(network=mine, keep=keep if keep_in else None\)\napp$",
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
