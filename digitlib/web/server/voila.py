"""The demo as a web page: Voilà reads this configuration when serve.py starts it (`make demo`)."""

import os
from pathlib import Path

# Where Voilà finds our template.
os.environ["JUPYTER_PATH"] = str(Path(__file__).parent / "jupyter")


def only_the_demo(handler, notebook, cwd):
    """Keep the cells tagged `demo`: nothing else of the lesson is run or shown."""
    _ = handler.xsrf_token  # sets the cookie without which a closing page may not end its process
    notebook.cells = [cell for cell in notebook.cells if "demo" in cell.metadata.get("tags", [])]
    network = os.environ.get("DIGITLIB_NETWORK")  # the folder of a network of one's own, or None
    start = f"from digitlib.web import DemoApp\nmine = {network!r}"
    notebook.cells[0].source = f"{start}\n{notebook.cells[0].source}"
    return notebook


c = get_config()  # noqa: F821  (Voilà puts it here)
c.Voila.port_retries = 0  # where the port is taken, say so: the address is on the projector already

page = c.VoilaConfiguration
page.template = "digitlib"
page.allow_template_override = "NO"
page.allow_theme_override = "NO"
page.prelaunch_hook = only_the_demo
page.show_tracebacks = False
page.multi_kernel_manager_class = "digitlib.web.server.server.VisitorKernels"
page.file_allowlist = []  # the page is all there is: no file of any folder is served
page.extension_allowlist = [
    "@jupyter-widgets/jupyterlab-manager",
    "@voila-dashboards/widgets-manager8",
    "anywidget",
]

# Every visitor has a Python process, which ends when the page is closed, or after 20 minutes unused.
c.KernelManager.autorestart = False  # a new process would know nothing of the page; the page says so instead
kernels = c.VisitorKernels
kernels.kernel_manager_class = "digitlib.web.server.server.VisitorKernelManager"
kernels.cull_idle_timeout = 1200  # seconds
kernels.cull_interval = 60  # seconds
kernels.cull_connected = True

c.Voila.tornado_settings = {
    "websocket_max_message_size": 8 * 2**20,  # bytes; the photo picker sends 4 MB at most
    "headers": {
        # The browser itself refuses every other host. The widgets need eval, and scripts from memory (blob:).
        "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; "
        "style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
        "frame-ancestors 'self'; base-uri 'none'; form-action 'none'",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
    },
}
