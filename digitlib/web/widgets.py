"""The demo as widgets, in JupyterLab and on a page: from a photo or a drawing to the digit and its steps.

The widgets only send bytes to `digitlib.web.answers` and show the answer. Pictures travel between browser
and Python as messages, never as widget state, so they stay in memory and cannot be saved into a notebook.
"""

import html
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import anywidget
import ipywidgets
import traitlets

from digitlib.data import Sample, load_samples
from digitlib.reading.network import ModelError, Recognizer, load_recognizer
from digitlib.reading.normalize import SKIPPABLE
from digitlib.reading.reader import as_recognizer
from digitlib.web.answer_html import details_html, looked_html, steps_html
from digitlib.web.answers import BROKEN, NO_NETWORK, WELCOME, Answer, answer

STATIC = Path(__file__).parent / "static"


class PictureInput(anywidget.AnyWidget):
    """An input for an image.

    Attributes
    ----------
    data : bytes
        The content of the image file; empty while there is none. Python may set it as well.
    """

    _css = STATIC / "demo.css"
    data = traitlets.Bytes()  # not synchronised: see the top of this module

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.on_msg(self._receive)

    def _receive(self, _widget: object, _content: dict, buffers: list) -> None:
        self.data = bytes(buffers[0]) if buffers else b""

    def clear(self) -> None:
        """Remove the image, in the browser too."""
        self.data = b""
        self.send({})

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class PhotoPicker(PictureInput):
    """An input for a photo: choose, take, drop or paste it.

    The browser turns it upright and shrinks it to 1,600 pixels. Introduced in notebook 06.
    """

    _esm = STATIC / "picker.js"


class DrawingPad(PictureInput):
    """An input for a drawing, with mouse, finger or pen.

    Every stroke sends the drawing as a PNG file. Introduced in notebook 00.
    """

    _esm = STATIC / "pad.js"


class SampleMenu(PictureInput):
    """An input for one of the sample images, chosen or random.

    Introduced in notebook 06.

    Attributes
    ----------
    groups : list
        A heading and its samples, each as [file name, description].
    """

    _esm = STATIC / "samples.js"
    groups = traitlets.List().tag(sync=True)

    def __init__(self, **kwargs: object) -> None:
        samples = load_samples()
        self._paths = {sample.path.name: sample.path for sample in samples}
        kinds = {"One digit": 1, "Several digits": 2, "No digit": 0}
        groups = [
            [heading, [[s.path.name, _describe(s)] for s in samples if min(len(s.label), 2) == count]]
            for heading, count in kinds.items()
        ]
        super().__init__(groups=groups, **kwargs)

    def _receive(self, _widget: object, content: dict, _buffers: list) -> None:
        self.choose(str(content.get("name")))

    def choose(self, name: str) -> None:
        """Use the sample of this file name; none if there is no such sample."""
        path = self._paths.get(name)
        self.data = path.read_bytes() if path else b""


def _describe(sample: Sample) -> str:
    text = sample.made.rpartition("; ")[-1].removesuffix(".")
    return f"{sample.label}: {text}" if sample.label else text.removeprefix("No digit: ").capitalize()


class AnswerView(anywidget.AnyWidget):
    """A view of an `Answer`: digit, sentence, image and bars first, then explanations.

    The browser requests the explanations after it has shown the answer, so that no answer waits for them.

    Attributes
    ----------
    answer : Answer
        The answer that is shown.
    skip : tuple of str
        The preprocessing steps that are switched off.
    """

    _esm = STATIC / "answer.js"
    _css = STATIC / "demo.css"
    skip = traitlets.Tuple()

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self._number, self._chosen = 0, 0
        self.answer = WELCOME
        self.on_msg(self._receive)

    def show(self, result: Answer) -> None:
        """Show an answer.

        Parameters
        ----------
        result : Answer
        """
        self.answer = result
        self._number += 1
        # The digit with the lowest confidence is explained first.
        self._chosen = min(
            range(len(result.readings)), key=lambda index: result.readings[index].confidence, default=0
        )
        self._publish()

    def _receive(self, _widget: object, content: dict, _buffers: list) -> None:
        request = content.get("request")
        if request == "explanation":
            if content.get("number") == self._number and self.answer.reading is not None:
                self._explain()
        elif request == "switch":
            names = {*self.skip} ^ {str(content.get("step"))}
            self.skip = tuple(name for name in SKIPPABLE if name in names)
        elif request == "digit":
            index = content.get("index")
            self._chosen = index if index in range(len(self.answer.readings)) else 0
            self._number += 1
            self._publish()
        else:  # a new view requests its content, or a view checks the connection
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
        self.send({"number": self._number, "explanation": looked_html(reading, self.answer.network)})


