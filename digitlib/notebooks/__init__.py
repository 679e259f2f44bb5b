"""Notebooks as files: where they lie, their parameters and results, student copies, and what they need."""

from digitlib.notebooks.environment import check_environment
from digitlib.notebooks.results import Results, Table

__all__ = ["Results", "Table", "check_environment"]
