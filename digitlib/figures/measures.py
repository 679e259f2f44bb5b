"""Figures of accuracy, calibration and robustness."""

from collections.abc import Mapping, Sequence

import numpy as np

from digitlib.figures.style import BLUE, GRAY, ORANGE, VERMILLION, LessonFigure, count, listing, styled
from digitlib.measuring.proportions import Proportion, proportion
from digitlib.measuring.robustness import Curve

_LINES = ((BLUE, "o-"), (VERMILLION, "s--"), ("black", "^:"), (ORANGE, "D-."))
"""Colour, marker and line of each curve of a chart: they differ without colours, too."""


@styled
def confusion(matrix: np.ndarray, classes: str = "0123456789") -> LessonFigure:
    """Show a confusion matrix.

    Introduced in notebook 04.

    Parameters
    ----------
    matrix : (N, N) array of int
        Row: the true class. Column: the class read. Counts of images.
    classes : str of N characters
        Their names: digits, or letters.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> matrix = 100 * np.eye(10, dtype=int)
    >>> matrix[4, 9] = 3
    >>> confusion(matrix).alt
    'Table of true against read digits: 1000 of 1003 on the diagonal; most often 4 was read as 9, 3 times.'
    """
    errors = matrix - np.diag(np.diag(matrix))
    true, read = np.unravel_index(errors.argmax(), errors.shape)
    kind = "digit" if classes.isdecimal() else "letter"
    alt = f"Table of true against read {kind}s: {np.trace(matrix)} of {matrix.sum()} on the diagonal"
    if errors.any():
        alt += f"; most often {classes[true]} was read as {classes[read]}, {count(errors.max(), 'time')}"
    side = 0.35 * len(classes) + 3.5  # room for each count
    figure = LessonFigure(side, side - 0.6, alt + ".")
    axes = figure.subplots()
    axes.imshow(errors, cmap="Oranges", vmax=max(1, errors.max()))
    for (row, column), times in np.ndenumerate(matrix):
        if times:
            color = GRAY if row == column else "white" if times > 0.6 * errors.max() else "black"
            axes.text(column, row, times, color=color, ha="center", va="center", fontsize=12)
    places = range(len(classes))
    axes.set_xticks(places, classes)
    axes.set_yticks(places, classes)
    axes.set(xlabel="read as", ylabel=f"true {kind}")
    return figure


@styled
def proportion_points(
    proportions: Mapping[object, Proportion], ylabel: str, xlabel: str = "right (%)", alt: str | None = None
) -> LessonFigure:
    """Show proportions as points with their intervals, one a row.

    Introduced in notebook 04.

    Parameters
    ----------
    proportions : dict of group to digitlib.measuring.proportions.Proportion
        From top to bottom.
    ylabel, xlabel : str
        Names of the groups, and of what is counted.
    alt : str, optional
        What is to be seen; by default the lowest and the highest proportion.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> shares = {4: proportion([True] * 8 + [False] * 2), 7: proportion([True] * 10)}
    >>> proportion_points(shares, "digit").alt
    'Shares right (%) with their intervals, 2 rows: from 80.0 % (digit 4) to 100.0 % (digit 7).'
    """
    if alt is None:
        low, high = (choose(proportions, key=lambda group: proportions[group].value) for choose in (min, max))
        ends = " to ".join(
            f"{100 * proportions[one].value:.1f} % ({f'{ylabel} {one}'.strip()})" for one in (low, high)
        )
        alt = f"Shares {xlabel} with their intervals, {count(len(proportions), 'row')}: from {ends}."
    figure = LessonFigure(8, 1.1 + 0.32 * len(proportions), alt)
    axes = figure.subplots()
    for row, one in enumerate(proportions.values()):
        axes.plot([100 * one.low, 100 * one.high], [row, row], color=GRAY)
        axes.plot(100 * one.value, row, "o", color=BLUE)
    axes.set(yticks=range(len(proportions)), yticklabels=list(proportions), xlabel=xlabel, ylabel=ylabel)
    axes.set(ylim=(len(proportions) - 0.4, -0.6))
    axes.grid(axis="x", color="0.9")
    return figure


