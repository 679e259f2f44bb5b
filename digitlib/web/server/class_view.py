"""The teacher's view: how many are here, and the newest answers, at an address that nobody guesses."""

import secrets
import time
from collections import deque

import segno

from digitlib.web.server.announcement import QUIET_ZONE

KEPT = 50
"""Answers in memory; the oldest goes when a new one comes, and all go with the program."""
HERE = 120.0
"""Seconds after its last request for which a device counts as being here."""


class ClassView:
    """What the projector shows.

    Parameters
    ----------
    address : str
        Where the class finds the page.
    pictures : bool
        Whether what the network saw is shown, too, and not only its answer.
    """

    def __init__(self, address: str, pictures: bool) -> None:
        self.path = f"/class/{secrets.token_urlsafe(9)}"
        code = segno.make(address, error="m", micro=False)
        self._facts = {"address": address, "code": [list(row) for row in code.matrix_iter(border=QUIET_ZONE)]}
        self._pictures, self._count = pictures, 0
        self._answers: deque = deque(maxlen=KEPT)
        self._visits: dict[str, float] = {}

    def visit(self, address: str) -> None:
        """Note that somebody at an address asked for something."""
        now = time.monotonic()
        self._visits[address] = now
        self._visits = {one: last for one, last in self._visits.items() if now - last < HERE}

    def note(self, found: dict) -> None:
        """Note an answer: its digits, and no more unless the teacher wants the pictures."""
        self._count += 1
        images = [digit["image"] for digit in found["digits"]] if self._pictures else []
        one = {"number": self._count, "headline": found["headline"], "mood": found["mood"], "images": images}
        self._answers.append(one)

    def state(self) -> dict:
        """Return all that the projector shows."""
        return self._facts | {"here": len(self._visits), "count": self._count, "answers": [*self._answers]}
