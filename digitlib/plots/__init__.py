"""Every figure of the notebooks, each with a sentence that says what is to be seen."""

from digitlib.plots.explanations import channel_grid, explanations
from digitlib.plots.measures import confusion
from digitlib.plots.network import kernel_on_patch, learning_curves, network_shapes
from digitlib.plots.pictures import bar_chart, grey_histogram, picture_grid, pixel_numbers
from digitlib.plots.preprocessing import compare_steps, probability_bars, steps_strip

__all__ = [
    "bar_chart",
    "channel_grid",
    "compare_steps",
    "confusion",
    "explanations",
    "grey_histogram",
    "kernel_on_patch",
    "learning_curves",
    "network_shapes",
    "picture_grid",
    "pixel_numbers",
    "probability_bars",
    "steps_strip",
]
