"""The answers of the demo: from the bytes of an image to an `Answer` in plain English."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digitlib.reading.images import load_picture
from digitlib.reading.network import Recognizer
from digitlib.reading.number import Number, read_number
from digitlib.reading.picture import ImageError, NoDigitError, Picture
from digitlib.reading.reader import Reading, read_digit

LARGEST = 8 * 2**20
"""Largest image file that the demo opens, in bytes; the browser sends much smaller ones."""

_PER_CENT = "\N{NO-BREAK SPACE}%"
_RUNNER_UP = 0.1  # a second digit is named in the sentence from this probability on
_NOTHING = 0.4  # below this confidence the image shows no digit
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True)
class Answer:
    """The answer of the demo to an image.

    Attributes
    ----------
    sentence : str
        The answer, or the problem with the image, in plain English.
    headline : str
        The same in a few characters, shown large: the digit, a number (a line for each row), or nothing.
    mood : {"welcome", "sure", "unsure", "problem"}
        Kind of the answer; it sets the colour of the page.
    picture : Picture or None
        The image, if it could be opened.
    readings : tuple of Reading
        No digit, one digit, or the digits of a number in reading order.
    skip : tuple of str
        The preprocessing steps that were switched off.
    network : Recognizer or None
        The network that answered; None for the one that digitlib ships.
    """

    sentence: str
    headline: str = ""
    mood: str = "welcome"
    picture: Picture | None = None
    readings: tuple[Reading, ...] = ()
    skip: tuple[str, ...] = ()
    network: Recognizer | None = None

    @property
    def reading(self) -> Reading | None:
        """The first digit, or None."""
        return self.readings[0] if self.readings else None


WELCOME = Answer("Show me a handwritten digit, and I will read it.", "?")
BROKEN = Answer(
    "Something went wrong inside the program, so I have no answer. Please try another picture.",
    "!",
    "problem",
)
NO_NETWORK = Answer(
    "The trained network of this program is missing or damaged, so I cannot read anything. "
    "Please tell the person who runs this page.",
    "!",
    "problem",
)


def answer(data: bytes, skip: Sequence[str] = (), network: Recognizer | None = None) -> Answer:
    """Return the answer to an image file: the digit or number, in plain English.

    Introduced in notebook 06.

    Parameters
    ----------
    data : bytes
        The content of an image file: JPEG, PNG, GIF, BMP, WebP or TIFF, of at most `LARGEST` bytes.
    skip : sequence of str
        Preprocessing steps to leave out; see `digitlib.preprocess.trace`. The image is then read as one
        digit.
    network : Recognizer, optional
        A network of your own (see `digitlib.load_recognizer`); by default the one that digitlib ships.

    Returns
    -------
    Answer
        Also for a file that is no image or shows no digit.

    Raises
    ------
    ModelError
        The trained network is missing or damaged.

    Examples
    --------
    >>> answer(b"Dear diary").mood
    'problem'
    """
    if len(data) > LARGEST:
        size = f"{len(data) / 2**20:.0f} MB"
        return Answer(f"This file is too large: {size}. Allowed are {LARGEST // 2**20} MB.", "!", "problem")
    try:
        picture = load_picture(data)
    except ImageError as error:
        return Answer(_sentence(error), "!", "problem")
    skip = tuple(skip)
    without = f"Without {_listing(skip)}: " if skip else ""
    try:
        reading = read_digit(picture, skip, network)
        number = () if skip else read_number(picture, network=network)
    except NoDigitError as error:
        hint = _sentence(error) if skip else "Write one digit, dark on light paper, and come closer."
        sentence = f"{without}I see no digit in this picture. {hint}"
        return Answer(sentence, "?", "problem", picture, (), skip, network)
    if _is_number(number):
        return Answer(*_number_in_words(number, reading), picture, tuple(number), network=network)
    sentence, headline, mood = _in_words(reading)
    return Answer(without + sentence, headline, mood, picture, (reading,), skip, network)


def _sentence(error: Exception) -> str:
    message = str(error)
    return message[:1].upper() + message[1:]


def _listing(words: Sequence[str]) -> str:
    """Return words as in a sentence: "a, b and c"."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else str(last)


