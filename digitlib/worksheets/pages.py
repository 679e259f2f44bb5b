"""The pages of a file: a photo, or each page of a scanned PDF."""

import contextlib
from pathlib import Path

import numpy as np
import pypdfium2

from digitlib.reading.images import MAX_SIDE, load_picture
from digitlib.worksheets.layout import WorksheetError

_MOST_PAGES = 200
"""Pages of one PDF: more than a scanner's tray holds."""


def pages_of(path: str | Path) -> list[np.ndarray]:
    """Return the pages of a photo or of a PDF.

    Parameters
    ----------
    path : path
        A picture as `digitlib.load_picture` takes it, or a PDF of up to 200 pages.

    Returns
    -------
    list of (H, W) or (H, W, 3) uint8 arrays
        Upright, with at most 2,048 pixels along one side.

    Raises
    ------
    ImageError, WorksheetError
        The file is neither, damaged, encrypted or too long.
    """
    path = Path(path)
    if path.suffix.lower() != ".pdf" or not path.is_file():
        return [load_picture(path).pixels]
    try:
        with contextlib.closing(pypdfium2.PdfDocument(path)) as pdf:  # version 4 does not close by itself
            if len(pdf) > _MOST_PAGES:
                raise WorksheetError(
                    f"{path.name} has {len(pdf)} pages. Allowed are {_MOST_PAGES}: split it."
                )
            return [
                np.array(page.render(scale=MAX_SIDE / max(page.get_size())).to_pil().convert("RGB"))
                for page in pdf
            ]
    except pypdfium2.PdfiumError as error:
        raise WorksheetError(
            f"{path.name} is damaged, or locked with a password. Save it again, or photograph the sheets."
        ) from error
