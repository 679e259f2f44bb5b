"""What augmenting and photographing make of a seed, so that no change of training images goes unseen.

cd tests && ../.venv/bin/python -m training_pictures    # writes training_pictures.json: look at what changed
"""

import json
from functools import partial
from pathlib import Path
from unittest import mock

import cv2
import numpy as np

from digitlib.data import load_mnist
from digitlib.reading.picture import ImageError
from digitlib.training import augmentation, mixture

PATH = Path(__file__).with_suffix(".json")
SIDE = 4
"""Rows and columns of what is stored of an image: mean and spread of the brightness of so many parts."""


def augmented(rng, pen=0.0, camera=0.0):
    """Some digits, augmented; pen and camera are the proportions of images that get their changes."""
    with mock.patch.multiple(augmentation, _PEN=pen, _CAMERA=camera):
        return augmentation.augment(load_mnist()[0][0][:20], rng)


def photos(rng):
    """The photos of some digits, before they are preprocessed."""
    taken = []

    def look(photo):
        taken.append(photo)
        raise ImageError("seen")

    with mock.patch.object(mixture, "load_picture", look):
        images, labels = (part[:60] for part in load_mnist()[0])
        mixture.photograph(images, labels, rng)
    return taken


WAYS = {
    "moved": augmented,
    "with another pen": partial(augmented, pen=1.0),
    **{f"with the faults of a photo {number}": partial(augmented, camera=1.0) for number in range(5)},
    "photographed": photos,
}


def parts_of(image):
    """Mean and standard deviation of the brightness of each part, 0 to 255, and the sides."""
    gray = (image if image.ndim == 2 else image.mean(axis=2)).astype(np.float32)
    mean, square = (
        cv2.resize(one, (SIDE, SIDE), interpolation=cv2.INTER_AREA).ravel() for one in (gray, gray**2)
    )
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    return [*image.shape[:2], *np.rint(mean).astype(int).tolist(), *np.rint(spread).astype(int).tolist()]


def made(way):
    """What is stored of a way: the parts of each image."""
    return [parts_of(image) for image in WAYS[way](np.random.default_rng([*WAYS].index(way)))]


if __name__ == "__main__":
    text = ",\n".join(f"{json.dumps(way)}: {json.dumps(made(way))}" for way in WAYS)
    PATH.write_text("{\n" + text + "\n}\n", encoding="utf-8")
