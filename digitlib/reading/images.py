"""Load pictures: a file, bytes or an array comes in, a `Picture` or an `ImageError` goes out.

Files are sideways, transparent, in 16 bits, far too large, broken, or no pictures at all. No later module
checks again: a `Picture` is upright, in 8 bits, without transparency, and small enough to work with.
"""

import contextlib
import io
import os
import re
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageChops, ImageFile, ImageOps, ImageStat, UnidentifiedImageError
from PIL.ExifTags import Base as ExifTag

from digitlib.reading.picture import WHITES, ImageError, Picture
from digitlib.reading.remedies import remedy

MAX_SIDE = 2_048
"""Longest side of the loaded pixels; larger pictures are shrunk to it."""

MAX_PIXELS = 120_000_000
"""Largest allowed height times width, checked before anything is decoded."""

MAX_BYTES = 100_000_000
"""Largest allowed picture file."""

_MAX_LENGTH = 65_535  # pixels along one side: the most that JPEG and GIF can say

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)  # of one letter it would be a drive
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"BM", b"II*\0", b"MM\0*")  # first bytes of these
_HEIC = (b"ftyphei", b"ftyphev", b"ftypmif", b"ftypmsf")  # from the fifth byte of a HEIC file on
_ALLOWED_FORMATS = "Allowed are JPEG, PNG, GIF, BMP, WebP and TIFF."
_ALLOWED_SIZE = f"Allowed are {MAX_PIXELS // 10**6} million pixels, and {_MAX_LENGTH:,} along one side."
_ALLOWED_ARRAYS = (
    "Allowed are uint8 arrays of shape (height, width), (height, width, 3) or (height, width, 4), "
    "in the order red, green, blue, alpha."
)


Source = str | os.PathLike | bytes | np.ndarray | Picture
"""What a picture can be loaded from."""


def load_picture(source: Source) -> Picture:
    """Load a picture and turn it upright.

    Files are turned as their EXIF orientation says, transparency is laid over white (over black where little
    but light ink is opaque), 16 bits become 8, and of an animation the first frame is taken. A picture longer
    than `MAX_SIDE` is shrunk: each new pixel is the mean of the old ones that it covers.

    Parameters
    ----------
    source : path, bytes, uint8 array or Picture
        A JPEG, PNG, GIF, BMP, WebP or TIFF file of at most `MAX_BYTES` bytes, with the extra `heic` a HEIC
        file, too; or an array (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) in the order red, green, blue, alpha.
        At most `MAX_PIXELS` pixels in all and 65,535 along one side. A `Picture` is returned as it is.

    Returns
    -------
    Picture
        Grey pixels where the source is grey, RGB otherwise: a copy.

    Raises
    ------
    ImageError
        The source is no picture, broken, too large or empty, or cannot be read. Nothing else is raised.

    Examples
    --------
    >>> import numpy as np
    >>> load_picture(np.full((3000, 4096), 255, np.uint8))
    Picture(grey, shape=(3000, 4096), pixels=(1500, 2048), scale=2)
    >>> load_picture(b"")
    Traceback (most recent call last):
    digitlib.reading.picture.ImageError: the picture is empty. Allowed are JPEG, PNG, GIF, BMP, WebP and TIFF.
    """
    if isinstance(source, Picture):
        return source
    name = _name_of(source)
    try:
        if isinstance(source, np.ndarray):
            pixels = _pixels_of(source)
            return _picture_of(pixels, pixels.shape[:2])
        data = _read_file(source, name) if isinstance(source, str | os.PathLike) else bytes(source)
        return _picture_from(_open_file(data, name))
    except ImageError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit, which lies above MAX_PIXELS
        raise ImageError(f"{name} is too large. {_ALLOWED_SIZE}") from error
    except MemoryError as error:
        raise ImageError(f"{name} needs more memory than this computer has free. Make it smaller.") from error
    except Exception as error:  # decoders have many words for a broken file
        raise ImageError(f"{name} is damaged or incomplete. {_ALLOWED_FORMATS}") from error


