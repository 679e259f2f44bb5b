"""An `Answer` of the demo as HTML: the picture with its digits framed, ten bars, and why."""

import base64
from collections import Counter
from html import escape

import cv2
import numpy as np

from digitlib.explaining.neighbors import nearest_digits
from digitlib.explaining.occlusion import occlusion
from digitlib.reading.network import ModelError
from digitlib.reading.normalize import STEP_NAMES
from digitlib.reading.reader import Reading
from digitlib.web.answers import Answer, per_cent, with_article

_SHOWN_SIDE = 640  # pixels: longest side of the picture that is shown beside the answer
_STEP_SIDE = 240  # pixels: the same for the pictures of the steps
_FOR, _AGAINST = (255, 159, 28), (64, 150, 255)  # colours of what speaks for the digit, and against it
_PAPER_DIM = 0.6  # how dim the digit is under these colours
_NEIGHBORS = 8


def details_html(result: Answer, chosen: int = 0) -> str:
    """Return the picture with every digit framed, and the ten probabilities of one digit as bars, as HTML.

    Parameters
    ----------
    result : Answer
        What to show.
    chosen : int
        The digit of a number whose bars are shown, counted from 0.

    Returns
    -------
    str
        HTML; empty where there is no picture.
    """
    if result.picture is None:
        return ""
    if not result.readings:
        return _figure(_image(result.picture.pixels, _SHOWN_SIDE, "Your picture", ".jpg"))
    number = len(result.readings) > 1
    read = " ".join(str(reading.digit) for reading in result.readings)
    alt = f"Your picture, with a frame around {'each digit' if number else 'what was'} read: {read}"
    frames = "".join(
        _frame(reading, result.picture.shape, number, number and place == chosen)
        for place, reading in enumerate(result.readings)
    )
    picture = _figure(_image(result.picture.pixels, _SHOWN_SIDE, alt, ".jpg") + frames)
    menu = _menu(result, chosen) if number else ""
    return f'{picture}<div class="digitlib-chances">{menu}{_bars(result.readings[chosen])}</div>'


def _frame(reading: Reading, shape: tuple[int, int], named: bool, chosen: bool) -> str:
    """Return the frame around one digit, in shares of the picture; `named`: with the digit on it."""
    row, column, height, width = reading.box
    place = f"top:{row / shape[0]:.2%};left:{column / shape[1]:.2%};"
    size = f"height:{height / shape[0]:.2%};width:{width / shape[1]:.2%}"
    kind = ("" if reading.certain else " digitlib-doubtful") + (" digitlib-chosen" if chosen else "")
    text = f"<b>{reading.digit}{'' if reading.certain else '?'}</b>" if named else ""
    return f'<span class="digitlib-frame{kind}" style="{place}{size}" aria-hidden="true">{text}</span>'


def _menu(result: Answer, chosen: int) -> str:
    """Return a button for each digit of a number: it shows the bars and the steps of that digit."""
    buttons = "".join(
        f'<button type="button" class="digitlib-button" data-digit="{place}" '
        f'aria-pressed="{str(place == chosen).lower()}" aria-label="Digit {place + 1}: {reading.digit}'
        f'{"" if reading.certain else ", not sure"}">{reading.digit}{"" if reading.certain else "?"}</button>'
        for place, reading in enumerate(result.readings)
    )
    return f'<div class="digitlib-digits" role="group" aria-label="Which digit to explain">{buttons}</div>'


def _bars(reading: Reading) -> str:
    bars = "".join(
        f'<li class="{"digitlib-best" if digit == reading.digit else ""}"><span>{digit}</span>'
        f'<span class="digitlib-bar" aria-hidden="true"><span style="width:{probability:.1%}"></span></span>'
        f"<span>{per_cent(probability, '&gt;', '&lt;')}</span></li>"
        for digit, probability in enumerate(reading.probabilities)
    )
    doubt = "" if reading.certain else " digitlib-doubtful"
    return f'<ol class="digitlib-bars{doubt}" aria-label="How likely each digit is">{bars}</ol>'


def steps_html(result: Answer, chosen: int = 0) -> str:
    """Return the way from the picture to what the network saw, step by step, as HTML.

    For a picture of one digit, each step has a switch; what was switched off is shown without a picture.

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
    """
    if not result.readings and not result.skip:
        return ""
    taken = {step.name: step for step in result.readings[chosen].steps} if result.readings else {}
    can_switch = len(result.readings) < 2
    return f"<ol>{''.join(_step(name, taken.get(name), result, can_switch) for name in STEP_NAMES)}</ol>"


