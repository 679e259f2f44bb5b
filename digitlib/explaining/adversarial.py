"""The smallest change of a picture that turns one digit into another for the network (Keras)."""

from dataclasses import dataclass

import numpy as np

from digitlib.explaining.attribution import as_batch, logit_gradients, logits_model

STRENGTHS = np.arange(1, 51) / 100
"""The changes of a pixel that are tried."""


@dataclass(frozen=True, eq=False)
class AdversarialExample:
    """A picture changed until the network reads another digit.

    Attributes
    ----------
    image : (28, 28) float32 array, 0 to 1
        The picture after the change.
    strength : float
        By how much a pixel was changed at most.
    """

    image: np.ndarray
    strength: float


def adversarial_example(model, image, digit, rival, steps=1):
    """Find the smallest change that makes the network read a rival instead of a digit.

    Every pixel goes by the same small amount, lighter or darker: as the sign of the gradient says that the
    rival's score rises against the digit's. In one step this is the fast gradient sign method: Goodfellow,
    Shlens and Szegedy, "Explaining and Harnessing Adversarial Examples" (arXiv:1412.6572, 2015). In several
    small steps, each with the gradient of the place reached so far: Kurakin, Goodfellow and Bengio,
    "Adversarial examples in the physical world" (arXiv:1607.02533, 2016).

    Introduced in notebook 05.

    Parameters
    ----------
    model : keras.Model
    image : (28, 28) float array, 0 to 1
    digit, rival : int, 0 to 9
        What the picture shows, and what it shall be read as.
    steps : int
        1 for the fast method, about 10 for the iterated one.

    Returns
    -------
    Change or None
        None if even a change of 0.5 in the given steps does not help.

    Examples
    --------
    >>> from digitlib.training.networks import build_network
    >>> change = adversarial_example(build_network(), np.zeros((28, 28)), digit=4, rival=9)
    >>> change is None or 0 < change.strength <= 0.5
    True
    """
    image = np.asarray(image, np.float32)
    reach = STRENGTHS[:, None, None].astype(np.float32)
    changed = np.repeat(image[None], len(STRENGTHS), axis=0)
    for _ in range(steps):
        slope = logit_gradients(model, changed, rival) - logit_gradients(model, changed, digit)
        changed = changed + reach / steps * np.sign(slope)
        changed = np.clip(changed, np.maximum(image - reach, 0), np.minimum(image + reach, 1))
    answers = logits_model(model).predict_on_batch(as_batch(changed)).argmax(axis=1)
    fooled = np.flatnonzero(answers == rival)
    return AdversarialExample(changed[fooled[0]], float(STRENGTHS[fooled[0]])) if fooled.size else None
