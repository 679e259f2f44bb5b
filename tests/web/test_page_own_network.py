"""A network of one's own on the page: its answer, and digitlib's beside it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from web.served import ARTEFACTS, VIEWPORTS, draw, open_demo, served_demo

from digitlib.data import load_samples
from digitlib.notebooks.own_network import SHIPPED
from digitlib.reading.network import LETTERS_FILE

SEVEN = [[(0.3, 0.15), (0.7, 0.15), (0.45, 0.85)]]
BESIDE = "digitlib's own network: "


@pytest.fixture(scope="module")
def own_address():
    with served_demo("--network", str(SHIPPED)) as (address, _):
        yield address


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_both_networks_answer_a_drawing_and_a_photo(browser, own_address, viewport):
    page = browser.new_page(**VIEWPORTS[viewport])
    open_demo(page, own_address)
    beside = page.get_by_role("group", name="The same, read by others")
    expect(page.locator(".digitlib-whose")).to_have_text("Network: the network of lesson 3")
    expect(page.get_by_label("Letters")).to_have_count(0)
    draw(page, SEVEN, lift=False)
    expect(page.locator(".digitlib-sentence")).to_have_text("You draw …")
    expect(beside).to_have_text(re.compile(f"^{BESIDE}7, "))
    page.mouse.up()
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 7")
    expect(beside).to_have_text(re.compile(f"^{BESIDE}7, "))
    expect(beside).to_be_in_viewport()
    photo = next(one.path for one in load_samples() if (one.kind, one.label) == ("squared_paper", "7"))
    page.locator("input[type=file]").set_input_files(photo)
    expect(beside).to_have_text(f"{BESIDE}7, more than 99\N{NO-BREAK SPACE}%")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        "the page scrolls sideways"
    )
    assert Axe().run(page).response["violations"] == []
    page.screenshot(path=ARTEFACTS / f"own-network-{viewport}.png", full_page=True)
    page.locator("input[type=file]").set_input_files({"name": "a", "mimeType": "", "buffer": b""})
    expect(page.locator(".digitlib-digit")).to_have_text("!")
    expect(beside).to_be_hidden()
    page.close()


def test_nothing_stands_beside_digitlibs_own_network(browser, address):
    page = browser.new_page()
    open_demo(page, address)
    draw(page, SEVEN)
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 7")
    expect(page.locator(".digitlib-beside")).to_be_hidden()
    page.close()


def test_a_network_of_letters_makes_it_a_page_of_letters(browser, tmp_path):
    copied = tmp_path / LETTERS_FILE.name
    copied.write_bytes(LETTERS_FILE.read_bytes())
    copied.with_name("model_card.json").write_bytes(LETTERS_FILE.with_name("model_card.json").read_bytes())
    with served_demo("--network", str(tmp_path)) as (address, _):
        page = browser.new_page()
        open_demo(page, address)
        expect(page).to_have_title("What is written here?")
        draw(page, [[(0.3, 0.2), (0.7, 0.2)], [(0.5, 0.2), (0.5, 0.85)]])
        expect(page.locator(".digitlib-sentence")).to_contain_text("I read T.")
        expect(page.locator(".digitlib-beside")).to_contain_text(f"{BESIDE}T")
        page.close()
