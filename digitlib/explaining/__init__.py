"""Look inside a network: what its layers compute, what an answer rests on, what fools it."""

from digitlib.explaining.neighbors import nearest_digits
from digitlib.explaining.occlusion import occlusion

__all__ = ["nearest_digits", "occlusion"]
