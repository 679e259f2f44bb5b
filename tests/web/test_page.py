"""The page as a visitor meets it, in a real browser, on a desktop and on a phone.

Run as a program, it takes the picture of the demo that README and notebook 06 show:

    PYTHONPATH=tests python tests/web/test_page.py docs/images/demo.png
"""

import csv
import io
import json
import re
import sys
import zipfile

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from web.drawings import PAD, drawing
from web.served import ARTEFACTS, ROOT, VIEWPORTS, draw, open_demo, served_demo, started_browser

from digitlib.data import load_samples
from digitlib.reading.normalize import STEP_NAMES
from digitlib.reading.reader import read_digit

ONE = [[(0.5, 0.15), (0.5, 0.85)]]
SEVEN = [[(0.3, 0.15), (0.7, 0.15), (0.45, 0.85)]]


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
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.on("request", lambda request: troubles.extend(foreign(request.url, address)))
        open_demo(page, address)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert troubles == []


def foreign(url, address):
    """Give the address if it leads elsewhere."""
    if not url.startswith((address, "data:", "blob:")):
        yield f"asked another host: {url}"


def sample(kind, label):
    return next(sample.path for sample in load_samples() if (sample.kind, sample.label) == (kind, label))


def see_answer(page, digit):
    """Wait for a digit and see that a visitor sees it."""
    large = page.locator(".digitlib-digit")
    expect(page.locator(".digitlib-sentence")).to_contain_text(
        f"This is a{'n' if digit == 8 else ''} {digit}."
    )
    expect(large).to_have_text(str(digit))
    expect(large).to_be_in_viewport(ratio=0.9)
    box = large.bounding_box()
    assert box["height"] > 40
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    top = page.evaluate("([x, y]) => document.elementFromPoint(x, y).className", middle)
    assert top == "digitlib-digit", "something lies over the digit"


def keep_picture(page, name):
    page.screenshot(path=ARTEFACTS / f"page-{name}.png", full_page=True)


def send_files(page, *paths):
    page.locator("input[type=file]").set_input_files(paths)


def bar(page, digit):
    return page.locator(".digitlib-bars li").nth(digit)


