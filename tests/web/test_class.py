"""What a class does with the page: the projector's view, the live camera, and challenges."""

import io
import json
import re
import urllib.error
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect
from web.served import ARTEFACTS, FLAGS, draw, find_chromium, open_demo, served

from digitlib.data import load_samples
from digitlib.web.server.class_view import HERE, KEPT, ClassView
from digitlib.web.server.server import _HEADERS


def sample(kind, label):
    return next(sample.path for sample in load_samples() if (sample.kind, sample.label) == (kind, label))


@pytest.fixture(scope="module")
def projected():
    """The demo with the projector's view: its address, and that of the view."""
    with served("digitlib.web.server.serve", "--class") as (address, _):
        urllib.request.urlopen(address).read()  # from now on it serves, and has said where
        log = (ARTEFACTS / "served.log").read_text(encoding="utf-8")
        yield address, re.findall(rf"nobody else: ({address}/class/\S+)", log)[-1]


def send(address, path):
    request = urllib.request.Request(f"{address}/answer", data=path.read_bytes(), method="POST")
    return json.loads(urllib.request.urlopen(request).read())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_projector_shows_the_code_and_the_newest_answers(projected, browser, scheme):
    address, view = projected
    for label in "4", "7":
        assert send(address, sample("phone_pen", label))["headline"] == label
    page = browser.new_page(viewport={"width": 1366, "height": 768}, color_scheme=scheme)
    page.goto(view)
    expect(page.locator(".digitlib-stream b").first).to_have_text("7")
    expect(page.get_by_role("img", name=f"QR code of {address}")).to_be_in_viewport(ratio=1)
    expect(page.locator(".digitlib-here")).to_have_text("Devices here: 1")
    assert page.locator(".digitlib-stream canvas").count() == 0, "no pictures unless the teacher wants them"
    corner = page.locator(".digitlib-code").evaluate(
        "c => c.getContext('2d').getImageData(0, 0, 1, 1).data[0]"
    )
    assert corner == 255, "white around the code, on a dark screen, too"
    send(address, sample("marker", "3"))
    expect(page.locator(".digitlib-stream b").first).to_have_text("3", timeout=10_000)
    assert Axe().run(page).response["violations"] == []
    page.screenshot(path=ARTEFACTS / f"class-{scheme}.png")
    page.close()


def test_without_the_secret_there_is_no_view(projected, address):
    for wrong in (
        f"{projected[0]}/class",
        f"{projected[1]}x",
        f"{projected[0]}/class/answers",
        f"{address}/class",
    ):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(wrong)
        assert refused.value.code == 404
    secret = projected[1].rpartition("/")[2]
    assert len(secret) >= 12 and secret not in urllib.request.urlopen(projected[0]).read().decode()
    assert _HEADERS["Referrer-Policy"] == "no-referrer", "no page learns the address from a link"


def test_the_view_keeps_fifty_answers_and_who_was_here_lately(monkeypatch):
    view = ClassView("http://192.0.2.1:8866", pictures=False)
    clock = iter(range(10_000))
    monkeypatch.setattr("digitlib.web.server.class_view.time.monotonic", lambda: float(next(clock)))
    found = {"headline": "4", "mood": "sure", "digits": [{"image": "secret"}]}
    for number in range(200):
        view.visit(f"192.0.2.{number}")
        view.note(found)
    state = view.state()
    assert [one["number"] for one in state["answers"]] == list(range(201 - KEPT, 201))
    assert state["here"] == HERE and state["count"] == 200
    assert "secret" not in str(state["answers"])
    assert ClassView("a", pictures=True).path != view.path
    shown = ClassView("a", pictures=True)
    shown.note(found)
    assert shown.state()["answers"][0]["images"] == ["secret"]


