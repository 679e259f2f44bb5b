"""How much may be asked at once: by all, and by one address."""

from collections import Counter

from digitlib.web.answers import LARGEST

MEBIBYTE = 2**20
LARGEST_PICTURE = LARGEST
"""Bytes; the browser shrinks photos to less than one mebibyte."""
MOST_AN_ADDRESS = 64
"""Pictures of one address at a time: a class of sixty behind one address, each with one picture."""
MOST = 400
"""Pictures at a time; at twenty a second the last one waits twenty seconds."""
MOST_BYTES = 192 * MEBIBYTE
"""Bytes of all pictures that are being sent or wait."""
MOST_BYTES_AN_ADDRESS = 48 * MEBIBYTE
MOST_CONNECTIONS_AN_ADDRESS = 400
"""Open connections: six for each browser of a class."""
AGAIN = 2
"""Seconds after which a visitor who was refused may come again."""


class Gate:
    """Counts what is being sent or waits; one more enters only where there is room.

    Examples
    --------
    >>> gate = Gate()
    >>> [gate.enter("192.0.2.1", 1000) for _ in range(MOST_AN_ADDRESS + 1)].count(True) == MOST_AN_ADDRESS
    True
    """

    def __init__(self) -> None:
        self._pictures: Counter = Counter()
        self._bytes: Counter = Counter()

    def enter(self, address: str, size: int) -> bool:
        """Count a picture in, if there is room; nothing comes between the question and the count."""
        room = (
            self._pictures[address] < MOST_AN_ADDRESS
            and self._bytes[address] + size <= MOST_BYTES_AN_ADDRESS
            and self._pictures.total() < MOST
            and self._bytes.total() + size <= MOST_BYTES
        )
        if room:
            self._pictures[address] += 1
            self._bytes[address] += size
        return room

    def leave(self, address: str, size: int) -> None:
        """Count a picture out that had entered."""
        self._pictures[address] -= 1
        self._bytes[address] -= size
        if not self._pictures[address]:
            del self._pictures[address], self._bytes[address]
