"""Figures of the network: a kernel at work, the layers, the training."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.patches import Rectangle

from digitlib.figures.style import (
    BLUE,
    GRAY,
    VERMILLION,
    LessonFigure,
    count,
    show_image,
    styled,
    write_numbers,
)

_PAGES = 5
"""Feature maps of a layer that are drawn, one behind the other; more would hide each other."""
_SMALLEST, _GROWTH, _OFFSET = 24, 0.35, 2.5
"""Side of a drawn map: the first, and the second for each of its pixels, since a map of 4 by 4 drawn to scale
would be too small to see. The third is what a map sticks out behind the one before it."""
_ROOM = 45
"""Width of a stage, for its name below, in the same units."""


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
def network_shapes(stages: Mapping[str, np.ndarray]) -> LessonFigure:
    """Show what a network makes of a picture, stage by stage.

    Of each stage the strongest feature maps are drawn, one behind the other. Each map has a scale of its own:
    from black for its smallest to white for its largest value.

    Introduced in notebook 03.

    Parameters
    ----------
    stages : dict of str to array
        Name of each stage, and what it puts out for a picture: (height, width, channels) or (length,).

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> network_shapes({"picture": np.ones((28, 28, 1)), "scores": np.ones(10)}).alt
    'A picture on its way through the network: picture 28 × 28 × 1, then scores 10.'
    """
    written = {name: " × ".join(map(str, values.shape)) for name, values in stages.items()}
    alt = "A picture on its way through the network: "
    alt += ", then ".join(f"{name} {shape}" for name, shape in written.items()) + "."
    figure = LessonFigure(9.5, 2.6, alt)
    axes = figure.subplots()
    for place, (name, values) in enumerate(stages.items()):
        maps = values if values.ndim == 3 else values[:, np.newaxis, np.newaxis]
        strongest = np.argsort(-maps.max(axis=(0, 1)), kind="stable")[:_PAGES]
        side = _SMALLEST + _GROWTH * len(maps)
        width = side if values.ndim == 3 else side / len(maps)
        start = place * _ROOM + (_ROOM - width - _OFFSET * (len(strongest) - 1)) / 2
        for page, channel in reversed(list(enumerate(strongest))):
            left, bottom = start + page * _OFFSET, -side / 2 + page * _OFFSET
            extent = (left, left + width, bottom, bottom + side)
            axes.imshow(
                maps[..., channel], extent=extent, zorder=2 * _PAGES - 2 * page, interpolation="nearest"
            )
            axes.add_patch(
                Rectangle(
                    (left, bottom), width, side, fill=False, edgecolor=GRAY, zorder=2 * _PAGES - 2 * page + 1
                )
            )
        axes.text((place + 0.5) * _ROOM, -22, f"{name}\n{written[name]}", ha="center", va="top")
    axes.set(ylim=(-36, 28), xlim=(0, len(stages) * _ROOM), aspect="equal")
    axes.set_axis_off()
    return figure


@styled
def learning_curves(history: Mapping[str, Sequence[float]], alt: str | None = None) -> LessonFigure:
    """Show the learning curves: training and validation loss and accuracy.

    Introduced in notebook 03.

    Parameters
    ----------
    history : dict of str to list of float
        "loss", "accuracy", "validation_loss" and "validation_accuracy" (Keras calls these "val_loss" and
        "val_accuracy"), a value an epoch.
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
    history = {name.replace("val_", "validation_"): values for name, values in history.items()}
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
        axes.set(xlabel="epoch", ylabel=measure + (" (%)" if scale == 100 else ""))
        axes.xaxis.get_major_locator().set_params(integer=True)
        # From a loss of 0, and up to an accuracy of 100 %: without progress the curves look flat.
        low, high = axes.get_ylim()
        room = 0.05 * max(1, 100 - low)
        axes.set_ylim(*((low - room, 100 + room) if scale == 100 else (0, 1.05 * high)))
        axes.legend()
    return figure


@styled
def training_progress(
    seen: Mapping[str, Sequence[float]], validated: Mapping[str, Sequence[float]], epochs: int
) -> LessonFigure:
    """Show loss and accuracy within the epochs of a training that may still run.

    Introduced in notebook 03.

    Parameters
    ----------
    seen : dict of str to list of float
        "epoch": how often the network has seen all pictures, a fraction; "loss" and "accuracy" since the
        value before.
    validated : dict of str to list of float
        The same on validation pictures, at the end of each epoch.
    epochs : int
        Number of epochs of the whole training: where the axis ends.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> seen = {"epoch": [0.1, 0.2], "loss": [2.1, 0.9], "accuracy": [0.3, 0.71]}
    >>> training_progress(seen, {"epoch": [], "loss": [], "accuracy": []}, epochs=2).alt
    'Two line charts of a training, after 0.2 of 2 epochs: the loss is at 0.90, the accuracy at 71 %.'
    """
    measured = validated if validated["epoch"] and validated["epoch"][-1] >= seen["epoch"][-1] else seen
    kind = "validation " if measured is validated else ""
    alt = f"Two line charts of a training, after {seen['epoch'][-1]:.2g} of {count(epochs, 'epoch')}: "
    loss, accuracy = measured["loss"][-1], measured["accuracy"][-1]
    alt += f"the {kind}loss is at {loss:.2f}, the {kind}accuracy at {100 * accuracy:.0f} %."
    figure = LessonFigure(9.5, 3.4, alt)
    for axes, measure, scale in zip(figure.subplots(1, 2), ("loss", "accuracy"), (1, 100), strict=True):
        axes.plot(seen["epoch"], scale * np.array(seen[measure]), color=BLUE, label="training")
        axes.plot(
            validated["epoch"],
            scale * np.array(validated[measure]),
            "s",
            color=VERMILLION,
            label="validation",
        )
        axes.set(xlim=(0, 1.03 * epochs), xlabel="epoch", ylabel=measure + (" (%)" if scale == 100 else ""))
        axes.set_ylim(*((0, 103) if scale == 100 else (0, None)))
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(color="0.9")
        axes.legend()
    return figure
