"""Every figure of the notebooks, each with a sentence that says what is to be seen."""

import textwrap
from itertools import zip_longest

import numpy as np
from matplotlib.patches import Rectangle

from digitlib.figures import (
    BLUE,
    GREY,
    ORANGE,
    VERMILLION,
    LessonFigure,
    show_image,
    styled,
    write_numbers,
)


def _count(number, noun):
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listing(words):
    """Join words as a sentence does: "a, b and c"."""
    *most, last = map(str, words)
    return f"{', '.join(most)} and {last}" if most else last


@styled
def picture_grid(images, titles=(), columns=10, alt=None):
    """Show pictures side by side, each with its title above.

    Introduced in notebook 01.

    Parameters
    ----------
    images : sequence of (H, W) or (H, W, 3) arrays
        uint8 (0 to 255), or float: from 0 to at least 1, or signed, then red is above zero and blue below.
        The pictures may differ in size.
    titles : sequence, optional
        One title a picture.
    columns : int, optional
        Pictures in a row.
    alt : str, optional
        What is to be seen. Without it the sentence counts the pictures and names their titles.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> picture_grid([np.zeros((28, 28), np.uint8)] * 3, titles=[5, 0, 4]).alt
    '3 pictures, titled 5, 0 and 4.'
    """
    titles = [str(title) for title in titles]
    if alt is None:
        alt = _count(len(images), "picture") + (f", titled {_listing(titles)}." if titles else ".")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    cell = min(2.4, 9.5 / columns)
    lines = max((title.count("\n") + 1 for title in titles), default=0)
    figure = LessonFigure(cell * columns, rows * (cell + 0.22 * lines), alt)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, image, title in zip_longest(grid.flat, images, titles):
        if image is None:
            axes.set_axis_off()
            continue
        show_image(axes, image)
        axes.set_title(title or "", fontsize=12)
    return figure


