"""A seed draws what it drew when digitlib's networks were trained and its samples were made."""

import json

import numpy as np
import pytest
from handwriting.drawings import PATH, WAYS, drawn, texts

STORED = json.loads(PATH.read_text(encoding="utf-8"))


def test_every_way_of_drawing_is_stored():
    assert STORED.keys() == WAYS.keys() | {"texts"}


def test_a_seed_writes_the_text_that_it_wrote_before():
    assert STORED["texts"] == texts()


@pytest.mark.parametrize("way", WAYS)
def test_a_seed_draws_what_it_drew_before(way):
    # Processors and versions of OpenCV may round otherwise.
    np.testing.assert_allclose(drawn(way), STORED[way], atol=2)
