"""The demo: answers in plain English, widgets for JupyterLab, and the page with its server."""

from importlib import import_module

_MODULES = {
    "Answer": "answers",
    "DemoApp": "widgets",
    "DrawingPad": "widgets",
    "Explorer": "explorer",
    "answer": "answers",
}


def __getattr__(name: str) -> object:
    """Import a name at its first use (PEP 562): the server needs none of the widgets."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
