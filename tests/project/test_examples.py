"""The programs in examples/, each in the framework that it is written for, in an environment of their own."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from project.test_wheel import environment

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PHOTO = ROOT / "data" / "samples" / "single_008_phone_pen.jpg"

STREAMLIT = f"""
import json, sys
from pathlib import Path
from streamlit.testing.v1 import AppTest

app = AppTest.from_file(sys.argv.pop(1), default_timeout=120).run()
said = [app.title[0].value]
for data in (Path({str(PHOTO)!r}).read_bytes(), b"no picture"):
    app.file_uploader[0].set_value(("photo.jpg", data, "image/jpeg")).run()
    said += [element.value for element in (*app.header, *app.error)]
assert not app.exception
print(json.dumps(said))
"""
GRADIO = f"""
import json, runpy, sys
import numpy as np
from PIL import Image
import gradio

started = []
gradio.Interface.launch = lambda app: started.append(app)
runpy.run_path(sys.argv.pop(1), run_name="__main__")
(app,) = started
chances, steps = app.fn(None, np.asarray(Image.open({str(PHOTO)!r})))
said = [max(chances, key=chances.get), len(steps)]
for drawing in (np.full((90, 90, 4), 255, np.uint8), None):
    try:
        app.fn({{"composite": drawing}}, None)
    except gradio.Error as error:
        said.append(str(error))
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    return environment(tmp_path_factory.mktemp("examples") / "venv", "streamlit", "gradio", ROOT)


def said_by(python, program, example):
    done = subprocess.run(
        [python, "-c", program, str(ROOT / "examples" / example)],
        capture_output=True,
        text=True,
        env=os.environ | {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_streamlit_reads_a_photo_and_names_what_is_none(python):
    title, headline, error = said_by(python, STREAMLIT, "streamlit_app.py")
    assert title == "Which digit is this?"
    assert headline.startswith("7 (")
    assert "only text" in error


def test_gradio_reads_a_photo_and_names_what_is_none(python):
    digit, steps, empty, nothing = said_by(python, GRADIO, "gradio_app.py")
    assert (digit, steps) == ("7", 7)
    assert "no ink" in empty and "Draw a digit" in nothing


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_fits_on_a_screen(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 30
