"""MNIST, loaded once a process: to unpack it takes several times as long as to draw a picture with it."""

import functools

from digitlib.data import load_mnist


@functools.cache
def mnist():
    """What `load_mnist` returns, always the same arrays, which nobody can write to."""
    parts = load_mnist()
    for images, labels in parts:
        images.flags.writeable = labels.flags.writeable = False
    return parts
