"""A process of its own: what crashes, hangs or takes too much there ends only that one."""

import os
import pickle
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from measuring.acts import LONG, act

from digitlib.measuring.isolation import Isolated, IsolationError


@pytest.fixture(scope="module")
def isolated():
    process = Isolated(act, LONG)
    yield process
    process.end()


def test_what_crashes_is_named_and_the_next_one_is_served(isolated):
    assert isolated("ab") == "abab"
    first = isolated("pid")
    assert first == isolated("pid") != os.getpid()
    with pytest.raises(ValueError, match="no"):
        isolated("raise")
    with pytest.raises(IsolationError, match=r"^Picky: one and two$"):
        isolated("raise what does not unpickle")
    with pytest.raises((AttributeError, pickle.PicklingError)):
        isolated("return what does not pickle")
    assert isolated("pid") == first
    with pytest.raises(IsolationError, match="crashed"):
        isolated("crash")
    assert isolated("pid") != first


def test_what_takes_too_long_is_ended_and_named():
    impatient = Isolated(act, 0.5)
    with pytest.raises(IsolationError, match="longer than 0 seconds"):
        impatient("hang")


def test_threads_get_each_its_own_answer(isolated):
    words = [str(number) for number in range(100)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(isolated, words)) == [2 * word for word in words]


def test_the_answer_to_an_interrupted_call_is_not_given_to_the_next(isolated, monkeypatch):
    isolated("ab")

    def interrupt(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(isolated._connection, "poll", interrupt, raising=False)
    with pytest.raises(KeyboardInterrupt):
        isolated("ab")
    assert isolated("cd") == "cdcd"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits it")
def test_neither_much_memory_nor_the_network_can_be_reached(isolated):
    with pytest.raises(MemoryError):
        isolated("take much memory")
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert "unreachable" in isolated(server.getsockname())


SCRIPT = """
import sys, threading, time
sys.path[:0] = {path!r}
from digitlib.measuring.isolation import Isolated
from measuring.acts import act
process = Isolated(act, 600)
print("begun", process("pid"), flush=True)
threading.Thread(target=process, args=("hang",), daemon=True).start()
time.sleep(600)
"""


def test_a_process_ends_with_the_one_that_started_it_and_runs_no_script_twice(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(path=sys.path), encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        word, number = parent.stdout.readline().split()
        child = psutil.Process(int(number))
        parent.kill()
        child.wait(LONG)
        assert word == "begun" and parent.stdout.read() == ""
