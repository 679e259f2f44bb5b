"""What the terminal says when the demo is served: its address, and a QR code for the projector."""

import ipaddress
import socket

import segno


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
