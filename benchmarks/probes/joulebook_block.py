"""A fresh process: import joulebook, one block from cold, then as many warm ones as the argument says."""

import sys
import time

from gauges import helpers, resident_mib, threads, timed

before, loaded = resident_mib(), set(sys.modules)
figures = {}


def load():
    import joulebook

    return joulebook


jb, figures["import_wall"], figures["import_cpu"] = timed(load)
figures["loaded"] = sorted(set(sys.modules) - loaded)
run, figures["start_wall"], figures["start_cpu"] = timed(lambda: jb.start("cold"))
time.sleep(1.2)
figures["memory"] = resident_mib() - before
figures["threads"], figures["helpers"] = threads() - 1, len(helpers())
figures["all_loaded"] = sorted(set(sys.modules) - loaded)
_, figures["stop_wall"], figures["stop_cpu"] = timed(run.stop)
figures["recorded"], figures["trouble"] = bool(run.id), run.notices + run.degraded

warm = []
for _ in range(int(sys.argv[1])):
    run, start_wall, start_cpu = timed(lambda: jb.start("warm"))
    time.sleep(0.05)
    warm.append((start_wall, start_cpu, *timed(run.stop)[1:]))
for name, column in zip(("start_wall", "start_cpu", "stop_wall", "stop_cpu"), zip(*warm, strict=True), strict=True):
    figures[f"warm_{name}"] = sorted(column)[len(column) // 2]
print(figures)
