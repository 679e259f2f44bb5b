"""A plugin of pytest for `make test`: nbval leaves pictures out, so they are decoded and compared here.

    python -m pytest -p tests.notebook_pictures --nbval ...

Compression and the last grey level differ between machines and versions; what a picture shows does not.
"""

import base64
import copy
import io
import os
import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from nbval.plugin import IPyNbCell
from PIL import Image

TOLERANCE = 2.0
"""Root mean square of the difference of two pictures, in grey levels of 255: the default of pytest-mpl."""

ROUNDING = "depends-on-processor"
"""The tag of a cell that shows what a training, or t-SNE, came to: processors round the last bit of a sum
otherwise, and training multiplies that. The numbers in its text are not compared; checkpoints hold them in a
band."""
LOOSE = 40.0
"""As TOLERANCE, for these cells: points elsewhere differ by 20, a black picture by 200."""

_KINDS = "image/png", "image/jpeg"
_NUMBER = re.compile(r"\d+(\.\d+)?")
_runs = tempfile.TemporaryDirectory()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    """Give each notebook an empty folder for networks, before its kernel starts.

    So lesson 3 saves its network nowhere near a learner's, and lessons 5 and 6 take the copy that is shipped,
    whichever of them runs first.
    """
    os.environ["DIGITLIB_RUNS"] = str(Path(_runs.name, item.path.stem))


def pictures(outputs):
    """Decode the pictures among a cell's outputs: (kind, array), in order."""
    for output in outputs:
        for kind in _KINDS:
            if kind in output.get("data", {}):
                with Image.open(io.BytesIO(base64.b64decode(output["data"][kind]))) as picture:
                    yield kind, np.asarray(picture.convert("RGBA"), float)


def difference(test, reference, tolerance=TOLERANCE):
    """Name the first difference between the pictures of a cell's outputs; empty if there is none."""
    test, reference = list(pictures(test)), list(pictures(reference))
    if len(test) != len(reference):
        return f"{len(test)} pictures, stored are {len(reference)}"
    for number, ((kind, new), (stored_kind, stored)) in enumerate(zip(test, reference, strict=True), start=1):
        if (kind, new.shape) != (stored_kind, stored.shape):
            return f"picture {number} is {kind} {new.shape}, stored is {stored_kind} {stored.shape}"
        error = np.sqrt(np.mean((new - stored) ** 2))
        if error > tolerance:
            return (
                f"picture {number} is off by {error:.1f} grey levels (root mean square) from the stored one"
            )
    return ""


def without_numbers(outputs):
    """Copy the outputs of a cell, with a word for each number in their texts."""
    outputs = copy.deepcopy(outputs)
    for output in outputs:
        if "text/plain" in output.get("data", {}):
            output["data"]["text/plain"] = _NUMBER.sub("NUMBER", output["data"]["text/plain"])
    return outputs


def compare_outputs(cell, test, ref, skip_compare=None):
    """Compare texts as nbval does, and then pictures."""
    tolerance = TOLERANCE
    if ROUNDING in cell.cell.metadata.get("tags", []):
        tolerance, test, ref = LOOSE, without_numbers(test), without_numbers(ref)
    if not _compare_texts(cell, test, ref, skip_compare):
        return False
    found = difference(test, ref, tolerance)
    cell.comparison_traceback += [found] if found else []
    return not found


_compare_texts, IPyNbCell.compare_outputs = IPyNbCell.compare_outputs, compare_outputs
