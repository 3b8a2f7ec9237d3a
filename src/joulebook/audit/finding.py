"""`Finding`: what was found, where, by which arithmetic, and what would make it right; and figures as words."""

from __future__ import annotations

from typing import Final, NamedTuple

from joulebook.audit.reading.amount import Amount, Place

SEVERITIES: Final = ("high", "medium", "low")


class Finding(NamedTuple):
    """One finding; nothing is ever corrected, only said."""

    rule: str
    severity: str
    """high: a figure cannot be right; medium: figures do not fit together; low: something is missing or weak."""
    confidence: float
    """From 0 to 1: how surely this is a slip and not a difference that the document does not tell."""
    place: Place
    evidence: str
    """What is stated, and the arithmetic."""
    remedy: str
    """What would make it right."""
    quote: str = ""

    def as_dict(self) -> dict[str, object]:
        """The fields of `joulebook.audit/1`."""
        line, column, cell = self.place
        return {**self._asdict(), "place": {"line": line, "column": column, "cell": cell}}


_SHOWN: Final = {
    "energy": ((1e-3, 1e-6, "mWh"), (1.0, 1e-3, "Wh"), (1e3, 1.0, "kWh"), (1e6, 1e3, "MWh"),
    (1e9, 1e6, "GWh"), (9e99, 1e9, "TWh")),
    "power": ((1.0, 1e-3, "W"), (1e3, 1.0, "kW"), (1e6, 1e3, "MW"), (1e9, 1e6, "GW"), (9e99, 1e9, "TW")),
    "mass": ((1e-3, 1e-6, "mg"), (1.0, 1e-3, "g"), (1e3, 1.0, "kg"), (1e9, 1e3, "t"), (9e99, 1e9, "Mt")),
    "water": ((1.0, 1e-3, "mL"), (1e4, 1.0, "L"), (9e99, 1e3, "m3")),
    "time": ((9e99, 1.0, "h"),),
}  # fmt: skip


def shown(value: float, kind: str, like: Amount | None = None) -> str:
    """A value in the base unit of its kind as people read it; in the unit of `like` where that is given."""
    if like is not None and like.kind == kind and like.unit:
        per = "".join(f" per {one}" for one in like.per)
        return f"{_plain(value / like.scale)} {like.unit}{per}"
    for limit, size, name in _SHOWN.get(kind, ()):
        if abs(value) < limit:
            return f"{_plain(value / size)} {name}"
    return _plain(value)


def printed(amount: Amount) -> str:
    """An amount with its unit, where that is not printed with it."""
    if any(char.isalpha() or char in "%$€£¥×" for char in amount.digits) or amount.unit in ("", "x"):
        return amount.digits
    return f"{amount.digits} {amount.unit}" + "".join(f"/{one}" for one in amount.per)


def _plain(value: float) -> str:
    if value == 0 or 1e-4 <= abs(value) < 1e7:
        digits = 4 if abs(value) < 1e4 else len(str(int(abs(value))))
        text = f"{value:,.{digits}g}"
        return f"{value:,.0f}" if "e" in text else text
    return f"{value:.4g}"
