"""What published methods ask of requests beside their statement: parameters, tokens, batch, devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joulebook.account.terms import Statement
from joulebook.estimate.amounts import amount
from joulebook.estimate.methods.job import Size, Text
from joulebook.estimate.serve.model import served
from joulebook.facts.catalog import Catalog


def serving_size(statement: Statement, asked: Mapping[str, Any]) -> Size:
    """The requests of a statement about a language model; nothing where it is about something else.

    Raises `ConfigError` where the model is not known, as the estimate does.
    """
    rates = statement.rates
    if not {"batch", "tokens_out"} <= rates.keys() or statement.device_hours is None or statement.duration is None:
        return Size()
    model = served(Catalog.open(), asked.get("model", ""), asked.get("params"), asked.get("active"))
    held = statement.device_hours.to("device-h").value / statement.duration.to("h").value
    text = Text(
        total=model.architecture.total / 1e9,
        active=model.architecture.active / 1e9,
        tokens_out=rates["tokens_out"].value,
        batch=rates["batch"].value,
        devices=held,
        requests=amount("requests", asked.get("requests", 1), "request").value,
    )
    return Size(text=text)
