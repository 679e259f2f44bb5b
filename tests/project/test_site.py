"""The web site as `make site` builds it: whole, without dead links, open to all, and asking no other host."""

import functools
import http.server
import re
import subprocess
import sys
import threading
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from web.served import ROOT, VIEWPORTS

from digitlib.notebooks.files import lesson_files, project_files, read_notebook

sys.path.insert(0, str(ROOT / "scripts"))

from addresses import AUTHORS, IN_BROWSER

LESSONS = [*lesson_files(), *project_files()]


class Page(HTMLParser):
    """What a page links to and shows: addresses, anchors, pictures and what loads by itself."""

    def __init__(self, path):
        super().__init__()
        self.path, self.links, self.anchors, self.pictures, self.loads = path, [], set(), [], []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given.get("id"), given.get("name")}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "img":
            self.pictures.append(given)
        if tag in ("img", "script", "iframe", "source") and "src" in given:
            self.loads.append(given["src"])
        if tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload", "shortcut icon"):
            self.loads.append(given["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built anew."""
    out = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "build_site.py", "--out", out], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return out / "html"


@pytest.fixture(scope="module")
def pages(site):
    """Its pages; those of JupyterLite are a program, and not ours."""
    found = site.rglob("*.html")
    return {path: Page(path) for path in found if path.relative_to(site).parts[0] not in ("lite", "_static")}


@pytest.fixture(scope="module")
def home(site):
    """Where the site is served, as any web server does it."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_every_lesson_and_guide_and_room_has_a_page(site):
    wanted = [path.relative_to(ROOT).with_suffix(".html") for path in [*LESSONS, *ROOT.glob("docs/*.md")]]
    wanted += [f"reference/digitlib.{path.parent.name}.html" for path in ROOT.glob("digitlib/*/__init__.py")]
    assert [name for name in ["index.html", *wanted] if not (site / name).is_file()] == []


def test_links_and_pictures_of_all_pages_are_there(site, pages):
    for page in pages.values():
        for link in [*page.links, *page.loads]:
            address = urlsplit(link)
            if address.scheme or not (address.path or address.fragment):
                continue
            target = (page.path.parent / unquote(address.path)).resolve() if address.path else page.path
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file() and site in target.parents, f"{page.path.relative_to(site)}: {link}"
            if address.fragment and target in pages:
                assert unquote(address.fragment) in pages[target].anchors, f"{page.path.name}: {link}"


@pytest.mark.parametrize(
    ("page", "language"), [("handout.de", "de"), ("privacy.fr", "fr"), ("teaching", "en")]
)
def test_a_page_says_its_language(site, page, language):
    html = (site / "docs" / f"{page}.html").read_text(encoding="utf-8")
    assert re.search(r"<html[^>]* lang=\"(\w+)\"", html)[1] == language


def test_nothing_is_loaded_from_another_host(site, pages):
    for page in pages.values():
        assert [address for address in page.loads if re.match(r"(https?:)?//", address)] == [], page.path.name


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_shows_its_pictures_with_their_alt_texts_in_order(lesson, site, pages):
    page = pages[site / lesson.relative_to(ROOT).with_suffix(".html")]
    stored = [
        output.metadata["image/png"]["alt"]
        for cell in read_notebook(lesson).cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    shown = [picture.get("alt", "") for picture in page.pictures]
    assert all(len(alt) > 3 for alt in shown), shown
    assert [alt for alt in shown if alt in stored] == [" ".join(alt.split("\n")) for alt in stored]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_can_be_run_elsewhere_and_downloaded_as_it_is(lesson, site, pages):
    page = pages[site / lesson.relative_to(ROOT).with_suffix(".html")]
    place = lesson.relative_to(ROOT).as_posix()
    for host in ("https://mybinder.org/", "https://colab.research.google.com/"):
        assert any(link.startswith(host) and link.endswith(place) for link in page.links), host
    (download,) = {link for link in page.links if link.endswith(".ipynb") and "_downloads" in link}
    assert (page.path.parent / download).resolve().read_bytes() == lesson.read_bytes()


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_lists_its_sections_and_says_who_wrote_it_and_when(lesson, site):
    html = (site / lesson.relative_to(ROOT).with_suffix(".html")).read_text(encoding="utf-8")
    contents = html.partition("pst-page-toc-nav")[2].partition("</nav>")[0]
    sections = sum(cell.source.startswith("## ") for cell in read_notebook(lesson).cells)
    assert sections > 4
    assert len(set(re.findall(r'href="(#[^"]+)"', contents))) >= sections
    assert re.search(rf"{AUTHORS}(, last changed on \d{{4}}-\d\d-\d\d)?\.", html)


@pytest.mark.parametrize("viewport", ["phone", "dark"])
def test_pages_keep_nobody_out_and_fit(viewport, home, browser):
    context = browser.new_context(**VIEWPORTS[viewport])
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    names = ("index", "notebooks/02_preprocess_a_photo", "reference/digitlib.reading")
    for name in names:
        page.goto(f"{home}/{name}.html")
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), name
        assert [url for url in asked if not url.startswith((home, "data:"))] == []
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:120]) for one in found] == [], name
    context.close()


def test_lessons_open_in_jupyterlite_and_digitlib_is_there_to_install(site, home, browser):
    """Their Python comes from Pyodide's public server, which no test can reach: here it is refused."""
    for name in IN_BROWSER:
        page = browser.new_page()
        page.route(lambda url: not url.startswith((home, "data:", "blob:")), lambda route: route.abort())
        page.goto(f"{home}/lite/lab/index.html?path={name}.ipynb")
        page.wait_for_function(
            "document.querySelector('.jp-RenderedMarkdown img')?.naturalWidth > 300", timeout=120_000
        )
        expect(page.get_by_text("%pip install -q digitlib").first).to_be_visible()
        page.close()
    (wheel,) = site.glob("lite/pypi/digitlib-*-py3-none-any.whl")
    assert wheel.name in (site / "lite" / "pypi" / "all.json").read_text(encoding="utf-8")


def test_search_finds_a_lesson_without_a_network(site, browser):
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto(f"{(site / 'search.html').as_uri()}?q=threshold")
    expect(page.locator("#search-results a", has_text="Preprocess a photo").first).to_be_visible(
        timeout=30_000
    )
    context.close()
