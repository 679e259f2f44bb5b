"""Train a line reader: a network that reads a row of digits, or of letters, without cutting it."""

import functools
import string
from collections.abc import Callable
from os import PathLike
from pathlib import Path

import cv2
import numpy as np

from digitlib.backend import keras
from digitlib.data import load_mnist, split_validation
from digitlib.handwriting.letters import LONGEST as LETTER_SIDE
from digitlib.handwriting.letters import draw_ink
from digitlib.handwriting.rows import LONGEST, OTHER, Row, draw_row
from digitlib.reading import line_reader
from digitlib.reading.ctc import BLANK
from digitlib.reading.layers import fold
from digitlib.reading.network import save_layers
from digitlib.training.checkpoint import Checkpoint
from digitlib.training.convert import to_layers
from digitlib.training.export import save_keras, write_card
from digitlib.training.fit import Training, averaging_optimizer, fit, measure_normalization
from digitlib.training.mixture import Stream

WIDTHS = (48, 256, 64, 96, 160, 48, 384, 64, 48, 256, 96, 160, 64, 48, 384, 64, 256, 48, 96, 160)
"""Widths of the rows in pixels, batch after batch: nearly half show one digit, as most photos do. The first
two differ, so that Keras expects rows of any width."""
COLUMNS = 12_288
"""Columns of all rows of a batch together: 256 narrow rows, or 32 wide ones."""
STEPS = 250
"""Batches of an epoch: after each there is a checkpoint."""
DRAWN_FOR = 3
"""Epochs that see the same rows, each time moved and bent a little: drawing takes as long as learning."""
EPOCHS = {"lines": 33, "text_lines": 16}
"""Passes of each profile: an hour to an hour and a half on two busy cores."""
HELD_BACK = 20
"""Batches of rows for validation, written with digits that were held back."""
LEARNING_RATE = 2.5e-3
"""The highest of the schedule."""
LETTER_HEIGHT = 56
"""Longest side at which letters are drawn, in pixels: about the height of large ones in a row drawn at 80."""
CHARACTERS = {"lines": string.digits, "text_lines": string.digits + string.ascii_uppercase}
"""What the line readers of the two profiles tell apart, in the order of their outputs after the blank."""


def build_line_network(count: int = 10) -> keras.Sequential:
    """Build a convolutional network for rows of characters (272,000 weights).

    Six convolutions halve the height again and again until one row of values is left, a step for every four
    columns. Two convolutions along that row let each step see its neighbors, about a digit's width to both
    sides. No dense layer: the network takes rows of any width.

    Parameters
    ----------
    count : int
        Number of characters that it tells apart.

    Returns
    -------
    keras.Sequential
        From (N, 40, W, 1) float32 rows to (N, 1, W / 4, count + 2) probabilities: blank, the characters,
        something else.

    Examples
    --------
    >>> build_line_network().output_shape
    (None, 1, None, 12)
    """
    layers = keras.layers

    def convolution(kernels, size, name, strides=1, padding="same"):
        return (
            layers.Conv2D(kernels, size, strides, padding, use_bias=False, name=name),
            layers.BatchNormalization(momentum=0.9, name=f"{name}_normalized"),
            layers.ReLU(name=f"{name}_active"),
        )

    return keras.Sequential(
        [
            layers.Input((line_reader.ROW_HEIGHT, None, 1), name="row"),
            *convolution(24, 5, "strokes", strides=2),
            *convolution(32, 3, "corners"),
            layers.MaxPooling2D(name="corners_pooled"),
            *convolution(64, 3, "parts_1"),
            *convolution(64, 3, "parts_2"),
            layers.MaxPooling2D((2, 1), name="parts_pooled"),
            *convolution(96, 3, "digits"),
            *convolution(128, (5, 1), "columns", padding="valid"),
            *convolution(96, (1, 5), "neighbors_1"),
            *convolution(96, (1, 3), "neighbors_2"),
            layers.Conv2D(count + 2, 1, name="logits"),
            layers.Softmax(name="probabilities"),
        ],
        name="lines",
    )


