"""Load a network of any origin: its file is opened, and run, in a process apart."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from digitlib.measuring.isolation import Isolated, IsolationError
from digitlib.measuring.models import MODEL_FILE, Model, ModelError, open_model

SECONDS = 120
"""How long a network may take to be loaded, and to answer: several times what a slow laptop needs."""

_KEPT = 4
"""Networks that stay loaded in the other process, for a notebook that compares some."""


def load_model(path: str | Path = MODEL_FILE) -> Model:
    """Load a trained network.

    Only digitlib's own is run in this process. The file of any other is checked, opened and run in a process
    apart, which has limits of time and memory, and on Linux no network; all such networks share it.

    Parameters
    ----------
    path : path
        An .npz, .keras or .tflite file; by default digitlib's own network. A model_card.json may
        lie beside it.

    Returns
    -------
    Model
        Ready to answer. It raises a `ModelError`, too, where an answer takes too long, or ends its process.

    Raises
    ------
    ModelError
        The file is of another type, damaged or too large, is no classifier of digits, or of what its card
        names, made of known layers, or takes too long; the message gives the reason.

    Examples
    --------
    >>> load_model().probabilities(np.zeros((3, 28, 28), np.float32)).shape
    (3, 10)
    """
    path = Path(path).absolute()
    if path == MODEL_FILE:
        return open_model(path)

    def ask(images: np.ndarray | None) -> Model | np.ndarray:
        try:
            return _apart((path, images))
        except (IsolationError, MemoryError) as error:
            reason = str(error) or "it needs more memory than it may have"
            raise ModelError(f"{path.name} is refused: {reason}.") from error

    return replace(ask(None), predict=ask)


def _look_or_predict(job: tuple[Path, np.ndarray | None]) -> Model | np.ndarray:
    """Return a network without what it computes, or what it computes of images."""
    path, images = job
    model = _opened(path, path.stat().st_mtime_ns if path.exists() else 0)
    return replace(model, predict=None) if images is None else model.predict(images)


@lru_cache(maxsize=_KEPT)
def _opened(path: Path, changed: int) -> Model:
    return open_model(path)


_apart = Isolated(_look_or_predict, SECONDS)
