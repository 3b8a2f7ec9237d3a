"""docs/estimates-checked.md: estimates of models that no fit has seen against what their makers published.

It is made from the commands below by `make docs`. tests/house/test_estimates_checked.py runs them again.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs/estimates-checked.md"


class Published(NamedTuple):
    """A figure that was published, in a unit of `joulebook.statement/1`."""

    figure: str
    """Of the statement, or of its rates: device_hours, it_energy, accelerator_energy_per_token."""
    value: float
    words: str
    """What it is and what is within it."""
    holds: bool = True
    """Whether the interval of the estimate has it in it."""


class Case(NamedTuple):
    """One model: what is typed, what was published and where, and what there is to say against it."""

    title: str
    typed: str
    published: tuple[Published, ...]
    sources: str
    sceptic: str


class Found(NamedTuple):
    """One figure of an estimate, in the same unit."""

    value: float
    low: float
    high: float
    unit: str

    def factor(self, published: float) -> float:
        """The larger of both over the smaller."""
        return max(self.value, published) / min(self.value, published)

    def has(self, published: float) -> bool:
        """Whether the 90 % interval has it in it."""
        return self.low <= published <= self.high


_AI2 = (
    "Hours and energy: the Olmo 3 team of Ai2, quoted by A. Bradbury, *Olmo 3 training cost* (2025), "
    "<https://muxup.com/2025q4/minipost-olmo3-training-cost>; size and tokens: model card, "
    "<https://huggingface.co/allenai/Olmo-3-1125-32B>."
)
CASES: Final = (
    Case(
        "Olmo 3 7B (2025)",
        "train --device H100 --count 512 --params 7.3B --tokens 5.93T --context 8192 --boundary accelerator",
        (
            Published("device_hours", 234e3, "H100-hours of pre-training, restarts and evaluations within"),
            Published("it_energy", 146e3, "GPUs alone, metered: 621 W each in the mean"),
        ),
        _AI2,
        "Other models of this family are among the rows of the fit, with other sizes, chips and code. That 512 chips were used is our guess: "
        "it moves the hours by a few per cent. The team says that the hours are rounded; mid-training and long context are a few per cent of the tokens.",
    ),
    Case(
        "Olmo 3 32B (2025)",
        "train --device H100 --count 1024 --params 32.2B --tokens 5.5T --context 8192 --boundary accelerator",
        (
            Published("device_hours", 1.05e6, "H100-hours of pre-training, restarts and evaluations within"),
            Published("it_energy", 681e3, "GPUs alone, metered: 649 W each in the mean"),
        ),
        _AI2,
        "As above. The energy hits better than either of its factors: the hours are too many and the power is too low, and the two errors cancel. The next estimate, with the hours given, shows "
        "the second one alone.",
    ),
    Case(
        "Olmo 3 32B, its hours given",
        "train --device H100 --count 1024 --hours 1025 --boundary accelerator",
        (Published("it_energy", 681e3, "GPUs alone, metered, over 1.05 million H100-hours"),),
        _AI2,
        "649 W of a chip rated 700 W is near the top of what published trainings drew: Ai2 keeps its chips busier than most. A short metered run (`--power-from`) would have told so.",
    ),
    Case(
        "SmolLM3 3B (2025)",
        "train --device H100 --count 384 --params 3.08B --tokens 11.2T --context 4096",
        (Published("device_hours", 384 * 24 * 24, "384 H100 for 24 days"),),
        "Hugging Face, *SmolLM3: smol, multilingual, long-context reasoner* (2025), <https://huggingface.co/blog/smollm3>.",
        "24 days is a rounded figure, half a day either way is 2 %. Whether restarts are within it is not said. No energy was published: ours is not checked by this.",
    ),
    Case(
        "Apertus 70B (2025)",
        "train --device GH200 --count 4096 --params 70B --tokens 15T --context 4096 --boundary accelerator",
        (
            Published("device_hours", 6e6, "GPU-hours of the main run, without loading, failures and downtime"),
            Published(
                "it_energy", 5e6, "their own estimate: 560 W for a module of GPU and processor, 90 days on 4,096"
            ),
        ),
        "Swiss AI Initiative, *Apertus* (2025), section 6.2, <https://arxiv.org/abs/2509.14233>.",
        "Their 5 GWh is an assumption too (560 W times hours), and its boundary is the whole superchip, processor and memory within; so it says little of our power. "
        "Their hours leave out what ours, learnt from published totals, have in them. They count 6.74e24 operations, 7 % more than 6 N D.",
    ),
    Case(
        "Llama 4 Scout (2025)",
        "train --device H100 --count 16384 --params 109B --active 17B --tokens 40T",
        (Published("device_hours", 5.0e6, "H100-hours of pre-training"),),
        "Meta, model card of Llama 4 (2025), <https://github.com/meta-llama/llama-models/blob/main/models/llama4/MODEL_CARD.md>.",
        "The number of chips was not published for this model: 16,384 is that of Llama 3.1. Tokens are rounded (about 40 T) and multimodal. Its published carbon is hours x 700 W, which "
        "is no measurement of power, so it is not compared. Distillation from a larger model, whose training is in no figure, shortens this one.",
    ),
    Case(
        "Llama 4 Maverick (2025)",
        "train --device H100 --count 16384 --params 400B --active 17B --tokens 22T",
        (Published("device_hours", 2.38e6, "H100-hours of pre-training"),),
        "As above.",
        "Meta speaks of FP8 without saying for which of the models; with `--precision fp8` the estimate is 0.7 times as long and on the other side of the published figure. That choice, made "
        "afterwards, would look better than it is. The number of chips is as unknown as that of Scout.",
    ),
    Case(
        "Llama 3.1 8B, served (metered in 2025)",
        "serve --model Llama-3.1-8B-Instruct --device H100 --batch 64 --task chat",
        (Published("accelerator_energy_per_token", 0.12, "GPU alone, metered, at 64 requests at once; vLLM 0.11.1"),),
        "ML.ENERGY, *LLM Inference Energy: A Longitudinal Analysis* (2026), "
        "<https://ml.energy/blog/measurement/energy/llm-inference-energy-a-longitudinal-analysis>.",
        "The same benchmark on the same chip is what the fit learnt from, with other models (Llama 3.1 405B and Qwen3 8B among them): this says that it carries over to a model, not to another "
        "server. With the software of 2024 (vLLM 0.5.4) the same source metered 0.20 J, outside the interval: the estimate is one of the servers of 2025.",
    ),
)
"""None of them is a row of the tables that the fits were made from."""

_HEAD = """# Estimates against what was published in 2025 and 2026

