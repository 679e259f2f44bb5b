"""A Firefox, driven over WebDriver BiDi: Playwright's own way needs a Firefox that it has changed."""

import asyncio
import base64
import itertools
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from tornado.websocket import websocket_connect

PATIENCE = 60  # seconds for the start, and for anything that is waited for
LARGEST = 2**27  # bytes of a message: screenshots


def find_firefox():
    return shutil.which("firefox-esr") or shutil.which("firefox")


@contextmanager
def started_firefox(folder: Path):
    """Start Firefox without a window, its profile in an empty folder."""
    if find_firefox() is None:
        if os.environ.get("DIGITLIB_REQUIRE_BROWSER") == "1":
            pytest.fail("DIGITLIB_REQUIRE_BROWSER is 1, but no Firefox is installed")
        pytest.skip("no Firefox is installed")
    profile = folder / "profile"
    profile.mkdir()
    command = [find_firefox(), "--headless", "--no-remote", "--profile", str(profile)]
    process = subprocess.Popen(
        [*command, "--remote-debugging-port", "0", "about:blank"],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"HOME": str(folder), "MOZ_CRASHREPORTER_DISABLE": "1"},
    )
    try:
        said = next(line for line in process.stderr if "WebDriver BiDi listening on" in line)
        yield Firefox(said.split()[-1])
    finally:
        process.terminate()
        process.wait(PATIENCE)
        process.stderr.close()


class Firefox:
    """One tab, and what went wrong in it."""

    def __init__(self, address):
        self._loop = asyncio.new_event_loop()
        self._socket = self._done(websocket_connect, f"{address}/session", max_message_size=LARGEST)
        self._numbers = itertools.count(1)
        self.errors = []
        self.version = self.ask("session.new", capabilities={})["capabilities"]["browserVersion"]
        self.ask("session.subscribe", events=["log.entryAdded"])
        self._tab = self.ask("browsingContext.create", type="tab")["context"]

    def _done(self, begin, *arguments, **options):
        async def finish():
            return await asyncio.wait_for(begin(*arguments, **options), PATIENCE)

        return self._loop.run_until_complete(finish())

    async def _send(self, text):
        await self._socket.write_message(text)

    def ask(self, method, **params):
        """Send a command; give its result."""
        number = next(self._numbers)
        self._done(self._send, json.dumps({"id": number, "method": method, "params": params}))
        while True:
            told = json.loads(self._done(self._socket.read_message))
            if told.get("method") == "log.entryAdded" and told["params"]["level"] == "error":
                self.errors.append(told["params"]["text"])
            if told.get("id") == number:
                assert told["type"] == "success", told
                return told["result"]

    def visit(self, address, rows=768, columns=1366):
        viewport = {"width": columns, "height": rows}
        self.ask("browsingContext.setViewport", context=self._tab, viewport=viewport)
        self.ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def value(self, expression):
        """Give what an expression in the page comes to: a text, a number, or true or false."""
        asked = {"expression": expression, "target": {"context": self._tab}, "awaitPromise": True}
        told = self.ask("script.evaluate", **asked)
        assert told["type"] == "success", told
        return told["result"].get("value")

    def until(self, expression):
        """Wait until an expression in the page is true."""
        self.value(
            "new Promise((found, failed) => {"
            f"  const end = Date.now() + {1000 * PATIENCE};"
            "  const look = () => {"
            f"   if ({expression}) found(true);"
            "    else if (Date.now() > end) failed(new Error(document.body.innerText));"
            "    else requestAnimationFrame(look);"
            "  };"
            "  look();"
            "})"
        )

    def draw(self, points, kind="mouse"):
        """Draw a stroke on the pad with mouse, touch or pen; points are shares of it, from left and top."""
        box = json.loads(
            self.value(
                "JSON.stringify(document.querySelector('.digitlib-pad canvas').getBoundingClientRect())"
            )
        )
        places = [
            (round(box["x"] + x * box["width"]), round(box["y"] + y * box["height"])) for x, y in points
        ]
        moves = [{"type": "pointerMove", "x": x, "y": y, "duration": 20} for x, y in places]
        actions = [
            moves[0],
            {"type": "pointerDown", "button": 0},
            *moves[1:],
            {"type": "pointerUp", "button": 0},
        ]
        pointer = {"type": "pointer", "id": kind, "parameters": {"pointerType": kind}, "actions": actions}
        self.ask("input.performActions", context=self._tab, actions=[pointer])

    def click(self, selector):
        self.value(f"document.querySelector({json.dumps(selector)}).click()")

    def choose_file(self, selector, path):
        found = self.ask(
            "browsingContext.locateNodes", context=self._tab, locator={"type": "css", "value": selector}
        )
        element = {"sharedId": found["nodes"][0]["sharedId"]}
        self.ask("input.setFiles", context=self._tab, element=element, files=[str(path)])

    def screenshot(self, path):
        shot = self.ask("browsingContext.captureScreenshot", context=self._tab)
        path.write_bytes(base64.b64decode(shot["data"]))
