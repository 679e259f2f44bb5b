"""The kernel of a report: which Python it is, and where its connections lie."""

import contextlib
import os
from pathlib import Path

import psutil
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets.config import Config

LONGEST_SOCKET_FOLDER = 80
"""Most characters of the folder of a kernel's sockets: macOS allows 104 for the name of a socket."""

LAST_WORDS = "kernel.stderr"
"""File beside the connection file: what a kernel wrote past Jupyter, such as why it does not start."""


class ThisPython(AsyncKernelManager):
    """Start the kernel of this Python, whatever is installed under its name.

    A lesson that saves a network saves it beside the kernel's connection file: a report replaces no network
    of a learner's, and reports that run at once do not disturb each other.

    Examples
    --------
    >>> ThisPython().kernel_spec.language
    'python'
    """

    @property
    def kernel_spec(self) -> KernelSpec:
        """Return this Python's own kernel."""
        runs = Path(self.connection_file).parent / "runs"
        return KernelSpec(**get_kernel_dict(), env={"DIGITLIB_RUNS": str(runs)})

    async def start_kernel(self, **settings: object) -> None:
        """Start the kernel; what its libraries write as they end goes to a file."""
        with Path(self.connection_file).with_name(LAST_WORDS).open("wb") as file:
            await super().start_kernel(stderr=file, **settings)


def kernel_settings(folder: str) -> Config:
    """Choose where a kernel's connection file and sockets lie.

    No other user reaches them in a folder of its own. Of two kernels that start at once on ports, both may
    choose the same.

    Parameters
    ----------
    folder : str
        A folder for this kernel alone.

    Returns
    -------
    traitlets.config.Config

    Examples
    --------
    >>> str(kernel_settings("k")["KernelManager"]["connection_file"])[-11:]
    'kernel.json'
    """
    settings = {"connection_file": str(Path(folder, "kernel.json"))}
    if os.name == "posix" and len(folder) < LONGEST_SOCKET_FOLDER:
        settings |= {"transport": "ipc", "ip": str(Path(folder, "kernel"))}
    return Config({"KernelManager": settings})


def last_words(folder: str) -> str:
    """Return the last line that a kernel wrote past Jupyter: why it did not start.

    Parameters
    ----------
    folder : str
        The folder of `kernel_settings`.

    Returns
    -------
    str
        Empty if it wrote nothing.

    Examples
    --------
    >>> last_words("no such folder")
    ''
    """
    file = Path(folder, LAST_WORDS)
    lines = file.read_text(encoding="utf-8", errors="replace").split("\n") if file.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def kill_started_with(folder: str) -> None:
    """End what was started with a folder in its command.

    A kernel that Ctrl-C left still writes there.

    Parameters
    ----------
    folder : str
        A folder for one kernel alone.

    Examples
    --------
    >>> kill_started_with("no such folder")
    """
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any(folder in argument for argument in process.cmdline()):
                process.kill()
                process.wait()
