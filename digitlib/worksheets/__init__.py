"""Worksheets to print, and photos of them turned into a labelled folder."""

from digitlib.worksheets.collecting import collect, write_contact_sheet
from digitlib.worksheets.layout import Sheet, WorksheetError, make_sheet
from digitlib.worksheets.printing import write_pdf
from digitlib.worksheets.simulate import photograph_class, print_sheet

__all__ = [
    "Sheet",
    "WorksheetError",
    "collect",
    "make_sheet",
    "photograph_class",
    "print_sheet",
    "write_contact_sheet",
    "write_pdf",
]
