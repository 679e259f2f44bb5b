"""The demo's server: the page, and answers to pictures. Nothing is stored, and nobody is known again."""

import asyncio
import functools
import gzip
import hashlib
import ipaddress
import json
from collections import Counter
from urllib.parse import urlsplit

import tornado.web
from tornado.httpserver import HTTPServer

from digitlib.reading.network import LETTERS_FILE, Recognizer, load_recognizer
from digitlib.reading.normalize import SKIPPABLE
from digitlib.reading.text import KINDS
from digitlib.web.answers import BROKEN, SLOW
from digitlib.web.assets import STATIC, sample_files, script, style, thumbnail
from digitlib.web.network_file import network_bytes, network_name, shipped_beside
from digitlib.web.replies import reply
from digitlib.web.server.class_view import ClassView
from digitlib.web.server.limits import AGAIN, LARGEST_PICTURE, MOST_CONNECTIONS_AN_ADDRESS, Gate
from digitlib.web.server.workers import Job, Workers

IDLE = 15
"""Seconds for the head of a request, and between two requests of a connection."""
BODY = 60
"""Seconds for a picture to arrive: a photo of 0.4 MB takes 8 at 400 kbit/s."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data: blob:; media-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-cache",
    "Server": "digitlib",
}


class Handler(tornado.web.RequestHandler):
    """What all answers have in common: headers, the names that may be asked for, and one way to fail."""

    def set_default_headers(self) -> None:
        """Tell the browser what it may do with the page."""
        for name, value in _HEADERS.items():
            self.set_header(name, value)

    def prepare(self) -> None:
        """Refuse names that are not this computer's, and questions of other pages."""
        host = urlsplit(f"//{self.request.host}").hostname or ""
        if not _is_address(host) and host not in self.settings["hosts"]:
            raise tornado.web.HTTPError(421)
        origin = self.request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != self.request.host:
            raise tornado.web.HTTPError(403)
        if view := self.settings["view"]:
            view.visit(self.request.remote_ip)

    def write_error(self, status_code: int, **_: object) -> None:
        """Answer any failure with its number and the usual words for it, and nothing else."""
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        if status_code in (429, 503):
            self.set_header("Retry-After", AGAIN)
        self.finish(f"{status_code}: {self._reason}\n")


