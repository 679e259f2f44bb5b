"""Run the lessons of JupyterLite in a real browser, with the real Pyodide from its public server.

    python scripts/run_in_browser.py build/site/html

It needs the internet and a Chromium, so it is not among the tests; the workflow `site` runs it.
"""

import functools
import http.server
import sys
import threading

from addresses import IN_BROWSER
from playwright.sync_api import sync_playwright

MINUTES = 10
"""How long a lesson may take: it runs several times slower than outside a browser."""


def main(folder: str) -> None:
    """Run every lesson from top to bottom, and end with the first error."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch()
        for name in IN_BROWSER:
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{server.server_port}/lite/lab/index.html?path={name}.ipynb")
            page.get_by_text("Python (Pyodide) | Idle").wait_for(timeout=MINUTES * 60_000)
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
            page.get_by_text("Python (Pyodide) | Busy").wait_for()
            page.get_by_text("Python (Pyodide) | Idle").wait_for(timeout=MINUTES * 60_000)
            errors = page.locator("[data-mime-type='application/vnd.jupyter.error']").all_inner_texts()
            if errors:
                sys.exit(f"{name}: {errors[0]}")
            print(f"{name}: ran")


if __name__ == "__main__":
    main(*sys.argv[1:])
