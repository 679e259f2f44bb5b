"""Figures of how good the answers are."""

import numpy as np

from digitlib.figures import GREY, LessonFigure, count, styled


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
        alt += f"; most often a {true} was read as {read}, {count(errors.max(), 'time')}"
    figure = LessonFigure(7, 6.4, alt + ".")
    axes = figure.subplots()
    axes.imshow(errors, cmap="Oranges", vmax=max(1, errors.max()))
    for (row, column), times in np.ndenumerate(matrix):
        if times:
            colour = GREY if row == column else "white" if times > 0.6 * errors.max() else "black"
            axes.text(column, row, times, color=colour, ha="center", va="center", fontsize=12)
    axes.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="true digit")
    return figure
