"""Break the package in small ways, one at a time, and say which breaks no test notices (`make mutants`).

python scripts/mutants.py [ROOM ...] [--count 300 | --all] [--seed 0]

mutmut puts the breaks in ("mutants": another sign, another number, an argument left out) and runs the tests
that come past the place. This chooses the mutants by lot, prints each room's share of mutants that were
noticed with its 95 % interval, and writes those that were not to build/mutants/ROOM.txt. Those that change
nothing stand in equivalent_mutants.toml. It works in a copy of the checkout.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from digitlib.measuring.proportions import proportion

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build/mutants"
ROOMS = {  # the code that is broken, and the tests that should notice
    "reading": (["reading/*"], ["reading"]),
    "handwriting": (["handwriting/*"], ["handwriting"]),
    "training": (
        ["training/mixture.py", "training/augmentation.py"],
        ["training/test_augmentation.py", "training/test_mixture.py"],
    ),
    "measuring": (["measuring/*", "labels.py"], ["measuring", "test_labels.py"]),
    "classroom": (["classroom/*"], ["classroom"]),
    "reports": (["reports/*"], ["reports"]),
}
NOTICED = {1, 3, 24, 36, 152, 255, -24, -11, -9}
"""What mutmut writes down for a mutant that a test noticed: a failure, a time-out or a crash."""
LIMIT = re.compile("([<>])=?")
STRICT = re.compile(r",\s*(strict=\w+)?\)")
"""The end of a zip(), with or without its guard: lengths differ only by a mistake in the code."""
IN_ORDER = """
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.location[:2])  # of mutmut's set of tests, the slowest may come first
"""
EQUIVALENT = tomllib.loads((ROOT / "scripts/equivalent_mutants.toml").read_text(encoding="utf-8"))
SLOW = (
    *("test_fuzz.py", "test_kinds.py", "test_class_of_thirty.py", "test_templates.py"),
    "reading/test_frames.py::test_a_digit_in_a_frame_is_read",
    "reading/test_reader.py::test_mnist_loses_almost_nothing_on_its_way_through_the_steps",
    "reading/test_straighten.py::test_what_is_read_on_a_sheet_is_read_on_a_table",
    "reading/test_straighten.py::test_no_kind_of_table_is_in_the_way",
    "reading/test_straighten.py::test_boxes_lie_round_the_digits_of_the_upright_photo",
    "reading/test_straighten.py::test_what_is_no_sheet_is_not_touched",
    "reading/test_straighten.py::test_mnist_is_not_touched",
    "reports/test_sweep.py::test_a_sweep_that_is_stopped_leaves_nothing_running_and_goes_on",
    "reports/test_sweep.py::test_a_cluster_runs_the_sweep_though_a_worker_is_killed_and_the_disk_is_not_shared",
)
"""Tests of hundreds of drawn pictures, that train networks or start commands: they take minutes a mutant."""


def copy_of_checkout(room: str) -> Path:
    """Copy the files that git knows to a folder of their own, and tell mutmut what to break there."""
    folder = WORK / room
    shutil.rmtree(folder, ignore_errors=True)
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, names.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    code, tests = ROOMS[room]
    (folder / "in_order.py").write_text(IN_ORDER, encoding="utf-8")
    others = sorted({name.split("/")[0] for name in names.split("\0")} - {"digitlib", "tests", ""})
    settings = {
        "source_paths": ["digitlib"],
        "only_mutate": [f"digitlib/{part}" for part in code],
        "also_copy": ["in_order.py", *others],
        "pytest_add_cli_args": [
            "--timeout=600",  # a mutant that loops is ended; the slowest tests take a minute or two
            "-p",
            "no:cacheprovider",
            "-p",
            "no:nbval",  # runs no notebook here, but takes seconds to load
            "-p",
            "in_order",
            *(f"--deselect=tests/{one}" if "::" in one else f"--ignore-glob=*{one}" for one in SLOW),
        ],
        "pytest_add_cli_args_test_selection": [f"tests/{part}" for part in tests],
        # Seconds, times 15, beside the time of the tests: on a busy machine it takes some to start, and what
        # is ended before its tests began would count as noticed.
        "timeout_constant": ["20"],
        "use_git_change_detection": ["false"],
        "track_dependencies": ["false"],
        # Not forked from a process that has loaded TensorFlow: such a copy hangs, and would count as noticed.
        "process_isolation": ["forkserver"],
        "forkserver_warmup": ["none"],
    }
    lines = (f"{key} = " + "\n    ".join(values) for key, values in settings.items())
    (folder / "setup.cfg").write_text("[mutmut]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return folder


def mutmut(folder: Path, *arguments: str) -> str:
    """Run mutmut in a copy, with what it says in a log; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "mutmut", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
    )
    with (WORK / "mutmut.log").open("a", encoding="utf-8") as log:
        log.write(done.stdout + done.stderr)
    return done.stdout


