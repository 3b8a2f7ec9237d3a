"""`joulebook estimate search`: what a search of hyper-parameters or of an architecture will take."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Final

from joulebook.account.terms import Statement
from joulebook.cli.estimate.asked import add_place, place_of, put_statement
from joulebook.cli.output import put_document, put_json, put_rendered
from joulebook.errors import ConfigError
from joulebook.estimate.trials.door import METHODS, search
from joulebook.estimate.trials.plan import DEVELOPMENT, STOPPING
from joulebook.index import Book

_OF_ONE: Final = ("device", "count", "hours", "power", "device_power", "params", "tokens")
_EXAMPLES: Final = ("research", "architecture")
_PLAN: Final = (
    "trials",
    "method",
    "early_stopping",
    "size",
    "repeats",
    "failed",
    "final",
    "development",
    "concurrency",
    "name",
)


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook estimate search`."""
    one = parser.add_argument_group("one full training")
    one.add_argument("--one", metavar="RUN", help="a metered run of it: an id, a name, last; or:")
    one.add_argument("--device", help="accelerator: H100, A100-SXM4-80GB, 'TPU v4'")
    one.add_argument("--count", metavar="N", help="of devices (default: 1)")
    one.add_argument("--hours", metavar="H", help="from beginning to end: 84, '3.5 d', 80..120")
    one.add_argument("--power", metavar="W", help="of the whole job: 1515.43, '1.5 kW'")
    one.add_argument("--device-power", metavar="W", help="of each device: 250, 200..300")
    one.add_argument("--params", metavar="N", help="of its model: 110M, 7e9; with --tokens")
    one.add_argument("--tokens", metavar="N", help="that it is trained on: 300e9")
    plan = parser.add_argument_group("the search")
    plan.add_argument("--trials", metavar="N", help="of --method: 60, 50..200 (default: as many as --best needs)")
    plan.add_argument(
        "--space", action="append", default=[], metavar="NAME=VALUES", help="lr=5 (values), batch=16,32,64; repeated"
    )
    plan.add_argument("--method", default="random", help=f"{', '.join(METHODS)} (default: random)")
    plan.add_argument("--best", default="0.05", metavar="SHARE", help="to be found (default: 0.05)")
    plan.add_argument("--certainty", default="0.95", metavar="P", help="of finding it (default: 0.95)")
    plan.add_argument("--early-stopping", default="none", metavar="RULE", help=f"{', '.join(STOPPING)}, or a share")
    plan.add_argument("--eta", default="3", help="of halving: one of so many goes on (default: 3)")
    plan.add_argument("--rounds", metavar="N", help="of halving (default: 3, or as many as trials allow)")
    plan.add_argument("--size", metavar="RATIO", help="of the mean trial over the one training (default: 0.6..1.4)")
    plan.add_argument("--proxy", default="1", metavar="SHARE", help="of the FLOP: 0.1, or data=0.1,params=0.25")
    plan.add_argument("--repeats", default="1", metavar="N", help="of each trial, with other seeds (default: 1)")
    plan.add_argument("--failed", metavar="SHARE", help="of the time, lost to failures (default: of the catalogue)")
    plan.add_argument("--final", default="1", metavar="N", help="full trainings at the end (default: 1)")
    plan.add_argument(
        "--development", default="none", metavar="N", help=f"full trainings before: {', '.join(DEVELOPMENT)}, or N"
    )
    plan.add_argument("--concurrency", default="1", metavar="N", help="trials at once (default: 1)")
    parser.add_argument("--name", default="", help="what it is called")
    parser.add_argument("--example", choices=_EXAMPLES, help="a published search, computed again")
    add_place(parser)