def _step(name, step, result: Answer, can_switch: bool) -> str:
    if step is not None:
        picture = image_html(step.image, f"The picture after the step {name}")
        note = step.note
    else:
        picture = '<span class="digitlib-no-picture" aria-hidden="true"></span>'
        note = "Switched off." if name in result.skip else "There was no ink left to work on."
    switch = (
        f'<button type="button" role="switch" class="digitlib-switch" data-step="{name}" '
        f'aria-checked="{str(name not in result.skip).lower()}" aria-label="Step {name}"></button>'
    )
    off = ' class="digitlib-off"' if name in result.skip else ""
    head = f"<h4>{name}</h4>{switch if can_switch else ''}"
    return f'<li{off}>{picture}<div class="digitlib-step">{head}</div><p>{escape(note)}</p></li>'


def looked_html(reading: Reading) -> str:
    """Return where the network looked, and which training digits look most alike to it, as HTML.

    Introduced in notebook 05: occlusion (Zeiler and Fergus 2014) and the nearest training digits.

    Parameters
    ----------
    reading : Reading
        What to explain.

    Returns
    -------
    str
        HTML; without the training digits if their index is missing.
    """
    digit = reading.digit
    heat = occlusion(reading.image, digit)
    alt = (
        f"What the network saw, coloured by what a small cover at each place does to the score of the {digit}"
    )
    looked = (
        f"<section><h3>Where the network looked</h3>{image_html(_colored(reading.image, heat), alt)}"
        f"<p>I covered one small square after the other. Where it is orange, the {digit} lost most; where "
        f"it is blue, covering it made the {digit} stronger.</p></section>"
    )
    try:
        neighbors = nearest_digits(reading.image, _NEIGHBORS)
    except ModelError:  # an index of another network: the answer does not need it
        return looked
    counts = Counter(neighbor.label for neighbor in neighbors).most_common()
    words = ", ".join(
        f"{count} show{'s' if count == 1 else ''} {with_article(label)}" for label, count in counts
    )
    words = f"all show {with_article(counts[0][0])}" if len(counts) == 1 else words
    pictures = "".join(
        f"<li>{image_html(neighbor.image, f'A training digit: {neighbor.label}')}"
        f"<span>{neighbor.label}</span></li>"
        for neighbor in neighbors
    )
    return (
        f"{looked}<section><h3>The most similar training digits</h3><ul>{pictures}</ul>"
        f"<p>Of the {_NEIGHBORS} training digits that the network finds most alike, {words}.</p></section>"
    )


def _colored(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Return a (28, 28) picture in grey with signed heat laid over it, (28, 28, 3), 0 to 1."""
    share = heat / max(float(np.abs(heat).max()), 1e-9)
    color = np.where(share[..., None] > 0, _FOR, _AGAINST) / 255
    weight = np.abs(share)[..., None]
    return (1 - weight) * _PAPER_DIM * image[..., None] + weight * color


def _figure(content: str) -> str:
    return f'<div class="digitlib-picture"><div>{content}</div></div>'


def image_html(pixels: np.ndarray, alt: str) -> str:
    """Return a small picture as an HTML image.

    Parameters
    ----------
    pixels : (H, W) or (H, W, 3) array
        uint8 from 0 to 255, or float from 0 to 1. No side gets longer than 240 pixels.
    alt : str
        What is to be seen.

    Returns
    -------
    str
        An <img> that holds its own bytes.
    """
    return _image(pixels, _STEP_SIDE, alt, ".png")


def _image(pixels: np.ndarray, longest_side: int, alt: str, file_type: str) -> str:
    """Return a picture as an HTML image that holds its own bytes, no longer than `longest_side`."""
    if pixels.dtype != np.uint8:
        pixels = np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8)
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    shrink = longest_side / max(pixels.shape)
    if shrink < 1:
        rows, columns = (max(1, round(side * shrink)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    data = base64.b64encode(cv2.imencode(file_type, pixels)[1]).decode("ascii")
    mime_type = {".jpg": "image/jpeg", ".png": "image/png"}[file_type]
    return f'<img alt="{escape(alt)}" src="data:{mime_type};base64,{data}">'
