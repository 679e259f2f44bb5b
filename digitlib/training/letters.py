"""Train a network of letters: on fonts and pen strokes, and on EMNIST where its files are."""

import string
from collections.abc import Callable
from os import PathLike

import numpy as np

from digitlib.backend import keras
from digitlib.data import ImagesAndLabels, load_mnist
from digitlib.emnist import BALANCED, load_emnist
from digitlib.handwriting import strokes
from digitlib.handwriting.letters import make_letters
from digitlib.training.batches import Batches, unchanged_in
from digitlib.training.certainty import letters_threshold
from digitlib.training.export import as_input
from digitlib.training.fit import Profile, Training, run
from digitlib.training.mixture import Batch, Stream, augment_most, one_hot, photograph, uniform_targets
from digitlib.training.networks import build_full_network

CLASSES = {"letters": string.ascii_uppercase, "balanced": BALANCED}
"""What the networks of the two profiles tell apart, in the order of their outputs."""
EPOCHS = 36
"""Passes over the training data: under an hour on two cores."""
_LEARNING_RATE = 4e-3
"""The highest learning rate, as of the digits."""
_DRAWN, _NO_LETTER, _PHOTOGRAPHED = 44_000, 6_000, 8_000
"""Images of an epoch beside EMNIST's: letters and other signs drawn anew, and letters photographed once."""
_DIGITS = 10_000
"""MNIST's digits of an epoch: about as many of each as there are of each letter."""
_UNLIKE_LETTERS = (3, 4, 6, 7, 8, 9)
"""Digits that are mostly written like no letter: a network of letters learns to be unsure of them. A 0 may be
an O, a 1 an I, a 2 a Z and a 5 an S."""
_EXAMPLES = 780
"""Letters to show as similar ones: 30 of each class."""
_HELD_BACK = 5_200
"""Letters of held-out fonts that it is measured on after each epoch: 100 of each."""


def train_letters(
    profile: str = "letters",
    emnist: str | PathLike | None = None,
    seed: int = 0,
    epochs: int = EPOCHS,
    out: str | PathLike | None = None,
    say: Callable[[str], object] = lambda line: None,
    progress: Callable[[float], object] = lambda done: None,
) -> Training:
    """Train a network that reads letters.

    It learns from letters of handwriting fonts and of pen strokes, each drawn anew, and is measured on fonts
    that it has not seen. With EMNIST it learns from that, too, and its test set is opened once, at the end.

    Parameters
    ----------
    profile : {"letters", "balanced"}
        26 letters, upper and lower case together, or the 47 digits and letters of EMNIST's balanced split.
    emnist : path, optional
        Where EMNIST's files are; see `digitlib.emnist.load_emnist`.
    seed, epochs, out, say, progress : int, int, path, function, function
        As in `digitlib.training.fit.train`.

    Returns
    -------
    Training
        The network, its learning curves and its model card.

    Raises
    ------
    ValueError
        There is no such profile.
    DataError
        EMNIST's files are missing or damaged.
    """
    if profile not in CLASSES:
        raise ValueError(f"There is no profile {profile!r}; allowed are {', '.join(CLASSES)}.")
    classes = CLASSES[profile]
    keras.utils.set_random_seed(seed)
    fixed, test, sources = _fixed_images(profile, emnist)
    rng = np.random.default_rng((seed, Stream.LETTERS))
    held_back, letters = make_letters(_HELD_BACK, rng, held_out=True)
    validation = held_back, class_numbers(letters, classes)
    images, letters = make_letters(_PHOTOGRAPHED, rng)
    photographed = photograph(images, class_numbers(letters, classes), rng, len(classes))
    fixed = Batch(*map(np.concatenate, zip(fixed, photographed, strict=True)))
    settings = Profile(
        lambda: build_full_network(len(classes)), epochs, _LEARNING_RATE, augmented=True, name="letters"
    )
    facts = {"profile": profile, **({"emnist": str(emnist)} if emnist else {}), "classes": list(classes)}
    facts |= {"seed": seed, "epochs": epochs}
    sources |= {
        "such letters laid on paper and photographed by digitlib.training.mixture": len(photographed.images),
        "letters of fonts and pen strokes, drawn by digitlib.handwriting.letters": _DRAWN,
        "pictures of no letter, drawn by digitlib.handwriting.strokes": _NO_LETTER,
    }
    batches = Batches(
        _maker(fixed, classes, epochs), len(fixed.images) + _DRAWN + _NO_LETTER, seed, settings.batch_size
    )
    return run(
        *(settings, facts, (batches, sources), validation, out, say, progress, test),
        threshold=lambda model: letters_threshold(
            model.predict(as_input(held_back), batch_size=500, verbose=0), validation[1]
        ),
    )


