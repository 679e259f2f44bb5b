"""Every figure of the notebooks, each with its alt text."""

from digitlib.figures.explanations import channel_grid, digit_map, explanations, map_rows
from digitlib.figures.measures import (
    confidence_histogram,
    confusion,
    line_chart,
    proportion_points,
    reliability_diagram,
    robustness_curves,
)
from digitlib.figures.network import kernel_on_patch, learning_curves, network_shapes, training_progress
from digitlib.figures.overview import lesson_map, photo_to_answer
from digitlib.figures.pictures import bar_chart, gray_histogram, picture_grid, pixel_numbers
from digitlib.figures.preprocessing import probability_bars, steps_strip
from digitlib.figures.report import sweep_points
from digitlib.figures.rows import row_pictures, row_steps

__all__ = [
    "bar_chart",
    "channel_grid",
    "confidence_histogram",
    "confusion",
    "digit_map",
    "explanations",
    "gray_histogram",
    "kernel_on_patch",
    "learning_curves",
    "lesson_map",
    "line_chart",
    "map_rows",
    "network_shapes",
    "photo_to_answer",
    "picture_grid",
    "pixel_numbers",
    "probability_bars",
    "proportion_points",
    "reliability_diagram",
    "robustness_curves",
    "row_pictures",
    "row_steps",
    "steps_strip",
    "sweep_points",
    "training_progress",
]
