"""The explorer: the layers of the network for one digit, down to the sum behind one pixel (widget)."""

from collections.abc import Iterator

import anywidget
import numpy as np

from digitlib.data import load_mnist, load_samples
from digitlib.reading.network import Recognizer, load_recognizer
from digitlib.reading.normalize import trace
from digitlib.web.assets import script, style
from digitlib.web.network_file import network_bytes

_TEST_DIGITS_EACH = 2
"""Test digits of each class to choose from."""


class Explorer(anywidget.AnyWidget):
    """Show the layers of the network for a chosen or drawn digit, and one pixel's sum.

    The network runs in the browser. Introduced in notebook 05.

    Parameters
    ----------
    network : Recognizer, optional
        By default the one that digitlib ships.

    Attributes
    ----------
    image : (28, 28) float32 array, 0 to 1
        The input of the network that is looked at.

    Examples
    --------
    >>> explorer = Explorer()
    >>> explorer.image.shape
    (28, 28)
    """

    _esm = script("explorer_widget")
    _css = style()

    def __init__(self, network: Recognizer | None = None) -> None:
        super().__init__()
        self._network = network or load_recognizer()
        self._names, images = zip(*_test_digits(), *_samples(), strict=True)
        self._images = np.stack(images)
        self.image = self._images[0] / np.float32(255)
        self.on_msg(self._receive)

    def _receive(self, _widget: object, _content: dict, buffers: list) -> None:
        """Send everything to a new view, or take the image that is looked at now."""
        if not buffers:
            self.send({"names": self._names}, [network_bytes(self._network), self._images.tobytes()])
        elif len(buffers[0]) == self.image.nbytes:
            self.image = np.frombuffer(bytes(buffers[0]), "<f4").reshape(self.image.shape)

    def __repr__(self) -> str:
        return "Explorer()"

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict]:
        fallback = "<p>The explorer needs a running notebook: run this cell, and it appears here.</p>"
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/html": fallback}, metadata


def _test_digits() -> Iterator[tuple[str, np.ndarray]]:
    _, (images, labels) = load_mnist()
    for digit in range(10):
        for index in np.flatnonzero(labels == digit)[:_TEST_DIGITS_EACH]:
            yield f"{digit}, number {index} of the test set", images[index]


def _samples() -> Iterator[tuple[str, np.ndarray]]:
    kinds = {sample.kind: sample for sample in reversed(load_samples()) if len(sample.label) == 1}
    for kind, sample in reversed(kinds.items()):
        image = np.rint(255 * trace(sample.path)[-1].image).astype(np.uint8)
        yield f"{sample.label}, sample: {kind.replace('_', ' ')}", image
