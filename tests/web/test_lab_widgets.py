"""The widgets where readers meet them first: in JupyterLab, by mouse and keyboard."""

import contextlib
import json

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import expect
from web.served import ARTEFACTS, draw, served

from digitlib.data import load_samples
from digitlib.explaining import activations
from digitlib.web.explorer import Explorer

SEVEN = [[(0.3, 0.15), (0.7, 0.15), (0.45, 0.85)]]
DEMO = """from digitlib.web import DemoApp
kept = []
app = DemoApp(keep=lambda picture, label: kept.append(label))
app"""
PRESSES = 5
"""How often a cell is to be run at most: JupyterLab loses keys while it still arranges its page."""
NOTEBOOKS = {
    "demo": [DEMO, "app.data = open({photo!r}, 'rb').read()", "print('kept', kept)"],
    "explorer": ["from digitlib.web import Explorer\nExplorer()"],
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab with a notebook for each widget."""
    folder = tmp_path_factory.mktemp("lab")
    for name, sources in NOTEBOOKS.items():
        cells = [
            new_code_cell(source.replace("{photo!r}", repr(str(photo()))), id=f"cell-{i}")
            for i, source in enumerate(sources)
        ]
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(new_notebook(cells=cells, metadata=kernel), folder / f"{name}.ipynb")
    options = [f"--ServerApp.root_dir={folder}", "--no-browser", "--ServerApp.token=", "--allow-root"]
    with served("jupyterlab", *options) as (address, _):
        yield address, folder


def photo():
    return next(s.path for s in load_samples() if (s.kind, s.label) == ("phone_pen", "4"))


def opened(browser, lab, name, widget):
    """A notebook whose first cell has run, and shows its widget."""
    page = browser.new_page(viewport={"width": 1366, "height": 900})
    page.goto(f"{lab[0]}/lab/tree/{name}.ipynb?reset")
    editor = page.locator(".jp-Notebook .jp-InputArea-editor").first
    editor.click(timeout=60_000)
    expect(page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_attached(timeout=60_000)
    for _ in range(PRESSES):
        editor.click()
        page.keyboard.press("Control+Enter")
        with contextlib.suppress(AssertionError):
            expect(page.locator(widget)).to_be_attached(timeout=20_000)
            return page
    raise AssertionError("JupyterLab shows no widget")


@pytest.fixture(scope="module")
def demo_page(browser, lab):
    page = opened(browser, lab, "demo", ".digitlib-sentence")
    expect(page.locator(".digitlib-sentence")).to_contain_text("Show me", timeout=60_000)
    yield page
    page.close()


@pytest.fixture(scope="module")
def explorer_page(browser, lab):
    page = opened(browser, lab, "explorer", ".digitlib-reads")
    expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 0", timeout=60_000)
    yield page
    page.close()


def run_cell(page, place):
    """Go down to a cell by keys: JupyterLab up to 4.3 keeps no cells in its page that are out of sight."""
    page.locator(".jp-Notebook .jp-InputArea-editor").first.click()
    page.keyboard.press("Escape")
    for _ in range(place):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Control+Enter")


# --- the demo -----------------------------------------------------------------------------------------------


def test_the_demo_answers_a_drawing_and_what_python_gives_it(demo_page):
    page = demo_page
    draw(page, SEVEN)
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 7")
    page.get_by_text("Why this answer?").click()
    expect(page.locator(".digitlib-steps img")).to_have_count(7)
    page.screenshot(path=ARTEFACTS / "lab-demo.png")
    run_cell(page, 1)
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 4")
    expect(page.locator(".digitlib-frame")).to_have_count(1)


def test_a_sample_comes_from_python_and_a_correction_goes_to_the_notebook(demo_page):
    page = demo_page
    page.get_by_role("button", name="Sample picture 2").click()
    expect(page.locator(".digitlib-sentence")).to_contain_text("This is a 7")
    page.get_by_role("button", name="That is wrong").click()
    page.locator(".digitlib-actions").get_by_role("button", name="1", exact=True).click()
    expect(page.get_by_text("The notebook has kept")).to_be_visible()
    run_cell(page, 2)
    expect(page.locator(".jp-OutputArea-output pre").last).to_have_text("kept ['1']\n")


def test_keys_belong_to_the_demo_and_not_to_jupyterlab(demo_page):
    page = demo_page
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    page.get_by_role("tab", name="Draw").click()
    pen = page.get_by_label("Width of the pen")
    pen.focus()
    page.keyboard.press("ArrowUp")
    assert pen.input_value() == "32"
    for control in (pen, page.get_by_role("button", name="Clear"), page.get_by_text("Why this answer?")):
        control.focus()
        for key in "dd":
            page.keyboard.press(key)
    page.keyboard.press("x")
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
    expect(page.locator(".digitlib-pad")).to_be_visible()


def test_no_picture_gets_into_the_notebooks_file(demo_page, lab):
    demo_page.locator(".jp-Notebook .jp-InputArea-editor").first.click()
    demo_page.keyboard.press("Control+s")
    demo_page.wait_for_timeout(1_500)
    saved = json.loads((lab[1] / "demo.ipynb").read_text(encoding="utf-8"))
    outputs = [output for cell in saved["cells"] for output in cell["outputs"]]
    assert outputs and "base64" not in str(outputs) and "image/" not in str(outputs)


# --- the explorer -------------------------------------------------------------------------------------------


@pytest.fixture
def visit(explorer_page):
    """Open the explorer at its first digit and layer."""

    def begin():
        page = explorer_page
        page.get_by_label("A digit to look at").select_option(index=0)
        layer_menu(page).select_option("1")
        page.get_by_label("the largest value of the layer").check()
        expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 0")
        expect(page.locator(".digitlib-added")).to_contain_text("add up to")
        return page

    return begin


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
    shown = page.locator(".digitlib-adding li").last.inner_text()
    assert float(shown.rpartition(" ")[2]) == pytest.approx(value, abs=0.02)


def click_pixel(page, selector, row, column, size):
    """Click the middle of a pixel of a square map."""
    canvas = page.locator(selector)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    place = {"x": (column + 0.5) / size * box["width"], "y": (row + 0.5) / size * box["height"]}
    canvas.click(position=place)


def test_the_layers_stand_beside_the_pad_and_the_picture_is_small(visit):
    page = visit()
    expect(layer_menu(page)).to_be_visible()
    pad, seen = (
        page.locator(f".digitlib-explorer {name}").bounding_box()
        for name in (".digitlib-pad", ".digitlib-seen")
    )
    assert seen["x"] > pad["x"] + pad["width"]
    assert 100 < seen["width"] < 200


def test_a_pixel_is_chosen_and_its_sum_is_shown(visit, image):
    page = visit()
    maps = activations.feature_maps(image)
    for index, layer in ((1, "strokes_active"), (4, "corners_2_active"), (2, "strokes_pooled")):
        layer_menu(page).select_option(str(index))
        size = len(maps[layer])
        strongest = maps[layer].max(axis=(0, 1)).argmax()
        row, column = np.unravel_index(maps[layer][..., strongest].argmax(), (size, size))
        see_pixel(page, image, layer, row, column, strongest)
        click_pixel(page, ".digitlib-maps button:nth-child(6) canvas", 3, 2, size)
        expect(page.locator(".digitlib-layers h3")).to_contain_text("Map 5 of")
        click_pixel(page, ".digitlib-magnified canvas", 2, 4, size)
        see_pixel(page, image, layer, 2, 4, 5)
    layer_menu(page).select_option("3")
    expect(page.locator(".digitlib-adding")).to_contain_text("maps together")
    last = page.locator(".digitlib-adding li").last
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=1)
    page.screenshot(path=ARTEFACTS / "lab-explorer.png")


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
    before = page.locator(".digitlib-magnified canvas").evaluate("c => c.toDataURL()")
    draw(page, [[(0.5, 0.15), (0.5, 0.85)]])
    expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 1")
    assert page.locator(".digitlib-magnified canvas").evaluate("c => c.toDataURL()") != before
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 0")
    page.get_by_label("A digit to look at").select_option(index=6)
    expect(page.locator(".digitlib-reads")).to_contain_text("The network reads 3")


def test_everything_to_press_is_large_enough_and_has_a_name(visit):
    page = visit()
    targets = ":is(.digitlib-layers, .digitlib-pad) :is(button, select, fieldset label)"
    for target in page.locator(f".digitlib-explorer {targets}").all():
        box = target.bounding_box()
        assert min(box["height"], box["width"]) >= 44, target.evaluate("e => e.outerHTML.slice(0, 80)")
    for control in page.locator(".digitlib-explorer :is(button, select, input)").all():
        assert control.evaluate("e => e.ariaLabel || e.innerText || e.labels?.[0]?.innerText").strip()


def test_keys_belong_to_the_explorer_and_not_to_jupyterlab(visit):
    page = visit()
    cells = page.locator(".jp-Notebook .jp-Cell").count()
    for control in (
        layer_menu(page),
        page.locator(".digitlib-maps button").first,
        page.get_by_label("A digit to look at"),
    ):
        control.focus()
        for key in "dd":
            page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == cells
