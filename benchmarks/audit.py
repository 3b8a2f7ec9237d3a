"""How many planted slips `joulebook audit` finds, and what it says of reports that close.

A slip is found when a finding stands at its line or names its figure in the evidence.

python benchmarks/audit.py [--seeds 4] [--show]
"""

from __future__ import annotations

import argparse
from collections import Counter
from time import process_time

from joulebook.audit.findings import audit
from joulebook.audit.reading.door import document
from joulebook.testing.planted import clean, planted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4, help="reports of each layout")
    parser.add_argument("--show", action="store_true", help="what is missed, and every false alarm")
    asked = parser.parse_args()
    seeds = range(asked.seeds)
    begun = process_time()
    alarms, reports = 0, 0
    for report in clean(seeds):
        found = audit(document(report.text, name=report.name, form=report.form))
        reports += 1
        alarms += len(found)
        if asked.show:
            for one in found:
                print(f"false alarm in {report.name}: {one.rule} {one.place} {one.evidence}")
    slips: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for report in planted(seeds):
        layout = report.name.rpartition("-")[0]
        found = audit(document(report.text, name=report.name, form=report.form))
        hit = report.found((one.place.line, one.evidence) for one in found)
        slips[layout] += 1
        hits[layout] += hit
        if asked.show and not hit:
            print(f"missed in {report.name}: {report.slip}")
    print("| layout | slips | found |\n| --- | --- | --- |")
    for layout, many in slips.items():
        print(f"| {layout} | {many} | {hits[layout]} |")
    total, right = sum(slips.values()), sum(hits.values())
    found_share = f"{right} of {total} planted slips found ({100 * right / total:.1f} %)"
    print(f"\n{found_share}; {alarms} alarms in {reports} clean reports")
    print(f"{process_time() - begun:.1f} s of CPU")


if __name__ == "__main__":
    main()
