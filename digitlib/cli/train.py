"""The command `train`: a network into a folder, from the start or from another network."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

from digitlib.cli.arguments import progress_bar, whole_number
from digitlib.data import DataError, load_mnist
from digitlib.labels import LabelError

_WRITTEN = (
    *("digits.keras", "digits.npz", "letters.keras", "letters.npz", "model_card.json"),
    *("lines.keras", "lines.npz", "lines_card.json"),
)
_ARGUMENTS = "profile", "data", "from", "emnist", "seed", "epochs"
"""Settings of an unfinished training that are arguments of the command."""
_LETTERS, _LINES = ("letters", "balanced"), ("lines", "text_lines")
"""Profiles that train on no single digits."""


def train_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `train`.

    Parameters
    ----------
    command : argparse.ArgumentParser
    """
    profile = (
        "some seconds (default), as digitlib's own digit network, its network of letters, 47 digits and "
        "letters, or its line readers of digits and of digits and letters"
    )
    profiles = ("quick", "full", *_LETTERS, *_LINES)
    command.add_argument("--profile", choices=profiles, help=profile)
    data = "a folder with a labels.csv, such as collect writes: train on it, with MNIST mixed in"
    command.add_argument("--data", type=Path, metavar="FOLDER", help=data)
    start = "with --data: the network to go on from (default: shipped; with --profile: none)"
    command.add_argument("--from", dest="start", metavar="shipped|DIR", help=start)
    emnist = "with letters or balanced: gzip.zip of EMNIST, or the folder of its files: train on it, too"
    command.add_argument("--emnist", type=Path, metavar="FOLDER", help=emnist)
    command.add_argument("--seed", type=whole_number(0, 2**32 - 1), default=0, metavar="N", help="default: 0")
    epochs = "default: that of the profile"
    command.add_argument("--epochs", type=whole_number(1, 10_000), metavar="N", help=epochs)
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the network")


def train_network(options: argparse.Namespace) -> str:
    """Train a network into a folder that does not hold one yet.

    Parameters
    ----------
    options : argparse.Namespace
        Of the command.

    Returns
    -------
    str
        What is wrong, or nothing.
    """
    out, unfinished = options.out, options.out / "unfinished.json"
    present = [name for name in _WRITTEN if (out / name).exists()]
    if present and not unfinished.exists():  # a training that was stopped while it wrote may have left some
        return f"{out} already holds a network ({', '.join(present)}). Choose another folder."
    if options.start and (options.profile or not options.data):
        return "--from says nothing here. It is allowed with --data, and without --profile."
    if options.data and options.profile in (*_LINES, *_LETTERS):
        return f"--data has single digits, and {options.profile} reads others. Allowed are quick and full."
    if options.emnist and options.profile not in _LETTERS:
        return "--emnist says nothing here. It is allowed with --profile letters or balanced."
    print("loading TensorFlow ...", flush=True)
    settings = _settings(options)
    if unfinished.exists():
        other = json.loads(unfinished.read_text(encoding="utf-8"))["settings"]
        if {name: other[name] for name in _ARGUMENTS if name in other} != settings:
            arguments = " ".join(f"--{name} {other[name]}" for name in _ARGUMENTS if name in other)
            return f"{out} holds an unfinished training. Go on with {arguments}, or choose another folder."
    out.mkdir(parents=True, exist_ok=True)
    others = dict.fromkeys(_LINES, _train_lines) | dict.fromkeys(_LETTERS, _train_letters)
    train = _train_on_own if options.data else others.get(options.profile, _train_digits)
    print("Stop with Ctrl-C; the same command then goes on after the last epoch.", flush=True)
    try:
        with progress_bar() as (log, progress):
            result = train(options, settings, log, progress)
    except (LabelError, DataError) as error:
        return str(error)
    print(f"{result}; written to {out}")
    return ""


def _settings(options: argparse.Namespace) -> dict:
    """Return what a training is started with, by the names of its arguments."""
    if options.data and not options.profile:
        from digitlib.training import own

        start, epochs = str(options.start or "shipped"), options.epochs or own.EPOCHS
        return {"data": str(options.data), "from": start, "seed": options.seed, "epochs": epochs}
    profile = options.profile or "quick"
    if profile in _LINES:
        from digitlib.training.lines import EPOCHS

        epochs = EPOCHS[profile]
    elif profile in _LETTERS:
        from digitlib.training.letters import EPOCHS as epochs
    else:
        from digitlib.training.fit import PROFILES

        epochs = PROFILES[profile].epochs
    folders = {"data": options.data, "emnist": options.emnist}
    data = {name: str(folder) for name, folder in folders.items() if folder}
    return {"profile": profile, **data, "seed": options.seed, "epochs": options.epochs or epochs}


def _train_digits(options: argparse.Namespace, settings: dict, log: Callable, progress: Callable) -> str:
    from digitlib.training import fit

    card = fit.train(
        settings["profile"], settings["seed"], settings["epochs"], options.out, log, progress
    ).card
    _write_neighbors(options.out / "digits.npz", *load_mnist()[0])
    low, high = card["test_accuracy_interval"]
    return f"test accuracy {card['test_accuracy']:.2%} ({low:.2%} to {high:.2%})"


def _train_lines(options: argparse.Namespace, settings: dict, log: Callable, progress: Callable) -> str:
    from digitlib.training import lines

    arguments = settings["profile"], settings["seed"], settings["epochs"], options.out, log, progress
    card = lines.train_lines(*arguments).card
    return f"{card['validation_accuracy']:.1%} of drawn rows are read right"


def _train_letters(options: argparse.Namespace, settings: dict, log: Callable, progress: Callable) -> str:
    from digitlib.training import letters

    profile, emnist = settings["profile"], settings.get("emnist")
    arguments = settings["seed"], settings["epochs"], options.out, log, progress
    card = letters.train_letters(profile, emnist, *arguments).card
    _write_neighbors(options.out / "letters.npz", *letters.examples(profile))
    return f"{card['validation_accuracy']:.1%} of letters of unseen fonts are read right"


def _train_on_own(options: argparse.Namespace, settings: dict, log: Callable, progress: Callable) -> str:
    from digitlib.training import own

    start = None if options.profile else own.SHIPPED if settings["from"] == "shipped" else settings["from"]
    profile = settings.get("profile", "quick")
    arguments = settings["seed"], settings["epochs"], options.out, log, progress
    card = own.train_on(options.data, start, profile, *arguments).card
    _write_neighbors(options.out / "digits.npz", *load_mnist()[0])
    low, high = card["held_out_interval"]
    own = f"{card['held_out_accuracy']:.1%} ({low:.1%} to {high:.1%}) of {card['held_out_pictures']}"
    return (
        f"read right: {own} "
        f"own digits held out {card['split']}, {card['validation_accuracy']:.2%} of MNIST's validation digits"
    )


def _write_neighbors(path: Path, images: np.ndarray, labels: np.ndarray) -> None:
    from digitlib.explaining.neighbors import write_index

    write_index(path, images, labels)
