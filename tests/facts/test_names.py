"""Names as drivers, kernels, schedulers, clouds and people give them: the right card, a family that says so, or none."""

from __future__ import annotations

import csv
import random
import re
from functools import cache
from pathlib import Path

import pytest

from joulebook.errors import FactNotFound
from joulebook.facts.catalog import Catalog
from joulebook.facts.loader import DATA, normal
from joulebook.facts.names import accelerator, meanings, plain, processor, requested
from joulebook.sensors.host import clean_cpu_name

CATALOG = Catalog.open()
REAL = Path(__file__).with_name("real_names.csv")
MAKERS = {"nvidia", "amd", "intel", "google", "aws", "apple", "huawei", "qualcomm", "graphcore", "tesla"}
SUFFIXES = (
    "Ti",
    "SUPER",
    "X",
    "XT",
    "M",
    "D",
    "S",
    "Max-Q",
    "Laptop GPU",
    "Mobile",
    "MIG 1g.5gb",
    "32",
    "v2",
    "SXM5",
    "PCIe",
    "NVL",
    "Pro",
)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def find(name: str):
    """What an accelerator's or a processor's name means, or None."""
    for resolve in (accelerator, processor):
        try:
            return resolve(CATALOG, name, listing=False)
        except FactNotFound:
            continue
    return None


@cache
def labels() -> tuple[str, ...]:
    """Names of cards by which strings are made that look like them."""
    server = re.compile(
        r"A100|H100|V100|P100|H200|B200|MI\d|RTX [2345]0\d0|A40|A10|L40|T4|TPU|EPYC|Xeon Platinum|Arc|RX [67]\d00"
    )
    found = [row["label"] for name in ("accelerator_names.csv", "cpu_names.csv") for row in table(DATA / name)]
    return tuple(label for label in found if server.search(label) and re.search(r"\d", label) and "(" not in label)


def adversarial() -> list[str]:
    """At least 500 strings that look like a name and are none: one rule each on a real one, always the same."""
    chance = random.Random(11)  # the same strings every time
    made = [
        "H10", "A100X", "RTX 4090 Ti", "V100 32", "EPYC 7T83", "A1000X", "AMD A100", "Intel H100", "NVIDIA MI300X", "AMD RTX 4090",
        "NVIDIA RX 7900 XTX", "V100-SXM2-64GB", "A100-SXM5-80GB", "gpu:a1000:4", "gpu:h10", "gpu:4", "p4d.48xlarge", "a2-highgpu-9g",
        "Standard_ND96asr_v5", "NVIDIA A100-SXM4-40GB MIG 1g.5gb", "NVIDIA GeForce RTX 4090 Laptop GPU", "GeForce MX150", "100", "GPU",
        "NVIDIA GeForce RTX 2080 with Max-Q Design", "Quadro RTX 5000 with Max-Q Design", "RTX 4090 w/ 48GB", "H100 @ 350W",
        "NVIDIA", "AMD Instinct", "Tesla", "TPU", "H", "RTX", "Xeon", "A 100 0", "TPU v33", "v3-88", "MI300XX", "Instinct MI30",
    ]  # fmt: skip
    while len(made) < 700:
        label = chance.choice(labels())
        bare = label.partition(" ")[2]
        digits = [at for at, char in enumerate(label) if char.isdigit()]
        at = chance.choice(digits)
        made += [
            label[:at] + chance.choice("0123456789") + label[at:],
            label[:at] + label[at + 1 :],
            label[:at] + chance.choice("ABCEFGHTXYZ") + label[at + 1 :],
            f"{label} {chance.choice(SUFFIXES)}",
            f"{label}{chance.choice('CLMXYZ')}",
            f"{chance.choice(['NVIDIA', 'AMD', 'Intel', 'Google', 'Huawei'])} {bare}",
            f"gpu:{normal(bare).replace(' ', '_')}{chance.choice('0123456789x')}:4",
        ]
    return list(dict.fromkeys(made))


def tokens(text: str) -> set[str]:
    """Words by which two cards differ; a size and its unit are one."""
    joined = re.sub(r"(\d+) (gb|way)\b", r"\1\2", normal(text))
    words = joined.replace("sxm4", "sxm").split()
    return {
        word
        for word in words
        if word not in ("gpu", "geforce", "radeon", "tesla", "with", "graphics", "original", "family", "or")
    }


