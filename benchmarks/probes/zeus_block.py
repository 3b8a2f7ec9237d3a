"""A fresh process with Zeus: import, one monitor and window from cold, one more window."""

import time

from gauges import helpers, resident_mib, threads, timed

before = resident_mib()
figures = {}


def load():
    from zeus.monitor import ZeusMonitor

    return ZeusMonitor


def begin(monitor=None):
    monitor = monitor or Monitor(gpu_indices=[])
    monitor.begin_window("block")
    return monitor


Monitor, figures["import_wall"], figures["import_cpu"] = timed(load)
monitor, figures["start_wall"], figures["start_cpu"] = timed(begin)
time.sleep(1.2)
pids = helpers()
figures["memory"] = resident_mib() - before + sum(resident_mib(pid) for pid in pids)
figures["threads"], figures["helpers"] = threads() - 1, len(pids)
window, figures["stop_wall"], figures["stop_cpu"] = timed(lambda: monitor.end_window("block"))
figures["sees"] = repr(window)
_, figures["warm_start_wall"], figures["warm_start_cpu"] = timed(lambda: begin(monitor))
time.sleep(0.05)
_, figures["warm_stop_wall"], figures["warm_stop_cpu"] = timed(lambda: monitor.end_window("block"))
print(figures)
