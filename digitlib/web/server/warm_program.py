"""The Python process of each visitor, there at once: a copy of one that has loaded everything already.

Voilà gives every visitor a process (a "kernel"). Loading Python, OpenCV and the network takes time and
memory, too much when a whole class opens the page at once. Here that is done once, in this file run as a
program. For each visitor that program forks: the copy is there in an instant, and shares all memory that it
does not change. Where there is no fork, or it is not safe (Windows, macOS), kernels start the ordinary way.

Nothing of the server is imported here: the program is loaded on one core while the server is on another.
"""

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path


class WarmProgram:
    """The process that is copied for each visitor."""

    def __init__(self):
        command = [sys.executable, "-m", "digitlib.web.server.warm_program"]
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            command,
            cwd=Path(__file__).resolve().parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )

    def copy(self, connection_file: str, folder: str, environment: dict) -> "Copy":
        """Start a copy that becomes a visitor's kernel."""
        order = {"connection_file": connection_file, "folder": folder, "environment": environment}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        return Copy(int(self._process.stdout.readline()))


class Copy:
    """A copied process in the form that Jupyter expects: the part of `subprocess.Popen` that it uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid):
        self.pid = pid

    def poll(self):
        """Give None while the process lives."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self, timeout=None):
        """Wait until the process has ended."""
        while self.poll() is None:
            time.sleep(0.02)
        return 0

    def send_signal(self, number):
        """Send the process a signal, if it still lives."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self):
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self):
        """End the process."""
        self.send_signal(signal.SIGKILL)


@functools.cache
def warm_program():
    """Start the program at the first call, give it at each; None where there is no safe fork."""
    return WarmProgram() if sys.platform == "linux" else None


def main():
    """Load and try everything, then make a copy of this process for each line that comes in."""
    import gc
    import importlib

    import cv2
    import ipykernel.kernelapp  # noqa: F401  (the kernel itself)
    import numpy as np

    cv2.setNumThreads(1)  # a copy has one thread; and for a class that is the right number

    import digitlib.web.widgets  # noqa: F401  (what the page's cell imports)
    from digitlib.reading.network import ModelError
    from digitlib.web.answer_html import looked_html
    from digitlib.web.answers import answer

    page = np.full((400, 300), 255, np.uint8)
    page[80:320, 140:160] = 0
    with contextlib.suppress(ModelError):  # the page says what is wrong
        looked_html(answer(cv2.imencode(".png", page)[1].tobytes()).reading)
    for name in modules_of_a_kernel():
        with contextlib.suppress(Exception):  # it is then imported when it is needed
            importlib.import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # copies that end leave nothing behind
    gc.freeze()  # the collector must not touch, and so copy, what is shared
    for line in sys.stdin.buffer:
        pid = os.fork()
        if pid == 0:
            become_kernel(**json.loads(line))
            return
        os.setpgid(pid, pid)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def modules_of_a_kernel():
    """Let a copy start a kernel and the demo; give the names of the modules which that loads in addition."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writer, "\n".join(_rehearse()).encode())
        finally:
            os._exit(0)  # it must not come back into `main`
    os.close(writer)
    os.waitpid(pid, 0)
    with os.fdopen(reader, encoding="utf-8") as names:
        return names.read().split()


def _rehearse():
    """Start a kernel and the demo, for nobody."""
    import ipywidgets
    from ipykernel.kernelapp import IPKernelApp

    from digitlib.web.widgets import DemoApp

    os.dup2(2, 1)
    known = set(sys.modules)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "kernel.json")
        IPKernelApp.instance().initialize(["-f", file, "--HistoryManager.enabled=False"])
        ipywidgets.register_comm_target()
        DemoApp()
    return sorted(set(sys.modules) - known)


def become_kernel(connection_file, folder, environment):
    """Turn this copy into the kernel of a visitor."""
    import ipywidgets
    from ipykernel.kernelapp import IPKernelApp

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # the old output tells the server the number of the copy, and nothing else
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    # No history: nothing of a visit is written to any disk.
    options = [f"--IPKernelApp.parent_handle={os.getppid()}", "--HistoryManager.enabled=False"]
    kernel = IPKernelApp.instance()
    kernel.initialize(["-f", connection_file, *options])
    ipywidgets.register_comm_target()  # at its import there was no kernel yet
    kernel.start()


if __name__ == "__main__":
    main()
