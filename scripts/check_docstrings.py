"""Check the docstrings of digitlib's public names: numpydoc's form, a short first line, a runnable example.

Nothing is imported: the files are parsed, so the check needs neither TensorFlow nor a display.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from numpydoc.hooks.validate_docstrings import AstValidator
from numpydoc.validate import validate

PACKAGE = Path(__file__).resolve().parents[1] / "digitlib"
CHECKS = {"GL08", "SS03", "SS05", "SS06", "PR01", "PR02", "PR03", "PR04", "RT01", "YD01"}
"""Those of https://numpydoc.readthedocs.io/en/latest/validation.html that count."""
SECTIONS = {"PR01", "RT01", "YD01"}
"""Those that a short function with typed parameters does without."""
INNER = ("reading", "handwriting", "worksheets")
"""Rooms whose inner functions, those that no __init__ exports, are described in running text: with typed
parameters they do without sections."""
LONGEST = 80
"""Characters of a first line."""
NOT_YET = ("web/server",)
"""The page's server, which will be replaced."""
NO_EXAMPLE = {
    "it trains": (
        "train",
        "train_on",
        "run",
        "calibrate",
        "train_lines",
        "train_letters",
        "fit",
        "measure_normalization",
    ),
    "it needs a trained network of Keras": ("export", "save_keras"),
    "it needs a folder of networks": ("find_networks", "evaluate_class", "judge_students"),
    "it needs a notebook that has run": ("thumbnails", "store", "sweep_jobs"),
    "it runs notebooks": ("run_notebooks", "run_sweep", "run_job", "run_reports", "refresh_notebook"),
    "it prints a page in a browser": ("print_page",),
    "it adds options to a command": ("train_options", "worksheet_options", "collect_options"),
    "it writes files": (
        *("write_index", "write_page", "write_comparison", "write_class_table", "write_student_copies"),
        *("write_card", "write_labels", "write_pdf", "write_contact_sheet", "collect"),
    ),
    "it is a command": ("main", "read_pictures", "train_network", "write_worksheets", "collect_photos"),
}
"""Functions that go without an example, by the reason."""


class Docstring(AstValidator):
    """A docstring in a parsed file, as numpydoc's checks see it."""

    @property
    def is_generator_function(self) -> bool:
        """Whether a function yields anywhere, also inside a loop."""
        return self.is_function_or_method and any(
            isinstance(part, ast.Yield | ast.YieldFrom) for part in ast.walk(self.node)
        )


def public_nodes(node: ast.AST, ancestry: tuple = ()) -> Iterator[tuple]:
    """Yield the public functions, classes and methods below a node, each with the nodes around it."""
    for child in getattr(node, "body", []):
        named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if named and not child.name.startswith("_"):
            yield child, (*ancestry, node)
            if isinstance(child, ast.ClassDef):
                yield from public_nodes(child, (*ancestry, node))


def is_short(node: ast.AST) -> bool:
    """Return whether a function is small and typed, and described in one line (and examples)."""
    if isinstance(node, ast.ClassDef):
        return False
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    typed = all(one.annotation is not None for one in arguments if one.arg not in ("self", "cls"))
    described = (ast.get_docstring(node) or "").partition("Examples\n---")[0].strip()
    return typed and "\n" not in described and len(node.body) <= 4  # the docstring is one of them


def exported(*rooms: Path) -> set[str]:
    """Return the names in the __all__ of packages."""
    names = set()
    for room in rooms:
        for node in ast.parse((room / "__init__.py").read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                names |= set(ast.literal_eval(node.value))
    return names


def is_inner(node: ast.AST, path: Path) -> bool:
    """Return whether a function with typed parameters is used within its room only."""
    typed = isinstance(node, ast.FunctionDef) and all(
        one.annotation is not None for one in node.args.args if one.arg != "self"
    )
    return typed and path.parent.name in INNER and node.name not in exported(path.parents[1], path.parent)


def problems(path: Path) -> Iterator[str]:
    """Yield a line for everything that is wrong with the docstrings of a file."""
    exceptions = [name for names in NO_EXAMPLE.values() for name in names]
    for node, ancestry in public_nodes(ast.parse(path.read_text(encoding="utf-8"))):
        marks = {ast.unparse(one) for one in node.decorator_list}
        if any(mark.endswith((".setter", "overload")) for mark in marks):
            continue  # the documentation stands with the getter
        name = ".".join([*(one.name for one in ancestry[1:]), node.name])
        free = is_short(node) or is_inner(node, path) or marks & {"property", "cached_property"}
        skipped = set(SECTIONS) if free else set()
        text = ast.get_docstring(node) or ""
        if isinstance(node, ast.ClassDef) and "Attributes\n---" in text:
            skipped.add("PR01")  # the fields are described there
        result = validate(name, Docstring, ast_node=node, filename=path, ancestry=ancestry)
        found = [what for code, what in result["errors"] if code in CHECKS - skipped]
        first = text.partition("\n")[0]
        if len(first) > LONGEST:
            found.append(f"The first line has {len(first)} characters; allowed are {LONGEST}")
        is_function = len(ancestry) == 1 and not isinstance(node, ast.ClassDef)
        if (
            is_function
            and "Parameters\n---" in text
            and ">>> " not in text
            and name not in exceptions
            and not free
        ):
            found.append("No example")
        for what in found:
            yield f"{path}:{node.lineno} {name}: {what}"


def main(package: Path = PACKAGE) -> int:
    """Print what is wrong in the public modules of a package; return the exit status."""
    paths = [path.relative_to(package) for path in sorted(package.rglob("*.py"))]
    public = [
        path
        for path in paths
        if not path.as_posix().startswith(NOT_YET)
        and not any(part.startswith("_") and part != "__init__.py" for part in path.parts)
    ]
    found = [line for path in public for line in problems(package / path)]
    print("\n".join(found) or f"The docstrings of {len(public)} files are in form.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
