"""When a training is no longer worth its energy: a rule on what the best value of a metric gains per amount spent.

Pure. With b(e) the best value logged until e has been spent, and W the amount of the rule, a value logged at e is
compared with the last one logged at or before e - W, at f: the gain per W is |b(e) - b(f)| W / (e - f), in the unit of
the metric, or in per cent of |b(f)|. The training stops when that is below the rule's.
"""

from __future__ import annotations

from collections import deque
from math import isfinite
from typing import Final, NamedTuple

from joulebook.errors import ConfigError
from joulebook.meter.limits import Limit, limit_of

_EXAMPLE: Final = "'gain < 0.1 % per 0.1 kWh' or 'gain of accuracy < 0.002 per 10 min'"
_LEAST_VALUES: Final = 3
"""So many values must have been logged before anything is judged."""
_FINE: Final = 500
"""Values that are nearer to each other than this part of W are taken as one."""
_LESS: Final = frozenset(
    ("loss", "error", "err", "perplexity", "ppl", "mse", "rmse", "mae", "wer", "cer", "fid", "nll", "bpb", "bpc")
)
_MORE: Final = frozenset(
    (
        *("accuracy", "acc", "f1", "auc", "auroc", "bleu", "rouge", "score", "precision", "recall", "map", "iou"),
        *("dice", "r2", "reward", "psnr", "ssim", "top1", "top5", "mrr", "ndcg", "mcc"),
    )
)


class Gain(NamedTuple):
    """A rule: stop when the metric gains less than `least` for every `per` that is spent."""

    metric: str
    less: bool
    """Whether less of it is better."""
    least: float
    relative: bool
    """Whether `least` is in per cent of the best value."""
    per: Limit
    text: str


def gain_of(text: object, metric: str = "", mode: str = "") -> Gain:
    """The rule in words such as "gain of accuracy < 0.1 % per 0.1 kWh". Raises `ConfigError`.

    `metric` is that of a rule that names none; `mode` is "min" or "max", by default what the metric's name tells.
    """
    words = " ".join(text.replace("<", " < ").split()) if isinstance(text, str) else ""
    head, _, rest = words.partition(" < ")
    amount, _, per = rest.partition(" per ")
    named = head.removeprefix("gain").strip()
    if not head.startswith("gain") or not per or (named and not named.startswith("of ")):
        raise ConfigError.bad("stop_when", words or type(text).__name__, f"such as {_EXAMPLE}")
    metric = named.removeprefix("of ").strip() or metric
    if not metric:
        raise ConfigError.bad("stop_when", words, "a metric: 'gain of accuracy < ...', or metric='accuracy'")
    less = _is_less_better(metric, mode)
    if less is None:
        raise ConfigError.bad("stop_when", words, f"mode='max' or mode='min': whether more or less {metric} is better")
    number = amount.strip()
    relative = number.endswith("%")
    try:
        least = float(number.removesuffix("%"))
    except ValueError:
        least = -1.0
    if not least > 0 or not isfinite(least):
        raise ConfigError.bad("stop_when", words, f"a gain above zero after '<', as in {_EXAMPLE}")
    return Gain(metric, less, least, relative, limit_of(per, name="stop_when"), words)


def _is_less_better(metric: str, mode: str) -> bool | None:
    if mode in ("min", "max"):
        return mode == "min"
    name = "".join(letter if letter.isalnum() else " " for letter in metric.lower()).split()
    if any(word in _LESS or word.endswith("loss") for word in name):
        return True
    return False if any(word in _MORE or word.endswith("accuracy") for word in name) else None


class Course:
    """The values of a metric by what had been spent when they came."""

    def __init__(self, rule: Gain) -> None:
        self.rule = rule
        self.values = 0
        self._best = 0.0
        self._kept: deque[tuple[float, float]] = deque()
        """What was spent, and the best value until then; the first is the last one at or before the window."""

    def add(self, spent: float, value: float) -> float | None:
        """Take a value; its gain per amount of the rule, None where it is too early to tell."""
        if not isfinite(value) or not isfinite(spent):
            return None
        rule, window = self.rule, self.rule.per.amount
        better = value < self._best if rule.less else value > self._best
        if not self.values or better:
            self._best = value
        self.values += 1
        while len(self._kept) > 1 and self._kept[1][0] <= spent - window:
            self._kept.popleft()
        found = self._gain(spent)
        if not self._kept or spent - self._kept[-1][0] >= window / _FINE:
            self._kept.append((spent, self._best))
        return found

    def _gain(self, spent: float) -> float | None:
        if self.values < _LEAST_VALUES or not self._kept or self._kept[0][0] > spent - self.rule.per.amount:
            return None
        before_spent, before = self._kept[0]
        gain = abs(self._best - before) * self.rule.per.amount / (spent - before_spent)
        if self.rule.relative:
            gain = 100 * gain / abs(before) if before else (float("inf") if gain else 0.0)
        return gain

    def is_over(self, spent: float, value: float) -> bool:
        """Take a value; whether the training is no longer worth it."""
        gain = self.add(spent, value)
        return gain is not None and gain < self.rule.least
