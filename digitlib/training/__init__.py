"""Networks, what they are trained on, and the training itself (Keras)."""

from digitlib.backend import keras, tensorflow
from digitlib.training.augmentation import augment
from digitlib.training.convert import to_keras, to_layers
from digitlib.training.export import as_input, export
from digitlib.training.fit import train
from digitlib.training.networks import build_full_network, build_network, one_cycle
from digitlib.training.own import train_on

__all__ = [
    "as_input",
    "augment",
    "build_full_network",
    "build_network",
    "export",
    "keras",
    "one_cycle",
    "tensorflow",
    "to_keras",
    "to_layers",
    "train",
    "train_on",
]
