"""Notebooks as files: where they lie, their parameters, results, exercises, copies, and what they need."""

from digitlib.notebooks.environment import check_environment
from digitlib.notebooks.exercises import check, seal
from digitlib.notebooks.results import Results, Table

__all__ = ["Results", "Table", "check", "check_environment", "seal"]
