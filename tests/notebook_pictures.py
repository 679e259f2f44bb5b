"""A plugin of pytest for `make test`: nbval leaves pictures out, so they are decoded and compared here.

    python -m pytest -p tests.notebook_pictures --nbval ...

Compression and the last grey level differ between machines and versions; what a picture shows does not.
"""

import base64
import io
import os
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
otherwise, and training multiplies that. Its text is not compared; checkpoints hold its figures in a band."""
LOOSE = 40.0
"""As TOLERANCE, for these cells: points elsewhere differ by 20, a black picture by 200."""

_KINDS = "image/png", "image/jpeg"
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


def compare_outputs(cell, test, ref, skip_compare=None):
    """Compare texts as nbval does, and then pictures."""
    tolerance = TOLERANCE
    if ROUNDING in cell.cell.metadata.get("tags", []):
        tolerance, skip_compare = LOOSE, {*cell.parent.skip_compare, "text/plain"}
    if not _compare_texts(cell, test, ref, skip_compare):
        return False
    found = difference(test, ref, tolerance)
    cell.comparison_traceback += [found] if found else []
    return not found


_compare_texts, IPyNbCell.compare_outputs = IPyNbCell.compare_outputs, compare_outputs