def _is_number(number: Number | tuple) -> bool:
    """Return whether an image shows a number: two digits or more, most certain, and a likely text.

    Some components of a drawing may resemble digits, but rarely most of them, and hardly ever do both readers
    see the same ones.
    """
    certain = sum(one.certain for one in number)
    return len(number) > 1 and 2 * certain > len(number) and number.confidence > _LIKELY_TEXT


def _in_words(reading: Reading) -> tuple[str, str, str]:
    """Return sentence, headline and mood for one digit."""
    digit, percent = reading.digit, per_cent(reading.confidence)
    named = with_article(digit)
    if reading.certain:
        return f"This is {named}. I am {_certainty(reading.confidence)}: {percent}.", str(digit), "sure"
    second = int(np.argsort(reading.probabilities)[-2])
    if reading.confidence < _NOTHING:
        return "I see no digit here that I know.", "?", "unsure"
    if reading.probabilities[second] >= _RUNNER_UP:
        other = per_cent(reading.probabilities[second])
        sentence = f"I am not sure: {digit} ({percent}) or {second} ({other})?"
        return sentence, f"{digit} or {second}?", "unsure"
    sentence = f"I am not sure. It looks most like {named} ({percent}), if it is one digit at all."
    return sentence, f"{digit}?", "unsure"


def _number_in_words(number: Number, reading: Reading) -> tuple[str, str, str]:
    """Return sentence, headline and mood for several digits; `reading` is what one digit would be."""
    rows = number.text.split("\n")
    shown = ", then ".join(rows)
    doubtful = [index for index, one in enumerate(number) if not one.certain]
    if doubtful:
        unsure = f"{len(doubtful)} of them"
        if len(doubtful) <= 2 and max(doubtful) < len(_ORDINALS):
            unsure = f"the {_listing([_ORDINALS[index] for index in doubtful])}"
        sentence = f"I see {len(number)} digits: {shown}. I am not sure of {unsure}."
    elif len(rows) > 1 and all(_inside(one.box, reading.box) for one in number):
        # Parts above each other that may belong to one digit, as where a shadow cuts a stroke in two.
        sentence = f"I am not sure: one digit in parts, or {len(number)} digits, {shown}?"
    elif not number.certain:
        percent = per_cent(number.confidence)
        sentence = f"I see {len(number)} digits: {shown}. I am not sure that all are right: {percent}."
    else:
        certainty = _certainty(number.confidence)
        sentence = f"These are {len(number)} digits: {shown}. I am {certainty} that all are right: "
        return f"{sentence}{per_cent(number.confidence)}.", number.text, "sure"
    return sentence, number.text, "unsure"


def _inside(box: tuple[int, int, int, int], around: tuple[int, int, int, int]) -> bool:
    row, column, height, width = box
    top, left, tall, wide = around
    return row >= top and column >= left and row + height <= top + tall and column + width <= left + wide


def _certainty(confidence: float) -> str:
    if confidence > 0.99:
        return "almost certain"
    return "quite sure" if confidence > 0.9 else "fairly sure"


def with_article(digit: int) -> str:
    """Return a digit with its indefinite article.

    Parameters
    ----------
    digit : int, 0 to 9

    Returns
    -------
    str

    Examples
    --------
    >>> with_article(7), with_article(8)
    ('a 7', 'an 8')
    """
    return f"{'an' if digit == 8 else 'a'} {digit}"


def per_cent(probability: float, above: str = "more than", below: str = "less than") -> str:
    r"""Return a probability in per cent, never 0 % and never 100 %.

    Parameters
    ----------
    probability : float, 0 to 1
    above, below : str
        Text before 99 % and before 1 %.

    Returns
    -------
    str
        A whole number from 1 to 99, and a per cent sign.

    Examples
    --------
    >>> per_cent(0.9999), per_cent(0, below="<")
    ('more than 99\xa0%', '< 1\xa0%')
    """
    if probability > 0.99:
        return f"{above} 99{_PER_CENT}"
    return f"{below} 1{_PER_CENT}" if probability < 0.01 else f"{100 * probability:.0f}{_PER_CENT}"


_LIKELY_TEXT = 0.3
"""Confidence of a whole text below which an image is not said to show a number."""
