"""Build data/letters.npz: letters of free handwriting fonts, as pictures."""

import argparse
import csv
import hashlib
import io
import string
import subprocess
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

DATA = Path(__file__).resolve().parents[1] / "data"
FONTS, LETTERS_FILE = DATA / "letter_fonts.csv", DATA / "letters.npz"
SIDE, LONGEST = 64, 56
"""Side of a picture, and longest side of its ink, in pixels: nearly three times those of MNIST."""
MEASURED = 200
"""Font size at which a letter is measured, in pixels."""


def fetch_font(name: str, version: str, folder: Path) -> bytes:
    """Return the font file of an npm package of Fontsource."""
    package = f"@fontsource/{name}@{version}"
    subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as files:
        font = files.extractfile(f"package/files/{name}-latin-400-normal.woff").read()
    archive.unlink()
    return font


def draw(letter: str, font: bytes) -> np.ndarray:
    """Draw a letter: (64, 64) bool, its longest side 56 pixels, in the middle."""
    left, top, right, bottom = ImageFont.truetype(io.BytesIO(font), MEASURED).getbbox(letter)
    sized = ImageFont.truetype(io.BytesIO(font), MEASURED * LONGEST / max(right - left, bottom - top))
    left, top, right, bottom = sized.getbbox(letter)
    image = Image.new("L", (SIDE, SIDE))
    place = (SIDE - left - right) / 2, (SIDE - top - bottom) / 2
    ImageDraw.Draw(image).text(place, letter, fill=255, font=sized)
    return np.asarray(image) > 127


def main() -> None:
    """Read the arguments, fetch the fonts, draw their letters, and write them as one file."""
    parser = argparse.ArgumentParser(
        description="Build letters.npz from the fonts of letter_fonts.csv (npm)."
    )
    parser.add_argument("--out", type=Path, default=LETTERS_FILE, help="where to write [data/letters.npz]")
    arguments = parser.parse_args()
    with FONTS.open(encoding="utf-8", newline="") as file:
        fonts = list(csv.DictReader(file))
    ink, letters, of_font = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for index, row in enumerate(fonts):
            font = fetch_font(row["font"], row["version"], Path(folder))
            print(f"{index + 1} of {len(fonts)}: {row['font']}")
            for letter in string.ascii_uppercase if row["letters"] == "capitals" else string.ascii_letters:
                ink.append(np.packbits(draw(letter, font)))
                letters.append(ord(letter))
                of_font.append(index)
    np.savez_compressed(
        arguments.out,
        ink=np.array(ink),
        letters=np.array(letters, np.uint8),
        fonts=np.array(of_font, np.uint8),
        held_out=np.array([row["use"] == "held out" for row in fonts]),
    )
    print(f"{len(ink)} letters, SHA-256 {hashlib.sha256(arguments.out.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
