"""Keras and TensorFlow, imported without the lines that they print."""

import contextlib
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


os.environ.setdefault("KERAS_BACKEND", "tensorflow")
with quiet():
    import keras
    import tensorflow

    tensorflow.keras  # noqa: B018 - loads the part that the converter in digitlib.training.export looks for
    keras.ops.zeros(1) + 1  # the first operation prints, too
    list(tensorflow.data.Dataset.from_generator(lambda: [0], "int32"))  # and the first `fit` with batches

__all__ = ["keras", "quiet", "tensorflow"]
