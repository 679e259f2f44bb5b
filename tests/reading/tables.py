"""Draw sheets of paper on tables, with OpenCV and the digits of MNIST's test set alone."""

from dataclasses import dataclass

import cv2
import numpy as np
from mnist_once import mnist


@dataclass(frozen=True, eq=False)
class Scene:
    """A sheet, and a photo of it on a table."""

    text: str  # its digits
    sheet: np.ndarray  # (H, W) uint8: the sheet alone
    photo: np.ndarray  # (H, W) uint8
    corners: np.ndarray  # (4, 2): where the sheet's corners lie in the photo, columns and rows, clockwise
    places: np.ndarray  # (digits, 4, 2): where the corners of the digits' boxes lie in the photo


def draw_digits(sheet, text, pen, rng, height):
    """Write digits in a row into the middle of a sheet, dark or light; return their boxes' corners."""
    images, labels = mnist()[1]
    side, boxes = round(height * 1.4), []
    left = (sheet.shape[1] - len(text) * height) // 2 - (side - height) // 2
    top = (sheet.shape[0] - side) // 2
    for place, digit in enumerate(text):
        chosen = images[rng.choice(np.flatnonzero(labels == int(digit)))]
        ink = cv2.resize(chosen, (side, side), interpolation=cv2.INTER_CUBIC)
        soft = np.clip((ink.astype(float) - 90) / 80, 0, 1)
        column = left + place * height
        region = sheet[top : top + side, column : column + side]
        region[:] = region * (1 - soft) + pen * soft
        rows, columns = np.flatnonzero(soft.any(axis=1)), np.flatnonzero(soft.any(axis=0))
        (up, down), (west, east) = rows[[0, -1]] + top, columns[[0, -1]] + column
        boxes.append([(west, up), (east, up), (east, down), (west, down)])
    return np.array(boxes, np.float32)


def table(gray, kind, rng, shape):
    """Return the top of a table: plain, wood, cloth or unevenly lit."""
    height, width = shape
    top = np.full(shape, float(gray))
    if kind == "wood":
        rows = np.arange(height)[:, None] + 6 * np.sin(np.arange(width) / 90)[None]
        top += 5 * np.sin(rows / 9) + 4 * np.sin(rows / 3.1 + 1)
        top += cv2.blur(rng.normal(0, 40, shape), (61, 3))
    elif kind == "cloth":
        top += cv2.GaussianBlur(rng.normal(0, 14, shape), (0, 0), 2)
    elif kind == "uneven":
        top += np.linspace(-12, 12, width)[None] + np.linspace(-6, 6, height)[:, None]
    return top


def scene(
    text="7",
    seed=0,
    table_gray=90,
    paper=235,
    pen=40,
    kind="plain",
    turned=0.0,
    perspective=0.0,
    size=0.62,
    shape=(900, 1000),
    aspect=None,
    shadow=False,
    finger=False,
    second=False,
    shading=0.0,
    noise=2.0,
):
    """Draw a sheet with digits on it, and photograph it on a table.

    `turned` in degrees; `perspective`, `size` (of the sheet's longer side) and `aspect` (height by width) as
    shares.
    """
    rng = np.random.default_rng([seed, 77])
    aspect = aspect or (1.2 if len(text) == 1 else 0.5)
    width = round(size * max(shape) / max(1, aspect))
    height = round(width * aspect)
    sheet = np.full((height, width), float(paper))
    boxes = draw_digits(sheet, text, pen, rng, round(min(0.5 * height, 0.8 * width / len(text))))
    middle = np.array(shape[::-1]) / 2 + rng.uniform(-0.05, 0.05, 2) * shape[::-1]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -turned, 1)
    placed = cv2.transform(corners[None], turn)[0] - (width / 2, height / 2) + middle
    placed += rng.uniform(-1, 1, (4, 2)) * perspective * min(width, height)
    matrix = cv2.getPerspectiveTransform(corners, placed.astype(np.float32))
    photo = table(table_gray, kind, rng, shape)
    cover = cv2.warpPerspective(np.ones((height, width)), matrix, shape[::-1], flags=cv2.INTER_AREA)
    if second:
        far = min(shape) * 0.12
        rows = np.array([(0, 0), (far, 0), (far, far * 1.3), (0, far * 1.3)]) + rng.uniform(4, 12, 2)
        cv2.fillConvexPoly(photo, np.rint(rows).astype(np.int32), float(paper))
    if shadow:
        moved = cv2.warpAffine(cover, np.float32([[1, 0, 14], [0, 1, 18]]), shape[::-1])
        photo *= 1 - 0.45 * cv2.GaussianBlur(moved, (0, 0), 7)
    warped = cv2.warpPerspective(sheet, matrix, shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    photo = photo * (1 - cover) + warped * cover
    if finger:
        (row_a, row_b), side = placed[[2, 3]], rng.uniform(0.3, 0.7)
        edge = row_a + side * (row_b - row_a)
        tip = edge + 0.1 * (middle - edge)
        away = (tip - middle) / np.linalg.norm(tip - middle)
        ends = [tuple(np.rint(tip + step * away).astype(int).tolist()) for step in (0, 1500)]
        cv2.line(photo, *ends, 150.0, round(0.09 * max(shape)))
    photo = photo * (1 + shading * np.linspace(-1, 1, shape[1]))[None]
    photo = cv2.GaussianBlur(photo, (0, 0), 0.8) + rng.normal(0, noise, shape)
    photo, sheet = (np.clip(np.rint(image), 0, 255).astype(np.uint8) for image in (photo, sheet))
    places = cv2.perspectiveTransform(boxes.reshape(1, -1, 2), matrix)[0].reshape(-1, 4, 2)
    return Scene(text, sheet, photo, placed, places)
