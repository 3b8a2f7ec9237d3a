"""The rows that the fit of trainings learns from: published trainings, and benchmarks of their throughput."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from joulebook.errors import FactNotFound
from joulebook.estimate.chip import Chip, chip
from joulebook.estimate.train.flop import of_samples, unet_forward
from joulebook.estimate.train.generations import generation
from joulebook.facts.catalog import Catalog

WORDS = {"Amazon Trainium1": "AWS Trainium1"}
"""Spellings of the tables that the catalogue does not know."""
OWN_NOISE, TABLE_NOISE, DOUBTFUL = 0.12, 0.4, 0.5
"""Standard deviations of the logarithm of a utilisation around that of its family, by where it was published."""
ROUND = (0.15, 0.2, 0.25, 0.3, 0.33, 1 / 3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
"""Operations that were themselves estimated from hours show one of these utilisations, within 1.5 %."""
SAME = {"P013", "P088"}
"""Rows of the published table that repeat another row's time, or that a third party estimated."""
WRONG_COUNT = {"FFN SwiGLU", "U-PaLM (540B)", "Nucleotide Transformer"}
"""Devices counted as cores, hours of another stage, or arithmetic in 32 bits: not the utilisation that is meant here."""


class Training(NamedTuple):
    """One published training, or one benchmark of training."""

    id: str
    family: str
    name: str
    year: int
    card: Chip
    active: float
    """Parameters that a token uses."""
    total: float
    flop: float
    count: float
    """Of devices; 0 is unknown."""
    hours: float
    """Of devices; 0 is unknown."""
    noise: float
    fp8: bool = False
    convolutions: bool = False
    steady: bool = False
    """A benchmark: neither start, checkpoints nor failures."""
    energy: float = 0.0
    """MWh as published."""
    pue: float = 1.0
    watts: float = 0.0
    """Published per device."""
    scope: str = ""
    power_basis: str = ""
    circular: str = ""

    @property
    def generation(self) -> str:
        return generation(self.card.subject)[0]

    @property
    def maker(self) -> str:
        return generation(self.card.subject)[1]

    @property
    def peak(self) -> float:
        return peak(self.card)

    @property
    def utilisation(self) -> float:
        return self.flop / (self.hours * 3600 * self.peak)


def peak(card: Chip) -> float:
    """FLOP/s in bf16 or fp16, dense."""
    return max((card.peaks[name].value for name in ("bf16", "fp16") if name in card.peaks), default=0.0) * 1e12


def number(row: dict[str, str], key: str) -> float:
    return float(row[key]) if row[key] else 0.0


def found(word: str, catalog: Catalog) -> Chip | None:
    try:
        return chip(WORDS.get(word, word), catalog)
    except FactNotFound:
        return None


def published(folder: Path, catalog: Catalog) -> list[Training]:
    """Every training of published.csv with a device that has a 16-bit peak."""
    made = []
    for row in csv.DictReader((folder / "published.csv").open(encoding="utf-8")):
        card = found(row["hardware"], catalog) if row["hardware"] else None
        if row["phase"] not in ("training", "step", "nas") or card is None:
            continue
        active, tokens = number(row, "params_active_1e9") * 1e9, number(row, "tokens_1e9") * 1e9
        made.append(
            Training(
                id=row["id"],
                family=row["family"],
                name=row["model"],
                year=int(row["year"]),
                card=card,
                active=active,
                total=number(row, "params_total_1e9") * 1e9,
                flop=6 * active * tokens if tokens else number(row, "train_flop"),
                count=number(row, "chip_count"),
                hours=number(row, "chip_h"),
                noise=DOUBTFUL if "doubtful" in row["note"] else OWN_NOISE,
                fp8=row["family"] == "deepseek",
                energy=number(row, "energy_MWh"),
                pue=number(row, "pue") or 1.0,
                watts=number(row, "power_per_chip_W"),
                scope=row["energy_scope"],
                power_basis=row["power_basis"],
                circular=row["circular"],
            )
        )
    return made


