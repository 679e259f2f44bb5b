"""The server under load and under attack: each promise of docs/hosting.md, tried as a stranger would."""

import asyncio
import contextlib
import http.client
import json
import multiprocessing
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from web.served import ROOT, served, served_demo

from digitlib.data import load_samples
from digitlib.web.server import announcement, limits, workers
from digitlib.web.server.limits import Gate
from digitlib.web.server.workers import Job, Workers

PHOTO = next(sample for sample in load_samples() if sample.kind == "phone_pen" and sample.label == "4")
BYTES = PHOTO.path.read_bytes()
linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes as Linux lists them")


def ask(address, data=BYTES, path="/answer", **headers):
    """Post a picture; give status, headers and text."""
    request = urllib.request.Request(address + path, data=data, headers=headers, method="POST")
    with contextlib.closing(opened(request)) as reply:
        return reply.status, dict(reply.headers), reply.read().decode()


def opened(request):
    try:
        return urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as refused:
        return refused


def headline(address, data=BYTES):
    status, _, text = ask(address, data)
    assert status == 200, text
    return json.loads(text)["headline"]


# --- what it gives out --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/samples/../labels.csv",
        "/samples/",
        "/samples/single_001_phone_pen.jpg",
        "/static/page.js",
        "/api/kernels",
        "/class",
        "/nothing",
        "//evil.example/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_nothing_but_the_page_is_given_out(address, path, method):
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    connection.request(method, path)
    reply = connection.getresponse()
    assert reply.status == 404
    assert reply.read().decode() == "404: Not Found\n"
    assert reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/answer", "/page.js"])
