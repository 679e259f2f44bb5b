"""Every answer to the samples and to drawn scenes is the one that is stored in answers.json."""

import json
import re

import cv2
import pytest
from reading.answers import PATH, PICTURES, answer

STORED = json.loads(PATH.read_text(encoding="utf-8"))
A_PIXEL_BESIDE = {"sheet on a table 8"} if cv2.__version__.startswith("4.") else set()
"""OpenCV 4 warps in steps of 1/32 pixel: what is cut out of this sheet, made level, begins a pixel beside,
and the means of its steps change by up to 7 %."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def flat(value, path=""):
    """Yield place and value of everything inside an answer; the numbers of a sentence apart."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{path} {key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from flat(item, f"{path} {index}")
    elif isinstance(value, str):
        yield path, NUMBER.sub("#", value)
        yield from ((f"{path} number {i}", float(n)) for i, n in enumerate(NUMBER.findall(value)))
    else:
        yield path, float(value)


@pytest.mark.parametrize("name", PICTURES)
def test_the_answer_is_the_stored_one(name):
    """Other releases of OpenCV and Pillow may round otherwise: by a gray level, by a hundredth."""
    stored, said = dict(flat(STORED[name])), dict(flat(answer(PICTURES[name]())))
    assert said.keys() == stored.keys()
    relative, absolute = (0.07, 1.0) if name in A_PIXEL_BESIDE else (5e-3, 0.011)
    for place, value in stored.items():
        if isinstance(value, float):
            value = pytest.approx(value, rel=relative, abs=absolute)
        assert said[place] == value, place


def test_nothing_is_stored_that_is_not_asked():
    assert STORED.keys() == PICTURES.keys()