def _name_html(network: Recognizer) -> str:
    name = html.escape(str(network.card.get("name", "a network of your own")))
    return f'<p class="digitlib-network">The network behind this page: <strong>{name}</strong></p>'


class DemoApp(ipywidgets.VBox):
    """The demo: from a photo, drawing or sample to digit, confidence and all steps.

    Introduced in notebook 06.

    Parameters
    ----------
    network : Recognizer or path, optional
        A network of your own (see `digitlib.load_recognizer`). Its name, from its model card, is shown on the
        page. By default the network that digitlib ships.

    Raises
    ------
    ModelError
        The network of your own is missing or damaged.

    Attributes
    ----------
    network : Recognizer or None
        The network of your own, if there is one.
    picker, pad, samples : PhotoPicker, DrawingPad, SampleMenu
        Inputs for an image. Setting the `data` of one has the effect of a visitor's input.

    Examples
    --------
    >>> app = DemoApp()
    >>> app.picker.data = b"Dear diary"
    >>> app.answer.mood
    'problem'
    """

    def __init__(self, network: Recognizer | str | Path | None = None) -> None:
        self.network = None if network is None else as_recognizer(network)
        self.picker, self.pad, self.samples = PhotoPicker(), DrawingPad(), SampleMenu()
        self._view = AnswerView()
        self._source = None  # the input that the answer on the page belongs to
        for source in self._inputs:
            source.observe(self._take, "data")
        self._view.observe(self._read, "skip")
        whose = [] if self.network is None else [ipywidgets.HTML(_name_html(self.network))]
        inputs = ipywidgets.VBox([*whose, *self._inputs])
        inputs.add_class("digitlib-inputs")
        columns = ipywidgets.VBox([inputs, self._view])
        columns.add_class("digitlib-columns")
        super().__init__([columns])
        self.add_class("digitlib-demo")
        try:
            load_recognizer()  # before the first image, so that its answer comes at once
        except ModelError:
            self._view.show(NO_NETWORK)

    @property
    def _inputs(self) -> tuple[PictureInput, ...]:
        return self.picker, self.pad, self.samples

    @property
    def answer(self) -> Answer:
        """The answer that is shown."""
        return self._view.answer

    @property
    def skip(self) -> tuple[str, ...]:
        """The preprocessing steps that are switched off, as by the page's switches."""
        return self._view.skip

    @skip.setter
    def skip(self, names: Sequence[str]) -> None:
        self._view.skip = tuple(names)

    def _take(self, change: dict) -> None:
        """Read a new image, and clear the inputs of the one before."""
        source, data = change["owner"], change["new"]
        if not data:
            if source is self._source:  # cleared by the visitor, not for another image
                self._source = None
                self._view.set_trait("skip", ())
                self._view.show(WELCOME)
            return
        continued = source is self._source is self.pad  # one more stroke of a drawing
        self._source = source
        for other in self._inputs:
            if other is not source:
                other.clear()
        if not continued and self.skip:
            self.skip = ()  # reads the picture, too
        else:
            self._read()

    def _read(self, _change: object = None) -> None:
        if self._source is None:
            return
        try:
            self._view.show(answer(self._source.data, self.skip, self.network))
        except ModelError:
            self._view.show(NO_NETWORK)
            traceback.print_exc(file=sys.__stderr__)
        except Exception:
            # A bug: a sentence for the visitor, the traceback for the server's terminal and the notebook.
            self._view.show(BROKEN)
            traceback.print_exc(file=sys.__stderr__)
            raise

    def __repr__(self) -> str:
        return "DemoApp()"

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        fallback = "<p>The demo needs a running notebook: run this cell, and it appears here.</p>"
        return super()._repr_mimebundle_(**kwargs) | {"text/html": fallback}
