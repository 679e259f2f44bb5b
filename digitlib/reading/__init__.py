"""Picture in, `Reading` or `Number` out: the seven steps and two readers; three packages are enough."""

from digitlib.reading.binarize import binarize
from digitlib.reading.components import crop_component, stroke_width
from digitlib.reading.ctc import best_texts
from digitlib.reading.line_reader import load_line_reader
from digitlib.reading.network import LETTERS_FILE, MODEL_FILE, Recognizer, load_layers
from digitlib.reading.normalize import mnist_steps
from digitlib.reading.rows import find_rows
from digitlib.reading.straighten import straighten
from digitlib.reading.vote import vote_on_text

__all__ = [
    "LETTERS_FILE",
    "MODEL_FILE",
    "Recognizer",
    "best_texts",
    "binarize",
    "crop_component",
    "find_rows",
    "load_layers",
    "load_line_reader",
    "mnist_steps",
    "straighten",
    "stroke_width",
    "vote_on_text",
]
