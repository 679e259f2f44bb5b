"""The network to take home: a file opened from disk, in a browser without a network."""

import json
import subprocess
import sys

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from web.drawings import PAD, drawing
from web.served import ARTEFACTS, VIEWPORTS, draw

from digitlib.explaining import activations
from digitlib.notebooks.own_network import SHIPPED
from digitlib.reading.layers import forward
from digitlib.reading.network import MODEL_FILE, Recognizer, load_recognizer
from digitlib.web.page_file import write_page

AMERICAN = [
    "oval",
    "bar",
    "looped",
    "round",
    "open",
    "floating_bar",
    "straight_stem",
    "plain",
    "one_stroke",
    "straight_stem",
]
"""Forms as in MNIST, which is all that the network of lesson 3 was shown."""
SEVEN = [[(0.3, 0.15), (0.7, 0.15), (0.45, 0.85)]]


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The network of lesson 3 as a file, with digitlib's own beside it."""
    path = tmp_path_factory.mktemp("home") / "mine.html"
    command = [sys.executable, "-m", "digitlib", "page", str(SHIPPED), str(MODEL_FILE), "-o", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.fixture
def visit(browser, file):
    """Open the file offline; in the end, see that nothing broke and that nothing was asked for."""
    troubles, contexts = [], []

    def open_file(viewport="desktop"):
        context = browser.new_context(**VIEWPORTS[viewport], offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
        page.on("request", lambda r: None if r.url.startswith(("file:", "data:")) else troubles.append(r.url))
        page.goto(file.as_uri())
        expect(page.locator(".digitlib-digit")).to_have_text("7")
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert troubles == []


def test_ten_drawn_digits_are_read_by_ones_own_network(visit):
    page, rng, read = visit(), np.random.default_rng(2), []
    expect(page.get_by_role("heading", level=1)).to_have_text("the network of lesson 3")
    for digit, form in enumerate(AMERICAN):
        strokes = drawing(digit, rng, size=330, corner=(200, 60), form=form)
        draw(page, [[(x / PAD[0], y / PAD[1]) for x, y in one["points"][::4]] for one in strokes], steps=1)
        expect(page.locator(".digitlib-sentence")).not_to_have_text("You draw …")
        read.append(page.locator(".digitlib-digit").inner_text()[0])
        expect(page.locator(".digitlib-beside")).to_contain_text(f"digitlib's own network: {digit}")
        page.get_by_role("button", name="Clear").click()
        expect(page.locator(".digitlib-digit")).to_have_text("?")
    assert read == list("0123456789")


def seen(page):
    """What the network saw, as the page shows it."""
    read = "c => [...c.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, i) => i % 4 === 0)"
    return np.array(page.locator(".digitlib-seen").evaluate(read), np.float32).reshape(28, 28) / 255


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_the_layers_and_the_sum_behind_a_pixel_are_those_of_the_network(visit, viewport):
    page, network = visit(viewport), load_recognizer(SHIPPED)
    draw(page, SEVEN)
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 7")
    page.wait_for_timeout(300)
    image = seen(page)
    maps = activations.feature_maps(image, network)
    layer_menu = page.locator(".digitlib-layer-controls select")
    for place, name in enumerate(maps, start=1):
        layer_menu.select_option(str(place))
        channel = int(page.locator(".digitlib-maps [aria-pressed=true]").get_attribute("data-channel"))
        row, column = (int(page.get_by_label(each, exact=True).input_value()) for each in ("Row", "Column"))
        value = maps[name][row, column, channel]
        assert value == maps[name].max(), "it begins with the strongest pixel"
        line = page.locator(".digitlib-adding li").last.inner_text()
        assert float(line.rpartition(" ")[2]) == pytest.approx(value, abs=0.02), name
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), (
        "the page scrolls sideways"
    )
    assert [one["id"] for one in Axe().run(page).response["violations"]] == []
    page.screenshot(path=ARTEFACTS / f"take-home-{viewport}.png", full_page=True)


def test_a_kernel_that_is_switched_off_changes_the_answer_as_in_python(visit):
    page, network = visit(), load_recognizer(SHIPPED)
    draw(page, SEVEN)
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 7")
    page.locator(".digitlib-layer-controls select").select_option("1")
    image, off = seen(page), []
    for channel in range(2, 14):
        page.locator(".digitlib-maps button").nth(channel).click()
        page.get_by_label("Switch this kernel off").check()
        off.append(channel)
    page.wait_for_timeout(300)
    kernel, bias = network.layers[0].parameters["kernel"].copy(), network.layers[0].parameters["bias"].copy()
    kernel[..., off], bias[off] = 0, 0
    layers = list(network.layers)
    layers[0] = type(layers[0])(
        layers[0].name, "Conv2D", layers[0].parameters | {"kernel": kernel, "bias": bias}
    )
    expected = forward(layers, image[None])[0]
    share = "e => [...e.children].map(c => Number(c.style.getPropertyValue('--share')))"
    shown = page.locator(".digitlib-bars").evaluate(share)
    np.testing.assert_allclose(shown, expected, atol=0.02)
    assert np.abs(expected - network.probabilities(image[None])[0]).max() > 0.01
    expect(page.locator(".digitlib-maps button").nth(5)).to_have_attribute(
        "aria-label", "Map 5, largest value 0.00"
    )


def test_a_name_is_text_and_no_code(tmp_path):
    layers = load_recognizer(SHIPPED).layers
    path = write_page(
        [Recognizer(layers, {"name": "</title><script>alert(1)</script>"})], tmp_path / "a.html"
    )
    text = path.read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert (
        json.dumps("</title>")[1:-1]
        not in text.partition("<body")[0].partition("<title>")[2].partition("&")[0]
    )
