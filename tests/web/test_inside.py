"""Inside the network: the layers beside the drawing, on a page of the server."""

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from web.served import ARTEFACTS, VIEWPORTS, draw, open_demo

from digitlib.explaining import activations

LAYERS = activations.feature_maps(np.zeros((28, 28), np.float32))
SEVEN = [[(0.3, 0.15), (0.7, 0.15), (0.45, 0.85)]]


@pytest.fixture
def visit(browser, address):
    """Come from the page by its link; in the end, see that nothing broke and that no drawing was sent."""
    pages, troubles = [], []

    def open_page(viewport="desktop", **options):
        page = browser.new_context(**VIEWPORTS[viewport], **options).new_page()
        pages.append(page)
        page.on("pageerror", lambda error: troubles.append(f"error in the page: {error}"))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.goto(address)
        page.locator("a[href=inside]").click()
        page.on("request", lambda asked: troubles.append(asked.url) if asked.method == "POST" else None)
        expect(page.locator(".digitlib-explored")).to_be_visible(timeout=60_000)
        return page

    yield open_page
    for page in pages:
        page.context.close()
    assert troubles == []


@pytest.mark.parametrize("viewport", ["desktop", "phone", "dark"])
def test_every_layer_follows_the_drawing(visit, viewport):
    page = visit(viewport)
    expect(page.locator(".digitlib-layer-controls option")).to_have_count(len(LAYERS))
    expect(page.locator(".digitlib-maps button")).to_have_count(16)
    large = page.locator(".digitlib-magnified canvas")
    before = large.evaluate("c => c.toDataURL()")
    draw(page, SEVEN)
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 7")
    page.wait_for_timeout(300)
    assert large.evaluate("c => c.toDataURL()") != before
    ground = "e => getComputedStyle(e).backgroundColor"
    grounds = {cell.evaluate(ground) for cell in page.locator(".digitlib-adding td").all()}
    assert len(grounds) > 5, "numbers are coloured by their size"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        "the page scrolls sideways"
    )
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    page.screenshot(path=ARTEFACTS / f"inside-{viewport}.png", full_page=True)
    page.get_by_role("link", name="Back to photos").click()
    expect(page.get_by_role("tab", name="Photo")).to_be_visible()


def test_it_speaks_the_browsers_language(visit):
    page = visit(locale="fr-FR")
    expect(page.get_by_role("combobox", name="Couche")).to_be_visible()
    expect(page.locator("h2")).to_have_text("À l'intérieur du réseau")
    expect(page.locator(".digitlib-added")).to_contain_text("produits et le biais")
    expect(page.locator(".digitlib-privacy")).to_contain_text("n'est envoyé")
    assert page.locator("html").get_attribute("lang") == "fr"


def test_a_notebooks_demo_has_no_such_link(browser, address):
    page = browser.new_page()
    open_demo(page, address + "/inside")
    assert page.locator("a[href=inside]").count() == 0
    page.close()
