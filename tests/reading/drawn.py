"""Draw small pictures of everything that reading meets, each by its number, with hard edges and few sizes."""

import functools

import cv2
import numpy as np
from mnist_once import mnist

from digitlib.data import load_letter_shapes

SIDES = (20, 24, 40, 62, 64, 65, 66, 70, 90, 100, 128, 129, 140, 160, 200, 240, 320, 650)


def _stroke(mask, box, rng, width):
    """Draw a stroke of two to six corners into a box (row, column, height, width)."""
    row, column, height, wide = box
    count = int(rng.integers(2, 7))
    points = np.stack(
        [column + rng.integers(0, max(1, wide), count), row + rng.integers(0, max(1, height), count)], axis=1
    )
    cv2.polylines(mask, [points.astype(np.int32)], bool(rng.random() < 0.2), 255, width)


def _digit(mask, box, rng):
    """Lay a digit of MNIST's test set into a box, enlarged by whole pixels."""
    image = mnist()[1][0][int(rng.integers(2_000))]
    factor = max(1, min(box[2:]) // 20)
    large = np.kron(image[4:24, 4:24] > 100, np.ones((factor, factor))) > 0
    part = mask[box[0] : box[0] + large.shape[0], box[1] : box[1] + large.shape[1]]
    part[large[: part.shape[0], : part.shape[1]]] = 255


def _boxes(height, width, rng):
    """Yield boxes in one to three rows, or one in the middle."""
    rows, columns = ((1, 1), (1, 2), (1, 4), (2, 3), (3, 5))[int(rng.integers(5))]
    tall = int(height / rows * rng.choice([0.4, 0.6, 0.8, 0.95]))
    wide = int(width / columns * rng.choice([0.4, 0.6, 0.8, 1.05]))
    for row in range(rows):
        for column in range(columns):
            top = int((row + 0.5) * height / rows - tall / 2 + rng.integers(-3, 4))
            left = int((column + 0.5) * width / columns - wide / 2 + rng.integers(-3, 4))
            yield max(0, top), max(0, left), tall, wide


def _printed(mask, rng):
    """Draw ruled lines, squares, a box, a ring, a table's edge: what is no digit."""
    height, width = mask.shape
    thick = int(rng.integers(1, 5))
    kind = rng.choice(["ruled", "squares", "box", "ring", "edge", "two lines", "frame", "frame"])
    tilt = int(rng.integers(-3, 4))
    if kind in ("ruled", "squares"):
        for row in range(int(rng.integers(3, 20)), height, max(8, height // int(rng.integers(2, 9)))):
            cv2.line(mask, (0, row - tilt), (width - 1, row + tilt), 255, thick)
    if kind == "squares":
        for column in range(int(rng.integers(3, 20)), width, max(8, width // int(rng.integers(2, 9)))):
            cv2.line(mask, (column - tilt, 0), (column + tilt, height - 1), 255, thick)
    if kind == "box":
        far = int(rng.integers(1, 1 + min(height, width) // 4))
        cv2.rectangle(mask, (far, far), (width - far, height - far), 255, thick)
    if kind == "ring":
        cv2.ellipse(mask, (width // 2, height // 2), (width * 2 // 5, height * 2 // 5), 0, 0, 360, 255, thick)
    if kind == "frame":
        _frame(mask, rng)
    if kind == "edge":
        far = int(rng.integers(1, 12))
        side = int(rng.integers(4))
        ((mask[:far], mask[-far:], mask[:, :far], mask[:, -far:])[side])[:] = 255
    if kind == "two lines":
        for row in rng.integers(0, height, 2).tolist():
            cv2.line(mask, (0, row), (width - 1, row + tilt), 255, thick)


def _frame(mask, rng):
    """Draw a box or a ring somewhere, with something inside."""
    height, width = mask.shape
    tall, wide = (int(side * rng.uniform(0.3, 0.8)) for side in (height, width))
    top, left = int(rng.integers(height - tall)), int(rng.integers(width - wide))
    thick = int(rng.integers(1, 6))
    mask[top : top + tall, left : left + wide] = 0
    if rng.random() < 0.5:
        cv2.rectangle(mask, (left, top), (left + wide, top + tall), 255, thick)
    else:
        middle = left + wide // 2, top + tall // 2
        cv2.ellipse(mask, middle, (wide // 2, tall // 2), 0, 0, 360, 255, thick)
    for _ in range(int(rng.integers(1, 4))):
        far = rng.uniform(0.05, 0.6)
        place = (int(top + tall * rng.uniform(0.15, 0.5)), int(left + wide * rng.uniform(0.15, 0.5)))
        _stroke(mask, (*place, int(tall * far), int(wide * far)), rng, int(rng.integers(1, 8)))


def _blot(mask, rng):
    """Draw ink broader than any stroke, with or without a hole."""
    height, width = mask.shape
    middle = int(width * rng.uniform(0.4, 0.6)), int(height * rng.uniform(0.4, 0.6))
    half = max(height, width) * rng.uniform(0.16, 0.34, 2)
    if rng.random() < 0.5:
        cv2.ellipse(mask, middle, half.astype(int), float(rng.integers(90)), 0, 360, 255, -1)
    else:
        ends = np.add(middle, rng.uniform(-1, 1, (3, 2)) * half / 2).astype(np.int32)
        cv2.polylines(mask, [ends], True, 255, int(half.min()))
    if rng.random() < 0.3:
        cv2.ellipse(mask, middle, (half / rng.uniform(2, 4, 2)).astype(int), 0, 0, 360, 0, -1)
    if rng.random() < 0.5:
        _digit(mask, (int(rng.integers(height // 2)), 2, height // 4, height // 4), rng)


def _small(mask, rng):
    """Set dust, dots and dashes."""
    height, width = mask.shape
    for _ in range(int(rng.integers(1, 8))):
        tall, wide = rng.integers(1, 2 + min(height, width) // 12, 2).tolist()
        row, column = int(rng.integers(height)), int(rng.integers(width))
        mask[row : row + tall, column : column + wide] = 255


def drawn(number: int) -> np.ndarray:
    """Draw the picture of a number: (H, W) or (H, W, 3) uint8."""
    rng = np.random.default_rng([number, 5])
    height = int(rng.choice(SIDES))
    width = max(8, int(height * rng.choice([0.6, 1, 1, 1.5, 2.2]))) if height < 300 else height
    ink, pale = np.zeros((2, height, width), np.uint8)
    draw = _digit if rng.random() < 0.5 else None
    broad = rng.random() < 0.12
    for box in _boxes(height, width, rng):
        stroke = max(1, int(box[2] * (rng.uniform(0.3, 0.6) if broad else rng.uniform(0.01, 0.16))))
        layer = pale if rng.random() < 0.1 else ink
        if draw and not broad:
            _digit(layer, box, rng)
        else:
            _stroke(layer, box, rng, stroke)
    if number % 10 == 9:
        ink[:] = pale[:] = 0
        _blot(ink, rng)
    elif rng.random() < 0.1:
        _blot(ink, rng)
    if rng.random() < 0.35:
        _printed(ink if rng.random() < 0.7 else pale, rng)
    if rng.random() < 0.35:
        _small(ink, rng)
    paper, contrast = int(rng.choice([255, 240, 200, 140])), float(rng.choice([20, 40, 70, 110, 140]))
    light = np.full((height, width), 1.0)
    shade = rng.random()
    if shade < 0.2:
        light *= np.linspace(1, rng.uniform(0.4, 0.95), width)[None]
    elif shade < 0.35:
        light[:, : int(rng.uniform(0.2, 0.8) * width)] *= rng.uniform(0.3, 0.9)
    gray = (paper - contrast * (ink > 0) - (0.3 * contrast) * ((pale > 0) & (ink == 0))) * light
    if rng.random() < 0.5:
        gray = cv2.blur(gray, (3, 3))
    sigma = float(rng.choice([0, 0, 0, 1, 3, 8]))
    gray = gray + rng.normal(0, 1, gray.shape) * sigma
    if rng.random() < 0.25:
        gray = 255 - gray
    gray = np.clip(np.rint(gray), 0, 255)
    kind = rng.random()
    if kind < 0.06:
        gray = np.where(gray > rng.integers(0, 256, gray.shape), 255, 0)
    if kind > 0.7:
        tint = rng.uniform(0.5, 1, 3)
        pen = rng.uniform(0, 1, 3) if rng.random() < 0.5 else np.ones(3)
        away = (paper - gray)[..., None] * pen
        return np.clip(np.rint((paper - away) * tint), 0, 255).astype(np.uint8)
    return gray.astype(np.uint8)


def sheets(number: int) -> np.ndarray:
    """Draw sheets of paper on a table, the picture of a number: (H, W) or (H, W, 3) uint8."""
    rng = np.random.default_rng([number, 6])
    side = int(rng.choice([120, 160, 170, 320, 400]))
    height, width = side, max(60, int(side * rng.choice([0.7, 1, 1.4])))
    table, paper = float(rng.choice([30, 90, 150])), float(rng.choice([120, 180, 235]))
    if rng.random() < 0.2:
        table, paper = paper, table
    photo = np.full((height, width), table)
    small = min(height, width)
    for _ in range(int(rng.choice([1, 1, 1, 1, 2, 2, 3, 4]))):
        middle = np.array([width, height]) * rng.uniform(0.3, 0.7, 2)
        half = small * rng.uniform(0.12, 0.6, 2)
        turn = np.radians(rng.choice([0, 0, 4, -10, 25, 40]))
        corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half
        corners = corners * (1 + rng.uniform(-0.15, 0.15, (4, 2)) * (rng.random() < 0.5))
        corners = corners @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) + middle
        cv2.fillConvexPoly(photo, np.rint(corners).astype(np.int32), paper)
        if rng.random() < 0.9:
            ink, tall = np.zeros((height, width), np.uint8), int(half.min() * rng.uniform(0.3, 1.2))
            place = (middle[::-1] - tall / 2).astype(int).tolist()
            _stroke(ink, (*place, tall, tall), rng, max(2, int(half.min() * rng.uniform(0.05, 0.3))))
            photo[ink > 0] = table if rng.random() < 0.3 else (20.0 if paper > 100 else 230.0)
    if rng.random() < 0.3:
        cv2.line(photo, *rng.integers(0, small, (2, 2)).tolist(), 100.0, int(rng.integers(4, small // 8)))
    if rng.random() < 0.3:
        photo *= np.linspace(1, rng.uniform(0.5, 0.9), width)[None]
    photo = cv2.blur(photo, (3, 3)) + rng.normal(0, 1, photo.shape) * float(rng.choice([0, 0, 2, 5]))
    photo = np.clip(np.rint(photo), 0, 255).astype(np.uint8)
    return photo if rng.random() < 0.7 else np.stack([photo, photo // 2, 255 - photo], axis=2)


def mask_of(number: int) -> np.ndarray:
    """Draw digits with lines, boxes and rings as a mask (H, W) uint8 of 0 and 255."""
    rng = np.random.default_rng([number, 8])
    height, width = rng.choice([50, 59, 60, 61, 80, 120, 180, 240, 300, 430], 2).tolist()
    mask = np.zeros((height, width), np.uint8)
    for box in _boxes(height, width, rng):
        _stroke(mask, box, rng, max(1, int(box[2] * rng.uniform(0.03, 0.2))))
    for _ in range(int(rng.choice([0, 1, 1, 1, 2, 3]))):
        _printed(mask, rng)
    if rng.random() < 0.4:
        _small(mask, rng)
    if rng.random() < 0.4:
        _frame(mask, rng)
    return mask


def digits_in_rows(number: int) -> np.ndarray:
    """Draw one to three rows of digits that stand apart or touch, (H, W) uint8."""
    rng = np.random.default_rng([number, 9])
    factor = int(rng.choice([1, 2, 2, 3]))
    rows = int(rng.choice([1, 1, 1, 2, 3]))
    longest = int(rng.integers(1, 7))
    page = np.zeros((rows * 30 * factor + 20, (longest * 26 + 20) * factor), np.uint8)
    for row in range(rows):
        column, apart = 10 * factor, int(rng.choice([12, 16, 20, 24]))
        for _ in range(int(rng.integers(1, longest + 1))):
            _digit(page, (10 + row * 30 * factor, column, 20 * factor, 20 * factor), rng)
            column += apart * factor
            if rng.random() < 0.1:
                page[20 + row * 30 * factor :][: 2 * factor, column - 2 * factor : column + 2 * factor] = 255
    light = cv2.blur(235.0 - 0.8 * page, (3, 3))
    return np.rint(light).astype(np.uint8)


letter_shapes = functools.cache(load_letter_shapes)


def letters_in_rows(number: int) -> np.ndarray:
    """Draw one or two rows of letters of an unseen font, (H, W) uint8."""
    rng, shapes = np.random.default_rng([number, 10]), letter_shapes()
    font = rng.choice(shapes.fonts[shapes.held_out])
    rows = int(rng.integers(1, 3))
    page = np.zeros((rows * 90 + 20, 360), np.uint8)
    for row in range(rows):
        column = 20
        for letter in rng.choice([*"ABEHIKMORSTWijij"], int(rng.integers(1, 6))):
            shape = shapes.images[(shapes.fonts == font) & (shapes.letters == letter)][0]
            part = page[20 + 90 * row :][:64, column : column + 64]
            part[shape[:, : part.shape[1]] > 100] = 255
            column += int(np.flatnonzero(shape.max(axis=0) > 100)[-1] + rng.choice([1, 8]))
        if rng.random() < 0.3:
            page[22 + 90 * row :, column - 20 :][: int(rng.integers(1, 5)), :3] = 255  # a speck
    light = cv2.blur(235.0 - 0.8 * page, (3, 3))
    return np.rint(light).astype(np.uint8)
