"""Figures of what goes on inside the network, and of what its answer rests on."""

import numpy as np

from digitlib.figures import LessonFigure, show_image, styled


@styled
def channel_grid(channels, alt, columns=12):
    """Show the channels of a layer, or its kernels, all on one scale.

    Introduced in notebook 05.

    Parameters
    ----------
    channels : (H, W, C) array of float
        A feature map, or kernels; values below zero are shown in blue, above in red.
    alt : str
        What the channels are, such as "Feature maps of the layer strokes".
    columns : int, optional
        Pictures in a row.

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
    cell = min(1.0, 9.5 / columns)
    alt = f"{alt}: {count} pictures of {height} by {width} values."
    figure = LessonFigure(cell * columns, cell * rows, alt)
    limit, signed = np.abs(channels).max(), channels.min() < 0
    for index, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        if index < count:
            show_image(axes, channels[..., index], limit, signed)
        else:
            axes.set_axis_off()
    return figure


@styled
def explanations(image, heats):
    """Show what mattered, according to several methods, each laid over the picture.

    Introduced in notebook 05.

    Parameters
    ----------
    image : (28, 28) array of float, 0 to 1
        What the network saw.
    heats : dict of str to (28, 28) array of float
        Name of the method, and how much each pixel mattered; blue below zero, red above.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> heat = np.zeros((28, 28)); heat[2, 20] = 1
    >>> explanations(np.zeros((28, 28)), {"Grad-CAM": heat}).alt
    'A digit, and beside it what mattered. Grad-CAM: strongest at the top right.'
    """
    places = "; ".join(f"{name}: strongest {_place(heat)}" for name, heat in heats.items())
    figure = LessonFigure(
        9.5, 9.5 / (len(heats) + 1) + 0.4, f"A digit, and beside it what mattered. {places}."
    )
    panels = figure.subplots(1, len(heats) + 1)
    show_image(panels[0], image)
    panels[0].set_title("what it saw")
    for axes, (name, heat) in zip(panels[1:], heats.items(), strict=True):
        show_image(axes, heat, signed=True)
        axes.contour(image, levels=[0.5], colors="black", linewidths=1.2)
        axes.set_title(name)
    return figure


def _place(heat):
    """Name the ninth of the picture where the heat is strongest, in words."""
    row, column = np.unravel_index(np.abs(heat).argmax(), heat.shape)
    vertical = ("top", "middle", "bottom")[3 * row // heat.shape[0]]
    horizontal = ("left", "centre", "right")[3 * column // heat.shape[1]]
    return f"at the {vertical} {horizontal}"