def results(folder: Path) -> dict[str, int | None]:
    """Return what became of each mutant: None where it was not tried."""
    found = {}
    for path in sorted((folder / "mutants").rglob("*.meta")):
        found |= json.loads(path.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def lend_tests(folder: Path) -> None:
    """Try functions that no test was seen to come past with the tests of their module.

    They run in processes of their own, where mutmut does not look.
    """
    path = folder / "mutants" / "mutmut-stats.json"
    if not path.exists():  # the tests fail
        return
    stats = json.loads(path.read_text(encoding="utf-8"))
    reached = stats["tests_by_mangled_function_name"]
    of_module = {}
    for function, tests in reached.items():
        of_module.setdefault(function.rpartition(".")[0], set()).update(tests)
    for name in results(folder):
        function = name.rpartition("__mutmut_")[0]
        reached.setdefault(function, sorted(of_module.get(function.rpartition(".")[0], ())))
    path.write_text(json.dumps(stats), encoding="utf-8")


def try_room(room: str, count: int | None, seed: int) -> None:
    """Break one room, and print how many of its mutants were noticed."""
    folder = copy_of_checkout(room)
    mutmut(folder, "run", "none")  # makes all mutants, and finds out which tests come past which function
    names = sorted(results(folder))
    if not names:
        raise SystemExit(f"mutmut made no mutants of {room}: see {WORK / 'mutmut.log'}")
    lend_tests(folder)
    chosen = names if count is None or count >= len(names) else random.Random(seed).sample(names, count)
    mutmut(folder, "run", "--max-children", str(os.cpu_count()), *chosen)
    codes = results(folder)
    if not any(codes[name] is not None for name in chosen):
        raise SystemExit(f"The tests of {room} fail as they are, unbroken: see {WORK / 'mutmut.log'}")
    missed = {name: mutmut(folder, "show", name) for name in chosen if codes[name] not in NOTICED}
    noticed = proportion([name not in missed for name in chosen])
    same = sum(map(changes_nothing, missed.values()))
    share = f"{noticed.value:.1%} ({noticed.low:.1%} to {noticed.high:.1%})"
    print(
        f"{room}: {share} of {noticed.count} mutants were noticed; there are {len(names)}. "
        f"Of the {len(missed)} others, {same} change nothing.",
        flush=True,
    )
    (WORK / f"{room}.txt").write_text("\n".join(missed.values()), encoding="utf-8")


def changes_nothing(diff: str) -> bool:
    """Return whether a mutant is known to change nothing, or only about a limit itself or a zip's guard."""
    removed, added = (
        "".join(line[1:].strip() for line in diff.splitlines() if line.startswith(sign) and line[1:2] == " ")
        for sign in "-+"
    )
    alike = (
        kind.sub(form, removed) == kind.sub(form, added) for kind, form in ((LIMIT, r"\1"), (STRICT, ")"))
    )
    return added in EQUIVALENT or (removed != added and any(alike))


def main() -> None:
    """Try the rooms that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "rooms", nargs="*", metavar="ROOM", help=f"one or more of {', '.join(ROOMS)}; default: all"
    )
    parser.add_argument("--count", type=int, default=300, help="mutants of each room, chosen by lot (300)")
    parser.add_argument("--all", action="store_true", help="all mutants, which takes hours")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if unknown := set(given.rooms) - set(ROOMS):
        parser.error(f"{', '.join(sorted(unknown))}: choose among {', '.join(ROOMS)}")
    for room in given.rooms or ROOMS:
        try_room(room, None if given.all else given.count, given.seed)


if __name__ == "__main__":
    main()
