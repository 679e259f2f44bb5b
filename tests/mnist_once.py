"""MNIST, loaded once a process: to unpack it takes several times as long as to draw a picture with it."""

import functools

import cv2
import numpy as np

from digitlib.data import load_mnist


@functools.cache
def mnist():
    """What `load_mnist` returns, always the same arrays, which nobody can write to."""
    parts = load_mnist()
    for images, labels in parts:
        images.flags.writeable = labels.flags.writeable = False
    return parts


def cut_closely(image, height):
    """The ink of an image of MNIST without the black around it, so many pixels tall."""
    column, row, wide, tall = cv2.boundingRect((image > 60).astype(np.uint8))
    return cv2.resize(
        image[row : row + tall, column : column + wide], (max(5, wide * height // tall), height)
    )
