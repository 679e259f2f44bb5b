"""How good are answers? Any network on any labelled pictures, in figures with their intervals."""

from digitlib.measuring import metrics
from digitlib.measuring.labelled import judge, load_labelled, photo_reader
from digitlib.measuring.metrics import share, share_by
from digitlib.measuring.models import load_model
from digitlib.measuring.robustness import CONDITIONS, STREAM, condition_photo, measure_conditions

__all__ = [
    "CONDITIONS",
    "STREAM",
    "condition_photo",
    "judge",
    "load_labelled",
    "load_model",
    "measure_conditions",
    "metrics",
    "photo_reader",
    "share",
    "share_by",
]
