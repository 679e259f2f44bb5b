"""Addresses of the repository's files on other hosts, all from the one place where its owner and name stand.

That place is `[project.urls]` in pyproject.toml.
"""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
URLS = PROJECT["urls"]
AUTHORS = ", ".join(author["name"] for author in PROJECT["authors"])
REPOSITORY = URLS["Homepage"].removeprefix("https://github.com/")
IN_BROWSER = ("00_start_here", "01_explore_the_data", "02_preprocess_a_photo", "06_upload_and_predict")
"""Lessons that need no TensorFlow, so that they can run inside a browser."""
BROWSER_PACKAGES = ("matplotlib", "scipy", "ipywidgets", "anywidget", "nbformat", "jinja2", "packaging")
"""What these lessons need there beside digitlib and what it brings."""


def on_github(path: str) -> str:
    """Return the page that shows a file or a folder of the repository."""
    return f"{URLS['Homepage']}/blob/main/{path}"


def ways_to_run(path: str) -> dict[str, str]:
    """Return where a notebook can be run without an installation: names and addresses.

    Examples
    --------
    >>> sorted(ways_to_run("notebooks/03_train_a_cnn.ipynb"))
    ['on Binder', 'on Colab']
    """
    ways = {
        "on Binder": f"https://mybinder.org/v2/gh/{REPOSITORY}/main?urlpath=lab/tree/{path}",
        "on Colab": f"https://colab.research.google.com/github/{REPOSITORY}/blob/main/{path}",
    }
    if Path(path).stem in IN_BROWSER:
        ways["in your browser"] = f"{URLS['Documentation']}/lite/lab/index.html?path={Path(path).name}"
    return ways


def colab_cell() -> str:
    """Return the first code of a lesson: on Google Colab it installs digitlib, elsewhere it does nothing.

    Colab has the other packages already; installing the extras would replace those that Colab itself runs on.
    """
    wanted = f'"digitlib @ git+{URLS["Homepage"]}" anywidget'
    return (
        "# Is there no module named 'digitlib' below? Start JupyterLab with `make lab`: lesson 0 says more.\n"
        "import sys\n\n"
        'if "google.colab" in sys.modules:  # on Google Colab only; elsewhere digitlib is there already\n'
        f"    packages = '{wanted}'\n"
        '    get_ipython().run_line_magic("pip", f"install --quiet {packages}")'
    )
