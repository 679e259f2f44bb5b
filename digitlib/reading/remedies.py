"""Name the line to type for what people hold in a notebook that is no picture yet: floats, batches, lists."""

import io
import os

import numpy as np
from PIL import Image

from digitlib.reading.picture import WHITES

MOST_CHANNELS = 4
"""Red, green, blue and alpha: a longer last axis of an array holds columns."""
OVERSHOOT = 0.1
"""How far values may lie beyond black and white, as a share of white: resizing makes such."""


def remedy(source: object) -> str:
    """Return what to try with something that `load_picture` refuses.

    Parameters
    ----------
    source : object
        An array, or neither a path nor bytes.

    Returns
    -------
    str
        " Try " and an expression of `array` or `source`, to stand at the end of a message; empty where none
        is known. What the expression gives may need another one.

    Examples
    --------
    >>> remedy(np.zeros((28, 28), bool)), remedy([[0, 255]]), remedy(None)
    (" Try array.astype('uint8') * 255", ' Try np.array(source)', '')
    """
    line = _for_array(np.asarray(source)) if isinstance(source, np.ndarray) else _for_value(source)
    return f" Try {line}" if line else ""


def _for_array(array: np.ndarray) -> str:
    if not array.size:
        return ""
    if array.dtype != np.uint8:
        return _in_eight_bits(array)
    if array.ndim == 3 and len(array) in (3, 4):
        return "array[0] with several pictures, np.moveaxis(array, 0, -1) with colors first"
    if array.ndim == 4 or (array.ndim == 3 and array.shape[2] > MOST_CHANNELS):
        return "array[0]"
    side = int(array.size**0.5)
    return f"array.reshape({side}, {side})" if array.ndim == 1 and side**2 == array.size > 1 else ""


def _in_eight_bits(array: np.ndarray) -> str:
    """Return what makes values uint8, judged by the largest of them."""
    if array.dtype == bool:
        return "array.astype('uint8') * 255"
    if array.dtype.kind not in "iuf" or array.ndim < 1:
        return ""
    smallest, largest = float(array.min()), float(array.max())
    white = next((white for white in (1, *WHITES) if largest <= (1 + OVERSHOOT) * white), None)
    if white is None or not smallest >= -OVERSHOOT * white:  # written so that NaN fails it, too
        return ""
    scaled = {1: "(array * 255)", 255: "array"}.get(white, f"(array / {white} * 255)")
    return f"{scaled}.clip(0, 255).round().astype('uint8')"


def _for_value(source: object) -> str:
    if isinstance(source, Image.Image):
        if getattr(source, "filename", ""):
            return "source.filename"
        return "np.array(source)" if source.mode[0] in "IF" else "np.array(source.convert('RGBA'))"
    if isinstance(source, io.BytesIO):
        return "source.getvalue()"
    if isinstance(getattr(source, "name", None), str):  # an open file
        return "source.name"
    if isinstance(source, list | tuple):
        return _for_list(source)
    tensor = hasattr(type(source), "__array__") and not isinstance(source, np.generic)
    return "np.array(source)" if tensor else ""


def _for_list(source: list | tuple) -> str:
    first = source[0] if source else None
    if isinstance(first, dict):  # of an ipywidgets.FileUpload
        return "bytes(source[0]['content'])" if "content" in first else ""
    several = isinstance(first, str | bytes | os.PathLike | Image.Image)
    if several or (isinstance(first, np.ndarray) and first.ndim > 1):
        return "source[0]"
    return "np.array(source)" if source else ""
