"""Every part of reading says what parts.json holds to small drawn pictures, and to numbers by chance."""

import json

import pytest
from reading.parts import PARTS, PATH, said

STORED = json.loads(PATH.read_text(encoding="utf-8"))


def assert_alike(found, stored, place):
    """Whole numbers and words are the same; means of grey levels and per cent may be rounded otherwise."""
    assert type(found) is type(stored), place
    if isinstance(stored, float):
        assert found == pytest.approx(stored, rel=2e-3, abs=0.4), place
    elif isinstance(stored, dict):
        assert found.keys() == stored.keys(), place
        for key, value in stored.items():
            assert_alike(found[key], value, f"{place} {key}")
    elif isinstance(stored, list):
        assert len(found) == len(stored), place
        for index, value in enumerate(stored):
            assert_alike(found[index], value, f"{place} {index}")
    else:
        assert found == stored, place


@pytest.mark.parametrize(("part", "number"), [(part, number) for part in STORED for number in STORED[part]])
def test_a_part_says_what_is_stored(part, number):
    assert_alike(said(part, int(number)), STORED[part][number], part)


def test_every_part_is_asked():
    assert STORED.keys() == PARTS.keys() and all(STORED.values())
