"""Go on with a training that was interrupted."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from digitlib.backend import keras


class Checkpoint:
    """An unfinished training on disk: weights, optimizer, and learning curves.

    `keras.callbacks.BackupAndRestore` writes the weights over the old ones and then the number of the epoch:
    after a kill between the two the last epoch would be trained twice, with a wrong learning rate. Here each
    epoch's weights have a name of their own, and renaming one small file, unfinished.json, makes them count.

    Parameters
    ----------
    folder : Path
        Where the files of the training go.
    settings : dict
        What the training was started with; a checkpoint of other settings is not loaded.
    """

    def __init__(self, folder: Path, settings: dict) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._settings, self._notes = folder, settings, folder / "unfinished.json"

    def load(self, model: keras.Model) -> dict[str, list[float]] | None:
        """Load the last finished epoch.

        Parameters
        ----------
        model : keras.Model
            Compiled; its weights and its optimizer are changed in place.

        Returns
        -------
        dict of str to list of float, or None
            Learning curves; None where there is nothing to go on with.
        """
        if not self._notes.exists():
            return None
        notes = json.loads(self._notes.read_text(encoding="utf-8"))
        if notes["settings"] != self._settings:
            return None
        model.optimizer.build(model.trainable_variables)
        model.load_weights(self._folder / notes["weights"])
        return notes["history"]

    def save(self, model: keras.Model, history: dict[str, list[float]]) -> None:
        """Save a finished epoch.

        Parameters
        ----------
        model : keras.Model
        history : dict of str to list of float
            Learning curves up to here.
        """
        weights = self._folder / f"unfinished-{len(history['loss'])}.weights.h5"
        model.save_weights(weights)
        writing = self._notes.with_suffix(".writing")
        notes = {"settings": self._settings, "weights": weights.name, "history": history}
        writing.write_text(json.dumps(notes), encoding="utf-8")
        writing.replace(self._notes)
        self._remove_weights(but=weights)

    def finish(self, write: Callable[[Path], dict]) -> dict:
        """Write the results, move them into place, and then remove the checkpoint.

        Parameters
        ----------
        write : function
            Writes files into a folder and returns the model card.

        Returns
        -------
        dict
            The model card.
        """
        scratch = self._folder / "unfinished"
        shutil.rmtree(scratch, ignore_errors=True)
        card = write(scratch)
        for path in scratch.iterdir():
            path.replace(self._folder / path.name)
        scratch.rmdir()
        self._notes.unlink()
        self._remove_weights()
        return card

    def _remove_weights(self, but: Path | None = None) -> None:
        for path in self._folder.glob("unfinished-*.weights.h5"):
            if path != but:
                path.unlink()
