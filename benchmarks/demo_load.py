"""Thirty visitors open the demo at the same time: how long they wait, and how much memory they take.

    python benchmarks/demo_load.py [--visitors 30] [--ordinary]

First the server is started five times, to see how soon its first page is there. Then each visitor fetches the
page and its scripts, connects to a Python process, and sends a photo, with the requests and messages of a
browser, but without the time that a browser needs to draw. Then all of them send further photos together.
Linux only: memory is read from /proc. `--ordinary` starts every process the ordinary way, without the warm
program, to compare.
"""

import argparse
import asyncio
import contextlib
import json
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient
from tornado.websocket import websocket_connect

ROOT = Path(__file__).resolve().parents[1]
PHOTO = ROOT / "data" / "samples" / "single_005_phone_pen.jpg"
PATIENCE = 60  # seconds
STARTS = 5
WIDGETS = {"version": "1.0.0"}  # of the widgets' own protocol
SCRIPT = re.compile(r'(?:src|href)="(/voila/[^"]+\.(?:js|css)[^"]*)"')


def message(kind, buffers=(), **content):
    """Return a message in the form that the websocket takes: JSON, or lengths, JSON and raw bytes."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": kind,
        "username": "",
        "session": "load",
        "version": "5.3",
    }
    header["version"] = "5.3"
    parts = {
        "channel": "shell",
        "header": header,
        "parent_header": {},
        "metadata": WIDGETS,
        "content": content,
    }
    text = json.dumps(parts).encode()
    if not buffers:
        return text.decode(), False
    places, place = [], 4 * (len(buffers) + 2)
    for part in (text, *buffers):
        places.append(place)
        place += len(part)
    numbers = [len(buffers) + 1, *places]
    return b"".join(number.to_bytes(4, "big") for number in numbers) + text + b"".join(buffers), True


class Visitor:
    """One visitor: the page, the connection, and the widgets that take pictures and show answers."""

    async def arrive(self, address, start):
        """Load the page; ready when the answer's widget has said what it shows."""
        client = AsyncHTTPClient()
        await asyncio.sleep(max(0.0, start - time.perf_counter()))
        began = time.perf_counter()
        page = (await client.fetch(address, request_timeout=PATIENCE)).body.decode()
        scripts = sorted(set(SCRIPT.findall(page)))
        await asyncio.gather(
            *(client.fetch(address + script, request_timeout=PATIENCE) for script in scripts)
        )
        kernel = re.search(r'"kernelId": ?"([0-9a-f-]{36})"', page)[1]
        url = f"{address.replace('http', 'ws')}/api/kernels/{kernel}/channels"
        self.socket = await websocket_connect(url, connect_timeout=PATIENCE)
        await self.send("comm_info_request", target_name="jupyter.widget")
        comms = (await self.receive("comm_info_reply"))["comms"]
        control = uuid.uuid4().hex
        await self.send("comm_open", comm_id=control, target_name="jupyter.widget.control", data={})
        await self.send("comm_msg", comm_id=control, data={"method": "request_states"})
        while True:
            reply = await self.receive("comm_msg")
            if reply["comm_id"] == control:
                break
        states = {name: widget["state"] for name, widget in reply["data"]["states"].items()}
        scripts = {name: state.get("_esm", "") for name, state in states.items() if name in comms}
        self.picker = next(name for name, script in scripts.items() if "Photo picker" in script)
        self.view = next(name for name, script in scripts.items() if "Answer view" in script)
        await self.send(
            "comm_msg", comm_id=self.view, data={"method": "custom", "content": {"request": "state"}}
        )
        await self.answer()
        return time.perf_counter() - began

    async def photograph(self, photo):
        """Send a photo; give the seconds until its answer came."""
        began = time.perf_counter()
        data = {"method": "custom", "content": {}}
        await self.send("comm_msg", [photo], comm_id=self.picker, data=data)
        while (answer := await self.answer())["mood"] == "welcome":
            pass
        assert answer["headline"] == "4", answer["sentence"]
        return time.perf_counter() - began

    async def send(self, kind, buffers=(), **content):
        """Send a message to the visitor's process."""
        data, binary = message(kind, buffers, **content)
        await self.socket.write_message(data, binary=binary)

    async def receive(self, kind):
        """Wait for the next message of a kind; give its content."""
        while True:
            data = await asyncio.wait_for(self.socket.read_message(), PATIENCE)
            if data is None:
                raise ConnectionError("the server closed the connection")
            if isinstance(data, bytes):
                start, end = (int.from_bytes(data[place : place + 4], "big") for place in (4, 8))
                data = data[start : end if int.from_bytes(data[:4], "big") > 1 else None]
            received = json.loads(data)
            if received["header"]["msg_type"] == kind:
                return received["content"]

    async def answer(self):
        """Wait for the next answer; give what the page would show."""
        while True:
            content = await self.receive("comm_msg")
            if content["comm_id"] == self.view and "headline" in content["data"].get("content", {}):
                return content["data"]["content"]


