"""Pictures that hold no digit: a good reader refuses them."""

import gzip
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from digitlib.handwriting import paper, strokes
from digitlib.measuring.robustness import INK, SIDE

FASHION = Path("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")
"""Where Debian's package dataset-fashion-mnist puts the test pictures."""
FONTS = [f"DejaVu{family}.ttf" for family in ("Sans", "Sans-Bold", "SansMono", "Serif", "Serif-Italic")]
PRINTED = "ACEFHKMNPRTUVWXYaefhkmnrtuvwx"
"""Letters that nobody takes for a digit: without B D G I J L O Q S Z, b c d g i j l o p q s y z."""


def drawn_letter(rng):
    """Draw a letter or sign with a pen."""
    return paper.sheet(strokes.draw_letter(None, rng, INK), SIDE)


def printed_letter(rng):
    """Print a letter in one of matplotlib's fonts."""
    letter, font = rng.choice(list(PRINTED)), rng.choice(FONTS)
    ink = Image.new("L", (INK, INK))
    place = (INK // 2, INK // 2)
    ImageDraw.Draw(ink).text(place, letter, fill=255, font=_font(font), anchor="mm")
    return paper.sheet(np.asarray(ink), SIDE)


def scribble(rng):
    """Draw a random curve, a zigzag, hatching or a blot."""
    kind = rng.choice(("curve", "zigzag", "hatching", "blot"))
    return paper.sheet(strokes.draw_scribble(rng, kind, INK), SIDE)


def dots(rng):
    """Draw two to six dots, as on a die."""
    return paper.sheet(strokes.draw_scribble(rng, "dots", INK), SIDE)


def empty_paper(rng):
    """Leave the paper empty but for its grain."""
    return paper.paper_texture(paper.blank((SIDE, SIDE)), rng, rng.uniform(0.2, 1))


def two_digits(rng):
    """Draw two digits side by side with one pen."""
    width = INK * rng.uniform(0.04, 0.08)
    left, right = (
        strokes.draw_digit(int(digit), rng, None, INK // 2, width) for digit in rng.integers(10, size=2)
    )
    return paper.sheet(np.hstack((left, right)), SIDE)


def clothing(rng):
    """Take a piece of clothing, 28 x 28 pixels, from Fashion-MNIST's test set (Xiao et al. 2017)."""
    pictures = _fashion()
    return pictures[rng.integers(len(pictures))]


KINDS = {
    "letters and signs drawn with a pen": drawn_letter,
    "printed letters": printed_letter,
    "scribbles": scribble,
    "dots": dots,
    "empty paper": empty_paper,
    "two digits at once": two_digits,
}
"""What can always be drawn; `clothing` needs a package."""


@cache
def _font(name):
    """One of the fonts that come with matplotlib, at about the height of a digit."""
    return ImageFont.truetype(Path(matplotlib.get_data_path(), "fonts", "ttf", name), round(0.9 * INK))


@cache
def _fashion():
    with gzip.open(FASHION) as file:
        return np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
