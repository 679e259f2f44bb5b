"""Learn how a computer reads handwriting: from the pixels of a photo to an explained digit.

Importing the package loads neither TensorFlow nor matplotlib nor ipywidgets: reading needs none of them.
"""

from digitlib import preprocess
from digitlib.data import load_letter_shapes, load_mnist, load_samples, split_validation
from digitlib.emnist import load_emnist
from digitlib.reading.images import load_picture
from digitlib.reading.network import ModelError, load_recognizer
from digitlib.reading.number import Number, read_number
from digitlib.reading.picture import ImageError, NoDigitError
from digitlib.reading.reader import Reading, read_digit, read_letter
from digitlib.reading.text import Text, read_text

__version__ = "0.1.0"

__all__ = [
    "ImageError",
    "ModelError",
    "NoDigitError",
    "Number",
    "Reading",
    "Text",
    "load_emnist",
    "load_letter_shapes",
    "load_mnist",
    "load_picture",
    "load_recognizer",
    "load_samples",
    "preprocess",
    "read_digit",
    "read_letter",
    "read_number",
    "read_text",
    "split_validation",
]
