"""What the tests of isolation have done in another process; it imports little, so that it begins soon."""

import os
import socket
import time

LONG = 600
"""Seconds that a call may take: far more than a busy machine needs."""


class Picky(Exception):
    """Is pickled as its message alone, so that it cannot be made again."""

    def __init__(self, first, second):
        super().__init__(f"{first} and {second}")


def act(what):
    if what == "crash":
        os._exit(11)
    if what == "hang":
        time.sleep(LONG)
    if what == "raise":
        raise ValueError("no")
    if what == "raise what does not unpickle":
        raise Picky("one", "two")
    if what == "return what does not pickle":
        return lambda: None
    if what == "take much memory":
        return len(bytearray(100 * 1024**3))
    if isinstance(what, tuple):
        try:
            socket.create_connection(what, timeout=10).close()
        except OSError as error:
            return str(error)
    return os.getpid() if what == "pid" else what * 2
