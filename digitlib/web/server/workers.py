"""Workers: processes that answer pictures, each within a time limit, every address in its turn."""

import asyncio
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
from collections import OrderedDict, deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

WORKERS = max(2, min(4, os.cpu_count() or 2))
TIME_LIMIT = 6.0
"""Seconds for one picture; an ordinary photo takes 0.05, the fullest page that is still read about 2."""
START_LIMIT = 60.0
"""Seconds for a worker to load; it takes 1."""
_SPAWN = multiprocessing.get_context("spawn")  # works alike on Linux, macOS and Windows


class Job(NamedTuple):
    """A picture to be answered."""

    data: bytes
    skip: tuple[str, ...]
    digit: int | None  # asks for the reasons of this digit; None asks for the answer
    what: str  # to look for, one of KINDS


class Workers:
    """Some worker processes, and those who wait for them.

    Addresses take turns, so that many pictures from one do not hold up the others.
    """

    def __init__(self, network: Path | None = None) -> None:
        self._threads = ThreadPoolExecutor(WORKERS)
        self._workers = [Worker(network) for _ in range(WORKERS)]
        self._free = list(self._workers)
        self._waiting: OrderedDict[str, deque] = OrderedDict()

    async def ready(self) -> None:
        """Wait until every worker has loaded; raise TimeoutError or EOFError where one does not."""
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(self._threads, one.wait) for one in self._workers))

    async def ask(self, address: str, job: Job) -> dict:
        """Return a worker's reply to a picture that an address sent.

        Raises
        ------
        TimeoutError
            It took longer than the time limit; the worker was ended, and there is a new one.
        EOFError
            The worker died.
        """
        future = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(address, deque()).append((future, job))
        self._give_out()
        return await future

    def _give_out(self) -> None:
        """Give free workers something to do."""
        while self._free and self._waiting:
            address, jobs = self._waiting.popitem(last=False)
            future, job = jobs.popleft()
            if jobs:
                self._waiting[address] = jobs  # at the end: all others come first
            if not future.cancelled():  # its visitor has not left
                worker = self._free.pop()
                running = asyncio.get_running_loop().run_in_executor(self._threads, worker.ask, job)
                running.add_done_callback(lambda done, w=worker, f=future: self._done(done, w, f))

    def _done(self, done: asyncio.Future, worker: "Worker", future: asyncio.Future) -> None:
        self._free.append(worker)
        error = done.exception()
        if not future.cancelled():
            future.set_exception(error) if error else future.set_result(done.result())
        self._give_out()

    def stop(self) -> None:
        """End all workers."""
        for worker in self._workers:
            worker.end()
        self._threads.shutdown(wait=False, cancel_futures=True)


class Worker:
    """One process that answers pictures, and that is replaced when it dies or takes too long."""

    def __init__(self, network: Path | None) -> None:
        self._network = network
        self._start()

    def _start(self) -> None:
        self._connection, other = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_work, args=(other, self._network), daemon=True)
        self.process.start()
        other.close()
        self._loading = True

    def wait(self) -> None:
        """Wait until the process has loaded."""
        if self._loading:
            self._receive(START_LIMIT)
            self._loading = False

    def ask(self, job: Job) -> dict:
        """Return the reply to a picture; see `Workers.ask`."""
        if not self.process.is_alive():  # ended while it had nothing to do
            self._replace()
        try:
            self.wait()
            self._connection.send(job)
            return self._receive(TIME_LIMIT)
        except (TimeoutError, OSError, EOFError) as error:
            self._replace()
            raise error if isinstance(error, TimeoutError) else EOFError from error

    def _replace(self) -> None:
        self.end()
        self._start()

    def _receive(self, seconds: float) -> dict:
        if not self._connection.poll(seconds):
            raise TimeoutError
        return self._connection.recv()

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()
        self._connection.close()


def _work(connection: multiprocessing.connection.Connection, path: Path | None) -> None:
    """Answer pictures until the server ends: the program of a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C ends the server, and that ends the workers
    import cv2

    from digitlib.reading.network import ModelError, load_recognizer
    from digitlib.web.answers import NO_NETWORK, answer
    from digitlib.web.replies import reasons, reply

    cv2.setNumThreads(1)  # a worker has one core
    network = load_recognizer(path) if path else None
    with contextlib.suppress(ModelError):
        answer(_first_page(), network=network)  # loads what the first visitor would otherwise wait for
    connection.send({})
    with contextlib.suppress(EOFError, OSError):  # the server has ended
        while True:
            job = connection.recv()
            try:
                result = answer(job.data, job.skip, network, job.what)
            except ModelError:
                result = NO_NETWORK
            connection.send(reply(result) if job.digit is None else reasons(result, job.digit))


def _first_page() -> bytes:
    """Return a PNG with a stroke on it."""
    import cv2
    import numpy as np

    page = np.full((400, 300), 255, np.uint8)
    page[80:320, 140:160] = 0
    return cv2.imencode(".png", page)[1].tobytes()
