"""Every error of this room, word for word: what was wrong, and what is allowed."""

import sys
import zipfile
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

import digitlib
from digitlib.reading import images
from digitlib.reading.allowed import make_allowed
from digitlib.reading.both import BothNetworks
from digitlib.reading.images import load_picture
from digitlib.reading.layers import OPERATIONS, Layer
from digitlib.reading.network import (
    LETTERS_FILE,
    ModelError,
    Recognizer,
    load_layers,
    load_recognizer,
    save_layers,
)
from digitlib.reading.page import find_ink_rows
from digitlib.reading.text import read_text

FORMATS = "Allowed are JPEG, PNG, GIF, BMP, WebP and TIFF."
ARRAYS = (
    "Allowed are uint8 arrays of shape (height, width), (height, width, 3) or (height, width, 4), "
    "in the order red, green, blue, alpha."
)
SIZE = "Allowed are 120 million pixels, and 65,535 along one side."
NO_NETWORK = (
    "one.npz is no network that digitlib can run, or it is damaged. Allowed are .npz files with layers of "
    f"the kinds {', '.join(OPERATIONS)}."
)
AGAIN = "Get it again, or train one: python -m digitlib train."
DIGITS, LETTERS = "0, 1, 2, 3, 4, 5, 6, 7, 8, 9", ", ".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


def bars(rows, columns, height=10, apart=24):
    """Draw rows of upright bars on paper: (H, W) uint8."""
    page = np.full((rows * apart + 20, columns * 12 + 40), 235, np.uint8)
    for row in range(rows):
        for column in range(columns):
            place = 12 + row * apart, 20 + 12 * column
            page[place[0] : place[0] + height, place[1] : place[1] + 4] = 30
    return page


def paper(height, width):
    """Return paper of many tones, so that nobody takes what stands on it for the dots of a fax."""
    return np.tile(np.arange(width) % 12 + 225, (height, 1)).astype(np.uint8)


def dots(rows, columns):
    page = paper(rows * 12 + 20, columns * 12 + 20)
    rows, columns = (np.arange(side - 20) % 12 < 4 for side in page.shape)
    page[10:-10, 10:-10][rows[:, None] & columns] = 30
    return page


def words(rows):
    """Draw rows of joined writing: wide pieces with many thin places."""
    page = paper(rows * 60 + 40, 1_000)
    for row, start in np.ndindex(rows, 3):
        top, left = 20 + 60 * row, 30 + 320 * start
        page[top + 34 : top + 40, left : left + 254] = 30
        for column in range(left, left + 260, 16):
            page[top : top + 40, column : column + 6] = 30
    return page


