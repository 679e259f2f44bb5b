"""What reading works with: pictures, the steps they go through, and the errors that it raises."""

from dataclasses import dataclass

import numpy as np

from digitlib.reading.components import Box

WHITES = tuple(2**bits - 1 for bits in (8, 10, 12, 14, 16))
"""Largest values that so many bits can hold: scanners and microscopes store fewer bits in files of 16."""


class ImageError(ValueError):
    """A source that is no usable picture; the message says what is allowed."""


class NoDigitError(ImageError):
    """A picture without any ink."""


@dataclass(frozen=True, eq=False)
class Step:
    """One preprocessing step: its name, the image after it, and what it found."""

    name: str
    image: np.ndarray
    note: str

    def __repr__(self) -> str:
        return f"Step({self.name}, {' x '.join(map(str, self.image.shape))}: {self.note})"


@dataclass(frozen=True, eq=False, repr=False)
class Picture:
    """An upright picture, ready to work with.

    Attributes
    ----------
    pixels : (H, W) or (H, W, 3) uint8 array
        Grey values, or red, green and blue, 0 (black) to 255 (white); at most
        `digitlib.reading.images.MAX_SIDE` along one side.
    scale : float, at least 1
        Pixels of the full-size picture for each pixel of `pixels`, along one side.
    shape : (int, int)
        Height and width of the upright picture at full size, in pixels.
    steps : tuple of Step
        What was done to the pixels since they were loaded.
    """

    pixels: np.ndarray
    scale: float
    shape: tuple[int, int]
    steps: tuple[Step, ...] = ()

    def __repr__(self) -> str:
        kind = "grey" if self.pixels.ndim == 2 else "RGB"
        return f"Picture({kind}, shape={self.shape}, pixels={self.pixels.shape[:2]}, scale={self.scale:.4g})"

    def upright_box(self, box: Box, scale: float = 1.0) -> Box:
        """Return a box of `pixels`, shrunk by `scale`, in the upright picture.

        Examples
        --------
        >>> Picture(np.zeros((60, 80), np.uint8), scale=2.0, shape=(120, 160)).upright_box(Box(5, 10, 20, 30))
        Box(row=10, column=20, height=40, width=60)
        """
        return full_size(box, scale * self.scale, self.shape)


def full_size(box: Box, scale: float, shape: tuple[int, ...]) -> Box:
    """Return a box of an image shrunk by `scale` as a box inside the full size."""
    row, column = min(int(box.row * scale), shape[0] - 1), min(int(box.column * scale), shape[1] - 1)
    height = min(round(box.height * scale), shape[0] - row)
    width = min(round(box.width * scale), shape[1] - column)
    return Box(row, column, max(1, height), max(1, width))
