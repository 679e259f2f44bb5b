"""The gate of the notebooks compares pictures: what it notices, and what it lets pass."""

import base64
import io
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from notebook_pictures import ROUNDING, difference, without_numbers
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PICTURE = np.tile(np.arange(0, 240, 2, dtype=np.uint8), (60, 1))


def shown(*arrays, kind="image/png"):
    outputs = []
    for array in arrays:
        drawn = io.BytesIO()
        Image.fromarray(array).save(drawn, kind.removeprefix("image/").upper(), compress_level=1)
        outputs.append(new_output("display_data", {kind: base64.b64encode(drawn.getvalue()).decode()}))
    return outputs


def test_the_same_picture_passes_however_it_was_compressed_or_rounded():
    noise = np.random.default_rng(0).integers(0, 3, PICTURE.shape, np.uint8)
    assert difference(shown(PICTURE, PICTURE + noise), shown(PICTURE, PICTURE)) == ""
    assert difference(shown(PICTURE, kind="image/jpeg"), shown(PICTURE, kind="image/jpeg")) == ""
    assert difference([], [new_output("stream", text="no picture")]) == ""


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (shown(0 * PICTURE), "picture 1 is off by"),
        (shown(255 - PICTURE), "picture 1 is off by"),
        (shown(PICTURE[:, ::-1].copy()), "picture 1 is off by"),
        (shown(PICTURE[:-1]), "stored is image/png"),
        (shown(PICTURE, kind="image/jpeg"), "picture 1 is image/jpeg"),
        (shown(PICTURE, PICTURE), "2 pictures, stored are 1"),
        ([], "0 pictures, stored are 1"),
    ],
)
def test_another_picture_is_noticed(other, found):
    assert found in difference(other, shown(PICTURE))


def test_numbers_that_depend_on_the_processor_may_differ_but_no_word():
    def said(text):
        return without_numbers([new_output("display_data", {"text/plain": text, "image/png": "7"})])

    assert said("The loss ends at 0.06, the accuracy at 98 %.") == said(
        "The loss ends at 0.1, the accuracy at 99 %."
    )
    assert said("The loss ends at 0.06.") != said("The accuracy ends at 0.06.")
    assert said("")[0]["data"]["image/png"] == "7"


SOURCE = """\
import base64, io
from IPython.display import publish_display_data
from PIL import Image
drawn = io.BytesIO()
Image.new("L", (9, 9), {}).save(drawn, "PNG")
publish_display_data({{"image/png": base64.b64encode(drawn.getvalue()).decode()}})"""


@pytest.mark.parametrize(
    ("level", "tags", "status"),
    [(91, [], 0), (110, [], 1), (0, [], 1), (110, [ROUNDING], 0), (0, [ROUNDING], 1)],
)
def test_nbval_with_this_plugin_fails_on_a_black_picture(tmp_path, level, tags, status):
    cell = new_code_cell(
        SOURCE.format(level),
        execution_count=1,
        outputs=shown(np.full((9, 9), 90, np.uint8)),
        metadata={"tags": tags},
    )
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=[cell], metadata={"kernelspec": kernel}), tmp_path / "one.ipynb")
    command = [sys.executable, "-m", "pytest", "-p", "tests.notebook_pictures", "-p", "no:cacheprovider"]
    command += ["--nbval", "--nbval-current-env", "-n0", "-q", str(tmp_path / "one.ipynb")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == status, done.stdout
    assert ("picture 1 is off by" in done.stdout) == bool(status)
