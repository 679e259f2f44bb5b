"""The demo as a visitor meets it: Voilà's page in a real browser, on a desktop and on a phone.

Run as a program, it takes the picture of the demo that README and notebook 06 show:

    python tests/test_demo_browser.py docs/images/demo.png
"""

import os
import re
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from web.served import ARTEFACTS, ROOT, VIEWPORTS, open_demo, served_demo, started_browser, visitors

from digitlib.data import load_samples
from digitlib.reading.normalize import STEP_NAMES


@pytest.fixture(scope="module")
def contexts(browser):
    """One browser profile for each kind of visitor: the scripts are fetched once."""
    return {name: browser.new_context(**options) for name, options in VIEWPORTS.items()}


@pytest.fixture
def visit(contexts, address):
    """Open the page; in the end, see that nothing broke and that no other host was asked."""
    pages, troubles = [], []

    def open_page(viewport="desktop"):
        page = contexts[viewport].new_page()
        pages.append(page)
        page.on("filechooser", lambda _: None)  # watched for in good time: from the key press on is too late
        page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
        page.on("request", lambda request: troubles.extend(foreign(request.url, address)))
        page.on("response", lambda r: troubles.append(f"{r.status}: {r.url}") if r.status >= 400 else None)
        open_demo(page, address)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert troubles == []


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


def serious(page):
    """What axe-core finds that would keep people out."""
    found = Axe().run(page).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("viewport", ["desktop", "wide", "phone"])
def test_a_photo_is_read_and_explained(visit, viewport):
    page = visit(viewport)
    send_file(page, sample("phone_pen", "4"))
    see_answer(page, 4)
    expect(page.locator(".digitlib-sentence")).to_contain_text("certain")
    for name in ("picture img", "bars", "steps img"):
        expect(page.locator(f".digitlib-{name}").first).to_be_visible()
    assert page.locator(".digitlib-steps img").count() == 7
    expect(page.get_by_role("heading", name="Where the network looked")).to_be_visible()
    assert page.locator(".digitlib-looked li img").count() in (0, 8)  # none: the index is of another network
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert serious(page) == []
    keep_picture(page, viewport)


def test_a_photo_that_lies_on_its_side_is_turned_upright(visit):
    page = visit()
    send_file(page, sample("exif_rotated", "7"))
    see_answer(page, 7)


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_every_digit_of_a_number_is_framed_and_can_be_explained(visit, viewport):
    page = visit(viewport)
    number = next(s for s in load_samples() if s.kind == "number" and "two rows" in s.made)
    send_file(page, number.path)
    large = page.locator(".digitlib-digit")
    expect(large).to_have_text(re.compile(rf"{number.label[:4]}\s*{number.label[4:]}"))
    expect(large).to_be_in_viewport()
    frames = page.locator(".digitlib-frame")
    assert frames.all_inner_texts() == list(number.label)
    picture = page.locator(".digitlib-picture img").bounding_box()
    for frame in frames.all():
        box = frame.bounding_box()
        assert picture["x"] <= box["x"] and box["x"] + box["width"] <= picture["x"] + picture["width"]
        assert picture["y"] <= box["y"] and box["y"] + box["height"] <= picture["y"] + picture["height"]
    button = page.get_by_role("button", name=f"Digit 3: {number.label[2]}")
    button.click()
    expect(page.locator(".digitlib-digits [aria-pressed=true]")).to_have_text(number.label[2])
    expect(page.locator(".digitlib-best")).to_contain_text(number.label[2])
    expect(page.locator(".digitlib-digits [aria-pressed=true]")).to_be_focused()
    assert page.get_by_role("switch").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    assert serious(page) == []
    keep_picture(page, f"number-{viewport}")


def test_a_step_is_switched_off_and_on_by_keyboard_and_the_answer_follows(visit):
    page = visit()
    send_file(page, sample("squared_paper", "7"))
    see_answer(page, 7)
    before = page.locator(".digitlib-bars").inner_text()
    switch = page.get_by_role("switch", name="Step invert")
    switch.focus()
    page.keyboard.press("Space")
    expect(page.locator(".digitlib-sentence")).to_contain_text("Without invert")
    expect(switch).not_to_be_checked()
    expect(switch).to_be_focused()
    assert page.locator(".digitlib-bars").inner_text() != before
    assert page.locator(".digitlib-steps img").count() == len(STEP_NAMES) - 1
    assert serious(page) == []
    keep_picture(page, "without-invert")
    page.keyboard.press("Space")
    see_answer(page, 7)
    assert page.locator(".digitlib-bars").inner_text() == before


WATCH = """() => {
    let lifted;
    addEventListener("pointerup", () => (lifted = performance.now()), true);
    const seen = () => requestAnimationFrame(() => requestAnimationFrame(() => {
        window.answerTime = Math.round(performance.now() - lifted);
    }));
    new MutationObserver(seen).observe(document.querySelector(".digitlib-digit"), { childList: true });
}"""


