"""What the terminal says when the demo is served: its address, and a QR code for the projector."""

import ipaddress
import socket
from urllib.parse import urlsplit

import segno

QUIET_ZONE = 4
"""Modules of white around a QR code, as its standard asks."""


def page_address(host: str, port: int) -> str:
    """Return where others find the page.

    Parameters
    ----------
    host : str
        Where the server listens: a name or an address; 0.0.0.0 or :: means every network of this computer.
    port : int
        The port, 1 to 65535.

    Returns
    -------
    str
    """
    shown = own_address() if host in ("0.0.0.0", "::", "") else host
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def announcement(address: str, colored: bool = False) -> str:
    """Return what the terminal shows: the page's address, and for other computers a QR code of it.

    Parameters
    ----------
    address : str
        As `page_address` returns it.
    colored : bool
        Whether the terminal knows colours: then a camera reads the code on light terminals, too.

    Returns
    -------
    str
        Several lines.
    """
    if is_local(urlsplit(address).hostname):
        return f"\nThe demo is at {address} (Ctrl+C ends it).\n"
    code = _terminal_code(address, colored)
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


def _terminal_code(address: str, colored: bool) -> str:
    """Return the QR code of an address, drawn in half blocks: white ones, on black."""
    rows = [list(row) for row in segno.make(address, error="l", micro=False).matrix_iter(border=QUIET_ZONE)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    blocks = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}
    pairs = zip(rows[::2], rows[1::2], strict=True)
    lines = ("".join(blocks[bool(a), bool(b)] for a, b in zip(*pair, strict=True)) for pair in pairs)
    before, after = ("\x1b[97;40m", "\x1b[0m") if colored else ("", "")
    return "\n".join(f"{before}{line}{after}" for line in lines)
