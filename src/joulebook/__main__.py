"""Entry point of the command line: `joulebook` and `python -m joulebook`."""

from __future__ import annotations

import sys

from joulebook.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
