"""The seven steps from a picture to what the network sees, each one visible."""

from dataclasses import dataclass, replace

import cv2
import numpy as np

from digitlib.images import NoDigitError, Picture, load_picture
from digitlib.lines import remove_lines
from digitlib.segment import Box, find_pieces, main_digit, stroke_width

STEP_NAMES = ("grayscale", "invert", "threshold", "crop", "resize", "center", "normalize")
WORKING_SIDE = 640
"""Pictures of one digit are worked on with at most this many pixels along their longest side ..."""
CLOSER = 64
"""... and when the digit is smaller than this, its surroundings are looked at again in full resolution."""
DIGIT_SIDE = 20
"""Longest side of a digit in MNIST, in pixels."""
MNIST_SIDE = 28
"""Side of an MNIST picture, in pixels."""
WINDOWS = (0.55, 0.3, 0.16)
"""Neighbourhoods in which the paper's brightness is sought, as shares of the longest side."""
SOFTEST = 0.2
"""An outline softer than this belongs to a shadow; badly blurred ink still stays above it."""
KERNEL = 0.3
"""Strokes are narrower than this share of the picture's longest side."""
TINY = 64
"""Up to this many pixels a side a picture is taken as evenly lit, and every pixel of a soft edge counts."""
THINNEST, WANTED = 1.9, 2.4
"""Strokes thinner than the first are made as thick as the second, in pixels of a digit 20 pixels tall."""


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
    mask: np.ndarray  # (H, W) uint8: 255 where there is ink
    steps: tuple  # the steps so far
    scale: float  # upright full-size pixels per pixel of `gray`


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
        The source is no picture (see `digitlib.images.load_picture`).
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
        From `digitlib.images.load_picture`.
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


def find_ink(picture, skip=(), working_side=WORKING_SIDE):
    """Find the ink of a whole picture: the steps grayscale, invert and threshold.

    Parameters
    ----------
    picture : Picture
        From `digitlib.images.load_picture`.
    skip : sequence of str
        Names of steps to leave out.
    working_side : int
        Longest side of the result in pixels; larger pictures are shrunk.

    Returns
    -------
    Ink
        Soft ink from 0 to 255, its mask, and the three steps.

    Raises
    ------
    NoDigitError
        Nothing in the picture stands out from its background.
    """
    pixels = picture.pixels
    gray, gray_note = (_first_channel(pixels), "") if "grayscale" in skip else _grayscale(pixels)
    gray = _shrunk(gray, working_side)
    scale = picture.scale * max(pixels.shape[:2]) / max(gray.shape)
    small = _shrunk(gray, 128)
    papers = [_paper(small, share) for share in WINDOWS]
    light, light_note = (gray, "") if "invert" in skip else _invert(gray, small, papers)
    if "threshold" in skip or "invert" in skip:
        ink, mask, ink_note = _plain_threshold(light)
    else:
        inverted = light is not gray
        ink, mask, ink_note = _threshold(light, 255 - small if inverted else small, inverted)
    if "threshold" in skip:
        ink = cv2.normalize(light, None, 0, 255, cv2.NORM_MINMAX)
    steps = (
        Step("grayscale", gray, gray_note),
        Step("invert", light, light_note),
        Step("threshold", ink, ink_note),
    )
    return Ink(ink, mask, steps, scale)


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


# -- grayscale ---------------------------------------------------------------------------------------------


def _grayscale(pixels):
    """One value a pixel: the brightness the eye sees, or the colour channel where the ink shows best."""
    if pixels.ndim == 2:
        return pixels, "The picture is grey already."
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(pixels, (96, 96), interpolation=cv2.INTER_AREA)
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
    difference = cv2.absdiff(small, cv2.medianBlur(small, 31))
    return float(np.percentile(difference, 98)) + 1


# -- invert ------------------------------------------------------------------------------------------------


