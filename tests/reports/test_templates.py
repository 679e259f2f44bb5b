"""The templates of reports that come with digitlib: what they give, and what any network gets from them."""

import re

import cv2
import nbformat
import numpy as np
import pytest

from digitlib.notebooks.files import template_files
from digitlib.notebooks.results import read_results
from digitlib.reports import run
from digitlib.reports.run import make_job, run_job
from digitlib.training.networks import build_network, keras


def figures(outcome):
    """Every figure of a report."""
    cells = nbformat.reads(outcome.notebook, as_version=4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return [output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})]


def recorded(outcome):
    """The results of a report, but for times."""
    note = nbformat.reads(outcome.notebook, as_version=4).metadata[run.RUN_METADATA]
    return {one["name"]: one["value"] for one in note["results"] if not one["name"].endswith("_seconds")}


TEMPLATES = {path.stem: path for path in template_files()}
TINY = {"training_size": 150, "validation_size": 200, "epochs": 1, "width": 2, "augmented": True}


def test_the_same_parameters_give_the_same_figures_and_others_do_not():
    path = TEMPLATES["training_report"]
    first, again, other = (run_job(make_job(path, TINY | {"seed": seed})) for seed in (1, 1, 2))
    assert first.error == again.error == other.error == ""
    assert len(figures(first)) == 2 and figures(first) == figures(again) != figures(other)
    assert recorded(first) == recorded(again) != recorded(other)
    assert recorded(first)["parameters"] == build_network(2).count_params()


def test_training_report_stores_what_it_gives_on_any_processor():
    """Another processor trains a slightly other network, so nbval does not compare these figures."""
    stored = read_results(nbformat.read(TEMPLATES["training_report"], as_version=4))
    outcome = run_job(make_job(TEMPLATES["training_report"], {}))
    assert outcome.error == ""
    given = recorded(outcome)
    assert given.keys() == stored.keys() and given["parameters"] == stored["parameters"]
    assert given["accuracy"] == pytest.approx(stored["accuracy"], abs=0.02)
    assert given["calibration_error"] == pytest.approx(stored["calibration_error"], abs=0.02)


def test_any_network_is_judged_on_any_pictures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    dense = keras.layers.Dense(10, activation="softmax")
    keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Flatten(), dense]).save(
        tmp_path / "mine.keras"
    )
    page = np.full((90, 60), 230, np.uint8)
    for name in ("one", "blank"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), page)
        page[15:75, 26:34] = 40  # the second file shows a digit, though its name says otherwise
    table = "file,label,kind\none.png,,empty\nblank.png,1,pen\n"
    (tmp_path / "labels.csv").write_text(table, encoding="utf-8")
    small = {"errors_shown": 2, "photos": 1, "strengths": [0.0, 1.0], "no_digits": 5}
    outcome = run_job(make_job(TEMPLATES["model_report"], small | {"model": "mine.keras", "sets": ["."]}))
    assert outcome.error == ""
    assert recorded(outcome)["accuracy"] in (0.0, 1.0)
    assert recorded(outcome)["parameters"] == 7850
    assert "pictures without a digit: refused" in outcome.page and "none beside it" in outcome.page
    assert "load_model" not in outcome.page, "a template shows no code"
    links = re.findall(r'<a [^>]*href="([^"#][^"]*)"', outcome.page)
    assert links == [], "it can be handed on alone"


def test_a_hostile_network_ends_the_report_with_its_reason(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.keras").write_bytes(b"\x80\x04cos\nsystem\n")
    outcome = run_job(make_job(TEMPLATES["model_report"], {"model": "evil.keras"}))
    assert "ModelError: evil.keras is refused: it is no .keras file" in outcome.error