def main(arguments: Namespace) -> int:
    r"""Estimate a search from one full training: trials, stopping, proxies, failures.

    Grid, random and Bayesian search stand side by side, each with how much it
    saves and how probably.

    examples:
      joulebook estimate search --device H100 --hours 10 --device-power 550 \
          --space lr=5 --space batch=16,32,64
      joulebook estimate search --one last --trials 60 --early-stopping asha
      joulebook estimate search --example architecture
    """
    if arguments.example:
        _alone(arguments)
        return _example(arguments)
    words = {name: getattr(arguments, name) for name in _PLAN if getattr(arguments, name) is not None}
    of_one = {name: getattr(arguments, name) for name in _OF_ONE if getattr(arguments, name) is not None}
    place = place_of(arguments)
    if arguments.one is not None:
        if of_one:
            given = ", ".join(f"--{name.replace('_', '-')}" for name in of_one)
            raise ConfigError(f"--one is the full training, as it was metered: leave out {given}")
        words["one"] = Book().statement(arguments.one, region=place.get("region", ""))
    else:
        words |= {**of_one, **place}
    statement = search(
        space=_space(arguments.space),
        best=arguments.best,
        certainty=arguments.certainty,
        eta=arguments.eta,
        rounds=arguments.rounds,
        proxy=_proxy(arguments.proxy),
        **words,
    )
    put_statement(statement, arguments)
    if not (arguments.as_json or arguments.markdown or arguments.html or arguments.explain):
        _put_methods(statement)
    return 0


def _alone(arguments: Namespace) -> None:
    """Raise a `ConfigError` for what would change an example, which is computed as it was published."""
    given = [name for name in (*_OF_ONE, "one", "trials", "space", "size", "failed") if getattr(arguments, name)]
    if given:
        options = ", ".join(f"--{name.replace('_', '-')}" for name in given)
        raise ConfigError(f"--example is computed as it was published: leave out {options}")


def _space(words: Sequence[str]) -> dict[str, int | list[str]] | None:
    """The values of each hyper-parameter, or how many there are."""
    found: dict[str, int | list[str]] = {}
    for word in words:
        name, equals, values = word.partition("=")
        several = [value for value in values.split(",") if value.strip()]
        if not name or not equals or not several:
            raise ConfigError.bad("--space", word, "NAME=VALUES: lr=5 (how many values) or batch=16,32,64")
        if name in found:
            raise ConfigError.bad("--space", word, f"each hyper-parameter once: {name} has values already")
        found[name] = several if len(several) > 1 else _count(several[0], word)
    return found or None


def _count(text: str, word: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ConfigError.bad("--space", word, "how many values there are, or the values divided by commas")
    return int(text)


def _proxy(word: str) -> str | dict[str, str]:
    """A share of the FLOP, or shares by name."""
    if "=" not in word:
        return word
    shares = [part.partition("=") for part in word.split(",")]
    return {name.strip(): share.strip() for name, _, share in shares}


def _put_methods(statement: Statement) -> None:
    """Trials of each method, and what it saves."""
    from joulebook.report.trials import trials  # rich is not loaded for JSON

    put_rendered(trials(statement))


def _example(arguments: Namespace) -> int:
    """The research for one paper as a table, or the search of an architecture from its estimate to what it was."""
    from joulebook.estimate.trials.cases import architecture_search, research  # for examples alone
    from joulebook.report.markdown import table  # the same
    from joulebook.report.project import as_json, as_markdown  # the same
    from joulebook.report.trials import falls, researched  # the same

    if arguments.example == "architecture":
        found = architecture_search()
        if arguments.as_json:
            put_json(found.as_dict())
        else:
            put_document(f"# {_ARCHITECTURE}\n\n{table(falls(found))}\n")
        return 0
    rows = researched(research(), "the research for one paper", _RESEARCH)
    put_document(as_json(rows) if arguments.as_json else as_markdown(rows))
    return 0


_ARCHITECTURE: Final = "The search for the Evolved Transformer: Strubell et al. 2019, Patterson et al. 2021"
_RESEARCH: Final = (
    "Strubell, Ganesh, McCallum 2019, Table 4: 0.342798 kWh of a GPU-hour with a PUE of 1.58, 0.954 lb and 0.12 USD of "
    "a kWh, 0.43 to 1.46 USD of a P100-hour."
)