def violations(page):
    """What axe-core finds that would keep people out."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:120]) for one in found]


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


# --- first contact ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("viewport", [*VIEWPORTS])
def test_the_welcome_is_on_one_screen_and_an_example_draws_itself(visit, viewport):
    page = visit(viewport)
    expect(page.locator(".digitlib-digit")).to_have_text("7")
    expect(page.locator(".digitlib-sentence")).to_have_text(re.compile("This is an example. Show me"))
    assert fits(page), "the page scrolls sideways"
    for part in (".digitlib-pad canvas", ".digitlib-headline", ".digitlib-bars"):
        expect(page.locator(part)).to_be_in_viewport(ratio=0.99)
    if viewport != "landscape":  # there, it is half below the edge
        expect(page.locator("button[name=clear]")).to_be_in_viewport(ratio=0.99)
    assert violations(page) == []
    keep_picture(page, f"welcome-{viewport}")


def test_the_first_picture_of_the_page_needs_few_requests_and_no_weights(contexts, address):
    page = contexts["desktop"].new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    page.route("**/network*", lambda route: None)  # never comes
    open_demo(page, address)
    draw(page, SEVEN)
    see_answer(page, 7)
    assert len([path for path in asked if not path.startswith(("/small", "/answer"))]) <= 4
    page.close()


def test_without_motion_nothing_moves(browser, address):
    page = browser.new_page(reduced_motion="reduce")
    open_demo(page, address)
    expect(page.locator(".digitlib-digit")).to_have_text("7")
    moves = page.evaluate(
        "[...document.querySelectorAll('.digitlib-bar')].some("
        "bar => parseFloat(getComputedStyle(bar, '::after').transitionDuration))"
    )
    assert not moves
    page.close()


# --- drawing ------------------------------------------------------------------------------------------------


def test_a_drawing_is_answered_while_it_is_drawn_and_in_full_when_the_pen_rests(visit):
    page = visit()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/answer" in request.url else None)
    draw(page, ONE, lift=False)
    expect(page.locator(".digitlib-digit")).to_have_text("1")
    expect(page.locator(".digitlib-sentence")).to_have_text("You draw …")
    assert asked == [], "the network in the browser answers alone"
    page.mouse.up()
    see_answer(page, 1)
    assert len(asked) == 1
    expect(bar(page, 1)).to_contain_text("1: more than 99")
    box = page.locator(".digitlib-pad canvas").bounding_box()
    draw(page, [[(0.2, 0.3), (0.35, 0.3)]])
    expect(page.locator(".digitlib-sentence")).not_to_have_text("You draw …")
    assert page.locator(".digitlib-pad canvas").bounding_box() == box, "the pad does not move"


def test_what_was_drawn_is_taken_back_and_brought_back(visit):
    page = visit()
    draw(page, SEVEN)
    see_answer(page, 7)
    clear = page.get_by_role("button", name="Clear")
    clear.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".digitlib-sentence")).to_have_text(re.compile("Show me"))
    expect(page.locator(".digitlib-digit")).to_have_text("?")
    expect(clear).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    see_answer(page, 7)
    page.keyboard.press("Control+z")
    expect(page.locator(".digitlib-digit")).to_have_text("?")


def test_drawn_digits_are_read(visit):
    page, rng, right = visit(), np.random.default_rng(5), 0
    for digit in range(10):
        strokes = drawing(digit, rng, size=330, corner=(200, 60))
        draw(page, [[(x / PAD[0], y / PAD[1]) for x, y in one["points"][::5]] for one in strokes], steps=1)
        expect(page.locator(".digitlib-sentence")).to_have_text(re.compile(r"\d|no digit"))
        right += page.locator(".digitlib-digit").inner_text() == str(digit)
        page.get_by_role("button", name="Clear").click()
        expect(page.locator(".digitlib-digit")).to_have_text("?")
    assert right >= 8


@pytest.mark.parametrize("width", [28, 8])
def test_a_tap_is_no_number(visit, width):
    page = visit()
    page.get_by_label("Width of the pen").fill(str(width))
    draw(page, [[(0.5, 0.5), (0.502, 0.503)]])
    expect(page.locator(".digitlib-sentence")).not_to_have_text(re.compile("draw|Show"))
    expect(page.locator(".digitlib-sentence")).not_to_have_text(re.compile("certain|digits"))


def test_a_drawing_by_finger_is_read_and_does_not_scroll_the_page(visit):
    page = visit("phone")
    box, scrolled = page.locator(".digitlib-pad canvas").bounding_box(), page.evaluate("scrollY")
    finger = page.context.new_cdp_session(page)
    palm = {"x": box["x"] + 0.8 * box["width"], "y": box["y"] + 0.9 * box["height"], "id": 2}
    for number, (across, down) in enumerate([(0.25, 0.15), (0.75, 0.15), (0.6, 0.5), (0.45, 0.9)]):
        point = {"x": box["x"] + across * box["width"], "y": box["y"] + down * box["height"], "id": 1}
        touching = [point, palm] if number > 1 else [point]
        kind = "touchMove" if number not in (0, 2) else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touching})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    see_answer(page, 7)
    assert page.evaluate("scrollY") == scrolled
    keep_picture(page, "phone-drawing")


# --- photos -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_a_photo_is_read_and_explained(visit, viewport):
    page = visit(viewport)
    send_files(page, sample("phone_pen", "4"))
    see_answer(page, 4)
    expect(page.get_by_role("img", name="Your picture, with a frame around what was read: 4")).to_be_visible()
    seen = page.locator(".digitlib-seen").evaluate(
        "c => [...c.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
    )
    expected = read_digit(sample("phone_pen", "4")).image.ravel() * 255
    assert np.abs(np.array(seen) - expected).mean() < 6, "what the network saw (the photo was encoded anew)"
    page.get_by_text("Why this answer?").click()
    expect(page.locator(".digitlib-steps img")).to_have_count(7)
    expect(page.get_by_role("heading", name="Where the network looked")).to_be_visible()
    expect(page.get_by_alt_text(re.compile("needed (top|middle|bottom) (left|centre|right)"))).to_be_visible()
    assert page.locator(".digitlib-looked li img").count() in (0, 8)  # none: the index is of another network
    assert page.locator("main img:not([alt])").count() == 0
    assert fits(page) and violations(page) == []
    keep_picture(page, f"why-{viewport}")


def test_a_step_is_switched_off_and_on_by_keyboard_and_the_answer_follows(visit):
    page = visit()
    send_files(page, sample("squared_paper", "7"))
    see_answer(page, 7)
    page.get_by_text("Why this answer?").click()
    before = page.locator(".digitlib-bars").inner_text()
    switch = page.get_by_role("switch", name="Step invert")
    switch.focus()
    page.keyboard.press("Space")
    expect(page.locator(".digitlib-sentence")).to_contain_text("Without invert")
    expect(page.locator(".digitlib-steps img")).to_have_count(len(STEP_NAMES) - 1)
    expect(switch).not_to_be_checked()
    expect(switch).to_be_focused()
    expect(page.locator(".digitlib-lead")).to_contain_text("Without invert")
    expect(page.locator(".digitlib-lead")).to_be_in_viewport()
    assert page.locator(".digitlib-bars").inner_text() != before
    page.keyboard.press("Space")
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 7")
    expect(page.locator(".digitlib-steps img")).to_have_count(len(STEP_NAMES))
    assert page.locator(".digitlib-bars").inner_text() == before


def lie_apart(page, *selectors):
    """Whether the texts of two elements do not lie over each other."""
    shape = """element => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return range.getBoundingClientRect();
    }"""
    one, other = (page.locator(selector).evaluate(shape) for selector in selectors)
    return one["right"] <= other["left"] or one["bottom"] <= other["top"]


@pytest.mark.parametrize("viewport", ["desktop", "tablet", "zoomed", "landscape", "phone"])
def test_every_digit_of_a_number_is_framed_and_can_be_explained(visit, viewport):
    page = visit(viewport)
    number = next(s for s in load_samples() if s.kind == "number" and "two rows" in s.made)
    send_files(page, number.path)
    large = page.locator(".digitlib-digit")
    expect(large).to_have_text(re.compile(rf"{number.label[:4]}\s*{number.label[4:]}"))
    expect(large).to_be_in_viewport()
    assert lie_apart(page, ".digitlib-digit", ".digitlib-sentence")
    frames = page.locator(".digitlib-frame")
    assert frames.all_inner_texts() == list(number.label)
    picture = page.locator(".digitlib-picture canvas").bounding_box()
    for frame in frames.all():
        box = frame.bounding_box()
        assert picture["x"] <= box["x"] and box["x"] + box["width"] <= picture["x"] + picture["width"]
        assert picture["y"] <= box["y"] and box["y"] + box["height"] <= picture["y"] + picture["height"]
    button = page.get_by_role("button", name=f"Number 3: {number.label[2]}")
    button.click()
    expect(page.locator(".digitlib-digits [aria-pressed=true]")).to_have_text(number.label[2])
    expect(bar(page, int(number.label[2]))).to_have_class("digitlib-best")
    assert fits(page) and violations(page) == []
    keep_picture(page, f"number-{viewport}")


def test_drawing_and_photo_both_stay_when_the_other_is_looked_at(visit):
    page = visit()
    draw(page, ONE)
    see_answer(page, 1)
    send_files(page, sample("phone_pen", "4"))
    see_answer(page, 4)
    page.get_by_role("tab", name="Draw").click()
    see_answer(page, 1)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Photo")).to_be_focused()
    see_answer(page, 4)


def test_a_sample_is_read_and_its_button_does_not_tell_what_it_is(visit):
    page = visit()
    buttons = page.locator(".digitlib-sample")
    expect(buttons).to_have_count(6)
    buttons.nth(1).click()
    see_answer(page, 7)
    assert not re.search("7|seven", buttons.nth(1).evaluate('e => e.outerHTML.replace(/src="[^"]*"/, \'\')'))


def test_white_ink_on_transparent_ground_is_read(visit, tmp_path):
    page = visit()
    ink = np.zeros((300, 300, 4), np.uint8)
    cv2.line(ink, (150, 50), (150, 250), (255, 255, 255, 255), 26)
    cv2.imwrite(str(tmp_path / "one.png"), ink)
    send_files(page, tmp_path / "one.png")
    see_answer(page, 1)


@pytest.mark.parametrize("way", ["drop", "paste"])
def test_a_picture_can_be_dropped_anywhere_and_pasted(visit, way):
    page = visit()
    page.get_by_label("Width of the pen").focus()
    page.evaluate(
        """([way, bytes]) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "photo.jpg", { type: "image/jpeg" }));
            const options = { bubbles: true, cancelable: true };
            if (way === "drop") {
                const event = new DragEvent("drop", { ...options, dataTransfer: transfer });
                document.querySelector("footer").dispatchEvent(event);
            } else {
                const event = new ClipboardEvent("paste", { ...options, clipboardData: transfer });
                document.activeElement.dispatchEvent(event);
            }
        }""",
        [way, list(sample("marker", "3").read_bytes())],
    )
    see_answer(page, 3)


def test_the_newer_of_two_pictures_is_answered(visit):
    page = visit()
    for label in "4", "7":
        send_files(page, sample("phone_pen", label))
    see_answer(page, 7)
    page.wait_for_timeout(500)
    see_answer(page, 7)


def test_a_photo_of_thirty_megabytes_is_read(visit, tmp_path):
    noise = np.random.default_rng(0).integers(150, 256, (5000, 6000, 3), dtype=np.uint8)
    cv2.line(noise, (3000, 900), (3000, 4100), (40, 30, 30), 260)
    path = tmp_path / "large.jpg"
    cv2.imwrite(str(path), noise, [cv2.IMWRITE_JPEG_QUALITY, 98])
    assert path.stat().st_size > 30e6
    page = visit()
    send_files(page, path)
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 1", timeout=30_000)


# --- one truth: whatever comes in, one new answer -----------------------------------------------------------


FILES = {
    "empty.jpg": (b"", "empty"),
    "<b>diary.txt": (b"Dear diary, today I wrote a seven.", "text"),
    "photo.heic": (b"\0\0\0\x18ftypheic" + b"GPS: 52 N, 13 E" * 20, "HEIC"),
    "scan.tif": (b"II*\0" + b"GPS: 52 N, 13 E" * 20, "TIFF"),
    "film.mp4": (b"\0\0\0\x18ftypisom" + bytes(5_000_000), "not a picture"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_replaces_the_answer_before_it(visit, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(FILES[name][0])
    page = visit()
    draw(page, ONE)
    see_answer(page, 1)
    sent = []
    page.on("request", lambda r: sent.append(r.post_data_buffer or b"") if "/answer" in r.url else None)
    send_files(page, path)
    sentence = page.locator(".digitlib-sentence")
    expect(sentence).to_contain_text(FILES[name][1])
    expect(sentence).to_be_in_viewport()
    expect(page.locator(".digitlib-digit")).to_have_text("!")
    assert page.locator(".digitlib-best, .digitlib-frame").count() == 0, "nothing is explained as a digit"
    assert not any(b"GPS" in part for part in sent), "place and date of a photo stay here"
    assert violations(page) == []
    send_files(page, sample("phone_pen", "4"))
    see_answer(page, 4)


def test_a_folder_that_is_dropped_is_answered(visit):
    page = visit()
    draw(page, ONE)
    see_answer(page, 1)
    page.evaluate(
        """() => {
            const folder = new File([], "folder");
            folder.slice = () => ({ arrayBuffer: () => Promise.reject(new Error("a folder")) });
            const event = new DragEvent("drop", { bubbles: true, cancelable: true });
            Object.defineProperty(event, "dataTransfer", { value: { files: [folder] } });
            document.body.dispatchEvent(event);
        }"""
    )
    expect(page.locator(".digitlib-sentence")).to_contain_text("cannot be read")


def test_what_is_refused_is_not_explained_as_a_digit(visit):
    page = visit()
    send_files(page, next(s.path for s in load_samples() if "cat" in s.path.stem))
    expect(page.locator(".digitlib-digit")).to_have_text("?")
    assert page.locator(".digitlib-best").count() == 0
    expect(page.locator(".digitlib-why")).to_be_hidden()


def test_it_says_that_it_reads_and_comes_again_when_the_server_is_full(contexts, address):
    page = contexts["desktop"].new_page()
    open_demo(page, address)
    tries = []

    def refuse_once(route):
        tries.append(route)
        if len(tries) == 1:
            route.fulfill(status=429, headers={"Retry-After": "1"})
        else:
            route.continue_()

    page.route("**/answer*", refuse_once)
    send_files(page, sample("phone_pen", "4"))
    expect(page.locator(".digitlib-sentence")).to_have_text("Reading …")
    see_answer(page, 4)
    assert len(tries) == 2
    page.close()


def test_a_lost_connection_is_said_and_the_answer_comes_when_it_is_back(contexts, address):
    page = contexts["desktop"].new_page()
    open_demo(page, address)
    page.route("**/answer*", lambda route: route.abort())
    draw(page, ONE)
    expect(page.locator(".digitlib-sentence")).to_contain_text("cannot reach", timeout=10_000)
    page.unroute("**/answer*")
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 1", timeout=10_000)
    page.close()


# --- for everyone -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_everything_to_press_is_large_enough_and_has_a_name(visit, viewport):
    page = visit(viewport)
    send_files(page, sample("phone_pen", "4"))
    see_answer(page, 4)
    for target in page.locator(
        "main :is(button:visible, select, .digitlib-picker, input[type=range]:visible)"
    ).all():
        box = target.bounding_box()
        assert min(box["height"], box["width"]) >= 44, target.evaluate("e => e.outerHTML")
    for control in page.locator("main :is(button:visible, select, input)").all():
        name = control.evaluate("e => e.ariaLabel || e.innerText || e.labels?.[0]?.innerText")
        assert name.strip()


@pytest.mark.parametrize("viewport", ["desktop", "zoomed"])
def test_the_keyboard_is_enough_and_its_place_is_never_hidden(visit, viewport):
    page = visit(viewport)
    page.keyboard.press("Tab")
    expect(page.get_by_role("tab", name="Draw")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Digits")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("input[type=file]")).to_be_focused()
    ring = page.locator(".digitlib-picker").evaluate("e => getComputedStyle(e).outlineStyle")
    assert ring == "solid", "the visitor does not see where the keyboard is"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(sample("phone_pen", "4"))
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 4")
    for _ in range(12):
        page.keyboard.press("Tab")
        hidden = page.evaluate(
            """() => {
                const box = document.activeElement.getBoundingClientRect();
                const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return document.activeElement !== document.body && !document.activeElement.closest("label")
                    && !document.activeElement.contains(top) && !top?.contains(document.activeElement);
            }"""
        )
        assert not hidden, page.evaluate("document.activeElement.outerHTML")


@pytest.mark.parametrize("viewport", ["phone", "desktop"])
def test_text_of_twice_the_size_fits(visit, viewport):
    page = visit(viewport)
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    send_files(page, sample("phone_pen", "4"))
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 4")
    assert fits(page), "the page scrolls sideways"
    keep_picture(page, f"twice-{viewport}")


def test_the_answer_is_told_to_screen_readers_in_one_lasting_place(visit):
    page = visit()
    place = page.get_by_role("status").and_(page.locator(".digitlib-sentence"))
    page.evaluate("window.place = document.querySelector('.digitlib-sentence')")
    send_files(page, sample("phone_pen", "4"))
    expect(place).to_contain_text("This is a 4")
    assert page.evaluate("window.place === document.querySelector('.digitlib-sentence')")
    order = page.evaluate(
        "[...document.querySelectorAll('.digitlib-tabs, .digitlib-sentence, .digitlib-bars')]"
        ".map(element => element.className)"
    )
    assert order == ["digitlib-tabs", "digitlib-sentence", "digitlib-bars"]


def test_a_dark_screen_gets_a_dark_page_and_a_dark_pad(visit):
    page = visit("dark")
    send_files(page, sample("phone_pen", "4"))
    see_answer(page, 4)
    assert violations(page) == []
    for name in ("html", ".digitlib-headline"):
        ground = page.locator(name).evaluate("e => getComputedStyle(e).backgroundColor")
        assert all(int(part) < 80 for part in re.findall(r"\d+", ground)[:3]), name
    page.get_by_role("tab", name="Draw").click()
    draw(page, SEVEN)
    see_answer(page, 7)
    pad = page.locator(".digitlib-pad canvas").screenshot()
    assert cv2.imdecode(np.frombuffer(pad, np.uint8), cv2.IMREAD_GRAYSCALE)[20, 20] < 80
    keep_picture(page, "dark")


def test_high_contrast_shows_bars_and_choices(visit):
    page = visit("contrast")
    number = next(s for s in load_samples() if s.kind == "number")
    send_files(page, number.path)
    expect(page.locator(".digitlib-frame")).to_have_count(len(number.label))
    chosen = page.locator(".digitlib-digits [aria-pressed=true]")
    other = page.locator(".digitlib-digits [aria-pressed=false]").first
    width = "e => getComputedStyle(e).borderTopWidth"
    assert chosen.evaluate(width) != other.evaluate(width)
    label = int(re.search(r"\d", chosen.inner_text())[0])
    fill = "e => getComputedStyle(e.querySelector('.digitlib-bar'), '::after').backgroundColor"
    assert bar(page, label).evaluate(fill) != page.locator("body").evaluate(
        "e => getComputedStyle(e).backgroundColor"
    )
    keep_picture(page, "contrast")


# --- more to do with an answer ------------------------------------------------------------------------------


def test_an_answer_is_saved_as_a_picture(visit):
    page = visit()
    send_files(page, sample("phone_pen", "4"))
    see_answer(page, 4)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as picture").click()
    saved.value.save_as(ARTEFACTS / "answer-card.png")
    card = cv2.imread(str(ARTEFACTS / "answer-card.png"))
    assert card.shape == (600, 1200, 3) and card.std() > 20


def test_a_wrong_answer_is_corrected_into_a_file_and_nothing_is_sent(visit):
    page = visit()
    draw(page, ONE)
    see_answer(page, 1)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="That is wrong").click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="7", exact=True).click()
    expect(page.get_by_text("nothing was sent")).to_be_visible()
    assert not [url for url in asked if not url.startswith("blob:")]
    with zipfile.ZipFile(saved.value.path()) as archive:
        assert archive.testzip() is None
        picture, table = archive.namelist()
        (row,) = csv.DictReader(io.StringIO(archive.read(table).decode()))
        assert (row["file"], row["label"], table) == (picture, "7", "labels.csv")
        assert read_digit(archive.read(picture)).digit == 1


def test_several_photos_get_a_table_and_a_csv(visit, tmp_path):
    page = visit()
    paths = [sample("phone_pen", label) for label in "472"]
    formula = tmp_path / "=1+1.txt"
    formula.write_text("Dear diary", encoding="utf-8")
    send_files(page, *paths, formula)
    rows = page.locator(".digitlib-table tbody tr")
    expect(rows).to_have_count(4)
    assert [row.locator("td").nth(2).inner_text() for row in rows.all()[:3]] == list("472")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as CSV").click()
    found = list(csv.DictReader(io.StringIO(saved.value.path().read_text(encoding="utf-8"))))
    assert [row["answer"] for row in found] == ["4", "7", "2", ""]
    assert found[3]["file"] == "'=1+1.txt", "no spreadsheet takes a name for a formula"
    assert fits(page) and violations(page) == []
    keep_picture(page, "table")


def test_every_language_says_everything_and_the_browsers_is_taken(browser, address):
    folder = ROOT / "digitlib" / "web" / "static" / "words"
    words = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    assert set(words) == {"en", "de", "fr", "es"}
    for language, texts in words.items():
        assert set(texts) == set(words["en"]), language
        for key, text in texts.items():
            values = set(re.findall(r"\{(\w+)\}", text)) - {"a"}
            assert values <= set(re.findall(r"\{(\w+)\}", words["en"][key])), (language, key)
    for language, title in (("de-AT", "Welche Ziffer ist das?"), ("pt-BR", "Which digit is this?")):
        page = browser.new_page(locale=language)
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        assert page.locator("html").get_attribute("lang") == ("de" if language == "de-AT" else "en")
        page.locator(".digitlib-sample").nth(1).click()
        expect(page.locator(".digitlib-sentence")).to_contain_text(
            "ist eine 7" if language == "de-AT" else "is a 7"
        )
        keep_picture(page, language)
        page.close()


def take_picture(path):
    """Take the picture of the demo for README and notebook 06."""
    with served_demo() as (address, _), started_browser() as browser:
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        open_demo(page, address)
        send_files(page, sample("squared_paper", "7"))
        see_answer(page, 7)
        page.get_by_text("Why this answer?").click()
        expect(page.get_by_role("heading", name="Where the network looked")).to_be_visible()
        page.evaluate("document.querySelector('.digitlib-below').hidden = true")
        page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    take_picture(sys.argv[1])
