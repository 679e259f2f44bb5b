"""Picture in, `Reading` or `Number` out: the seven steps and two readers; three packages are enough."""

from digitlib.reading.components import stroke_width
from digitlib.reading.network import MODEL_FILE, Recognizer, load_layers

__all__ = ["MODEL_FILE", "Recognizer", "load_layers", "stroke_width"]
