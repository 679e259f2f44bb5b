"""MNIST, loaded once a process: to unpack it takes several times as long as to draw a picture with it."""

import functools
import itertools

import cv2
import numpy as np

from digitlib.data import load_mnist

ROW_HEIGHT = 80
"""Height of the digits of a row in pixels; as much paper is above and below together."""


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


def row_of(count, seed, strength=(1.0,)):
    """Digits of MNIST in a row, as ink of some strength on paper: text, picture, and the columns of each."""
    (images, labels), _ = mnist()
    rng, gap = np.random.default_rng(seed), ROW_HEIGHT // 4
    chosen = rng.integers(0, 5_000, count)
    parts = [cut_closely(images[one], ROW_HEIGHT) for one in chosen]
    page = np.zeros((2 * ROW_HEIGHT, sum(part.shape[1] + gap for part in parts) + 4 * gap))
    column, places = 2 * gap, []
    for part, pressed in zip(parts, itertools.cycle(strength), strict=False):
        place = slice(column, column + part.shape[1])
        page[ROW_HEIGHT // 2 : ROW_HEIGHT * 3 // 2, place] = pressed * part
        places.append((place.start, place.stop))
        column = place.stop + gap
    paper = 235 + rng.normal(0, 2, page.shape)
    picture = np.clip(paper - 0.8 * page, 0, 255).astype(np.uint8)
    return "".join(str(labels[one]) for one in chosen), picture, places


def side_by_side(parts, rows, gap, margin):
    """Ink as dark strokes on so many rows of paper, all in the middle: picture, and columns of each part."""
    page = np.zeros((rows, sum(part.shape[1] + gap for part in parts) + 2 * margin), np.uint8)
    column, places = margin, []
    for part in parts:
        row = (page.shape[0] - part.shape[0]) // 2
        places.append((column, column + part.shape[1]))
        page[row : row + part.shape[0], slice(*places[-1])] = part
        column = places[-1][1] + gap
    return 235 - (page * 0.75).astype(np.uint8), places
