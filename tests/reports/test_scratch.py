"""A temporary folder is gone after its block, whenever the block is stopped."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from digitlib.reports.scratch import scratch_folder


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder that holds all temporary ones."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_is_this_users_alone_and_gone_afterwards(temporary):
    with scratch_folder() as first, scratch_folder() as second:
        assert first != second
        Path(first, "file").write_bytes(b"1")
        Path(first, "deeper").mkdir()
        assert sorted(temporary.iterdir()) == sorted([Path(first), Path(second)])
        if os.name == "posix":
            assert Path(first).stat().st_mode & 0o777 == 0o700
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_in_the_block_is_passed_on(temporary, error):
    with pytest.raises(error), scratch_folder():
        raise error
    assert list(temporary.iterdir()) == []


def test_a_stop_right_after_it_was_made_leaves_nothing(temporary, monkeypatch):
    make = Path.mkdir

    def made_and_stopped(*arguments, **options):
        make(*arguments, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "mkdir", made_and_stopped)
    with pytest.raises(KeyboardInterrupt), scratch_folder():
        raise AssertionError("the block is not reached")
    assert list(temporary.iterdir()) == []


def test_a_stop_while_it_is_removed_leaves_nothing(temporary, monkeypatch):
    remove, calls = shutil.rmtree, []

    def stopped_once(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 1:
            raise KeyboardInterrupt
        remove(*arguments, **options)

    monkeypatch.setattr(shutil, "rmtree", stopped_once)
    with pytest.raises(KeyboardInterrupt), scratch_folder() as folder:
        Path(folder, "file").write_bytes(b"1")
    assert list(temporary.iterdir()) == []


ENDLESSLY = """
import sys, tempfile
from pathlib import Path
from digitlib.reports.scratch import scratch_folder
tempfile.tempdir = sys.argv[1]
print("begun", flush=True)
while True:
    with scratch_folder() as folder:
        Path(folder, "file").write_bytes(b"1")
"""


@pytest.mark.skipif(os.name != "posix", reason="sends Ctrl-C to another process")
@pytest.mark.parametrize("attempt", range(5))
def test_ctrl_c_leaves_nothing_wherever_it_comes(tmp_path, attempt):
    command = [sys.executable, "-c", ENDLESSLY, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() != 0
    assert list(tmp_path.iterdir()) == []
