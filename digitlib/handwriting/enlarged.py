"""Well-written digits of MNIST's test set, enlarged to smooth ink for the sample pictures."""

from functools import cache

import cv2
import numpy as np

from digitlib.data import load_mnist
from digitlib.handwriting import paper

HOLES = {0: 1, 3: 0, 5: 0, 6: 1, 7: 0, 8: 2, 9: 1}  # a digit must keep its loops to be read


@cache
def _mnist_test() -> tuple[np.ndarray, np.ndarray]:
    return load_mnist()[1]


@cache
def _well_written(digit: int) -> np.ndarray:
    """Places of the quarter of the test digits that is clearly of its kind and not written too thickly."""
    images, labels = _mnist_test()
    places = np.flatnonzero(labels == digit)
    means = np.array([images[labels == kind].mean(axis=0) for kind in range(10)])
    distances = ((images[places, None] - means) ** 2).mean(axis=(2, 3))
    lead = np.delete(distances, digit, axis=1).min(axis=1) - distances[:, digit]
    clear = places[np.argsort(-lead, stable=True)[: len(places) // 2]]
    return clear[np.argsort(images[clear].sum(axis=(1, 2), dtype=int), stable=True)[: len(clear) // 2]]


def is_whole(digit: int, ink: np.ndarray) -> bool:
    """Return whether ink is connected and has the loops of its digit, not tiny."""
    _, mask = cv2.threshold(ink, 127, 255, cv2.THRESH_BINARY)
    contours, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    loops = [contour for contour, parent in zip(contours, tree[0, :, 3], strict=True) if parent >= 0]
    large = all(cv2.contourArea(loop) > ink.size / 40 for loop in loops)
    return large and len(contours) - len(loops) == 1 and len(loops) == HOLES.get(digit, len(loops))


def crop(ink: np.ndarray) -> np.ndarray:
    """Crop ink to its box."""
    column, row, width, height = cv2.boundingRect(ink)
    return ink[row : row + height, column : column + width]


def enlarged_mnist(digit: int, height: int, finer: float, rng: np.random.Generator) -> tuple[np.ndarray, int]:
    """Return the ink of a test digit, `height` pixels tall or wide, and its index."""
    while True:
        place = int(rng.choice(_well_written(digit)))
        ink = paper.enlarge(_mnist_test()[0][place], round(height * 28 / 20))
        sheet = np.repeat(255 - ink[:, :, None], 3, axis=2)
        ink = crop(255 - paper.line_width(sheet, rng, finer)[:, :, 0])
        if is_whole(digit, ink):
            return ink, place
