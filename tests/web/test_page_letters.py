"""Letters on the page: the switch, the answer while somebody draws, and the ten likeliest bars."""

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from web.served import ARTEFACTS, VIEWPORTS, draw, open_demo

from digitlib.data import load_letter_shapes

T = [[(0.3, 0.2), (0.7, 0.2)], [(0.5, 0.2), (0.5, 0.85)]]
CIRCLE = [[(0.5 - 0.18 * np.sin(turn), 0.5 - 0.35 * np.cos(turn)) for turn in np.linspace(0, 6.3, 12)]]


@pytest.fixture
def visit(browser, address):
    """Open the page; its example is there at once: no later stroke of it changes what is said."""
    pages = []

    def open_page(viewport="desktop"):
        page = browser.new_context(**VIEWPORTS[viewport], reduced_motion="reduce").new_page()
        pages.append(page)
        open_demo(page, address)
        return page

    yield open_page
    for page in pages:
        page.context.close()


def names_of_bars(page):
    return page.locator(".digitlib-bars .digitlib-name").all_text_contents()


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_a_letter_is_read_once_letters_are_asked_for(visit, viewport):
    page = visit(viewport)
    draw(page, T)
    assert names_of_bars(page) == list("0123456789")
    page.get_by_label("Letters").check()
    expect(page.locator(".digitlib-sentence")).to_contain_text("I read T.")
    expect(page.locator(".digitlib-digit")).to_have_text("T")
    bars = names_of_bars(page)
    assert (len(bars), bars[0]) == (10, "T")
    page.screenshot(path=ARTEFACTS / f"letters_{viewport}.png", full_page=True)
    assert Axe().run(page).violations_count == 0
    page.get_by_label("Digits").check()
    expect(page.locator(".digitlib-sentence")).not_to_contain_text("I read T")
    assert names_of_bars(page) == list("0123456789")


def test_title_and_invitation_follow_what_is_looked_for(visit):
    page = visit()
    sentence = page.locator(".digitlib-sentence")
    expect(sentence).to_contain_text("This is an example")  # which comes once, as soon as it can be read
    for kind, title, invitation in (
        ("Letters", "What is written here?", "Show me what you have written"),
        ("Both", "What is written here?", "Show me what you have written"),
        ("Digits", "Which digit is this?", "Show me a handwritten digit"),
    ):
        page.get_by_label(kind).check()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        expect(page).to_have_title(title)
        expect(sentence).to_contain_text(invitation)
        page.get_by_role("tab", name="Photo").click()
        expect(page.get_by_role("tabpanel", name="Photo")).to_contain_text(invitation)
        page.get_by_role("tab", name="Draw").click()


def test_a_circle_is_a_nought_or_an_o_and_the_page_says_so(visit):
    page = visit()
    page.get_by_label("Both").check()
    draw(page, CIRCLE)
    sentence = page.locator(".digitlib-sentence")
    expect(sentence).to_contain_text("I am not sure")
    assert set(names_of_bars(page)[:2]) == {"0", "O"}


def test_a_photo_is_read_again_when_the_switch_moves(visit):
    shapes = load_letter_shapes()
    shape = shapes.images[(shapes.letters == "R") & shapes.held_out][0]
    ink = cv2.copyMakeBorder(cv2.resize(shape, (300, 300)), 80, 80, 80, 80, cv2.BORDER_CONSTANT)
    _, png = cv2.imencode(".png", 255 - ink)
    page = visit()
    page.get_by_role("tab", name="Photo").click()
    photo = {"name": "r.png", "mimeType": "image/png", "buffer": png.tobytes()}
    page.locator("input[type=file]").first.set_input_files(photo)
    page.get_by_label("Letters").check()
    expect(page.locator(".digitlib-sentence")).to_contain_text("I read R.")
    expect(page.locator(".digitlib-digit")).to_have_text("R")
    page.get_by_text("Why this answer?").click()
    expect(page.locator(".digitlib-steps li")).to_have_count(7)
    expect(page.get_by_text("The letter is")).to_be_visible()


def test_while_somebody_draws_letters_the_network_of_letters_answers(visit):
    page = visit()
    page.get_by_label("Letters").check()
    page.evaluate("""async () => {  // `wait_for_function` asks again with `eval`, which the page forbids
        const entries = () => performance.getEntriesByType("resource");
        const loaded = () => entries().some((one) => one.name.includes("letters"));
        while (!loaded()) await new Promise((done) => setTimeout(done, 50));
    }""")
    draw(page, T)
    expect(page.locator(".digitlib-digit")).to_have_text("T")
