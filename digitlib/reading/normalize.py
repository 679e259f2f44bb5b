"""The seven steps from a picture to what the network sees, each one visible."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from digitlib.reading.binarize import Ink, binarize
from digitlib.reading.components import Box, Component, crop_component, main_digit, stroke_width
from digitlib.reading.images import Source, load_picture
from digitlib.reading.picture import NoDigitError, Picture, Step, full_size
from digitlib.reading.straighten import STRAIGHTEN, straighten
from digitlib.reading.tones import percentile

STEP_NAMES = ("grayscale", "invert", "threshold", "crop", "resize", "center", "normalize")
SKIPPABLE = (STRAIGHTEN, *STEP_NAMES)
"""All steps by name: before the seven, `straighten` where a sheet was found in the picture."""
CLOSER_SIDE = 64
"""A digit with fewer pixels along its longest side is prepared again, in full resolution."""
DIGIT_SIDE = 20
"""Longest side of a digit in MNIST, in pixels."""
MNIST_SIDE = 28
"""Side of an MNIST image, in pixels."""
DETAIL = 6
"""Strokes are thickened in an image this many times larger than the digit will be: in sixths of a pixel."""
MIN_STROKE, NEW_STROKE = 1.9, 2.4
"""Strokes thinner than the first are widened to the second, in pixels of a digit 20 pixels tall."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """One digit ready for the network."""

    image: np.ndarray  # (28, 28) float32, 0 to 1; 0 to 255 where the step "normalize" was left out
    steps: tuple[Step, ...]  # those that were taken
    box: Box  # of the digit in the upright picture at full size
    light: np.ndarray  # (H, W) uint8: the picture in grey, light ink on dark
    light_box: Box  # of the digit in it
    doubtful: bool  # there is other ink as large as the digit, or the digit runs out of the picture


def trace(source: Source, skip: Sequence[str] = ()) -> list[Step]:
    """Prepare a picture of one digit for the network, and show every step.

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
        The steps that were taken, in the order of `SKIPPABLE`. The last holds the (28, 28) image that goes
        into the network, float32 in 0..1 (0..255 where "normalize" is left out).

    Raises
    ------
    ImageError, NoDigitError
        The source is no picture, or holds no ink.
    ValueError
        `skip` names something that is no step.

    Examples
    --------
    >>> page = np.full((120, 100), 230, np.uint8)
    >>> page[30:90, 45:55] = 40
    >>> [step.name for step in trace(page)]
    ['grayscale', 'invert', 'threshold', 'crop', 'resize', 'center', 'normalize']
    """
    return list(prepare_digit(load_picture(source), skip).steps)


def prepare_digit(picture: Picture, skip: Sequence[str] = ()) -> Prepared:
    """Take a loaded picture of one digit through all steps; see `trace`."""
    unknown = sorted(set(map(str, skip)) - set(SKIPPABLE))
    if unknown:
        raise ValueError(f"skip names no step: {', '.join(unknown)}. Allowed are {', '.join(SKIPPABLE)}.")
    picture = picture if STRAIGHTEN in skip else straighten(picture)
    pixels, (row, column) = picture.pixels, (0, 0)
    ink = binarize(pixels, skip)
    crop, box, doubtful = _crop(ink, skip)
    if "crop" not in skip and ink.scale > 1 and max(box.height, box.width) < CLOSER_SIDE:
        pixels, (row, column) = _region(pixels, full_size(box, ink.scale, pixels.shape))
        ink = binarize(pixels, skip)
        crop, box, doubtful = _crop(ink, skip)
    steps = [*picture.steps, *ink.steps, crop, *mnist_steps(crop.image, skip)]
    image = steps[-2].image.astype(np.float32) if "normalize" in skip else steps[-1].image
    found = full_size(box, ink.scale, pixels.shape)
    upright = picture.upright_box(Box(found.row + row, found.column + column, *found[2:]))
    taken = tuple(step for step in steps if step.name not in skip)
    return Prepared(image, taken, upright, ink.light, box, doubtful)


def _region(pixels: np.ndarray, box: Box) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the pixels around a box, with half its size as margin, and their first row and column."""
    margin = max(box.height, box.width) // 2
    top, left = max(0, box.row - margin), max(0, box.column - margin)
    region = pixels[top : box.bottom + margin, left : box.right + margin]
    return np.ascontiguousarray(region), (top, left)


def _crop(ink: Ink, skip: Sequence[str]) -> tuple[Step, Box, bool]:
    """Crop the digit by its contours; return the step, its box, and whether it is doubtful."""
    if "crop" in skip:
        return Step("crop", ink.soft, ""), Box(0, 0, *ink.soft.shape), False
    if not ink.components:
        raise NoDigitError("The picture holds no ink: only dust was found.")
    digit, others = main_digit(ink.components, ink.labels.shape)
    parts, rest = len(digit.labels), len(ink.components) - len(digit.labels)
    note = f"The digit is {digit.box.height} rows tall and {digit.box.width} columns wide"
    note += f", in {parts} pieces." if parts > 1 else "."
    reaches_in = _reaches_in(ink.labels, digit)
    if others:
        note += " There is other ink as large as the digit: is it one digit?"
    elif reaches_in:
        note += " It runs out of the picture: is it a whole digit?"
    elif rest:
        note += f" {rest} other piece{'s' if rest > 1 else ''} of ink stayed behind."
    image = crop_component(ink.soft, ink.labels, digit)
    return Step("crop", image, note), digit.box, bool(others) or reaches_in


