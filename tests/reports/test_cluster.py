"""Jobs in several processes here: where they run, what they inherit, and that none is left."""

import math
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from digitlib.reports.cluster import run_all


def process(job):
    return os.getpid()


def fail_over_1(job):
    return math.sqrt(1 - job)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_job_raises_is_its_result_and_the_others_go_on(workers):
    results = dict(run_all(fail_over_1, [0, 5, 1], workers=workers))
    assert isinstance(results.pop(5), ValueError) and results == {0: 1.0, 1: 0.0}


@pytest.mark.parametrize(
    ("jobs", "workers", "cores"),
    [([1, 2], 1, 4), ([1], 4, 4), ([1, 2], None, 1), ([1, 2], None, None), ([], 2, 4)],
)
def test_one_process_is_this_one(monkeypatch, jobs, workers, cores):
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert list(run_all(process, jobs, workers=workers)) == [(job, os.getpid()) for job in jobs]


def surroundings(job):
    """What a process has that jobs run in: its own number, its folders of temporary files, deafness."""
    deaf = hasattr(signal, "pthread_sigmask") and signal.SIGINT in signal.pthread_sigmask(
        signal.SIG_BLOCK, ()
    )
    return os.getpid(), {tempfile.gettempdir(), *map(os.environ.get, ("TMPDIR", "TEMP", "TMP"))}, deaf


def test_several_processes_have_a_folder_for_temporary_files_and_hear_no_interrupt(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    found = [result for _, result in run_all(surroundings, list(range(4)))]
    assert os.getpid() not in {number for number, _, _ in found}
    (folder,) = set.union(*(folders for _, folders, _ in found))
    assert folder != tempfile.gettempdir() and not Path(folder).exists()
    if hasattr(signal, "pthread_sigmask"):
        assert all(deaf for _, _, deaf in found)
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ()), "but this one hears it"


STARTING = 3
"""So many processes start another: the pool ends its processes itself as soon as one of them is gone."""


def start_and_wait(job):
    """Start a process, and never return, but for the job that has no file to write its number to."""
    if job:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        writing = Path(job).with_suffix(".writing")
        writing.write_text(f"{os.getpid()} {child.pid}", encoding="utf-8")
        writing.replace(job)
        child.wait()
    return job


def test_who_stops_in_the_middle_ends_all_processes_and_what_they_started(tmp_path, monkeypatch):
    slowly = psutil.Process.suspend
    monkeypatch.setattr(psutil.Process, "suspend", lambda process: (time.sleep(0.3), slowly(process)))
    before = set(multiprocessing.active_children())
    paths = [tmp_path / str(number) for number in range(STARTING)]
    results = run_all(start_and_wait, ["", *map(str, paths)], workers=1 + STARTING)
    assert next(results) == ("", "")
    deadline = time.monotonic() + 300  # far more than a busy machine needs
    while not all(path.exists() for path in paths) and time.monotonic() < deadline:
        time.sleep(0.02)
    results.close()
    assert set(multiprocessing.active_children()) == before
    started = [int(number) for path in paths for number in path.read_text(encoding="utf-8").split()]
    deadline = time.monotonic() + 60
    while any(map(lives, started)) and time.monotonic() < deadline:  # an ending takes a moment
        time.sleep(0.02)
    assert not any(map(lives, started))


def lives(number):
    """Return whether a process goes on: a zombie does not."""
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
