"""Tell ink from paper: grayscale, invert, and then the threshold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from digitlib.reading.components import Box, Component, find_components
from digitlib.reading.frames import find_frames
from digitlib.reading.lines import remove_lines
from digitlib.reading.picture import NoDigitError, Step
from digitlib.reading.tones import (
    TINY_SIDE,
    first_channel,
    grayscale,
    invert,
    percentile,
    shrunk,
    without_dots,
)

WORKING_SIDE = 640
"""Pictures of one digit are worked on with at most this many pixels along their longest side."""
COARSE_SIDE = 128
"""The brightness of the paper is measured in a picture of at most this many pixels a side."""
KERNEL = 0.3
"""Strokes are narrower than this share of the picture's longest side."""
BROAD = 0.5
"""Least size of a hole that broad ink may have, in kernels: what is narrower was not taken for paper."""
UNEVEN = 25
"""Grey levels between the brightest and the darkest paper from which the light is uneven."""
MIN_ABOVE = 9
"""Least difference of ink from its paper, in grey levels, in a picture without noise."""
NOISE_FACTOR = 4
"""How many standard deviations of the noise ink must stand out besides."""


@dataclass(frozen=True, eq=False)
class Ink:
    """The ink of an image, and the steps that found it."""

    soft: np.ndarray  # (H, W) uint8, light ink on dark: 0 paper, 255 full ink
    labels: np.ndarray  # (H, W) int32: 0 where there is no ink, else the number of its component
    components: list[Component]  # without dust
    steps: tuple[Step, ...]  # grayscale, invert, threshold
    scale: float  # pixels of the given image for each pixel of `soft` along one side, at least 1
    light: np.ndarray  # (H, W) uint8: the picture in grey, light ink on dark, without frames
    faint: np.ndarray  # (H, W) uint8: as `soft`, with all that stands out from the noise


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

    Examples
    --------
    >>> page = np.full((200, 300), 220, np.uint8)
    >>> page[50:150, 100:115] = page[50:150, 200:215] = 60  # 11
    >>> ink = binarize(page)
    >>> len(ink.components), [step.name for step in ink.steps]
    (2, ['grayscale', 'invert', 'threshold'])
    """
    given = max(pixels.shape[:2])
    pixels = shrunk(without_dots(pixels), working_side)
    gray, gray_note = (first_channel(pixels), "") if "grayscale" in skip else grayscale(pixels)
    coarse = shrunk(gray, COARSE_SIDE)
    light, light_note = (gray, "") if "invert" in skip else invert(gray, coarse)
    if "threshold" in skip or "invert" in skip:
        (soft, labels, components, note), unframed = _plain_threshold(light), light
        faint = soft
    else:
        inverted = light is not gray
        found = _threshold(light, 255 - coarse if inverted else coarse, inverted)
        soft, labels, components, note, unframed, faint = found
    if "threshold" in skip:
        soft = cv2.normalize(light, None, 0, 255, cv2.NORM_MINMAX)
    steps = (
        Step("grayscale", gray, gray_note),
        Step("invert", light, light_note),
        Step("threshold", soft, note),
    )
    return Ink(soft, labels, components, steps, given / max(gray.shape), unframed, faint)


def _threshold(light: np.ndarray, coarse: np.ndarray, inverted: bool) -> tuple:
    """Take the paper's brightness away, then part ink from noise; return parts of an `Ink`, and a note."""
    paper = _paper(coarse)
    uneven = int(paper.max()) - int(paper.min())
    paper = cv2.resize(paper, light.shape[::-1], interpolation=cv2.INTER_LINEAR)
    above, noise = _above(light, paper, inverted)
    least = min(250.0, MIN_ABOVE + NOISE_FACTOR * noise)
    low, high, full = _levels(above, least)
    mask, labels, components = _connected_to(above, low, high)
    if uneven > UNEVEN and (broad := _inside_broad_ink(mask, light)).any():
        above[broad] = round(full)
        mask, labels, components = _connected_to(above, low, high)
    cleaned, lines = remove_lines(mask, components)
    frames = find_frames(labels, components)
    if framed := bool(frames.any()):
        cleaned = np.where(frames, np.uint8(0), cleaned)
        light = np.where(cv2.dilate(frames.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0, paper, light)
    if lines or framed:
        # Print may be blacker than the pen: without it, the ink is judged by itself.
        gone = cv2.dilate(mask & ~cleaned, np.ones((5, 5), np.uint8)) & ~cleaned
        above[gone > 0] = 0
        low, high, full = _levels(above, least)
        mask, labels, components = _connected_to(above, low, high)
    # Strokes fade towards their edges: keep the soft rim, one pixel wide.
    rim = cv2.dilate(mask, np.ones((3, 3), np.uint8)) if not lines else mask
    faint = cv2.convertScaleAbs(cv2.threshold(above, least, 0, cv2.THRESH_TOZERO)[1], alpha=255 / full)
    soft = cv2.bitwise_and(cv2.convertScaleAbs(above, alpha=255 / full), rim)
    note = f"Everything less than {low:.0f} grey levels lighter than its surroundings becomes black."
    if uneven > UNEVEN:
        note = f"The light is uneven ({uneven} levels of shading were taken away). " + note
    if lines:
        note += f" {lines} printed line{'s' if lines > 1 else ''} went, too."
    if framed:
        note += " A frame went, too."
    return soft, labels, components, note, light, faint


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


def _inside_broad_ink(mask: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Return where ink (H, W) has holes that are none: strokes broader than the kernel were taken for paper.

    The paper within a 0 is as bright as that around it; the middle of a blot is as dark as its rim.
    """
    inside = np.zeros(mask.shape, bool)
    least, pen = BROAD * KERNEL * max(mask.shape), np.ones((9, 9), np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.bitwise_not(mask), connectivity=4)
    large = stats[:, [cv2.CC_STAT_HEIGHT, cv2.CC_STAT_WIDTH]].min(axis=1) >= least
    for label in np.flatnonzero(large[1:]) + 1:  # 0 is the ink
        box = Box(*stats[label, [1, 0, 3, 2]].tolist())
        enclosed = box.row and box.column and box.bottom < mask.shape[0] and box.right < mask.shape[1]
        if not enclosed:
            continue
        top, left = max(0, box.row - box.height), max(0, box.column - box.width)
        near = slice(top, box.bottom + box.height), slice(left, box.right + box.width)
        hole, ink = (labels[near] == label).astype(np.uint8), mask[near] > 0
        rim = (cv2.dilate(hole, pen) > 0) & ink
        beyond = (cv2.dilate(mask[near], pen) > 0) & ~ink & (hole == 0)
        dark, bright = (float(np.median(light[near][part])) for part in (rim, beyond))
        if float(np.median(light[near][hole > 0])) > (dark + bright) / 2:
            inside[near] |= hole > 0
    return inside


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


def _levels(above: np.ndarray, least: float) -> tuple[float, float, float]:
    """Return three grey levels: where ink begins, where it is beyond doubt, and where it is full.

    Otsu's threshold splits what stands out from the noise into faint (printed lines, edges) and strong (N.
    Otsu, "A threshold selection method from gray-level histograms", 1979).
    """
    strong = above[above > int(least)]
    if strong.size < 3:
        raise NoDigitError("The picture holds no ink: nothing stands out from its background.")
    otsu, _ = cv2.threshold(strong.reshape(-1, 1), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    full = percentile(strong[strong >= math.ceil(otsu)], 50)
    low = max(least, (0.1 if max(above.shape) <= TINY_SIDE else 0.4) * full)
    return low, min(otsu, 0.75 * full), full


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
