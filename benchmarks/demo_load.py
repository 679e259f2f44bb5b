"""Visitors of the demo at the same time: how long they wait, and how much memory they take.

    python benchmarks/demo_load.py [--visitors 30 300]

First the server is started five times, to see how soon its first page is there. Then visitors come, sixty
behind each address, as from a class behind one router: each fetches the page with all that it needs. Then all
of them send one photo each, spread over ten seconds, and at last all at the same moment. Whoever is told to
come again does so, as the page does. Linux only: it reads /proc, and visitors have addresses 127.0.0.x.
"""

import argparse
import asyncio
import contextlib
import gzip
import json
import re
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PHOTO = ROOT / "data" / "samples" / "single_005_phone_pen.jpg"
PATIENCE = 60  # seconds
STARTS = 5
AN_ADDRESS = 60  # visitors behind each address
SPREAD = 10  # seconds


async def request(port, number, method, path, body=b""):
    """Send a request as the visitor with this number; give status, headers and content."""
    source = (f"127.0.0.{2 + number // AN_ADDRESS}", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=source)
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nConnection: close\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    found = await asyncio.wait_for(reader.read(), PATIENCE)
    writer.close()
    head, _, content = found.partition(b"\r\n\r\n")
    return int(head.split()[1]), head, content


async def arrive(port, number):
    """Load the page; give the seconds until a visitor can draw, and until all is there, and the bytes."""
    began, size = time.perf_counter(), 0
    _, _, page = await request(port, number, "GET", "/")
    for path in ("/page.css", "/page.js"):
        size += len((await request(port, number, "GET", path))[2])
    usable = time.perf_counter() - began
    _, _, weights = await request(port, number, "GET", "/network")
    return usable, time.perf_counter() - began, size + len(page), len(weights)


async def photograph(port, number, photo, wait=0.0):
    """Send a photo; give the seconds until its answer came."""
    await asyncio.sleep(wait)
    began = time.perf_counter()
    while True:
        status, _, content = await request(port, number, "POST", "/answer", photo)
        if status == 200:
            break
        assert status in (429, 503), status
        await asyncio.sleep(2)
    answer = json.loads(gzip.decompress(content))
    assert answer["headline"] == "4", answer["said"]
    return time.perf_counter() - began


def processes(pid):
    """Give a process and all that came from it."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text(encoding="utf-8").split():
            yield from processes(int(child))


def memory(server):
    """Return the megabytes of the server and its workers; shared memory counts once (PSS)."""
    total = 0
    for process in processes(server):
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="utf-8")
        total += int(re.search(r"^Pss: +(\d+)", text, re.MULTILINE)[1])
    return total / 1024


async def visit(port, server, count):
    """Let all visitors come at once and send photos; give rows of seconds, and the memory on the way."""
    photo, most = PHOTO.read_bytes(), [memory(server)]

    async def watch():
        while True:
            await asyncio.sleep(0.2)
            most.append(memory(server))

    watching = asyncio.ensure_future(watch())
    everyone = range(count)
    arrived = await asyncio.gather(*(arrive(port, number) for number in everyone))
    rows = {
        "page there, drawing possible": [one[0] for one in arrived],
        "and the network in the browser": [one[1] for one in arrived],
        f"answer, photos spread over {SPREAD} s": await asyncio.gather(
            *(photograph(port, number, photo, SPREAD * number / count) for number in everyone)
        ),
        "answer, all at the same moment": await asyncio.gather(
            *(photograph(port, number, photo) for number in everyone)
        ),
    }
    watching.cancel()
    return rows, most[0], max(most), arrived[0][2:]


@contextlib.contextmanager
def served():
    """Serve the demo on a free port; yields the port and the process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "digitlib.web.server.serve", f"--port={port}"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port, server
    finally:
        server.terminate()
        server.wait()


def first_page(port):
    """Fetch the page, as soon as there is one."""
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}") as page:
                return page.read()
        except urllib.error.URLError:  # it does not listen yet
            if time.monotonic() > patience:
                raise
            time.sleep(0.02)


def seconds_to_start():
    """Seconds from the command to the last byte of the first page."""
    start = time.perf_counter()
    with served() as (port, _):
        first_page(port)
        return time.perf_counter() - start


def main():
    """Serve the demo, visit it, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visitors", type=int, nargs="+", default=[30, 300])
    options = parser.parse_args()
    starts = [seconds_to_start() for _ in range(STARTS)]
    print(f"from the command to the first page ({STARTS} starts): ", end="")
    print(f"median {statistics.median(starts):.2f} s, worst {max(starts):.2f} s")
    for count in options.visitors:
        with served() as (port, server):
            first_page(port)
            rows, empty, full, (page, weights) = asyncio.run(visit(port, server.pid, count))
        print(f"\n| {count} visitors at the same time | median | worst |\n|---|--:|--:|")
        for name, seconds in rows.items():
            print(f"| {name} | {statistics.median(seconds):.2f} s | {max(seconds):.2f} s |")
        print(f"\nmemory: {empty:.0f} MB empty, {full:.0f} MB at most; ", end="")
        print(f"the page has {page / 1000:.0f} kB, the network {weights / 1000:.0f} kB")


if __name__ == "__main__":
    main()
