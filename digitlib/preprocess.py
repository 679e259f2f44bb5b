"""The door to the seven steps; see `digitlib.reading.normalize`."""

from digitlib.reading.normalize import STEP_NAMES, trace

__all__ = ["STEP_NAMES", "trace"]
