"""How long does training to 99 % take? ``python benchmarks/training.py``.

keras.io's convolutional network for MNIST with its published settings (https://keras.io/examples/vision/mnist_convnet)
against digitlib's quick profile, in turn, seed by seed, in one process. What counts is the time inside `fit`
until 99.0 % of the 10,000 test digits are right; the test set is looked at after every epoch, and that is not
counted. Nothing is chosen by it.
"""

import argparse
import statistics
import time

import numpy as np
from tables import table

from digitlib.data import load_mnist, split_validation
from digitlib.training.export import as_input
from digitlib.training.fit import PROFILES
from digitlib.training.mixture import one_hot
from digitlib.training.networks import keras, one_cycle

WANTED = 0.99
"""Share of test digits to be read correctly."""
PUBLISHED_EPOCHS = 15
"""How long keras.io's example trains."""


def published_network():
    """Build keras.io's network: 34,826 weights.

    Returns
    -------
    keras.Model
        Compiled.
    """
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"], jit_compile=False)
    return model


def quick_network(pictures):
    """Build digitlib's quick network with its schedule.

    Parameters
    ----------
    pictures : int
        Training pictures an epoch.

    Returns
    -------
    keras.Model
        Compiled.
    """
    profile = PROFILES["quick"]
    model = profile.build()
    steps = profile.epochs * -(-pictures // profile.batch_size)
    model.compile(
        keras.optimizers.Adam(one_cycle(profile.learning_rate, steps)),
        "categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,
    )
    return model


def seconds_to_wanted(model, images, targets, test, batch_size, epochs):
    """Train until enough test digits are right, or for all epochs.

    Parameters
    ----------
    model : keras.Model
        Compiled.
    images, targets : (N, 28, 28, 1) float32 and (N, 10) float32 arrays
        Training pictures, shuffled by `fit` in every epoch.
    test : (images, labels)
        The test set, images as above.
    batch_size, epochs : int
        Of the training.

    Returns
    -------
    (float, int, float)
        Seconds inside `fit`, epochs, and the share of test digits read correctly at the end.
    """
    seconds, epoch, accuracy = 0.0, 0, 0.0
    while accuracy < WANTED and epoch < epochs:
        start = time.perf_counter()
        model.fit(images, targets, batch_size, verbose=0)
        seconds += time.perf_counter() - start
        answers = model.predict(test[0], batch_size=500, verbose=0).argmax(axis=1)
        accuracy = float((answers == test[1]).mean())
        epoch += 1
    return seconds, epoch, accuracy


def main(arguments=None):
    """Train both networks with every seed and print the table."""
    parser = argparse.ArgumentParser(description="Measure how long training to 99 % takes.")
    parser.add_argument("--seeds", type=int, default=5, help="how many seeds (5)")
    options = parser.parse_args(arguments)
    (images, labels), (test_images, test_labels) = load_mnist()
    test = as_input(test_images), test_labels
    quick = PROFILES["quick"]
    ways = {
        "keras.io": (published_network, (images[:54_000], labels[:54_000]), 128, PUBLISHED_EPOCHS),
        "digitlib, quick profile": (
            lambda: quick_network(55_000),
            split_validation(images, labels)[0],
            quick.batch_size,
            quick.epochs,
        ),
    }
    rows, seconds = [], {name: [] for name in ways}
    for seed in range(options.seeds):
        for name, (build, (shown, wanted), batch_size, epochs) in ways.items():
            keras.utils.set_random_seed(seed)
            taken, done, accuracy = seconds_to_wanted(
                build(), as_input(shown), one_hot(wanted), test, batch_size, epochs
            )
            seconds[name].append(taken)
            reached = "yes" if accuracy >= WANTED else "no"
            rows.append((name, seed, done, f"{taken:.1f}", f"{100 * accuracy:.2f} %", reached))
            print(f"seed {seed}: {name} {taken:.1f} s", flush=True)
    head = ("network", "seed", "epochs", "seconds of training", "test accuracy then", "99.0 % reached")
    table("Training until 99.0 % of the test digits are right", head, sorted(rows))
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    published, ours = medians.values()
    print(f"\nMedians: {', '.join(f'{name} {value:.1f} s' for name, value in medians.items())}.")
    print(f"Ratio of the medians: 1 / {published / ours:.1f}")
    ratios = np.array(seconds["keras.io"]) / np.array(seconds["digitlib, quick profile"])
    print(f"Ratio seed by seed: 1 / {ratios.min():.1f} to 1 / {ratios.max():.1f}")


if __name__ == "__main__":
    main()
