"""The demo's server, asked as a stranger would ask it: what it gives out, what it refuses, what it costs."""

import asyncio
import contextlib
import json
import re
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest
import segno
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, websocket_connect
from web.served import ROOT, served_demo, visitors

from digitlib.web.server import announcement, server

PROJECT = str(ROOT)
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes as Linux lists them")


@pytest.fixture(scope="module")
def page(address):
    """The page as the server sends it."""
    with urllib.request.urlopen(address) as reply:
        return reply.read().decode(), dict(reply.headers)


def kernel_of(text):
    return re.search(r'"kernelId": ?"([0-9a-f-]{36})"', text)[1]


def refusal(address, method="GET", data=None, **headers):
    request = urllib.request.Request(address, method=method, data=data, headers=headers)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    return refused.value


@pytest.mark.parametrize(
    "path",
    [
        "/voila/files/06_upload_and_predict.ipynb",
        "/voila/files/../pyproject.toml",
        "/voila/files/%2e%2e/%2e%2e/etc/passwd",
        "/voila/templates/digitlib/static/../../../../../../voila.py",
        "/voila/static/../../../../etc/passwd",
        "/voila/tree",
        "/voila/render/06_upload_and_predict.ipynb",
        "/voila/api/contents",
        "/voila/static/",
        "/voila/templates/",
        "/voila/labextensions/",
        "/06_upload_and_predict.ipynb",
        "/api/kernels",
        "/api/contents",
        "/api/terminals",
        "/terminals/1",
        "/lab",
        "/nothing",
    ],
)
def test_the_server_gives_out_nothing_but_the_page(address, path):
    refused = refusal(address + path)
    text = refused.read().decode()
    assert refused.code in (403, 404, 500)  # 500: Voilà stumbles over a path of its templates that climbs up
    assert "://" not in re.sub(r'href="data:[^"]*"', "", text)
    assert PROJECT not in text and "Traceback" not in text and sys.prefix not in text


def test_the_page_shows_no_source_and_no_place_on_the_computer(page):
    text, _ = page
    assert "import" not in re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert "app = DemoApp()" not in text and "from digitlib" not in text
    assert PROJECT not in text and sys.prefix not in text


