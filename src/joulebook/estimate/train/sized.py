"""What published methods ask of a training beside its statement: its operations, and the peak of its device."""

from __future__ import annotations

from joulebook.estimate.chip import chip
from joulebook.estimate.methods.job import Size
from joulebook.estimate.train.utilisation import peak_of
from joulebook.estimate.train.workload import Workload, task_of
from joulebook.facts.catalog import Catalog


def training_size(device: str, asked: Workload) -> Size:
    """Operations and the dense peak in FLOP/s, as far as they are known.

    Raises `ConfigError` for what is contradictory or no amount.
    """
    task = task_of(asked)
    if task is None or task.operations is None or not device:
        return Size()
    peak, _ = peak_of(chip(device, Catalog.open()), task.precision, asked)
    return Size(flop=task.operations.to("FLOP").value, peak=peak.to("FLOP/s").value)
