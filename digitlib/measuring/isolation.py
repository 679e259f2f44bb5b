"""Calls in a process of its own, which may crash, hang or run out of memory without ending this one.

It has limits of time and memory, and on Linux no network. It is no full sandbox: it belongs to the same
user, and reaches the same files. Whatever code it runs may read and write all that the user may.
"""

import ctypes
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import types
from collections.abc import Callable
from multiprocessing.connection import Connection

GIGABYTES = 12
"""Address space of the process, where the system can limit it; TensorFlow alone reserves several."""

_NEW_NETWORK, _NEW_USER = 0x40000000, 0x10000000
"""Linux's CLONE_NEWNET and CLONE_NEWUSER: a network without a single device, and the right to make one."""


class IsolationError(RuntimeError):
    """A call failed in its process; the message gives the reason.

    The process died, took too long, or raised what cannot be sent.
    """


class Isolated:
    """Call a function in another process, and replace that process if it is lost.

    The process begins with the first call, and ends with this one at the latest. It protects from crashes
    more than from malice: see the top of this module. Threads may share it; they take turns.

    Parameters
    ----------
    work : function
        Takes a value and returns one. It stands at the top of a module that can be imported, and both values
        can be pickled.
    seconds : float
        How long a call may take.
    """

    def __init__(self, work: Callable, seconds: float) -> None:
        self._work, self._seconds = work, seconds
        self._process = self._connection = None
        self._turn = threading.Lock()

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
        with self._turn:
            done, result = self._answer(value)
        if not done:
            raise result
        return result

    def _answer(self, value: object) -> tuple[bool, object]:
        if self._process is None:
            self._start()
        try:
            self._connection.send(value)
            if self._connection.poll(self._seconds):
                return self._connection.recv()
        except (EOFError, OSError) as error:
            self.end()
            raise IsolationError("the program that looked at it crashed") from error
        except BaseException:  # Ctrl-C: the next call must not get the answer to this one
            self.end()
            raise
        self.end()
        raise IsolationError(f"it took longer than {self._seconds:.0f} seconds")

    def _start(self) -> None:
        # A new interpreter, not a copy of this one: it shares no open file and no memory with us.
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, self._work), daemon=True)
        main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")  # or it would run a learner's script once more
        try:
            self._process.start()
        finally:
            sys.modules["__main__"] = main
        other.close()

    def end(self) -> None:
        """End the process; the next call starts another one."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._process = self._connection = None


def _serve(connection: Connection, work: Callable) -> None:
    if sys.platform.startswith("linux"):
        _limit_on_linux()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the first process ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
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


def _limit_on_linux() -> None:
    import resource

    limit = GIGABYTES * 1024**3
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    system = ctypes.CDLL(None)
    if system.unshare(_NEW_NETWORK) != 0:  # only root may at once; some containers forbid both
        system.unshare(_NEW_NETWORK | _NEW_USER)


def _end_with_parent() -> None:
    """End this process with the one that started it, even in the middle of a call that never returns."""
    multiprocessing.parent_process().join()
    os._exit(1)


def _pickled(error: Exception) -> bytes:
    """Pickle an exception; one that cannot be read again becomes an IsolationError with its name and text."""
    try:
        answer = pickle.dumps((False, error))
        pickle.loads(answer)
    except Exception:
        answer = pickle.dumps((False, IsolationError(f"{type(error).__name__}: {error}")))
    return answer
