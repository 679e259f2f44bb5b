"""The demo as a visitor meets it: Voilà's page in a real browser, on a desktop and on a phone.

Run as a program, it takes the picture of the demo that README and notebook 06 show:

    python tests/test_demo_browser.py docs/images/demo.png
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect, sync_playwright

from digitlib.data import load_samples

ROOT = Path(__file__).resolve().parents[1]
ARTEFACTS = ROOT / "test-artefacts"
NOTEBOOK = "06_upload_and_predict.ipynb"
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
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "wide": {"viewport": {"width": 1920, "height": 1080}},
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
}


@contextmanager
def served_demo():
    """Start the demo as `make demo` does, on a free port; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    voila = shutil.which("voila", path=Path(sys.executable).parent)
    command = [voila, f"../notebooks/{NOTEBOOK}", "--no-browser", f"--port={port}"]
    ARTEFACTS.mkdir(exist_ok=True)
    with (ARTEFACTS / "voila.log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(command, cwd=ROOT / "demo", stdout=log, stderr=subprocess.STDOUT)
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert server.poll() is None, "Voilà ended at once; see test-artefacts/voila.log"
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=20)


@contextmanager
def started_browser():
    """Start Debian's Chromium, or whichever one is installed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


def find_chromium():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def browser():
    if find_chromium() is None:
        if os.environ.get("DIGITLIB_REQUIRE_BROWSER") == "1":
            pytest.fail("DIGITLIB_REQUIRE_BROWSER is 1, but no Chromium is installed")
        pytest.skip("no Chromium is installed")
    with started_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def address():
    with served_demo() as address:
        yield address


@pytest.fixture
def visit(browser, address):
    """Open the page; in the end, see that nothing broke and that no other host was asked."""
    contexts, troubles = [], []

    def open_page(viewport="desktop", **options):
        context = browser.new_context(**VIEWPORTS[viewport], **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
        page.on("request", lambda request: troubles.extend(foreign(request.url, address)))
        page.on("response", lambda r: troubles.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
        open_demo(page, address)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def open_demo(page, address):
    """Go to the page and wait until a visitor could use it."""
    page.goto(address)
    sentence = page.locator(".digitlib-sentence")
    expect(sentence).to_have_text(re.compile("Show me"), timeout=60_000)
    expect(sentence).to_be_visible(timeout=60_000)


def foreign(url, address):
    """Give the address if it leads elsewhere."""
    if not url.startswith((address, address.replace("http:", "ws:"), "data:", "blob:")):
        yield f"asked another host: {url}"


def sample(kind, label):
    return next(sample.path for sample in load_samples() if (sample.kind, sample.label) == (kind, label))


def see_answer(page, digit):
    """Wait for a digit and see that a visitor sees it."""
    large = page.locator(".digitlib-digit")
    expect(large).to_have_text(str(digit), timeout=20_000)
    large.scroll_into_view_if_needed()
    expect(large).to_be_in_viewport(ratio=0.9)
    box = large.bounding_box()
    assert box["height"] > 40
    top = page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).className",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    )
    assert top == "digitlib-digit", "something lies over the digit"
    expect(page.locator(".digitlib-sentence")).to_contain_text(f"{digit}")


def keep_picture(page, name):
    page.screenshot(path=ARTEFACTS / f"demo-{name}.png", full_page=True)


def send_file(page, path):
    page.locator(".digitlib-picker input").set_input_files(path)


@pytest.mark.parametrize("viewport", VIEWPORTS)
def test_a_photo_is_read(visit, viewport):
    page = visit(viewport)
    send_file(page, sample("phone_pen", "4"))
    see_answer(page, 4)
    for name in ("picture img", "bars", "steps img"):
        expect(page.locator(f".digitlib-{name}").first).to_be_visible()
    assert page.locator(".digitlib-steps img").count() == 7
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    keep_picture(page, viewport)


def test_a_photo_that_lies_on_its_side_is_turned_upright(visit):
    page = visit()
    send_file(page, sample("exif_rotated", "7"))
    see_answer(page, 7)


def test_a_drawing_by_mouse_is_read_and_taken_back(visit):
    page = visit()
    pad = page.locator(".digitlib-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(middle, box["y"] + 0.85 * box["height"], steps=10)
    page.mouse.up()
    see_answer(page, 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".digitlib-sentence")).to_have_text(re.compile("Show me"))
    assert page.get_by_role("button", name="Clear").is_disabled()


def test_a_drawing_by_finger_is_read_and_does_not_scroll_the_page(visit):
    page = visit("phone")
    pad = page.locator(".digitlib-pad canvas")
    pad.scroll_into_view_if_needed()
    box, scrolled = pad.bounding_box(), page.evaluate("scrollY")
    finger = page.context.new_cdp_session(page)
    places = [(0.25, 0.15), (0.75, 0.15), (0.6, 0.5), (0.45, 0.9)]
    for number, (across, down) in enumerate(places):
        point = {"x": box["x"] + across * box["width"], "y": box["y"] + down * box["height"]}
        kind = "touchMove" if number else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    see_answer(page, 7)
    assert page.evaluate("scrollY") == scrolled
    page.screenshot(path=ARTEFACTS / "demo-phone-drawing.png")


def test_a_sample_is_read(visit):
    page = visit()
    page.get_by_label("Or try a sample").select_option(index=1)
    see_answer(page, load_samples()[0].label)


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_can_be_dropped_and_pasted(visit, way):
    page = visit()
    page.evaluate(
        """([way, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "photo.jpg", { type: "image/jpeg" }));
            const picker = document.querySelector(".digitlib-picker");
            const options = { bubbles: true, cancelable: true };
            picker.dispatchEvent(way === "drop"
                ? new DragEvent("drop", { ...options, dataTransfer: transfer })
                : new ClipboardEvent("paste", { ...options, clipboardData: transfer }));
        }""",
        [way, list(sample("marker", "3").read_bytes())],
    )
    see_answer(page, 3)


def test_a_photo_of_thirty_megabytes_is_read(visit, tmp_path):
    noise = np.random.default_rng(0).integers(150, 256, (5000, 6000, 3), dtype=np.uint8)
    cv2.line(noise, (3000, 900), (3000, 4100), (40, 30, 30), 260)
    path = tmp_path / "large.jpg"
    cv2.imwrite(str(path), noise, [cv2.IMWRITE_JPEG_QUALITY, 98])
    assert path.stat().st_size > 30e6
    page = visit()
    send_file(page, path)
    see_answer(page, 1)


def test_a_file_that_is_no_picture_gets_a_sentence(visit, tmp_path):
    path = tmp_path / "<b>diary.txt"
    path.write_text("Dear diary, today I wrote a seven.", encoding="utf-8")
    page = visit()
    send_file(page, path)
    sentence = page.locator(".digitlib-sentence")
    expect(sentence).to_contain_text("text")
    expect(sentence).to_be_in_viewport()
    assert "Traceback" not in page.content()
    expect(page.locator(".digitlib-status")).to_have_text(path.name)
    send_file(page, sample("phone_pen", "4"))
    see_answer(page, 4)


def test_the_page_is_a_page(visit):
    page = visit()
    assert page.title() == "Which digit is this?"
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("main .digitlib-demo").count() == 1
    assert page.locator("h1").count() == 1
    assert page.locator(".jp-InputArea, .cm-editor, pre").count() == 0, "the page shows source code"
    assert "nbval" not in page.content()


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_everything_to_press_is_large_enough_and_has_a_name(visit, viewport):
    page = visit(viewport)
    for target in page.locator("main :is(button, select, .digitlib-primary, input[type=range])").all():
        assert target.bounding_box()["height"] >= 44, target.inner_text()
    for control in page.locator("main :is(button, select, input)").all():
        name = control.evaluate("e => e.ariaLabel || e.innerText || e.labels?.[0]?.innerText")
        assert name.strip()


def test_the_keyboard_is_enough(visit):
    page = visit()
    page.keyboard.press("Tab")
    expect(page.locator(".digitlib-picker input")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    ring = page.locator(".digitlib-primary").evaluate("e => getComputedStyle(e).outlineStyle")
    assert ring == "solid", "the visitor does not see where the keyboard is"
    chooser.value.set_files(sample("phone_pen", "4"))
    see_answer(page, 4)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".digitlib-digit")).to_have_text(load_samples()[0].label)


def test_a_dark_screen_gets_a_dark_page(visit):
    page = visit(color_scheme="dark")
    send_file(page, sample("phone_pen", "4"))
    see_answer(page, 4)
    keep_picture(page, "dark")
    for name in ("html", ".digitlib-result"):
        ground = page.locator(name).evaluate("e => getComputedStyle(e).backgroundColor")
        assert all(int(part) < 80 for part in re.findall(r"\d+", ground)[:3]), name
    ink = page.locator(".digitlib-sentence").evaluate("e => getComputedStyle(e).color")
    assert all(int(part) > 200 for part in re.findall(r"\d+", ink)[:3])


def open_plainly(browser, address):
    """Open the page without the watch over requests."""
    page = browser.new_context().new_page()
    open_demo(page, address)
    return page


def kernel_of(page):
    return page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")


def is_alive(address, kernel):
    try:
        return urllib.request.urlopen(f"{address}/api/kernels/{kernel}").status == 200
    except urllib.error.HTTPError:
        return False


def test_a_closed_page_ends_its_program(browser, address):
    page = open_plainly(browser, address)
    kernel = kernel_of(page)
    assert is_alive(address, kernel)
    page.close(run_before_unload=True)
    for _ in range(100):
        if not is_alive(address, kernel):
            return
        time.sleep(0.1)
    pytest.fail("the Python process of a closed page goes on")


def test_a_page_that_lost_its_program_says_so(browser, address):
    page = open_plainly(browser, address)
    come_back = "document.dispatchEvent(new Event('visibilitychange'))"
    asleep = page.locator("#asleep")
    with page.expect_response("**/api/kernels/*"):
        page.evaluate(come_back)
    expect(asleep).to_be_hidden()
    page.evaluate(
        """(kernel) => fetch(`/voila/api/shutdown/${kernel}`, {
            method: "POST",
            headers: { "X-XSRFToken": document.cookie.match(/_xsrf=([^;]+)/)[1] },
        })""",
        kernel_of(page),
    )
    page.evaluate(come_back)
    expect(asleep).to_contain_text("load it again")
    page.context.close()


@pytest.mark.parametrize(
    "path",
    [
        f"/voila/files/{NOTEBOOK}",
        "/voila/files/../pyproject.toml",
        "/voila/tree",
        "/voila/render/06_upload_and_predict.ipynb",
        "/voila/api/contents",
        f"/{NOTEBOOK}",
        "/nothing",
    ],
)
def test_the_server_gives_out_nothing_but_the_page(address, path):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(address + path)
    assert refusal.value.code in (403, 404)
    assert "://" not in re.sub(r'href="data:[^"]*"', "", refusal.value.read().decode())


def take_picture(path):
    """Take the picture of the demo for README and notebook 06."""
    with served_demo() as address, started_browser() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        open_demo(page, address)
        send_file(page, sample("squared_paper", "7"))
        see_answer(page, 7)
        page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    take_picture(sys.argv[1])
