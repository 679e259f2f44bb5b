"""The seven steps from a picture to what the network sees, each one visible."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from digitlib.reading.binarize import Step, find_ink, percentile
from digitlib.reading.components import Box, main_digit, stroke_width
from digitlib.reading.images import NoDigitError, Picture, load_picture

STEP_NAMES = ("grayscale", "invert", "threshold", "crop", "resize", "center", "normalize")
CLOSER = 64
"""A digit smaller than this many pixels is looked at again in full resolution."""
DIGIT_SIDE = 20
"""Longest side of a digit in MNIST, in pixels."""
MNIST_SIDE = 28
"""Side of an MNIST picture, in pixels."""
THINNEST, WANTED = 1.9, 2.4
"""Strokes thinner than the first are made as thick as the second, in pixels of a digit 20 pixels tall."""


def trace(source, skip=()):
    """Prepare a picture of one digit for the network and show every step.

    Introduced in notebook 02.

    Parameters
    ----------
    source : path, bytes or uint8 array
        The picture, as `digitlib.read_digit` takes it.
    skip : sequence of str
        Names of steps to leave out, to see what breaks without them.

    Returns
    -------
    list of Step
        The steps that were taken, in the order of `STEP_NAMES`. The last holds the (28, 28) picture that
        goes into the network, float32 in 0..1 (0..255 where "normalize" is left out).

    Raises
    ------
    ImageError
        The source is no picture (see `digitlib.reading.images.load_picture`).
    NoDigitError
        The picture holds no ink.
    ValueError
        `skip` names something that is no step.

    Examples
    --------
    >>> page = np.full((120, 100), 230, np.uint8)
    >>> page[30:90, 45:55] = 40
    >>> [step.name for step in trace(page)]
    ['grayscale', 'invert', 'threshold', 'crop', 'resize', 'center', 'normalize']
    >>> trace(page)[-1].image.shape
    (28, 28)
    """
    return list(prepare_digit(load_picture(source), skip).steps)


@dataclass(frozen=True, eq=False)
class Prepared:
    """One digit ready for the network."""

    image: np.ndarray  # (28, 28) float32
    steps: tuple  # of Step
    box: Box  # where the digit is, in the upright full-size picture
    doubtful: bool  # there is other ink as large as the digit, or the digit runs out of the picture


def prepare_digit(picture, skip=()):
    """Take a loaded picture of one digit through the seven steps; see `trace`.

    Parameters
    ----------
    picture : Picture
        From `digitlib.reading.images.load_picture`.
    skip : sequence of str
        Names of steps to leave out.

    Returns
    -------
    Prepared
        The network's input, the steps, and where the digit was found.
    """
    unknown = set(skip) - set(STEP_NAMES)
    if unknown:
        raise ValueError(
            f"skip names no step: {', '.join(sorted(map(str, unknown)))}. "
            f"Allowed are {', '.join(STEP_NAMES)}."
        )
    ink = find_ink(picture, skip)
    if "crop" in skip:
        cut, box, note, doubtful = ink.gray, Box(0, 0, *ink.gray.shape), "", False
    else:
        cut, box, note, doubtful = _crop(ink)
        if max(box.height, box.width) < CLOSER and ink.scale > picture.scale:
            place = full_size(box, ink.scale / picture.scale, picture.pixels.shape)
            return _look_closer(picture, place, skip)
    steps = [*ink.steps, Step("crop", cut, note), *mnist_steps(cut, skip)]
    image = steps[-2].image.astype(np.float32) if "normalize" in skip else steps[-1].image
    steps = tuple(step for step in steps if step.name not in skip)
    return Prepared(image, steps, full_size(box, ink.scale, picture.shape), doubtful)


def _look_closer(picture, box, skip):
    """Prepare the digit of a small part of a large picture, given its box in `picture.pixels`."""
    margin = max(box.height, box.width) // 2
    top, left = max(0, box.row - margin), max(0, box.column - margin)
    part = picture.pixels[top : box.bottom + margin, left : box.right + margin]
    shape = tuple(round(side * picture.scale) for side in part.shape[:2])
    prepared = prepare_digit(Picture(np.ascontiguousarray(part), picture.scale, shape), skip)
    row, column = round(top * picture.scale), round(left * picture.scale)
    place = prepared.box._replace(row=prepared.box.row + row, column=prepared.box.column + column)
    return replace(prepared, box=full_size(place, 1.0, picture.shape))


def full_size(box, scale, shape):
    """A box in working pixels as a box in the upright full-size picture.

    Parameters
    ----------
    box : Box
        In working pixels.
    scale : float
        Full-size pixels per working pixel.
    shape : (int, int)
        Height and width of the full-size picture.

    Returns
    -------
    Box
        In full-size pixels, inside the picture.
    """
    row, column = min(int(box.row * scale), shape[0] - 1), min(int(box.column * scale), shape[1] - 1)
    height = min(round(box.height * scale), shape[0] - row)
    width = min(round(box.width * scale), shape[1] - column)
    return Box(row, column, max(1, height), max(1, width))


# -- crop --------------------------------------------------------------------------------------------------


def _crop(ink):
    """Cut the digit out by its contours and leave everything else behind."""
    labels, pieces = ink.labels, ink.pieces
    if not pieces:
        raise NoDigitError("The picture holds no ink: only dust was found.")
    digit, others = main_digit(pieces, labels.shape)
    cut = cut_out(ink.gray, labels, digit)
    left = len(pieces) - len(digit.labels)
    note = f"The digit is {digit.box.height} rows tall and {digit.box.width} columns wide"
    note += f", in {len(digit.labels)} pieces." if len(digit.labels) > 1 else "."
    reaches_in = _reaches_in(labels, digit)
    if others:
        note += " There is other ink as large as the digit: is it one digit?"
    elif reaches_in:
        note += " It runs out of the picture: is it a whole digit?"
    elif left:
        note += f" {left} other piece{'s' if left > 1 else ''} of ink stayed behind."
    return cut, digit.box, note, bool(others) or reaches_in


def _reaches_in(labels, digit):
    """Whether ink lies along half a side of the picture, or goes right across, as the edge of a page does.

    In a close cutting of a digit that may be the bar of a 7: what fills the picture does not reach in.
    """
    height, width = labels.shape
    if digit.box.height > 0.7 * height and digit.box.width > 0.7 * width:
        return False
    if digit.box.height == height or digit.box.width == width:
        return True
    sides = labels[0], labels[-1], labels[:, 0], labels[:, -1]
    return digit.at_border and max(np.isin(side, digit.labels).mean() for side in sides) > 0.5


def cut_out(gray, labels, piece):
    """The soft ink of one piece, cut closely, without the ink of its neighbours.

    Parameters
    ----------
    gray : (H, W) uint8 array
        Soft ink of the whole picture.
    labels : (H, W) int array
        From `digitlib.reading.components.find_pieces`.
    piece : Piece
        What to cut out.

    Returns
    -------
    (height, width) uint8 array
        Light ink on black.
    """
    row, column, height, width = piece.box
    part = labels[row : row + height, column : column + width]
    own = np.logical_or.reduce([part == label for label in piece.labels])
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)) * (own | (part == 0))
    return gray[row : row + height, column : column + width] * near


# -- resize, center, normalize -----------------------------------------------------------------------------


def mnist_steps(cut, skip=()):
    """Shrink the soft ink of one digit to MNIST's format: the steps resize, center and normalize.

    Parameters
    ----------
    cut : (H, W) uint8 array
        Light ink on black, cut out closely.
    skip : sequence of str
        Names of steps to leave out.

    Returns
    -------
    list of Step
        The last one's image is (28, 28) float32 in 0..1: the longest side of the digit is 20 pixels, and its
        centre of mass lies in the middle.
    """
    small, small_note = (cut, "") if "resize" in skip else _resize(cut)
    if "center" in skip:
        middle, middle_note = _window(small), ""
    else:
        middle, middle_note = _center(small)
    normal = middle.astype(np.float32) / 255
    return [
        Step("resize", small, small_note),
        Step("center", middle, middle_note),
        Step("normalize", normal, "The values 0 to 255 become 0 to 1, as the network learnt them."),
    ]


def _resize(cut):
    """Bring the longest side to 20 pixels, and thin strokes to a thickness that survives it."""
    longest = max(cut.shape)
    width = stroke_width(cut) * DIGIT_SIDE / longest
    if DIGIT_SIDE - 2 <= longest <= DIGIT_SIDE and width >= THINNEST:
        return cut, "The digit has MNIST's size already."
    note = f"The longest side shrinks from {longest} to {DIGIT_SIDE} pixels."
    if longest < DIGIT_SIDE:
        note = f"The longest side grows from {longest} to {DIGIT_SIDE} pixels."
    work = _scaled(cut, 6 * DIGIT_SIDE)
    if width < THINNEST:
        thicker = 6 * (WANTED - max(width, 0.3))
        side = round(thicker) | 1
        work = cv2.copyMakeBorder(work, side // 2, side // 2, side // 2, side // 2, cv2.BORDER_CONSTANT)
        work = cv2.dilate(work, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
        note += f" Its strokes, {width:.1f} pixels wide at that size, are made {WANTED} wide."
    small = _scaled(work, DIGIT_SIDE)
    peak = percentile(small[small > 0], 90) if small.any() else 255
    return cv2.convertScaleAbs(small, alpha=255 / max(peak, 1)), note


def _scaled(image, longest):
    """The picture with its longest side `longest` pixels, its shape kept."""
    factor = longest / max(image.shape)
    size = [max(1, round(side * factor)) for side in image.shape[::-1]]
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, size, interpolation=method)


def _center(small):
    """Put the digit's centre of mass into the middle of 28 x 28 pixels."""
    height, width = small.shape
    moments = cv2.moments(small)
    mass = max(moments["m00"], 1e-9)
    row = round(MNIST_SIDE / 2 - moments["m01"] / mass)
    column = round(MNIST_SIDE / 2 - moments["m10"] / mass)
    if max(height, width) <= MNIST_SIDE:
        row = int(np.clip(row, 0, MNIST_SIDE - height))
        column = int(np.clip(column, 0, MNIST_SIDE - width))
    note = (
        f"The digit's centre of mass comes to the middle: {row} rows above it, {column} columns left of it."
    )
    return _window(small, row, column), note


def _window(image, row=0, column=0):
    """28 x 28 pixels of black with `image` laid in at a place; what reaches beyond is cut off."""
    window = np.zeros((MNIST_SIDE, MNIST_SIDE), image.dtype)
    top, left = max(row, 0), max(column, 0)
    part = image[top - row :, left - column :][: MNIST_SIDE - top, : MNIST_SIDE - left]
    window[top : top + part.shape[0], left : left + part.shape[1]] = part
    return window
