"""Figures of feature maps, attributions and embeddings."""

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from digitlib.figures.style import (
    BLUE,
    VERMILLION,
    LessonFigure,
    count,
    listing,
    show_image,
    styled,
    write_scale,
)

_PANEL = 2.6
"""Largest side of an attribution map, in inches."""
# One colour a digit: Paul Tol's "muted" scheme and black. The numerals differ without colours, too.
_DIGIT_COLORS = (
    *("#332288", "#117733", "#CC6677", "#000000", BLUE),
    *("#44AA99", "#999933", "#882255", "#DDAA33", "#AA4499"),
)


@styled
def channel_grid(channels: np.ndarray, alt: str, columns: int = 12) -> LessonFigure:
    """Show the channels of a layer, or its kernels, all on one scale.

    Introduced in notebook 05.

    Parameters
    ----------
    channels : (H, W, C) array of float
        A feature map, or kernels; values below zero are shown in blue, above in red.
    alt : str
        What the channels are, such as "Feature maps of the layer strokes".
    columns : int, optional
        Images in a row.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> channel_grid(np.ones((5, 5, 24)), "Kernels of the layer strokes").alt
    'Kernels of the layer strokes: 24 pictures of 5 by 5 values.'
    """
    height, width, count = channels.shape
    rows = -(-count // columns)
    cell = min(1.3, 9.5 / columns)
    alt = f"{alt}: {count} pictures of {height} by {width} values."
    figure = LessonFigure(cell * columns, cell * rows + 0.4, alt)
    limit, signed = np.abs(channels).max(), channels.min() < 0
    for index, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        if index < count:
            show_image(axes, channels[..., index], limit, signed)
        else:
            axes.set_axis_off()
    low, high = ("blue", "red") if signed else ("black", "white")
    ends = f"{low} stands for {-limit if signed else 0:.2g}, {high} for {limit:.2g}, in all of them"
    figure.supxlabel(ends.replace("-", "−"), fontsize=12)
    return figure


@styled
def explanations(
    image: np.ndarray,
    heats: Mapping[str, np.ndarray],
    limits: Mapping[str, float] | float | None = None,
) -> LessonFigure:
    """Show attribution maps, each with its scale and the outline of the digit.

    Maps in different units, such as those of two methods, need scales of their own. To compare maps, give
    them the same limit.

    Introduced in notebook 05.

    Parameters
    ----------
    image : (28, 28) array of float, 0 to 1
        The input of the network.
    heats : dict of str to (28, 28) array of float
        Name of the method, and the attribution of each pixel; blue below zero, red above.
    limits : float, or dict of str to float, optional
        What the strongest colour stands for: in all maps, or in each. By default the largest magnitude of
        each map. It is written below the map.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> heat = np.zeros((28, 28)); heat[2, 20] = 1
    >>> explanations(np.zeros((28, 28)), {"Grad-CAM": heat}).alt
    'A digit, and beside it what mattered. Grad-CAM: strongest at the top right (1).'
    """
    strongest = "; ".join(f"{name}: strongest {_region(heat)}" for name, heat in heats.items())
    if not isinstance(limits, Mapping):
        limits = dict.fromkeys(heats, limits)
    titles = [textwrap.fill(name, 11) for name in heats]
    lines = 1 + max(title.count("\n") for title in titles)
    alt = f"A digit, and beside it what mattered. {strongest}."
    panel = min(_PANEL, 9.5 / (len(heats) + 1))
    figure = LessonFigure(panel * (len(heats) + 1), panel + 0.6 + 0.25 * lines, alt)
    panels = figure.subplots(1, len(heats) + 1)
    show_image(panels[0], image)
    panels[0].set_title("what it saw")
    for axes, title, (name, heat) in zip(panels[1:], titles, heats.items(), strict=True):
        show_image(axes, heat, limits[name], signed=True)
        write_scale(axes)
        axes.contour(image, levels=[0.5], colors="black", linewidths=1.2)
        axes.set_title(title)
    return figure


@styled
def map_rows(rows: Mapping[str, np.ndarray], scale: str = "all") -> LessonFigure:
    """Show feature maps in rows: the same channels at several times, or layers.

    Introduced in notebook 05.

    Parameters
    ----------
    rows : dict of str to (H, W, C) array of float
        Name of each row, and its maps, none below zero.
    scale : {"all", "row", "map"}
        What shares one colour scale, from black for 0 to white for the largest value: all maps, those of a
        row, or none. On scales of their own, maps cannot be compared.

    Returns
    -------
    LessonFigure

    Raises
    ------
    ValueError
        There is no such scale.

    Examples
    --------
    >>> map_rows({"epoch 0": np.ones((24, 24, 8)), "epoch 1": np.eye(24)[..., None]}).alt
    'Feature maps in 2 rows, epoch 0 and epoch 1; one scale for all.'
    """
    largest = max(float(maps.max()) for maps in rows.values())
    legend = {
        "all": f"white stands for {largest:.1f} in all of them",
        "row": "white stands for the largest value of the row",
        "map": "white stands for the largest value of each map",
    }
    if scale not in legend:
        raise ValueError(f"scale is {scale!r}; allowed are {listing(legend)}.")
    columns = max(maps.shape[2] for maps in rows.values())
    cell = 8.3 / columns
    shared = {"all": "one scale for all", "row": "one scale a row", "map": "each map on a scale of its own"}
    alt = f"Feature maps in {count(len(rows), 'row')}, {listing(rows)}; {shared[scale]}."
    figure = LessonFigure(9.5, len(rows) * cell + 0.4, alt)
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for panels, (name, maps) in zip(grid, rows.items(), strict=True):
        for channel, axes in enumerate(panels):
            if channel < maps.shape[2]:
                values = maps[..., channel]
                limit = {"all": largest, "row": maps.max(), "map": values.max()}[scale] or 1
                show_image(axes, values, limit, signed=False)
            else:
                axes.set_axis_off()
        panels[0].set_ylabel(textwrap.fill(name, 12), rotation=0, ha="right", va="center")
    figure.supxlabel(f"black stands for 0, {legend[scale]}", fontsize=12)
    return figure


@styled
def digit_map(
    positions: Mapping[str, np.ndarray], labels: Sequence[int] | np.ndarray, marked: int | None = None
) -> LessonFigure:
    """Show embeddings of digits in the plane, each digit as its numeral.

    There is one panel for each embedding.

    Introduced in notebook 05.

    Parameters
    ----------
    positions : dict of str to (N, 2) array of float
        Name of the panel, and the position of each digit.
    labels : (N,) array of int
        The digits, 0 to 9.
    marked : int, optional
        Index of one digit to mark.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> digit_map({"PCA": np.eye(3, 2)}, [4, 9, 4]).alt
    '3 digits laid out on a plane in 1 way: PCA.'
    """
    ways = count(len(positions), "way")
    alt = f"{count(len(labels), 'digit')} laid out on a plane in {ways}: {listing(positions)}."
    figure = LessonFigure(9.5, min(6, 9.5 / len(positions) + 0.3), alt)
    panels = figure.subplots(1, len(positions), squeeze=False)[0]
    for axes, (name, points) in zip(panels, positions.items(), strict=True):
        for digit, color in enumerate(_DIGIT_COLORS):
            cluster = points[np.asarray(labels) == digit]
            style = {"marker": f"${digit}$", "s": 45, "color": color, "linewidths": 0}
            axes.scatter(cluster[:, 0], cluster[:, 1], **style)
        if marked is not None:
            axes.scatter(*points[marked], s=400, facecolors="none", edgecolors=VERMILLION, linewidths=2.5)
        axes.set(title=name, xticks=[], yticks=[])
    return figure


def _region(heat: np.ndarray) -> str:
    """Return the ninth of the image where the heat is strongest, in words."""
    row, column = np.unravel_index(np.abs(heat).argmax(), heat.shape)
    vertical = ("top", "middle", "bottom")[3 * row // heat.shape[0]]
    horizontal = ("left", "centre", "right")[3 * column // heat.shape[1]]
    return f"at the {vertical} {horizontal} ({heat[row, column]:.2g})"
