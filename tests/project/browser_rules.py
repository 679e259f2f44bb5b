"""Run notebooks under the rules of Python inside a browser: no process, no thread, no socket.

python browser_rules.py NOTEBOOK ...

It needs nothing that JupyterLite does not install, and ends with 1 and the name of the cell where one fails.
"""

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import matplotlib.font_manager  # noqa: F401  (lists the fonts, with a timer everywhere but in a browser)
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config


def refuse(*_, **__):
    """Stand in for what a browser does not have."""
    raise OSError("there are no processes, threads and sockets in a browser")


def main(*names):
    """Run the cells of notebooks, each in a namespace of its own."""
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    threading.Thread.start = subprocess.Popen.__init__ = socket.socket.connect = socket.socket.bind = refuse
    for name in names:
        shell.reset(new_session=False)
        for cell in json.loads(Path(name).read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code" and not shell.run_cell("".join(cell["source"])).success:
                sys.exit(f"{name}: {cell['id']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
