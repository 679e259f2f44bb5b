"""The door for ``python -m digitlib``; see `digitlib.cli`."""

import sys

from digitlib.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
