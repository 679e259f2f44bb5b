"""EMNIST, the handwritten letters that go with MNIST, from its original files wherever they lie."""

import gzip
import hashlib
import io
import string
import struct
import zipfile
import zlib
from os import PathLike
from pathlib import Path

import numpy as np

from digitlib.data import DataError, ImagesAndLabels

BALANCED = string.digits + string.ascii_uppercase + "abdefghnqrt"
"""The 47 classes of the split "balanced": where both cases look alike, small letters count as capitals."""
SPLITS = {
    "letters": " " + string.ascii_uppercase,  # its labels begin at 1; both cases count as one
    "balanced": BALANCED,
    "byclass": string.digits + string.ascii_uppercase + string.ascii_lowercase,
}
"""Splits of EMNIST: the character of each label, from 0."""
_SIDE = 28
_ARCHIVE_MD5 = "58c8d27c78d21e728a6bc7b3cc06412e"
"""Well-known MD5 sum of gzip.zip, which holds all splits."""
_DAMAGED = OSError, EOFError, ValueError, LookupError, zlib.error, struct.error, zipfile.BadZipFile
_REMEDY = (
    "Get gzip.zip (562 MB) or matlab.zip from https://www.nist.gov/itl/products-and-services/emnist-dataset, "
    "and name the archive, or the folder where its files lie."
)


def load_emnist(source: str | PathLike, split: str = "letters") -> tuple[ImagesAndLabels, ImagesAndLabels]:
    """Load a split of EMNIST from its original files.

    EMNIST stores each picture with rows and columns exchanged: read like MNIST, all letters lie on their
    side, mirrored. Here they are upright.

    Introduced in the project lesson "Letters".

    Parameters
    ----------
    source : path
        gzip.zip, or a folder (with folders in it) that holds the split's four files as
        emnist-letters-train-images-idx3-ubyte, .gz or not, or its MATLAB file emnist-letters.mat.
    split : {"letters", "balanced", "byclass"}
        26 letters without case; 47 digits and letters; 62 digits, capitals and small letters.

    Returns
    -------
    (x_train, y_train), (x_test, y_test)
        Images: (N, 28, 28) uint8, 0 is paper and 255 is ink, upright. Labels: (N,) str, such as "A".

    Raises
    ------
    ValueError
        There is no such split.
    DataError
        A file is missing or damaged; the message says where to get it.

    References
    ----------
    G. Cohen, S. Afshar, J. Tapson and A. van Schaik, "EMNIST: an extension of MNIST to handwritten letters"
    (2017, arXiv:1702.05373).

    Examples
    --------
    >>> load_emnist("no folder")
    Traceback (most recent call last):
    digitlib.data.DataError: no folder is missing. Get gzip.zip (562 MB) or matlab.zip from ...
    """
    if split not in SPLITS:
        raise ValueError(f"EMNIST has no split {split!r}; allowed are {', '.join(SPLITS)}.")
    source = Path(source)
    if not source.exists():
        raise DataError(f"{source} is missing. {_REMEDY}")
    try:
        if source.is_file():
            return _from_archive(source, split)
        matlab = sorted(source.rglob(f"emnist-{split}.mat"))
        files = {path.name: path for path in sorted(source.rglob(f"emnist-{split}-t*"))}
        if matlab and not files:
            return _from_matlab(matlab[0].read_bytes(), split)
        return _from_idx(lambda name: files[name].read_bytes(), files, split)
    except _DAMAGED as error:
        raise DataError(f"{source} holds a damaged file of EMNIST: {error}. {_REMEDY}") from error


def _from_archive(source: Path, split: str) -> tuple[ImagesAndLabels, ImagesAndLabels]:
    """Read gzip.zip or matlab.zip."""
    with zipfile.ZipFile(source) as archive:
        members = {name.rpartition("/")[2]: name for name in archive.namelist()}
        if f"emnist-{split}.mat" in members:
            return _from_matlab(archive.read(members[f"emnist-{split}.mat"]), split)
        with source.open("rb") as file:
            found = hashlib.file_digest(file, "md5").hexdigest()
        if found != _ARCHIVE_MD5:
            raise ValueError(f"its MD5 is {found}, that of gzip.zip is {_ARCHIVE_MD5}")
        return _from_idx(lambda name: archive.read(members[name]), members, split)


def _from_idx(read: object, names: dict, split: str) -> tuple[ImagesAndLabels, ImagesAndLabels]:
    """Read the four files in MNIST's format, packed or not."""
    arrays = []
    for part in ("train-images-idx3", "train-labels-idx1", "test-images-idx3", "test-labels-idx1"):
        name = f"emnist-{split}-{part}-ubyte"
        if name not in names and f"{name}.gz" not in names:
            raise DataError(f"{name} is missing, packed (.gz) or not. {_REMEDY}")
        data = read(name) if name in names else gzip.decompress(read(f"{name}.gz"))
        arrays.append(parse_idx(data, name))
    return _part(*arrays[:2], split), _part(*arrays[2:], split)


def parse_idx(data: bytes, name: str) -> np.ndarray:
    """Return the array in an IDX file, the form of MNIST's original files.

    It is 3 bytes kind, 1 byte number of axes, 4 bytes length of each axis, and the values.

    Parameters
    ----------
    data : bytes
        The content of the file.
    name : str
        Its name, for the message.

    Returns
    -------
    uint8 array

    Raises
    ------
    ValueError
        It is cut short, or no such file.

    Examples
    --------
    >>> parse_idx(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9]), "three").tolist()
    [7, 8, 9]
    """
    axes = data[3]
    shape = struct.unpack(f">{axes}I", data[4 : 4 + 4 * axes])
    if data[:3] != b"\0\0\x08" or len(data) != 4 + 4 * axes + int(np.prod(shape)):
        raise ValueError(f"{name} has {len(data)} bytes, and not those that its beginning promises")
    return np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)


def _from_matlab(data: bytes, split: str) -> tuple[ImagesAndLabels, ImagesAndLabels]:
    """Read the MATLAB file of a split."""
    from scipy.io import loadmat  # of the lessons' packages: reading needs no SciPy

    dataset = loadmat(io.BytesIO(data), simplify_cells=True)["dataset"]
    return tuple(
        _part(np.asarray(part["images"]).reshape(-1, _SIDE, _SIDE), np.asarray(part["labels"]), split)
        for part in (dataset["train"], dataset["test"])
    )


def _part(images: np.ndarray, labels: np.ndarray, split: str) -> ImagesAndLabels:
    """Return images upright, and labels as characters."""
    labels, characters = labels.ravel().astype(int), np.array(list(SPLITS[split]))
    if images.shape != (len(labels), _SIDE, _SIDE):
        raise ValueError(f"{len(labels)} labels for images of shape {images.shape}")
    if len(labels) and (labels.min() < 0 or labels.max() >= len(characters)):
        raise ValueError(f"labels {labels.min()} to {labels.max()}, where {split} has {len(characters)}")
    return np.ascontiguousarray(images.transpose(0, 2, 1)).astype(np.uint8), characters[labels]