@styled
def line_chart(
    curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    xlabel: str,
    ylabel: str,
    alt: str | None = None,
    logarithmic: bool = False,
) -> LessonFigure:
    """Show curves, each with its name.

    Introduced in notebook 04.

    Parameters
    ----------
    curves : dict of str to (array, array)
        Name of each curve, and its x and y values; at most four curves. A curve of up to twelve values has
        markers.
    xlabel, ylabel : str
        Names of the axes.
    alt : str, optional
        What is to be seen; by default where each curve begins and ends.
    logarithmic : bool
        Whether the x axis is logarithmic.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> line_chart({"ours": ([1, 2, 3], [0.5, 0.2, 0.1])}, "epoch", "loss").alt
    'Line chart of loss against epoch: ours from 0.5 to 0.1.'
    """
    if alt is None:
        ends = (f"{name} from {y[0]:.3g} to {y[-1]:.3g}" for name, (_, y) in curves.items())
        alt = f"Line chart of {ylabel} against {xlabel}: {listing(ends)}."
    figure = LessonFigure(8, 3.8, alt)
    axes = figure.subplots()
    for (name, (x, y)), (color, style) in zip(curves.items(), _LINES, strict=False):
        axes.plot(x, y, style if len(x) <= 12 else style[1:], color=color, label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel)
    if logarithmic:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:,g}")
    else:
        axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(color="0.9")
    axes.legend()
    return figure


@styled
def reliability_diagram(
    curves: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]],
) -> LessonFigure:
    """Show reliability diagrams: accuracy against confidence, one panel a reader.

    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On calibration of modern neural networks" (2017).

    Introduced in notebook 04.

    Parameters
    ----------
    curves : dict of str to (confidence, accuracy, count)
        Name of each panel, and what `digitlib.measuring.metrics.calibration_curve` returns.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> curve = np.array([0.6, 0.9]), np.array([0.5, 0.9]), np.array([10, 40])
    >>> reliability_diagram({"ours": curve}).alt
    'Share of right answers against confidence. ours: on average 2 points below the diagonal.'
    """
    sentences = []
    for name, (confidence, accuracy, counts) in curves.items():
        gap = 100 * np.nansum((accuracy - confidence) * counts) / counts.sum()
        side = "above" if gap > 0 else "below"
        sentences.append(f"{name}: on average {count(round(abs(gap)), 'point')} {side} the diagonal")
    alt = f"Share of right answers against confidence. {'; '.join(sentences)}."
    figure = LessonFigure(3.2 * len(curves) if len(curves) > 1 else 4.4, 3.8, alt)
    panels = figure.subplots(1, len(curves), squeeze=False, sharey=True)[0]
    for axes, (name, (confidence, accuracy, counts)) in zip(panels, curves.items(), strict=True):
        axes.plot([0, 100], [0, 100], ":", color=GRAY)
        for certainty, right, number in zip(confidence, accuracy, counts, strict=True):
            if number:
                one = proportion(np.arange(number) < round(right * number))
                axes.plot([100 * certainty, 100 * certainty], [100 * one.low, 100 * one.high], color=GRAY)
        axes.plot(100 * confidence, 100 * accuracy, "o", color=BLUE)
        axes.set(title=name, xlim=(0, 103), ylim=(0, 103), xlabel="confidence (%)", aspect="equal")
    panels[0].set_ylabel("right (%)")
    return figure