@pytest.mark.parametrize("method", ["DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(address, path, method):
    status = opened(urllib.request.Request(address + path, method=method)).status
    assert status == 405


def test_what_a_browser_may_do_with_the_page(address):
    with urllib.request.urlopen(address) as reply:
        headers, text = dict(reply.headers), reply.read().decode()
    rules = dict(rule.strip().partition(" ")[::2] for rule in headers["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == "'none'" and rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert not re.search(r"https?:|\*|unsafe", headers["Content-Security-Policy"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert not {"Set-Cookie", "Access-Control-Allow-Origin"} & set(headers)
    assert headers["Server"] == "digitlib", "no version for those who look for holes"
    assert str(ROOT) not in text and sys.prefix not in text


def test_the_page_is_small_and_packed(address):
    total = 0
    for path in ("/", "/page.js", "/page.css"):
        plain = urllib.request.urlopen(address + path).read()
        request = urllib.request.Request(address + path, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request) as reply:
            total += len(reply.read())
        assert not re.search(rb"https?://|@import|//[a-z]+\.", plain), path
    assert total < 40_000, "bytes on the way, before the network's weights"


def test_no_answer_sets_a_cookie_or_names_a_place(address):
    for data in (BYTES, b"", b"Dear diary", BYTES[:900], bytes(5000)):
        status, headers, text = ask(address, data)
        assert status == 200 and "Set-Cookie" not in headers
        assert json.loads(text)["mood"] in ("sure", "problem")
        assert not re.search(r"Traceback|Error|/[a-z]+/", text.partition('"digits"')[0])


# --- answers ------------------------------------------------------------------------------------------------


def test_a_picture_is_answered_and_the_reasons_follow_when_asked_for(address):
    status, _, text = ask(address)
    found = json.loads(text)
    assert (status, found["headline"], found["mood"]) == (200, "4", "sure")
    _, _, text = ask(address, path="/why?digit=0&skip=center,rm%20-rf")
    steps = {step["name"]: step["off"] for step in json.loads(text)["steps"]}
    assert steps["center"] and not steps["crop"]


@pytest.mark.parametrize(
    "query", ["digit=-1", "digit=99999999999999999999", "digit=x", "skip=%00", "a=b&a=c"]
)
def test_a_strange_question_does_no_harm(address, query):
    status, _, text = ask(address, path=f"/why?{query}")
    assert status == 200 and json.loads(text)["looked"]["label"] == "4"


def a_page_of_dots():
    dots = np.random.default_rng(0).integers(0, [1600, 1200], (20_000, 2))
    page = np.full((1600, 1200), 250, np.uint8)
    for row, column in dots:
        page[row : row + 3, column : column + 3] = 30
    return page


def a_printed_page():
    page = np.full((1600, 1200), 250, np.uint8)
    for row in range(60, 1560, 34):
        text = "the quick brown fox jumps over the lazy dog and so on"
        cv2.putText(page, text, (40, row), cv2.FONT_HERSHEY_COMPLEX, 0.9, 20, 2, cv2.LINE_AA)
    return page


def a_page_of_joined_writing():
    """Lines of words, each a row of loops that hang together."""
    page, rng = np.full((1600, 1200), 250, np.uint8), np.random.default_rng(3)
    for row in range(80, 1560, 70):
        for column in range(40, 1000, 260):
            along = np.arange(0, rng.integers(80, 220), 1.5)
            high = row - rng.uniform(8, 22) * np.abs(np.sin(along / 9)) + 5 * np.cos(along / 3)
            loops = np.stack([column + along + 9 * np.sin(along / 4.2), high], axis=1)
            cv2.polylines(page, [loops.astype(np.int32)], False, 40, 3, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("draw", [a_page_of_dots, a_printed_page, a_page_of_joined_writing])
def test_a_page_full_of_ink_is_answered_with_a_sentence(address, draw):
    found = json.loads(ask(address, cv2.imencode(".png", draw())[1].tobytes())[2])
    assert found["mood"] in ("problem", "unsure")
    assert headline(address) == "4", "the next one is not held up"


# --- limits -------------------------------------------------------------------------------------------------


def raw(address, head, wait=30):
    """Send bytes as they are; give what comes back until the server closes."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=wait) as connection:
        connection.sendall(head)
        found = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                found += part
        return found


def test_a_picture_beyond_the_limit_is_refused_before_it_is_received(address):
    size = limits.LARGEST_PICTURE + 1
    found = raw(
        address, f"POST /answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n".encode()
    )
    assert b" 413 " in found.splitlines()[0] or found == b""
    assert b" 411 " in raw(
        address, b"POST /answer HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert headline(address) == "4"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8866", "localhost.evil.example"])
def test_another_name_cannot_be_made_to_mean_this_page(address, host):
    assert ask(address, Host=host)[0] == 421
    assert opened(urllib.request.Request(address, headers={"Host": host})).status == 421


def test_another_site_cannot_ask_in_a_visitors_name(address):
    assert ask(address, Origin="http://elsewhere.example")[0] == 403
    assert ask(address, Origin="null")[0] == 403
    assert ask(address, Origin=address)[0] == 200


def from_address(number):
    return f"127.0.0.{number}"


async def post(port, source, data=BYTES):
    """Post a picture from one of this computer's addresses; give the status, or 0 where it was cut off."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
        head = f"POST /answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(data)}\r\n"
        head += "Connection: close\r\n\r\n"
        writer.write(head.encode() + data)
        found = await reader.read()
        writer.close()
    except ConnectionError:
        return 0
    return int(found.split()[1]) if found else 0


@linux
def test_of_a_burst_each_is_answered_and_an_address_gets_no_more_than_its_share(demo):
    port = int(demo[0].rpartition(":")[2])
    count = limits.MOST_AN_ADDRESS

    async def burst():
        one = [post(port, from_address(2)) for _ in range(2 * count)]
        others = [post(port, from_address(number)) for number in range(3, 23)]
        return await asyncio.gather(*one), await asyncio.gather(*others)

    one, others = asyncio.run(burst())
    assert others == [200] * 20, "a class beside a flood"
    assert one.count(200) >= count
    assert set(one) <= {200, 429, 0}
    assert headline(demo[0]) == "4"


def test_the_gate_lets_in_what_fits_and_no_more():
    gate, large = Gate(), limits.LARGEST_PICTURE
    assert [gate.enter("a", large) for _ in range(8)].count(True) == limits.MOST_BYTES_AN_ADDRESS // large
    assert gate.enter("b", large)
    everyone = [gate.enter(f"c{number // 50}", 10) for number in range(2 * limits.MOST)]
    assert everyone.count(True) == limits.MOST - limits.MOST_BYTES_AN_ADDRESS // large - 1
    for _ in range(limits.MOST_BYTES_AN_ADDRESS // large):
        gate.leave("a", large)
    assert gate.enter("a", large)


@linux
def test_connections_that_say_nothing_are_dropped_and_do_not_lock_others_out(tmp_path):
    program = tmp_path / "short.py"
    program.write_text(
        "import sys; from digitlib.web.server import serve, server\n"
        "server.IDLE = server.BODY = 1\nserver.MOST_CONNECTIONS_AN_ADDRESS = 50\n"
        "if __name__ == '__main__': sys.exit(serve.main())\n",
        encoding="utf-8",
    )
    environment = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    with served("short", **environment) as (address, _), contextlib.ExitStack() as held:
        host, _, port = address.removeprefix("http://").partition(":")
        idle = []
        for _ in range(80):
            connection = held.enter_context(socket.create_connection((host, int(port)), timeout=20))
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"GET / HTTP/1.1\r\nX-a:")
            idle.append(connection)
        assert asyncio.run(post(int(port), from_address(2))) == 200, "another address is not held up"
        for connection in idle:
            with contextlib.suppress(ConnectionError):
                assert connection.recv(1) == b"", "dropped"
        slow = held.enter_context(socket.create_connection((host, int(port)), timeout=20))
        slow.sendall(b"POST /answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n\r\nabc")
        with contextlib.suppress(ConnectionError):
            assert slow.recv(1) == b"", "a body that never ends"
        assert headline(address) == "4"


def children(pid):
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return [int(child) for child in listed]


@linux
def test_a_killed_worker_is_replaced_and_nobody_notices_but_its_visitor(demo):
    address, program = demo
    assert headline(address) == "4", "all workers have loaded"
    for child in children(program.pid):
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        if b"spawn_main" in command:
            os.kill(child, signal.SIGKILL)
    answers = [json.loads(ask(address)[2])["headline"] for _ in range(2 * workers.WORKERS + 2)]
    assert answers.count("4") >= workers.WORKERS + 2, "each worker fails once at most"
    assert headline(address) == "4"


@linux
def test_nothing_is_written_to_any_file(demo):
    assert headline(demo[0]) == "4"
    for process in [demo[1].pid, *children(demo[1].pid)]:
        for entry in Path(f"/proc/{process}/fdinfo").iterdir():
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile
                file = (entry.parents[1] / "fd" / entry.name).resolve()
                mode = int(re.search(r"flags:\s*(\d+)", entry.read_text(encoding="utf-8"))[1], 8) & 3
                assert not (file.is_file() and mode) or file.name == "served.log", file


@pytest.fixture
def pool():
    pool = Workers()
    yield pool
    pool.stop()


def test_a_picture_that_takes_too_long_is_given_up_and_the_worker_replaced(pool, monkeypatch):
    async def scenario():
        await pool.ready()
        monkeypatch.setattr(workers, "TIME_LIMIT", 0.0)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                await pool.ask("a", Job(BYTES, (), None, "digits"))
        monkeypatch.undo()
        return await pool.ask("a", Job(BYTES, (), None, "digits"))

    assert asyncio.run(scenario())["headline"] == "4"


def test_a_worker_that_was_killed_while_idle_is_replaced_and_nobody_notices(pool):
    async def scenario():
        await pool.ready()
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        jobs = (pool.ask("a", Job(BYTES, (), None, "digits")) for _ in range(workers.WORKERS))
        return await asyncio.gather(*jobs)

    assert [found["headline"] for found in asyncio.run(scenario())] == ["4"] * workers.WORKERS


def test_addresses_take_turns(pool, monkeypatch):
    order = []
    monkeypatch.setattr(workers.Worker, "ask", lambda self, job: order.append(job.data) or {})

    async def scenario():
        everyone = [("a", 1), ("a", 2), ("a", 3), ("b", 4), ("c", 5), ("b", 6)]
        pool._free = pool._free[:1]
        await asyncio.gather(*(pool.ask(name, Job(number, (), None, "digits")) for name, number in everyone))

    asyncio.run(scenario())
    assert order == [1, 2, 4, 5, 3, 6]


def test_who_has_left_is_not_answered(pool, monkeypatch):
    order = []
    monkeypatch.setattr(workers.Worker, "ask", lambda self, job: order.append(job.data) or {})

    async def scenario():
        pool._free = pool._free[:1]
        asked = [asyncio.ensure_future(pool.ask("a", Job(number, (), None, "digits"))) for number in range(3)]
        await asyncio.sleep(0)
        asked[1].cancel()
        await asyncio.gather(*asked, return_exceptions=True)

    asyncio.run(scenario())
    assert order == [0, 2]


# --- starting -----------------------------------------------------------------------------------------------


def start(*options):
    command = [sys.executable, "-m", "digitlib.web.server.serve", *options]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, cwd=ROOT)


def test_a_taken_port_is_said_before_any_address(address):
    ended = start("--port", address.rpartition(":")[2])
    assert ended.returncode == 1 and ended.stdout == ""
    assert "is taken" in ended.stderr and "make demo PORT=" in ended.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--port", "80000"], "allowed is 0"),
        (["--host", "no.such.host.example"], "is no address of this computer"),
        (["--host", "192.0.2.7"], "is no address of this computer"),
        (["--network", "/nowhere"], "nowhere"),
    ],
)
def test_what_cannot_be_served_is_said_in_words(options, words):
    ended = start(*options)
    assert ended.returncode != 0 and words in ended.stderr
    assert "Traceback" not in ended.stderr and "http://" not in ended.stdout


@pytest.mark.skipif(
    not hasattr(signal, "SIGTERM") or os.name == "nt", reason="Windows ends programs otherwise"
)
def test_ctrl_c_ends_it_and_its_workers_without_a_word():
    command = [sys.executable, "-m", "digitlib.web.server.serve", "--port", "0"]
    program = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", cwd=ROOT
    )
    said = [program.stdout.readline() for _ in range(2)]
    assert re.search(r"http://127\.0\.0\.1:[1-9]\d+ \(Ctrl\+C ends it\)", said[1])
    program.send_signal(signal.SIGINT)
    assert program.wait(timeout=30) == 0
    assert program.stderr.read() == ""


def unpack(blocks):
    """The modules of a QR code drawn in half blocks."""
    halves = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    for line in blocks.splitlines():
        yield [halves[block][0] for block in line]
        yield [halves[block][1] for block in line]


@pytest.mark.parametrize("colored", [False, True])
def test_the_network_gets_an_address_and_its_qr_code(monkeypatch, colored):
    monkeypatch.setattr(announcement, "own_address", lambda: "192.168.7.20")
    said = announcement.announcement(announcement.page_address("0.0.0.0", 8866), colored)
    assert "http://192.168.7.20:8866" in said
    assert colored == ("\x1b[97;40m" in said)
    said = re.sub("\x1b\\[[0-9;]*m", "", said)
    drawn = "\n".join(line for line in said.splitlines() if set(line) & set("█▀▄"))
    code = segno.make("http://192.168.7.20:8866", micro=False)
    expected = [[int(module) for module in row] for row in code.matrix_iter(border=announcement.QUIET_ZONE)]
    assert list(unpack(drawn))[: len(expected)] == expected
    assert announcement.QUIET_ZONE >= 4


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_one_computer_there_is_no_code_to_scan(host):
    said = announcement.announcement(announcement.page_address(host, 8866))
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


def test_behind_a_proxy_its_name_counts():
    with served_demo("--proxy", "digits.example") as (address, _):
        assert ask(address, Host="digits.example")[0] == 200
        assert ask(address, Host="evil.example")[0] == 421
        assert ask(address, Host="digits.example", Origin="https://digits.example")[0] == 200
