"""The plan of the sample pictures, read from scenes.toml: what is written, on what paper, in what light."""

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from digitlib.handwriting import camera, paper

_PLAN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
PENS: dict[str, list[int]] = _PLAN["pens"]
"""RGB colour of each pen."""
PAPERS: dict[str, list[int]] = _PLAN["papers"]
"""RGB colour of each paper."""
PRINTED = ("form_box", "table_lines")
"""Conditions with a box in the middle, in which the digit has its place."""


@dataclass(frozen=True)
class Scene:
    """A kind of picture.

    Attributes
    ----------
    kind : str
        Its name in labels.csv.
    written : str
        The digits: ``7`` is from MNIST's test set, ``7:crossed`` is drawn in strokes.
    words : str
        How the picture was made, for labels.csv.
    pens, papers : list of str
        Names among `PENS` and `PAPERS` to choose from.
    shape : (int, int)
        Height and width in pixels.
    height : float
        Height of the ink, as a proportion of the picture's shorter side.
    width : float
        Width of a drawn stroke, as a proportion of the ink's height.
    finer : float
        How much finer than MNIST's broad pen an MNIST digit is written, 0 to 1.
    rough : float
        How much ink the grain of the paper leaves out, 0 to 1.
    under, over : tuple of str
        Conditions of the blank paper, and of the finished picture: each a name and a strength.
    place : (float, float)
        Where the ink lies, as proportions of the room above and to the left.
    saved : str
        Name of a way of saving in `digitlib.handwriting.samples`.
    """

    kind: str = "number"
    written: str = ""
    words: str = ""
    pens: tuple[str, ...] = ("blue", "black")
    papers: tuple[str, ...] = ("warm", "bright", "grey")
    shape: tuple[int, int] = (480, 640)
    height: float = 0.5
    width: float = 0.045
    finer: float = 0.5
    rough: float = 0.15
    under: tuple[str, ...] = ()
    over: tuple[str, ...] = ("phone",)
    place: tuple[float, float] = (0.5, 0.5)
    saved: str = "jpg"

    @property
    def printed(self) -> bool:
        """Whether the digit stands in a printed box."""
        return any(condition.startswith(PRINTED) for condition in self.under)


@dataclass(frozen=True)
class Number:
    """Several digits in one picture.

    Attributes
    ----------
    name : str
        Part of the file's name.
    text : str
        The rows; a hyphen, a full stop and a space are written as such, ``_`` alone in a row is a line.
    scene : Scene
        Paper and light.
    hand : str
        "mnist" (digits of many people) or "strokes" (one writer).
    gap, wobble : float
        Room between digits and unevenness of the baseline, as proportions of the digits' height.
    cells : bool
        Whether a box is printed around every digit.
    """

    name: str
    text: str
    scene: Scene
    hand: str = "strokes"
    gap: float = 0.25
    wobble: float = 0.04
    cells: bool = False


def apply(conditions: Iterable[str], image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return an image under conditions; "phone" is what every photo has."""
    for condition in conditions:
        if condition == "phone":
            image = apply(_PLAN["phone"], image, rng)
            continue
        name, strength = condition.split()
        image = getattr(camera if hasattr(camera, name) else paper, name)(image, rng, float(strength))
    return image


def singles() -> list[Scene]:
    """Return the scenes with one digit."""
    return [Scene(**entry) for entry in _PLAN["single"]]


def numbers() -> Iterator[Number]:
    """Return the scenes with several digits."""
    own = {field.name for field in fields(Number)}
    for entry in _PLAN["number"]:
        scene = {"shape": (420, 1000), "width": 0.07, "height": 0.22}
        scene |= {name: value for name, value in entry.items() if name not in own}
        yield Number(**{k: v for k, v in entry.items() if k in own}, scene=Scene(**scene))


def others() -> Iterator[tuple[str, str | None, Scene]]:
    """Yield scenes without a digit: name, what is drawn instead, and the scene."""
    for entry in _PLAN["nothing"]:
        scene = {name: value for name, value in entry.items() if name not in ("name", "drawn")}
        yield entry["name"], entry.get("drawn"), Scene(kind="no_digit", **scene)
