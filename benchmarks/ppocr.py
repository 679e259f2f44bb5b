"""PP-OCRv6 small, the reader of the package rapidocr: what anybody can install, to compare digitlib with.

Its recogniser alone, with the setting that is best for digits among those tried: the picture is one line, 48
pixels tall, dark ink on light paper, and of its 6,600 characters only the ten digits may be answered.
"""

import functools
from pathlib import Path

import cv2
import numpy as np

from digitlib.reading.images import load_picture

LINE_HEIGHT = 48
SHORTEST_LINE = 320
"""Shorter lines are filled up to this many columns: so the recogniser was trained."""
MISSING = "PP-OCRv6 is left out: it is not installed. To compare: python -m pip install -e .[compare]"


@functools.cache
def recognizer():
    """Load the recogniser, on one thread.

    Returns
    -------
    onnxruntime.InferenceSession, list of int
        The network, and where "nothing" and the ten digits stand in its output.

    Raises
    ------
    ImportError
        The packages are not installed.
    """
    import onnxruntime
    import rapidocr

    file = next((Path(rapidocr.__file__).parent / "models").glob("*v6*rec*small*.onnx"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options)
    names = ["", *session.get_modelmeta().custom_metadata_map["character"].split("\n")]
    return session, [0, *(names.index(digit) for digit in "0123456789")]


def digit_scores(source):
    """Look at a picture as one line.

    Parameters
    ----------
    source : path, bytes or uint8 array

    Returns
    -------
    (T, 11) float array
        At each step what the recogniser gives "nothing", and the ten digits.
    """
    session, digits = recognizer()
    pixels = load_picture(source).pixels
    gray = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if np.median(np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])) < 128:
        gray = 255 - gray
    width = max(8, gray.shape[1] * LINE_HEIGHT // gray.shape[0])
    way = cv2.INTER_CUBIC if gray.shape[0] < LINE_HEIGHT else cv2.INTER_AREA
    line = np.zeros((1, 3, LINE_HEIGHT, max(width, SHORTEST_LINE)), np.float32)
    line[..., :width] = cv2.resize(gray, (width, LINE_HEIGHT), interpolation=way) / np.float32(127.5) - 1
    steps = session.run(None, {session.get_inputs()[0].name: line})[0][0]
    return steps[:, digits]


def read_one(source):
    """Return the digit that stands out most anywhere in the line; it never says that it is unsure."""
    return str(digit_scores(source)[:, 1:].max(axis=0).argmax()), True


def read_number(source):
    """Return what the best of each step spells."""
    best = digit_scores(source).argmax(axis=1)
    changes = best[np.insert(best[1:] != best[:-1], 0, True)]
    return "".join(str(step - 1) for step in changes if step), True
