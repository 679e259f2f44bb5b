"""Every answer to the samples and to drawn scenes is the one that is stored in answers.json."""

import json
import re

import cv2
import pytest
from reading.answers import PATH, PICTURES, answer

STORED = json.loads(PATH.read_text(encoding="utf-8"))
SHARE, PLACE = (5e-3, 0.011) if cv2.__version__ >= "5" else (0.07, 1.0)
"""What a figure and a place may differ by. OpenCV 4 warps in steps of 1/32 pixel: what is cut out of a sheet
made level may begin a pixel beside, and the means of its steps change."""
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
    for place, value in stored.items():
        if isinstance(value, float):
            value = pytest.approx(value, rel=SHARE, abs=PLACE if value.is_integer() and value > 1 else 0.011)
        assert said[place] == value, place


def test_nothing_is_stored_that_is_not_asked():
    assert STORED.keys() == PICTURES.keys()
