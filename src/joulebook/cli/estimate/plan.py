"""`joulebook estimate plan`: which devices, where and how many, within budgets."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from joulebook.cli.estimate.asked import put_statement
from joulebook.cli.estimate.train import add_size, size_of
from joulebook.cli.files import write_whole
from joulebook.cli.output import put_document, put_json, put_rendered, say
from joulebook.errors import ConfigError, MissingExtra
from joulebook.estimate.amounts import amount
from joulebook.plan.choice import choose
from joulebook.plan.option import FIGURES
from joulebook.plan.table import Plan
from joulebook.settings import load

_SHOWN = ("explain", "depth", "html", "markdown", "as_json")
_OF_ONE = ("explain", "depth", "html")
"""Options that speak of one option of the table."""
_PLACE = ("pue", "intensity", "price", "currency", "edition")


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook estimate plan`."""
    over = parser.add_argument_group("what is compared: every combination of")
    over.add_argument("--devices", required=True, metavar="NAMES", help="H100,A100,'TPU v4'")
    over.add_argument("--counts", required=True, metavar="N", help="64,128,256, or doublings: 8..1024")
    over.add_argument(
        "--regions", default="", metavar="NAMES", help="grids and sites of clouds: FR,PL,gcp:europe-west4"
    )
    held = parser.add_argument_group("budgets")
    held.add_argument(
        "--max",
        action="append",
        default=[],
        metavar="AMOUNT",
        dest="budgets",
        help="'10 kg', '12 kg total' (hardware within), '300 kWh', '50 USD', '3 days', '900 L'; may be repeated",
    )
    held.add_argument("--sure", default="0.5", metavar="P", help="with which they are kept (default: 0.5)")
    held.add_argument("--owned", action="store_true", help="cost is that of electricity, not of hire")
    known = parser.add_argument_group("what is known of the training")
    known.add_argument("--hours", metavar="H", help="84, 80..120, or one for each count: 100,52,28")
    known.add_argument("--power", metavar="W", help="of the whole job: '1.5 kW'")
    known.add_argument("--device-power", metavar="W", help="of each device: 400..600")
    add_size(parser)
    place = parser.add_argument_group("prices, and how it is shown")
    place.add_argument("--pue", metavar="RATIO", help="energy of the site per energy of its machines: 1.1..1.4")
    place.add_argument("--intensity", metavar="AMOUNT", help="of the grid, whatever the region: '30..60 g/kWh'")
    place.add_argument("--price", metavar="AMOUNT", help="of a device-hour (0.43..1.46), or '0.2 EUR/kWh'")
    place.add_argument("--currency", help="of costs (default: that of a budget, or USD)")
    place.add_argument("--edition", help="facts to use: a date (default: the newest)")
    place.add_argument("--sort", default="carbon", metavar="FIGURE", help=f"{', '.join(FIGURES)} (default: carbon)")
    place.add_argument("--top", type=int, default=20, metavar="N", help="options that are shown (default: 20)")
    place.add_argument("--all", action="store_true", dest="everything", help="those that others dominate too")
    place.add_argument("--open", type=int, metavar="N", help="the whole account of one option of the table")
    place.add_argument("--explain", metavar="FIGURE", help="with --open: unfold a figure of that option")
    place.add_argument("--depth", type=int, metavar="N", help="with --explain: levels shown (default: all)")
    place.add_argument("--html", metavar="FILE", help="with --open: a page of it, or of its tree")
    place.add_argument("--chart", metavar="FILE", help="options and frontier: .svg, .png, .pdf or .json")
    place.add_argument("--axes", default="", metavar="X,Y", help="figures of the chart (default: time,carbon)")
    place.add_argument("--csv", action="store_true", help="a row for each option")
    place.add_argument("--markdown", action="store_true", help="the table as Markdown")
    place.add_argument("--json", action="store_true", dest="as_json", help="schema joulebook.plan/1")


def main(arguments: Namespace) -> int:
    r"""Hold every combination of device, region and count against budgets.

    Each option has the probability that it meets them all. Options that are no
    better than another in any figure are hidden unless --all is given.

    examples:
      joulebook estimate plan --params 7B --tokens 1T --devices H100,'TPU v4' \
          --counts 64..256 --regions FR,PL --max '3 t' --max '21 days'
    """
    for name in _OF_ONE:
        if arguments.open is None and getattr(arguments, name) is not None:
            raise ConfigError(f"--{name} is of one option of the table: give its number as well, --open N")
    plan = choose(
        devices=arguments.devices.split(","),
        counts=[word for word in arguments.counts.split(",") if word.strip()],
        regions=_regions(arguments.regions),
        hours=_hours(arguments.hours),
        budgets=arguments.budgets,
        sort=arguments.sort.replace("-", "_"),
        sure=amount("sure", arguments.sure, "1", most=1.0).value,
        owned=arguments.owned,
        **_told(arguments),
        **size_of(arguments),
    )
    if arguments.chart is not None:
        _draw(plan, arguments)
    if arguments.open is not None:
        _open(plan, arguments)
    elif arguments.as_json:
        put_json(plan.as_dict(everything=arguments.everything))
    elif arguments.csv or arguments.markdown:
        from joulebook.report.plan import markdown, rows  # tabulate is not loaded for JSON

        shown = {"everything": arguments.everything}
        put_document(rows(plan, **shown) if arguments.csv else markdown(plan, **shown, top=arguments.top))
    elif arguments.chart is None:
        from joulebook.report.plan import show  # rich is not loaded for JSON
        from joulebook.report.view import console  # as above

        width = console().width
        put_rendered(show(plan, width=width, everything=arguments.everything, top=max(arguments.top, 1)))
    return 0


def _regions(words: str) -> list[str]:
    """The regions that were asked for, or the one of the settings."""
    settings = load(lenient=True)
    found = [word for word in words.split(",") if word.strip()]
    if words and not found:
        raise ConfigError.bad("--regions", words, "grids or sites: FR,PL,gcp:europe-west4")
    own = settings.site or settings.region
    return found or ([own] if own else [])


def _hours(words: str | None) -> str | list[str] | None:
    return words.split(",") if words is not None and "," in words else words


def _told(arguments: Namespace) -> dict[str, Any]:
    """Power, and what the place is priced with; options come before settings."""
    settings = load(lenient=True)
    said = {name: getattr(arguments, name) for name in ("power", "device_power")}
    said |= {name: getattr(arguments, name) or getattr(settings, name, None) for name in _PLACE}
    return {name: value for name, value in said.items() if value}


def _open(plan: Plan, arguments: Namespace) -> None:
    """The statement of one option of the table."""
    listed = plan.options if arguments.everything else plan.frontier
    if not 1 <= arguments.open <= len(listed):
        raise ConfigError.bad("--open", arguments.open, f"the number of an option, from 1 to {len(listed)}")
    shown = Namespace(unit=[], **{name: getattr(arguments, name) for name in _SHOWN})
    put_statement(listed[arguments.open - 1].statement, shown)


def _draw(plan: Plan, arguments: Namespace) -> None:
    """Write the chart of the options."""
    try:
        from joulebook.report.charts.frontier import drawn  # altair is loaded for charts alone
    except ImportError as error:
        raise MissingExtra.of("chart", "plan", "report") from error

    usual = "time,cost" if plan.frame.sort == "time" else f"time,{plan.frame.sort}"
    axes = [word.strip().replace("-", "_") for word in (arguments.axes or usual).split(",")]
    write_whole(arguments.chart, drawn(plan, axes, arguments.chart))
    say(f"joulebook: wrote {arguments.chart}")
