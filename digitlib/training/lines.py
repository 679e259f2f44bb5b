"""Train a line reader: a network that reads a row of digits, or of letters, without cutting it."""

from collections.abc import Callable
from os import PathLike
from pathlib import Path

from digitlib.backend import keras
from digitlib.data import load_mnist, split_validation
from digitlib.handwriting.rows import LONGEST
from digitlib.reading.ctc import BLANK
from digitlib.reading.layers import fold
from digitlib.reading.line_reader import LINES_FILE, ROW_HEIGHT
from digitlib.reading.network import save_layers
from digitlib.training.checkpoint import Checkpoint
from digitlib.training.convert import to_layers
from digitlib.training.export import save_keras, write_card
from digitlib.training.fit import Training, averaging_optimizer, fit, measure_normalization
from digitlib.training.line_networks import CHARACTERS, build_line_network, grow_line_network
from digitlib.training.row_batches import COLUMNS, WIDTHS, RowBatches, row_drawer

STEPS = 250
"""Batches of an epoch: after each there is a checkpoint."""
EPOCHS = {"lines": 33, "text_lines": 14}
"""Passes of each profile: an hour or a little more on two busy cores."""
HELD_BACK = 20
"""Batches of rows for validation, written with digits that were held back."""
LEARNING_RATE = {"lines": 2.5e-3, "text_lines": 1e-3}
"""The highest of the schedule; lower where the network is to change, not to begin."""


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
    >>> import numpy as np
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
    >>> import numpy as np
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
    model = build_line_network() if profile == "lines" else grow_line_network(characters, seed)
    optimizer = averaging_optimizer(LEARNING_RATE[profile], epochs * len(batches))
    model.compile(optimizer, ctc, metrics=[accuracy], jit_compile=False)
    start = {} if profile == "lines" else {"grown_from": LINES_FILE.name}
    facts = {"profile": profile, **start, "seed": seed, "epochs": epochs}
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
    save_layers(folder / "lines.npz", fold(to_layers(model, (ROW_HEIGHT, None))))
    return write_card(card, folder, ("lines.keras", "lines.npz"), "lines_card.json")
