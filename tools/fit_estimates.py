"""Fits the estimators to the tables in FOLDER and writes them as facts: `python tools/fit_estimates.py FOLDER [KIND ...]`.

Then `make facts` packs the catalogue. The tables themselves are not part of the repository.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from fitting.fitted import write

HERE = Path(__file__).parent / "fitting"
KINDS = [kind for kind in ("training", "language", "diffusion") if (HERE / f"{kind}.py").is_file()]

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for kind in sys.argv[2:] or KINDS:
        facts = import_module(f"fitting.{kind}").fit(folder)
        print(f"{len(facts)} facts in {write(kind, facts)}")
