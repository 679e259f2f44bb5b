"""Calls in a process of its own, which may crash, hang or run out of memory without ending this one.

This is no sandbox: the process belongs to the same user, and reaches the same files and the same network.
Whatever code it runs may do all that the user may.
"""

import multiprocessing
import pickle
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection

GIGABYTES = 12
"""Address space of the process, where the system can limit it; TensorFlow alone reserves several."""


class IsolationError(RuntimeError):
    """A call failed in its process; the message gives the reason.

    The process died, took too long, or raised what cannot be sent.
    """


class Isolated:
    """Call a function in another process, and replace that process if it is lost.

    Use it in a ``with`` block: at its end the process ends. It protects from crashes, not from malice: see
    the top of this module.

    Parameters
    ----------
    work : function
        Takes a value and returns one. It stands at the top of a module, and both values can be pickled.
    seconds : float
        How long a call may take.
    """

    def __init__(self, work: Callable, seconds: float) -> None:
        self._work, self._seconds = work, seconds
        self._process = self._connection = None

    def __enter__(self) -> "Isolated":
        return self

    def __exit__(self, *failure: object) -> None:
        self._end()

    def __call__(self, value: object) -> object:
        """Call the function with one value.

        Parameters
        ----------
        value : object
            The function's argument.

        Returns
        -------
        object
            What it returns.

        Raises
        ------
        IsolationError
            If the process died or took too long, or the function raised what cannot be sent.
        Exception
            What the function raised.
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

    def _start(self) -> None:
        # A new interpreter, not a copy of this one: it shares no open file and no memory with us.
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, self._work), daemon=True)
        self._process.start()
        other.close()

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._process = self._connection = None


def _serve(connection: Connection, work: Callable) -> None:
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
            answer = pickle.dumps((True, work(value)))
        except Exception as error:
            answer = _pickled(error)
        connection.send_bytes(answer)


def _pickled(error: Exception) -> bytes:
    """Pickle an exception; one that cannot be read again becomes an IsolationError with its name and text."""
    try:
        answer = pickle.dumps((False, error))
        pickle.loads(answer)
    except Exception:
        answer = pickle.dumps((False, IsolationError(f"{type(error).__name__}: {error}")))
    return answer
