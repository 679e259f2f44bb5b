"""Picture in, `Reading` or `Number` out: the seven steps and the network; three packages are enough."""

from digitlib.reading.components import stroke_width

__all__ = ["stroke_width"]
