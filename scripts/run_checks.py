"""Run all checks one after the other, also where one fails, and say at the end which failed (`make test`).

python scripts/run_checks.py JOBS OPTIONS_OF_NBVAL ...
"""

import subprocess
import sys


def main(jobs: str, *nbval: str) -> int:
    """Run the checks, print a line for each, and return the exit status: 1 if one failed."""
    parallel = ["-n", jobs, "--dist", "loadscope"]
    checks = {
        "lint": ["make", "lint"],
        "unit tests": [sys.executable, "-m", "pytest", "--doctest-modules", "digitlib", "tests", *parallel],
        "notebooks": [sys.executable, "-m", "pytest", *nbval, *parallel, "notebooks"],
    }
    failed = [name for name, command in checks.items() if subprocess.run(command).returncode]
    for name in checks:
        print(f"{name}: {'FAILED' if name in failed else 'passed'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
