"""Tell the digits of an ink mask apart: which pieces of ink belong together, and which are not digits."""

from typing import NamedTuple

import cv2
import numpy as np


class Box(NamedTuple):
    """A rectangle in a picture, in pixels."""

    row: int
    column: int
    height: int
    width: int

    @property
    def bottom(self):
        """First row below the box."""
        return self.row + self.height

    @property
    def right(self):
        """First column right of the box."""
        return self.column + self.width

    def around(self, other):
        """The smallest box that holds both."""
        row, column = min(self.row, other.row), min(self.column, other.column)
        return Box(row, column, max(self.bottom, other.bottom) - row, max(self.right, other.right) - column)


class Piece(NamedTuple):
    """Ink that hangs together."""

    labels: tuple  # numbers in the label picture
    box: Box
    area: int  # ink pixels
    at_border: bool  # reaches the border of the picture


def find_pieces(mask, sure=None):
    """Split a mask into connected pieces of ink.

    Parameters
    ----------
    mask : (H, W) uint8 array
        255 where there may be ink.
    sure : (H, W) bool array, optional
        Where there is ink beyond doubt: a piece that holds no such pixel is none (hysteresis, Canny 1986).

    Returns
    -------
    labels : (H, W) int32 array
        0 for paper, other numbers for the pieces.
    pieces : list of Piece
        Without single specks: a piece of fewer than three pixels is dust.

    Examples
    --------
    >>> mask = np.zeros((20, 30), np.uint8)
    >>> mask[5:15, 4:7] = 255
    >>> mask[5:15, 20:23] = 255
    >>> labels, pieces = find_pieces(mask)
    >>> [tuple(piece.box) for piece in pieces]
    [(5, 4, 10, 3), (5, 20, 10, 3)]
    >>> sure = np.zeros(mask.shape, bool)
    >>> sure[10, 21] = True
    >>> [tuple(piece.box) for piece in find_pieces(mask, sure)[1]]
    [(5, 20, 10, 3)]
    """
    height, width = mask.shape
    labels, pieces = np.zeros(mask.shape, np.int32), []
    first_column, first_row, inked_width, inked_height = cv2.boundingRect(mask)
    if not inked_width:
        return labels, pieces
    inked = np.s_[first_row : first_row + inked_height, first_column : first_column + inked_width]
    count, found, stats, _ = cv2.connectedComponentsWithStats(mask[inked], connectivity=8)
    number = np.arange(count, dtype=np.int32)
    if sure is not None:
        doubtful = np.ones(count, bool)
        doubtful[found[sure[inked]]] = False
        number[doubtful] = 0
        found = number[found]
    labels[inked] = found
    for label, (left, top, wide, tall, area) in zip(number[1:].tolist(), stats[1:].tolist(), strict=True):
        left, top = left + first_column, top + first_row
        if label and area >= 3:
            at_border = left == 0 or top == 0 or left + wide == width or top + tall == height
            pieces.append(Piece((label,), Box(top, left, tall, wide), area, at_border))
    return labels, pieces


def main_digit(pieces, shape):
    """Choose the pieces that make up the one digit of a picture.

    The digit is the largest piece of ink, the nearer the middle the better, together with the pieces
    close above, below or beside it (the bar of a 5 may float). Ink that runs into the border belongs to
    something else unless there is nothing better.

    Parameters
    ----------
    pieces : list of Piece
        From `find_pieces`; at least one.
    shape : (int, int)
        Height and width of the picture.

    Returns
    -------
    digit : Piece
        The pieces of the digit, joined.
    others : list of Piece
        Other ink about as large as the digit: a second digit, perhaps.
    """
    main = max(pieces, key=lambda piece: _prominence(piece, shape))
    joined, rest = _join_near(main, [piece for piece in pieces if piece is not main])
    size = max(joined.box.height, joined.box.width)
    others = [
        piece
        for piece in rest
        if not piece.at_border and piece.area > 0.3 * joined.area and max(piece.box[2:]) > 0.5 * size
    ]
    return joined, others


def _prominence(piece, shape):
    """How much a piece looks like the subject of the picture."""
    box = piece.box
    size = np.hypot(box.height, box.width) / np.hypot(*shape)
    away = np.hypot(
        (box.row + box.height / 2) / shape[0] - 0.5, (box.column + box.width / 2) / shape[1] - 0.5
    )
    weight = size * np.sqrt(piece.area) * (1 - 0.6 * away)
    if piece.at_border:
        weight *= 0.3
    return weight


def _join_near(main, rest):
    """Join to a piece what lies so near that it is part of the same digit."""
    grown = True
    while grown:
        grown = False
        for piece in rest:
            if _belongs(piece, main):
                main = _joined(main, piece)
                rest = [other for other in rest if other is not piece]
                grown = True
                break
    return main, rest


def _belongs(piece, main):
    """Whether a piece of ink is a part of the digit `main`, not dust and not a neighbour."""
    size = max(main.box.height, main.box.width)
    if max(piece.box.height, piece.box.width) < 0.1 * size or piece.area < 0.015 * main.area:
        return False
    gap_rows = max(piece.box.row - main.box.bottom, main.box.row - piece.box.bottom)
    gap_columns = max(piece.box.column - main.box.right, main.box.column - piece.box.right)
    if max(gap_rows, gap_columns) > 0.25 * max(size, *piece.box[2:]):
        return False
    if piece.at_border and not main.at_border:
        return False
    beside = gap_columns > -0.3 * min(piece.box.width, main.box.width)
    neighbor = beside and piece.box.height > 0.6 * main.box.height
    return not neighbor


