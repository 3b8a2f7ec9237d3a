"""Operations of a training that are not six for each parameter and token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log10
from typing import Final

from joulebook.audit.finding import Finding, printed
from joulebook.audit.reading.amount import Amount, Document, Sentence
from joulebook.audit.rules.refuted import believed

_LEAST: Final = 1e19
"""Operations of the smallest training of a language model that is told of; rates of chips are below."""
_EACH: Final = 6.0
"""For each parameter and token, forward and back (Kaplan et al. 2020, Scaling Laws for Neural Language Models, 2.1)."""
_WITHIN: Final = 0.06
"""How near to a power of ten the slip has to be, in its logarithm."""
_RATE: Final = re.compile(r"\s*(?:per second|a second|/\s?s\b|each second|pro sekunde|par seconde)", re.IGNORECASE)
_MORE: Final = re.compile(
    r"\b(?:expert|MoE|mixture|active parameters|aktive\w* parameter|sparse|fine-?tun\w*|reinforcement|epochs?)\b",
    re.IGNORECASE,
)


def operations(document: Document) -> Iterator[Finding]:
    """Totals of operations that are a power of ten from six times parameters and tokens of the document."""
    if _MORE.search(document.text):
        return
    told = [(one, sentence) for sentence in believed(document) for one in sentence.amounts]
    sizes = {one.value for one, _ in told if one.noun == "parameter" and not one.per and one.value > 1e6}
    tokens = {one.value for one, _ in told if one.noun == "token" and not one.per and one.value > 1e8}
    products = [_EACH * size * many for size in sizes for many in tokens]
    for amount, sentence in told:
        if products and _is_total(amount, sentence):
            yield from _against(amount, sentence, products)


def _is_total(amount: Amount, sentence: Sentence) -> bool:
    is_count = amount.kind == "compute" or (amount.kind in ("count", "number") and amount.noun == "operation")
    return is_count and not amount.per and amount.value >= _LEAST and not _RATE.match(sentence.text[amount.end :])


def _against(amount: Amount, sentence: Sentence, products: list[float]) -> Iterator[Finding]:
    apart = [log10(amount.value / product) for product in products]
    if any(abs(tens) < log10(2.2) for tens in apart):
        return
    near = [
        (abs(tens), product) for tens, product in zip(apart, products, strict=True) if abs(tens - round(tens)) < _WITHIN
    ]
    if near:
        product = min(near)[1]
        evidence = f"6 x parameters x tokens = {product:.3g} operations, stated {printed(amount)}"
        yield Finding("arithmetic", "high", 0.85, amount.place, evidence, "a power of ten was lost", sentence.text)
