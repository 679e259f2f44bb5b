"""Worksheets filled by made-up hands and photographed, each made once for all tests."""

import cv2
import numpy as np
import pytest

from digitlib.handwriting.hands import make_hand
from digitlib.worksheets import make_sheet
from digitlib.worksheets.simulate import fill_sheet, photograph_sheet, print_sheet


@pytest.fixture(scope="session")
def photo_of():
    """A function that gives the photo of a filled sheet."""
    made = {}

    def photo(seed, number=1, paper="A4", shape=(2016, 1512), tilt=20.0, **marks):
        key = seed, number, paper, shape, tilt, str(marks)
        if key not in made:
            rng, sheet = np.random.default_rng(seed), make_sheet("digits", paper, number)
            filled = fill_sheet(print_sheet(sheet), sheet, make_hand(rng), rng, **marks)
            made[key] = photograph_sheet(filled, rng, shape, tilt)
        return made[key]

    return photo


@pytest.fixture
def save(tmp_path):
    """A function that saves a photo as a JPEG file."""

    def save(photo, name="photo.jpg"):
        path = tmp_path / name
        path.write_bytes(cv2.imencode(".jpg", cv2.cvtColor(photo, cv2.COLOR_RGB2BGR))[1].tobytes())
        return path

    return save
