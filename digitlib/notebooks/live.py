"""A progress bar and growing curves below a cell, while Keras trains in it."""

import time

import ipywidgets
from IPython.display import display

from digitlib.backend import keras
from digitlib.figures import training_progress
from digitlib.figures.style import LessonFigure

_POINTS = 20
"""Points of a curve in an epoch: enough to see it fall, and each is a mean over enough pictures."""
_PAUSE = 2.0
"""Seconds between two drawings: drawing takes a tenth of one, which the training has to wait for."""


class _Progress(ipywidgets.HTML):
    """The bar and the curves; where no notebook runs, a line of text."""

    def __repr__(self) -> str:
        return "While the network learns, a progress bar and its curves stand here."


class LiveCurves(keras.callbacks.Callback):
    """Show a progress bar and the learning curves while `fit` runs.

    Give it to `fit` as a callback. Introduced in notebook 03.

    Examples
    --------
    >>> import numpy as np
    >>> from digitlib.training.networks import build_network
    >>> network, live = build_network(width=1), LiveCurves()
    >>> network.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    >>> _ = network.fit(np.zeros((4, 28, 28)), np.zeros(4), callbacks=[live], verbose=0)  # doctest: +ELLIPSIS
    While the network learns, ...
    >>> live.figure().alt[:44]
    'Two line charts of a training, after 1 of 1 '
    """

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Show an empty bar.

        Parameters
        ----------
        logs : dict, optional
            Not used.
        """
        self._seen = {"epoch": [], "loss": [], "accuracy": []}
        self._validated = {"epoch": [], "loss": [], "accuracy": []}
        self._epoch, self._drawn, self._widget = 0, time.monotonic(), _Progress()
        display(self._widget)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Begin to count anew: Keras gives means over the present epoch.

        Parameters
        ----------
        epoch : int
            Number of the epoch, from 0.
        logs : dict, optional
            Not used.
        """
        self._epoch, self._batches, self._sums = epoch, 0, {"loss": 0.0, "accuracy": 0.0}

    def on_train_batch_end(self, batch: int, logs: dict) -> None:
        """Note the mean loss and accuracy of the newest batches.

        Parameters
        ----------
        batch : int
            Number of the batch in this epoch, from 0.
        logs : dict
            Mean "loss" and "accuracy" since the epoch began.
        """
        steps, done = self.params["steps"], batch + 1
        if done % max(1, steps // _POINTS) and done < steps:
            return
        self._seen["epoch"].append(self._epoch + done / steps)
        for name, before in self._sums.items():
            self._sums[name] = logs[name] * done
            self._seen[name].append((self._sums[name] - before) / (done - self._batches))
        self._batches = done
        if time.monotonic() - self._drawn > _PAUSE:
            self._draw()

    def on_epoch_end(self, epoch: int, logs: dict) -> None:
        """Note the loss and the accuracy on the validation pictures, if there are any.

        Parameters
        ----------
        epoch : int
            Number of the epoch, from 0.
        logs : dict
            "val_loss" and "val_accuracy", where there are validation pictures.
        """
        if "val_loss" in logs:
            self._validated["epoch"].append(epoch + 1)
            self._validated["loss"].append(logs["val_loss"])
            self._validated["accuracy"].append(logs["val_accuracy"])
        self._draw()

    def on_train_end(self, logs: dict | None = None) -> None:
        """Remove bar and curves: `figure` shows them for good.

        Parameters
        ----------
        logs : dict, optional
            Not used.
        """
        self._widget.close()

    def _draw(self) -> None:
        epochs, where = self.params["epochs"], self._seen["epoch"][-1]
        bar = f'<progress max="{epochs}" value="{where:.3f}"></progress> {where:.1f} of {epochs} epochs'
        self._widget.value = f"<p>{bar}</p>{self.figure().html()}"
        self._drawn = time.monotonic()

    def figure(self) -> LessonFigure:
        """Return the curves as a figure.

        Returns
        -------
        LessonFigure
        """
        return training_progress(self._seen, self._validated, self.params["epochs"])
