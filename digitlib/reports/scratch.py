"""A temporary folder that is gone after its block, also if Ctrl-C comes while it is made or removed."""

import contextlib
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

NAME_BYTES = 6
"""Random bytes in a folder's name: so many that no other folder has it."""


@contextlib.contextmanager
def scratch_folder() -> Iterator[str]:
    """Make a folder for temporary files, and remove it after the block.

    Where Ctrl-C comes at the moment it is made, `tempfile.TemporaryDirectory` leaves it behind: it removes
    what it has finished making. Here the name is known before there is anything to remove.

    Yields
    ------
    str
        The folder; nobody else may open it.

    Examples
    --------
    >>> with scratch_folder() as folder:
    ...     print(Path(folder).is_dir())
    True
    >>> Path(folder).exists()
    False
    """
    folder = Path(tempfile.gettempdir(), f"tmp{secrets.token_hex(NAME_BYTES)}")
    try:
        folder.mkdir(mode=0o700)
        yield str(folder)
    finally:
        try:
            shutil.rmtree(folder, ignore_errors=True)
        except KeyboardInterrupt:  # while it was removed
            shutil.rmtree(folder, ignore_errors=True)
            raise
