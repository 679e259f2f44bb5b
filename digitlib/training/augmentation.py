"""Vary training pictures the way hands, pens and cameras do, as plain arrays."""

import cv2
import numpy as np

GRID = 5
"""Points along each side of the coarse grid whose random shifts bend a picture."""


def augment(images, rng):
    """Give every picture a random hand, pen and camera.

    Each picture is turned by up to 12 degrees, stretched and slanted by up to 15 %, moved by up to
    1.5 pixels and bent a little (elastic distortion, Simard et al. 2003). Two in five strokes grow
    thicker or thinner, and one picture in four gets the blur, the pale ink, the noise or the stray
    marks that photos leave behind.

    Introduced in notebook 03.

    Parameters
    ----------
    images : (N, 28, 28) uint8 array
        Light ink on black, 0 to 255.
    rng : numpy.random.Generator
        Where the randomness comes from; the same generator state gives the same pictures.

    Returns
    -------
    (N, 28, 28) uint8 array
        New pictures; the given ones are left as they are.

    Examples
    --------
    >>> images = np.zeros((2, 28, 28), np.uint8)
    >>> images[:, 8:20, 13:15] = 255
    >>> augment(images, np.random.default_rng(0)).shape
    (2, 28, 28)
    """
    images = np.asarray(images)
    rows, columns = _bent_coordinates(len(images), images.shape[1], rng)
    varied = np.empty_like(images)
    for index, image in enumerate(images):
        varied[index] = cv2.remap(image, columns[index], rows[index], cv2.INTER_LINEAR)
    for index in np.flatnonzero(rng.random(len(images)) < 0.4):
        varied[index] = change_stroke_width(varied[index], rng.uniform(-0.7, 1))
    for index in np.flatnonzero(rng.random(len(images)) < 0.25):
        varied[index] = _camera(varied[index], rng)
    return varied


def change_stroke_width(image, amount):
    """Make strokes about `amount` pixels thicker (above 0) or thinner (below 0).

    The picture is blended with its grey dilation or erosion, so amounts below one pixel work too.

    Parameters
    ----------
    image : (H, W) uint8 array
        Light ink on black.
    amount : float
        Pixels to add on each side of a stroke, -1 to 1.

    Returns
    -------
    (H, W) uint8 array
        The picture with thicker or thinner strokes.

    Examples
    --------
    >>> image = np.zeros((5, 5), np.uint8)
    >>> image[2, 2] = 200
    >>> int(change_stroke_width(image, 1.0)[2, 1]), int(change_stroke_width(image, 0.5)[2, 1])
    (200, 100)
    """
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    changed = cv2.dilate(image, cross) if amount > 0 else cv2.erode(image, cross)
    return cv2.addWeighted(image, 1 - abs(amount), changed, abs(amount), 0)


def _bent_coordinates(count, side, rng):
    """Where each pixel of a varied picture comes from: rows and columns, each (count, side, side) float32."""
    angle = np.radians(rng.uniform(-12, 12, count))
    slant = rng.uniform(-0.15, 0.15, count)
    height, width = np.exp(rng.uniform(-0.15, 0.15, (2, count)))
    cosine, sine = np.cos(angle), np.sin(angle)
    middle = (side - 1) / 2
    row, column = np.meshgrid(np.arange(side) - middle, np.arange(side) - middle, indexing="ij")
    shift = rng.uniform(-1.5, 1.5, (2, count, 1, 1))
    per_picture = (slice(None), None, None)
    rows = ((cosine * height)[per_picture] * row + (sine * width)[per_picture] * column) + middle + shift[0]
    columns = (
        ((slant - sine) * height)[per_picture] * row
        + (cosine * width)[per_picture] * column
        + middle
        + shift[1]
    )
    # A coarse grid of random shifts, spread smoothly over the picture (cubic interpolation of the grid).
    spread = cv2.resize(np.eye(GRID, dtype=np.float32), (GRID, side), interpolation=cv2.INTER_CUBIC)
    bend = rng.normal(0, 0.8, (2, count, GRID, GRID)).astype(np.float32)
    bend = spread @ bend @ spread.T
    return (rows + bend[0]).astype(np.float32), (columns + bend[1]).astype(np.float32)


def _camera(image, rng):
    """What a camera and a sheet of paper leave in a picture of 28 x 28 pixels."""
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


def _stray_marks(image, rng):
    """A few specks, or the rest of a ruled line or form box along the border."""
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


def _gap(image, rng):
    """A short gap in the stroke, as a dry pen or a removed line leaves it."""
    place, width = int(rng.integers(6, len(image) - 7)), int(rng.integers(1, 3))
    if rng.random() < 0.7:
        image[place : place + width] *= rng.uniform(0, 0.6)
    else:
        image[:, place : place + width] *= rng.uniform(0, 0.6)