@styled
def pixel_numbers(image, rows, columns):
    """Show a picture, and the numbers inside a frame of it.

    Introduced in notebook 01.

    Parameters
    ----------
    image : (H, W) array, uint8
        A grey picture.
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
def bar_chart(values, xlabel, ylabel, names=None, alt=None):
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
        What is to be seen. Without it the sentence names the lowest and the highest bar.

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
    axes.set(xlabel=xlabel, ylabel=ylabel)
    return figure


@styled
def grey_histogram(pictures, threshold=None):
    """Show how often each grey value occurs in pictures, one panel a picture.

    Introduced in notebook 01.

    Parameters
    ----------
    pictures : dict of str to uint8 array
        Name of the panel, and the grey picture (or pictures) whose values are counted.
    threshold : int, 0 to 255, optional
        A grey value to mark with a line.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> grey_histogram({"a page": np.array([[0, 200], [205, 250]], np.uint8)}).alt
    'Histogram of grey values. a page: the tallest bar, 200 to 207, holds 50 % of the pixels.'
    """
    bars = {name: np.histogram(pixels, bins=32, range=(0, 256))[0] for name, pixels in pictures.items()}
    alt = "Histogram of grey values."
    for name, counts in bars.items():
        fullest, share = counts.argmax(), 100 * counts.max() / counts.sum()
        span = f"{8 * fullest} to {8 * fullest + 7}"
        alt += f" {name}: the tallest bar, {span}, holds {share:.0f} % of the pixels."
    if threshold is not None:
        alt += f" A line marks the threshold {threshold}."
    figure = LessonFigure(9.5, 3.4, alt)
    panels = figure.subplots(1, len(pictures), squeeze=False)[0]
    for axes, (name, counts) in zip(panels, bars.items(), strict=True):
        axes.bar(np.arange(0, 256, 8), 100 * counts / counts.sum(), width=8, align="edge", color=BLUE)
        axes.set(title=name, xlabel="grey value (0 black, 255 white)", xticks=[0, 64, 128, 192, 255])
        if threshold is not None:
            axes.axvline(threshold, color=VERMILLION, linestyle="--")
            axes.text(threshold + 4, axes.get_ylim()[1], f"threshold {threshold}", color=VERMILLION, va="top")
    panels[0].set_ylabel("share of the pixels (%)")
    return figure


@styled
def steps_strip(steps):
    """Show what each preprocessing step made of a photo, with its name and note.

    Introduced in notebook 02.

    Parameters
    ----------
    steps : sequence of Step
        What ``digitlib.preprocess.trace`` returns.

    Returns
    -------
    LessonFigure
    """
    names = _listing(step.name for step in steps)
    alt = f"{_count(len(steps), 'preprocessing step')} of one photo, in order: {names}."
    notes = [textwrap.fill(step.note, 24) for step in steps]
    lines = max(note.count("\n") for note in notes) + 1
    figure = LessonFigure(9.5, 2 * (2.5 + 0.2 * lines), alt)
    for axes, step, note in zip_longest(figure.subplots(2, 4).flat, steps, notes):
        if step is None:
            axes.set_axis_off()
            continue
        show_image(axes, step.image)
        axes.set_title(step.name, fontweight="bold")
        axes.set_xlabel(note, fontsize=12)
    return figure


@styled
def compare_steps(with_step, without_step, skipped):
    """Show a photo's way through preprocessing twice: with all steps, and with one left out.

    Introduced in notebook 02.

    Parameters
    ----------
    with_step, without_step : sequence of Step
        Two results of ``digitlib.preprocess.trace`` for the same photo.
    skipped : str
        Name of the step left out of the second.

    Returns
    -------
    LessonFigure
    """
    figure = LessonFigure(
        9.5,
        2.9,
        f"Two rows of {len(with_step)} pictures: every preprocessing step of a photo, "
        f"and below the same without {skipped}.",
    )
    grid = figure.subplots(2, len(with_step))
    without = {step.name: step for step in without_step}
    for (above, below), step in zip(grid.T, with_step, strict=True):
        show_image(above, step.image)
        above.set_title(step.name, fontsize=12, color=VERMILLION if step.name == skipped else "black")
        if step.name in without and step.name != skipped:
            show_image(below, without[step.name].image)
        else:
            below.set_axis_off()
            below.text(
                0.5, 0.5, "left\nout", color=VERMILLION, ha="center", va="center", transform=below.transAxes
            )
    grid[0, 0].set_ylabel("all steps")
    grid[1, 0].set_ylabel(f"no {skipped}", color=VERMILLION)
    return figure


@styled
def probability_bars(probabilities, image=None):
    """Show how the network spreads its trust over the ten digits, beside what it saw.

    Introduced in notebook 02.

    Parameters
    ----------
    probabilities : (10,) array of float, 0 to 1
    image : (28, 28) array, optional
        What the network saw.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> probability_bars(np.array([0, 0, 0, 0.75, 0, 0.25, 0, 0, 0, 0])).alt
    'Bar chart of ten probabilities: 3 is first with 75 %, then 5 with 25 %.'
    """
    second, first = np.argsort(probabilities)[-2:]
    percent = np.round(100 * np.asarray(probabilities)).astype(int)
    alt = f"Bar chart of ten probabilities: {first} is first with {percent[first]} %"
    alt += (
        f", then {second} with {percent[second]} %."
        if percent[second] >= 5
        else ", all others are below 5 %."
    )
    figure = LessonFigure(8, 3.2, alt)
    picture, axes = figure.subplots(1, 2, width_ratios=[1, 2])
    if image is None:
        picture.remove()
    else:
        show_image(picture, image)
        picture.set_title("what the network saw")
    colours = [VERMILLION if digit == first else BLUE for digit in range(10)]
    axes.bar(range(10), percent, color=colours)
    axes.set(xticks=range(10), ylim=(0, 105), xlabel="digit", ylabel="probability (%)")
    return figure


@styled
def kernel_on_patch(patch, kernel):
    """Show one step of a convolution: patch times kernel, number by number, and the sum.

    Introduced in notebook 03.

    Parameters
    ----------
    patch, kernel : (H, W) arrays
        Grey values 0 to 1, and the numbers they are multiplied by.

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
def network_shapes(shapes):
    """Show how the picture shrinks and thickens on its way through a network.

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
    place = 0.0
    for name, shape in shapes.items():
        height, pages = (shape[0], round(np.sqrt(shape[2]))) if len(shape) == 3 else (shape[0], 1)
        width = height if len(shape) == 3 else 2
        for page in reversed(range(pages)):
            corner = (place + page, page - (height + pages) / 2)
            axes.add_patch(Rectangle(corner, width, height, facecolor=BLUE, edgecolor="white"))
        axes.text(place + (width + pages) / 2, -21, f"{name}\n{written[name]}", ha="center", va="top")
        place += width + pages + 8
    axes.set(ylim=(-28, 18), xlim=(-4, place), aspect="equal")
    axes.set_axis_off()
    return figure


@styled
def learning_curves(history):
    """Show loss and accuracy after every epoch, on training and on validation pictures.

    Introduced in notebook 03.

    Parameters
    ----------
    history : dict of str to list of float
        "loss", "accuracy", "validation_loss" and "validation_accuracy", a value an epoch.

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
    direction = "falls" if history["loss"][-1] < history["loss"][0] else "does not fall"
    alt = (
        f"Two line charts over {_count(len(epochs), 'epoch')}: the loss {direction}, "
        f"the validation accuracy ends at {100 * history['validation_accuracy'][-1]:.0f} %."
    )
    figure = LessonFigure(9.5, 3.6, alt)
    for axes, measure, scale in zip(figure.subplots(1, 2), ("loss", "accuracy"), (1, 100), strict=True):
        for key, label, style in (
            (measure, "training", "o-"),
            (f"validation_{measure}", "validation", "s--"),
        ):
            colour = BLUE if key == measure else VERMILLION
            axes.plot(epochs, scale * np.array(history[key]), style, color=colour, label=label)
        axes.set(xlabel="epoch", ylabel=measure + (" (%)" if scale == 100 else ""), xticks=epochs)
        axes.legend()
    return figure


@styled
def confusion(matrix):
    """Show which digit was read as which.

    Parameters
    ----------
    matrix : (10, 10) array of int
        Row: the true digit. Column: the digit read. Counts of pictures.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> matrix = 100 * np.eye(10, dtype=int)
    >>> matrix[4, 9] = 3
    >>> confusion(matrix).alt
    'Table of true against read digits: 1000 of 1003 on the diagonal; most often a 4 was read as 9, 3 times.'
    """
    errors = matrix - np.diag(np.diag(matrix))
    true, read = np.unravel_index(errors.argmax(), errors.shape)
    alt = f"Table of true against read digits: {np.trace(matrix)} of {matrix.sum()} on the diagonal"
    if errors.any():
        alt += f"; most often a {true} was read as {read}, {_count(errors.max(), 'time')}"
    figure = LessonFigure(7, 6.4, alt + ".")
    axes = figure.subplots()
    axes.imshow(errors, cmap="Oranges", vmax=max(1, errors.max()))
    for (row, column), count in np.ndenumerate(matrix):
        if count:
            colour = GREY if row == column else "white" if count > 0.6 * errors.max() else "black"
            axes.text(column, row, count, color=colour, ha="center", va="center", fontsize=12)
    axes.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="true digit")
    return figure


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
