"""Figures of rows of writing: the rows, and what a line reader says along one."""

from collections.abc import Mapping, Sequence

import numpy as np

from digitlib.figures.style import PANEL, LessonFigure, count, listing, styled

_TALLEST = 2.0
"""Largest height of a row, in inches."""


@styled
def row_pictures(rows: Mapping[str, np.ndarray]) -> LessonFigure:
    """Show rows of writing below one another, as wide as the page, all on one scale.

    Introduced in notebook 04.

    Parameters
    ----------
    rows : dict of str to (H, W) uint8 array
        Name of each row, and its picture.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> row_pictures({"plain": np.full((50, 300), 225, np.uint8)}).alt
    '1 row of writing: plain (50 by 300 pixels).'
    """
    sizes = listing(f"{name} ({row.shape[0]} by {row.shape[1]} pixels)" for name, row in rows.items())
    widest = max(row.shape[1] for row in rows.values())
    tallest = max(row.shape[0] for row in rows.values())
    inch = min(9.5 / widest, _TALLEST / tallest)  # of a pixel
    heights = [row.shape[0] * inch + 0.4 for row in rows.values()]  # and its title
    figure = LessonFigure(widest * inch, sum(heights), f"{count(len(rows), 'row')} of writing: {sizes}.")
    panels = figure.subplots(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axes, (name, row) in zip(panels, rows.items(), strict=True):
        axes.imshow(row, vmin=0, vmax=255, interpolation="antialiased")
        axes.set(title=name, xticks=[], yticks=[], xlim=(-0.5, widest - 0.5), facecolor=PANEL)
        axes.spines[:].set_visible(False)
    return figure


@styled
def row_steps(row: np.ndarray, steps: np.ndarray, names: Sequence[str]) -> LessonFigure:
    """Show a row of writing above the probability of each class at each step along it.

    Introduced in notebook 04.

    Parameters
    ----------
    row : (H, W) uint8 array
        Light ink on dark.
    steps : (T, classes) float array
        Probabilities, 0 to 1; step t belongs to the t-th of T equal parts of the row.
    names : sequence of str
        Name of each class.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> figure = row_steps(np.zeros((8, 24), np.uint8), np.eye(3)[[0, 1, 0, 2, 2]], ["blank", "4", "7"])
    >>> figure.alt.partition("class. ")[2]
    'Likeliest in turn: blank, 4, blank and 7.'
    """
    likeliest = [names[index] for index in steps.argmax(axis=1)]
    turns = [name for name, before in zip(likeliest, [None, *likeliest], strict=False) if name != before]
    alt = f"A row of writing, and along it {len(steps)} steps with a probability for each class. "
    figure = LessonFigure(9.5, 5.4, f"{alt}Likeliest in turn: {listing(turns)}.")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[1, 2.2])
    width = len(steps)
    above.imshow(row, vmin=0, vmax=255, extent=(0, width, 1, 0), aspect="auto")
    above.set(yticks=[])
    drawn = below.imshow(
        steps.T, vmin=0, vmax=1, cmap="Blues", extent=(0, width, len(names), 0), aspect="auto"
    )
    below.set(yticks=np.arange(len(names)) + 0.5, yticklabels=names, xlabel="step along the row")
    below.grid(axis="x", color="0.9")
    figure.colorbar(drawn, ax=[above, below], label="probability")
    return figure
