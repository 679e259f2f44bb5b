"""Durations, as every benchmark takes them."""

import statistics
import time


def median_seconds(call, least=0.5):
    """Time a call: again and again for half a second and at least three times, after once to warm up.

    Parameters
    ----------
    call : function
        Without arguments.
    least : float
        Seconds that the repetitions take together, or more.

    Returns
    -------
    float
        Median of the durations, in seconds.
    """
    call()
    durations = []
    while sum(durations) < least or len(durations) < 3:
        start = time.perf_counter()
        call()
        durations.append(time.perf_counter() - start)
    return statistics.median(durations)
