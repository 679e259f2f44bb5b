"""Adversarial examples: the smallest change of an image that makes it another digit (Keras)."""

from dataclasses import dataclass

import numpy as np

from digitlib.backend import keras
from digitlib.explaining.attribution import as_batch, logit_gradients, logits_model

_STRENGTHS = np.arange(1, 51) / 100
"""Largest changes of a pixel that are tried."""


@dataclass(frozen=True, eq=False)
class AdversarialExample:
    """An image changed until the network classifies it as another digit.

    Attributes
    ----------
    image : (28, 28) float32 array, 0 to 1
        The image after the change.
    strength : float, 0 to 1
        By how much a pixel was changed at most.
    """

    image: np.ndarray
    strength: float


def adversarial_example(
    model: keras.Model, image: np.ndarray, digit: int, rival: int, steps: int = 1
) -> AdversarialExample | None:
    """Return the adversarial example with the smallest change towards a rival.

    Every pixel is changed by the same small amount, in the direction that raises the rival's logit against
    the digit's: the sign of the gradient. In one step this is the fast gradient sign method: I. J.
    Goodfellow, J. Shlens and C. Szegedy, "Explaining and harnessing adversarial examples" (2015,
    arXiv:1412.6572). In several small steps, each with a new gradient: A. Kurakin, I. Goodfellow and S.
    Bengio, "Adversarial examples in the physical world" (2016, arXiv:1607.02533).

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit, rival : int, 0 to 9
        What the image shows, and the digit that the network shall find instead.
    steps : int
        1 for the fast method, about 10 for the iterated one.

    Returns
    -------
    AdversarialExample or None
        None if even a change of 0.5 in the given steps is not enough.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> change = adversarial_example(build_network(), np.zeros((28, 28)), digit=4, rival=9)
    >>> change is None or 0 < change.strength <= 0.5
    True
    """
    image = np.asarray(image, np.float32)
    reach = _STRENGTHS[:, None, None].astype(np.float32)
    changed = np.repeat(image[None], len(_STRENGTHS), axis=0)
    for _ in range(steps):
        gradient = logit_gradients(model, changed, rival) - logit_gradients(model, changed, digit)
        changed = changed + reach / steps * np.sign(gradient)
        changed = np.clip(changed, np.maximum(image - reach, 0), np.minimum(image + reach, 1))
    classes = logits_model(model).predict_on_batch(as_batch(changed)).argmax(axis=1)
    fooled = np.flatnonzero(classes == rival)
    return AdversarialExample(changed[fooled[0]], float(_STRENGTHS[fooled[0]])) if fooled.size else None
