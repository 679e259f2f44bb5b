"""Figures of the network: a kernel at work, the layers, the training."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle

from digitlib.figures.style import BLUE, VERMILLION, LessonFigure, count, show_image, styled, write_numbers


@styled
def kernel_on_patch(patch: np.ndarray, kernel: np.ndarray) -> LessonFigure:
    """Show one step of a convolution: patch, kernel, their products and the sum.

    Introduced in notebook 03.

    Parameters
    ----------
    patch : (H, W) array of float, 0 to 1
        Grey values.
    kernel : (H, W) array of float
        The weights that they are multiplied by.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> kernel_on_patch(np.eye(2), np.ones((2, 2))).alt
    'A patch of 2 by 2 pixels times a kernel of 2 by 2 numbers gives 4 products; their sum is 2.0.'
    """
    products = patch * kernel + 0.0  # no -0.0
    size = "{} by {}".format(*patch.shape)
    figure = LessonFigure(
        9.5,
        3.4,
        f"A patch of {size} pixels times a kernel of {size} numbers gives {products.size} products; "
        f"their sum is {products.sum():.1f}.",
    )
    titles = ("patch", "× kernel", f"products: sum {products.sum():.1f}")
    limit = max(1.0, np.abs(kernel).max())
    for axes, title, numbers in zip(figure.subplots(1, 3), titles, (patch, kernel, products), strict=True):
        signed = title != "patch"
        show_image(axes, numbers, limit if signed else 1, signed)
        write_numbers(axes, numbers, ".1f")
        axes.set_title(title)
    return figure


@styled
def network_shapes(shapes: Mapping[str, tuple[int, ...]]) -> LessonFigure:
    """Show the shapes of the feature maps through a network, as blocks.

    Introduced in notebook 03.

    Parameters
    ----------
    shapes : dict of str to tuple of int
        Name of each stage, and its shape: (height, width, channels), or (length,) for a list of numbers.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> network_shapes({"picture": (28, 28, 1), "scores": (10,)}).alt
    'Blocks in a row, one a stage of the network: picture 28 × 28 × 1, then scores 10.'
    """
    written = {name: " × ".join(map(str, shape)) for name, shape in shapes.items()}
    alt = "Blocks in a row, one a stage of the network: " + ", then ".join(
        f"{n} {s}" for n, s in written.items()
    )
    figure = LessonFigure(9.5, 3.4, alt + ".")
    axes = figure.subplots()
    left = 0.0
    for name, shape in shapes.items():
        height, pages = (shape[0], round(np.sqrt(shape[2]))) if len(shape) == 3 else (shape[0], 1)
        width = height if len(shape) == 3 else 2
        room = max(width + pages, 22)  # for the name below
        start = left + (room - width - pages) / 2
        for page in reversed(range(pages)):
            corner = (start + page, page - (height + pages) / 2)
            axes.add_patch(Rectangle(corner, width, height, facecolor=BLUE, edgecolor="white"))
        axes.text(left + room / 2, -21, f"{name}\n{written[name]}", ha="center", va="top")
        left += room + 8
    axes.set(ylim=(-28, 18), xlim=(-4, left), aspect="equal")
    axes.set_axis_off()
    return figure


@styled
def learning_curves(history: Mapping[str, Sequence[float]], alt: str | None = None) -> LessonFigure:
    """Show the learning curves: training and validation loss and accuracy.

    Introduced in notebook 03.

    Parameters
    ----------
    history : dict of str to list of float
        "loss", "accuracy", "validation_loss" and "validation_accuracy", a value an epoch.
    alt : str, optional
        What is to be seen; by default whether the loss falls, and the last validation accuracy.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> history = {"loss": [0.3, 0.1], "validation_loss": [0.2, 0.1]}
    >>> history |= {"accuracy": [0.9, 0.98], "validation_accuracy": [0.96, 0.99]}
    >>> learning_curves(history).alt
    'Two line charts over 2 epochs: the loss falls, the validation accuracy ends at 99 %.'
    """
    epochs = range(1, len(history["loss"]) + 1)
    if alt is None:
        direction = "falls" if history["loss"][-1] < history["loss"][0] else "does not fall"
        alt = (
            f"Two line charts over {count(len(epochs), 'epoch')}: the loss {direction}, "
            f"the validation accuracy ends at {100 * history['validation_accuracy'][-1]:.0f} %."
        )
    figure = LessonFigure(9.5, 3.6, alt)
    for axes, measure, scale in zip(figure.subplots(1, 2), ("loss", "accuracy"), (1, 100), strict=True):
        for key, label, style in (
            (measure, "training", "o-"),
            (f"validation_{measure}", "validation", "s--"),
        ):
            color = BLUE if key == measure else VERMILLION
            axes.plot(epochs, scale * np.array(history[key]), style, color=color, label=label)
        axes.set(xlabel="epoch", ylabel=measure + (" (%)" if scale == 100 else ""), xticks=epochs)
        # From a loss of 0, and up to an accuracy of 100 %: without progress the curves look flat.
        low, high = axes.get_ylim()
        room = 0.05 * max(1, 100 - low)
        axes.set_ylim(*((low - room, 100 + room) if scale == 100 else (0, 1.05 * high)))
        axes.legend()
    return figure
