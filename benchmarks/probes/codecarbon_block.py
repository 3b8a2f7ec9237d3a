"""A fresh process with CodeCarbon: import, one tracker from cold, one more."""

import time

from gauges import helpers, resident_mib, threads, timed

before = resident_mib()
figures = {}


def load():
    from codecarbon import OfflineEmissionsTracker

    return OfflineEmissionsTracker


def begin():
    made = Tracker(country_iso_code="FRA", save_to_file=False, log_level="critical", allow_multiple_runs=True)
    made.start()
    return made


Tracker, figures["import_wall"], figures["import_cpu"] = timed(load)
tracker, figures["start_wall"], figures["start_cpu"] = timed(begin)
time.sleep(1.2)
figures["memory"] = resident_mib() - before
figures["threads"], figures["helpers"] = threads() - 1, len(helpers())
_, figures["stop_wall"], figures["stop_cpu"] = timed(tracker.stop)
tracker, figures["warm_start_wall"], figures["warm_start_cpu"] = timed(begin)
time.sleep(0.05)
_, figures["warm_stop_wall"], figures["warm_stop_cpu"] = timed(tracker.stop)
print(figures)
