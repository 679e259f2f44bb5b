"""Every answer to the samples and to drawn scenes is the one that is stored in answers.json."""

import json
import re

import pytest
from reading.answers import PATH, PICTURES, answer

STORED = json.loads(PATH.read_text(encoding="utf-8"))
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
        assert said[place] == (
            value if isinstance(value, str) else pytest.approx(value, rel=5e-3, abs=0.011)
        ), place


def test_nothing_is_stored_that_is_not_asked():
    assert STORED.keys() == PICTURES.keys()
