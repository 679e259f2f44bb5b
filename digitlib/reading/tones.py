"""One grey value a pixel, light ink on dark: the steps grayscale and invert."""

import math

import cv2
import numpy as np

WINDOWS = (0.55, 0.3, 0.16)
"""How far around to look to tell light ink from dark, as shares of the longest side."""
MEDIAN_SIDE = 13
"""Side of the window of a median in pixels, in a picture shrunk for it."""
TINY_SIDE = 64
"""Up to this many pixels a side, every pixel of a soft edge counts."""
CLEAR = 10_000
"""Where one kind of ink is this many times stronger than the other, nothing more is asked."""
MARGIN = 0.25
"""Width of the paper laid around a picture to tell light ink from dark, as a share of its longest side."""
BORDER_WINDOW = 0.7
"""Length of the window in which the border's median is that of the paper, as a share of the side."""
CHANNEL_GAIN = 1.6
"""One colour channel is taken where ink shows this many times stronger in it than in their mean."""
FEW_TONES = 8
"""A picture of no more tones than these may be one of dots."""
MANY_DOTS = 0.05
"""Share of pixels unlike all around them from which a picture is one of dots."""
DOT = 2.0
"""Standard deviation in pixels of the blur that turns dots into grey."""


def without_dots(pixels: np.ndarray) -> np.ndarray:
    """Turn grey that is printed as dots of a few tones (fax, GIF) into grey."""
    channel = min(1, pixels.ndim - 2)  # green
    parts = pixels[::8, ::8], pixels  # of most pictures the first shows enough
    if max(pixels.shape) <= TINY_SIDE or any(_tones(part, channel) > FEW_TONES for part in parts):
        return pixels
    gray = pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., channel])
    lonely = cv2.absdiff(gray, cv2.medianBlur(gray, 3)) > 0  # a clean edge has hardly any such pixel
    return cv2.GaussianBlur(pixels, (0, 0), DOT) if lonely.mean() > MANY_DOTS else pixels


def _tones(pixels: np.ndarray, channel: int) -> int:
    """Count the different values in one channel."""
    counts = cv2.calcHist([np.ascontiguousarray(pixels)], [channel], None, [256], [0, 256])
    return int(np.count_nonzero(counts))


def grayscale(pixels: np.ndarray) -> tuple[np.ndarray, str]:
    """Return the brightness the eye sees, or the channel where ink shows best."""
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


def first_channel(pixels: np.ndarray) -> np.ndarray:
    """Return the red values of a picture in colour."""
    return pixels if pixels.ndim == 2 else np.ascontiguousarray(pixels[..., 0])


def _contrast(small: np.ndarray) -> float:
    """Return how strongly fine detail stands out from its surroundings, in grey levels."""
    return percentile(cv2.absdiff(small, _surroundings(small, WINDOWS[1])), 98) + 1


def invert(gray: np.ndarray, coarse: np.ndarray) -> tuple[np.ndarray, str]:
    """Make ink lighter than paper, as MNIST has it.

    Ink differs from its surroundings strongly, and however near or far one looks; a shadow only from afar.
    """
    small = shrunk(coarse, 80)  # ink wide enough to be read shows here, too
    darker, lighter = _ink_of_both_kinds(small)
    if max(darker, lighter) < CLEAR * min(darker, lighter):
        darker, lighter = _ink_of_both_kinds(_with_margin(small))
    if darker > lighter:
        return cv2.bitwise_not(gray), "The ink is darker than the paper: black and white change places."
    return gray, "The ink is lighter than its background already, as in MNIST: nothing to do."


def _ink_of_both_kinds(small: np.ndarray) -> tuple[float, float]:
    """Return how strongly darker and lighter places stand out; strong ones count most."""
    surroundings = [_surroundings(small, share) for share in WINDOWS]
    differences = small.astype(np.float32) - np.stack(surroundings)
    darker, lighter = -np.minimum(differences, 0).max(axis=0), np.maximum(differences, 0).min(axis=0)
    return tuple(float((part * part * part).sum()) for part in (darker, lighter))


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


def shrunk(pixels: np.ndarray, side: int) -> np.ndarray:
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
    coarse = shrunk(small, int(MEDIAN_SIDE / share))
    window = int(share * max(coarse.shape)) | 1
    margin = [min(window // 2, side - 1) for side in coarse.shape]
    # Mirrored at the border, a stroke along it stays a stroke; repeated, it would grow into paper.
    wide = cv2.copyMakeBorder(coarse, margin[0], margin[0], margin[1], margin[1], cv2.BORDER_REFLECT_101)
    median = cv2.medianBlur(wide, window)[margin[0] :, margin[1] :][: coarse.shape[0], : coarse.shape[1]]
    return cv2.resize(median, small.shape[::-1], interpolation=cv2.INTER_LINEAR)


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
