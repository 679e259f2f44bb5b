"""Serve the demo as a web page: python -m demo.serve [--host ADDRESS] [--port NUMBER]  (`make demo`)."""

import argparse
import functools
import ipaddress
import os
import socket
import sys
from pathlib import Path

import segno
from tornado.web import GZipContentEncoding
from voila.app import Voila

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE.parent / "notebooks" / "06_upload_and_predict.ipynb"
LARGEST_REQUEST = 2**20  # bytes; pictures come by websocket, whose limit is in voila.py


class QuickZip(GZipContentEncoding):
    """Sends a third of the bytes for a tenth of the work: thirty phones share one wireless network."""

    GZIP_LEVEL = 1


class DemoServer(Voila):
    """Voilà, which says in the terminal where its page is found."""

    def init_handlers(self):
        """Set up what the server answers."""
        self.app.transforms.append(QuickZip)
        self.app.listen = functools.partial(self.app.listen, max_body_size=LARGEST_REQUEST)
        return super().init_handlers()

    def listen(self):
        """Say the address, and serve."""
        print(announcement(self.ip, self.port), flush=True)
        super().listen()


def announcement(host: str, port: int) -> str:
    """Return what the terminal shows: the page's address, and for other computers a QR code of it.

    Parameters
    ----------
    host : str
        Where the server listens: a name or an address; 0.0.0.0 or :: means every network of this computer.
    port : int
        The port, 1 to 65535.

    Returns
    -------
    str
        Several lines.
    """
    shown = own_address() if host in ("0.0.0.0", "::", "") else host
    address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
    if is_local(shown):
        return f"\nThe demo is at {address} (Ctrl+C ends it).\n"
    code = _terminal_code(address)
    return f"\n{code}\nThe demo is at {address} for everyone in this network (Ctrl+C ends it).\n"


def own_address() -> str:
    """Return this computer's address in its network, or 127.0.0.1 where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # picks the way out of here; nothing is sent
        except OSError:
            return "127.0.0.1"
        return probe.getsockname()[0]


def is_local(host: str) -> bool:
    """Say whether only this computer itself can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _terminal_code(address: str) -> str:
    """Return the QR code of an address, drawn in half blocks."""
    rows = [list(row) for row in segno.make(address, error="l", micro=False).matrix_iter(border=3)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    blocks = {
        (0, 0): "█",
        (0, 1): "▀",
        (1, 0): "▄",
        (1, 1): " ",
    }  # for dark terminals
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join("".join(blocks[bool(a), bool(b)] for a, b in zip(*pair, strict=True)) for pair in pairs)


def main():
    """Read the options, and serve until the terminal says stop."""
    parser = argparse.ArgumentParser(prog="python -m demo.serve", description="Serve the demo as a web page.")
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets the whole network in")
    parser.add_argument("--port", type=int, default=8866)
    parser.epilog = "Further options go to Voilà, such as --VisitorKernels.most_visitors=100."
    options, others = parser.parse_known_args()
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    os.chdir(HERE)  # where Voilà finds voila.py
    where = [f"--Voila.ip={options.host}", f"--port={options.port}"]
    DemoServer.launch_instance([str(NOTEBOOK), "--no-browser", *where, *others])


if __name__ == "__main__":
    main()
