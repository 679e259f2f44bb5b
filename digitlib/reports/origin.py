"""Where a report comes from: what it rests on, so that it can be trusted, and made again, in a year."""

import functools
import hashlib
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

import digitlib
from digitlib.data import data_folder
from digitlib.labels import TABLE

PACKAGES = ("numpy", "opencv-python-headless", "pillow", "scipy", "keras", "tensorflow", "papermill")
"""Packages whose versions may change a result."""

HASH_LENGTH = 12
"""Hexadecimal digits of a SHA-256 that are kept: enough to tell versions apart, and short enough to read."""

_PACKAGE = Path(digitlib.__file__).parent
_COMMIT_SECONDS = 10
"""Most seconds that git may take to name the commit."""


@functools.cache
def origin() -> dict[str, str]:
    """Describe what the reports of this computer rest on.

    Returns
    -------
    dict of str to str
        The versions of digitlib, Python and the packages, the commit where there is one, and hashes of
        digitlib's own files (code and network) and of the data.

    Examples
    --------
    >>> sorted(origin())[:4]
    ['code', 'commit', 'data', 'digitlib']
    """
    versions = {}
    for name in ("digitlib", *PACKAGES):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    code = (path for path in _PACKAGE.rglob("*") if "__pycache__" not in path.parts)
    data = data_folder()
    return {
        "digitlib": versions.pop("digitlib"),
        "commit": _commit() or "none",
        "code": _hash(code, _PACKAGE),
        "data": _hash([data / "mnist.npz", *data.glob("samples/*")], data),
        "system": platform.platform(),
        "python": platform.python_version(),
    } | versions


def fingerprint(parameters: Mapping[str, object], folder: Path) -> str:
    """Return a hash of what a run rests on: code, data, and files of its parameters.

    Parameters
    ----------
    parameters : mapping of str
        Values, texts and lists of texts among them: where one is a file, or a folder with a labels.csv, that
        file counts.
    folder : Path
        Where the run looks for files.

    Returns
    -------
    str
        Hexadecimal digits.

    Examples
    --------
    >>> fingerprint({"seed": 1}, Path()) == fingerprint({"seed": 2}, Path())
    True
    """
    named = [value for one in parameters.values() for value in (one if isinstance(one, list) else [one])]
    paths = [folder / name for name in named if isinstance(name, str) and name]
    files = _hash([*paths, *(path / TABLE for path in paths)], folder)
    return hashlib.sha256(f"{origin()['code']} {origin()['data']} {files}".encode()).hexdigest()[:HASH_LENGTH]


def _hash(paths: Iterable[Path], folder: Path) -> str:
    """Return a hash of the files among some paths: of their places in the folder, and their contents."""
    total = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        total.update(f"{path.relative_to(folder).as_posix()}\n".encode())
        with path.open("rb") as file:
            total.update(hashlib.file_digest(file, "sha256").digest())
    return total.hexdigest()[:HASH_LENGTH]


def _commit() -> str:
    """Return the commit of the repository that digitlib lies in, with a word where files differ from it."""
    command = ["git", "-C", str(_PACKAGE.parent), "describe", "--always", "--abbrev=12", "--dirty=, changed"]
    if not (_PACKAGE.parent / ".git").exists():
        return ""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMIT_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
