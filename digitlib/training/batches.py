"""The batches of a training: what Keras is fed, the same for the same seed and epoch."""

from collections.abc import Callable

import numpy as np

from digitlib.backend import keras
from digitlib.data import ImagesAndLabels
from digitlib.training import mixture
from digitlib.training.export import as_input
from digitlib.training.mixture import Batch, Stream, count_images, make_batch, one_hot, photograph

_UNCHANGED = 0.7
"""Proportion of the images that are not augmented in the second half of the epochs."""


class Batches(keras.utils.PyDataset):
    """The batches of each epoch.

    They depend on nothing but the seed and the number of the epoch.
    Keras fetches them in a thread of TensorFlow, some batches ahead of the network.

    Parameters
    ----------
    make : function
        From indices, a random generator and the number of the epoch to a `Batch`.
    count : int
        Images of an epoch.
    seed, batch_size : int
        Of the training.

    Examples
    --------
    >>> digits = np.zeros((300, 28, 28), np.uint8), np.zeros(300, int)
    >>> batches, _ = plain_batches(digits, seed=0, epochs=1, batch_size=128)
    >>> [len(images) for images, _ in batches]
    [128, 128, 44]
    """

    def __init__(self, make: Callable, count: int, seed: int, batch_size: int) -> None:
        super().__init__(workers=1, use_multiprocessing=False)
        self._make, self._count, self._seed, self._size = make, count, seed, batch_size
        self.begin(0)

    def begin(self, epoch: int) -> None:
        """Shuffle for an epoch; to be called before Keras begins it.

        Keras calls `on_epoch_end` once before the first epoch, too, so epochs cannot be counted there.

        Parameters
        ----------
        epoch : int
            Number of the epoch, from 0.
        """
        self._epoch = epoch
        self._order = np.random.default_rng((self._seed, Stream.ORDER, epoch)).permutation(self._count)

    def __len__(self) -> int:
        """Return the number of batches in an epoch."""
        return -(-self._count // self._size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Make a batch: (n, 28, 28, 1) float32 input, and (n, 10) float32 targets."""
        indices = self._order[index * self._size : (index + 1) * self._size]
        rng = np.random.default_rng((self._seed, Stream.BATCH, self._epoch, index))
        batch = self._make(indices, rng, self._epoch)
        return as_input(batch.images), batch.targets

    def first(self, count: int, epoch: int) -> np.ndarray:
        """Make about the first `count` images of an epoch again, as input."""
        self.begin(epoch)
        return np.concatenate([self[index][0] for index in range(min(len(self), -(-count // self._size)))])


def plain_batches(
    digits: ImagesAndLabels, seed: int, epochs: int, batch_size: int
) -> tuple[Batches, dict[str, int]]:
    """Return batches of MNIST's digits as they are.

    Parameters
    ----------
    digits : (images, labels)
        MNIST's training digits, (N, 28, 28) uint8 and (N,) int.
    seed, epochs, batch_size : int
        Of the training.

    Returns
    -------
    batches : Batches
        For `keras.Model.fit`.
    sources : dict of str to int
        Images of an epoch, by source.

    Examples
    --------
    >>> plain_batches((np.zeros((300, 28, 28), np.uint8), np.zeros(300, int)), 0, 1, 128)[1]
    {'MNIST': 300}
    """
    images, targets = digits[0], one_hot(digits[1])

    def make(indices, rng, epoch):
        return Batch(images[indices], targets[indices])

    return Batches(make, len(images), seed, batch_size), {"MNIST": len(images)}


def unchanged_in(epoch: int, epochs: int) -> float:
    """Return the proportion of the images of an epoch, from 0, that are not augmented."""
    return _UNCHANGED if 2 * epoch >= epochs else 0.0


def mixed_batches(
    digits: ImagesAndLabels, seed: int, epochs: int, batch_size: int
) -> tuple[Batches, dict[str, int]]:
    """Return batches of all sources, augmented.

    In the second half of the epochs most images are not augmented, so that the network ends on images like
    those that it will meet.

    Parameters
    ----------
    digits : (images, labels)
    seed, epochs, batch_size : int
        As in `plain_batches`.

    Returns
    -------
    batches, sources
        As in `plain_batches`.

    References
    ----------
    Z. He et al., "Data augmentation revisited: rethinking the distribution gap between clean and augmented
    data" (2019, arXiv:1909.09148).

    Examples
    --------
    >>> digits = np.full((2, 28, 28), 0, np.uint8), np.array([1, 1])
    >>> digits[0][:, 4:24, 12:16] = 255
    >>> batches, sources = mixed_batches(digits, seed=0, epochs=1, batch_size=128)
    >>> list(sources.values())
    [2, 2, 14000, 10000]
    """
    rng = np.random.default_rng((seed, Stream.PHOTOGRAPHS))
    chosen = rng.permutation(len(digits[0]))[: mixture.PHOTOGRAPHED]
    photographed = photograph(digits[0][chosen], digits[1][chosen], rng)
    fixed = Batch(
        np.concatenate([digits[0], photographed.images]),
        np.concatenate([one_hot(digits[1]), photographed.targets]),
    )
    sources = {
        "MNIST": len(digits[0]),
        "MNIST digits laid on paper and photographed by digitlib.training.mixture": len(photographed.images),
        "digits drawn as pen strokes by digitlib.handwriting.strokes": mixture.DRAWN,
        "pictures of no digit, drawn by digitlib.handwriting.strokes": mixture.NO_DIGIT,
    }

    def make(indices, rng, epoch):
        return make_batch(fixed, indices, rng, unchanged_in(epoch, epochs))

    return Batches(make, count_images(fixed), seed, batch_size), sources
