"""Find pale ink beside dark ink: the threshold follows the dark, and would lose it."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from digitlib.reading.binarize import Ink
from digitlib.reading.components import Component, find_components, typical_height

PALEST = 0.25
"""Strength of the palest ink that counts, as a share of that of the dark ink: pencil beside a black pen."""
SIZES = 0.6, 1.4
"""Least and most height of pale ink, in heights of the dark ink: lines are longer, and dots less."""


def with_pale_ink(ink: Ink) -> Ink:
    """Add pale ink of the size of the dark to it.

    Parameters
    ----------
    ink : Ink
        With components.

    Returns
    -------
    Ink
        The same object where there is no pale ink.

    Examples
    --------
    >>> from digitlib.reading.binarize import binarize
    >>> page = np.full((120, 300), 235, np.uint8)
    >>> page[30:90, 60:66], page[30:90, 200:206] = 30, 190
    >>> ink = binarize(page)
    >>> len(ink.components), len(with_pale_ink(ink).components)
    (1, 2)
    """
    found, pale = find_components(cv2.threshold(ink.faint, round(255 * PALEST), 255, cv2.THRESH_BINARY)[1])
    kept = list(_of_digits(pale, ink.components, found[ink.labels > 0]))
    if not kept:
        return ink
    soft, labels = ink.soft.copy(), ink.labels.copy()
    components = list(ink.components)
    for number, component in enumerate(kept, start=1 + int(labels.max())):
        own = found[component.box.slices] == component.labels[0]
        strength = ink.faint[component.box.slices]
        full = float(np.median(strength[own]))
        soft[component.box.slices][own] = cv2.convertScaleAbs(strength, alpha=255 / full)[own]
        labels[component.box.slices][own] = number
        components.append(component._replace(labels=(number,)))
    return replace(ink, soft=soft, labels=labels, components=components)


def _of_digits(pale: list[Component], dark: list[Component], taken: np.ndarray) -> Iterator[Component]:
    """Yield pale components as tall as dark ones, that are no halo of these and enclose none."""
    rows, columns, heights, widths = np.array([component.box for component in dark]).T
    bottoms, rights = rows + heights, columns + widths
    height = typical_height(dark)
    halos = set(np.unique(taken).tolist())
    for component in pale:
        box = component.box
        if component.labels[0] in halos or component.at_border:
            continue
        if SIZES[0] <= box.height / height <= SIZES[1]:
            inside = (rows >= box.row) & (bottoms <= box.bottom)
            if not (inside & (columns >= box.column) & (rights <= box.right)).any():
                yield component