def class_numbers(characters: np.ndarray, classes: str) -> np.ndarray:
    """Return which class each character belongs to.

    Parameters
    ----------
    characters : (N,) str array
    classes : str
        The characters that a network tells apart; a small letter that is none of them counts as a capital.

    Returns
    -------
    (N,) int array
        -1 for what is no class.

    Examples
    --------
    >>> class_numbers(np.array(["b", "C", "7"]), "ABC").tolist()
    [1, 2, -1]
    """
    numbers = {character: number for number, character in enumerate(classes)}
    return np.array([numbers.get(one, numbers.get(one.upper(), -1)) for one in characters.tolist()], int)


def examples(profile: str = "letters") -> tuple[np.ndarray, np.ndarray]:
    """Draw letters as a network of letters learns from, to show those it finds alike.

    Parameters
    ----------
    profile : {"letters", "balanced"}
        As `train_letters` takes it.

    Returns
    -------
    images : (N, 28, 28) uint8 array
    classes : (N,) str array
        The class of each.

    Examples
    --------
    >>> sorted(set(examples()[1].tolist()))[:3]
    ['A', 'B', 'C']
    """
    images, letters = make_letters(_EXAMPLES, np.random.default_rng(0))
    return images, np.array(list(CLASSES[profile]))[class_numbers(letters, CLASSES[profile])]


def _fixed_images(
    profile: str, emnist: str | PathLike | None
) -> tuple[Batch, ImagesAndLabels | None, dict[str, int]]:
    """Return the real images of an epoch, a test set where there is one, and their number by source."""
    classes = CLASSES[profile]
    images, labels = (part[:_DIGITS] for part in load_mnist()[0])
    targets, test, sources = one_hot(labels, len(classes)), None, {}
    if profile == "letters":
        images = images[np.isin(labels, _UNLIKE_LETTERS)]
        targets = uniform_targets(len(images), len(classes))
    if emnist is not None:
        training, (test_images, test_letters) = load_emnist(emnist, profile)
        images = np.concatenate([images, training[0]])
        targets = np.concatenate([targets, one_hot(class_numbers(training[1], classes), len(classes))])
        test = test_images, class_numbers(test_letters, classes)
        sources = {f"EMNIST {profile}": len(training[1])}
    return Batch(images, targets), test, {"MNIST": len(images) - sum(sources.values()), **sources}


def _maker(fixed: Batch, classes: str, epochs: int) -> Callable:
    """Return the function that makes a batch: fixed images, drawn letters, pictures of no letter."""

    def make(indices: np.ndarray, rng: np.random.Generator, epoch: int) -> Batch:
        chosen = indices[indices < len(fixed.images)]
        none = int((indices >= len(fixed.images) + _DRAWN).sum())
        drawn, letters = make_letters(len(indices) - len(chosen) - none, rng)
        outliers = strokes.make_non_digits(none, rng, strokes.SIGNS)
        whole = np.concatenate([fixed.images[chosen], drawn, outliers])
        wanted = one_hot(class_numbers(letters, classes), len(classes))
        targets = np.concatenate([fixed.targets[chosen], wanted, uniform_targets(none, len(classes))])
        return Batch(augment_most(whole, rng, unchanged_in(epoch, epochs)), targets)

    return make
