"""The command `train`: a network into a folder, from the start or from another network."""

import argparse
import json
from pathlib import Path

from digitlib.cli.arguments import progress_bar, whole_number

_WRITTEN = "digits.keras", "digits.npz", "model_card.json", "lines.keras", "lines.npz", "lines_card.json"


def train_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `train`.

    Parameters
    ----------
    command : argparse.ArgumentParser
    """
    profile = "some seconds, as digitlib's own digit network, or as its line reader"
    command.add_argument("--profile", choices=("quick", "full", "lines"), default="quick", help=profile)
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
    out = options.out
    present = [name for name in _WRITTEN if (out / name).exists()]
    unfinished = out / "unfinished.json"
    if present and not unfinished.exists():  # a training that was stopped while it wrote may have left some
        return f"{out} already holds a network ({', '.join(present)}). Choose another folder."
    out.mkdir(parents=True, exist_ok=True)
    print("loading TensorFlow ...", flush=True)
    from digitlib.training import fit

    rows = options.profile == "lines"
    if rows:
        from digitlib.training import lines
    epochs = options.epochs or (lines.EPOCHS if rows else fit.PROFILES[options.profile].epochs)
    settings = {"profile": options.profile, "seed": options.seed, "epochs": epochs}
    if unfinished.exists():
        other = json.loads(unfinished.read_text(encoding="utf-8"))["settings"]
        if other != settings:
            arguments = " ".join(f"--{name} {value}" for name, value in other.items())
            return f"{out} holds an unfinished training. Go on with {arguments}, or choose another folder."
    print("Stop with Ctrl-C; the same command then goes on after the last epoch.", flush=True)
    with progress_bar() as (log, progress):
        if rows:
            card = lines.train_lines(options.seed, epochs, out, log, progress).card
        else:
            card = fit.train(options.profile, options.seed, epochs, out, log, progress).card
    if rows:
        print(f"{card['validation_accuracy']:.1%} of drawn rows are read right; written to {out}")
        return ""
    if options.profile == "full":
        from digitlib.data import load_mnist
        from digitlib.explaining.neighbors import write_index

        write_index(out / "digits.npz", *load_mnist()[0])
    low, high = card["test_accuracy_interval"]
    print(f"test accuracy {card['test_accuracy']:.2%} ({low:.2%} to {high:.2%}); written to {out}")
    return ""
