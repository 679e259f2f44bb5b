"""Ctrl-C, and SIGTERM, which clusters send when the time of a job is over: both stop a command in order."""

import contextlib
import logging
import signal
import threading
import warnings
from collections.abc import Iterator

TERMINATED = 143
"""Exit status after SIGTERM, as in a shell: 128 and the number of the signal."""


class TerminationError(KeyboardInterrupt):
    """SIGTERM came: all that is done after Ctrl-C is done then, too."""


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Raise an error when Ctrl-C or SIGTERM comes, so that the block tidies up.

    A notebook's kernel that is just starting is left where it is. Python would complain of that while the
    error is on its way, so warnings end, for the rest of the process, before it is raised.

    Yields
    ------
    None

    Raises
    ------
    KeyboardInterrupt
        In the block, after Ctrl-C, unless this process was started to ignore it.
    TerminationError
        In the block, after SIGTERM.

    Examples
    --------
    >>> try:
    ...     with stopped_by_signals():
    ...         signal.raise_signal(signal.SIGTERM)
    ... except TerminationError:
    ...     print("tidied up")
    tidied up
    """

    def stop(number: int, _: object) -> None:
        warnings.simplefilter("ignore")
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        raise TerminationError if number == signal.SIGTERM else KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # only that one hears signals
        yield
        return
    numbers = [signal.SIGTERM]
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else a shell had it ignored
        numbers.append(signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
