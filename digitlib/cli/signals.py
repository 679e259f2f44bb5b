"""SIGTERM, which clusters send when the time of a job is over: treated like Ctrl-C."""

import contextlib
import signal
import threading
from collections.abc import Iterator

TERMINATED = 143
"""Exit status after SIGTERM, as in a shell: 128 and the number of the signal."""


class TerminationError(KeyboardInterrupt):
    """SIGTERM came: all that is done after Ctrl-C is done then, too."""


@contextlib.contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Raise an error when SIGTERM comes, so that the block tidies up.

    Yields
    ------
    None

    Raises
    ------
    TerminationError
        In the block.

    Examples
    --------
    >>> try:
    ...     with stopped_by_sigterm():
    ...         signal.raise_signal(signal.SIGTERM)
    ... except TerminationError:
    ...     print("tidied up")
    tidied up
    """

    def stop(*_: object) -> None:
        raise TerminationError

    if threading.current_thread() is not threading.main_thread():  # only that one hears signals
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
