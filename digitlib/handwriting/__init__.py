"""Handwriting drawn by a program: hands, paper, camera, samples; every pixel's truth is known."""

from digitlib.handwriting import camera, paper
from digitlib.handwriting.letters import make_letters
from digitlib.handwriting.strokes import ALLOGRAPHS, draw_digit, make_digits, make_non_digits

__all__ = [
    "ALLOGRAPHS",
    "camera",
    "draw_digit",
    "make_digits",
    "make_letters",
    "make_non_digits",
    "paper",
]
