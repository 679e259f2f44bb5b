"""The commands `worksheet` and `collect`: sheets to print, and photos of them made into a data set."""

import argparse
from collections.abc import Iterable
from pathlib import Path

from digitlib.cli.arguments import whole_number
from digitlib.labels import LabelError

_MOST_SHEETS = 200


def worksheet_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `worksheet`.

    Parameters
    ----------
    command : argparse.ArgumentParser
    """
    command.add_argument("--out", type=Path, required=True, metavar="PDF", help="the file to print")
    sheets = "how many sheets, each with a number of its own: one for each writer (default: 1)"
    command.add_argument("--sheets", type=whole_number(1, _MOST_SHEETS), default=1, metavar="N", help=sheets)
    first = "number of the first sheet (default: 1)"
    command.add_argument("--first", type=whole_number(1, 9_999), default=1, metavar="N", help=first)
    command.add_argument("--paper", choices=("A4", "Letter"), default="A4", help="default: A4")
    language = "of the help on the sheets, two letters (default: en)"
    command.add_argument("--language", default="en", metavar="LANGUAGE", help=language)
    plan = "what to write: digits (default), letters, or a text file with a line for each row of boxes"
    command.add_argument("--plan", default="digits", metavar="digits|letters|FILE", help=plan)


def write_worksheets(options: argparse.Namespace) -> str:
    """Write worksheets as a PDF.

    Parameters
    ----------
    options : argparse.Namespace
        Of the command.

    Returns
    -------
    str
        What is wrong, or nothing.
    """
    try:
        from digitlib.worksheets import WorksheetError, make_sheet, write_pdf
        from digitlib.worksheets.layout import PLANS
    except ModuleNotFoundError as missing:
        return f'{missing.name} is missing: pip install "digitlib[worksheets]".'

    try:
        plan = options.plan
        if plan not in PLANS:
            plan = Path(plan).read_text(encoding="utf-8-sig").splitlines()
        numbers = range(options.first, options.first + options.sheets)
        write_pdf(
            [make_sheet(plan, options.paper, number) for number in numbers], options.out, options.language
        )
    except WorksheetError as error:
        return str(error)
    except UnicodeError:
        return f"{options.plan} is no text. A plan has a line for each row of boxes, such as: 0 1 2 12 305"
    print(f"{options.out}: {options.sheets} to print. Scale: 100 %, or fit to page.")
    return ""


def collect_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `collect`.

    Parameters
    ----------
    command : argparse.ArgumentParser
    """
    photos = "photos of sheets, or PDF files of scanned ones"
    command.add_argument("photos", nargs="+", metavar="PHOTO", help=photos)
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="the data set")


def collect_photos(photos: Iterable[str], options: argparse.Namespace) -> str:
    """Make a data set from photos of worksheets.

    Parameters
    ----------
    photos : iterable of str
        Names of files.
    options : argparse.Namespace
        Of the command.

    Returns
    -------
    str
        What is wrong, or nothing.
    """
    try:
        from digitlib.worksheets import collect
        from digitlib.worksheets.collecting import CONTACT_SHEET
    except ModuleNotFoundError as missing:
        return f'{missing.name} is missing: pip install "digitlib[worksheets]".'

    try:
        result = collect(photos, options.out, lambda line: print(line, flush=True))
    except LabelError as error:
        return str(error)
    for remark in result.remarks:
        print(remark)
    if result.added:
        print(f"{result.added} pictures added. Look them over: {options.out / CONTACT_SHEET}")
    failed = len(result.errors)
    return f"{failed} could not be used: see above." if failed else ""
