"""Tell ink from paper: the steps grayscale, invert and threshold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from digitlib.reading.components import Component, find_components
from digitlib.reading.frames import find_frames
from digitlib.reading.lines import remove_lines
from digitlib.reading.picture import NoDigitError, Step

WORKING_SIDE = 640
"""Pictures of one digit are worked on with at most this many pixels along their longest side."""
COARSE_SIDE = 128
"""The brightness of the paper is measured in a picture of at most this many pixels a side."""
WINDOWS = (0.55, 0.3, 0.16)
"""How far around to look to tell light ink from dark, as shares of the longest side."""
MEDIAN_SIDE = 13
"""Side of the window of a median in pixels, in a picture shrunk for it."""
KERNEL = 0.3
"""Strokes are narrower than this share of the picture's longest side."""
TINY_SIDE = 64
"""Up to this many pixels a side, every pixel of a soft edge counts."""
MARGIN = 0.25
"""Width of the paper laid around a picture to tell light ink from dark, as a share of its longest side."""
BORDER_WINDOW = 0.7
"""Length of the window in which the border's median is that of the paper, as a share of the side."""
CHANNEL_GAIN = 1.6
"""One colour channel is taken where ink shows this many times stronger in it than in their mean."""
MIN_ABOVE = 9
"""Least difference of ink from its paper, in grey levels, in a picture without noise."""
NOISE_FACTOR = 4
"""How many standard deviations of the noise ink must stand out besides."""

