"""Find the ink of a picture: the steps grayscale, invert and threshold."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from digitlib.reading.components import find_pieces
from digitlib.reading.images import NoDigitError
from digitlib.reading.lines import remove_lines

WORKING_SIDE = 640
"""Pictures of one digit are worked on with at most this many pixels along their longest side."""
WINDOWS = (0.55, 0.3, 0.16)
"""How far around to look to tell light ink from dark, as shares of the longest side."""
SOFTEST = 0.2
"""An outline softer than this belongs to a shadow; badly blurred ink still stays above it."""
MEDIAN_SIDE = 13
"""Side of the window of a median in pixels, in a picture shrunk for it."""
KERNEL = 0.3
"""Strokes are narrower than this share of the picture's longest side."""
TINY = 64
"""Up to this many pixels a side, every pixel of a soft edge counts."""


@dataclass(frozen=True, eq=False)
class Step:
    """One preprocessing step: its name, the picture after it, and a sentence on what it found and did."""

    name: str
    image: np.ndarray
    note: str

    def __repr__(self):
        """Name, size and note; the pixels stay out."""
        return f"Step({self.name}, {' x '.join(map(str, self.image.shape))}: {self.note})"


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of a whole picture, and the steps that found it."""

    gray: np.ndarray  # (H, W) uint8 light-on-dark ink: 0 paper, 255 full ink
    labels: np.ndarray  # (H, W) int32: 0 where there is no ink, else the number of its piece
    pieces: list  # of Piece, without dust
    steps: tuple  # the steps so far
    scale: float  # upright full-size pixels per pixel of `gray`


def find_ink(picture, skip=(), working_side=WORKING_SIDE):
    """Find the ink of a whole picture: the steps grayscale, invert and threshold.

    Parameters
    ----------
    picture : Picture
        From `digitlib.reading.images.load_picture`.
    skip : sequence of str
        Names of steps to leave out.
    working_side : int
        Longest side of the result in pixels; larger pictures are shrunk.

    Returns
    -------
    Ink
        Soft ink from 0 to 255, its pieces, and the three steps.

    Raises
    ------
    NoDigitError
        Nothing in the picture stands out from its background.
    """
    pixels = _shrunk(picture.pixels, working_side)
    gray, gray_note = (_first_channel(pixels), "") if "grayscale" in skip else _grayscale(pixels)
    scale = picture.scale * max(picture.pixels.shape[:2]) / max(gray.shape)
    small = _shrunk(gray, 128)
    light, light_note = (gray, "") if "invert" in skip else _invert(gray, small)
    if "threshold" in skip or "invert" in skip:
        ink, labels, pieces, ink_note = _plain_threshold(light)
    else:
        inverted = light is not gray
        ink, labels, pieces, ink_note = _threshold(light, 255 - small if inverted else small, inverted)
    if "threshold" in skip:
        ink = cv2.normalize(light, None, 0, 255, cv2.NORM_MINMAX)
    steps = (
        Step("grayscale", gray, gray_note),
        Step("invert", light, light_note),
        Step("threshold", ink, ink_note),
    )
    return Ink(ink, labels, pieces, steps, scale)


# -- grayscale ---------------------------------------------------------------------------------------------


def _grayscale(pixels):
    """One value a pixel: the brightness the eye sees, or the colour channel where the ink shows best."""
    if pixels.ndim == 2:
        return pixels, "The picture is grey already."
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    step = max(1, min(pixels.shape[:2]) // 192)
    sparse = np.ascontiguousarray(pixels[::step, ::step])
    small = cv2.resize(sparse, (96, 96), interpolation=cv2.INTER_AREA)
    contrasts = [_contrast(channel) for channel in cv2.split(small)]
    best = int(np.argmax(contrasts))
    if contrasts[best] > 1.6 * _contrast(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)):
        name = ("red", "green", "blue")[best]
        return (
            np.ascontiguousarray(pixels[..., best]),
            f"The ink shows best in the {name} channel, so that one is taken.",
        )
    return gray, "Red, green and blue become one brightness, weighed as the eye weighs them."


def _first_channel(pixels):
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 0])


def _contrast(small):
    """How strongly fine detail stands out from its surroundings: the largest differences, in grey levels."""
    return percentile(cv2.absdiff(small, _surroundings(small, WINDOWS[1])), 98) + 1


# -- invert ------------------------------------------------------------------------------------------------


def _invert(gray, small):
    """Make ink lighter than paper, as MNIST has it.

    Ink differs from its surroundings strongly, and however near or far one looks; a shadow only from afar.
    """
    smaller = _shrunk(small, 80)  # ink wide enough to be read shows here, too
    surroundings = [_surroundings(smaller, share) for share in WINDOWS]
    differences = smaller.astype(np.float32) - np.stack(surroundings)
    darker, lighter = -np.minimum(differences, 0).max(axis=0), np.maximum(differences, 0).min(axis=0)
    if (darker * darker * darker).sum() > (lighter * lighter * lighter).sum():
        return cv2.bitwise_not(gray), "The ink is darker than the paper: black and white change places."
    return gray, "The ink is lighter than its background already, as in MNIST: nothing to do."


def _shrunk(pixels, side):
    """The picture with its longest side at most `side` pixels."""
    height, width = pixels.shape[:2]
    shrink = side / max(height, width)
    if shrink >= 1:
        return pixels
    size = [max(1, round(length * shrink)) for length in (width, height)]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if shrink <= 0.5 else cv2.INTER_LINEAR)


def _surroundings(small, share):
    """The median brightness around every pixel of a small picture; the window is a share of its longest side.

    Ink covers less than half of the window, so the median is that of the paper. In a tiny picture a window
    could be all ink: there it is the whole picture. Medians of large windows are slow and smooth, so they
    are taken of a picture in which the window is small.
    """
    if max(small.shape) <= TINY:
        return np.full_like(small, np.median(small))
    coarse = _shrunk(small, int(MEDIAN_SIDE / share))
    window = int(share * max(coarse.shape)) | 1
    margin = [min(window // 2, side - 1) for side in coarse.shape]
    # Mirrored at the border, a stroke along it stays a stroke; repeated, it would grow into paper.
    wide = cv2.copyMakeBorder(coarse, margin[0], margin[0], margin[1], margin[1], cv2.BORDER_REFLECT_101)
    median = cv2.medianBlur(wide, window)[margin[0] :, margin[1] :][: coarse.shape[0], : coarse.shape[1]]
    return cv2.resize(median, small.shape[::-1], interpolation=cv2.INTER_LINEAR)


# -- threshold ---------------------------------------------------------------------------------------------


def _threshold(light, small, inverted):
    """Tell ink from paper: take the paper's brightness away, then draw the line between noise and ink."""
    paper = _paper(small)
    if _sharpness(small, paper, inverted) < SOFTEST:
        raise NoDigitError("The picture holds no ink: there are shadows, but nothing with an edge.")
    uneven = int(paper.max()) - int(paper.min())
    paper = cv2.resize(paper, light.shape[::-1], interpolation=cv2.INTER_LINEAR)
    above, noise = _above(light, paper, inverted)
    low, high, full = _levels(above, noise)
    mask, labels, pieces = _connected_to(above, low, high)
    cleaned, lines = remove_lines(mask, pieces)
    if lines:
        # Print may be blacker than the pen: without the lines, the ink is judged by itself.
        gone = cv2.dilate(mask & ~cleaned, np.ones((5, 5), np.uint8)) & ~cleaned
        above[gone > 0] = 0
        low, high, full = _levels(above, noise)
        mask, labels, pieces = _connected_to(above, low, high)
    # Strokes fade towards their edges: keep the soft rim, one pixel wide.
    rim = cv2.dilate(mask, np.ones((3, 3), np.uint8)) if not lines else mask
    ink = cv2.bitwise_and(cv2.convertScaleAbs(above, alpha=255 / full), rim)
    note = f"Everything less than {low:.0f} grey levels lighter than its surroundings becomes black."
    if uneven > 25:
        note = f"The light is uneven ({uneven} levels of shading were taken away). " + note
    if lines:
        note += f" {lines} printed line{'s' if lines > 1 else ''} went, too."
    return ink, labels, pieces, note


