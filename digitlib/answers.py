"""What the demo says about a picture: bytes in, an `Answer` in plain words out, and that answer as HTML."""

import base64
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np

from digitlib.images import ImageError, NoDigitError, Picture, load_picture
from digitlib.ink import Step
from digitlib.recognizer import Reading, read_digit

_SHOWN_SIDE = 640  # pixels: longest side of the picture that is shown beside the answer
_STEP_SIDE = 240  # pixels: the same for the pictures of the steps
_PER_CENT = "\N{NO-BREAK SPACE}%"
_RUNNER_UP = 0.1  # a second digit is named in the sentence from this probability on


@dataclass(frozen=True)
class Answer:
    """What the demo says about a picture.

    Attributes
    ----------
    sentence : str
        The answer, or what is wrong with the picture, in plain words.
    headline : str
        The same in one or two characters, shown large: the digit, two digits, or nothing.
    mood : {"welcome", "sure", "unsure", "problem"}
        What kind of answer it is; the page is coloured by it.
    picture : Picture or None
        The picture, if it could be opened.
    reading : Reading or None
        What was read, if there was a digit.
    """

    sentence: str
    headline: str = ""
    mood: str = "welcome"
    picture: Picture | None = None
    reading: Reading | None = None


WELCOME = Answer("Show me a handwritten digit, and I will read it.", "?")
BROKEN = Answer(
    "Something went wrong inside the program, so I have no answer. Please try another picture.",
    "!",
    "problem",
)


def answer(data: bytes) -> Answer:
    """Read the digit of a picture file and say it in plain words.

    Introduced in notebook 06.

    Parameters
    ----------
    data : bytes
        The content of a picture file: JPEG, PNG, GIF, BMP, WebP or TIFF.

    Returns
    -------
    Answer
        Always: a file that is no picture, or shows no digit, is answered with a sentence too.

    Examples
    --------
    >>> answer(b"Dear diary").mood
    'problem'
    """
    try:
        picture = load_picture(data)
    except ImageError as error:
        return Answer(_sentence(error), "!", "problem")
    try:
        reading = read_digit(data)
    except NoDigitError:
        return Answer(
            "I see no digit in this picture. Write one digit, dark on light paper, and come closer.",
            "?",
            "problem",
            picture,
        )
    except ImageError as error:
        return Answer(_sentence(error), "!", "problem", picture)
    return Answer(*_in_words(reading), picture, reading)


def _sentence(error: Exception) -> str:
    message = str(error)
    return message[:1].upper() + message[1:]


def _in_words(reading: Reading) -> tuple[str, str, str]:
    """Return sentence, headline and mood of a reading."""
    digit, percent = reading.digit, _percent(reading.confidence)
    named = f"an {digit}" if digit == 8 else f"a {digit}"
    if reading.certain:
        return f"This is {named}. I am {percent} sure.", str(digit), "sure"
    second = int(np.argsort(reading.probabilities)[-2])
    if reading.probabilities[second] >= _RUNNER_UP:
        other = _percent(reading.probabilities[second])
        sentence = f"I am not sure: {digit} ({percent}) or {second} ({other})?"
        return sentence, f"{digit} or {second}?", "unsure"
    sentence = f"I am not sure. It looks most like {named} ({percent}), if it is one digit at all."
    return sentence, f"{digit}?", "unsure"


def _percent(probability: float, above: str = "more than", below: str = "less than") -> str:
    """Return a probability in words that claim neither certainty nor impossibility."""
    if probability > 0.99:
        return f"{above} 99{_PER_CENT}"
    return f"{below} 1{_PER_CENT}" if probability < 0.01 else f"{100 * probability:.0f}{_PER_CENT}"


def details_html(result: Answer) -> str:
    """Return the picture with the digit framed, and the ten probabilities as bars, as HTML."""
    if result.picture is None:
        return ""
    if result.reading is None:
        return _figure(_image(result.picture.pixels, _SHOWN_SIDE, "Your picture", ".jpg"))
    row, column, height, width = result.reading.box
    full_height, full_width = result.picture.shape
    frame = (
        f'<span class="digitlib-frame" style="'
        f"top:{row / full_height:.2%};left:{column / full_width:.2%};"
        f'height:{height / full_height:.2%};width:{width / full_width:.2%}"></span>'
    )
    alt = f"Your picture, with a frame around what was read as {result.reading.digit}"
    photo = _image(result.picture.pixels, _SHOWN_SIDE, alt, ".jpg")
    bars = "".join(
        f'<li class="{"digitlib-best" if digit == result.reading.digit else ""}"><span>{digit}</span>'
        f'<span class="digitlib-bar" aria-hidden="true"><span style="width:{probability:.1%}"></span></span>'
        f"<span>{_percent(probability, '&gt;', '&lt;')}</span></li>"
        for digit, probability in enumerate(result.reading.probabilities)
    )
    label = "How likely each digit is"
    return f'{_figure(photo + frame)}<ol class="digitlib-bars" aria-label="{label}">{bars}</ol>'


def steps_html(reading: Reading | None) -> str:
    """Return the way from the photo to what the network saw, step by step, as HTML."""
    if reading is None:
        return ""
    return f"<h2>How I read it</h2><ol>{''.join(map(_step, reading.steps))}</ol>"


def _figure(content: str) -> str:
    return f'<div class="digitlib-picture"><div>{content}</div></div>'


def _step(step: Step) -> str:
    picture = _image(step.image, _STEP_SIDE, f"The picture after the step {step.name}", ".png")
    return f"<li>{picture}<h3>{escape(step.name)}</h3><p>{escape(step.note)}</p></li>"


def _image(pixels: np.ndarray, longest_side: int, alt: str, file_type: str) -> str:
    """Return a picture as an HTML image that holds its own bytes, no longer than `longest_side`."""
    if pixels.dtype != np.uint8:
        pixels = np.rint(255 * pixels).astype(np.uint8)
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    shrink = longest_side / max(pixels.shape)
    if shrink < 1:
        rows, columns = (max(1, round(side * shrink)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    data = base64.b64encode(cv2.imencode(file_type, pixels)[1]).decode("ascii")
    mime_type = {".jpg": "image/jpeg", ".png": "image/png"}[file_type]
    return f'<img alt="{escape(alt)}" src="data:{mime_type};base64,{data}">'
