"""digitlib as others install it: from a wheel, in an environment and a folder of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from addresses import BROWSER_PACKAGES, IN_BROWSER  # noqa: E402


def uv(*arguments):
    """Run uv; where no package can be fetched, the test is left out, but never in CI."""
    done = subprocess.run([sys.executable, "-m", "uv", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode and "CI" not in os.environ and "error sending request" in done.stderr:
        pytest.skip("no package can be fetched here")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--quiet", "--out-dir", folder, ROOT)
    (path,) = folder.glob("*.whl")
    assert path.stat().st_size < 40_000_000
    return path


def environment(folder, *packages, options=()):
    """Install packages into a new environment; give its Python."""
    uv("venv", "--quiet", "--python", sys.executable, folder)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    uv("pip", "install", "--quiet", "--python", python, *options, *packages)
    return python


def run(python, *arguments, cwd):
    """Run Python apart from the repository, and without a network: every connection is refused."""
    offline = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [python, *map(str, arguments)], cwd=cwd, env=clean | offline, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_three_packages_are_enough_to_read_even_in_their_oldest_versions(wheel, tmp_path):
    python = environment(tmp_path / "venv", wheel, options=("--resolution", "lowest-direct"))
    installed = json.loads(uv("pip", "list", "--python", python, "--format", "json"))
    names = sorted(package["name"] for package in installed)
    assert names == ["digitlib", "numpy", "opencv-python-headless", "pillow"]
    samples = sorted((ROOT / "data" / "samples").glob("single_0[0-3]*"))
    for sample in samples[:20]:
        shutil.copy(sample, tmp_path)
    copies = sorted(path.name for path in tmp_path.glob("single_*"))
    lines = run(python, "-m", "digitlib", "read", "--json", *copies, cwd=tmp_path).splitlines()
    here = run(sys.executable, "-m", "digitlib", "read", "--json", *copies, cwd=tmp_path).splitlines()
    for old, new in zip(map(json.loads, lines), map(json.loads, here), strict=True):
        assert (old["digit"], old["certain"]) == (new["digit"], new["certain"]), old["file"]
    code = "import digitlib; print(len(digitlib.load_mnist()[0][0]), len(digitlib.load_samples()))"
    assert run(python, "-c", code, cwd=tmp_path).split() == ["60000", "129"]


def copy_tour(python, folder):
    """Copy the lessons that need no TensorFlow out of the installed wheel; give their names."""
    program = (
        "import shutil; from digitlib.notebooks.files import lesson_files;"
        f"[shutil.copy(path, '.') for path in lesson_files() if path.stem in {IN_BROWSER}]"
    )
    folder.mkdir()
    run(python, "-c", program, cwd=folder)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"{name}.ipynb" for name in IN_BROWSER]
    return names


def test_a_lesson_runs_from_a_wheel_in_another_folder(wheel, tmp_path):
    python = environment(tmp_path / "venv", f"digitlib[lessons,web] @ {wheel.as_uri()}")
    first, *_ = copy_tour(python, tmp_path / "lessons")
    execute = "from nbclient.cli import main; main()"
    run(python, "-c", execute, "--output=ran_{notebook_name}", first, cwd=tmp_path / "lessons")
    assert len(list((tmp_path / "lessons").glob("ran_*"))) == 1
    served = (
        "from digitlib.web.assets import sample_files, script; print(len(script('page')), *sample_files())"
    )
    _, *samples = run(python, "-c", served, cwd=tmp_path).split()
    assert samples and all(Path(sample).is_file() for sample in samples)


PYODIDE = (
    "numpy==2.4.6",
    "opencv-python-headless==4.11.0.86",
    "pillow==12.2.*",
    "matplotlib==3.10.8",
    "scipy==1.18.*; python_version >= '3.12'",
)
"""What Pyodide 314.0.7 has, and this Python can have as well."""


def test_the_tour_runs_under_the_rules_of_a_browser(wheel, tmp_path):
    """A stand-in for JupyterLite: its versions, its packages, and what it refuses is refused."""
    assert wheel.name.endswith("-py3-none-any.whl"), "the wheel holds nothing compiled"
    python = environment(tmp_path / "venv", wheel, "ipython", *BROWSER_PACKAGES, *PYODIDE)
    names = copy_tour(python, tmp_path / "lessons")
    rules = Path(__file__).with_name("browser_rules.py")
    run(python, rules, *names, cwd=tmp_path / "lessons")


def test_the_source_distribution_runs_its_tests(tmp_path):
    uv("build", "--sdist", "--quiet", "--out-dir", tmp_path, ROOT)
    (path,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.glob("digitlib-*/")
    assert not list(folder.rglob("__pycache__")) and not list(folder.glob(".*cache"))
    tests = ["tests/test_data.py", "tests/test_labels.py", "tests/reading/test_components.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2_000:]
    assert " passed" in done.stdout


def test_a_wheelhouse_installs_without_a_network(tmp_path):
    house = tmp_path / "wheelhouse"
    script = ROOT / "scripts" / "wheelhouse.py"
    done = subprocess.run(
        [sys.executable, script, "--out", house, "--extras", ""], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "install.txt" in done.stdout
    python = environment(
        tmp_path / "venv", "digitlib", options=("--no-index", "--offline", "--find-links", house)
    )
    shutil.copy(ROOT / "data" / "samples" / "single_008_phone_pen.jpg", tmp_path)
    said = run(python, "-m", "digitlib", "read", "single_008_phone_pen.jpg", cwd=tmp_path)
    assert said.split()[1] == "7"
    (line,) = re.findall(
        "^python -m pip install .*$", (house / "install.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert line == "python -m pip install --no-index --find-links wheelhouse digitlib"
