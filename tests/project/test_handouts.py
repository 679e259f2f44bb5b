"""The pages to print: current, whole in each language, and with the names that lessons and page use."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import write_handouts  # noqa: E402

from digitlib.reading.normalize import STEP_NAMES  # noqa: E402

LANGUAGES = ("de", "en", "es", "fr")


def texts(language, folder="docs/words"):
    return json.loads((ROOT / folder / f"{language}.json").read_text(encoding="utf-8"))


def form(value):
    """A value with every text left out: which keys there are, and how long each list is."""
    if isinstance(value, dict):
        return {key: form(part) for key, part in value.items()}
    return [form(part) for part in value] if isinstance(value, list) else bool(value.strip())


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_lacks_a_text(language):
    assert form(texts(language)) == form(texts("en"))
    assert "False" not in str(form(texts(language)))
    assert language == "en" or texts(language)["handout"] != texts("en")["handout"]


def test_pages_are_current_in_every_language():
    written = write_handouts.pages()
    assert len(written) == 2 * len(LANGUAGES) == 2 * len(list((ROOT / "docs" / "words").iterdir()))
    for file, text in written.items():
        assert file.read_text(encoding="utf-8") == text, "run scripts/write_handouts.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_name_what_the_learner_will_see(language):
    shown = texts(language)
    assert [row[0].split()[0] for row in shown["handout"]["steps"]] == list(STEP_NAMES)
    button = texts(language, "digitlib/web/static/words")["wrong"]
    assert f"(*{button}*)" in str(shown["privacy"]).replace("’", "'"), "the button is called so on the page"
