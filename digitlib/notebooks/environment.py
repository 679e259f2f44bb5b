"""Check the environment: is everything there that the lessons need, and what to do where it is not."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement

from digitlib.data import DataError, load_mnist, load_samples
from digitlib.reading.network import ModelError, load_recognizer
from digitlib.reading.picture import ImageError
from digitlib.reading.reader import read_digit

PYTHONS = ((3, 11), (3, 12), (3, 13))
"""The versions of Python that TensorFlow is published for."""

_OPENCV = "opencv-python" if sys.platform == "emscripten" else "opencv-python-headless"
"""In a browser there is no other one."""

_PACKAGES = {
    "numpy": "all lessons",
    _OPENCV: "all lessons",
    "pillow": "all lessons",
    "matplotlib": "all lessons",
    "tensorflow": "lessons 3 and 5",
    "keras": "lessons 3 and 5",
    "scikit-learn": "lesson 5",
    "ipywidgets": "lessons 0 and 6",
    "anywidget": "lessons 0 and 6",
    "packaging": "this check",
    "tqdm": "training on the command line",
}
_OTHER_OPENCVS = ("opencv-python", "opencv-contrib-python", "opencv-contrib-python-headless")
_EXTRAS = "lessons,train,reports,web,worksheets"
_INSTALL = f'in the folder of the repository, `python -m pip install -e ".[{_EXTRAS}]"`'


@dataclass(frozen=True)
class Finding:
    """Represent the result of one check.

    Attributes
    ----------
    what : str
        What the lessons need.
    needed_by : str
        Which lessons need it, such as "all lessons".
    advice : str
        What is wrong and what to do about it; empty if all is well.
    """

    what: str
    needed_by: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether the lessons have what they need."""
        return not self.advice

    def __str__(self) -> str:
        line = f"{'OK' if self.ok else 'FAIL':4}  {self.what} ({self.needed_by})"
        return line if self.ok else f"{line}\n      {self.advice}"


def check_environment() -> list[Finding]:
    """Check everything that the lessons need: Python, packages, data, network.

    TensorFlow is not imported, which would take seconds: its version is read from what pip has installed.
    Introduced in notebook 00.

    Returns
    -------
    list of Finding
        Printed, each is a line that begins with OK or FAIL; below a FAIL stands what to do about it.

    Examples
    --------
    >>> python, *rest = check_environment()
    >>> print(python)
    OK    Python 3.11, 3.12 or 3.13 (lessons 3 and 5)
    >>> [finding.what for finding in rest if not finding.ok]
    []
    """
    required = {found.name: found for found in map(Requirement, _requirements())}
    return [
        Finding("Python 3.11, 3.12 or 3.13", "lessons 3 and 5", _python()),
        *(
            Finding(_named(required.get(name, Requirement(name))), lessons, _package(name, required))
            for name, lessons in _PACKAGES.items()
        ),
        Finding("one OpenCV, not two", "all lessons", _opencv()),
        Finding("MNIST, 70,000 digits", "lessons 1 to 5", _try(load_mnist)),
        Finding("sample pictures", "all lessons", _try(load_samples)),
        Finding("trained network", "all lessons", _try(load_recognizer)),
        Finding("a sample is read", "all lessons", _try(_read_a_sample)),
    ]


def _requirements() -> list[str]:
    """List the requirements of digitlib, extras included; nothing if it was never installed."""
    try:
        return metadata.requires("digitlib") or []
    except metadata.PackageNotFoundError:
        return []


def _named(requirement: Requirement) -> str:
    """Name a package with the versions that are allowed: "tensorflow 2.20 or newer, below 3, !=2.21"."""
    words = {">=": "{} or newer", "<": "below {}"}
    limits = sorted(requirement.specifier, key=lambda limit: limit.operator, reverse=True)
    texts = (words.get(limit.operator, str(limit)).format(limit.version) for limit in limits)
    return f"{requirement.name} {', '.join(texts)}".strip()


def _python() -> str:
    if sys.version_info[:2] in PYTHONS:
        return ""
    found = ".".join(map(str, sys.version_info[:2]))
    return f"This is Python {found}. Install one of the three, delete the folder .venv, and set up again."


def _package(name: str, required: dict[str, Requirement]) -> str:
    if name not in required:
        return f"digitlib itself is not installed: {_INSTALL}."
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        return f"It is not installed. Run `make setup`, or {_INSTALL}."
    if not required[name].specifier.contains(found, prereleases=True):
        return f"Version {found} is installed. Run `make setup`, or {_INSTALL}."
    return ""


def _opencv() -> str:
    """Several OpenCV packages write their files over each other's; those of Google Colab are alike."""
    if "google.colab" in sys.modules:
        return ""
    installed = {distribution.name for distribution in metadata.distributions()}
    others = [name for name in _OTHER_OPENCVS if name in installed and name != _OPENCV]
    if not others:
        return ""
    return (
        f"{others[0]} is installed as well, and both write the same files: "
        f"`python -m pip uninstall --yes {' '.join(others)} opencv-python-headless`, then {_INSTALL}."
    )


def _try(load: Callable[[], object]) -> str:
    try:
        load()
    except (DataError, ModelError, ImageError) as error:
        return str(error)
    return ""


def _read_a_sample() -> None:
    sample = load_samples()[0]
    digit = read_digit(sample.path).digit
    if digit != int(sample.label):
        raise ModelError(
            f"{sample.path.name} shows a {sample.label} and was read as {digit}. The network or OpenCV does "
            "not work as it should here: set everything up again in a fresh copy of the repository."
        )
