"""A picture as a phone takes it: light and shadow, angle and distance, blur, noise and compression.

Every condition is a pure function ``(image, rng, strength)`` that returns a new picture of the same shape:

image
    (H, W, 3) uint8 RGB.
rng
    `numpy.random.Generator`: the direction, the place and the grain. The same state gives the same picture.
strength
    0 to 1. At 0 the picture comes back unchanged, at 1 the condition is as bad as a reader may meet.

The conditions of the paper itself are in `digitlib.handwriting.paper`.
"""

import cv2
import numpy as np


def shading(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Let the light fall off to one side, at strength 1 to a fifth."""
    across = _ramp(image.shape, rng)
    return _dim(image, 1 - 0.8 * strength * across)


def vignette(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Darken the corners as a lens does, at strength 1 to half."""
    rows, columns = _grid(image.shape)
    return _dim(image, 1 - strength * ((rows - 0.5) ** 2 + (columns - 0.5) ** 2))


def shadow_edge(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Throw the shadow of a hand or a phone, with a fairly sharp edge."""
    across = _ramp(image.shape, rng)
    place, bend = rng.uniform(0.4, 0.6), 0.1 * clouds(image.shape, rng, 0.3)
    shade = np.clip((across + bend - place) / rng.uniform(0.01, 0.06) + 0.5, 0, 1)
    return _dim(image, 1 - 0.65 * strength * shade)


def color_cast(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Light the picture with a yellow lamp, or with a blue sky."""
    lamp = np.array(((1.0, 0.78, 0.45), (0.6, 0.8, 1.0))[rng.integers(2)])
    return to_image(image * (1 - strength * (1 - lamp)))


def glare(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Put the reflection of a lamp beside the middle, as on a whiteboard."""
    rows, columns = _grid(image.shape)
    row, column = rng.uniform(0, 0.3), rng.choice((0.1, 0.9)) + rng.uniform(-0.1, 0.1)
    return lighten(image, 90 * strength * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 0.02))


def rotation(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Turn the picture, at strength 1 by 45 degrees to either side."""
    if strength == 0:
        return image.copy()
    height, width = image.shape[:2]
    degrees = 45 * strength * rng.choice((-1, 1))
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    return cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)


def perspective(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Hold the camera askew."""
    height, width = image.shape[:2]
    corners = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float32)
    outwards = np.sign(corners - corners.mean(axis=0)) * rng.uniform(0, 0.25, (4, 2)) * (width, height)
    matrix = cv2.getPerspectiveTransform(corners, (corners + strength * outwards).astype(np.float32))
    return cv2.warpPerspective(image, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)


def size(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Write smaller on the same sheet: at strength 1 an eighth as high."""
    if strength == 0:
        return image.copy()
    height, width = image.shape[:2]
    small = _shrink(image, 8.0**-strength)
    above, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    below, right = height - small.shape[0] - above, width - small.shape[1] - left
    return cv2.copyMakeBorder(small, above, below, left, right, cv2.BORDER_REPLICATE)


def page_edge(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Show the table beyond an edge, at strength 1 a seventh of the picture."""
    side = rng.integers(4)
    turned = np.rot90(image, side)
    rows, columns = _grid(turned.shape)
    edge = 1 - strength * (0.14 + rng.uniform(-0.03, 0.03) * (columns - 0.5)) * rng.uniform(0.7, 1)
    wood = np.array(((104, 74, 52), (70, 72, 76), (152, 118, 84))[rng.integers(3)], np.float32)
    grain = cv2.GaussianBlur(rng.normal(0, 1, turned.shape[:2]), (0, 0), 12, sigmaY=1.2)
    table = wood * (1 + 0.06 * grain / grain.std())[:, :, None]
    beyond = np.clip((rows - edge) * turned.shape[0] / 2, 0, 1)[:, :, None] * (strength > 0)
    shadow = 1 - 0.4 * np.exp(-np.maximum(0, rows - edge) * 40)[:, :, None]
    return np.ascontiguousarray(np.rot90(to_image(turned * (1 - beyond) + table * shadow * beyond), -side))


def finger(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Let the finger that holds the page into the picture."""
    rows, columns = _grid(image.shape)
    place, height, width = rng.uniform(0.25, 0.75), 0.26 * strength * rng.uniform(0.7, 1), 0.1
    tip = ((1 - rows) / max(height, 1e-6)) ** 2 + ((columns - place + 0.2 * (1 - rows)) / width) ** 2
    cover = np.clip((1 - tip) * 12, 0, 1)[:, :, None] * (strength > 0)
    skin = np.array((208, 156, 128)) * np.clip(1.05 - 0.35 * tip, 0.5, 1.05)[:, :, None]
    shadow = 1 - 0.35 * (strength > 0) * np.exp(-np.maximum(0, tip - 1) * 2)[:, :, None]
    return to_image(image * shadow * (1 - cover) + skin * cover)


def blur(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Blur: at strength 1 with a standard deviation of a 30th of the side."""
    sigma = strength * min(image.shape[:2]) / 30
    return cv2.GaussianBlur(image, (0, 0), sigma) if sigma > 0.05 else image.copy()


def noise(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Add noise: at strength 1 with a standard deviation of 64 grey levels."""
    return to_image(image + np.float32(64 * strength) * rng.standard_normal(image.shape, np.float32))


def jpeg(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Save as JPEG and open again: quality 95 down to 3."""
    if strength == 0:
        return image.copy()
    quality = (cv2.IMWRITE_JPEG_QUALITY, round(95 - 92 * strength))
    _, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), quality)
    return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def low_resolution(image: np.ndarray, rng: np.random.Generator, strength: float) -> np.ndarray:
    """Take the picture with too few pixels, at strength 1 with 28, and enlarge it."""
    if strength == 0:
        return image.copy()
    height, width = image.shape[:2]
    small = _shrink(image, min(1.0, 28 / min(height, width)) ** strength)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def to_image(values: np.ndarray) -> np.ndarray:
    """Round and clip values (H, W, 3) to a uint8 picture."""
    return np.clip(values + np.float32(0.5), 0, 255).astype(np.uint8)


def _shrink(image: np.ndarray, share: float) -> np.ndarray:
    height, width = (max(1, round(side * share)) for side in image.shape[:2])
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def _dim(image: np.ndarray, light: np.ndarray) -> np.ndarray:
    return to_image(image * light[:, :, None].astype(np.float32))


def lighten(image: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Add grey levels (H, W) to a picture."""
    return to_image(image + levels[:, :, None].astype(np.float32))


def _grid(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Row (H, 1) and column (1, W) of every pixel as shares of the picture, 0 to 1."""
    return np.ogrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]


def _ramp(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """0 to 1 across the picture in a random direction."""
    angle = rng.uniform(0, 2 * np.pi)
    rows, columns = _grid(shape)
    across = np.sin(angle) * rows + np.cos(angle) * columns
    return (across - across.min()) / max(1e-6, np.ptp(across))


def clouds(shape: tuple[int, ...], rng: np.random.Generator, share: float = 0.1) -> np.ndarray:
    """Return smooth noise, deviation about 1; a cloud is `share` of the picture."""
    small = rng.normal(0, 1, (max(2, round(1 / share)), max(2, round(1 / share))))
    return cv2.resize(small, shape[1::-1], interpolation=cv2.INTER_CUBIC)