@styled
def confidence_histogram(groups: Mapping[str, np.ndarray], limit: float) -> LessonFigure:
    """Show histograms of the confidence, one panel a group of images.

    Introduced in notebook 04.

    Parameters
    ----------
    groups : dict of str to (N,) array
        Name of each group, and the confidence of each answer, 0 to 1.
    limit : float, 0 to 1
        The confidence from which an answer counts as certain; a line marks it.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> confidence_histogram({"digits": np.array([0.99, 0.7]), "letters": np.array([0.2])}, 0.9).alt
    'Histograms of confidence; a line marks 90 %. digits: 50 % reach it; letters: 0 % reach it.'
    """
    reached = "; ".join(
        f"{name}: {100 * np.mean(values >= limit):.0f} % reach it" for name, values in groups.items()
    )
    figure = LessonFigure(9, 3.4, f"Histograms of confidence; a line marks {100 * limit:.0f} %. {reached}.")
    for axes, (name, values) in zip(
        figure.subplots(1, len(groups), squeeze=False, sharey=True)[0], groups.items(), strict=True
    ):
        weights = np.full(len(values), 100 / len(values))
        axes.hist(100 * np.asarray(values), bins=20, range=(0, 100), weights=weights, color=BLUE)
        axes.axvline(100 * limit, color=VERMILLION, linestyle="--")
        axes.set(title=name, xlabel="confidence (%)", ylim=(0, 103))
    figure.axes[0].set_ylabel("share of the pictures (%)")
    return figure


@styled
def robustness_curves(curves: Sequence[Curve], examples: Mapping[str, Sequence[np.ndarray]]) -> LessonFigure:
    """Show accuracy against the strength of photo conditions, above example photos.

    Introduced in notebook 04.

    Parameters
    ----------
    curves : list of digitlib.measuring.robustness.Curve
        One for each condition and reader, all at the same strengths; at most four readers.
    examples : dict of str to sequence of (H, W, 3) uint8 arrays
        For each condition an example at each strength.

    Returns
    -------
    LessonFigure

    Examples
    --------
    >>> from digitlib.measuring.robustness import Curve
    >>> curve = Curve("blur", "ours", (0, 1), [proportion([True] * 4), proportion([True, False])])
    >>> robustness_curves([curve], {"blur": np.zeros((2, 8, 8, 3), np.uint8)}).alt
    'Digits read right against the strength of photo conditions. blur: ours from about 100 % to about 50 %.'
    """
    conditions = list(examples)
    ends = {name: [] for name in conditions}
    for curve in curves:
        first, last = (round(100 * curve.shares[end].value, -1) for end in (0, -1))
        ends[curve.condition].append(f"{curve.reader} from about {first:.0f} % to about {last:.0f} %")
    summary = "; ".join(f"{name.replace('_', ' ')}: {listing(ends[name])}" for name in conditions)
    columns = min(3, len(conditions))
    rows = -(-len(conditions) // columns)
    alt = f"Digits read right against the strength of photo conditions. {summary}."
    steps = len(curves[0].strengths)
    reach = 0.5 / max(1, steps - 1)  # half the distance of two strengths
    figure = LessonFigure(3.2 * columns, (2.5 + 3 / steps) * rows, alt)
    for panel, name in zip(figure.subfigures(rows, columns, squeeze=False).flat, conditions, strict=False):
        own = [curve for curve in curves if curve.condition == name]
        chart, strip = panel.subplots(2, 1, sharex=True, height_ratios=(1.7, 3 / steps))
        for curve, (color, style), size in zip(own, _LINES, (9, 6, 5, 4), strict=False):
            value, low, high, _ = 100 * np.array(curve.shares).T
            chart.fill_between(curve.strengths, low, high, color=color, alpha=0.2, linewidth=0)
            chart.plot(curve.strengths, value, style, color=color, markersize=size, label=curve.reader)
        chart.set(title=name.replace("_", " "), ylim=(0, 106), yticks=(0, 50, 100), ylabel="right (%)")
        chart.grid(axis="y", color="0.9")
        if name == conditions[0] and len(own) > 1:
            chart.legend(loc="lower left")
        for strength, picture in zip(own[0].strengths, examples[name], strict=True):
            strip.imshow(picture, extent=(strength - 0.96 * reach, strength + 0.96 * reach, 0, 1))
        strip.set(xlim=(-reach, 1 + reach), ylim=(0, 1), xticks=(0, 0.5, 1), yticks=[], xlabel="strength")
        strip.set(aspect="auto", box_aspect=1 / steps)  # the pictures stay square
        strip.spines[:].set_visible(False)
    return figure