FEW_TONES = 8
"""A picture of no more tones than these may be one of dots."""
MANY_DOTS = 0.05
"""Share of pixels unlike all around them from which a picture is one of dots."""
DOT = 2.0
"""Standard deviation in pixels of the blur that turns dots into grey."""


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of an image, and the steps that found it."""

    soft: np.ndarray  # (H, W) uint8, light ink on dark: 0 paper, 255 full ink
    labels: np.ndarray  # (H, W) int32: 0 where there is no ink, else the number of its component
    components: list[Component]  # without dust
    steps: tuple[Step, ...]  # grayscale, invert, threshold
    scale: float  # pixels of the given image for each pixel of `soft` along one side, at least 1
    light: np.ndarray  # (H, W) uint8: the picture in grey, light ink on dark, without frames


def binarize(pixels: np.ndarray, skip: Sequence[str] = (), working_side: int = WORKING_SIDE) -> Ink:
    """Find the ink of an image: the steps grayscale, invert and threshold.

    Parameters
    ----------
    pixels : (H, W) or (H, W, 3) uint8 array
        Grey values, or red, green and blue.
    skip : sequence of str
        Names of steps to leave out.
    working_side : int
        Longest side of the result in pixels; larger images are shrunk.

    Returns
    -------
    Ink
        Soft ink, its connected components, and the three steps.

    Raises
    ------
    NoDigitError
        Nothing in the image stands out from its background.
    """
    given = max(pixels.shape[:2])
    pixels = _shrunk(_without_dots(pixels), working_side)
    gray, gray_note = (_first_channel(pixels), "") if "grayscale" in skip else _grayscale(pixels)
    coarse = _shrunk(gray, COARSE_SIDE)
    light, light_note = (gray, "") if "invert" in skip else _invert(gray, coarse)
    if "threshold" in skip or "invert" in skip:
        (soft, labels, components, note), unframed = _plain_threshold(light), light
    else:
        inverted = light is not gray
        found = _threshold(light, 255 - coarse if inverted else coarse, inverted)
        soft, labels, components, note, unframed = found
    if "threshold" in skip:
        soft = cv2.normalize(light, None, 0, 255, cv2.NORM_MINMAX)
    steps = (
        Step("grayscale", gray, gray_note),
        Step("invert", light, light_note),
        Step("threshold", soft, note),
    )
    return Ink(soft, labels, components, steps, given / max(gray.shape), unframed)


def _without_dots(pixels: np.ndarray) -> np.ndarray:
    """Turn grey that is printed as dots of a few tones (fax, GIF) into grey."""
    gray = pixels if pixels.ndim == 2 else pixels[..., 1]
    if max(gray.shape) <= TINY_SIDE or np.count_nonzero(np.bincount(gray.ravel(), minlength=256)) > FEW_TONES:
        return pixels
    lonely = cv2.absdiff(gray, cv2.medianBlur(gray, 3)) > 0  # a clean edge has hardly any such pixel
    return cv2.GaussianBlur(pixels, (0, 0), DOT) if lonely.mean() > MANY_DOTS else pixels


def _grayscale(pixels: np.ndarray) -> tuple[np.ndarray, str]:
    """Return one value a pixel: the brightness the eye sees, or the channel where the ink shows best."""
    if pixels.ndim == 2:
        return pixels, "The picture is grey already."
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    step = max(1, min(pixels.shape[:2]) // 192)
    sparse = np.ascontiguousarray(pixels[::step, ::step])
    small = cv2.resize(sparse, (96, 96), interpolation=cv2.INTER_AREA)
    contrasts = [_contrast(channel) for channel in cv2.split(small)]
    best = int(np.argmax(contrasts))
    if contrasts[best] > CHANNEL_GAIN * _contrast(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)):
        name = ("red", "green", "blue")[best]
        note = f"The ink shows best in the {name} channel, so that one is taken."
        return np.ascontiguousarray(pixels[..., best]), note
    return gray, "Red, green and blue become one brightness, weighed as the eye weighs them."


def _first_channel(pixels: np.ndarray) -> np.ndarray:
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 0])


def _contrast(small: np.ndarray) -> float:
    """Return how strongly fine detail stands out from its surroundings, in grey levels."""
    return percentile(cv2.absdiff(small, _surroundings(small, WINDOWS[1])), 98) + 1


def _invert(gray: np.ndarray, coarse: np.ndarray) -> tuple[np.ndarray, str]:
    """Make ink lighter than paper, as MNIST has it.

    Ink differs from its surroundings strongly, and however near or far one looks; a shadow only from afar.
    """
    small = _with_margin(_shrunk(coarse, 80))  # ink wide enough to be read shows here, too
    surroundings = [_surroundings(small, share) for share in WINDOWS]
    differences = small.astype(np.float32) - np.stack(surroundings)
    darker, lighter = -np.minimum(differences, 0).max(axis=0), np.maximum(differences, 0).min(axis=0)
    if (darker * darker * darker).sum() > (lighter * lighter * lighter).sum():
        return cv2.bitwise_not(gray), "The ink is darker than the paper: black and white change places."
    return gray, "The ink is lighter than its background already, as in MNIST: nothing to do."


def _with_margin(small: np.ndarray) -> np.ndarray:
    """Let the paper go on beyond the border: in a close crop ink may cover most of the picture.

    Along each side the median of a wide window is paper: ink is narrower, and the edge of a shadow stays.
    """
    framed = small.copy()
    for side in (framed, framed[::-1], framed.T, framed.T[::-1]):
        window = max(3, int(BORDER_WINDOW * side.shape[1]) | 1)
        side[0] = cv2.medianBlur(np.ascontiguousarray(side[:1]), window)[0]
    wide = max(1, round(MARGIN * max(small.shape)))
    framed = cv2.copyMakeBorder(framed, *[wide] * 4, cv2.BORDER_REPLICATE)
    framed[wide:-wide, wide:-wide] = small
    return framed


def _shrunk(pixels: np.ndarray, side: int) -> np.ndarray:
    """Return an image with its longest side at most `side` pixels."""
    height, width = pixels.shape[:2]
    shrink = side / max(height, width)
    if shrink >= 1:
        return pixels
    size = [max(1, round(length * shrink)) for length in (width, height)]
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if shrink <= 0.5 else cv2.INTER_LINEAR)


def _surroundings(small: np.ndarray, share: float) -> np.ndarray:
    """Return the median brightness around every pixel; the window is a share of the longest side.

    Ink covers less than half of it, so the median is that of the paper. In a tiny image the window is the
    whole image. Medians of large windows are slow and smooth: they are taken of a shrunk image.
    """
    if max(small.shape) <= TINY_SIDE:
        return np.full_like(small, np.median(small))
    coarse = _shrunk(small, int(MEDIAN_SIDE / share))
    window = int(share * max(coarse.shape)) | 1
    margin = [min(window // 2, side - 1) for side in coarse.shape]
    # Mirrored at the border, a stroke along it stays a stroke; repeated, it would grow into paper.
    wide = cv2.copyMakeBorder(coarse, margin[0], margin[0], margin[1], margin[1], cv2.BORDER_REFLECT_101)
    median = cv2.medianBlur(wide, window)[margin[0] :, margin[1] :][: coarse.shape[0], : coarse.shape[1]]
    return cv2.resize(median, small.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _threshold(light: np.ndarray, coarse: np.ndarray, inverted: bool) -> tuple:
    """Take the paper's brightness away, then part ink from noise; return parts of an `Ink`, and a note."""
    paper = _paper(coarse)
    uneven = int(paper.max()) - int(paper.min())
    paper = cv2.resize(paper, light.shape[::-1], interpolation=cv2.INTER_LINEAR)
    above, noise = _above(light, paper, inverted)
    low, high, full = _levels(above, noise)
    mask, labels, components = _connected_to(above, low, high)
    cleaned, lines = remove_lines(mask, components)
    frames = find_frames(labels, components)
    if framed := bool(frames.any()):
        cleaned = cleaned & ~(frames * np.uint8(255))
        light = np.where(cv2.dilate(frames * np.uint8(255), np.ones((7, 7), np.uint8)) > 0, paper, light)
    if lines or framed:
        # Print may be blacker than the pen: without it, the ink is judged by itself.
        gone = cv2.dilate(mask & ~cleaned, np.ones((5, 5), np.uint8)) & ~cleaned
        above[gone > 0] = 0
        low, high, full = _levels(above, noise)
        mask, labels, components = _connected_to(above, low, high)
    # Strokes fade towards their edges: keep the soft rim, one pixel wide.
    rim = cv2.dilate(mask, np.ones((3, 3), np.uint8)) if not lines else mask
    soft = cv2.bitwise_and(cv2.convertScaleAbs(above, alpha=255 / full), rim)
    note = f"Everything less than {low:.0f} grey levels lighter than its surroundings becomes black."
    if uneven > 25:
        note = f"The light is uneven ({uneven} levels of shading were taken away). " + note
    if lines:
        note += f" {lines} printed line{'s' if lines > 1 else ''} went, too."
    if framed:
        note += " A frame went, too."
    return soft, labels, components, note, light