def timed(rows: list[Training]) -> list[Training]:
    """Those whose device-hours and operations are both known."""
    return [row for row in rows if row.hours and row.flop and row.active and row.peak and row.id not in SAME]


def tabled(folder: Path, catalog: Catalog, known: list[Training]) -> Iterator[Training]:
    """Trainings of models.csv whose operations were counted, not estimated from the hours."""
    names = {row.name.split()[0].lower() for row in known}
    for row in csv.DictReader((folder / "models.csv").open(encoding="utf-8")):
        hours = number(row, "chip_h") or number(row, "chip_count") * number(row, "train_h")
        flop = number(row, "finetune_flop" if row["base_model"] else "train_flop")
        card = found(row["hardware"], catalog) if row["hardware"] and hours and flop and number(row, "params") else None
        if card is None or row["domain"] not in ("Language", "Vision", "Biology") or row["confidence"] == "Speculative":
            continue
        one = Training(
            id="table",
            family=row["model"].strip(),
            name=row["model"].strip(),
            year=int(row["date"][:4]),
            card=card,
            active=number(row, "params"),
            total=number(row, "params"),
            flop=flop,
            count=number(row, "chip_count"),
            hours=hours,
            noise=TABLE_NOISE,
            fp8=row["numeric_format"] == "FP8",
        )
        guessed = one.peak and any(abs(one.utilisation / share - 1) < 0.015 for share in ROUND)
        repeated = one.name.replace("-", " ").split()[0].lower() in {
            name.replace("-", " ").split()[0] for name in names
        }
        plain = row["numeric_format"] != "FP32" and one.generation and one.generation != "p100"
        if not plain or repeated or one.name in WRONG_COUNT or (guessed and not row["mfu_frac"]):
            continue
        if 0.05 < one.utilisation < 0.8:
            yield one


