"""The demo in a notebook: the same page, as a widget.

Pictures travel between browser and Python as messages, never as widget state, so they stay in memory and
cannot be saved into a notebook.
"""

import base64
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path

import anywidget
import traitlets

from digitlib.reading.both import as_recognizer
from digitlib.reading.network import LETTERS_FILE, ModelError, Recognizer, load_recognizer
from digitlib.reading.normalize import SKIPPABLE
from digitlib.reading.text import KINDS
from digitlib.web.answers import BROKEN, NO_NETWORK, WELCOME, answer
from digitlib.web.assets import SAMPLES, sample_files, script, style, thumbnail
from digitlib.web.network_file import network_bytes, network_name, shipped_beside
from digitlib.web.replies import reasons, reply


class DrawingPad(anywidget.AnyWidget):
    """An input for a drawing, with mouse, finger or pen.

    When the pen rests, the drawing is sent as a PNG file. Introduced in notebook 00.

    Attributes
    ----------
    data : bytes
        The content of the PNG file; empty while nothing is drawn. Python may set it as well.
    """

    _esm = script("pad_widget")
    _css = style()
    data = traitlets.Bytes()  # not synchronised: see the top of this module

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.on_msg(self._receive)

    def _receive(self, _widget: object, _content: dict, buffers: list) -> None:
        self.data = bytes(buffers[0]) if buffers else b""

    def clear(self) -> None:
        """Remove the drawing, in the browser too."""
        self.data = b""
        self.send({})

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class DemoApp(anywidget.AnyWidget):
    """The demo: from a photo, drawing or sample to digit, confidence and all steps.

    Introduced in notebook 06.

    Parameters
    ----------
    network : Recognizer or path, optional
        A network of your own (see `digitlib.load_recognizer`). Its name, from its model card, is shown. By
        default the network that digitlib ships.
    keep : callable, optional
        Takes a picture, as bytes of a file, and its label, whenever somebody says that an answer is wrong. By
        default such a picture is saved by the browser.

    Raises
    ------
    ModelError
        The network of your own is missing or damaged.

    Attributes
    ----------
    network : Recognizer or None
        The network of your own, if there is one.
    data : bytes
        The image file that the answer belongs to. Setting it has the effect of a visitor's input.
    skip : tuple of str
        The preprocessing steps that are switched off, as by the page's switches.
    what : {"digits", "letters", "both"}
        What to look for, as by the page's switch.
    answer : Answer
        The answer that is shown.

    Examples
    --------
    >>> app = DemoApp()
    >>> app.data = b"Dear diary"
    >>> app.answer.mood
    'problem'
    """

    _esm = script("widget")
    _css = style()
    name = traitlets.Unicode().tag(sync=True)
    keeps = traitlets.Bool().tag(sync=True)
    data = traitlets.Bytes()  # not synchronised: see the top of this module
    skip = traitlets.Tuple()
    what = traitlets.Enum(KINDS, KINDS[0])
    kinds = traitlets.Bool().tag(sync=True)  # whether there is a switch: not beside a network of one's own

    def __init__(
        self,
        network: Recognizer | str | Path | None = None,
        keep: Callable[[bytes, str], object] | None = None,
    ) -> None:
        self.network = None if network is None else as_recognizer(network)
        self._keep, self.answer = keep, WELCOME
        name = "" if self.network is None else network_name(self.network)
        super().__init__(name=name, keeps=keep is not None, kinds=self.network is None)
        self._asked = False  # whether the browser set the data, and is told the answer anyway
        self.on_msg(self._receive)
        self.observe(self._take, "data")
        self.observe(self._skip, ["skip", "what"])
        try:
            load_recognizer()  # before the first image, so that its answer comes at once
        except ModelError:
            self.answer = NO_NETWORK

    def _take(self, _change: object) -> None:
        """Read a new image with all steps; without an image, begin anew."""
        if self.skip and not self._asked:
            self.skip = ()  # reads the image, too
        else:
            self._read()

    def _skip(self, _change: object) -> None:
        if not self._asked:
            self._read()

    def _read(self) -> None:
        try:
            asked = self.data, self.skip, self.network, self.what
            self.answer = answer(*asked) if self.data else WELCOME
        except ModelError:
            self.answer = NO_NETWORK
            traceback.print_exc(file=sys.__stderr__)
        except Exception:
            # A bug: a sentence for the reader, the traceback for the notebook.
            self.answer = BROKEN
            traceback.print_exc(file=sys.__stderr__)
            raise
        finally:
            if not self._asked:
                self.send({"push": reply(self.answer)}, [self.data])

    def _receive(self, _widget: object, content: dict, buffers: list) -> None:
        """Answer a question of the browser."""
        number, request = content.get("number"), content.get("request")
        if request == "network":
            asked = LETTERS_FILE if content.get("what") == "letters" else self.network
            if content.get("what") == "beside":
                asked = shipped_beside(self.network)
            self.send({"number": number}, [network_bytes(as_recognizer(asked))])
        elif request == "samples":
            self.send({"number": number, "reply": [_address(thumbnail(path)) for path in sample_files()]})
        elif request == "sample" and content.get("place") in range(len(SAMPLES)):
            self.send({"number": number}, [sample_files()[content["place"]].read_bytes()])
        elif request == "shown":
            if self.data:
                self.send({"push": reply(self.answer)}, [self.data])
        elif request == "keep" and buffers and self._keep:
            self._keep(bytes(buffers[0]), str(content.get("label")))
            self.send({"number": number, "reply": True})
        elif request == "why" and buffers:
            result = answer(bytes(buffers[0]), _known(content), self.network, _kind(content))
            self.send({"number": number, "reply": reasons(result, content.get("digit"))})
        elif request == "answer" and buffers:
            self._asked = True
            try:
                self.skip, self.what = _known(content), _kind(content)
                self.data = b""
                self.data = bytes(buffers[0])
            finally:
                self._asked = False
                self.send({"number": number, "reply": reply(self.answer)})

    def __repr__(self) -> str:
        return "DemoApp()"

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, object], dict]:
        fallback = "<p>The demo needs a running notebook: run this cell, and it appears here.</p>"
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/html": fallback}, metadata


def _address(jpeg: bytes) -> str:
    """Return the address of a JPEG that holds its own data."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _known(content: dict) -> Sequence[str]:
    """Return the steps that a question names, and that there are, in their order."""
    named = content.get("skip")
    return tuple(name for name in SKIPPABLE if isinstance(named, list) and name in named)


def _kind(content: dict) -> str:
    """Return what a question looks for."""
    return content["what"] if content.get("what") in KINDS else KINDS[0]