def wrong(name: str) -> str:
    """The subject that a name led to silently although it says something else; empty where all is well."""
    found = find(name)
    if found is None or found.warning:
        return ""
    said = tokens(requested(name).name if requested(name) else plain(name))
    known = tokens(CATALOG.label(found.subject)) | tokens(found.subject.partition(".")[2])
    makers = said & MAKERS - known
    strange = {
        word
        for word in said - known - MAKERS
        if any(char.isdigit() for char in word) or word in normal(" ".join(SUFFIXES)).split()
    }
    return found.subject if makers or (strange and not _listed(found.subject, normal(plain(name)))) else ""


def _listed(subject: str, word: str) -> bool:
    """Whether a table of the makers' own names lists this very word for the subject."""
    return word in map(normal, _aliases().get(subject, ()))


@cache
def _aliases() -> dict[str, list[str]]:
    rows = [row for name in ("accelerator_names.csv", "cpu_names.csv") for row in table(DATA / name)]
    return {row["subject"]: row["aliases"].split(";") for row in rows}


def test_no_adversarial_name_resolves_silently_to_a_wrong_card():
    names = adversarial()
    assert len(names) >= 500
    found = {name: wrong(name) for name in names}
    assert {name: subject for name, subject in found.items() if subject} == {}
    assert sum(find(name) is None for name in names) > 0.8 * len(names)


@pytest.mark.parametrize(
    "name", ["H10", "RTX 4090 Ti", "V100 32", "EPYC 7T83", "AMD A100", "NVIDIA A100-SXM4-40GB MIG 1g.5gb", "gpu:4", "gpu:h10"]
)  # fmt: skip
def test_names_of_the_brief_are_refused_with_exit_code_4(name):
    with pytest.raises(FactNotFound) as caught:
        meanings(CATALOG, name)
    assert caught.value.exit_code == 4


def test_real_names_resolve_to_what_their_page_says():
    rows = table(REAL)
    assert len(rows) >= 200
    lost = []
    for row in rows:
        found = find(row["name"])
        members = {found.subject, *found.members} if found else set()
        if not members & set(row["subject"].split(";")):
            lost.append((row["name"], found and found.subject))
    assert len(lost) <= 0.01 * len(rows), lost
    assert all(row["source"].startswith(("https://", "http://")) for row in rows)


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("NVIDIA H100 80GB HBM3", "nvidia-h100-sxm5-80gb"), ("NVIDIA A100-SXM4-80GB", "nvidia-a100-sxm4-80gb"),
        ("Tesla V100-SXM2-16GB", "nvidia-v100-sxm2-16gb"), ("NVIDIA GeForce RTX 4090", "nvidia-geforce-rtx-4090"),
        ("AMD Instinct MI300X", "amd-instinct-mi300x"), ("Radeon RX 7900 XTX", "amd-radeon-rx-7900-xtx"),
        ("gpu:tesla_v100-sxm2-32gb:2", "nvidia-v100-sxm2-32gb"), ("p4d.24xlarge", "nvidia-a100-sxm4-40gb"),
        ("a2-highgpu-8g", "nvidia-a100-sxm4-40gb"), ("Standard_ND96asr_v4", "nvidia-a100-sxm4-40gb"),
        ("TPU v3", "google-tpu-v3"), ("v3-8", "google-tpu-v3-device"),
    ],
)  # fmt: skip
def test_a_name_means_one_card(name, subject):
    found = accelerator(CATALOG, name)
    assert found.subject == f"accelerator.{subject}"
    assert found.warning == ""


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("A100", 4),
        ("gpu:a100:4", 4),
        ("h100_80gb", 2),
        ("V100", 8),
        ("NVIDIA GeForce RTX 3080", 2),
        ("a100_80gb", 2),
        ("MI300", 2),
    ],
)
def test_a_family_names_its_members_and_spans_them(name, members):
    found = accelerator(CATALOG, name)
    assert len(found.members) == members
    assert "is a family: the range spans" in found.warning
    spread = CATALOG.find(found.subject, "tdp")
    for member in found.members:
        one = CATALOG.find(member, "tdp")
        assert spread.low <= one.low <= one.high <= spread.high


def test_an_instance_whose_processor_may_differ_is_a_family():
    found = processor(CATALOG, "n2-standard-8")
    assert found.members == ("cpu.intel-xeon-gold-6268cl", "cpu.intel-xeon-platinum-8373c")
    assert found.warning


