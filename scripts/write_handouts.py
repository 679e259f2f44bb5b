"""Write the pages to print for a class, in each language: the handout and half a page on privacy.

    python scripts/write_handouts.py

Their texts stand in docs/words, a file for each language. English pages have no language in their name.
"""

import json
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


def table(heads: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def handout(texts: dict) -> str:
    """Return the handout: the seven steps, why a digit was read wrongly, and the words of the lessons."""
    questions = "\n".join(f"{number}. {text}" for number, text in enumerate(texts["questions"], start=1))
    parts = (
        f"# {texts['title']}",
        texts["intro"],
        table(texts["step_heads"], texts["steps"]),
        f"**{texts['why']}** {texts['first_no']}",
        questions,
        table(texts["word_heads"], texts["words"]),
        texts["notebook"],
        texts["line"],
    )
    return "\n\n".join(parts) + "\n"


def privacy(texts: dict) -> str:
    """Return the half page on privacy: what is stored, where, how long, who sees it, and how to delete it."""
    body = table(texts["heads"], texts["rows"])
    return "\n\n".join((f"# {texts['title']}", texts["intro"], body, texts["rest"], texts["line"])) + "\n"


def pages() -> dict[Path, str]:
    """Return every page: its file and its text."""
    written = {}
    for path in sorted(DOCS.glob("words/*.json")):
        texts = json.loads(path.read_text(encoding="utf-8"))
        ending = ".md" if path.stem == "en" else f".{path.stem}.md"
        written[DOCS / f"handout{ending}"] = handout(texts["handout"])
        written[DOCS / f"privacy{ending}"] = privacy(texts["privacy"])
    return written


if __name__ == "__main__":
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8", newline="\n")
