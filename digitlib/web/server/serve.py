"""Serve the demo as a web page (`make demo`).

python -m digitlib.web.server.serve [--host ADDRESS] [--port NUMBER] [--network FOLDER]
"""

import argparse
import os
import sys
from pathlib import Path

from digitlib.data import bundled_folder
from digitlib.reading.network import ModelError, load_recognizer
from digitlib.web.server.warm_program import warm_program

HERE = Path(__file__).resolve().parent
NOTEBOOK = bundled_folder("notebooks") / "06_upload_and_predict.ipynb"


def main():
    """Read the options, and serve until the terminal says stop."""
    parser = argparse.ArgumentParser(
        prog="python -m digitlib.web.server.serve", description="Serve the demo as a web page."
    )
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets the whole network in")
    parser.add_argument("--port", type=int, default=8866)
    parser.add_argument("--network", help="the folder of a network of your own, such as runs/lesson")
    parser.epilog = "Further options go to Voilà, such as --VisitorKernels.most_visitors=100."
    options, others = parser.parse_known_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if options.network:
        try:
            load_recognizer(options.network)
        except ModelError as error:
            parser.error(str(error))
        os.environ["DIGITLIB_NETWORK"] = str(Path(options.network).resolve())
    os.chdir(HERE)  # where Voilà finds voila.py
    warm_program()  # loads on another core, while the server loads here
    # Jupyter checks the form of its events, and for that builds a grammar of international web addresses. It
    # takes a second, and no event has such an address: without the grammar, all else is still checked.
    sys.modules["rfc3987_syntax"] = None
    from digitlib.web.server.server import DemoServer

    where = [f"--Voila.ip={options.host}", f"--port={options.port}"]
    DemoServer.launch_instance([str(NOTEBOOK), "--no-browser", *where, *others])


if __name__ == "__main__":
    main()
