"""Scores the estimators on the tables in FOLDER and writes docs/accuracy.md: `python tools/score_estimates.py FOLDER`.

Every row is estimated by a fit that has not seen its family.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

from fit_estimates import KINDS

PAGE = Path(__file__).parents[1] / "docs/accuracy.md"
HEAD = """# How close the estimates come

Made by `tools/score_estimates.py FOLDER`, which reads tables of published trainings and of measured inference. Each row is estimated by a
fit that has seen no other row of its family (leave one family out). The factor is the larger of estimate and published value over the
smaller; `held` is the share of rows within the 90 % interval, `width` the median of its high end over its low end. How the
estimates are made: [training](methods/estimating-training.md), [language models](methods/estimating-serving.md),
[pictures, films and prompts](methods/estimating-images.md).
"""

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    lines = [HEAD]
    for kind in KINDS:
        lines += import_module(f"fitting.{kind}").sections(folder)
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    print(f"{PAGE}: {len(lines)} lines")