def _invert(gray, small, papers):
    """Make ink lighter than paper, as MNIST has it.

    Ink differs from its surroundings strongly, and however near or far one looks; a shadow only from afar.
    """
    differences = small.astype(np.float32) - np.stack(papers)
    dark = (-(np.minimum(differences, 0).max(axis=0) ** 3)).sum()
    light = (np.maximum(differences, 0).min(axis=0) ** 3).sum()
    if dark > light:
        return 255 - gray, "The ink is darker than the paper: black and white change places."
    return gray, "The ink is lighter than its background already, as in MNIST: nothing to do."


def _shrunk(gray, side):
    """The picture with its longest side at most `side` pixels."""
    shrink = side / max(gray.shape)
    if shrink >= 1:
        return gray
    size = [max(1, round(length * shrink)) for length in gray.shape[::-1]]
    return cv2.resize(gray, size, interpolation=cv2.INTER_AREA if shrink <= 0.5 else cv2.INTER_LINEAR)


def _paper(small, share):
    """Brightness of the paper at every pixel: the median of a neighbourhood too large for ink to fill.

    Parameters
    ----------
    small : (H, W) uint8 array
        At most some 128 pixels a side.
    share : float
        Side of the neighbourhood, as a share of the picture's longest side.

    Returns
    -------
    (H, W) uint8 array
        0..255.
    """
    if max(small.shape) <= TINY:
        return np.full_like(small, np.median(small))
    window = int(share * max(small.shape)) | 1
    margin = [min(window // 2, side - 1) for side in small.shape]
    # Mirrored at the border, a stroke along it stays a stroke; repeated, it would grow into paper.
    wide = cv2.copyMakeBorder(small, margin[0], margin[0], margin[1], margin[1], cv2.BORDER_REFLECT_101)
    return cv2.medianBlur(wide, window)[margin[0] :, margin[1] :][: small.shape[0], : small.shape[1]]


# -- threshold ---------------------------------------------------------------------------------------------


def _threshold(light, small, inverted):
    """Tell ink from paper: take the paper's brightness away, then draw the line between noise and ink."""
    paper = _paper_under(small)
    if _sharpness(small, paper, inverted) < SOFTEST:
        raise NoDigitError("The picture holds no ink: there are shadows, but nothing with an edge.")
    uneven = int(paper.max()) - int(paper.min())
    paper = cv2.resize(paper, light.shape[::-1], interpolation=cv2.INTER_LINEAR)
    above, noise = _above(light, paper, inverted)
    low, high, full = _levels(above, noise)
    mask = _connected_to(above > low, above >= high)
    cleaned, lines = remove_lines(mask)
    if lines:
        # Print may be blacker than the pen: without the lines, the ink is judged by itself.
        gone = cv2.dilate(mask & ~cleaned, np.ones((5, 5), np.uint8)) & ~cleaned
        above[gone > 0] = 0
        low, high, full = _levels(above, noise)
        cleaned = _connected_to(above > low, above >= high)
    mask = cleaned
    # Strokes fade towards their edges: keep the soft rim, one pixel wide.
    rim = cv2.dilate(mask, np.ones((3, 3), np.uint8)) if not lines else mask
    ink = cv2.bitwise_and(cv2.convertScaleAbs(above, alpha=255 / full), rim)
    note = f"Everything less than {low:.0f} grey levels lighter than its surroundings becomes black."
    if uneven > 25:
        note = f"The light is uneven ({uneven} levels of shading were taken away). " + note
    if lines:
        note += f" {lines} printed line{'s' if lines > 1 else ''} went, too."
    return ink, mask, note


def _paper_under(small):
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
    paper = np.where(above > 6 + 3 * np.percentile(above, 40), opened, calm).astype(np.uint8)
    return cv2.medianBlur(paper, 7) if max(small.shape) > TINY else paper


def _sharpness(small, paper, inverted):
    """How sharp the outline of the ink is: the steepest step near it, 1 for full ink within a pixel.

    A shadow that was taken for ink has a soft outline.
    """
    above, noise = _above(small, paper, inverted)
    try:
        low, _, full = _levels(above, noise)
    except NoDigitError:
        return 0.0
    mask = (above > low).astype(np.uint8)
    outline = mask != cv2.erode(mask, np.ones((3, 3), np.uint8), borderValue=1)
    steps = cv2.morphologyEx(small, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    steps = cv2.dilate(steps, np.ones((7, 7), np.uint8))
    # Two grey levels are what rounding to whole numbers makes of a gentle slope.
    return float(np.maximum(steps[outline] - 2.0, 0).mean()) / full if outline.any() else 0.0


def _above(light, paper, inverted):
    """How much lighter than the paper every pixel is, 0..255 uint8, and the standard deviation of the noise.

    Where ink was dark, light times reflectance made the picture: in the shade the same ink differs less, and
    the difference is stretched by what the light has lost. Ink is never darker than the paper: what is
    tells of the noise alone, however much ink there is.
    """
    above = cv2.subtract(light, paper)
    step = -(-max(light.shape) // 256)
    below = cv2.subtract(paper[::step, ::step], light[::step, ::step])
    darker = below[below > 0]
    noise = 1.48 * float(np.median(darker)) if darker.size > 0.1 * below.size else 0.0
    if inverted:
        bright = 255 - paper
        stretch = np.float32(bright.max()) / np.maximum(bright, np.float32(40))
        above = cv2.multiply(above, stretch, dtype=cv2.CV_8U)
    return above, noise


def _levels(above, noise):
    """Three grey levels: where ink begins, where it is beyond doubt, and where it is full.

    Otsu's threshold splits what stands out from the noise into faint (printed lines, edges) and strong.
    """
    floor = min(250.0, 9 + 4 * noise)
    strong = above[above > floor]
    if strong.size < 3:
        raise NoDigitError("The picture holds no ink: nothing stands out from its background.")
    level = _otsu(strong)
    full = float(np.median(strong[strong >= level]))
    low = max(floor, (0.1 if max(above.shape) <= TINY else 0.4) * full)
    return low, min(level, 0.75 * full), full


def _otsu(values):
    """Otsu's threshold (1979) of a flat uint8 array: the cut that makes both sides most alike within."""
    level, _ = cv2.threshold(values.reshape(-1, 1), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return level


def _connected_to(weak, strong):
    """The pieces of `weak` that hold at least one `strong` pixel (hysteresis, Canny 1986), as a mask."""
    count, labels = cv2.connectedComponents(weak.astype(np.uint8))
    keep = np.zeros(count, np.uint8)
    keep[labels[strong]] = 255
    keep[0] = 0
    return keep[labels]


def _plain_threshold(light):
    """One threshold for the whole picture (Otsu), with nothing done against shading or lines."""
    level, mask = cv2.threshold(light, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    if not mask.any() or light.min() == light.max():
        raise NoDigitError("The picture holds no ink: all of it has one brightness.")
    return cv2.bitwise_and(light, mask), mask, f"Everything darker than {level:.0f} becomes black."


# -- crop --------------------------------------------------------------------------------------------------


def _crop(ink):
    """Cut the digit out by its contours and leave everything else behind."""
    labels, pieces = find_pieces(ink.mask)
    if not pieces:
        raise NoDigitError("The picture holds no ink: only dust was found.")
    digit, others = main_digit(pieces, ink.mask.shape)
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
        From `digitlib.segment.find_pieces`.
    piece : Piece
        What to cut out.

    Returns
    -------
    (height, width) uint8 array
        Light ink on black.
    """
    row, column, height, width = piece.box
    part = labels[row : row + height, column : column + width]
    own = np.isin(part, piece.labels).astype(np.uint8)
    near = cv2.dilate(own, np.ones((3, 3), np.uint8)) & ((part == 0) | (own > 0))
    return gray[row : row + height, column : column + width] * near.astype(np.uint8)


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
    peak = np.percentile(small[small > 0], 90) if small.any() else 255
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
