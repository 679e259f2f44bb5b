"""Keras and TensorFlow, imported without the lines that they print."""

import contextlib
import ctypes
import io
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Discard what TensorFlow's C++ code prints; notebooks would store it.

    Yields
    ------
    None
    """
    sys.stdout.flush()
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    saved = {stream: os.dup(stream) for stream in (1, 2)}
    try:
        for stream in saved:
            os.dup2(nowhere, stream)
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        for stream, copy in saved.items():
            os.dup2(copy, stream)
            os.close(copy)
        os.close(nowhere)


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt, as malloc.h numbers them."""
_LARGEST_KEPT = 32 * 2**20
"""Bytes of the largest array whose memory is used again: glibc's own limit."""


def _reuse_memory() -> None:
    """Let the C library keep freed memory for the next batch, as it does by itself.

    On Linux TensorFlow 2.21 turns that off for good when a data set is first read from a generator. Every
    array of every training step is then new memory, and training takes 1.5 to 2 times as long.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt:  # a part of glibc, but not of every C library
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT)
        mallopt(_M_TRIM_THRESHOLD, 2 * _LARGEST_KEPT)


os.environ.setdefault("KERAS_BACKEND", "tensorflow")
with quiet():
    import keras
    import tensorflow

    tensorflow.keras  # noqa: B018 - loads the part that the converter in digitlib.training.export looks for
    keras.ops.zeros(1) + 1  # the first operation prints, too
    list(tensorflow.data.Dataset.from_generator(lambda: [0], "int32"))  # and the first `fit` with batches
_reuse_memory()

__all__ = ["keras", "quiet", "tensorflow"]
