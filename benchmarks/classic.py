"""The classic way to read a photographed digit, as most tutorials do it: what the benchmark compares with.

Grey, invert, one threshold for the whole picture (Otsu 1979), the largest contour, 20 x 20 pixels centred in
28 x 28, and a small network trained on MNIST as it is. Nothing against shading, lines, thin pens or light ink
on dark paper.
"""

from pathlib import Path

import cv2
import numpy as np

from digitlib.reading.images import load_picture
from digitlib.reading.network import load_recognizer
from digitlib.reading.picture import NoDigitError

MODEL_FILE = Path(__file__).resolve().parents[1] / "runs" / "classic" / "digits.npz"


def classic_network():
    """Load the classic network; the first time, train it (quick profile: some seconds).

    Returns
    -------
    digitlib.reading.network.Recognizer
        The network in runs/classic.
    """
    if not MODEL_FILE.exists():
        from digitlib.training.fit import train

        print("Training the classic network once (some seconds) ...", flush=True)
        train("quick", out=MODEL_FILE.parent)
    return load_recognizer(MODEL_FILE)


def classic_image(source):
    """Take a picture of one digit through the classic steps.

    Parameters
    ----------
    source : path, bytes or uint8 array
        As `digitlib.read_digit` takes it.

    Returns
    -------
    (28, 28) float32 array
        What the network sees of the largest contour: light ink on black, 0..1.

    Raises
    ------
    NoDigitError
        The whole picture has one brightness.

    Examples
    --------
    >>> page = np.full((120, 100), 230, np.uint8)
    >>> page[20:100, 45:55] = 40
    >>> image = classic_image(page)
    >>> image.shape, float(image.max())
    ((28, 28), 1.0)
    """
    return _mnist_format(_contours(source)[0][1])


def classic_number_images(source):
    """Take a picture of several digits through the classic steps.

    Parameters
    ----------
    source : path, bytes or uint8 array
        As `digitlib.read_number` takes it.

    Returns
    -------
    list of (28, 28) float32 array
        Every contour at least half as tall as the tallest, from left to right.

    Raises
    ------
    NoDigitError
        The whole picture has one brightness.
    """
    found = _contours(source)
    tallest = max(len(part) for _, part in found)
    digits = [(column, part) for column, part in found if len(part) >= 0.5 * tallest]
    return [_mnist_format(part) for _, part in sorted(digits, key=lambda digit: digit[0])]


def _contours(source):
    """First column and thresholded pixels of every outer contour's box, the largest contour first."""
    pixels = load_picture(source).pixels
    gray = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if gray.min() == gray.max():
        raise NoDigitError("The picture holds no ink: all of it has one brightness.")
    _, ink = cv2.threshold(255 - gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    contours, _ = cv2.findContours(ink, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    contours = sorted(contours, key=cv2.contourArea, reverse=True)
    boxes = [cv2.boundingRect(contour) for contour in contours]
    return [
        (column, ink[row : row + height, column : column + width]) for column, row, width, height in boxes
    ]


def _mnist_format(part):
    """Longest side 20 pixels, centre of mass in the middle of 28 x 28 (LeCun et al. 1998)."""
    factor = 20 / max(part.shape)
    size = [max(1, round(side * factor)) for side in part.shape[::-1]]
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR)
    moments = cv2.moments(small)
    mass = max(moments["m00"], 1e-9)
    move = np.float64([[1, 0, 14 - moments["m10"] / mass], [0, 1, 14 - moments["m01"] / mass]])
    return cv2.warpAffine(small, move, (28, 28)).astype(np.float32) / 255
