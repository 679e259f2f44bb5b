"""Augment training images the way hands, pens and cameras vary them, as plain arrays."""

import cv2
import numpy as np

_GRID = 5
"""Points along each side of the coarse grid whose random shifts bend an image: about one a stroke."""
_TURN = 12.0
"""Largest rotation to either side in degrees: people write no digit steeper, and a 6 stays far from a 9."""
_STRETCH = 0.15
"""Largest shear, and largest logarithm of the stretch in height and width."""
_SHIFT = 1.5
"""Largest shift along each side in pixels: about what is left after centring a digit with stray ink."""
_BEND = 0.8
"""Standard deviation of the shifts of the coarse grid in pixels."""
_PEN, _CAMERA = 0.4, 0.25
"""Proportions of the images with another stroke width, and with the faults of a photo."""


def augment(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Augment images: give each a random hand, pen and camera.

    Each image is rotated by up to 12 degrees, stretched and sheared by up to 15 %, shifted by up to 1.5
    pixels and bent a little (elastic distortion). Two in five strokes grow thicker or thinner, and one image
    in four gets the blur, the pale ink, the noise or the stray marks that photos leave behind.

    Introduced in notebook 03.

    Parameters
    ----------
    images : (N, 28, 28) uint8 array
        Light ink on black, 0 to 255.
    rng : numpy.random.Generator
        Source of randomness: the same state gives the same images.

    Returns
    -------
    (N, 28, 28) uint8 array
        New images; the given ones are left as they are.

    References
    ----------
    P. Y. Simard, D. Steinkraus and J. C. Platt, "Best practices for convolutional neural networks applied to
    visual document analysis" (ICDAR 2003).

    Examples
    --------
    >>> images = np.zeros((2, 28, 28), np.uint8)
    >>> images[:, 8:20, 13:15] = 255
    >>> augment(images, np.random.default_rng(0)).shape
    (2, 28, 28)
    """
    images = np.asarray(images)
    rows, columns = _bent_coordinates(len(images), images.shape[1], rng)
    augmented = np.empty_like(images)
    for index, image in enumerate(images):
        augmented[index] = cv2.remap(image, columns[index], rows[index], cv2.INTER_LINEAR)
    for index in np.flatnonzero(rng.random(len(images)) < _PEN):
        augmented[index] = change_stroke_width(augmented[index], rng.uniform(-0.7, 1))
    for index in np.flatnonzero(rng.random(len(images)) < _CAMERA):
        augmented[index] = _add_photo_faults(augmented[index], rng)
    return augmented


def change_stroke_width(image: np.ndarray, amount: float) -> np.ndarray:
    """Thicken strokes by dilation, or thin them by erosion.

    The image is blended with its grey dilation (above 0) or erosion (below 0), so amounts below one pixel
    work too.

    Parameters
    ----------
    image : (H, W) uint8 array
        Light ink on black, 0 to 255.
    amount : float
        Pixels to add on each side of a stroke, -1 to 1.

    Returns
    -------
    (H, W) uint8 array
        A new image.

    Raises
    ------
    ValueError
        If the amount is not from -1 to 1.

    Examples
    --------
    >>> image = np.zeros((5, 5), np.uint8)
    >>> image[2, 2] = 200
    >>> int(change_stroke_width(image, 1.0)[2, 1]), int(change_stroke_width(image, 0.5)[2, 1])
    (200, 100)
    """
    if not -1 <= amount <= 1:
        raise ValueError(f"The amount is {amount}; allowed is -1 to 1.")
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    changed = cv2.dilate(image, cross) if amount > 0 else cv2.erode(image, cross)
    return cv2.addWeighted(image, 1 - abs(amount), changed, abs(amount), 0)


def _bent_coordinates(count: int, side: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of each pixel's source: (count, side, side) float32."""
    angle = np.radians(rng.uniform(-_TURN, _TURN, count))
    slant = rng.uniform(-_STRETCH, _STRETCH, count)
    height, width = np.exp(rng.uniform(-_STRETCH, _STRETCH, (2, count)))
    cosine, sine = np.cos(angle), np.sin(angle)
    middle = (side - 1) / 2
    row, column = np.meshgrid(np.arange(side) - middle, np.arange(side) - middle, indexing="ij")
    shift = rng.uniform(-_SHIFT, _SHIFT, (2, count, 1, 1))
    per_image = (slice(None), None, None)
    rows = ((cosine * height)[per_image] * row + (sine * width)[per_image] * column) + middle + shift[0]
    columns = (
        ((slant - sine) * height)[per_image] * row + (cosine * width)[per_image] * column + middle + shift[1]
    )
    # A coarse grid of random shifts, spread smoothly over the image (cubic interpolation of the grid).
    spread = cv2.resize(np.eye(_GRID, dtype=np.float32), (_GRID, side), interpolation=cv2.INTER_CUBIC)
    bend = rng.normal(0, _BEND, (2, count, _GRID, _GRID)).astype(np.float32)
    bend = spread @ bend @ spread.T
    return (rows + bend[0]).astype(np.float32), (columns + bend[1]).astype(np.float32)


def _add_photo_faults(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add blur, pale ink, noise, stray marks and gaps, as photos leave them."""
    image = image.astype(np.float32)
    if rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.3, 0.8))
    if rng.random() < 0.5:
        image *= rng.uniform(0.5, 1)
    if rng.random() < 0.4:
        image += rng.normal(0, rng.uniform(4, 25), image.shape).astype(np.float32) * (
            rng.random() < 0.3 or image > 10
        )
    if rng.random() < 0.3:
        _stray_marks(image, rng)
    if rng.random() < 0.2:
        _gap(image, rng)
    return np.clip(image, 0, 255).astype(np.uint8)


def _stray_marks(image: np.ndarray, rng: np.random.Generator) -> None:
    """Draw a few specks, or the rest of a ruled line or form box along the border."""
    side = len(image)
    ink = float(rng.uniform(80, 255))
    if rng.random() < 0.5:
        for _ in range(rng.integers(1, 4)):
            row, column = rng.integers(0, side, 2)
            image[row : row + rng.integers(1, 3), column : column + rng.integers(1, 3)] = ink
    else:
        place = int(rng.choice([0, 1, 2, 3, side - 4, side - 3, side - 2, side - 1]))
        start, length = int(rng.integers(0, side - 6)), int(rng.integers(6, side))
        line = image[place] if rng.random() < 0.5 else image[:, place]
        line[start : start + length] = ink


def _gap(image: np.ndarray, rng: np.random.Generator) -> None:
    """Fade a short piece of the stroke, as a dry pen or a removed line leaves it."""
    place, width = int(rng.integers(6, len(image) - 7)), int(rng.integers(1, 3))
    if rng.random() < 0.7:
        image[place : place + width] *= rng.uniform(0, 0.6)
    else:
        image[:, place : place + width] *= rng.uniform(0, 0.6)
