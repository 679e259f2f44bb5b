"""Name the line to type for what people hold in a notebook that is no picture yet: floats, batches, lists."""

import io

import numpy as np
from PIL import Image


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
    line = _for_array(source) if isinstance(source, np.ndarray) else _for_value(source)
    return f" Try {line}" if line else ""


def _for_array(array: np.ndarray) -> str:
    if array.dtype != np.uint8:
        return _in_eight_bits(array)
    if array.ndim == 4 and len(array) == 1:
        return "array[0]"
    if array.ndim == 3 and len(array) in (1, 3, 4):
        return "np.moveaxis(array, 0, -1)"
    side = int(array.size**0.5)
    if array.ndim == 1 and 0 < side**2 == array.size:
        return f"array.reshape({side}, {side})"
    return ""


def _in_eight_bits(array: np.ndarray) -> str:
    """Return what makes values uint8, judged by the largest of them."""
    kind = array.dtype.kind
    if kind == "b":
        return "array.astype('uint8') * 255"
    if kind not in "iuf" or not array.size:
        return ""
    smallest, largest = float(array.min()), float(array.max())
    if not 0 <= smallest <= largest <= 65_535:  # written so that NaN fails it, too
        return ""
    if kind == "f" and largest <= 1:
        return "(array * 255).round().astype('uint8')"
    return "array.astype('uint8')" if largest <= 255 else "(array // 257).astype('uint8')"


def _for_value(source: object) -> str:
    if isinstance(source, Image.Image):
        return "np.array(source.convert('RGBA'))"
    if isinstance(source, io.BytesIO):
        return "source.getvalue()"
    if isinstance(source, io.IOBase):  # an open file
        return "source.read()"
    holds_values = isinstance(source, list | tuple) or hasattr(type(source), "__array__")  # a tensor has it
    return "np.array(source)" if holds_values else ""