Made by `make docs`; the commands are run again by the tests. No fit has seen a row of these models. Hours are device-hours, boundaries as each section says; the factor is the larger of
estimate and published figure over the smaller; "within" says whether the 90 % interval has the published figure in it. Scores over all rows, by families left out, are in [accuracy](accuracy.md).
"""


def estimated(case: Case) -> dict[str, Found]:
    """The figures that the command of a case prints."""
    command = [sys.executable, "-m", "joulebook", "estimate", *shlex.split(case.typed), "--json"]
    plain = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    figures = {**plain, **plain["rates"]}
    return {
        one.figure: Found(*(figures[one.figure][name] for name in ("value", "low", "high", "unit")))
        for one in case.published
    }


def page(found: dict[str, dict[str, Found]]) -> str:
    """The page, from the figures of each case."""
    rows = [(case, one, found[case.title][one.figure]) for case in CASES for one in case.published]
    held = sum(result.has(one.value) for _, one, result in rows)
    lines = [_HEAD, "| model | figure | estimate | 90 % interval | published | factor | within |"]
    lines.append("| --- | --- | ---: | ---: | ---: | ---: | --- |")
    for case, one, result in rows:
        low, high = _number(result.low), _number(result.high)
        lines.append(
            f"| {case.title} | {_NAMES[one.figure]}, {result.unit} | {_number(result.value)} | {low} to {high} "
            f"| {_number(one.value)} | {result.factor(one.value):.2f} | {'yes' if result.has(one.value) else 'no'} |"
        )
    factors = sorted(result.factor(one.value) for _, one, result in rows)
    middle = (factors[(len(factors) - 1) // 2] + factors[len(factors) // 2]) / 2
    lines += [
        "",
        f"{held} of {len(rows)} are within; the factor is {middle:.2f} in the median, {factors[-1]:.2f} at most.",
        "",
    ]
    for case in CASES:
        said = "; ".join(
            f"{_number(one.value)} {found[case.title][one.figure].unit}: {one.words}" for one in case.published
        )
        lines += [
            f"## {case.title}",
            "",
            "```bash",
            f"joulebook estimate {case.typed}",
            "```",
            "",
            f"**Published.** {said}. {case.sources}",
            "",
            f"**A sceptic would say.** {case.sceptic}",
            "",
        ]
    return "\n".join([*lines, *_TAIL])


_TAIL = (
    "## What this does not show",
    "",
    (
        "All of these are language models on Hopper chips, of teams that publish: who publishes has mostly reason to be proud of the figure. Utilisation of other teams, "
        "of first attempts and of other chips scatters more. Of the energies those of Olmo 3 and of the token were metered, and the GPUs alone; what stands around them (hosts, network, cooling) is checked by none of these. "
        "DeepSeek-V3 and the trainings of Google, BLOOM and Llama 1 to 3 are not here because the fits know them."
    ),
    "",
)
_NAMES: Final = {
    "device_hours": "hours",
    "it_energy": "energy",
    "accelerator_energy_per_token": "energy of a token",
}


def _number(value: float) -> str:
    """Three digits, thousands apart."""
    short = float(f"{value:.3g}")
    return f"{short:,.0f}" if short >= 100 else f"{short:g}"


def current() -> str:
    """The page with the estimates of now."""
    return page({case.title: estimated(case) for case in CASES})