def _paper(small):
    """Brightness of the paper at every pixel of a small picture with light ink.

    Opening takes away what is lighter than its surroundings and narrower than the kernel: strokes go, and
    shadows and shading stay as they are, edges included (the top-hat transform, Meyer 1979).
    """
    side = int(KERNEL * max(small.shape)) | 1
    calm = cv2.medianBlur(small, 5) if max(small.shape) > TINY else small
    wide = cv2.copyMakeBorder(calm, side, side, side, side, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))[side:-side, side:-side]
    # The opening lies at the lower end of the noise. Where nothing stands out, the picture itself is paper.
    above = cv2.subtract(calm, opened)
    paper = np.where(above > 6 + 3 * percentile(above, 40), opened, calm)
    return cv2.medianBlur(paper, 7) if max(small.shape) > TINY else paper


def _sharpness(small, paper, inverted):
    """How sharp the outline of the ink is: the steepest step near it, 1 for full ink within a pixel.

    A shadow that was taken for ink has a soft outline. Ink too fine for the small picture counts as sharp.
    """
    above, noise = _above(small, paper, inverted)
    try:
        low, _, full = _levels(above, noise)
    except NoDigitError:
        return 1.0
    mask = (above > int(low)).astype(np.uint8)
    outline = mask != cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=1)
    steps = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    steps = cv2.dilate(steps, np.ones((7, 7), np.uint8))
    # Two grey levels are what rounding to whole numbers makes of a gentle slope.
    return float(np.maximum(steps[outline] - 2.0, 0).mean()) / full if outline.any() else 1.0


