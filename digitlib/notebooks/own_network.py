"""The network that a learner trained: where lesson 3 saves it, and where the lessons after it find it."""

import os
from pathlib import Path

from digitlib.data import bundled_folder
from digitlib.reading.network import MODEL_FILE, Recognizer, load_recognizer

SHIPPED = MODEL_FILE.parent / "lesson"
"""A network trained as lesson 3 trains one: scripts/lesson_network.py runs the lesson and copies it here."""


def lesson_folder() -> Path:
    """Return the folder in which lesson 3 saves the network that it trained.

    It is runs/lesson beside the folder of the notebooks. The environment variable DIGITLIB_RUNS puts another
    folder into the place of runs, so that a run of the lesson for a test or a report replaces no network.

    Introduced in notebook 03.

    Returns
    -------
    Path
        It need not exist yet.

    Examples
    --------
    >>> lesson_folder().name
    'lesson'
    """
    return Path(os.environ.get("DIGITLIB_RUNS") or bundled_folder("notebooks").parent / "runs") / "lesson"


def find_network(folder: str | Path = "") -> tuple[Recognizer, str]:
    """Load a network that a learner trained, or else the shipped copy of lesson 3's.

    Introduced in notebook 05.

    Parameters
    ----------
    folder : path, optional
        Where the network lies; by default where lesson 3 saved one, and otherwise that of the copy.

    Returns
    -------
    network : Recognizer
    whose : str
        Which of them it is, in words.

    Raises
    ------
    ModelError
        The network is missing or damaged.

    Examples
    --------
    >>> find_network(SHIPPED)[0].classes[7]
    '7'
    """
    if folder:
        return load_recognizer(folder), "the network that you named"
    if lesson_folder().is_dir():
        return load_recognizer(lesson_folder()), "your own network, saved in lesson 3"
    return load_recognizer(SHIPPED), "the copy that comes with digitlib: lesson 3 has saved none here yet"
