"""Figures of images and of counts in them."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

import numpy as np
from matplotlib.patches import Rectangle

from digitlib.figures.style import (
    BLUE,
    ORANGE,
    VERMILLION,
    LessonFigure,
    count,
    listing,
    show_image,
    styled,
    write_numbers,
    write_scale,
)


@styled
def picture_grid(
    images: Sequence[np.ndarray],
    titles: Sequence[object] = (),
    columns: int = 10,
    alt: str | None = None,
    side: float = 2.4,
) -> LessonFigure:
    """Show images side by side, each with its title above.

    Introduced in notebook 01.

    Parameters
    ----------
    images : sequence of (H, W) or (H, W, 3) arrays
        uint8 (0 to 255), or float: from 0 to 1, or further; or signed, then red is above zero and blue below.
        What the strongest colour stands for is written below an image with other values than 0 to 1.
        The images may differ in size.
    titles : sequence, optional
        One title an image.
    columns : int, optional
        Images in a row.
    alt : str, optional
        What is to be seen; by default how many images there are, their titles, sizes and colors.
    side : float, optional
        Largest side of an image, in inches.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> picture_grid([np.zeros((28, 28), np.uint8)] * 3, titles=[5, 0, 4]).alt
    '3 pictures, titled 5, 0 and 4: 28 by 28 pixels, all black.'
    """
    titles = [str(title) for title in titles]
    if alt is None:
        alt = count(len(images), "picture")
        alt += f", titled {listing(title.replace(chr(10), ' ') for title in titles)}" if titles else ""
        alt += f": {listing(dict.fromkeys(map(_look, images)))}."
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    cell = min(side, 9.5 / columns)
    lines = max((title.count("\n") + 1 for title in titles), default=0)
    lines += 2 * any(map(_needs_scale, images))
    figure = LessonFigure(cell * columns, rows * (cell + 0.22 * lines), alt)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, image, title in zip_longest(grid.flat, images, titles):
        if image is None:
            axes.set_axis_off()
            continue
        show_image(axes, image)
        axes.set_title(title or "", fontsize=12)
        if _needs_scale(image):
            write_scale(axes)
    return figure


def _look(image: np.ndarray) -> str:
    """Return size and colours of an image in words: what can be said of any image."""
    height, width = image.shape[:2]
    size = f"{height} by {width} pixels"
    gray = image if image.ndim == 2 else image.mean(axis=2)
    full = 255 if image.dtype == np.uint8 else max(1.0, float(gray.max()))
    if gray.min() < 0:
        return f"{size}, red above zero and blue below"
    middle, darkest, brightest = (float(value) / full for value in np.percentile(gray, [50, 0, 100]))
    if brightest - darkest < 0.02:
        return f"{size}, all {'black' if middle < 0.1 else 'white' if middle > 0.9 else 'gray'}"
    return f"{size}, {'dark on light' if middle > (darkest + brightest) / 2 else 'light on dark'}"


def _needs_scale(image: np.ndarray) -> bool:
    """Return whether nobody can know what the colours of an image stand for."""
    return image.dtype != np.uint8 and bool(image.min() < 0 or image.max() > 1 + 1e-6)


@styled
def pixel_numbers(image: np.ndarray, rows: slice, columns: slice) -> LessonFigure:
    """Show an image, and the numbers inside a frame of it.

    Introduced in notebook 01.

    Parameters
    ----------
    image : (H, W) array, uint8
        A grey image.
    rows, columns : slice
        The frame whose numbers are written out; about 10 by 10 stays readable.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> pixel_numbers(np.full((28, 28), 7, np.uint8), slice(4, 8), slice(0, 5)).alt
    'Left: a picture of 28 by 28 pixels with a frame. Right: the 4 by 5 numbers in it, from 7 to 7.'
    """
    frame = image[rows, columns]
    height, width = frame.shape
    figure = LessonFigure(
        9.5,
        4.6,
        f"Left: a picture of {image.shape[0]} by {image.shape[1]} pixels with a frame. "
        f"Right: the {height} by {width} numbers in it, from {frame.min()} to {frame.max()}.",
    )
    whole, zoomed = figure.subplots(1, 2)
    show_image(whole, image)
    corner = (columns.start - 0.5, rows.start - 0.5)
    whole.add_patch(Rectangle(corner, width, height, fill=False, edgecolor=ORANGE, linewidth=3))
    show_image(zoomed, frame)
    write_numbers(zoomed, frame, "d")
    for spine in zoomed.spines.values():
        spine.set(color=ORANGE, linewidth=3)
    return figure


@styled
def bar_chart(
    values: np.ndarray,
    xlabel: str,
    ylabel: str,
    names: Sequence[object] | None = None,
    alt: str | None = None,
) -> LessonFigure:
    """Show one bar a value, with the value on top.

    Introduced in notebook 01.

    Parameters
    ----------
    values : (N,) array of int
        Heights of the bars.
    xlabel, ylabel : str
        What the bars stand for, and what their heights count.
    names : sequence of str, optional
        Names of the bars; by default 0, 1, 2 ...
    alt : str, optional
        What is to be seen; by default the lowest and the highest bar.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> bar_chart(np.array([5, 9, 4]), "digit", "pictures").alt
    'Bar chart of pictures by digit: from 4 (digit 2) to 9 (digit 1).'
    """
    names = list(map(str, names or range(len(values))))
    if alt is None:
        low, high = values.argmin(), values.argmax()
        alt = f"Bar chart of {ylabel} by {xlabel}: from {values[low]} ({xlabel} {names[low]}) "
        alt += f"to {values[high]} ({xlabel} {names[high]})."
    figure = LessonFigure(9.5, 3.4, alt)
    axes = figure.subplots()
    axes.bar_label(axes.bar(names, values, color=BLUE))
    if min(values) < 0:
        axes.margins(y=0.12)  # room for the numbers below
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.yaxis.get_major_locator().set_params(integer=True)
    return figure


@styled
def gray_histogram(images: Mapping[str, np.ndarray], threshold: int | None = None) -> LessonFigure:
    """Show histograms of grey values, one panel an image.

    Introduced in notebook 01.

    Parameters
    ----------
    images : dict of str to uint8 array
        Name of the panel, and the grey image (or images) whose values are counted.
    threshold : int, 0 to 255, optional
        A grey value to mark with a line.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> gray_histogram({"a page": np.array([[0, 200], [205, 250]], np.uint8)}).alt
    'Histogram of grey values. a page: the tallest bar, 200 to 207, holds 50 % of the pixels.'
    """
    bars = {name: np.histogram(pixels, bins=32, range=(0, 256))[0] for name, pixels in images.items()}
    alt = "Histogram of grey values."
    for name, counts in bars.items():
        fullest, percent = counts.argmax(), 100 * counts.max() / counts.sum()
        span = f"{8 * fullest} to {8 * fullest + 7}"
        alt += f" {name}: the tallest bar, {span}, holds {percent:.0f} % of the pixels."
    if threshold is not None:
        alt += f" A line marks the threshold {threshold}."
    figure = LessonFigure(9.5, 3.4, alt)
    panels = figure.subplots(1, len(images), squeeze=False)[0]
    for axes, (name, counts) in zip(panels, bars.items(), strict=True):
        axes.bar(np.arange(0, 256, 8), 100 * counts / counts.sum(), width=8, align="edge", color=BLUE)
        axes.set(title=name, xlabel="grey value (0 black, 255 white)", xticks=[0, 64, 128, 192, 255])
        if threshold is not None:
            axes.axvline(threshold, color=VERMILLION, linestyle="--")
            axes.text(threshold + 4, axes.get_ylim()[1], f"threshold {threshold}", color=VERMILLION, va="top")
    panels[0].set_ylabel("share of the pixels (%)")
    return figure