def _is_address(host: str) -> bool:
    """Return whether a host is a number: no name of another site can be made to mean this computer then."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class File(Handler):
    """A file that is kept in memory; nothing else can be fetched."""

    def initialize(self, kind: str, content: bytes) -> None:
        """Take the content."""
        self._kind, self._content = kind, content
        if kind.startswith("text/") and "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self._content = _packed(content)
            self.set_header("Content-Encoding", "gzip")

    def get(self) -> None:
        """Send the file."""
        self.set_header("Content-Type", self._kind)
        self.finish(self._content)


@functools.cache
def _packed(content: bytes) -> bytes:
    """Pack a file once for all visitors."""
    return gzip.compress(content, mtime=0)


@tornado.web.stream_request_body
class Answers(Handler):
    """Answers to pictures."""

    def initialize(self, why: bool) -> None:
        """Take whether reasons are asked for, or the answer."""
        self._why, self._size, self._parts = why, None, []

    def prepare(self) -> None:
        """Refuse a picture that is too large, or for which there is no room, before it is received."""
        super().prepare()
        if self.request.method != "POST":
            return
        size = self.request.headers.get("Content-Length", "")
        if not size.isdecimal():
            raise tornado.web.HTTPError(411)
        if int(size) > LARGEST_PICTURE:
            raise tornado.web.HTTPError(413)
        if not self.settings["gate"].enter(self.request.remote_ip, int(size)):
            raise tornado.web.HTTPError(429)
        self._size = int(size)

    def data_received(self, chunk: bytes) -> None:
        """Receive a part of the picture."""
        self._parts.append(chunk)

    async def post(self) -> None:
        """Answer the picture."""
        skip = tuple(name for name in SKIPPABLE if name in self.get_query_argument("skip", "").split(","))
        digit = self.get_query_argument("digit", "0")
        place = int(digit) if digit.isdecimal() and len(digit) < 4 else 0
        asked = self.get_query_argument("what", KINDS[0])
        what = asked if asked in KINDS else KINDS[0]
        job = Job(b"".join(self._parts), skip, place if self._why else None, what)
        self._parts.clear()
        self._asking = asyncio.ensure_future(self.settings["workers"].ask(self.request.remote_ip, job))
        try:
            found = await self._asking
        except (TimeoutError, EOFError) as error:
            if self._why:
                raise tornado.web.HTTPError(500) from error
            found = reply(SLOW if isinstance(error, TimeoutError) else BROKEN)
        except asyncio.CancelledError:
            return
        if not self._why and self.settings["view"]:
            self.settings["view"].note(found)
        self.finish(found)

    def on_finish(self) -> None:
        """Make room for another picture."""
        if self._size is not None:
            self.settings["gate"].leave(self.request.remote_ip, self._size)
            self._size = None

    def on_connection_close(self) -> None:
        """Work no longer for somebody who has left."""
        super().on_connection_close()
        if asking := getattr(self, "_asking", None):
            asking.cancel()
        self.on_finish()


class Class(Handler):
    """What the projector shows at present."""

    def get(self) -> None:
        """Send the newest answers."""
        self.finish(self.settings["view"].state())


class Missing(Handler):
    """Everything else."""

    def prepare(self) -> None:
        """Say that there is nothing."""
        super().prepare()
        raise tornado.web.HTTPError(404)


class Server(HTTPServer):
    """An HTTP server that closes connections which one address has too many of."""

    def initialize(self, *arguments: object, **options: object) -> None:
        """Begin without connections."""
        super().initialize(*arguments, **options)
        self._open: Counter = Counter()

    def handle_stream(self, stream: object, address: tuple) -> None:
        """Take a connection."""
        host = address[0]
        if (
            not self.xheaders and self._open[host] >= MOST_CONNECTIONS_AN_ADDRESS
        ):  # else all come from the proxy
            stream.close()
            return
        self._open[host] += 1
        super().handle_stream(stream, address)

    def on_close(self, server_conn: object) -> None:
        """Count a closed connection out."""
        super().on_close(server_conn)
        host = server_conn.context.address[0]
        self._open[host] -= 1
        if not self._open[host]:
            del self._open[host]


def _served_files(network: Recognizer, view: ClassView | None) -> dict[str, tuple[str, bytes]]:
    """Return what is served as it is, by its address: type and content."""
    shipped = shipped_beside(network)
    # Beside one of your own stands digitlib's of the same kind; else there is a switch to letters.
    second = {"letters": load_recognizer(LETTERS_FILE)} if shipped is None else {"beside": shipped}
    weights = {name: network_bytes(one) for name, one in ({"network": network} | second).items()}
    names = [path.name for path in sample_files()]
    versions = {name: f"{name}?{hashlib.sha256(data).hexdigest()[:12]}" for name, data in weights.items()}
    facts = {"name": network_name(network), "samples": names, **versions}
    pages = {
        name: (STATIC / f"{name}.html")
        .read_text(encoding="utf-8")
        .replace("{{facts}}", json.dumps(facts).replace("<", "\\u003c"))
        for name in ("index", "inside")
    }
    files = {
        "/": ("text/html; charset=UTF-8", pages["index"].encode()),
        "/inside": ("text/html; charset=UTF-8", pages["inside"].encode()),
        "/page.js": ("text/javascript; charset=UTF-8", script("page").encode()),
        "/inside.js": ("text/javascript; charset=UTF-8", script("inside_page").encode()),
        "/page.css": ("text/css; charset=UTF-8", style().encode()),
        **{f"/{name}": ("application/octet-stream", data) for name, data in weights.items()},
    }
    if view:
        files[view.path] = ("text/html; charset=UTF-8", (STATIC / "class.html").read_bytes())
        files["/class.js"] = ("text/javascript; charset=UTF-8", script("class").encode())
    for path in sample_files():
        files[f"/samples/{path.name}"] = ("image/jpeg", path.read_bytes())
        files[f"/small/{path.name}"] = ("image/jpeg", thumbnail(path))
    return files


def make_server(
    network: Recognizer, workers: Workers, hosts: frozenset[str], proxy: bool, view: ClassView | None
) -> Server:
    """Return the server, ready to listen.

    Parameters
    ----------
    network : Recognizer
        The network that the browser runs while somebody draws, and whose name the page shows.
    workers : Workers
    hosts : frozenset of str
        Names under which the page may be asked for; numbers always may.
    proxy : bool
        Whether a server in front says who is asking.
    view : ClassView or None
        The teacher's view, where there is one.
    """
    rules = [
        (name.replace(".", r"\."), File, {"kind": kind, "content": content})
        for name, (kind, content) in _served_files(network, view).items()
    ]
    rules += [(f"{view.path}/answers", Class)] if view else []
    rules += [("/answer", Answers, {"why": False}), ("/why", Answers, {"why": True})]
    application = tornado.web.Application(
        rules,
        default_handler_class=Missing,
        compress_response=True,
        log_function=lambda handler: None,  # who asks for what is nobody's business
        gate=Gate(),
        hosts=hosts,
        workers=workers,
        view=view,
    )
    return Server(
        application,
        xheaders=proxy,
        idle_connection_timeout=IDLE,
        body_timeout=BODY,
        max_header_size=16 * 1024,
        max_body_size=LARGEST_PICTURE,
    )