def _reaches_in(labels: np.ndarray, digit: Component) -> bool:
    """Return whether ink lies along half a side of the picture, or goes right across, as a page's edge does.

    What fills the picture does not reach in: in a close crop that may be the bar of a 7.
    """
    height, width = labels.shape
    if digit.box.height > 0.7 * height and digit.box.width > 0.7 * width:
        return False
    if digit.box.height == height or digit.box.width == width:
        return True
    sides = labels[0], labels[-1], labels[:, 0], labels[:, -1]
    return digit.at_border and max(np.isin(side, digit.labels).mean() for side in sides) > 0.5


def mnist_steps(crop: np.ndarray, skip: Sequence[str] = ()) -> list[Step]:
    """Take cropped soft ink through resize, center and normalize.

    Parameters
    ----------
    crop : (H, W) uint8 array
        The soft ink of one digit.
    skip : sequence of str
        Names of steps to leave out.

    Returns
    -------
    list of Step
        The last image is (28, 28) float32 in 0..1; the digit's longest side is 20 pixels, its mass in the
        middle.

    Examples
    --------
    >>> [(step.name, step.image.shape) for step in mnist_steps(np.full((60, 30), 255, np.uint8))]
    [('resize', (20, 10)), ('center', (28, 28)), ('normalize', (28, 28))]
    """
    small, small_note = (crop, "") if "resize" in skip else _resize(crop)
    middle, middle_note = (_window(small), "") if "center" in skip else _center(small)
    return [
        Step("resize", small, small_note),
        Step("center", middle, middle_note),
        Step(
            "normalize",
            middle.astype(np.float32) / 255,
            "The values 0 to 255 become 0 to 1, as the network learnt them.",
        ),
    ]


def _resize(crop: np.ndarray) -> tuple[np.ndarray, str]:
    """Bring the longest side to 20 pixels, and widen strokes too thin to survive it."""
    longest = max(crop.shape)
    width = stroke_width(crop) * DIGIT_SIDE / longest
    if DIGIT_SIDE - 2 <= longest <= DIGIT_SIDE and width >= MIN_STROKE:
        return crop, "The digit has MNIST's size already."
    change = "grows" if longest < DIGIT_SIDE else "shrinks"
    note = f"The longest side {change} from {longest} to {DIGIT_SIDE} pixels."
    large = _scaled(crop, DETAIL * DIGIT_SIDE)
    if width < MIN_STROKE:
        side = round(DETAIL * (NEW_STROKE - max(width, 0.3))) | 1
        large = cv2.copyMakeBorder(large, side // 2, side // 2, side // 2, side // 2, cv2.BORDER_CONSTANT)
        large = cv2.dilate(large, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
        note += f" Its strokes, {width:.1f} pixels wide at that size, are made {NEW_STROKE} wide."
    small = _scaled(large, DIGIT_SIDE)
    peak = percentile(small[small > 0], 90) if small.any() else 255
    return cv2.convertScaleAbs(small, alpha=255 / max(peak, 1)), note


def _scaled(image: np.ndarray, longest: int) -> np.ndarray:
    """Return an image with its longest side `longest` pixels, its proportions kept."""
    factor = longest / max(image.shape)
    size = [max(1, round(side * factor)) for side in image.shape[::-1]]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)


def _center(small: np.ndarray) -> tuple[np.ndarray, str]:
    """Put the digit's centre of mass into the middle of 28 x 28 pixels."""
    height, width = small.shape
    moments = cv2.moments(small)
    mass = max(moments["m00"], 1e-9)
    row = round(MNIST_SIDE / 2 - moments["m01"] / mass)
    column = round(MNIST_SIDE / 2 - moments["m10"] / mass)
    if max(height, width) <= MNIST_SIDE:
        row = int(np.clip(row, 0, MNIST_SIDE - height))
        column = int(np.clip(column, 0, MNIST_SIDE - width))
    where = f"{row} rows above it, {column} columns left of it."
    return _window(small, row, column), f"The digit's centre of mass comes to the middle: {where}"


def _window(image: np.ndarray, row: int = 0, column: int = 0) -> np.ndarray:
    """Lay an image on 28 x 28 black pixels, its corner at a row and column; cut off what reaches beyond."""
    window = np.zeros((MNIST_SIDE, MNIST_SIDE), image.dtype)
    top, left = max(row, 0), max(column, 0)
    part = image[top - row :, left - column :][: MNIST_SIDE - top, : MNIST_SIDE - left]
    window[top : top + part.shape[0], left : left + part.shape[1]] = part
    return window