class RowBatches(keras.utils.PyDataset):
    """Batches of drawn rows, which depend on nothing but seed, epoch and index.

    Parameters
    ----------
    draw : function
        Draws a `Row` of a width, given a random generator.
    characters : str
        What is told apart.
    seed : int
    count : int
        Batches of an epoch.
    """

    def __init__(
        self, draw: Callable[[int, np.random.Generator], Row], characters: str, seed: int, count: int
    ) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self._draw_row, self._seed, self._count = draw, seed, count
        self._codes = {character: code for code, character in enumerate(characters + OTHER, start=1)}
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Go to an epoch, from 0."""
        self._epoch = epoch
        if epoch % DRAWN_FOR == 0 or not hasattr(self, "_drawn"):
            self._drawn = {}

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return self._count

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Make a batch: (n, 40, W, 1) float32 rows; (n, LONGEST) int32 codes of their texts, then zeros."""
        if index not in self._drawn:
            rng = np.random.default_rng((self._seed, Stream.ROWS, self._epoch // DRAWN_FOR, index))
            self._drawn[index] = self._draw(WIDTHS[index % len(WIDTHS)], rng)
        images, codes = self._drawn[index]
        rng = np.random.default_rng((self._seed, Stream.ROWS_MOVED, self._epoch, index))
        rows = [line_reader.normalize_row(_moved(image, rng)) for image in images]
        return np.stack(rows)[..., np.newaxis], codes

    def _draw(self, width: int, rng: np.random.Generator) -> tuple[list[np.ndarray], np.ndarray]:
        rows = [self._draw_row(width, rng) for _ in range(COLUMNS // width)]
        codes = np.zeros((len(rows), LONGEST), np.int32)
        for code, row in zip(codes, rows, strict=True):
            code[: len(row.text)] = [self._codes[character] for character in row.text]
        return [row.image for row in rows], codes


def _moved(row: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Move, stretch and slant a row a little; its border is repeated."""
    (down, right), shift, slant = rng.normal(1, 0.04, 2), rng.normal(0, 1, 2), rng.normal(0, 0.05)
    height, width = row.shape
    matrix = np.array(((right, slant, shift[1]), (0.0, down, shift[0])))
    matrix[0, 2] += (1 - right) * width / 2 - slant * height / 2
    matrix[1, 2] += (1 - down) * height / 2
    return cv2.warpAffine(row, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)


def ctc(codes: object, probabilities: object) -> object:
    """Return the CTC loss of rows.

    Parameters
    ----------
    codes : (N, LONGEST) tensor
        Classes of the texts, then zeros.
    probabilities : (N, 1, T, classes) tensor

    Returns
    -------
    (N,) tensor
        Minus the logarithm of the probability of all ways to spell each text.

    Examples
    --------
    >>> codes, steps = np.array([[3] + 11 * [0]]), np.eye(12)[[[[0, 3, 3, 0]]]]
    >>> round(float(ctc(codes, steps)[0]), 3)
    0.0
    """
    ops = keras.ops
    codes = ops.cast(codes, "int32")
    steps = ops.log(ops.squeeze(probabilities, 1) + 1e-7)
    count = ops.shape(steps)[1] * ops.ones_like(codes[:, 0])
    length = ops.sum(ops.cast(codes > 0, "int32"), axis=1)
    return ops.ctc_loss(codes, steps, length, count, mask_index=BLANK)


def accuracy(codes: object, probabilities: object) -> object:
    """Return 1 for each row that is read right, else 0.

    Parameters
    ----------
    codes, probabilities : tensor
        As in `ctc`.

    Returns
    -------
    (N,) tensor
        A row is read by what is likeliest at each step.

    Examples
    --------
    >>> codes = np.array([[3] + 11 * [0], [3, 3] + 10 * [0]])
    >>> steps = np.eye(12)[[[[0, 3, 3, 0]], [[3, 0, 3, 0]]]]
    >>> accuracy(codes, steps).numpy().tolist()
    [1.0, 1.0]
    """
    ops = keras.ops
    codes = ops.cast(codes, "int32")
    steps = ops.cast(ops.argmax(ops.squeeze(probabilities, 1), axis=-1), "int32")
    before = ops.pad(steps, ((0, 0), (1, 0)))[:, :-1]
    new = ops.logical_and(steps != before, steps > 0)  # a step that says the same again spells nothing new
    places = ops.cumsum(ops.cast(new, "int32"), axis=1) - 1
    length = ops.sum(ops.cast(codes > 0, "int32"), axis=1)
    wanted = ops.take_along_axis(codes, ops.clip(places, 0, LONGEST - 1), axis=1)
    spelled = ops.all(ops.logical_or(ops.logical_not(new), wanted == steps), axis=1)
    return ops.cast(ops.logical_and(spelled, places[:, -1] + 1 == length), "float32")


def row_drawer(
    profile: str, digits: tuple[np.ndarray, np.ndarray], held_out: bool = False
) -> Callable[[int, np.random.Generator], Row]:
    """Return the function that draws rows of a profile.

    Parameters
    ----------
    profile : {"lines", "text_lines"}
    digits : (images, labels)
        MNIST digits to write with.
    held_out : bool
        Whether letters are those of the fonts that are kept out of training.

    Returns
    -------
    function
        From a width in pixels and a random generator to a `Row`.

    Examples
    --------
    >>> draw = row_drawer("text_lines", load_mnist()[0])
    >>> draw(64, np.random.default_rng(1)).image.shape
    (40, 64)
    """
    if profile == "lines":
        return functools.partial(_draw_digits, digits)
    return functools.partial(_draw_text, digits, held_out)


def _draw_digits(digits: tuple[np.ndarray, np.ndarray], width: int, rng: np.random.Generator) -> Row:
    return draw_row(digits, width, rng)


def _draw_text(
    digits: tuple[np.ndarray, np.ndarray], held_out: bool, width: int, rng: np.random.Generator
) -> Row:
    def letter_ink(letter: str, pen: float, rng: np.random.Generator) -> np.ndarray:
        return draw_ink(letter, rng, held_out, LETTER_HEIGHT, pen * LETTER_SIDE)

    return draw_row(digits, width, rng, letter_ink)


def train_lines(
    profile: str = "lines",
    seed: int = 0,
    epochs: int | None = None,
    out: str | PathLike | None = None,
    say: Callable[[str], object] = lambda line: None,
    progress: Callable[[float], object] = lambda done: None,
) -> Training:
    """Train a line reader on drawn rows, and measure it on others.

    The rows for measuring are written with digits, and with letters of fonts, that were held back.

    Parameters
    ----------
    profile : {"lines", "text_lines"}
        Ten digits, or these and 26 letters, upper and lower case together.
    seed : int
        As in `digitlib.training.fit.train`.
    epochs : int, optional
        Of `STEPS` batches each, 1 or more; by default those of `EPOCHS`.
    out, say, progress : object
        As in `digitlib.training.fit.train`; the files are lines.keras, lines.npz and lines_card.json.

    Returns
    -------
    Training
        The network, its learning curves and its card.

    Raises
    ------
    ValueError
        There is no such profile.
    """
    if profile not in CHARACTERS:
        raise ValueError(f"There is no profile {profile!r}; allowed are {', '.join(CHARACTERS)}.")
    epochs = epochs or EPOCHS[profile]
    keras.utils.set_random_seed(seed)
    characters, (digits, validation) = CHARACTERS[profile], split_validation(*load_mnist()[0])
    batches = RowBatches(row_drawer(profile, digits), characters, seed, STEPS)
    held_back = RowBatches(row_drawer(profile, validation, held_out=True), characters, seed + 1, HELD_BACK)
    model = build_line_network(len(characters))
    optimizer = averaging_optimizer(LEARNING_RATE, epochs * len(batches))
    model.compile(optimizer, ctc, metrics=[accuracy], jit_compile=False)
    facts = {"profile": profile, "seed": seed, "epochs": epochs}
    checkpoint = Checkpoint(Path(out), facts) if out else None
    history = fit(model, batches, held_back, epochs, checkpoint, say, progress)
    measure_normalization(model, (batches[index][0] for index in range(2 * len(WIDTHS))))
    card = {
        **facts,
        "rows_an_epoch": sum(COLUMNS // WIDTHS[index % len(WIDTHS)] for index in range(len(batches))),
        "validation_accuracy": round(float(model.evaluate(held_back, verbose=0)[1]), 5),
        "parameters": model.count_params(),
        "history": {name: [round(value, 5) for value in values] for name, values in history.items()},
    }
    if checkpoint:
        card = checkpoint.finish(lambda folder: _export(model, card, folder))
    return Training(model, history, card)


def _export(model: keras.Sequential, card: dict, folder: Path) -> dict:
    """Write lines.keras, lines.npz and lines_card.json, and return the card."""
    folder.mkdir(parents=True, exist_ok=True)
    save_keras(model, folder / "lines.keras")
    save_layers(folder / "lines.npz", fold(to_layers(model, (line_reader.ROW_HEIGHT, None))))
    return write_card(card, folder, ("lines.keras", "lines.npz"), "lines_card.json")