def test_a_drawing_by_mouse_is_read_at_each_stroke_and_taken_back(visit):
    page = visit()
    page.evaluate(WATCH)
    pad = page.locator(".digitlib-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(middle, box["y"] + 0.85 * box["height"], steps=10)
    page.mouse.up()
    see_answer(page, 1)
    page.wait_for_function("window.answerTime")
    text = f"From the end of a stroke to the answer on the screen: {page.evaluate('answerTime')} ms\n"
    (ARTEFACTS / "answer-time.txt").write_text(text, encoding="utf-8")
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


def test_samples_are_read_one_by_one_and_by_surprise(visit):
    page = visit()
    menu = page.get_by_label("Or try a sample")
    first = load_samples()[0]
    menu.select_option(first.path.name)
    see_answer(page, first.label)
    page.get_by_role("button", name="Surprise me").click()
    expect(menu).not_to_have_value(first.path.name)
    chosen = next(s for s in load_samples() if s.path.name == menu.input_value())
    frames = page.locator(".digitlib-picture img")
    expect(frames).to_be_visible()
    assert chosen.path.is_file()


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


def test_a_phones_photo_of_twelve_megapixels_is_read(visit):
    page = visit("phone")
    large = next(s for s in load_samples() if s.kind == "twelve_megapixels")
    send_file(page, large.path)
    see_answer(page, large.label)


def test_the_newer_of_two_pictures_is_answered(visit):
    page = visit()
    for label in "4", "7":
        send_file(page, sample("phone_pen", label))
    see_answer(page, 7)
    page.wait_for_timeout(500)
    see_answer(page, 7)
    expect(page.locator(".digitlib-status")).to_have_text(sample("phone_pen", "7").name)


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
    assert serious(page) == []
    keep_picture(page, "bad-file")
    expect(page.locator(".digitlib-status")).to_have_text(path.name)
    send_file(page, sample("phone_pen", "4"))
    see_answer(page, 4)


@pytest.mark.parametrize("name", ["photo.heic", "scan.tif"])
def test_of_a_photo_that_the_browser_cannot_open_no_place_is_sent(visit, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"\0\0\0\x18ftypheic" + b"GPS: 52 N, 13 E" * 20)
    page = visit()
    sent = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.reload()
    expect(page.locator(".digitlib-sentence")).to_contain_text("Show me", timeout=60_000)
    send_file(page, path)
    where = ".digitlib-sentence" if name.endswith("heic") else ".digitlib-status"
    expect(page.locator(where)).to_contain_text("HEIC" if name.endswith("heic") else "cannot open")
    assert sent and not any(b"GPS" in (one if isinstance(one, bytes) else one.encode()) for one in sent)


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
    send_file(page, sample("phone_pen", "4"))
    see_answer(page, 4)
    for target in page.locator(
        "main :is(button:visible, select, .digitlib-primary, input[type=range])"
    ).all():
        box = target.bounding_box()
        assert min(box["height"], box["width"]) >= 44, target.inner_text()
    for control in page.locator("main :is(button:visible, select, input)").all():
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
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SELECT":
            break
    page.keyboard.press("ArrowDown")
    expect(page.locator(".digitlib-digit")).to_have_text(load_samples()[0].label)


def test_the_answer_is_told_to_screen_readers_in_one_lasting_place(visit):
    page = visit()
    place = page.get_by_role("status").and_(page.locator(".digitlib-sentence"))
    page.evaluate("window.place = document.querySelector('.digitlib-sentence')")
    send_file(page, sample("phone_pen", "4"))
    expect(place).to_contain_text("This is a 4")
    assert page.evaluate("window.place === document.querySelector('.digitlib-sentence')")
    assert page.locator("main img:not([alt]), main img[alt='']").count() == 0


def test_a_dark_screen_gets_a_dark_page(visit):
    page = visit("dark")
    send_file(page, sample("phone_pen", "4"))
    see_answer(page, 4)
    assert serious(page) == []
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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes as Linux lists them")
def test_a_page_whose_program_was_killed_says_so(browser, demo):
    page = open_plainly(browser, demo[0])
    for process in visitors(demo[1]):
        os.kill(process, signal.SIGKILL)
    page.get_by_label("Or try a sample").select_option(index=1)
    trouble = page.get_by_role("alert")
    expect(trouble).to_contain_text("Load the page again", timeout=20_000)
    expect(trouble.get_by_role("button")).to_be_in_viewport()
    keep_picture(page, "killed")
    trouble.get_by_role("button").click()
    expect(page.locator(".digitlib-sentence")).to_contain_text("Show me", timeout=30_000)
    expect(trouble).to_be_hidden()
    page.context.close()


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system cannot halt a process")
def test_a_lost_connection_is_said_and_the_answer_comes_when_it_is_back(browser, demo):
    page = open_plainly(browser, demo[0])
    os.kill(demo[1].pid, signal.SIGSTOP)
    try:
        page.get_by_label("Or try a sample").select_option(index=1)
        expect(page.get_by_role("alert")).to_contain_text("cannot reach", timeout=20_000)
    finally:
        os.kill(demo[1].pid, signal.SIGCONT)
    expect(page.locator(".digitlib-digit")).to_have_text(load_samples()[0].label, timeout=20_000)
    expect(page.get_by_role("alert")).to_be_hidden()
    page.context.close()


def test_a_broken_network_is_said_before_anybody_uploads_anything(browser, tmp_path):
    for name in ("digitlib", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data" / "samples", tmp_path / "data" / "samples")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)  # as in a repository: the data lies beside the package
    (tmp_path / "digitlib" / "model" / "digits.npz").write_bytes(b"not a network")
    with served_demo(root=tmp_path) as (address, _):
        page = browser.new_page()
        open_demo(page, address, "missing or damaged")
        send_file(page, sample("phone_pen", "4"))
        expect(page.locator(".digitlib-status")).to_have_text(sample("phone_pen", "4").name)
        page.wait_for_timeout(500)
        expect(page.locator(".digitlib-sentence")).to_contain_text("tell the person who runs this page")
        assert str(tmp_path) not in page.content()
        keep_picture(page, "broken-network")
        page.close()


def take_picture(path):
    """Take the picture of the demo for README and notebook 06."""
    with served_demo() as (address, _), started_browser() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        open_demo(page, address)
        send_file(page, sample("squared_paper", "7"))
        see_answer(page, 7)
        expect(page.locator(".digitlib-looked h3").last).to_be_visible()
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    take_picture(sys.argv[1])
