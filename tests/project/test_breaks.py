"""The mistakes of scripts/break_notebooks.py: each can still be put in, and a check is there to notice it."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from break_notebooks import BREAKS  # noqa: E402


@pytest.mark.parametrize(
    ("name", "old", "new", "check"), [one[1:] for one in BREAKS], ids=[one[0] for one in BREAKS]
)
def test_a_mistake_has_its_place_and_its_check(name, old, new, check):
    assert (ROOT / name).read_text(encoding="utf-8").count(old) == 1, (
        "the code has changed: change the mistake"
    )
    assert old != new
    file, _, function = check.partition("::")
    assert (
        f"def {function}(" in (ROOT / file).read_text(encoding="utf-8")
        if function
        else (ROOT / file).is_file()
    )