BENCHMARKS = (
    # family (its source), device, parameters in 1e9, devices, utilisation of the 16-bit peak, fp8
    ("llm-foundry-benchmarks", "A100-80GB", 64.9, 64, 0.5333, False),
    ("llm-foundry-benchmarks", "A100-80GB", 30.0, 8, 0.5530, False),
    ("llm-foundry-benchmarks", "A100-80GB", 12.85, 8, 0.5957, False),
    ("llm-foundry-benchmarks", "A100-80GB", 2.65, 8, 0.6211, False),
    ("llm-foundry-benchmarks", "A100-80GB", 1.316, 8, 0.5986, False),
    ("llm-foundry-benchmarks", "A100-80GB", 0.760, 8, 0.5685, False),
    ("llm-foundry-benchmarks", "A100-80GB", 0.356, 8, 0.5162, False),
    ("llm-foundry-benchmarks", "A100-80GB", 0.125, 8, 0.4479, False),
    ("llm-foundry-benchmarks", "A100-SXM4-40GB", 64.9, 128, 0.4891, False),
    ("llm-foundry-benchmarks", "A100-SXM4-40GB", 30.0, 128, 0.5225, False),
    ("llm-foundry-benchmarks", "A100-SXM4-40GB", 6.66, 128, 0.5014, False),
    ("llm-foundry-benchmarks", "NVIDIA H100 SXM5 80GB", 64.9, 64, 0.4257, False),
    ("llm-foundry-benchmarks", "NVIDIA H100 SXM5 80GB", 30.0, 32, 0.4392, False),
    ("llm-foundry-benchmarks", "NVIDIA H100 SXM5 80GB", 12.85, 64, 0.3986, False),
    ("llm-foundry-benchmarks", "NVIDIA H100 SXM5 80GB", 6.66, 8, 0.4644, False),
    ("llm-foundry-benchmarks", "NVIDIA H100 SXM5 80GB", 2.65, 64, 0.4080, False),
    ("llm-foundry-benchmarks", "NVIDIA H100 SXM5 80GB", 1.316, 64, 0.4085, False),
    ("llm-foundry-benchmarks", "NVIDIA H100 SXM5 80GB", 0.760, 32, 0.3757, False),
    ("llm-foundry-mi250", "AMD Instinct MI250", 6.66, 4, 166 / 362.1, False),
    ("llm-foundry-mi250", "AMD Instinct MI250", 6.66, 128, 159 / 362.1, False),
    ("llm-foundry-gaudi2", "Gaudi2", 6.66, 8, 0.602, False),
    ("maxtext-benchmarks", "TPU v4", 22.0, 64, 0.567, False),
    ("maxtext-benchmarks", "TPU v4", 22.0, 512, 0.532, False),
    ("maxtext-benchmarks", "TPU v4", 52.0, 192, 0.560, False),
    ("maxtext-benchmarks", "TPU v5e", 16.0, 256, 0.611, False),
    ("maxtext-benchmarks", "TPU v5e", 16.0, 8192, 0.5465, False),
    ("maxtext-benchmarks", "TPU v5e", 64.0, 256, 0.599, False),
    ("maxtext-benchmarks", "TPU v5e", 128.0, 8192, 0.4625, False),
    ("maxtext-benchmarks", "TPU v5p", 64.0, 64, 0.703, False),
    ("maxtext-benchmarks", "TPU v5p", 512.0, 512, 0.640, False),
    ("maxtext-benchmarks", "TPU v5p", 70.0, 512, 0.654, False),
    ("maxtext-benchmarks", "TPU v6e", 8.0, 256, 0.4546, False),
    ("maxtext-benchmarks", "TPU v6e", 70.0, 256, 0.5033, False),
    ("maxtext-benchmarks", "TPU v6e", 405.0, 256, 0.3855, False),
    ("megatron-bridge-benchmarks", "NVIDIA H100 SXM5 80GB", 70.6, 64, 719 / 989, True),
    ("megatron-bridge-benchmarks", "NVIDIA H100 SXM5 80GB", 405.0, 1024, 737 / 989, True),
    ("megatron-bridge-benchmarks", "NVIDIA B200 SXM 180GB", 8.0, 8, 1576 / 2250, True),
    ("megatron-bridge-benchmarks", "NVIDIA B200 SXM 180GB", 405.0, 128, 1667 / 2250, True),
)
"""Throughput of dense language models that the makers of training software published, read in November 2026.

Their mixtures of experts are left out: experts of a few hundred million parameters on one or two servers say little of the
large clusters that such models are trained on.
"""
PICTURES = (
    # family, device, parameters in 1e9, devices, pictures per second of one device, operations of one pass forward of one
    ("nvidia-resnet50", "A100-80GB", 0.0256, 8, 16_621 / 8, 8.2e9),
    ("nvidia-resnet50", "V100 SXM2 16GB", 0.0256, 8, 8_322 / 8, 8.2e9),
    ("llm-foundry-diffusion", "A100-SXM4-40GB", 0.865, 8, 1_100 / 8, unet_forward(0.865e9, 256)),
    ("llm-foundry-diffusion", "A100-SXM4-40GB", 0.865, 128, 4_590 / 128, unet_forward(0.865e9, 512)),
)
"""Throughput of convolutional networks: NVIDIA's ResNet-50 in mixed precision, MosaicML's Stable Diffusion 2 without encoders."""
STEADY_NOISE = 0.15


def benchmarks(catalog: Catalog) -> Iterator[Training]:
    """The benchmarks as trainings of one device-hour."""
    rows = [(*row, False) for row in BENCHMARKS]
    for family, word, active, count, pictures, forward in PICTURES:
        used = of_samples(pictures, forward) / peak(chip(word, catalog))
        rows.append((family, word, active, count, used, False, True))
    for at, (family, word, active, count, used, fp8, convolutions) in enumerate(rows):
        card = chip(word, catalog)
        yield Training(
            convolutions=convolutions,
            id=f"bench {at}",
            family=family,
            name=f"{active:g}e9 on {word}",
            year=2024,
            card=card,
            active=active * 1e9,
            total=active * 1e9,
            flop=used * peak(card) * 3600,
            count=count,
            hours=1.0,
            noise=STEADY_NOISE,
            fp8=fp8,
            steady=True,
        )
