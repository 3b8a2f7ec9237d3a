"""The page of three jobs by every method: docs/against-jobs.md, written by `make docs`."""

from __future__ import annotations

from typing import Final

from joulebook.account.terms import Statement
from joulebook.estimate import serving, training
from joulebook.estimate.methods.job import Size
from joulebook.estimate.methods.table import METHODS, against
from joulebook.estimate.serve.sized import serving_size
from joulebook.estimate.train.sized import training_size
from joulebook.facts.catalog import Catalog
from joulebook.report.against import markdown

_HEAD: Final = """\
# Three jobs by every method

Written by `make docs` with the facts of {day}; what the methods are and how the terms are made stands in
[the same job by other methods](against.md). Below our figure are those that count the accelerators alone, above it those
that take rated power, a large PUE, or a fixed intensity of the USA or of the world where the grid is cleaner.
"""
_COMMANDS: Final = {
    "Fine-tuning on one GPU": "train --device L4 --count 1 --from-base 3B --tokens 20M --lora --region FR",
    "A training on 2,048 GPUs": "train --device A100-SXM4-80GB --count 2048 --params 65B --tokens 1.4T --region US "
    "--site aws",
    "A chat request": "serve --params 70B --device H100-SXM --batch 32 --task chat --region DE --pue 1.2",
}


def _jobs(catalog: Catalog) -> list[tuple[Statement, Size]]:
    """The jobs of `_COMMANDS`, in their order."""
    tuning = training(
        device="L4", count=1, from_base="3B", tokens="20M", lora=True, region="FR", catalog=catalog, name="fine-tuning"
    )
    large = {"params": "65B", "tokens": "1.4T"}
    trained = training(device="A100-SXM4-80GB", count=2048, **large, region="US", site="aws", catalog=catalog)  # type: ignore[arg-type] # by name
    asked = {"params": "70B", "device": "H100-SXM", "batch": 32, "task": "chat"}
    answered = serving(**asked, region="DE", pue=1.2, catalog=catalog)  # type: ignore[arg-type] # by name
    return [
        (tuning, training_size("L4", {"from_base": "3B", "tokens": "20M", "lora": True})),
        (trained, training_size("A100-SXM4-80GB", large)),  # type: ignore[arg-type] # by name
        (answered, serving_size(answered, asked)),
    ]


def page() -> str:
    """The page as Markdown: each job with its command, its table and the reasons."""
    catalog = Catalog.open(own=False)
    parts = [_HEAD.format(day=catalog.edition.partition("+")[0].replace(".", "-"))]
    for (title, words), (statement, size) in zip(_COMMANDS.items(), _jobs(catalog), strict=True):
        found = against(statement, catalog, list(METHODS), size)
        _, _, body = markdown(found).partition("\n\n")
        parts.append(f"## {title}\n\n```bash\njoulebook estimate {words} --against all\n```\n\n{body}")
    return "\n".join(parts)
