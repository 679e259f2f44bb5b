"""Put all packages of the lessons into a folder, for a class room without a network (`make wheelhouse`).

    python scripts/wheelhouse.py --out wheelhouse [--extras lessons,train,reports,web,heic]

The packages are those of uv.lock, for the system and the Python that this runs on. Copy the folder and the
repository to a stick; install.txt in it says what to type on the other computers.
"""

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = "lessons,train,reports,web,heic"


def run(*command: object) -> None:
    """Run a command of Python, and end with its status where it fails."""
    status = subprocess.run([sys.executable, "-m", *map(str, command)], cwd=ROOT).returncode
    if status:
        sys.exit(status)


def install_line(out: Path, extras: str) -> str:
    """Return what to type where there is no network."""
    what = f'"digitlib[{extras}]"' if extras else "digitlib"
    return f"python -m pip install --no-index --find-links {out.name} {what}"


def main() -> None:
    """Fill the folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=ROOT / "wheelhouse")
    parser.add_argument("--extras", default=EXTRAS, help=f"default: {EXTRAS}")
    given = parser.parse_args()
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    versions = out / "versions.txt"
    wanted = [part for extra in filter(None, given.extras.split(",")) for part in ("--extra", extra)]
    run(
        "uv",
        "export",
        "--quiet",
        "--locked",
        "--no-emit-project",
        "--no-hashes",
        *wanted,
        "--output-file",
        versions,
    )
    run(
        "pip",
        "download",
        "--disable-pip-version-check",
        "--only-binary=:all:",
        "--requirement",
        versions,
        "--dest",
        out,
    )
    run("uv", "build", "--quiet", "--wheel", "--out-dir", out)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    lines = [
        f"For computers with the system of this one ({sys.platform}) and Python {python}.",
        "Copy this folder into that of digitlib, open a terminal there, and type:",
        "",
        "python -m venv .venv",
        ".venv\\Scripts\\activate" if sys.platform == "win32" else "source .venv/bin/activate",
        install_line(out, given.extras),
        "jupyter lab --notebook-dir=. notebooks/00_start_here.ipynb",
    ]
    (out / "install.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in out.iterdir()) / 1e6
    print(f"{out}: {len(list(out.glob('*.whl')))} packages, {size:,.0f} MB. install.txt says how to go on.")


if __name__ == "__main__":
    main()
