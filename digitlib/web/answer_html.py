"""An `Answer` of the demo as HTML: the image with its digits framed, ten bars, and explanations."""

import base64
from collections import Counter

import cv2
import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from digitlib.explaining.neighbors import nearest_digits
from digitlib.explaining.occlusion import occlusion
from digitlib.reading.network import ModelError, Recognizer
from digitlib.reading.normalize import SKIPPABLE, STEP_NAMES
from digitlib.reading.reader import Reading
from digitlib.web.answers import Answer, per_cent, with_article

_SHOWN_SIDE = 640  # pixels: longest side of the picture that is shown beside the answer
_STEP_SIDE = 240  # pixels: the same for the pictures of the steps
_FOR, _AGAINST = (255, 159, 28), (64, 150, 255)  # colours of evidence for the digit, and against it
_PAPER_DIM = 0.6  # brightness of the digit under these colours
_NEIGHBORS = 8
_TEMPLATES = Environment(
    loader=PackageLoader("digitlib.web"), autoescape=True, trim_blocks=True, undefined=StrictUndefined
)


def details_html(result: Answer, chosen: int = 0) -> str:
    """Return the framed image and the probabilities of one digit, as HTML.

    Parameters
    ----------
    result : Answer
        What to show.
    chosen : int
        The digit of a number whose bars are shown, counted from 0.

    Returns
    -------
    str
        HTML; empty where there is no image.

    Examples
    --------
    >>> from digitlib.web.answers import WELCOME
    >>> details_html(WELCOME)
    ''
    """
    if result.picture is None:
        return ""
    alt, bars = "Your picture", []
    if result.readings:
        read = " ".join(str(reading.digit) for reading in result.readings)
        framed = "each digit" if len(result.readings) > 1 else "what was"
        alt = f"Your picture, with a frame around {framed} read: {read}"
        bars = [(f"{one:.1%}", per_cent(one, ">", "<")) for one in result.readings[chosen].probabilities]
    picture = _image(result.picture.pixels, _SHOWN_SIDE, alt, ".jpg")
    frames = [_frame(reading.box, result.picture.shape) for reading in result.readings]
    return _render("details", picture, frames, result.readings, chosen, bars)


def steps_html(result: Answer, chosen: int = 0) -> str:
    """Return the preprocessing steps of an answer, as HTML.

    For an image of one digit, each step has a switch; a step that is off is shown without an image.

    Parameters
    ----------
    result : Answer
        What to explain.
    chosen : int
        The digit of a number to explain, counted from 0.

    Returns
    -------
    str
        HTML; empty where nothing was read and no step is switched off.

    Examples
    --------
    >>> from digitlib.web.answers import WELCOME
    >>> steps_html(WELCOME)
    ''
    """
    if not result.readings and not result.skip:
        return ""
    taken = {step.name: step for step in result.readings[chosen].steps} if result.readings else {}
    steps = []
    for name in SKIPPABLE:
        if name not in (*STEP_NAMES, *taken, *result.skip):
            continue
        step, off, picture = taken.get(name), name in result.skip, None
        note = "Switched off." if off else "There was no ink left to work on."
        if step is not None:
            picture, note = _small(step.image, f"The picture after the step {name}"), step.note
        steps.append({"name": name, "off": off, "picture": picture, "note": note})
    return _render("steps", steps, len(result.readings) < 2)


def looked_html(reading: Reading, network: Recognizer | None = None) -> str:
    """Return the occlusion map of a digit and its nearest training digits, as HTML.

    M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks" (2014).
    Introduced in notebook 05.

    Parameters
    ----------
    reading : Reading
        What to explain.
    network : Recognizer, optional
        The network that answered; by default the one that digitlib ships. The training digits are those that
        the shipped network finds alike, so another one is shown without them.

    Returns
    -------
    str
        HTML; without the training digits if their index is missing, or belongs to another network.

    Examples
    --------
    >>> import digitlib
    >>> reading = digitlib.read_digit(digitlib.load_samples()[0].path)
    >>> looked_html(reading).count("<img")  # the occlusion map and eight training digits
    9
    """
    digit = reading.digit
    heat = _colored(reading.image, occlusion(reading.image, digit, network=network))
    alt = (
        f"What the network saw, coloured by what a small cover at each place does to the score of the {digit}"
    )
    try:
        neighbors = [] if network else nearest_digits(reading.image, _NEIGHBORS)
    except ModelError:  # an index of another network: the answer does not need it
        neighbors = []
    counts = Counter(neighbor.label for neighbor in neighbors).most_common()
    text = ", ".join(f"{n} show{'s' if n == 1 else ''} {with_article(label)}" for label, n in counts)
    if len(counts) == 1:
        text = f"all show {with_article(counts[0][0])}"
    pictures = [(one, _small(one.image, f"A training digit: {one.label}")) for one in neighbors]
    return _render("looked", digit, _small(heat, alt), pictures, text)


def _render(macro: str, *values: object) -> str:
    """Return the HTML of a macro of the template; every text among the values is escaped."""
    return str(getattr(_TEMPLATES.get_template("answer.html.j2").module, macro)(*values))


def _frame(box: tuple[int, int, int, int], shape: tuple[int, int]) -> str:
    """Return the position of a box in an image as CSS, in per cent of the image."""
    row, column, height, width = box
    corner = f"top:{row / shape[0]:.2%};left:{column / shape[1]:.2%};"
    return f"{corner}height:{height / shape[0]:.2%};width:{width / shape[1]:.2%}"


def _colored(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Return a (28, 28) grey image overlaid with a signed heat map, (28, 28, 3), 0 to 1."""
    relative = heat / max(float(np.abs(heat).max()), 1e-9)
    color = np.where(relative[..., None] > 0, _FOR, _AGAINST) / 255
    weight = np.abs(relative)[..., None]
    return (1 - weight) * _PAPER_DIM * image[..., None] + weight * color


def _small(pixels: np.ndarray, alt: str) -> dict[str, str]:
    return _image(pixels, _STEP_SIDE, alt, ".png")


def _image(pixels: np.ndarray, longest_side: int, alt: str, file_type: str) -> dict[str, str]:
    """Return the parts of an HTML image that contains its data, at most `longest_side` pixels.

    `pixels` is (H, W) or (H, W, 3): uint8 from 0 to 255, or float from 0 to 1.
    """
    if pixels.dtype != np.uint8:
        pixels = np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8)
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    shrink = longest_side / max(pixels.shape)
    if shrink < 1:
        rows, columns = (max(1, round(side * shrink)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    data = base64.b64encode(cv2.imencode(file_type, pixels)[1]).decode("ascii")
    return {"alt": alt, "type": {".jpg": "image/jpeg", ".png": "image/png"}[file_type], "data": data}
