"""The demo: a photo or a drawing goes in, the digit and the way to it come out, in JupyterLab and on a page.

The widgets only carry bytes to `digitlib.web.answers` and show what it said. Pictures travel between browser
and Python as messages, never as widget state, so they stay in memory and cannot be saved into a notebook.
"""

import sys
import traceback
from pathlib import Path

import anywidget
import ipywidgets
import traitlets

from digitlib.data import Sample, load_samples
from digitlib.reading.network import ModelError, load_recognizer
from digitlib.reading.normalize import STEP_NAMES
from digitlib.web.answer_html import details_html, looked_html, steps_html
from digitlib.web.answers import BROKEN, NO_NETWORK, WELCOME, Answer, answer

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


class SampleMenu(PictureInput):
    """Choose one of the sample pictures, or let chance choose.

    Introduced in notebook 06.

    Attributes
    ----------
    groups : list
        A heading and its samples, each as [file name, description].
    """

    _esm = STATIC / "samples.js"
    groups = traitlets.List().tag(sync=True)

    def __init__(self, **kwargs):
        samples = load_samples()
        self._paths = {sample.path.name: sample.path for sample in samples}
        kinds = {"One digit": 1, "Several digits": 2, "No digit": 0}
        groups = [
            [heading, [[s.path.name, _describe(s)] for s in samples if min(len(s.label), 2) == count]]
            for heading, count in kinds.items()
        ]
        super().__init__(groups=groups, **kwargs)

    def _receive(self, _widget, content, _buffers):
        self.choose(str(content.get("name")))

    def choose(self, name: str) -> None:
        """Take a sample by its file name; any other name takes none."""
        path = self._paths.get(name)
        self.data = path.read_bytes() if path else b""


def _describe(sample: Sample) -> str:
    words = sample.made.rpartition("; ")[-1].removesuffix(".")
    return f"{sample.label}: {words}" if sample.label else words.removeprefix("No digit: ").capitalize()


class AnswerView(anywidget.AnyWidget):
    """Shows an `Answer`: the digit, the sentence, the picture and the bars at once, then why.

    The browser asks for the explanation when it has shown the answer, so that no answer waits for it.
    """

    _esm = STATIC / "answer.js"
    _css = STATIC / "demo.css"
    skip = traitlets.Tuple()  # steps that the visitor has switched off

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._number, self._chosen = 0, 0
        self.answer = WELCOME
        self.on_msg(self._receive)

    def show(self, result: Answer) -> None:
        """Show an answer."""
        self.answer = result
        self._number += 1
        # Of a number, the digit with the least confidence is explained first.
        self._chosen = min(
            range(len(result.readings)), key=lambda place: result.readings[place].confidence, default=0
        )
        self._publish()

    def _receive(self, _widget, content, _buffers):
        wish = content.get("wish")
        if wish == "why":
            if content.get("number") == self._number and self.answer.reading is not None:
                self._explain()
        elif wish == "switch":
            names = {*self.skip} ^ {str(content.get("step"))}
            self.skip = tuple(name for name in STEP_NAMES if name in names)
        elif wish == "digit":
            place = content.get("place")
            self._chosen = place if place in range(len(self.answer.readings)) else 0
            self._number += 1
            self._publish()
        else:  # a new view asks what to show, or a view whether anybody is there
            self._publish()

    def _publish(self) -> None:
        result = self.answer
        self.send(
            {
                "number": self._number,
                "mood": result.mood,
                "headline": result.headline,
                "sentence": result.sentence,
                "details": details_html(result, self._chosen),
                "steps": steps_html(result, self._chosen),
            }
        )

    def _explain(self) -> None:
        reading = self.answer.readings[self._chosen]
        self.send({"number": self._number, "why": looked_html(reading)})


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
            source.observe(self._take, "data")
        self._view.observe(self._read, "skip")
        inputs = ipywidgets.VBox(self._inputs)
        inputs.add_class("digitlib-inputs")
        columns = ipywidgets.VBox([inputs, self._view])
        columns.add_class("digitlib-columns")
        super().__init__([columns])
        self.add_class("digitlib-demo")
        try:
            load_recognizer()  # before the first picture: then that one is answered at once
        except ModelError:
            self._view.show(NO_NETWORK)

    @property
    def _inputs(self):
        return self.picker, self.pad, self.samples

    @property
    def answer(self) -> Answer:
        """What the page says at this moment."""
        return self._view.answer

    @property
    def skip(self) -> tuple[str, ...]:
        """The preprocessing steps that are switched off; setting it does what the page's switches do."""
        return self._view.skip

    @skip.setter
    def skip(self, names):
        self._view.skip = tuple(names)

    def _take(self, change):
        """Take a new picture, and let go of the one before."""
        source, data = change["owner"], change["new"]
        if not data:
            if source is self._source:  # taken back by the visitor, not cleared for another picture
                self._source = None
                self._view.set_trait("skip", ())
                self._view.show(WELCOME)
            return
        goes_on = source is self._source is self.pad  # one more stroke of a drawing
        self._source = source
        for other in self._inputs:
            if other is not source:
                other.clear()
        if not goes_on and self.skip:
            self.skip = ()  # reads the picture, too
        else:
            self._read()

    def _read(self, _change=None):
        if self._source is None:
            return
        try:
            self._view.show(answer(self._source.data, self.skip))
        except ModelError:
            self._view.show(NO_NETWORK)
            traceback.print_exc(file=sys.__stderr__)
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
