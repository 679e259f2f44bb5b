"""The look of every figure: colours, font sizes, and a figure with its alt text."""

import base64
import html
import io
from collections.abc import Iterable

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

# Okabe and Ito's palette: distinct for colour-blind readers, too (jfly.uni-koeln.de/color).
BLUE, ORANGE, VERMILLION, GRAY = "#0072B2", "#E69F00", "#D55E00", "#767676"
PANEL = "#E8E8E8"
_SIGNED_MAP = "RdBu_r"
"""Colours for numbers on both sides of zero: red above, white at zero, blue below."""

_STYLE = {
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
styled = matplotlib.rc_context(_STYLE)
"""Decorator: a function draws in this style, and the reader's own settings stay as they are."""


class LessonFigure(Figure):
    """A matplotlib figure with its alt text, displayed once in a notebook.

    It needs no pyplot: put it on the last line of a cell, or call ``display(figure)``.

    Parameters
    ----------
    width, height : float
        In inches of 100 pixels.
    alt : str
        What is to be seen, in a sentence, for readers who do not see it. It is stored with the image.

    Examples
    --------
    >>> figure = LessonFigure(4, 3, "An empty figure.")
    >>> figure.alt, figure.png()[1:4]
    ('An empty figure.', b'PNG')
    """

    def __init__(self, width: float, height: float, alt: str) -> None:
        super().__init__(figsize=(width, height), dpi=100, layout="constrained")
        self.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
        self.alt = alt

    @styled
    def png(self) -> bytes:
        """Return the figure as a PNG file.

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

    def html(self) -> str:
        """Return the figure as an element of HTML, with its alt text.

        Returns
        -------
        str
        """
        data = base64.b64encode(self.png()).decode("ascii")
        return f'<img alt="{html.escape(self.alt)}" src="data:image/png;base64,{data}">'

    def _ipython_display_(self) -> None:
        from IPython.display import display

        data = {"image/png": base64.b64encode(self.png()).decode("ascii"), "text/plain": self.alt}
        display(data, raw=True, metadata={"image/png": {"alt": self.alt}})


def show_image(axes: Axes, image: np.ndarray, limit: float | None = None, signed: bool | None = None) -> None:
    """Draw an image in the middle of a square panel, without ticks.

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

    Examples
    --------
    >>> axes = LessonFigure(3, 3, "A line from the top left to the bottom right.").subplots()
    >>> show_image(axes, np.eye(28))
    >>> axes.get_images()[0].get_clim()
    (0.0, 1.0)
    """
    if signed is None:
        signed = image.min() < 0
    # Few pixels are drawn as squares; of many, several fall on a pixel of the figure: their mean is drawn.
    smoothing = "nearest" if max(image.shape) < 100 else "antialiased"
    if image.dtype == np.uint8:
        axes.imshow(image, vmin=0, vmax=255, interpolation=smoothing)
    elif signed:
        limit = limit or np.abs(image).max() or 1
        axes.imshow(image, cmap=_SIGNED_MAP, vmin=-limit, vmax=limit, interpolation=smoothing)
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


def write_scale(axes: Axes) -> None:
    """Write below a drawn image what its strongest colour stands for.

    Parameters
    ----------
    axes : matplotlib Axes
        With one image on it, drawn by `show_image`.

    Examples
    --------
    >>> axes = LessonFigure(3, 3, "A 2 and a -2.").subplots()
    >>> show_image(axes, np.diag([2, -2.0]))
    >>> write_scale(axes)
    >>> axes.get_xlabel().split()
    ['red', '2', 'blue', '−2']
    """
    (drawn,) = axes.get_images()
    low, high = drawn.get_clim()
    number = f"{high:.2g}" if abs(high) < 10 else f"{high:.0f}"
    axes.set_xlabel(f"red {number}\nblue −{number}" if low < 0 else f"white {number}", fontsize=12)


def write_numbers(axes: Axes, image: np.ndarray, number_format: str) -> None:
    """Write a number into each pixel of a drawn image.

    The text is white on dark pixels and black on light ones.

    Parameters
    ----------
    axes : matplotlib Axes
        With one image on it, drawn by `show_image`.
    image : (H, W) array
        The numbers.
    number_format : str
        Such as ".1f".

    Examples
    --------
    >>> axes = LessonFigure(3, 3, "Four numbers.").subplots()
    >>> show_image(axes, np.eye(2))
    >>> write_numbers(axes, np.eye(2), ".1f")
    >>> [text.get_text() for text in axes.texts]
    ['1.0', '0.0', '0.0', '1.0']
    """
    (drawn,) = axes.get_images()
    for (row, column), number in np.ndenumerate(image):
        red, green, blue, _ = drawn.cmap(drawn.norm(number))
        dark = 0.3 * red + 0.59 * green + 0.11 * blue < 0.5
        color = "white" if dark else "black"
        axes.text(
            column, row, format(number, number_format), color=color, ha="center", va="center", fontsize=12
        )


def draw_probabilities(axes: Axes, probabilities: np.ndarray, highlighted: int) -> None:
    """Draw the probabilities of the ten digits as bars, in per cent.

    Parameters
    ----------
    axes : matplotlib Axes
    probabilities : (10,) array of float, 0 to 1
    highlighted : int, 0 to 9
        The digit whose bar has another colour.

    Examples
    --------
    >>> axes = LessonFigure(3, 3, "The network is sure of a 3.").subplots()
    >>> draw_probabilities(axes, np.eye(10)[3], 3)
    >>> len(axes.patches), axes.get_ylabel()
    (10, 'probability (%)')
    """
    colors = [VERMILLION if digit == highlighted else BLUE for digit in range(10)]
    axes.bar(range(10), np.round(100 * np.asarray(probabilities, float)), color=colors)
    axes.set(xticks=range(10), ylim=(0, 105), xlabel="digit", ylabel="probability (%)")


def count(number: int, noun: str) -> str:
    """Return a number with its noun, for the alt text of a figure.

    Examples
    --------
    >>> count(1, "picture"), count(3, "picture")
    ('1 picture', '3 pictures')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def listing(words: Iterable[object]) -> str:
    """Return words joined as in a sentence.

    Examples
    --------
    >>> listing("abc")
    'a, b and c'
    """
    *most, last = map(str, words)
    return f"{', '.join(most)} and {last}" if most else last