def test_the_judge_of_adversarial_names_sees_a_wrong_card(monkeypatch):
    """What is asked above could fail: led to another card, nearly every such name is called wrong."""
    other = Catalog.resolve
    subject = "accelerator.nvidia-h100-sxm5-80gb"

    def astray(self, name, kind, *, near=True):
        if kind == "accelerator":
            return other(self, "NVIDIA H100 80GB HBM3", kind, near=near)
        return other(self, name, kind, near=near)

    monkeypatch.setattr(Catalog, "resolve", astray)
    names = [name for name in adversarial() if any(char.isdigit() for char in name)]
    assert sum(wrong(name) == subject for name in names) > 0.9 * len(names)


@pytest.mark.parametrize(
    ("word", "name", "devices"),
    [("gpu:a100:4", "a100", 4), ("gpu:4", "", 4), ("gpu:h100", "h100", None), ("gres/gpu:h100_80gb=8", "h100_80gb", 8),
     ("gpu:a100:4(S:0-1)", "a100", 4)],
)  # fmt: skip
def test_what_slurm_is_asked_for(word, name, devices):
    assert requested(word) == (name, devices)


@pytest.mark.parametrize("word", ["", "gpu", "gpu:", "cpu:4", "gpu:a:b:c", "a100:4", "gpu::4", "gpu:a100:x"])
def test_what_is_no_resource_of_slurm(word):
    assert requested(word) is None


def test_processors_are_read_as_the_sensors_read_them():
    for name in (
        "Intel(R) Xeon(R) Platinum 8480C",
        "AMD EPYC 7763 64-Core Processor",
        "Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz",
    ):
        assert normal(plain(name)) == normal(clean_cpu_name(name))


def test_every_alias_of_the_table_leads_to_its_card():
    rows = table(DATA / "accelerator_names.csv")
    assert len(rows) >= 650
    for row in rows:
        for word in filter(None, [row["label"], *row["aliases"].split(";")]):
            assert accelerator(CATALOG, word).subject == row["subject"], word


@pytest.mark.parametrize("name", ["Kunpeng-920", "POWER9", "POWER10", "AmpereOne", "Altra Max", "MLU370"])
def test_a_word_for_a_series_is_not_the_one_model_that_is_known(name):
    assert find(name) is None


@pytest.mark.parametrize(("name", "board"), [("Tesla K80", "k80"), ("gpu:k80:2", "k80"), ("Tesla M60", "m60")])
def test_a_board_of_two_that_a_driver_counts_twice_is_a_family(name, board):
    found = accelerator(CATALOG, name)
    assert set(found.members) == {f"accelerator.nvidia-{board}", f"accelerator.nvidia-{board}-gpu"}
    assert found.warning


@pytest.mark.parametrize("name", ["p2.xlarge", "p2.16xlarge", "Standard_NC6", "g3.16xlarge"])
def test_an_instance_counts_the_gpus_of_a_board_one_by_one(name):
    found = accelerator(CATALOG, name)
    assert found.subject.endswith("-gpu")
    assert CATALOG.find(found.subject, "tdp").value == 150


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("NVIDIA H800 PCIe", "nvidia-h800-pcie-80-gb"), ("NVIDIA A800 80GB PCIe", "nvidia-a800-pcie-80-gb"),
        ("gpu:rtx3090:4", "nvidia-geforce-rtx-3090"), ("gpu:rtx2080ti:1", "nvidia-geforce-rtx-2080-ti"),
        ("gpu:rtxa6000:1", "nvidia-rtx-a6000"), ("NVIDIA GeForce GTX 1060 3GB", "gtx-1060-3gb-any"),
        ("NVIDIA GeForce GTX 1060 6GB", "gtx-1060-6gb-any"),
    ],
)  # fmt: skip
def test_words_of_drivers_and_schedulers_that_no_table_has(name, subject):
    assert accelerator(CATALOG, name).subject == f"accelerator.{subject}"


@pytest.mark.parametrize("name", ["Tesla K80", "p2.xlarge"])
def test_the_hire_of_a_gpu_of_a_board_is_known_by_each_of_its_names(name):
    card = accelerator(CATALOG, name).subject.partition(".")[2]
    assert CATALOG.find(f"rental.aws.{card}", "price.device_hour.on_demand").value == 0.9
