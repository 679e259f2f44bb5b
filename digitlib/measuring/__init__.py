"""Measure any network on labelled images, in figures with their intervals."""

from digitlib.labels import add_picture, read_labels
from digitlib.measuring import metrics
from digitlib.measuring.apart import load_model
from digitlib.measuring.evaluation import evaluate, photo_reader
from digitlib.measuring.labeled import load_labeled, split_by_writer
from digitlib.measuring.proportions import proportion, proportion_by
from digitlib.measuring.robustness import CONDITIONS, STREAM, condition_photo, measure_conditions

__all__ = [
    "CONDITIONS",
    "STREAM",
    "add_picture",
    "condition_photo",
    "evaluate",
    "load_labeled",
    "load_model",
    "measure_conditions",
    "metrics",
    "photo_reader",
    "proportion",
    "proportion_by",
    "read_labels",
    "split_by_writer",
]
