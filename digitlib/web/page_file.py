"""A network to take home: one HTML file that needs no server."""

import base64
import html
from collections.abc import Sequence
from pathlib import Path

from digitlib.reading.network import Recognizer
from digitlib.web.assets import STATIC, script, style
from digitlib.web.network_file import network_bytes, network_name


def write_page(networks: Sequence[Recognizer], path: str | Path) -> Path:
    """Write networks and a page that runs them as one HTML file.

    The file opens from disk on any computer or phone, without a server and without internet. It reads what is
    drawn on it, shows the feature maps of the first network and the sum behind each of their values, and lets
    kernels be switched off. Introduced in notebook 06.

    Parameters
    ----------
    networks : sequence of Recognizer
        The first is shown in full; of others only the answer, for comparison.
    path : path
        The HTML file; one that is there already is replaced.

    Returns
    -------
    Path
        The file that was written.

    Examples
    --------
    >>> import tempfile
    >>> from digitlib.reading.network import load_recognizer
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_page([load_recognizer()], Path(folder) / "mine.html").stat().st_size < 1_000_000
    True
    """
    weights = (base64.b64encode(network_bytes(network)).decode("ascii") for network in networks)
    kind = 'class="digitlib-weights" type="application/octet-stream"'
    parts = {
        "name": html.escape(network_name(networks[0])),
        "style": style(),
        "networks": "\n    ".join(f"<script {kind}>{text}</script>" for text in weights),
        "script": script("take_home"),
    }
    page = (STATIC / "take_home.html").read_text(encoding="utf-8")
    for name, text in parts.items():
        page = page.replace("{{" + name + "}}", text)
    path = Path(path)
    path.write_text(page, encoding="utf-8", newline="\n")
    return path