@pytest.fixture
def filming(browser, tmp_path):
    """A browser whose camera sees a 3."""
    film = tmp_path / "film.mjpeg"
    with Image.open(sample("marker", "3")) as image:
        frame = io.BytesIO()
        image.convert("RGB").resize((640, 480)).save(frame, "JPEG", quality=95)
    film.write_bytes(frame.getvalue() * 5)
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags = [*FLAGS, *camera, f"--use-file-for-fake-video-capture={film}"]
    filming = browser.browser_type.launch(executable_path=find_chromium(), args=flags)
    yield filming
    filming.close()


def test_a_digit_is_held_up_to_the_camera(filming, address):
    page = filming.new_page()
    open_demo(page, address)
    page.get_by_role("tab", name="Camera").click()
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 3", timeout=20_000)
    expect(page.locator(".digitlib-frame")).to_have_count(1)
    page.get_by_text("Why this answer?").click()
    expect(page.locator(".digitlib-steps img")).to_have_count(7)
    page.screenshot(path=ARTEFACTS / "camera.png")
    page.get_by_role("tab", name="Draw").click()
    assert page.evaluate("document.querySelector('video').srcObject") is None, "the camera is off"


def test_the_camera_waits_while_somebody_looks_why(filming, address):
    page = filming.new_page()
    page.add_init_script(
        """const ask = window.fetch, slow = 1500;  // milliseconds: meanwhile, a camera looks several times
        window.fetch = async (address, options) => {
            if (address.startsWith("why")) await new Promise((resolve) => setTimeout(resolve, slow));
            return ask(address, options);
        };"""
    )
    open_demo(page, address)
    page.get_by_role("tab", name="Camera").click()
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 3", timeout=20_000)
    page.get_by_text("Why this answer?").click()
    expect(page.locator(".digitlib-steps img")).to_have_count(7, timeout=20_000)
    expect(page.get_by_text("stands still")).to_be_visible()
    assert page.evaluate("document.querySelector('video').paused")
    page.get_by_role("switch", name="Step invert").uncheck()
    expect(page.locator(".digitlib-sentence")).to_contain_text("Without invert")
    page.get_by_text("Why this answer?").click()
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 3")
    expect(page.get_by_text("Hold your digit up")).to_be_visible()


def test_a_camera_that_is_granted_too_late_is_given_back(filming, address):
    page = filming.new_page()
    page.add_init_script(
        """const media = navigator.mediaDevices, given = media.getUserMedia.bind(media);
        media.getUserMedia = async (wish) => {
            await new Promise((resolve) => (window.allow = resolve));
            return (window.stream = await given(wish));
        };"""
    )
    open_demo(page, address)
    page.get_by_role("tab", name="Camera").click()
    page.get_by_role("button", name="Start the camera").click()
    page.get_by_role("tab", name="Draw").click()
    page.evaluate("allow()")
    page.evaluate(
        """async () => {
            const over = () => window.stream?.getTracks().every((track) => track.readyState === "ended");
            while (!over()) await new Promise((resolve) => setTimeout(resolve, 50));
        }"""
    )
    assert page.evaluate("document.querySelector('video').srcObject") is None


def test_without_a_camera_it_says_so(browser, address):
    page = browser.new_page()
    open_demo(page, address)
    page.get_by_role("tab", name="Camera").click()
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".digitlib-sentence")).to_contain_text("camera cannot be used")
    page.close()


def test_a_challenge_is_set_and_won(browser, address):
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.add_init_script("Math.random = () => 0")
    open_demo(page, address)
    page.get_by_role("button", name="Challenge").click()
    expect(page.locator(".digitlib-challenge p")).to_have_text("Draw a 9 that I take for a 4.")
    page.get_by_role("button", name="Another one").click()
    expect(page.locator(".digitlib-challenge p")).to_have_text("Draw a 1 that I take for a 7.")
    draw(page, [[(0.3, 0.15), (0.7, 0.15), (0.45, 0.85)]])
    expect(page.locator(".digitlib-challenge p")).to_contain_text("You fooled me: I say 7.")
    page.screenshot(path=ARTEFACTS / "challenge.png")
    page.close()
