"""What the browser is told: an `Answer` and its reasons in values that JSON can hold."""

import base64
from collections.abc import Sequence

import cv2
import numpy as np

from digitlib.explaining.neighbors import Neighbor, nearest_digits
from digitlib.explaining.occlusion import occlusion
from digitlib.reading.network import LETTERS_FILE, MODEL_FILE, ModelError, Recognizer, load_recognizer
from digitlib.reading.normalize import SKIPPABLE, STEP_NAMES
from digitlib.reading.reader import Reading
from digitlib.web.answers import Answer, answer_picture
from digitlib.web.network_file import SHIPPED_NAME, shipped_beside

_STEP_SIDE = 240  # pixels: longest side of the pictures of the steps
_FOR, _AGAINST = (255, 159, 28), (64, 150, 255)  # colours of evidence for the digit, and against it
_PAPER_DIM = 0.6  # brightness of the digit under these colours
_NEIGHBORS = 8
_DIGITS = tuple("0123456789")


def reply(result: Answer) -> dict:
    """Return an answer for the browser.

    Parameters
    ----------
    result : Answer

    Returns
    -------
    dict
        `mood`, `headline`, `said`, `skip` and `what` as in `Answer`, the `classes`, and the `digits` (or
        letters), each with `label`, `confidence`, `certain`, `probabilities`, `box` (top, left, height, width
        as shares of the picture) and `image` (28 x 28 bytes in base64). `beside` says what digitlib's own
        network reads, where another one answered: `name`, `headline`, and the `confidence` of its `digits`.

    Examples
    --------
    >>> from digitlib.web.answers import answer
    >>> reply(answer(b""))["said"][0]
    'file'
    """
    digits = [
        {
            "label": one.label,
            "confidence": one.confidence,
            "certain": one.certain,
            "probabilities": np.round(one.probabilities.astype(float), 4).tolist(),
            "box": _shares(one.box, result.picture.shape),
            "image": base64.b64encode(_bytes(one.image).tobytes()).decode(),
        }
        for one in result.readings
    ]
    classes = result.readings[0].classes if digits else _DIGITS
    said = {"mood": result.mood, "headline": result.headline, "said": result.said, "skip": result.skip}
    said |= {"what": result.what}
    return said | {"classes": classes, "digits": digits, "beside": _beside(result)}


def _beside(result: Answer) -> list[dict]:
    """Return what digitlib's own network reads in a picture that one of your own has answered."""
    try:
        if result.picture is None or shipped_beside(result.network) is None:
            return []
        other = answer_picture(result.picture, result.skip, None, result.what)
    except ModelError:  # the answer does not need it
        return []
    digits = [{"confidence": one.confidence} for one in other.readings]
    return [{"name": SHIPPED_NAME, "headline": other.headline, "digits": digits}]


def reasons(result: Answer, chosen: int = 0) -> dict:
    """Return why a character was read: steps, occlusion map, nearest examples.

    M. D. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks" (2014).
    Introduced in notebook 05.

    Parameters
    ----------
    result : Answer
    chosen : int
        The digit of a number to explain, counted from 0; another one than there is means the first.

    Returns
    -------
    dict
        `steps`, each with `name`, `off`, `image`, `rows`, `columns` and `note`; `looked`, the occlusion map
        with the `label` and the `place` where it is strongest, as thirds of rows and of columns; and
        `similar`, training examples that the network finds alike, with `label` and `image`: none where a
        network of your own came without an index, as it does unless `train` wrote it.

    Examples
    --------
    >>> from digitlib.web.answers import WELCOME
    >>> reasons(WELCOME)
    {'steps': [], 'looked': None, 'similar': []}
    """
    if not result.readings:
        return {"steps": _steps((), result.skip) if result.skip else [], "looked": None, "similar": []}
    reading = result.readings[chosen if chosen in range(len(result.readings)) else 0]
    similar = _similar(reading, result.network)
    return {
        "steps": _steps(reading.steps, result.skip),
        "looked": _looked(reading, result.network),
        "similar": [{"label": str(one.label), "image": _picture(one.image)} for one in similar],
    }


def _similar(reading: Reading, network: Recognizer | None) -> list[Neighbor]:
    """Return the training examples that the network which read a character finds most alike."""
    shipped = LETTERS_FILE if reading.digit is None else MODEL_FILE
    path = shipped if network is None else network.path
    try:
        return nearest_digits(reading.image, _NEIGHBORS, path) if path else []
    except ModelError:  # there is no index, or one of another network: the answer does not need it
        return []


def _steps(taken: Sequence, skip: Sequence[str]) -> list[dict]:
    """Return all steps in order; one that was left out has no image."""
    known, steps = {step.name: step for step in taken}, []
    for name in SKIPPABLE:
        step = known.get(name)
        if step is not None:
            rows, columns = step.image.shape[:2]
            parts = {"image": _picture(step.image), "rows": rows, "columns": columns, "note": step.note}
            steps.append({"name": name, "off": False, **parts})
        elif name in (*STEP_NAMES, *skip):
            steps.append({"name": name, "off": name in skip})
    return steps


def _looked(reading: Reading, network: Recognizer | None) -> dict:
    """Return the occlusion map of a character, and where it is strongest."""
    if network is None and reading.digit is None:
        network = load_recognizer(LETTERS_FILE)
    known = (network or load_recognizer()).classes
    heat = occlusion(reading.image, known.index(reading.label), network=network)
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    place = [int(3 * row / heat.shape[0]), int(3 * column / heat.shape[1])]
    return {"image": _picture(_colored(reading.image, heat)), "label": reading.label, "place": place}


def _shares(box: tuple[int, int, int, int], shape: tuple[int, int]) -> list[float]:
    """Return the top, left, height and width of a box as shares of a picture."""
    return [round(length / shape[index % 2], 4) for index, length in enumerate(box)]


def _colored(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Return a (28, 28) grey image overlaid with a signed heat map, (28, 28, 3), 0 to 1."""
    relative = heat / max(float(np.abs(heat).max()), 1e-9)
    color = np.where(relative[..., None] > 0, _FOR, _AGAINST) / 255
    weight = np.abs(relative)[..., None]
    return (1 - weight) * _PAPER_DIM * image[..., None] + weight * color


def _bytes(pixels: np.ndarray) -> np.ndarray:
    """Return pixels as uint8; floats go from 0 to 1."""
    if pixels.dtype == np.uint8:
        return pixels
    return np.rint(255 * np.clip(pixels, 0, 1)).astype(np.uint8)


def _picture(pixels: np.ndarray) -> str:
    """Return the address of a PNG that holds its own data; (H, W) or (H, W, 3) pixels, shrunk where large."""
    pixels = _bytes(pixels)
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    shrink = _STEP_SIDE / max(pixels.shape)
    if shrink < 1:
        rows, columns = (max(1, round(side * shrink)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    return f"data:image/png;base64,{base64.b64encode(cv2.imencode('.png', pixels)[1]).decode()}"
