"""Overview figures: the map of the lessons, and a photo with its answer."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, Rectangle

from digitlib.figures.style import (
    BLUE,
    GRAY,
    ORANGE,
    PANEL,
    LessonFigure,
    draw_probabilities,
    show_image,
    styled,
)
from digitlib.reading.reader import Reading

_LESSONS = {
    1: (3, 2, "Explore\nthe data"),
    2: (1, 1, "Preprocess\na photo"),
    3: (3, 1, "Train\na network"),
    4: (4, 0, "Measure what\nit knows"),
    5: (3, 0, "Look inside"),
    6: (1, 0, "Upload and predict:\nall of it, on a page of your own"),
}
"""Column, row (from below) and title of each lesson on the map."""

_THINGS = {"photo": (0, 1, "a photo"), "pixels": (2, 1, "28 × 28\npixels"), "answer": (4, 1, "an answer")}
_ARROWS = (("photo", 2), (2, "pixels"), ("pixels", 3), (3, "answer"), (1, 3), (5, 3), (4, "answer"))


@styled
def lesson_map() -> LessonFigure:
    """Show the steps from a photo to an answer, and the lesson for each.

    Introduced in notebook 00.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> lesson_map().alt[:59]
    'Map: from a photo by lesson 2 to 28 by 28 pixels, by lesson'
    """
    figure = LessonFigure(
        9.5,
        3.9,
        "Map: from a photo by lesson 2 to 28 by 28 pixels, by lesson 3 to an answer. Lesson 1 shows the data "
        "that the network learns from, lesson 5 looks into the network, lesson 4 measures the answers, and "
        "lesson 6 makes a page of it all.",
    )
    axes = figure.subplots()
    for number, (column, row, title) in _LESSONS.items():
        reach = 1.42 if number == 6 else 0.42
        _box(axes, column, row, reach, f"{number} · {title}", facecolor=BLUE, color="white")
    for column, row, title in _THINGS.values():
        _box(axes, column, row, 0.42, title, facecolor=PANEL, color="black")
    boxes = _LESSONS | _THINGS
    for start, end in _ARROWS:
        _arrow(axes, boxes[start][:2], boxes[end][:2])
    axes.set(xlim=(-0.5, 4.5), ylim=(-0.4, 2.4))
    axes.set_axis_off()
    return figure


def _box(axes: Axes, column: int, row: int, reach: float, text: str, facecolor: str, color: str) -> None:
    corner = (column - reach, row - 0.3)
    axes.add_patch(Rectangle(corner, 2 * reach, 0.6, facecolor=facecolor, edgecolor=GRAY))
    axes.text(column, row, text, color=color, ha="center", va="center", fontsize=12)


def _arrow(axes: Axes, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Draw an arrow from the edge of one box to the edge of the next, along a row or a column."""
    right, up = (end[0] > start[0]) - (end[0] < start[0]), (end[1] > start[1]) - (end[1] < start[1])
    begin = (start[0] + 0.42 * right, start[1] + 0.3 * up)
    stop = (end[0] - 0.42 * right, end[1] - 0.3 * up)
    axes.add_patch(
        FancyArrowPatch(begin, stop, arrowstyle="-|>", mutation_scale=16, color="black", shrinkA=0, shrinkB=0)
    )


@styled
def photo_to_answer(picture: np.ndarray, reading: Reading) -> LessonFigure:
    """Show a photo, the input of the network, and the probabilities.

    Introduced in notebook 00.

    Parameters
    ----------
    picture : (H, W) or (H, W, 3) array, uint8
        The photo, upright.
    reading : Reading
        From ``digitlib.read_digit``; its box is drawn as a frame.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> import digitlib
    >>> photo = digitlib.load_picture(digitlib.load_samples()[0].path)
    >>> photo_to_answer(photo.pixels, digitlib.read_digit(photo)).alt[:37]
    'A photo with a frame around its digit'
    """
    sure = "sure" if reading.certain else "not sure"
    percent = round(100 * float(reading.probabilities[reading.digit]))
    figure = LessonFigure(
        9.5,
        3.4,
        "A photo with a frame around its digit, the 28 by 28 pixels that the network saw, and a bar for each "
        f"of the ten digits: the answer is {reading.digit} with {percent} %, {sure}.",
    )
    photo, seen, bars = figure.subplots(1, 3, width_ratios=[1, 1, 1.1])
    show_image(photo, picture)
    row, column, height, width = reading.box
    frame = Rectangle((column - 0.5, row - 0.5), width, height, fill=False, edgecolor=ORANGE, linewidth=3)
    photo.add_patch(frame)
    photo.set_title("the photo")
    show_image(seen, reading.image)
    seen.set_title("what the network saw")
    draw_probabilities(bars, reading.probabilities, reading.digit)
    bars.set_title(f"answer: {reading.digit} ({sure})")
    return figure
