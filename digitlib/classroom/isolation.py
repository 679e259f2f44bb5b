"""Work in a process of its own, which may crash, hang or run out of memory without taking us with it."""

import multiprocessing
import sys
from collections.abc import Callable

GIGABYTES = 12
"""Address space of the process, where the system can limit it; TensorFlow alone reserves several."""


class IsolationError(RuntimeError):
    """The process died, or took too long; the message says which."""


class Isolated:
    """Calls a function in another process, and starts a new process when that one is lost.

    Use it in a ``with`` block: at its end the process ends.

    Parameters
    ----------
    work : function
        Takes a value and returns one. It stands at the top of a module, and both values can be pickled.
    seconds : float
        How long a call may take.
    """

    def __init__(self, work: Callable, seconds: float):
        self._work, self._seconds = work, seconds
        self._process = self._connection = None

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self._end()

    def __call__(self, value: object) -> object:
        """Do the work for one value.

        Parameters
        ----------
        value : object
            What the function is called with.

        Returns
        -------
        object
            What it returns.

        Raises
        ------
        IsolationError
            If the process died or took too long.
        Exception
            What the function itself raised.
        """
        if self._process is None:
            self._start()
        try:
            self._connection.send(value)
            if not self._connection.poll(self._seconds):
                self._end()
                raise IsolationError(f"it took longer than {self._seconds:.0f} seconds")
            done, result = self._connection.recv()
        except (EOFError, OSError) as error:
            self._end()
            raise IsolationError("the program that looked at it crashed") from error
        if not done:
            raise result
        return result

    def _start(self):
        # A new interpreter, not a copy of this one: it shares no open file and no memory with us.
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, self._work), daemon=True)
        self._process.start()
        other.close()

    def _end(self):
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._process = self._connection = None


def _serve(connection, work):
    if sys.platform.startswith("linux"):
        import resource

        limit = GIGABYTES * 1024**3
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while True:
        try:
            value = connection.recv()
        except EOFError:
            return
        try:
            answer = True, work(value)
        except Exception as error:
            answer = False, error
        connection.send(answer)