def _name_of(source: object) -> str:
    """Return what error messages call the source; refuse what can be no source at all."""
    if isinstance(source, np.ndarray):
        return "the array"
    if isinstance(source, bytes | bytearray | memoryview):
        return "the picture"
    path = os.fspath(source) if isinstance(source, os.PathLike) else source
    if not isinstance(path, str):
        raise ImageError(
            f"a value of type {type(source).__name__} is not a picture. "
            f"Allowed are the path of a picture file, the bytes of one, or a numpy array.{remedy(source)}"
        )
    shortened = path if len(path) <= 200 else path[:197] + "..."
    return f"'{shortened}'" if shortened.isprintable() else ascii(shortened)


def _read_file(source: str | os.PathLike, name: str) -> bytes:
    if not os.fspath(source):
        raise ImageError("the path is empty. Give the path of one picture file.")
    path = Path(source)
    try:
        if path.is_dir():
            raise ImageError(f"{name} is a folder. Give the path of one picture file.")
        if not path.exists():
            if _ADDRESS.match(str(source)):
                raise ImageError(f"{name} is an address. Save the picture here first, and give its path.")
            raise ImageError(f"{name} does not exist. Check the spelling and the folder.")
        if not path.is_file():
            raise ImageError(f"{name} is not an ordinary file. {_ALLOWED_FORMATS}")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except PermissionError as error:
        raise ImageError(f"{name} may not be read: permission denied.") from error
    except OSError as error:
        raise ImageError(f"{name} cannot be read: {error.strerror}.") from error


def _open_file(data: bytes, name: str) -> ImageFile.ImageFile:
    """Recognise the format, read the header, check the size. No pixel is decoded yet."""
    if not data:
        raise ImageError(f"{name} is empty. {_ALLOWED_FORMATS}")
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name} is too large. Allowed are files of at most {MAX_BYTES // 10**6} MB.")
    formats = _with_heic(name) if data[4:11] in _HEIC else _FORMATS
    try:
        with _quiet_pillow():  # it warns from 89 million pixels on
            image = Image.open(io.BytesIO(data), formats=formats)
    except UnidentifiedImageError as error:
        raise ImageError(f"{name} is {_describe(data)}. {_ALLOWED_FORMATS}") from error
    _check_size(image.height, image.width, name)
    return image


def _with_heic(name: str) -> tuple[str, ...]:
    """Return the format of many iPhone photos, where the extra that opens them is installed."""
    try:
        import pillow_heif
    except ImportError as error:
        raise ImageError(
            f"{name} is a HEIC picture, as iPhones store them. Save it as JPEG first, "
            'or install what opens it: python -m pip install "digitlib[heic]"'
        ) from error
    pillow_heif.register_heif_opener()
    return ("HEIF",)


def _describe(data: bytes) -> str:
    """Say what a file is that has none of the allowed formats."""
    start = data[:1024]
    if start.startswith(_SIGNATURES) or start[8:12] == b"WEBP" or start[4:11] in _HEIC:
        return "damaged or incomplete"
    if start[4:11] == b"ftypavi":
        return "an AVIF picture; save it as JPEG first"
    if b"%PDF" in start:
        return "a PDF document; save the page as a picture first"
    if b"<svg" in start.lower():
        return "an SVG drawing; save it as PNG first"
    with contextlib.suppress(UnicodeDecodeError):
        if "\0" not in data.decode("utf-8"):
            return "only text"
    return "not a picture that is known here"


def _pixels_of(array: np.ndarray) -> np.ndarray:
    if array.dtype != np.uint8:
        raise ImageError(f"the array holds {array.dtype} values. {_ALLOWED_ARRAYS}{remedy(array)}")
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (1,), (3,), (4,)):
        raise ImageError(f"the array has shape {array.shape}. {_ALLOWED_ARRAYS}{remedy(array)}")
    _check_size(*array.shape[:2], "the array")
    if array.shape[2:] == (4,):
        return np.array(_flatten(Image.fromarray(array)))
    return np.array(array[:, :, 0] if array.shape[2:] == (1,) else array)


