"""The demo's server: Voilà, with a process for each visitor and limits on what comes in."""

import functools
import os

from jupyter_client.provisioning import LocalProvisioner
from jupyter_server.services.kernels.kernelmanager import (
    AsyncMappingKernelManager,
    ServerKernelManager,
)
from tornado.web import GZipContentEncoding, HTTPError
from traitlets import Int
from voila.app import Voila

from digitlib.web.server.announcement import announcement
from digitlib.web.server.warm_program import warm_program

LARGEST_REQUEST = 2**20  # bytes; pictures come by websocket, whose limit is in voila.py


class CopyingProvisioner(LocalProvisioner):
    """Starts a kernel as a copy of the warm program, or as an ordinary process if that fails."""

    async def launch_kernel(self, cmd, **options):
        """Start the kernel."""
        environment = options.get("env") or dict(os.environ)
        folder = str(options.get("cwd") or ".")
        try:
            self.process = self.parent.parent.warm_program.copy(
                self.parent.connection_file, folder, environment
            )
        except (OSError, ValueError) as error:  # the warm program has died
            self.log.warning("The warm program does not answer (%s); starting an ordinary kernel.", error)
            return await super().launch_kernel(cmd, **options)
        self.pid = self.pgid = self.process.pid
        self.cwd = folder
        return self.connection_info


class VisitorKernelManager(ServerKernelManager):
    """The kernel of one visitor."""

    async def _async_pre_start_kernel(self, **options):
        if self.parent.warm_program and self.provisioner is None:
            self.kernel_id = self.kernel_id or options.get("kernel_id")
            self.provisioner = CopyingProvisioner(
                kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self
            )
        return await super()._async_pre_start_kernel(**options)

    pre_start_kernel = _async_pre_start_kernel


class VisitorKernels(AsyncMappingKernelManager):
    """The kernels of all visitors, at most `most_visitors` at a time."""

    most_visitors = Int(60, config=True, help="Visitors at the same time; one more is asked to come later.")

    def __init__(self, **options):
        super().__init__(**options)
        self.warm_program = warm_program()

    async def start_kernel(self, **options):
        """Start a visitor's kernel, if there is room for one more."""
        if len(self) >= self.most_visitors:
            raise HTTPError(
                503,
                f"{len(self)} visitors are here already.",
                reason="This page is full. Please try again in some minutes",
            )
        return await super().start_kernel(**options)


class QuickZip(GZipContentEncoding):
    """Sends a third of the bytes for a tenth of the work: thirty phones share one wireless network."""

    GZIP_LEVEL = 1


class DemoServer(Voila):
    """Voilà, which says in the terminal where its page is found."""

    def init_handlers(self):
        """Set up what the server answers."""
        self.app.transforms.append(QuickZip)
        self.app.listen = functools.partial(self.app.listen, max_body_size=LARGEST_REQUEST)
        return super().init_handlers()

    def listen(self):
        """Say the address, and serve."""
        print(announcement(self.ip, self.port), flush=True)
        super().listen()
