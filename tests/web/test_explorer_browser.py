"""The explorer as a visitor meets it: Voilà's page in a real browser, by mouse, keyboard and finger."""

import re

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect
from web.served import ARTEFACTS, ROOT, VIEWPORTS, served

from digitlib.explaining import activations
from digitlib.web.explorer import Explorer


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A page that holds nothing but the explorer."""
    notebook = new_notebook(cells=[new_code_cell("from digitlib.web.explorer import Explorer\nExplorer()")])
    path = tmp_path_factory.mktemp("page") / "explorer.ipynb"
    nbformat.write(notebook, path)
    options = [str(path), "--no-browser", "--template=digitlib"]
    template = str(ROOT / "digitlib" / "web" / "server" / "jupyter")
    with served("voila", *options, JUPYTER_PATH=template) as (address, _):
        yield address


@pytest.fixture
def visit(browser, address):
    """Open the page; in the end, see that nothing broke."""
    contexts, errors = [], []

    def open_page(viewport="desktop"):
        context = browser.new_context(**VIEWPORTS[viewport])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 0", timeout=60_000)
        expect(page.locator(".digitlib-added")).to_contain_text("add up to")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="module")
def image():
    """The digit that the explorer begins with."""
    return Explorer().image


def layer_menu(page):
    return page.locator(".digitlib-layer-controls select")


def place_input(page, name):
    return page.get_by_label(name.capitalize(), exact=True)


def see_pixel(page, image, layer, row, column, channel):
    """Wait for a pixel, and compare its value with the network's."""
    expect(page.locator(".digitlib-layers h3")).to_contain_text(f"Map {channel} of")
    expect(place_input(page, "row")).to_have_value(str(row))
    expect(place_input(page, "column")).to_have_value(str(column))
    value = activations.feature_maps(image)[layer][row, column, channel]
    shown = f"so the pixel is {value:.2f}"
    expect(page.locator(".digitlib-adding li").last).to_contain_text(shown.replace("-0.00", "0.00"))


def click_pixel(page, selector, row, column, size, act="click"):
    """Click, or tap, the middle of a pixel of a square map."""
    canvas = page.locator(selector)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    place = {"x": (column + 0.5) / size * box["width"], "y": (row + 0.5) / size * box["height"]}
    getattr(canvas, act)(position=place)


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_a_pixel_is_chosen_and_its_sum_is_shown(visit, image, viewport):
    page = visit(viewport)
    act = "tap" if viewport == "phone" else "click"
    maps = activations.feature_maps(image)
    for index, layer in ((1, "strokes_active"), (4, "corners_2_active"), (2, "strokes_pooled")):
        layer_menu(page).select_option(str(index))
        size = len(maps[layer])
        strongest = maps[layer].max(axis=(0, 1)).argmax()
        row, column = np.unravel_index(maps[layer][..., strongest].argmax(), (size, size))
        see_pixel(page, image, layer, row, column, strongest)
        click_pixel(page, ".digitlib-maps button:nth-child(6) canvas", 3, 2, size, act)
        expect(page.locator(".digitlib-layers h3")).to_contain_text("Map 5 of")
        click_pixel(page, ".digitlib-magnified canvas", 2, 4, size, act)
        see_pixel(page, image, layer, 2, 4, 5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "the page scrolls sideways"
    layer_menu(page).select_option("3")
    expect(page.locator(".digitlib-adding")).to_contain_text("maps together")
    last = page.locator(".digitlib-adding li").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
    page.screenshot(path=ARTEFACTS / f"explorer-{viewport}.png", full_page=True)


def test_the_keyboard_is_enough(visit, image):
    page = visit()
    layer_menu(page).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".digitlib-layers h3")).to_contain_text("of strokes pooled")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("the largest value of each map")).to_be_checked()
    page.keyboard.press("Tab")
    chosen = page.locator(".digitlib-maps button[aria-pressed=true]")
    expect(chosen).to_be_focused()
    channel = int(chosen.get_attribute("data-channel"))
    step = -1 if channel else 1
    page.keyboard.press("ArrowLeft" if channel else "ArrowRight")
    expect(page.locator(".digitlib-layers h3")).to_contain_text(f"Map {channel + step} of")
    page.keyboard.press("Tab")
    expect(page.locator(".digitlib-magnified canvas")).to_be_focused()
    row, column = (int(place_input(page, name).input_value()) for name in ("row", "column"))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    see_pixel(page, image, "strokes_active", max(row - 1, 0), max(column - 2, 0), channel + step)
    page.keyboard.press("Tab")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(place_input(page, "row")).to_be_focused()


def brightest(page, selector):
    """The lightest grey value of a map on the page."""
    read = "c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    return max(np.reshape(page.locator(selector).evaluate(read), (-1, 4))[:, 0])


def test_the_color_scale_is_switched(visit, image):
    page = visit()
    values = activations.feature_maps(image)["strokes_active"]
    weakest = next(c for c in values.max(axis=(0, 1)).argsort() if values[..., c].max() > 0)
    tile = f".digitlib-maps button:nth-child({weakest + 1}) canvas"
    share = values[..., weakest].max() / values.max()
    assert brightest(page, tile) == pytest.approx(255 * share, abs=2)
    page.get_by_label("the largest value of each map").check()
    assert brightest(page, tile) == 255


def test_a_drawing_goes_through_the_network_stroke_by_stroke(visit):
    page = visit()
    pad = page.locator(".digitlib-pad canvas")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    before = page.locator(".digitlib-magnified canvas").evaluate("c => c.toDataURL()")
    middle = box["x"] + box["width"] / 2
    page.mouse.move(middle, box["y"] + 0.15 * box["height"])
    page.mouse.down()
    page.mouse.move(middle, box["y"] + 0.85 * box["height"], steps=8)
    page.mouse.up()
    expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 1")
    assert page.locator(".digitlib-magnified canvas").evaluate("c => c.toDataURL()") != before
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 0")
    page.get_by_label("A digit to look at").select_option(index=6)
    expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 3")


@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_everything_to_press_is_large_enough_and_has_a_name(visit, viewport):
    page = visit(viewport)
    for target in page.locator(
        ".digitlib-explorer :is(button, select, input[type=number], fieldset label)"
    ).all():
        box = target.bounding_box()
        assert min(box["height"], box["width"]) >= 44, target.evaluate("e => e.outerHTML.slice(0, 80)")
    for control in page.locator(".digitlib-explorer :is(button, select, input)").all():
        assert control.evaluate("e => e.ariaLabel || e.innerText || e.labels?.[0]?.innerText").strip()


def test_it_says_that_python_is_busy_and_when_it_is_free_again(browser, address):
    held = []  # while something is in it, no word of Python's arrives

    def pass_on(route):
        server = route.connect_to_server()
        route.on_message(server.send)
        server.on_message(lambda message: None if held else route.send(message))

    page = browser.new_page()
    page.route_web_socket(re.compile("/channels"), pass_on)
    page.goto(address)
    expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 0", timeout=60_000)
    held.append(True)
    layer_menu(page).select_option("3")
    expect(page.locator(".digitlib-reads")).to_contain_text("Python is busy")
    held.clear()
    layer_menu(page).select_option("1")
    expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 0")
    page.close()
