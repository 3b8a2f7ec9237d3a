"""What comes nearest to `joulebook run -- true` with CodeCarbon: a tracker around a child process."""

import subprocess

from codecarbon import OfflineEmissionsTracker

with OfflineEmissionsTracker(
    country_iso_code="FRA", save_to_file=False, log_level="critical", allow_multiple_runs=True
):
    subprocess.run(["true"], check=True)
