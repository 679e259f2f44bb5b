"""Figures that compare many runs of a report."""

import numpy as np

from digitlib.figures.style import BLUE, GRAY, LessonFigure, count, styled

NAMED = 6
"""Most points that get their names written beside them."""


@styled
def sweep_points(groups, xlabel, ylabel, repeat):
    """Show a result against what it costs: a point a group of runs, with the spread of its runs.

    Parameters
    ----------
    groups : dict of str to (float, sequence of float)
        Name of each group, its place along the chart, and the results of its runs.
    xlabel, ylabel : str
        What lies along the chart, and what the results are.
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
    for name, (along, values) in groups.items():
        axes.plot([along, along], [min(values), max(values)], color=GRAY)
        axes.plot([along] * len(values), values, ".", color=GRAY, markersize=6)
        axes.plot(along, means[name], "o", color=BLUE)
        if len(groups) <= NAMED:
            axes.annotate(f" {name}", (along, means[name]), fontsize=12, va="center")
    places = [along for along, _ in groups.values()]
    if min(places) > 0 and max(places) > 20 * min(places):
        axes.set_xscale("log")
    axes.set(xlabel=xlabel, ylabel=ylabel, title=f"blue: mean; grey: the runs, which differ in {repeat}")
    axes.margins(x=0.15)
    axes.grid(color="0.9")
    return figure
