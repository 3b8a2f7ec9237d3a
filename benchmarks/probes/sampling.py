"""A process that only sleeps beside one thread: CPU time of a slice of joulebook's recorder, or of a bare loop.

Arguments: "recorder", "bare" or "codecarbon"; seconds; folder of the journal; root of a powercap tree.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from pathlib import Path

RATE_S = 0.1
SETTLE_S = 3.0
"""Time for the start and its bursts, which is not counted."""


def bare(folder, root):
    """The least that any poller does: wait for the slot, read three counters, write one line."""
    descriptors = [os.open(path, os.O_RDONLY) for path in Path(root).rglob("energy_uj")]
    journal = os.open(f"{folder}/bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def loop():
        slot = time.monotonic()
        while True:
            slot += RATE_S
            time.sleep(max(0.0, slot + random.random() * RATE_S - time.monotonic()))
            values = [int(os.pread(descriptor, 32, 0)) for descriptor in descriptors]
            os.write(journal, b"%d %d %d %d\n" % (time.monotonic_ns(), *values))

    threading.Thread(target=loop, daemon=True).start()


def recorder(_folder, _root):
    import joulebook

    run = joulebook.start("sampling")
    if run.notices or not run.recording:
        sys.exit(f"not recording: {run.notices}")


def codecarbon(_folder, _root):
    from codecarbon import OfflineEmissionsTracker

    OfflineEmissionsTracker(
        country_iso_code="FRA", save_to_file=False, log_level="critical", allow_multiple_runs=True, measure_power_secs=1
    ).start()


kind, seconds, folder, root = sys.argv[1:]
{"recorder": recorder, "bare": bare, "codecarbon": codecarbon}[kind](folder, root)
time.sleep(SETTLE_S)
wall, used = time.perf_counter(), time.process_time()
time.sleep(float(seconds))
print((time.process_time() - used, time.perf_counter() - wall), flush=True)
os._exit(0)
