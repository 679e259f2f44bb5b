"""The demo: a photo or a drawing goes in, the digit and the way to it come out, in JupyterLab and on a page.

The widgets only carry bytes to `digitlib.answers` and show what it said. Pictures travel between the browser
and Python as messages, never as widget state, so they stay in memory and cannot be saved into a notebook.
"""

import sys
import traceback
from pathlib import Path

import anywidget
import ipywidgets
import traitlets

from digitlib.answers import BROKEN, WELCOME, Answer, answer, details_html, steps_html
from digitlib.data import Sample, load_samples

STATIC = Path(__file__).parent / "static"


class PictureInput(anywidget.AnyWidget):
    """A widget that a picture comes from.

    Attributes
    ----------
    data : bytes
        The content of the picture file; empty while there is none. Python may set it as well.
    """

    _css = STATIC / "demo.css"
    data = traitlets.Bytes()  # not synchronised: see the top of this module

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.on_msg(self._receive)

    def _receive(self, _widget, _content, buffers):
        self.data = bytes(buffers[0]) if buffers else b""

    def clear(self) -> None:
        """Forget the picture, in the browser too."""
        self.data = b""
        self.send({})


class PhotoPicker(PictureInput):
    """Choose, take, drop or paste a picture; the browser turns it upright and shrinks it to 1,600 pixels.

    Introduced in notebook 06.
    """

    _esm = STATIC / "picker.js"


class DrawingPad(PictureInput):
    """Draw a digit with mouse, finger or pen; every stroke sends the drawing as a PNG file.

    Introduced in notebook 06.
    """

    _esm = STATIC / "pad.js"


class SampleMenu(ipywidgets.Dropdown):
    """Choose one of the sample pictures; `data` and `clear` are those of `PictureInput`."""

    data = traitlets.Bytes()

    def __init__(self):
        samples = [(_describe(sample), sample.path) for sample in load_samples()]
        super().__init__(options=[("None chosen", ""), *samples], description="Or try a sample")
        self.observe(self._load, "value")

    def _load(self, change):
        self.data = change["new"].read_bytes() if change["new"] else b""

    def clear(self) -> None:
        """Forget the picture."""
        self.value = ""


def _describe(sample: Sample) -> str:
    words = sample.made.rpartition("; ")[-1].removesuffix(".")
    return f"{sample.label or 'No digit'}: {words}"


class AnswerView(anywidget.AnyWidget):
    """Shows an `Answer`: the digit, the sentence, the picture, the bars, and the steps."""

    _esm = STATIC / "answer.js"
    _css = STATIC / "demo.css"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.on_msg(lambda *_: self._publish())  # a new view asks what to show
        self.answer = WELCOME

    def show(self, result: Answer) -> None:
        """Show an answer."""
        self.answer = result
        self._publish()

    def _publish(self) -> None:
        self.send(
            {
                "mood": self.answer.mood,
                "headline": self.answer.headline,
                "sentence": self.answer.sentence,
                "details": details_html(self.answer),
                "steps": steps_html(self.answer.reading),
            }
        )


class DemoApp(ipywidgets.VBox):
    """The whole demo: photo, drawing or sample in; digit, confidence and every step out.

    Introduced in notebook 06.

    Attributes
    ----------
    picker, pad, samples : PhotoPicker, DrawingPad, SampleMenu
        Where pictures come from. Setting the `data` of one does what a visitor does.

    Examples
    --------
    >>> app = DemoApp()
    >>> app.picker.data = b"Dear diary"
    >>> app.answer.mood
    'problem'
    """

    def __init__(self):
        self.picker, self.pad, self.samples = PhotoPicker(), DrawingPad(), SampleMenu()
        self._view = AnswerView()
        self._source = None  # the input that the answer on the page belongs to
        for source in self._inputs:
            source.observe(self._read, "data")
        inputs = ipywidgets.VBox(self._inputs)
        inputs.add_class("digitlib-inputs")
        columns = ipywidgets.VBox([inputs, self._view])
        columns.add_class("digitlib-columns")
        super().__init__([columns])
        self.add_class("digitlib-demo")

    @property
    def _inputs(self):
        return self.picker, self.samples, self.pad

    @property
    def answer(self) -> Answer:
        """What the page says at this moment."""
        return self._view.answer

    def _read(self, change):
        source, data = change["owner"], change["new"]
        if not data:
            if source is self._source:  # taken back by the visitor, not cleared for another picture
                self._view.show(WELCOME)
            return
        self._source = source
        for other in self._inputs:
            if other is not source:
                other.clear()
        try:
            self._view.show(answer(data))
        except Exception:
            # A bug: plain words for the visitor, everything for the server's terminal and a notebook's cell.
            self._view.show(BROKEN)
            traceback.print_exc(file=sys.__stderr__)
            raise

    def __repr__(self) -> str:
        return "DemoApp()"

    def _repr_mimebundle_(self, **kwargs):
        fallback = "<p>The demo needs a running notebook: run this cell, and it appears here.</p>"
        return super()._repr_mimebundle_(**kwargs) | {"text/html": fallback}
