"""What `joulebook audit` finds in articles and tables whose slips are known, and what it says beyond them.

python benchmarks/audit_articles.py [FOLDER ...] [--show]

A folder has texts and, beside each, `NAME.key.json` with its slips. A slip counts as found when a finding stands within
its sentence, or near it with its figure in the evidence; every other finding is an alarm.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from joulebook.testing.keyed import Score, scored

ARTICLES = Path(__file__).parent.parent / "tests" / "audit" / "articles"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "folders", nargs="*", type=Path, default=sorted(one for one in ARTICLES.iterdir() if one.is_dir())
    )
    parser.add_argument("--show", action="store_true", help="what is missed, and every alarm")
    asked = parser.parse_args()
    print("| texts | slips | found | | of numbers | alarms | an article |\n| --- | --- | --- | --- | --- | --- | --- |")
    total = Score()
    for folder in asked.folders:
        score = scored(folder)
        total = total.plus(score)
        print(score.row(f"{folder.name} ({score.texts})"))
    print(total.row(f"all ({total.texts})"))
    if asked.show:
        print("\n".join(total.lines))


if __name__ == "__main__":
    main()
