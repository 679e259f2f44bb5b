"""Jobs handed to several processes: on this machine, or on a Dask cluster of many."""

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess

import psutil

from digitlib.reports.scratch import scratch_folder

ANSWER_SECONDS = 15
"""How long a scheduler may take to answer before it counts as not there."""

RETRIES = 2
"""How often a job is done again whose process died: a process that was short of memory once gets it then."""


class ClusterError(RuntimeError):
    """A cluster that cannot be used; the message says what is missing."""


def run_all(
    work: Callable, jobs: Sequence, scheduler: str | None = None, workers: int | None = None
) -> Iterator[tuple[object, object]]:
    """Do the same work for many jobs in parallel, and yield each result as it comes.

    A job whose process died is done again, in another process.

    Parameters
    ----------
    work : function
        Takes a job. It stands at the top of a module, so that another process finds it there.
    jobs : sequence
        Plain values that can be pickled.
    scheduler : str, optional
        Address of a Dask scheduler, such as "tcp://10.0.0.5:8786"; by default processes are started here.
    workers : int, optional
        How many processes to start here; by default one for each core. One needs no other process.

    Yields
    ------
    (job, result or Exception)
        In the order in which they are done. An exception where the work raised one, or its process died
        each time.

    Raises
    ------
    ClusterError
        If no scheduler answers at that address, it goes away, or Dask is not installed.

    Examples
    --------
    >>> list(run_all(abs, [-1, 2], workers=1))
    [(-1, 1), (2, 2)]
    """
    most = 61 if sys.platform == "win32" else len(jobs)  # Windows waits for no more processes at once
    count = min(workers or os.cpu_count() or 1, len(jobs), most)
    if scheduler is not None:
        yield from _run_on_cluster(work, jobs, scheduler)
    elif count <= 1:
        yield from ((job, _attempt(work, job)) for job in jobs)
    else:
        waiting = deque(jobs)
        while waiting:
            for job in (yield from _run_here(work, waiting, count)):
                for _ in range(RETRIES):  # alone: its end is no other job's
                    if not (yield from _run_here(work, deque([job]), 1)):
                        break
                else:
                    yield job, ClusterError(f"its process died {1 + RETRIES} times")


def _run_here(work: Callable, waiting: deque, count: int) -> Generator[tuple[object, object], None, list]:
    """Do waiting jobs until none is left or a process died; return the jobs that were running then."""
    with _pool(count) as pool:
        running = {}
        while waiting or running:
            try:
                while waiting and len(running) < count:
                    with _without_interrupts():  # the pool starts its processes when it gets jobs
                        future = pool.submit(work, waiting[0])
                    running[future] = waiting.popleft()
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    result = _attempt(future.result)
                    if isinstance(result, BrokenProcessPool):
                        raise result
                    yield running.pop(future), result
            except BrokenProcessPool:
                return list(running.values())
    return []


@contextlib.contextmanager
def _pool(count: int) -> Iterator[ProcessPoolExecutor]:
    """Start processes when they are needed, and end them: at once where an error or Ctrl-C ends the block.

    The processes cannot tidy up then, so their kernels are ended here, too, and their files removed.
    """
    before = multiprocessing.active_children()
    with scratch_folder() as scratch:
        # New interpreters, not copies of this one: a copy shares locks and threads, and may hang.
        new = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(count, new, _keep_temporary_files_in, (scratch,))
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            ours = set(multiprocessing.active_children()) - set(before)
            _kill_with_children(ours)
            for process in ours:
                process.join()
            raise
        pool.shutdown()


def _kill_with_children(processes: Iterable[BaseProcess]) -> None:
    """End processes and all that they started, and that these started.

    Each is stopped before its children are looked for: it starts no more. None is ended before all are found:
    as soon as the pool misses one it ends the others, and what they started would be nobody's child.
    """
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.append(psutil.Process(process.pid))
    try:
        for one in found:  # which grows meanwhile
            with contextlib.suppress(psutil.Error):
                one.suspend()
                found += one.children()
    finally:
        for one in found:
            with contextlib.suppress(psutil.Error):
                one.kill()


def _keep_temporary_files_in(folder: str) -> None:
    """Let this process, and those that it starts, keep their temporary files in a folder."""
    os.environ |= dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder)
    tempfile.tempdir = folder


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Let processes that are started in the block not hear Ctrl-C: the one that started them ends them.

    A Ctrl-C within the block waits until its end. Windows cannot make it wait, nor lets processes be deaf.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run_on_cluster(work: Callable, jobs: Sequence, scheduler: str) -> Iterator[tuple[object, object]]:
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise ClusterError('Dask is missing. Install it: pip install "digitlib[cluster]".') from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is in the results
    try:
        client = Client(scheduler, timeout=ANSWER_SECONDS)
    except (OSError, ValueError) as error:
        raise ClusterError(f"No Dask scheduler answers at {scheduler}.") from error
    with client:
        futures = {client.submit(work, job, pure=False): job for job in jobs}
        for future in as_completed(list(futures)):
            if future.status not in ("finished", "error"):
                raise ClusterError(f"The Dask scheduler at {scheduler} went away.")
            yield futures.pop(future), _attempt(future.result)
            future.release()


def _attempt(work: Callable, *values: object) -> object:
    try:
        return work(*values)
    except Exception as error:
        return error
