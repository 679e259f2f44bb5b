"""The command line: digitlib (or python -m digitlib) read, train, report and the others.

Each command imports what it needs when it runs: reading a digit does not wait for TensorFlow or Jupyter.
"""

import argparse
import glob
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from digitlib import __version__
from digitlib.cli import train, worksheets
from digitlib.cli.arguments import whole_number
from digitlib.cli.signals import TERMINATED, TerminationError, stopped_by_signals
from digitlib.data import DataError
from digitlib.reading.network import ModelError

_INTERRUPTED = 130
"""Exit status after Ctrl-C, as in a shell: 128 and the number of the signal."""


def main(arguments: list[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : list of str, optional
        What follows ``python -m digitlib``; by default that of this process.

    Returns
    -------
    int
        The exit status: 0 after success, 1 if something failed, 130 after Ctrl-C, 143 after SIGTERM. Wrong
        arguments leave through argparse with 2.
    """
    # A Windows code page lacks characters, and a file name on Linux may hold bytes that are no text.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    try:
        with stopped_by_signals():
            return options.run(options)
    except KeyboardInterrupt as stop:
        return _fail("Stopped.", TERMINATED if isinstance(stop, TerminationError) else _INTERRUPTED)
    except BrokenPipeError:  # the reader of our output, such as `head`, has ended
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except ModuleNotFoundError as error:
        if options.command not in _NEEDS or (error.name or "").startswith("digitlib"):
            raise
        return _fail(f"{error.name} is not installed. {_how_to_install(_NEEDS[options.command])}")
    except (DataError, ModelError, OSError) as error:
        return _fail(str(error))


_NEEDS = {"train": "train", "report": "lessons,reports", "student": "lessons"}
"""Extras of the commands that need more than the three packages of reading."""


def _how_to_install(extras: str) -> str:
    """Return the line to type: another one where digitlib is run from its repository."""
    here = (Path(__file__).resolve().parents[2] / "pyproject.toml").is_file()
    what = f'-e ".[{extras}]"' if here else f'"digitlib[{extras}]"'
    return f"This command needs more than reading does: python -m pip install {what}"


def _read_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "photos", nargs="+", metavar="PHOTO", help="an image file, or a pattern such as *.jpg"
    )
    command.add_argument("--number", action="store_true", help="read several digits in each picture")
    kinds = command.add_mutually_exclusive_group()
    letters = "read a letter in each picture; with --number, rows of letters"
    kinds.add_argument("--letters", action="store_true", help=letters)
    both = "read rows of letters and digits: a 0 and an O stay unsure"
    kinds.add_argument("--both", action="store_true", help=both)
    command.add_argument("--json", action="store_true", help="print one JSON object a line")
    network = "a network of your own: the folder that train wrote, or an .npz file"
    command.add_argument("--network", type=Path, metavar="DIR", help=network)
    among = "the texts that may be there: a file with one a line, or a list such as 12,13,27"
    command.add_argument("--among", metavar="FILE|LIST", help=among)
    pattern = "how the text is written, a d for each digit: dd.dd.dddd"
    command.add_argument("--pattern", metavar="P", help=pattern)
    command.add_argument("--at-most", type=whole_number(0, 19_999), metavar="N", help="the largest number")


def _read(options: argparse.Namespace) -> int:
    """Read the digits of pictures, and print a line for each picture."""
    from digitlib.cli.read import read_pictures

    try:
        return read_pictures(_expand(options.photos), options)
    except ValueError as error:
        return _fail(str(error))


def _train(options: argparse.Namespace) -> int:
    """Train a network into a folder that does not hold one yet."""
    problem = train.train_network(options)
    return _fail(problem) if problem else 0


def _worksheet(options: argparse.Namespace) -> int:
    """Write worksheets to print, on which a class writes its own digits."""
    problem = worksheets.write_worksheets(options)
    return _fail(problem) if problem else 0


def _collect(options: argparse.Namespace) -> int:
    """Make a data set from photos of worksheets."""
    problem = worksheets.collect_photos(_expand(options.photos), options)
    return _fail(problem) if problem else 0


def _page_options(command: argparse.ArgumentParser) -> None:
    networks = (
        "folders that train wrote, or .npz files; the first is shown in full, others are compared with it"
    )
    command.add_argument("networks", nargs="+", type=Path, metavar="DIR", help=networks)
    command.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="the HTML file")


def _page(options: argparse.Namespace) -> int:
    """Write a network as one HTML file that reads drawings, on any phone, without a server."""
    from digitlib.reading.network import load_recognizer
    from digitlib.web.page_file import write_page

    print(write_page([load_recognizer(network) for network in options.networks], options.out))
    return 0


_ONLY_WITH = {
    "set": ("notebooks",),
    "pictures": ("--class",),
    "workers": ("notebooks", "--sweep"),
    "scheduler": ("notebooks", "--sweep"),
    "cell_seconds": ("notebooks", "--sweep"),
}
"""Options of `report` that only some of its kinds listen to."""


def _report_options(command: argparse.ArgumentParser) -> None:
    kind = command.add_mutually_exclusive_group()
    notebooks = "default: the whole series"
    kind.add_argument("notebooks", nargs="*", default=[], metavar="NOTEBOOK", help=notebooks)
    sweep = "run all combinations that a YAML file lists"
    kind.add_argument("--sweep", type=Path, metavar="FILE", help=sweep)
    students = "compare the networks of a class"
    kind.add_argument("--class", dest="students", type=Path, metavar="FOLDER", help=students)
    name = "folder in reports/ (default: latest, or the name of the sweep, or class)"
    command.add_argument("--name", help=name)
    setting = {"action": "append", "default": [], "type": _setting, "metavar": "NAME=VALUE"}
    command.add_argument("--set", **setting, help="give a parameter a value")
    pictures = "what a class is judged on: samples (default), mnist, letters, or a folder with labels.csv"
    command.add_argument("--pictures", metavar="SET", help=pictures)
    command.add_argument("--workers", type=whole_number(1, 1_000), metavar="N", help="default: one a core")
    command.add_argument("--scheduler", metavar="ADDRESS", help="run on this Dask cluster, not here")
    limit = "most seconds that a cell may take; default: 3600"
    command.add_argument("--cell-seconds", type=whole_number(1, 10**6), metavar="N", help=limit)


def _report(options: argparse.Namespace) -> int:
    """Run notebooks or a sweep of them, or compare the networks of a class."""
    from digitlib.cli import report
    from digitlib.labels import LabelError
    from digitlib.notebooks.files import NotebookError
    from digitlib.reports.cluster import ClusterError

    kind = "--sweep" if options.sweep else "--class" if options.students else "notebooks"
    for name, kinds in _ONLY_WITH.items():
        if getattr(options, name) and kind not in kinds:
            argument = f"--{name.replace('_', '-')}"
            return _fail(f"{argument} says nothing here. It is allowed with {' and '.join(kinds)}.")
    try:
        if options.sweep:
            problem = report.run_sweep(options)
        elif options.students:
            problem = report.judge_students(options)
        else:
            problem = report.run_notebooks(options, [Path(name) for name in _expand(options.notebooks)])
    except (NotebookError, LabelError, ClusterError) as error:
        problem = str(error)
    return _fail(problem) if problem else 0


def _student_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the copies")
    replace = "write over copies there that somebody may have worked in"
    command.add_argument("--replace", action="store_true", help=replace)


def _student(options: argparse.Namespace) -> int:
    """Write the lessons without their solutions."""
    from digitlib.notebooks.files import NotebookError
    from digitlib.notebooks.student_copies import write_student_copies

    try:
        for path in write_student_copies(options.out, replace=options.replace):
            print(path)
    except NotebookError as error:
        return _fail(str(error))
    return 0


_COMMANDS = {
    "read": (_read, _read_options),
    "train": (_train, train.train_options),
    "report": (_report, _report_options),
    "student": (_student, _student_options),
    "worksheet": (_worksheet, worksheets.worksheet_options),
    "collect": (_collect, worksheets.collect_options),
    "page": (_page, _page_options),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="digitlib",
        description="Handwritten digits, read from photos.",
        epilog="For example: digitlib read photo.jpg",
    )
    parser.add_argument("--version", action="version", version=f"digitlib {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (run, add_options) in _COMMANDS.items():
        command = commands.add_parser(name, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        add_options(command)
    return parser


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form NAME=VALUE")
    return name, value


def _expand(names: list[str]) -> Iterator[str]:
    """Yield file names, and for a pattern that the shell left as it is (as on Windows) those that match."""
    for name in names:
        matches = [] if os.path.lexists(name) else sorted(glob.glob(name))  # noqa: PTH207 - Path.glob refuses absolute patterns
        yield from matches or [name]


def _fail(message: str, status: int = 1) -> int:
    print(message, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
