"""The explorer: the layers of the network for one digit, down to the sum behind one pixel (widget).

The widget needs no TensorFlow. As in `digitlib.web.widgets`, pictures travel as messages, never as widget
state.
"""

from collections.abc import Iterator
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np

from digitlib.data import load_mnist, load_samples
from digitlib.explaining.activations import PixelSum, feature_maps, pixel_sum
from digitlib.reading.network import Recognizer, load_recognizer
from digitlib.reading.normalize import trace
from digitlib.reading.picture import ImageError
from digitlib.web.assets import script, style
from digitlib.web.widgets import DrawingPad
from digitlib.web.words import per_cent

_TEST_DIGITS_EACH = 2
"""Test digits of each class to choose from."""
TERMS = 3
"""Channels of a patch whose numbers are shown; of the others only the sum."""


class LayersView(anywidget.AnyWidget):
    """A view of feature maps and of the sum behind one of their pixels.

    Attributes
    ----------
    image : (28, 28) float32 array or None
        The input of the network.
    """

    _esm = script("explorer_widget")
    _css = style()

    def __init__(self, network: Recognizer | None = None, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._network = network
        self.image, self._status = None, "Choose a digit, or draw one."
        self.on_msg(self._receive)

    def show(self, image: np.ndarray, status: str) -> None:
        """Show the layers of an image, and a line of text."""
        self.image, self._status = image, status
        self._publish()

    def show_status(self, status: str) -> None:
        """Show a line of text, and keep the image."""
        self.send({"status": status})

    def _receive(self, _widget: object, content: dict, _buffers: list) -> None:
        if "pixel" in content and self.image is not None:
            self.send({"sum": describe_sum(pixel_sum(self.image, *content["pixel"], self._network))})
        elif "pixel" not in content:  # a new view requests its content
            self._publish()

    def _publish(self) -> None:
        if self.image is None:
            self.send({"status": self._status})
            return
        maps = {"picture": self.image[..., None], **feature_maps(self.image, self._network)}
        layers = [{"name": name, "shape": values.shape} for name, values in maps.items()]
        buffers = [values.transpose(2, 0, 1).astype("<f4").tobytes() for values in maps.values()]
        self.send({"status": self._status, "layers": layers}, buffers)


def describe_sum(pixel: PixelSum) -> dict:
    """Return the sum behind a pixel as numbers and lists, for the browser.

    Parameters
    ----------
    pixel : PixelSum

    Returns
    -------
    dict
        `source`, `top`, `left`, `size`, `bias`, `total` and `value`; `terms`, the channels of the patch with
        the largest sums, each with its `channel`, `patch`, `kernel` and `sum`; `others` and `rest`, the
        number of the other channels and their sum.

    Examples
    --------
    >>> from digitlib.explaining.activations import pixel_sum
    >>> described = describe_sum(pixel_sum(np.eye(28), "strokes_active", 4, 4, 0))
    >>> products = sum(term["sum"] for term in described["terms"])
    >>> bool(np.isclose(products + described["bias"], described["total"]))
    True
    """
    described = {name: getattr(pixel, name) for name in ("source", "top", "left", "bias", "total", "value")}
    described["size"] = len(pixel.patch)
    if pixel.kernel is None:
        term = {"channel": 0, "patch": pixel.patch[..., 0].tolist(), "kernel": None, "sum": pixel.total}
        return described | {"terms": [term], "others": 0, "rest": 0.0}
    sums = (pixel.patch.astype(float) * pixel.kernel).sum(axis=(0, 1))
    order = np.argsort(-abs(sums), kind="stable")
    described["terms"] = [
        {
            "channel": int(channel),
            "patch": pixel.patch[..., channel].tolist(),
            "kernel": pixel.kernel[..., channel].tolist(),
            "sum": float(sums[channel]),
        }
        for channel in order[:TERMS]
    ]
    return described | {"others": len(order[TERMS:]), "rest": float(sums[order[TERMS:]].sum())}


class Explorer(ipywidgets.VBox):
    """Show the layers of the network for a chosen or drawn digit, and one pixel's sum.

    Introduced in notebook 05.

    Parameters
    ----------
    network : Recognizer, optional
        By default the one that digitlib ships.

    Attributes
    ----------
    menu : ipywidgets.Dropdown
        Test digits and sample pictures.
    pad : DrawingPad
        Setting its `data` does what a visitor's drawing does.

    Examples
    --------
    >>> explorer = Explorer()
    >>> explorer.image.shape
    (28, 28)
    """

    def __init__(self, network: Recognizer | None = None) -> None:
        self._network = network or load_recognizer()
        names, self._sources = zip(*_test_digits(), *_samples(), strict=True)
        options = [(name, index) for index, name in enumerate(names)]
        self.menu = ipywidgets.Dropdown(options=options, description="A digit to look at")
        self.pad, self._view = DrawingPad(), LayersView(self._network)
        self.menu.observe(self._choose, "value")
        self.pad.observe(self._draw, "data")
        inputs = ipywidgets.VBox([self.menu, self.pad])
        inputs.add_class("digitlib-inputs")
        super().__init__([inputs, self._view])
        self.add_class("digitlib-demo")
        self.add_class("digitlib-explorer")
        self._choose()

    @property
    def image(self) -> np.ndarray:
        """The present input of the network: (28, 28) float32, 0 to 1."""
        return self._view.image

    def _choose(self, *_: object) -> None:
        source = self._sources[self.menu.value]
        self._show(source if isinstance(source, np.ndarray) else trace(source)[-1].image)

    def _draw(self, change: dict) -> None:
        if not change["new"]:
            self._choose()
            return
        try:
            self._show(trace(change["new"])[-1].image)
        except ImageError as error:
            self._view.show_status(str(error))

    def _show(self, image: np.ndarray) -> None:
        image = np.asarray(image, np.float32)
        probabilities = self._network.probabilities(image[None])[0]
        digit = probabilities.argmax()
        self._view.show(image, f"The network reads {digit} and is {per_cent(probabilities[digit])} sure.")

    def __repr__(self) -> str:
        return "Explorer()"

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        fallback = "<p>The explorer needs a running notebook: run this cell, and it appears here.</p>"
        return super()._repr_mimebundle_(**kwargs) | {"text/html": fallback}


def _test_digits() -> Iterator[tuple[str, np.ndarray]]:
    _, (images, labels) = load_mnist()
    for digit in range(10):
        for index in np.flatnonzero(labels == digit)[:_TEST_DIGITS_EACH]:
            yield f"{digit}, number {index} of the test set", images[index].astype(np.float32) / 255


def _samples() -> Iterator[tuple[str, Path]]:
    kinds = {sample.kind: sample for sample in reversed(load_samples()) if len(sample.label) == 1}
    for kind, sample in reversed(kinds.items()):
        yield f"{sample.label}, sample: {kind.replace('_', ' ')}", sample.path
