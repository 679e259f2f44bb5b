"""Notebooks as files: where they lie, their parameters and results, student copies, and what they need."""

from digitlib.notebooks.environment import check
from digitlib.notebooks.results import Facts, Results

__all__ = ["Facts", "Results", "check"]