BARS = bars(1, 1, 60, 80)
RECOGNIZER = load_recognizer()
SENTENCES = {
    "holds no ink, flat": (
        lambda: digitlib.read_digit(np.full((90, 90), 200, np.uint8)),
        "The picture holds no ink: nothing stands out from its background.",
    ),
    "holds no ink, one threshold": (
        lambda: digitlib.read_digit(np.full((90, 90), 200, np.uint8), skip=("threshold",)),
        "The picture holds no ink: all of it has one brightness.",
    ),
    "holds no ink, black and one threshold": (
        lambda: digitlib.read_digit(np.zeros((90, 90), np.uint8), skip=("invert",)),
        "The picture holds no ink: all of it has one brightness.",
    ),
    "dust in a digit": (
        lambda: digitlib.read_digit(np.pad(np.zeros((1, 2), np.uint8), 60, constant_values=235)),
        "The picture holds no ink: nothing stands out from its background.",
    ),
    "too many rows": (
        lambda: digitlib.read_number(bars(61, 3)),
        "There are 183 pieces of ink in 61 rows, like dots or a pattern. Allowed are 800 in 60: show a part "
        "of the page.",
    ),
    "too many digits": (
        lambda: digitlib.read_number(bars(19, 43)),
        "There are 817 pieces of ink in 19 rows, like dots or a pattern. Allowed are 800 in 60: show a part "
        "of the page.",
    ),
    "too many pieces": (
        lambda: digitlib.read_number(dots(90, 90)),
        "There are 8,100 pieces of ink, like dots or a pattern. Allowed are 8,000: show a part of the page.",
    ),
    "joined writing": (
        lambda: digitlib.read_number(words(8)),
        "This looks like joined writing, not like digits. Show digits that stand apart, or a single row.",
    ),
    "step": (
        lambda: digitlib.read_digit(BARS, skip=("sharpen", "blur")),
        "skip names no step: blur, sharpen. Allowed are straighten, grayscale, invert, threshold, crop, "
        "resize, center, normalize.",
    ),
    "nothing known": (
        lambda: make_allowed(among=["", "a"]),
        "among holds no digits. Allowed are texts such as '12', or whole numbers.",
    ),
    "below 0": (lambda: make_allowed(at_most=-1), "at_most is -1; allowed is 0 to 19,999."),
    "too large": (lambda: make_allowed(at_most=20_000), "at_most is 20000; allowed is 0 to 19,999."),
    "no d": (
        lambda: make_allowed(pattern="--"),
        "pattern is '--'; allowed is a d for each digit, such as 'dd.dd.dddd'.",
    ),
    "nothing allowed": (
        lambda: make_allowed(among=["123"], at_most=20),
        "0 texts are allowed then; it must be 1 to 20,000.",
    ),
    "all too many": (
        lambda: make_allowed(among=range(20_001)),
        "20,001 texts are allowed then; it must be 1 to 20,000.",
    ),
    "no digits": (
        lambda: digitlib.read_number(BARS, LETTERS_FILE, at_most=3),
        f"What is known needs a network of digits; this one tells {LETTERS} apart.",
    ),
    "kind": (lambda: read_text(BARS, "words"), "what is 'words'; allowed are digits, letters, both."),
    "no letters": (
        lambda: BothNetworks(RECOGNIZER),
        f"This network knows {DIGITS}. Allowed beside the one of digits is one of A to Z.",
    ),
    "classes": (
        lambda: Recognizer(RECOGNIZER.layers, {"classes": "ABC"}),
        "model_card.json names 3 classes, and the network tells 10 apart.",
    ),
    "whole numbers": (
        lambda: RECOGNIZER.probabilities(np.full((1, 28, 28), 2, np.uint8)),
        "images holds whole numbers above 1; allowed is 0 to 1. Divide pixels by 255.",
    ),
    "shape": (
        lambda: RECOGNIZER.probabilities(np.zeros((28, 28))),
        "images has the shape (28, 28); allowed is (N, 28, 28).",
    ),
    "no such layer": (
        lambda: RECOGNIZER.outputs(np.zeros((1, 28, 28)), "attic"),
        f"There is no layer 'attic'; there are {', '.join(one.name for one in RECOGNIZER.layers)}.",
    ),
    "no such file": (lambda: load_layers("one.npz"), "one.npz cannot be read: No such file or directory."),
    "no trained network": (
        lambda: load_recognizer("one.npz"),
        f"The trained network one.npz or its model_card.json is missing. {AGAIN}",
    ),
    "keras": (
        lambda: load_recognizer("one.keras"),
        "one.keras is not opened here. Allowed are .npz files, and folders of a training.",
    ),
    "no value": (
        lambda: load_picture(None),
        "a value of type NoneType is not a picture. Allowed are the path of a picture file, the bytes of "
        "one, or a numpy array.",
    ),
    "empty": (lambda: load_picture(b""), f"the picture is empty. {FORMATS}"),
    "text": (lambda: load_picture(b"hello"), f"the picture is only text. {FORMATS}"),
    "unknown": (
        lambda: load_picture(b"\0\1\2\xff"),
        f"the picture is not a picture that is known here. {FORMATS}",
    ),
    "drawing": (
        lambda: load_picture(b'<?xml version="1.0"?><SVG xmlns="http://www.w3.org/2000/svg"/>'),
        f"the picture is an SVG drawing; save it as PNG first. {FORMATS}",
    ),
    "document": (
        lambda: load_picture(b"%PDF-1.7\n"),
        f"the picture is a PDF document; save the page as a picture first. {FORMATS}",
    ),
    "avif": (
        lambda: load_picture(b"\0\0\0\x18ftypavif\0\0\0\0"),
        f"the picture is an AVIF picture; save it as JPEG first. {FORMATS}",
    ),
    "damaged": (lambda: load_picture(b"GIF89a"), f"the picture is damaged or incomplete. {FORMATS}"),
    "folder": (lambda: load_picture("."), "'.' is a folder. Give the path of one picture file."),
    "no file": (lambda: load_picture("a.png"), "'a.png' does not exist. Check the spelling and the folder."),
    "too long a name": (
        lambda: load_picture("x" * 150 + "/" + "y" * 50),
        f"'{'x' * 150}/{'y' * 46}...' does not exist. Check the spelling and the folder.",
    ),
    "a name that just fits": (
        lambda: load_picture("x" * 150 + "/" + "y" * 49),
        f"'{'x' * 150}/{'y' * 49}' does not exist. Check the spelling and the folder.",
    ),
    "floats": (
        lambda: load_picture(np.zeros((5, 5))),
        f"the array holds float64 values. {ARRAYS} Try (array * 255).clip(0, 255).round().astype('uint8')",
    ),
    "bools": (
        lambda: load_picture(np.zeros((5, 5), bool)),
        f"the array holds bool values. {ARRAYS} Try array.astype('uint8') * 255",
    ),
    "negative values": (lambda: load_picture(np.full(5, -1)), f"the array holds int64 values. {ARRAYS}"),
    "no path": (lambda: load_picture(""), "the path is empty. Give the path of one picture file."),
    "address": (
        lambda: load_picture("file:///a.png"),
        "'file:///a.png' is an address. Save the picture here first, and give its path.",
    ),
    "array": (lambda: load_picture(np.zeros(5, np.uint8)), f"the array has shape (5,). {ARRAYS}"),
    "no pixels": (
        lambda: load_picture(np.zeros((5, 0), np.uint8)),
        "the array has no pixels: 5 high, 0 wide. Allowed is 1 by 1 and more.",
    ),
    "long": (
        lambda: load_picture(np.zeros((1, 65_536), np.uint8)),
        f"the array is too large: 1 pixels high, 65,536 wide. {SIZE}",
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_an_error_says_what_was_wrong_and_what_is_allowed(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call, sentence = SENTENCES[name]
    with pytest.raises((ValueError, ModelError)) as caught:
        call()
    assert str(caught.value) == sentence


def no_zip(path):
    path.write_bytes(b"nonsense")


def nothing(path):
    path.touch()


def no_layers(path):
    np.savez(path, layers=np.zeros(3, np.uint8))


def broken_stream(path):
    """Write a file with a compression of which Python says no more than that it is broken."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as file:
        file.writestr("layers.npy", bytes(range(256)) * 40)
    data = bytearray(path.read_bytes())
    data[60:80] = bytes(20)
    path.write_bytes(data)


def not_flat(path):
    save_layers(path, [Layer("one", "Softmax", {})])


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (no_zip, NO_NETWORK),
        (nothing, NO_NETWORK),
        (no_layers, NO_NETWORK),
        (broken_stream, "one.npz cannot be read: it is no .npz file."),
        (
            not_flat,
            "one.npz does not end in probabilities. Allowed is a network with softmax at its end.",
        ),
    ],
)
def test_a_file_that_is_no_network_is_named(tmp_path, spoil, sentence):
    spoil(tmp_path / "one.npz")
    for load in (load_layers, load_recognizer):
        with pytest.raises(ModelError) as caught:
            load(tmp_path / "one.npz")
        assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ("{", f"model_card.json beside one.npz is damaged. {AGAIN}"),
        ("[]", f"model_card.json beside one.npz is damaged. {AGAIN}"),
        (
            '{"sha256": {"one.npz": "12"}}',
            "one.npz is not the file that model_card.json describes: its SHA-256 differs.",
        ),
    ],
)
def test_a_card_that_does_not_fit_is_named(tmp_path, card, sentence):
    save_layers(tmp_path / "one.npz", RECOGNIZER.layers)
    (tmp_path / "model_card.json").write_text(card, encoding="utf-8")
    with pytest.raises(ModelError) as caught:
        load_recognizer(tmp_path / "one.npz")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (PermissionError(13, "Permission denied"), "'a.png' may not be read: permission denied."),
        (OSError(5, "Input/output error"), "'a.png' cannot be read: Input/output error."),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path, monkeypatch, error, sentence):
    monkeypatch.chdir(tmp_path)
    Path("a.png").touch()
    with patch.object(Path, "open", side_effect=error), pytest.raises(digitlib.ImageError) as caught:
        load_picture("a.png")
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MemoryError(), "the picture needs more memory than this computer has free. Make it smaller."),
        (images.Image.DecompressionBombError(), f"the picture is too large. {SIZE}"),
        (RuntimeError(), f"the picture is damaged or incomplete. {FORMATS}"),
    ],
)
def test_what_stops_a_decoder_is_said(error, sentence):
    with patch.object(images.Image, "open", side_effect=error), pytest.raises(digitlib.ImageError) as caught:
        load_picture(b"BM")
    assert str(caught.value) == sentence


def test_without_the_extra_a_heic_picture_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(digitlib.ImageError) as caught:
        load_picture(b"\0\0\0\x18ftypheic\0\0\0\0")
    assert str(caught.value) == (
        "the picture is a HEIC picture, as iPhones store them. Save it as JPEG first, or install what opens "
        'it: python -m pip install "digitlib[heic]"'
    )


def test_as_much_as_is_allowed_is_read():
    """One row, one digit, one text less than what is refused."""
    assert len(find_ink_rows(load_picture(bars(60, 3)))[1]) == 60
    assert sum(map(len, find_ink_rows(load_picture(bars(20, 40)))[1])) == 800
    assert len(make_allowed(among=range(20_000)).texts) == 20_000
    assert len(make_allowed(at_most=19_999).texts) == 20_000
    assert make_allowed(at_most=0).texts == {"0"}
