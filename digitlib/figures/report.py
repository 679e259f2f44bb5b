"""Figures that compare many runs of a report."""

from collections.abc import Mapping, Sequence

import numpy as np

from digitlib.figures.style import BLUE, GRAY, LessonFigure, count, styled

_NAMED = 6
"""Largest number of groups whose names are written beside their points."""


@styled
def sweep_points(
    groups: Mapping[str, tuple[float, Sequence[float]]], xlabel: str, ylabel: str, repeat: str
) -> LessonFigure:
    """Show a result against its cost: the mean and the spread of each group of runs.

    Parameters
    ----------
    groups : dict of str to (float, sequence of float)
        Name of each group, its cost, and the results of its runs.
    xlabel, ylabel : str
        Names of the cost and of the result.
    repeat : str
        The parameter in which alone the runs of a group differ.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> groups = {"width 4": (1.5, [0.90, 0.92]), "width 8": (3.0, [0.95, 0.97])}
    >>> sweep_points(groups, "seconds", "accuracy", "seed").alt.partition(": ")[2]
    'highest on average 0.96 (width 8) at 3, lowest 0.91 (width 4) at 1.5.'
    """
    means = {name: float(np.mean(values)) for name, (_, values) in groups.items()}
    low, high = min(means, key=means.get), max(means, key=means.get)
    xlabel, ylabel = (label.replace("_", " ") for label in (xlabel, ylabel))
    alt = (
        f"Points for {count(len(groups), 'group')} of runs, {ylabel} against {xlabel}: highest on average "
        f"{means[high]:.4g} ({high}) at {groups[high][0]:,.4g}, lowest {means[low]:.4g} ({low}) at "
        f"{groups[low][0]:,.4g}."
    )
    figure = LessonFigure(8, 4.4, alt)
    axes = figure.subplots()
    for name, (cost, values) in groups.items():
        axes.plot([cost, cost], [min(values), max(values)], color=GRAY)
        axes.plot([cost] * len(values), values, ".", color=GRAY, markersize=6)
        axes.plot(cost, means[name], "o", color=BLUE)
        if len(groups) <= _NAMED:
            axes.annotate(f" {name}", (cost, means[name]), fontsize=12, va="center")
    costs = [cost for cost, _ in groups.values()]
    if min(costs) > 0 and max(costs) > 20 * min(costs):
        axes.set_xscale("log")
    axes.set(xlabel=xlabel, ylabel=ylabel, title=f"blue: mean; grey: the runs, which differ in {repeat}")
    axes.margins(x=0.15)
    axes.grid(color="0.9")
    return figure