def stroke_width(cut):
    """Typical width of the strokes of a digit.

    A pixel in the middle of a stroke is half its width away from the paper, and on average a pixel of a
    stroke is a quarter of it away (distance transform, Borgefors 1986).

    Parameters
    ----------
    cut : (H, W) uint8 array
        Light ink on black.

    Returns
    -------
    float
        In pixels, at least 1.

    Examples
    --------
    >>> bar = np.zeros((60, 40), np.uint8)
    >>> bar[5:55, 15:24] = 255
    >>> 7 < stroke_width(bar) < 10
    True
    """
    mask = cv2.copyMakeBorder((cut > 100).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    if not mask.any():
        return 1.0
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    return max(1.0, 4 * float(distance[mask > 0].mean()) - 2.2)


def number_rows(pieces, shape):
    """Group the ink of a page into digits and rows, in reading order.

    Pieces above one another are joined into digits (the floating bar of a 5). Digits whose heights
    overlap make a row, even if the row climbs. Ink much smaller than the digits is a separator (dash, dot,
    comma) where it lies in a row, else dust.

    Parameters
    ----------
    pieces : list of Piece
        From `find_pieces`; at least one.
    shape : (int, int)
        Height and width of the picture.

    Returns
    -------
    rows : list of list of Piece
        Rows from top to bottom, each from left to right.
    skipped : list of Piece
        Separators between the digits.

    Examples
    --------
    >>> mask = np.zeros((60, 90), np.uint8)
    >>> mask[10:30, 10:14] = mask[10:30, 60:64] = 255    # two digits ...
    >>> mask[19:22, 30:40] = 255                         # ... and a dash between them
    >>> rows, skipped = number_rows(find_pieces(mask)[1], mask.shape)
    >>> [len(row) for row in rows], len(skipped)
    ([2], 1)
    """
    inner = [piece for piece in pieces if not _is_frame(piece, shape)] or pieces
    tallest = max(piece.box.height for piece in inner)
    digit_height = float(np.median([p.box.height for p in inner if p.box.height >= 0.5 * tallest]))
    digits, small = [], []
    for piece in sorted(inner, key=lambda piece: -piece.area):
        if max(piece.box.height, piece.box.width) < 0.08 * digit_height:
            continue
        home = next((i for i, d in enumerate(digits) if _stacked(piece.box, d.box, digit_height)), None)
        if home is not None:
            digits[home] = _joined(digits[home], piece)
        elif piece.box.height >= 0.5 * digit_height:
            digits.append(piece)
        else:
            small.append(piece)
    rows = []
    for digit in sorted(digits, key=lambda digit: digit.box.column):
        row = max(rows, key=lambda row: _shared_height(row[-1].box, digit.box), default=None)
        if row is not None and _shared_height(row[-1].box, digit.box) > 0.35:
            row.append(digit)
        else:
            rows.append([digit])
    rows.sort(key=lambda row: np.median([digit.box.row + digit.box.height / 2 for digit in row]))
    skipped = [
        piece
        for piece in small
        if not piece.at_border and any(_in_row(piece.box, row, digit_height) for row in rows)
    ]
    return rows, skipped


def cut_candidates(cut):
    """Columns where touching digits might come apart: the thinnest places of the ink, and some in between.

    Parameters
    ----------
    cut : (H, W) uint8 array
        Soft ink of digits that touch.

    Returns
    -------
    list of int
        Inner columns, from left to right, at least a tenth of the height apart.
    """
    height, width = cut.shape
    ink = cv2.GaussianBlur(cut.sum(axis=0, dtype=np.float32)[None], (0, 0), max(0.5, 0.03 * height))[0]
    apart = max(1, round(0.1 * height))
    free = np.zeros(width, bool)
    free[2 * apart : width - 2 * apart] = True
    columns = []
    for column in np.argsort(ink, kind="stable"):
        if free[column]:
            columns.append(int(column))
            free[max(0, column - apart) : column + apart + 1] = False
    return sorted(columns)


def _is_frame(piece, shape):
    """Whether a piece is a rest of lines, or of something that reaches in from the border."""
    box = piece.box
    large = box.width > 0.9 * shape[1] and box.height > 0.9 * shape[0]
    hollow = piece.area < 0.2 * box.height * box.width
    flat = min(box.height, box.width) < 0.06 * max(shape)
    return (large and hollow) or (piece.at_border and flat and max(box.height, box.width) > 0.2 * min(shape))


def _stacked(upper, lower, digit_height):
    """Whether two boxes stand over each other, so near that they are one digit."""
    shared = min(upper.right, lower.right) - max(upper.column, lower.column)
    if shared <= 0.5 * min(upper.width, lower.width):
        return False
    gap = max(upper.row - lower.bottom, lower.row - upper.bottom)
    return gap < 0.15 * digit_height and upper.around(lower).height < 1.4 * digit_height


def _joined(first, second):
    return Piece(
        first.labels + second.labels,
        first.box.around(second.box),
        first.area + second.area,
        first.at_border or second.at_border,
    )


def _shared_height(first, second):
    """How much of the smaller box's height two boxes share, 0..1."""
    shared = min(first.bottom, second.bottom) - max(first.row, second.row)
    return max(0.0, shared / min(first.height, second.height))


def _in_row(box, row, digit_height):
    """Whether a small box lies in a row of digits, next to one of them."""
    return any(
        digit.box.row - 0.1 * digit_height < box.row + box.height / 2 < digit.box.bottom + 0.3 * digit_height
        and min(abs(digit.box.right - box.column), abs(box.right - digit.box.column)) < 1.5 * digit_height
        for digit in row
    )
