"""Makes the cards and names of cloud instances: how many accelerators, which, and on which processors.

Run by make_facts.py, from `instances.csv`. A name means the accelerator in it and the processor in it; where there may be
several processors, a family of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from tables import MADE, Card, Row, refuse, rows, slug, table, write_series, write_sources

from joulebook.facts.loader import DATA, normal

RETRIEVED = "2026-11-21"
TABLE = Path(__file__).with_name("instances.csv")
SOURCES = {
    "aws": Card("Amazon EC2 instance types", "Amazon Web Services", 2025, "figures cited", "https://aws.amazon.com/ec2/instance-types/"),
    "gcp": Card("GPU machine types and CPU platforms of Compute Engine", "Google Cloud", 2025, "CC BY 4.0; figures cited",
                "https://cloud.google.com/compute/docs/machine-resource"),
    "azure": Card("Sizes for virtual machines", "Microsoft Azure", 2025, "CC BY 4.0; figures cited",
                  "https://learn.microsoft.com/azure/virtual-machines/sizes/overview"),
}  # fmt: skip


HALVES = {
    "accelerator.nvidia-k80": ("accelerator.nvidia-k80-gpu", "NVIDIA K80, one of two GPUs"),
    "accelerator.nvidia-m60": ("accelerator.nvidia-m60-gpu", "NVIDIA M60, one of two GPUs"),
}
"""Boards of two GPUs, which clouds count one by one: the cards in accelerator_halves.toml."""


def instances(words: Mapping[str, str]) -> None:
    """Writes the series and names. `words` gives the subject of an accelerator's name."""
    facts: list[Row] = []
    cards: list[str] = []
    inside: dict[str, list[str]] = defaultdict(list)
    classes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for row in rows(TABLE):
        subject = f"instance.{row['provider']}-{slug(row['instance'])}"
        identity = f"instances-{row['provider']}"
        names = [row["instance"], f"{row['provider']}:{row['instance']}"]
        short = row["instance"].removeprefix("Standard_")
        names += [short] if short != row["instance"] else []
        facts.append(Row(subject, "vcpus", float(row["vcpus"]), "1", "2025", identity, "memory"))
        if row["accelerator"]:
            facts.append(Row(subject, "accelerators", float(row["accelerators"]), "1", "2025", identity, "memory", None, None,
                             f"{row['accelerators']} x {row['accelerator']}."))  # fmt: skip
            whole = words[normal(row["accelerator"])]
            inside[HALVES.get(whole, (whole,))[0]] += names
        if row["cpus"]:
            classes[tuple(row["cpus"].split(";"))] += names
        else:
            refuse("instances.csv", "the processor of the instance is in no table", row["instance"])
        cards.append(table("name", subject=subject, label=row["instance"], aliases=names))
    labels = {
        row["subject"]: row["label"] for name in ("cpu_names.csv", "accelerator_names.csv") for row in rows(DATA / name)
    }
    cards += [
        table("name", subject=subject, label=labels.get(subject) or dict(HALVES.values())[subject], aliases=names)
        for subject, names in sorted(inside.items())
    ]
    for processors, names in sorted(classes.items()):
        members = [_processor(name) for name in processors]
        if len(members) == 1:
            cards.append(table("name", subject=members[0], label=labels.get(members[0], processors[0]), aliases=names))
        else:
            label = " or ".join(processors)
            cards.append(table("family", subject=f"cpu.any-{slug(label)}", label=label, aliases=names, members=members))
    write_series("instance_series.csv", facts)
    text = [f"{MADE}\n", table("series", file="instance_series.csv", retrieved=RETRIEVED), *cards]
    (DATA / "instances.toml").write_text("\n".join(text), encoding="utf-8")
    write_sources("sources_instances.toml", {f"instances-{provider}": card for provider, card in SOURCES.items()})


def _processor(name: str) -> str:
    """The subject of a processor that is named without its maker."""
    return f"cpu.{'amd' if name.startswith('EPYC') else 'intel'}-{slug(name)}"
