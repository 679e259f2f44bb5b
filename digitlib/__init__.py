"""Learn how a computer reads handwriting: from the pixels of a photo to an explained digit.

Importing the package loads neither TensorFlow nor matplotlib nor ipywidgets: reading needs none of them.
"""

from digitlib import preprocess
from digitlib.data import load_mnist, load_samples
from digitlib.images import ImageError, NoDigitError
from digitlib.recognizer import Reading, read_digit, read_number

__all__ = [
    "ImageError",
    "NoDigitError",
    "Reading",
    "load_mnist",
    "load_samples",
    "preprocess",
    "read_digit",
    "read_number",
]
