"""Measure how many reports an hour several workers make: ``python benchmarks/reports_per_hour.py``.

Each report is a notebook that waits, so that what is left is the cost of making a report: to start a kernel,
to run the cells, to write the page. A waiting notebook needs no core, so more workers than cores make sense.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

import nbformat
from distributed import Client, LocalCluster
from nbformat.v4 import new_code_cell, new_notebook

from digitlib.reports.folder import run_reports
from digitlib.reports.run import make_job, run_job


def waiting_notebook(path, seconds):
    """Write a notebook that waits.

    Parameters
    ----------
    path : Path
        The file.
    seconds : float
        How long.
    """
    cells = [
        new_code_cell(f"number = 0\nseconds = {seconds}", metadata={"tags": ["parameters"]}),
        new_code_cell("import time\n\nfrom digitlib.notebooks.results import Results"),
        new_code_cell("time.sleep(seconds)\nResults(accuracy=number)"),
    ]
    nbformat.write(new_notebook(cells=cells), path)


def measure(workers, count, seconds):
    """Make reports with some workers, and time them.

    Parameters
    ----------
    workers : int
        Processes, on this machine.
    count : int
        Reports.
    seconds : float
        How long each one's notebook waits.

    Returns
    -------
    wall, busy : float
        Seconds from the first report handed out to the last one kept, and processor seconds of the process
        that hands them out.
    """
    with tempfile.TemporaryDirectory() as scratch:
        notebook = Path(scratch, "waiting.ipynb")
        waiting_notebook(notebook, seconds)
        jobs = [make_job(notebook, {"number": n}, name=f"waiting-{n}") for n in range(count + workers)]
        settings = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
        with LocalCluster(n_workers=workers, **settings) as cluster, Client(cluster) as client:
            # The first report of a worker waits for imports: those are paid once, not once a report.
            client.gather([client.submit(run_job, job, pure=False) for job in jobs[count:]])
            wall, busy = time.perf_counter(), time.process_time()
            ended = list(run_reports(jobs[:count], Path(scratch, "out"), cluster.scheduler_address))
            wall, busy = time.perf_counter() - wall, time.process_time() - busy
    failed = [outcome.error for _, outcome in ended if outcome.error]
    if failed:
        raise SystemExit(f"{len(failed)} reports failed: {failed[0]}")
    return wall, busy


def main():
    """Print a table, and what it means for 1,000 reports on 100 workers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--each", type=int, default=6, help="reports for each worker")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long a notebook waits")
    options = parser.parse_args()
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{os.cpu_count()} cores; load before the start: {load:.1f}\n")
    head = ("Workers", "Reports", "Seconds", "Reports an hour", "Overhead (s)", "Client busy (s)")
    print("Overhead and client are for one report.\n")
    print(f"| {' | '.join(head)} |\n|{'--:|' * len(head)}")
    for workers in options.workers:
        count = options.each * workers
        wall, busy = measure(workers, count, options.seconds)
        overhead = wall / options.each - options.seconds
        row = [f"{value:.0f}" for value in (workers, count, wall, 3600 * count / wall)]
        print(f"| {' | '.join([*row, f'{overhead:.1f}', f'{busy / count:.3f}'])} |", flush=True)
        if workers == options.workers[0]:
            alone = overhead
    waves, client = 1000 / 100 * (options.seconds + alone), 1000 * busy / count
    print("\nEstimate for 1,000 such reports on 100 workers, each with a core of its own:")
    print(f"{waves:.0f} s of work a worker, {client:.0f} s of the client, at the same time.")


if __name__ == "__main__":
    main()