def test_the_page_says_what_a_browser_may_do_with_it(page):
    _, headers = page
    rules = dict(rule.strip().partition(" ")[::2] for rule in headers["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == "'self'"
    assert rules["frame-ancestors"] == "'self'"
    assert not re.search(r"https?:|\*", headers["Content-Security-Policy"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in headers


def test_what_is_sent_is_packed(address):
    script = f"{address}/voila/static/voila.js"
    packed = urllib.request.Request(script, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(packed) as reply:
        assert reply.headers["Content-Encoding"] == "gzip"
        assert len(reply.read()) < 0.5 * len(urllib.request.urlopen(script).read())


def message(kind, **content):
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": "", "session": "s", "version": "5.3"}
    parts = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    return json.dumps({"channel": "shell", "buffers": [], **parts})


def test_nobody_can_run_code(address, page, tmp_path):
    place = tmp_path / "written"
    code = f"open({str(place)!r}, 'w').write('by a stranger')"

    async def attack():
        url = f"{address.replace('http', 'ws')}/api/kernels/{kernel_of(page[0])}/channels"
        socket = await websocket_connect(url)
        await socket.write_message(message("execute_request", code=code, silent=False))
        await socket.write_message(message("complete_request", code="import o", cursor_pos=8))
        await socket.write_message(message("kernel_info_request"))
        kinds = []
        while "kernel_info_reply" not in kinds:
            kinds.append(json.loads(await asyncio.wait_for(socket.read_message(), 20))["msg_type"])
        socket.close()
        return kinds

    kinds = asyncio.run(attack())
    assert not {"execute_reply", "execute_input", "complete_reply"} & set(kinds)
    assert not place.exists()


def test_another_site_can_neither_listen_in_nor_end_a_program(address, page):
    kernel = kernel_of(page[0])

    async def listen_in():
        url = f"{address.replace('http', 'ws')}/api/kernels/{kernel}/channels"
        await websocket_connect(HTTPRequest(url, headers={"Origin": "http://elsewhere.example"}))

    with pytest.raises(HTTPClientError) as refused:
        asyncio.run(listen_in())
    assert refused.value.code == 403
    ended = refusal(f"{address}/voila/api/shutdown/{kernel}", "POST", b"", Origin="http://elsewhere.example")
    assert ended.code in (403, 404)
    assert urllib.request.urlopen(f"{address}/api/kernels/{kernel}").status == 200


def test_a_message_beyond_the_limit_ends_the_connection(address, page):
    async def flood():
        url = f"{address.replace('http', 'ws')}/api/kernels/{kernel_of(page[0])}/channels"
        socket = await websocket_connect(url)
        await socket.write_message(message("comm_msg", comm_id="none", data="x" * 9 * 2**20))
        while (await asyncio.wait_for(socket.read_message(), 20)) is not None:
            pass

    # Closed at the end of the message or in the middle of it: closed in any case.
    with contextlib.suppress(StreamClosedError, WebSocketClosedError):
        asyncio.run(flood())
    assert urllib.request.urlopen(f"{address}/voila/static/voila.js").status == 200


def test_a_request_beyond_the_limit_is_refused(address):
    # Where the server closes the connection while we are still sending, there is no answer to look at.
    with contextlib.suppress(urllib.error.URLError):
        assert refusal(f"{address}/voila/api/shutdown/x", "POST", bytes(2**21)).code in (400, 413)
    assert urllib.request.urlopen(f"{address}/voila/static/voila.js").status == 200


@linux
def test_a_program_is_a_copy_and_writes_nothing(demo, page):
    kernel_of(page[0])
    (copy, *_) = visitors(demo[1])
    opened = [file.resolve() for file in Path(f"/proc/{copy}/fd").iterdir()]
    written = [
        file
        for file, entry in zip(opened, Path(f"/proc/{copy}/fdinfo").iterdir(), strict=False)
        if file.is_file() and int(re.search(r"flags:\s*(\d+)", entry.read_text(encoding="utf-8"))[1], 8) & 3
    ]
    assert [file for file in written if file.name != "voila.log"] == []


def test_one_visitor_too_many_is_asked_to_come_later_and_an_idle_one_makes_room():
    options = ["--VisitorKernels.most_visitors=1", "--VisitorKernels.cull_idle_timeout=1"]
    with served_demo(*options, "--VisitorKernels.cull_interval=1") as (address, _):
        kernel = kernel_of(urllib.request.urlopen(address).read().decode())
        refused = refusal(address)
        assert refused.code == 503
        assert "try again" in refused.read().decode()
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{address}/api/kernels/{kernel}")
            except urllib.error.HTTPError as gone:
                assert gone.code == 404
                break
            time.sleep(0.1)
        else:
            pytest.fail("an idle visitor keeps the program for ever")
        assert urllib.request.urlopen(address).status == 200


def test_without_the_warm_program_kernels_start_the_ordinary_way(monkeypatch):
    started = []

    class Dead:
        def copy(self, *_):
            raise BrokenPipeError

    async def ordinary(self, cmd, **options):
        started.append(cmd)

    monkeypatch.setattr(server.LocalProvisioner, "launch_kernel", ordinary)
    monkeypatch.setattr(server, "warm_program", Dead)
    manager = server.VisitorKernelManager(parent=server.VisitorKernels())
    provisioner = server.CopyingProvisioner(parent=manager)
    asyncio.run(provisioner.launch_kernel(["python"], env={}))
    assert started == [["python"]]


def test_there_is_a_most_of_visitors(monkeypatch):
    monkeypatch.setattr(server, "warm_program", lambda: None)
    full = server.VisitorKernels(most_visitors=0)
    with pytest.raises(HTTPError) as refused:
        asyncio.run(full.start_kernel())
    assert refused.value.status_code == 503


def unpack(blocks):
    """The modules of a QR code drawn in half blocks."""
    halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    for line in blocks.splitlines():
        yield [halves[block][0] for block in line]
        yield [halves[block][1] for block in line]


def test_the_network_gets_an_address_and_its_qr_code(monkeypatch):
    monkeypatch.setattr(announcement, "own_address", lambda: "192.168.7.20")
    said = announcement.announcement("0.0.0.0", 8866)
    assert "http://192.168.7.20:8866" in said
    drawn = "\n".join(line for line in said.splitlines() if set(line) & set("█▀▄"))
    code = segno.make("http://192.168.7.20:8866", micro=False)
    expected = [[int(module) for module in row] for row in code.matrix_iter(border=3)]
    assert list(unpack(drawn))[: len(expected)] == expected


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_one_computer_there_is_no_code_to_scan(host):
    said = announcement.announcement(host, 8866)
    assert "█" not in said
    assert f"http://{f'[{host}]' if ':' in host else host}:8866" in said


def test_a_computer_without_a_network_still_has_an_address(monkeypatch):
    class Unreachable:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def connect(self, _):
            raise OSError("Network is unreachable")

    monkeypatch.setattr(announcement.socket, "socket", lambda *_: Unreachable())
    assert announcement.own_address() == "127.0.0.1"
