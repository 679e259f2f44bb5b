"""Work handed to several processes: on this machine, or on a Dask cluster of many."""

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence

from distributed import Client, LocalCluster, as_completed

ANSWER_SECONDS = 15
"""How long a scheduler may take to answer before it counts as not there."""


class ClusterError(RuntimeError):
    """No scheduler where one should be; the message says where."""


def run_all(
    work: Callable, jobs: Sequence, scheduler: str | None = None, workers: int | None = None
) -> Iterator[tuple[object, object]]:
    """Do the same work for many jobs at once, and hand out what is done as it comes.

    Work that was lost, because its worker died, is done again by another one.

    Parameters
    ----------
    work : function
        Takes a job. It stands at the top of a module, so that another machine finds it there.
    jobs : sequence
        Plain values that can be sent.
    scheduler : str, optional
        Address of a Dask scheduler, such as "tcp://10.0.0.5:8786"; by default processes are started here.
    workers : int, optional
        How many processes to start here; by default one for each core. One needs no other process.

    Yields
    ------
    (job, result or Exception)
        In the order in which they are done. An exception where the work raised one, or was lost too often.

    Raises
    ------
    ClusterError
        If no scheduler answers at that address, or it goes away.
    """
    count = min(workers or os.cpu_count() or 1, len(jobs))
    if scheduler is None and count <= 1:
        yield from ((job, _attempt(work, job)) for job in jobs)
        return
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is in the results
    with contextlib.ExitStack() as stack:
        if scheduler is None:
            with _deaf_to_interrupts():
                cluster = LocalCluster(
                    n_workers=count,
                    threads_per_worker=1,
                    dashboard_address="127.0.0.1:0",
                    silence_logs=logging.CRITICAL,
                )
            scheduler = stack.enter_context(cluster).scheduler_address
        try:
            client = stack.enter_context(Client(scheduler, timeout=ANSWER_SECONDS))
        except (OSError, ValueError) as error:
            raise ClusterError(f"No Dask scheduler answers at {scheduler}.") from error
        futures = {client.submit(work, job, pure=False): job for job in jobs}
        for future in as_completed(list(futures)):
            job = futures.pop(future)
            if future.status == "finished":
                yield job, future.result()
            elif future.status == "error":
                yield job, future.exception()
            else:
                raise ClusterError(f"The Dask scheduler at {scheduler} went away.")
            future.release()


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes that are started meanwhile do not hear Ctrl-C: who started them ends them, without a word."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _attempt(work: Callable, job: object) -> object:
    try:
        return work(job)
    except Exception as error:
        return error
