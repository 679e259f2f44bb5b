"""Figures of rows of digits: what a line reader says along a row."""

from collections.abc import Sequence

import numpy as np

from digitlib.figures.style import LessonFigure, listing, styled


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
