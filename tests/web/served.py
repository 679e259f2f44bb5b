"""The demo served as `make demo` serves it, and a browser to look at it: for the tests of the page."""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "test-artefacts"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

VIEWPORTS = {
    "desktop": {"viewport": {"width": 1366, "height": 768}},
    "wide": {"viewport": {"width": 1920, "height": 1080}},
    "tablet": {"viewport": {"width": 768, "height": 1024}},
    "dark": {"viewport": {"width": 1366, "height": 768}, "color_scheme": "dark"},
    "contrast": {"viewport": {"width": 1366, "height": 768}, "forced_colors": "active"},
    "zoomed": {"viewport": {"width": 683, "height": 384}},
    "landscape": {"viewport": {"width": 740, "height": 360}, "has_touch": True, "is_mobile": True},
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
}


def served_demo(*options, root=ROOT):
    """Serve the demo."""
    return served("digitlib.web.server.serve", *options, root=root)


@contextmanager
def served(module, *options, root=ROOT, **environment):
    """Start a server, a module run as a program, on a free port; give its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", module, f"--port={port}", *options]
    ARTEFACTS.mkdir(exist_ok=True)
    with (ARTEFACTS / "served.log").open("a", encoding="utf-8") as log:
        server = subprocess.Popen(
            command, cwd=root, stdout=log, stderr=subprocess.STDOUT, env=os.environ | environment
        )
        try:
            for _ in range(600):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert server.poll() is None, "the server ended at once; see test-artefacts/served.log"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}", server
        finally:
            server.terminate()
            server.wait(timeout=30)


def find_chromium():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def started_browser():
    """Start Debian's Chromium, or whichever one is installed."""
    if find_chromium() is None:
        if os.environ.get("DIGITLIB_REQUIRE_BROWSER") == "1":
            pytest.fail("DIGITLIB_REQUIRE_BROWSER is 1, but no Chromium is installed")
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


def open_demo(page, address, sentence="Show me"):
    """Go to the page and wait until a visitor could use it."""
    page.goto(address)
    shown = page.locator(".digitlib-sentence")
    expect(shown).to_contain_text(sentence, timeout=60_000)
    expect(shown).to_be_visible(timeout=60_000)


def draw(page, strokes, lift=True, steps=4):
    """Draw strokes with the mouse; points are shares of the pad, from its left and its top."""
    canvas = page.locator(".digitlib-pad canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    for number, stroke in enumerate(strokes):
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=steps)
        if lift or number < len(strokes) - 1:
            page.mouse.up()
