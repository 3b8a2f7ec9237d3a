"""`joulebook trend`: how fast the computation of trainings grows, and whether a claimed doubling time holds."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from calendar import monthrange
from datetime import UTC, date, datetime

from joulebook.audit.trends import Trend, trend
from joulebook.cli.files import write_whole
from joulebook.cli.output import put, put_json, say
from joulebook.errors import ConfigError, MissingExtra
from joulebook.facts.catalog import Catalog
from joulebook.report.wording import plain

_USUAL_END = "2018"
"""The last year of the famous claim."""


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook trend`."""
    parser.add_argument("--from", dest="start", default="2012", metavar="DATE", help="2012, 2012-09 (default: 2012)")
    parser.add_argument(
        "--to", dest="end", metavar="DATE", help="included (default: 2018, or this year where it begins later)"
    )
    parser.add_argument(
        "--models", choices=("records", "all"), default="records", help="that set a record, or all (default: records)"
    )
    parser.add_argument("--claim", default="3.4", metavar="MONTHS", help="in which it is said to double (default: 3.4)")
    parser.add_argument("--chart", metavar="FILE", help="models and both lines: .svg, .png, .pdf or .json")
    parser.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.trend/1")


def main(arguments: Namespace) -> int:
    """Say how fast the computation of trainings grows, with a 90 % interval.

    A line through the logarithms of the operations of notable models, by date.

    examples:
      joulebook trend --from 2012-09 --to 2018-05
      joulebook trend --from 2018 --to 2025 --models all --claim 6
      joulebook trend --chart growth.svg
    """
    start = _day("--from", arguments.start, last=False)
    usual = _USUAL_END if start < _USUAL_END else str(datetime.now(UTC).year)
    end = _day("--to", arguments.end or usual, last=True)
    claim = _months(arguments.claim)
    found = trend(Catalog.open(), start, end, which=arguments.models)
    if arguments.chart is not None:
        _draw(found, claim, arguments.chart)
    if arguments.as_json:
        put_json(found.as_dict(claim))
    elif arguments.chart is None:
        put(_text(found, claim))
    return 0


def _draw(found: Trend, claim: float, file: str) -> None:
    """Write the chart."""
    try:
        from joulebook.report.charts.growth import growth  # altair is loaded for charts alone
        from joulebook.report.charts.picture import content, suffix_of  # as above
    except ImportError as error:
        raise MissingExtra.of("chart", "trend", "report") from error

    write_whole(file, content(growth(found, claim), suffix_of(file)))
    say(f"joulebook: wrote {file}")


def _text(found: Trend, claim: float) -> str:
    first, last = found.trainings[0], found.trainings[-1]
    which = "models that set a record" if found.which == "records" else "notable models"
    ends = f"90 % interval {found.low:.3g}-{found.high:.3g}"
    sides = [f"{plain(one.label, 40)} {one.day} {one.flop:.3g} FLOP" for one in (first, last)]
    rows = [
        f"Computation of trainings, {found.start} to {found.end}: {len(found.trainings)} {which}",
        f"  doubles in {found.doubling:.3g} months ({ends}), x {found.yearly:.3g} a year",
        f"  models lie around the line by a factor of {found.scatter:.3g} (one standard deviation)",
        f"  first {sides[0]}, last {sides[1]}",
        f"\n'It doubles every {claim:g} months' {found.verdict(claim)}",
        "\nThe window decides: give --from, --to and --models all. The list is of notable models, no sample of all.",
        *(f"  {plain(source, 200)}" for source in found.sources),
    ]
    return "\n".join(rows) + "\n"


def _day(name: str, word: str, *, last: bool) -> str:
    """The first or the last day of a year, a month or a day."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", word)
    wrong = ConfigError.bad(name, word, "a date such as 2012, 2012-09 or 2012-09-30")
    if found is None:
        raise wrong
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        month = month or (12 if last else 1)
        return date(year, month, day or (monthrange(year, month)[1] if last else 1)).isoformat()
    except ValueError as error:
        raise wrong from error


def _months(word: str) -> float:
    try:
        months = float(word)
    except ValueError as error:
        raise ConfigError.bad("--claim", word, "a number of months") from error
    if not 0 < months < 1e4:
        raise ConfigError.bad("--claim", word, "a number of months above 0")
    return months