def _above(light, paper, inverted):
    """How much lighter than the paper every pixel is, 0..255 uint8, and the standard deviation of the noise.

    Where ink was dark, light times reflectance made the picture: in the shade the same ink differs less, and
    the difference is stretched by what the light has lost. Ink is never darker than the paper: what is
    tells of the noise alone, however much ink there is.
    """
    above = cv2.subtract(light, paper)
    step = -(-max(light.shape) // 128)
    below = cv2.subtract(paper[::step, ::step], light[::step, ::step])
    darker = below[below > 0]
    noise = 1.48 * percentile(darker, 50) if darker.size > 0.1 * below.size else 0.0
    if inverted:
        bright = 255 - paper
        stretch = np.float32(bright.max()) / np.maximum(np.arange(256), np.float32(40))
        above = cv2.multiply(above, cv2.LUT(bright, stretch.astype(np.float32)), dtype=cv2.CV_8U)
    return above, noise


def _levels(above, noise):
    """Three grey levels: where ink begins, where it is beyond doubt, and where it is full.

    Otsu's threshold splits what stands out from the noise into faint (printed lines, edges) and strong.
    """
    floor = min(250.0, 9 + 4 * noise)
    strong = above[above > int(floor)]
    if strong.size < 3:
        raise NoDigitError("The picture holds no ink: nothing stands out from its background.")
    level = _otsu(strong)
    full = percentile(strong[strong >= math.ceil(level)], 50)
    low = max(floor, (0.1 if max(above.shape) <= TINY else 0.4) * full)
    return low, min(level, 0.75 * full), full


def percentile(values, per_cent):
    """Percentile of grey levels as NumPy interpolates it, from their histogram: no sorting.

    Parameters
    ----------
    values : uint8 array
        Grey levels, at least one.
    per_cent : float
        Share of the values below the result, 0..100.

    Returns
    -------
    float
        Between two grey levels where the place falls between two values.

    Examples
    --------
    >>> percentile(np.array([10, 20, 30, 40], np.uint8), 50)
    25.0
    """
    counts = cv2.calcHist([values.reshape(-1, 1)], [0], None, [256], [0, 256])
    place = (values.size - 1) * per_cent / 100
    below = counts.ravel().cumsum(dtype=np.float64)
    low, high = np.searchsorted(below, (math.floor(place), math.ceil(place)), side="right").tolist()
    return low + (high - low) * (place % 1)


def _otsu(values):
    """Otsu's threshold (1979) of a flat uint8 array: the cut that makes both sides most alike within."""
    level, _ = cv2.threshold(values.reshape(-1, 1), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return level


def _connected_to(above, low, high):
    """The pieces of ink above `low` that reach `high` somewhere: mask, labels and pieces."""
    weak = cv2.threshold(above, int(low), 255, cv2.THRESH_BINARY)[1]
    labels, pieces = find_pieces(weak, above >= math.ceil(high))
    return cv2.compare(labels, 0, cv2.CMP_GT), labels, pieces


def _plain_threshold(light):
    """One threshold for the whole picture (Otsu), with nothing done against shading or lines."""
    level, mask = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    if not mask.any() or light.min() == light.max():
        raise NoDigitError("The picture holds no ink: all of it has one brightness.")
    note = f"Everything darker than {level:.0f} becomes black."
    return cv2.bitwise_and(light, mask), *find_pieces(mask), note
