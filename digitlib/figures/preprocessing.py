"""Figures of the preprocessing steps of one photo, and of the probabilities after them."""

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

import numpy as np

from digitlib.figures.style import (
    LessonFigure,
    count,
    draw_probabilities,
    listing,
    show_image,
    styled,
)
from digitlib.reading.picture import Step


@styled
def steps_strip(steps: Sequence[Step]) -> LessonFigure:
    """Show the image after each preprocessing step, with its name and note.

    Introduced in notebook 02.

    Parameters
    ----------
    steps : sequence of Step
        From ``digitlib.reading.normalize.trace``.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> import digitlib
    >>> steps = digitlib.preprocess.trace(digitlib.load_samples()[0].path)
    >>> steps_strip(steps[:2]).alt
    '2 preprocessing steps of one photo, in order: grayscale and invert.'
    """
    names = listing(step.name for step in steps)
    alt = f"{count(len(steps), 'preprocessing step')} of one photo, in order: {names}."
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
def probability_bars(probabilities: np.ndarray, image: np.ndarray | None = None) -> LessonFigure:
    """Show the probabilities of the ten digits, beside the input of the network.

    Introduced in notebook 02.

    Parameters
    ----------
    probabilities : (10,) array of float, 0 to 1
    image : (28, 28) array, optional
        The input of the network.

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
    draw_probabilities(axes, probabilities, first)
    return figure
