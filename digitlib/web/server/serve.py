"""Serve the demo as a web page (`make demo`).

python -m digitlib.web.server.serve [--host ADDRESS] [--port NUMBER] [--network FOLDER] [--proxy NAME]
"""

import argparse
import asyncio
import contextlib
import errno
import logging
import signal
import socket
import sys
from pathlib import Path

from tornado.netutil import bind_sockets

from digitlib.reading.network import ModelError, load_recognizer
from digitlib.web.server.announcement import announcement, own_address, page_address
from digitlib.web.server.class_view import ClassView
from digitlib.web.server.server import make_server
from digitlib.web.server.workers import Workers

_MOST_FILES = 8192
"""Open files, and so connections, where the system allows as many; Linux begins with 1,024."""


def main(arguments: list[str] | None = None) -> int:
    """Read the options, and serve until the terminal says stop; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m digitlib.web.server.serve", description="Serve the demo as a web page."
    )
    parser.add_argument("--host", default="127.0.0.1", help="0.0.0.0 lets the whole network in")
    parser.add_argument("--port", type=_port, default=8866)
    parser.add_argument(
        "--network", type=Path, help="the folder of a network of your own, such as runs/lesson"
    )
    proxy = "the name under which a server in front, with https, passes this page on"
    parser.add_argument("--proxy", metavar="NAME", help=proxy)
    projector = "a page for the projector at a secret address: QR code, how many are here, the newest answers"
    parser.add_argument("--class", dest="projector", action="store_true", help=projector)
    parser.add_argument("--pictures", action="store_true", help="on that page, show also what was written")
    options = parser.parse_args(arguments)
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    logging.getLogger("tornado.general").setLevel(logging.ERROR)  # strangers may send what they like
    try:
        network = load_recognizer(options.network) if options.network else load_recognizer()
        sockets = bind_sockets(options.port, options.host)
    except (ModelError, OSError) as error:
        print(_problem(error, options), file=sys.stderr)
        return 1
    with contextlib.suppress(KeyboardInterrupt):
        return asyncio.run(_serve(options, network, sockets))
    return 0


async def _serve(options: argparse.Namespace, network: object, sockets: list[socket.socket]) -> int:
    """Serve on sockets that are bound; say the address when somebody would be answered."""
    _allow_many_files()
    stopped = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C raises KeyboardInterrupt
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    workers = Workers(options.network)
    try:
        await workers.ready()
        name = socket.gethostname()
        names = {"localhost", name, f"{name}.local", options.host, options.proxy}
        hosts = frozenset(name.lower() for name in names if name)
        address = page_address(options.host, sockets[0].getsockname()[1])
        view = ClassView(address, options.pictures) if options.projector else None
        server = make_server(network, workers, hosts, options.proxy is not None, view)
        server.add_sockets(sockets)
        print(announcement(address, sys.stdout.isatty()), flush=True)
        if view:
            print(f"For the projector, and for nobody else: {address}{view.path}\n", flush=True)
        await stopped.wait()
        server.stop()
    except (TimeoutError, EOFError):
        print("The programs that read pictures did not start.", file=sys.stderr)
        return 1
    finally:
        workers.stop()
    return 0


def _port(text: str) -> int:
    if not (text.isdecimal() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; allowed is 0 (any free one) to 65535")
    return int(text)


def _problem(error: Exception, options: argparse.Namespace) -> str:
    """Say what keeps the page from being served, and what helps."""
    if isinstance(error, socket.gaierror) or getattr(error, "errno", None) == errno.EADDRNOTAVAIL:
        here = own_address()
        return f"{options.host} is no address of this computer. Allowed are 127.0.0.1, 0.0.0.0 and {here}."
    if isinstance(error, PermissionError):
        return f"Port {options.port} needs more rights. Choose one from 1024 on: make demo PORT=8866"
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        other = options.port + 1 if options.port < 65535 else 8866
        return f"Port {options.port} is taken, perhaps by another demo. End that, or: make demo PORT={other}"
    return str(error)


def _allow_many_files() -> None:
    """Let this process have as many connections as the system grants."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # Windows has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(_MOST_FILES, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


if __name__ == "__main__":
    sys.exit(main())
