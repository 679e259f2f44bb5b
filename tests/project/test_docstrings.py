"""The check of docstrings finds what is wrong in a small bad module, and nothing in a good one."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import check_docstrings

GOOD = '''
def double(number: float) -> float:
    """Return twice a number."""
    return 2 * number


def _private(a):
    pass


def mean(values):
    """Return the mean.

    Parameters
    ----------
    values : sequence of float

    Returns
    -------
    float

    Examples
    --------
    >>> mean([1, 3])
    2.0
    """
    return sum(values) / len(values)
'''
BAD = {
    "def f(a: int) -> int:\n    return a": "does not have a docstring",
    'def f(a):\n    """Return a number."""\n    return a': "Parameters {'a'} not documented",
    'def f() -> None:\n    """Returns nothing."""': "not third person",
    'def f() -> None:\n    """Do nothing"""': "Summary does not end with a period",
    f'def f() -> None:\n    """Do {"very " * 20}little."""': "The first line has",
    GOOD.replace("    >>> mean([1, 3])\n    2.0\n", "    None.\n"): "mean: No example",
    GOOD.replace("values : sequence of float", "values"): 'Parameter "values" has no type',
    GOOD.replace("    Returns\n    -------\n    float\n", ""): "No Returns section found",
    'class A:\n    """A."""\n\n    def f(self, a):\n        """Return a."""\n        return a': "A.f: Param",
    'def f(a):\n    """Yield a.\n\n    More.\n    """\n    for b in a:\n        yield b': "No Yields section",
}


def test_a_module_in_form_passes(tmp_path, capsys):
    (tmp_path / "good.py").write_text(GOOD, encoding="utf-8")
    (tmp_path / "_private.py").write_text(next(iter(BAD)), encoding="utf-8")
    assert check_docstrings.main(tmp_path) == 0
    assert capsys.readouterr().out == "The docstrings of 1 files are in form.\n"


@pytest.mark.parametrize(("code", "message"), BAD.items(), ids=BAD.values())
def test_what_is_wrong_is_named_with_its_line(tmp_path, capsys, code, message):
    (tmp_path / "bad.py").write_text(code, encoding="utf-8")
    assert check_docstrings.main(tmp_path) == 1
    printed = capsys.readouterr().out
    assert printed.startswith(f"{tmp_path / 'bad.py'}:")
    assert message in printed