def _check_size(height: int, width: int, name: str) -> None:
    if height < 1 or width < 1:
        raise ImageError(f"{name} has no pixels: {height} high, {width} wide. Allowed is 1 by 1 and more.")
    if height * width > MAX_PIXELS or max(height, width) > _MAX_LENGTH:
        raise ImageError(f"{name} is too large: {height:,} pixels high, {width:,} wide. {_ALLOWED_SIZE}")


def _picture_from(image: Image.Image) -> Picture:
    """Decode an opened picture, make it 8 bits without transparency, turn it upright, and shrink it."""
    width, height = image.size
    longest = max(height, width)
    # A JPEG decodes several times faster at 1/2, 1/4 or 1/8 of its size: let it, down to 3/4 of MAX_SIDE.
    image.draft(None, tuple(max(1, side * MAX_SIDE * 3 // 4 // longest) for side in image.size))
    with _quiet_pillow() if image.format == "TIFF" else contextlib.nullcontext():  # it reads metadata again
        image.load()
    if _turn_upright(image):
        height, width = width, height
    return _picture_of(np.array(_flatten(image)), (height, width))


def _picture_of(pixels: np.ndarray, shape: tuple[int, int]) -> Picture:
    """Shrink upright pixels to `MAX_SIDE`; `shape` is that of the full-size picture."""
    shrink = MAX_SIDE / max(pixels.shape[:2])
    if shrink < 1:
        rows, columns = (max(1, round(side * shrink)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    return Picture(pixels, scale=max(shape) / max(pixels.shape[:2]), shape=tuple(shape))


def _turn_upright(image: Image.Image) -> bool:
    """Turn a picture upright (EXIF), in place; return whether height and width are swapped."""
    with _quiet_pillow(), contextlib.suppress(Exception):  # a damaged EXIF block counts as none
        quarter_turn = image.getexif().get(ExifTag.Orientation) in (5, 6, 7, 8)
        ImageOps.exif_transpose(image, in_place=True)
        return quarter_turn
    return False


def _flatten(image: Image.Image) -> Image.Image:
    """Return a picture of any of Pillow's modes as grey ("L") or "RGB", without transparency."""
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_to_eight_bits(image))
    mode = "L" if image.mode in ("1", "L", "LA", "La") else "RGB"
    if not image.has_transparency_data:
        return image if image.mode == mode else image.convert(mode)
    image = image.convert(mode + "A")
    paper = Image.new(mode, image.size, "black" if _drawn_in_light_ink(image) else "white")
    paper.paste(image, mask=image)
    return paper


def _drawn_in_light_ink(image: Image.Image) -> bool:
    """Return whether little of a picture is opaque, and that is light: a drawing made on a dark screen."""
    gray, alpha = image.convert("LA").split()
    opaque, light = (ImageStat.Stat(one).mean[0] for one in (alpha, ImageChops.multiply(gray, alpha)))
    return 0 < opaque < 0.5 * 255 and light > 0.5 * opaque


def _to_eight_bits(image: Image.Image) -> np.ndarray:
    """Scale grey values of 16 or 32 bits to 0..255: white is the first of `WHITES` that no value exceeds.

    Of floats it may be 1 as well.
    """
    values = np.asarray(image)
    largest = values.max()
    if not (values.min() >= 0 and largest <= 65_535):  # written so that NaN fails it too
        raise ImageError("the picture holds values outside 0..65,535. Allowed are 8 or 16 bits a value.")
    whites = (1, *WHITES) if image.mode == "F" else WHITES
    white = next(white for white in whites if largest <= white)
    gray = np.rint(values * np.float32(255 / white)).astype(np.uint8)
    gray[values == image.info.get("transparency")] = 255
    return gray


_filters_lock = threading.Lock()


@contextlib.contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Keep Pillow's remarks on untidy metadata off the screen. Filters are process-wide, hence the lock."""
    with _filters_lock, warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")
        yield