def processes(pid):
    """Give a process and all that came from it."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text(encoding="utf-8").split():
            yield from processes(int(child))


def memory(server):
    """Return the megabytes of the server and of all its visitors; shared memory counts once (PSS)."""
    total = 0
    for process in processes(server):
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
        total += int(re.search(r"^Pss: +(\d+)", text, re.MULTILINE)[1])
    return total / 1024


async def visit(address, server, count):
    """Let all visitors come at once, send a photo each, and three more each together."""
    photo = PHOTO.read_bytes()
    empty = memory(server)
    start = time.perf_counter() + 0.5
    visitors = [Visitor() for _ in range(count)]
    AsyncHTTPClient.configure(None, max_clients=6 * count)
    outcomes = await asyncio.gather(*(one.arrive(address, start) for one in visitors), return_exceptions=True)
    failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    here = [one for one, outcome in zip(visitors, outcomes, strict=True) if outcome not in failed]
    first, together = [], []
    for one in here:  # a photo from each, one after the other
        first.append(await one.photograph(photo))
    for turn in range(3):
        again = photo + bytes(turn + 1)  # other bytes, the same picture
        together += await asyncio.gather(*(one.photograph(again) for one in here))
    ready = [outcome for outcome in outcomes if outcome not in failed]
    return ready, first, together, empty, memory(server), failed


@contextlib.contextmanager
def served(ordinary=False):
    """Serve the demo on a free port; yields its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "digitlib.web.server.serve", f"--port={port}"]
    if ordinary:
        kernels = "jupyter_server.services.kernels.kernelmanager.ServerKernelManager"
        command.append(f"--VisitorKernels.kernel_manager_class={kernels}")
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait()


def seconds_to_start(ordinary):
    """Seconds from the command to the last byte of the first page."""
    start = time.perf_counter()
    with served(ordinary) as (address, _):
        first_page(address)
        return time.perf_counter() - start


def first_page(address):
    """Fetch the page, as soon as there is one."""
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(address) as page:
                return page.read()
        except urllib.error.URLError:  # it does not listen yet
            if time.monotonic() > patience:
                raise
            time.sleep(0.02)


def main():
    """Serve the demo, visit it, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--ordinary", action="store_true", help="without the warm program")
    options = parser.parse_args()
    starts = [seconds_to_start(options.ordinary) for _ in range(STARTS)]
    with served(options.ordinary) as (address, server):
        first_page(address)
        time.sleep(5)  # until the server has nothing left to do
        results = asyncio.run(visit(address, server.pid, options.visitors))
    ready, first, together, empty, full, failed = results
    print(f"{options.visitors} visitors at the same time, {len(failed)} of them met an error")
    if failed:
        raise SystemExit(f"for instance: {failed[0]!r}")
    print("| | median | worst |\n|---|--:|--:|")
    rows = {
        f"from the command to the first page ({STARTS} starts)": starts,
        "page ready": ready,
        "answer to a photo": first,
        f"answer when all {len(ready)} send at once": together,
    }
    for name, seconds in rows.items():
        print(f"| {name} | {statistics.median(seconds):.2f} s | {max(seconds):.2f} s |")
    each = (full - empty) / max(1, len(ready))
    print(f"memory: {empty:.0f} MB empty, {full:.0f} MB with all visitors, {each:.0f} MB a visitor")


if __name__ == "__main__":
    main()
