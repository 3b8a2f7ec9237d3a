"""What an outer meter read, in a sentence: the whole machine at the socket, and how much of it the sensors saw."""

from __future__ import annotations

from joulebook.account.socket import COVERED, Seen, seen
from joulebook.account.statement import Statement
from joulebook.report import wording
from joulebook.report.wording import Figure, plain


def socket_sentences(statement: Statement) -> list[str]:
    """A sentence for each outer meter of the run, without a full stop."""
    return [
        f"{plain(one.line.device)} read {wording.amount_in_brackets(Figure.of(one.line.quantity), wording.JOULES)}"
        f" at the socket, which is in no total; {compared(one)}"
        for one in seen(statement)
    ]


def compared(one: Seen) -> str:
    """What the sensors show of it; or why that is not said."""
    if one.share is None:
        covered = one.line.coverage
        if covered is not None and covered < COVERED:
            return f"it knows {wording.percent(covered)} of the time"
        return "not compared with the sensors, which other runs share"
    low, high = (round(100 * end) for end in (one.share.low, one.share.high))
    if one.share.value > 0 and high > 3 * low:
        return f"the sensors show {low}-{high} % of it"
    return f"the sensors show {round(100 * one.share.value)} % of it ({low}-{high} %)"
