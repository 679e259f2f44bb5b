"""Notebooks as files: where they lie, their parameters, results, exercises, copies, and what they need."""

from digitlib.notebooks.environment import check_environment
from digitlib.notebooks.exercises import check, seal
from digitlib.notebooks.own_network import SHIPPED, find_network, lesson_folder
from digitlib.notebooks.results import Results, Table

__all__ = [
    "SHIPPED",
    "LiveCurves",
    "Results",
    "Table",
    "check",
    "check_environment",
    "find_network",
    "lesson_folder",
    "seal",
]


def __getattr__(name: str) -> object:
    """Import LiveCurves at its first use (PEP 562): it needs TensorFlow, and all else does not."""
    if name != "LiveCurves":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from digitlib.notebooks.live import LiveCurves

    return LiveCurves
