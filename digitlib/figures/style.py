"""The look of every figure: colours, letter sizes, and a figure that carries its alt text."""

import base64
import io

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

# Okabe and Ito's palette: told apart by colour-blind readers too (jfly.uni-koeln.de/color).
BLUE, ORANGE, VERMILLION, GRAY = "#0072B2", "#E69F00", "#D55E00", "#767676"
PANEL = "#E8E8E8"
SIGNED_MAP = "RdBu_r"
"""Colours for numbers on both sides of zero: red above, white at zero, blue below."""

STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same letters on every system
    "font.size": 12,
    "axes.titlesize": 13,
    "axes.labelsize": 13,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "image.cmap": "gray",
    "lines.linewidth": 2.5,
    "lines.markersize": 8,
    "legend.frameon": False,
    "figure.facecolor": "white",
}
styled = matplotlib.rc_context(STYLE)
"""Decorator: a function draws in this style, and the reader's own settings stay as they are."""


class LessonFigure(Figure):
    """A matplotlib figure that knows its alt text and shows itself in a notebook, once.

    It needs no pyplot: put it on the last line of a cell, or call ``display(figure)``.

    Parameters
    ----------
    width, height : float
        In inches of 100 pixels.
    alt : str
        What is to be seen, in a sentence, for readers who do not see it. It is stored with the picture.
    """

    def __init__(self, width, height, alt):
        super().__init__(figsize=(width, height), dpi=100, layout="constrained")
        self.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
        self.alt = alt

    @styled
    def png(self):
        """Draw the figure as a PNG file.

        Returns
        -------
        bytes
            The same bytes every time: no date, no version. 256 colours keep notebooks with photos small.
        """
        drawn, stored = io.BytesIO(), io.BytesIO()
        self.savefig(drawn, format="png")
        few = Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(stored, "PNG", optimize=True)
        return stored.getvalue()

    def _ipython_display_(self):
        from IPython.display import display

        data = {"image/png": base64.b64encode(self.png()).decode("ascii"), "text/plain": self.alt}
        display(data, raw=True, metadata={"image/png": {"alt": self.alt}})


def show_image(axes, image, limit=None, signed=None):
    """Draw one picture in the middle of a square panel, without ticks.

    Parameters
    ----------
    axes : matplotlib Axes
    image : (H, W) or (H, W, 3) array
        uint8: 0 is black, 255 white. Float: 0 is black, `limit` white. Signed float: coloured around zero.
    limit : float, optional
        The value at the end of the colour scale; by default 1, or the largest value beyond it (for signed
        numbers the largest magnitude).
    signed : bool, optional
        By default, whether there are numbers below zero.
    """
    if signed is None:
        signed = image.min() < 0
    # Few pixels are to be seen as squares; of many, several share a pixel of the figure: their mean.
    smoothing = "nearest" if max(image.shape) < 100 else "antialiased"
    if image.dtype == np.uint8:
        axes.imshow(image, vmin=0, vmax=255, interpolation=smoothing)
    elif signed:
        limit = limit or np.abs(image).max() or 1
        axes.imshow(image, cmap=SIGNED_MAP, vmin=-limit, vmax=limit, interpolation=smoothing)
    else:
        axes.imshow(image, vmin=0, vmax=limit or max(1.0, image.max()), interpolation=smoothing)
    height, width = image.shape[:2]
    reach = max(height, width) / 2
    middle_row, middle_column = (height - 1) / 2, (width - 1) / 2
    axes.set(
        xticks=[],
        yticks=[],
        xlim=(middle_column - reach, middle_column + reach),
        ylim=(middle_row + reach, middle_row - reach),
        facecolor=PANEL,
    )
    for spine in axes.spines.values():
        spine.set(visible=True, color=GRAY, linewidth=0.8)


def write_numbers(axes, image, written):
    """Write a number into each pixel of a drawn picture, light on dark and dark on light.

    Parameters
    ----------
    axes : matplotlib Axes
        With one picture on it, drawn by `show_image`.
    image : (H, W) array
        The numbers.
    written : str
        How to write them, a format such as ".1f".
    """
    (drawn,) = axes.get_images()
    for (row, column), number in np.ndenumerate(image):
        red, green, blue, _ = drawn.cmap(drawn.norm(number))
        dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
        color = "white" if dark else "black"
        axes.text(column, row, format(number, written), color=color, ha="center", va="center", fontsize=12)


def count(number, noun):
    """Write a number with its noun, for the alt text of a figure.

    Examples
    --------
    >>> count(1, "picture"), count(3, "picture")
    ('1 picture', '3 pictures')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listing(words):
    """Join words as a sentence does.

    Examples
    --------
    >>> listing("abc")
    'a, b and c'
    """
    *most, last = map(str, words)
    return f"{', '.join(most)} and {last}" if most else last