def _paper(coarse: np.ndarray) -> np.ndarray:
    """Return the brightness of the paper at every pixel of a small image with light ink.

    Opening takes away what is lighter than its surroundings and narrower than the kernel: strokes go, and
    shadows and shading stay as they are, edges included (top-hat: F. Meyer, "Iterative image transformations
    for an automatic screening of cervical smears", 1979).
    """
    side = int(KERNEL * max(coarse.shape)) | 1
    calm = cv2.medianBlur(coarse, 5) if max(coarse.shape) > TINY_SIDE else coarse
    wide = cv2.copyMakeBorder(calm, side, side, side, side, cv2.BORDER_REPLICATE)
    opened = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))[side:-side, side:-side]
    # The opening lies at the lower end of the noise. Where nothing stands out, the image itself is paper.
    above = cv2.subtract(calm, opened)
    paper = np.where(above > 6 + 3 * percentile(above, 40), opened, calm)
    return cv2.medianBlur(paper, 7) if max(coarse.shape) > TINY_SIDE else paper


def _above(light: np.ndarray, paper: np.ndarray, inverted: bool) -> tuple[np.ndarray, float]:
    """Return how much lighter than the paper every pixel is, and the standard deviation of the noise.

    In the shade the same dark ink differs less: the difference is stretched by what the light has lost. Ink
    is never darker than the paper: what is shows the noise alone.
    """
    above = cv2.subtract(light, paper)
    step = -(-max(light.shape) // COARSE_SIDE)
    below = cv2.subtract(paper[::step, ::step], light[::step, ::step])
    darker = below[below > 0]
    noise = 1.48 * percentile(darker, 50) if darker.size > 0.1 * below.size else 0.0
    if inverted:
        bright = 255 - paper
        stretch = np.float32(bright.max()) / np.maximum(np.arange(256), np.float32(40))
        above = cv2.multiply(above, cv2.LUT(bright, stretch.astype(np.float32)), dtype=cv2.CV_8U)
    return above, noise


def _levels(above: np.ndarray, noise: float) -> tuple[float, float, float]:
    """Return three grey levels: where ink begins, where it is beyond doubt, and where it is full.

    Otsu's threshold splits what stands out from the noise into faint (printed lines, edges) and strong (N.
    Otsu, "A threshold selection method from gray-level histograms", 1979).
    """
    floor = min(250.0, MIN_ABOVE + NOISE_FACTOR * noise)
    strong = above[above > int(floor)]
    if strong.size < 3:
        raise NoDigitError("The picture holds no ink: nothing stands out from its background.")
    otsu, _ = cv2.threshold(strong.reshape(-1, 1), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    full = percentile(strong[strong >= math.ceil(otsu)], 50)
    low = max(floor, (0.1 if max(above.shape) <= TINY_SIDE else 0.4) * full)
    return low, min(otsu, 0.75 * full), full


def percentile(values: np.ndarray, per_cent: float) -> float:
    """Return a percentile of uint8 values, interpolated, from their histogram.

    Examples
    --------
    >>> percentile(np.array([10, 20, 30, 40], np.uint8), 50)
    25.0
    """
    counts = cv2.calcHist([values.reshape(-1, 1)], [0], None, [256], [0, 256])
    rank = (values.size - 1) * per_cent / 100
    below = counts.ravel().cumsum(dtype=np.float64)
    low, high = np.searchsorted(below, (math.floor(rank), math.ceil(rank)), side="right").tolist()
    return low + (high - low) * (rank % 1)


def _connected_to(above: np.ndarray, low: float, high: float) -> tuple:
    """Return mask, labels and components of the ink above `low` that reaches `high` somewhere."""
    weak = cv2.threshold(above, int(low), 255, cv2.THRESH_BINARY)[1]
    labels, components = find_components(weak, above >= math.ceil(high))
    return cv2.compare(labels, 0, cv2.CMP_GT), labels, components


def _plain_threshold(light: np.ndarray) -> tuple:
    """Apply one threshold to the whole image (Otsu), with nothing done against shading or lines."""
    level, mask = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    if not mask.any() or light.min() == light.max():
        raise NoDigitError("The picture holds no ink: all of it has one brightness.")
    return (
        cv2.bitwise_and(light, mask),
        *find_components(mask),
        f"Everything darker than {level:.0f} becomes black.",
    )
