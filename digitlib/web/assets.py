"""The page's own files: ES modules joined to one script, the style, and the words in each language."""

import io
import json
import re
from pathlib import Path

from PIL import Image, ImageOps

from digitlib.data import bundled_folder
from digitlib.web.words import words

STATIC = Path(__file__).parent / "static"
SAMPLES = (
    "single_005_phone_pen",
    "single_027_squared_paper",
    "single_042_chalkboard",
    "number_12_sticky",
    "number_03_postcode",
    "none_11_cat",
)
"""Pictures that the page offers to try: photos of a digit, of numbers, and of none."""
_THUMBNAIL = 160, 120  # pixels: twice what is shown, for screens with fine pixels
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)


def script(name: str) -> str:
    """Return a module with all that it imports, as one script.

    A notebook's widget and a file on disk may load a single script, no further ones. Top-level names must
    differ between modules.

    Parameters
    ----------
    name : str
        A file in `STATIC`, without its ending.

    Returns
    -------
    str

    Examples
    --------
    >>> "import" in script("explorer_widget").split()
    False
    """
    texts = json.dumps(words(), ensure_ascii=False)
    return "".join([f"const WORDS = {texts};\n", *_joined(name, set())])


def _joined(name: str, known: set[str]) -> list[str]:
    """Return the texts of a module's imports, and then its own."""
    if name in known:
        return []
    known.add(name)
    text = (STATIC / f"{name}.js").read_text(encoding="utf-8")
    before = [part for other in _IMPORT.findall(text) for part in _joined(other, known)]
    return [*before, re.sub(r"^export (?!default)", "", _IMPORT.sub("", text), flags=re.MULTILINE)]


def style() -> str:
    """Return the style of the demo, its drawing pad and the explorer."""
    return "".join((STATIC / name).read_text(encoding="utf-8") for name in ("demo.css", "explorer.css"))


def sample_files() -> list[Path]:
    """Return the files of the pictures that the page offers to try."""
    return [bundled_folder("data") / "samples" / f"{name}.jpg" for name in SAMPLES]


def thumbnail(path: Path) -> bytes:
    """Return a small JPEG of a picture."""
    with Image.open(path) as image:
        file = io.BytesIO()
        ImageOps.fit(image.convert("RGB"), _THUMBNAIL).save(file, "JPEG", quality=70)
    return file.getvalue()
