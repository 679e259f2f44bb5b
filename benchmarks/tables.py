"""Tables in Markdown, as every benchmark prints them."""


def table(title, head, rows):
    """Print a Markdown table under a title.

    Parameters
    ----------
    title : str
        What was measured.
    head : sequence of str
        Names of the columns.
    rows : list of sequence
        Values; each is written with `str`.
    """
    cells = [list(map(str, row)) for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    print("", f"## {title}", "", lines[0], rule, *lines[1:], sep="\n", flush=True)
