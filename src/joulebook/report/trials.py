"""An estimated search in tables: its methods side by side, and the two published searches that are computed again."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from joulebook.account.terms import Statement
from joulebook.estimate.trials.waterfall import Waterfall
from joulebook.quantity import Quantity
from joulebook.report.estimated_sheets import briefly, causes
from joulebook.report.project import FIGURES, Project, Row
from joulebook.report.sheets import Sheet
from joulebook.report.wording import GRAMS, WATT_HOURS, Figure, amount, digits, percent, plain
from joulebook.units import UNITS

_OVER, _BELOW = "energy_over_", "chance_below_"


def trials(statement: Statement) -> RenderableType:
    """Trials and full trainings by method, their energy over that of the first, and how probably it is less."""
    every = (statement, *statement.alternatives)
    over = next((name for one in every for name in one.rates if name.startswith(_OVER)), "")
    first = over.removeprefix(_OVER)
    table = Table(box=SIMPLE_HEAD, title=Text("Trials", style="bold"), title_justify="left", pad_edge=False)
    columns = ("way", ">trials", ">full trainings", ">energy of a trial")
    for column in (*columns, *((f">energy / {first}", ">less with") if over else ())):
        right = column.startswith(">")
        table.add_column(column.removeprefix(">"), justify="right" if right else "left", overflow="fold")
    for one in every:
        rates = one.rates
        shown = (_cell(rates[name]) for name in ("trials", "full_trainings", "energy_per_trial"))
        cells = [plain(one.name.replace(" search", ""), 60), *shown]
        if over:
            against = rates.get(over)
            cells += ["1", ""] if against is None else [_cell(against), percent(rates[_BELOW + first].value)]
        table.add_row(*map(Text, cells))
    said = []
    reached = statement.rates.get("best_share_reached")
    if reached is not None:
        said.append(
            f"Random and Bayesian search find one of the best {percent(reached.value)}; a grid tries all of its points."
        )
    cause = next(iter(causes(statement, "energy", {})), None)
    if cause is not None:
        said.append(f"Most of the range of the energy comes from {plain(cause.name, 80)}.")
    return Group(table, *(Text(f" {sentence}") for sentence in said))


def _cell(quantity: Quantity) -> str:
    """The interval, or the amount where it has none; pure numbers have no unit."""
    return briefly(quantity, {}).removesuffix(" 1").replace(" ", "\N{NO-BREAK SPACE}")


_TERMS = {
    "duration": "time of devices",
    "power": "power of a device",
    "overhead": "overhead of the site",
    "carbon_intensity": "carbon intensity of the grid",
}


def falls(found: Waterfall) -> Sheet:
    """The steps from one account to another, each with its terms; the factors of the steps multiply to the last row."""
    rows = [(plain(found.name, 60), "", _amount(found.start))]
    for step in found.steps:
        rows.append((plain(step.name, 60), _times(step.factor), _amount(step.after)))
        if len(step.terms) > 1:
            rows += [(f"of it: {_TERMS.get(one.name, one.name)}", _times(one.factor), "") for one in step.terms]
    rows.append(("together", _times(1 / found.ratio), ""))
    return Sheet("From one account to another", ("step", ">by", f">{found.figure}"), rows)


def _times(factor: float) -> str:
    """A factor as a division where it makes less, with four digits: ÷ 18.7, × 1.098."""
    sign, by = ("\N{DIVISION SIGN}", 1 / factor) if factor < 1 else ("\N{MULTIPLICATION SIGN}", factor)
    return f"{sign} {digits(by, 4)}"


def _amount(quantity: Quantity) -> str:
    scales = {"gCO2e": GRAMS, "J": WATT_HOURS}
    for symbol, scale in scales.items():
        if quantity.unit.dims == UNITS[symbol].dims:
            return amount(Figure.of(quantity, "Wh" if symbol == "J" else symbol), scale)
    return amount(Figure.of(quantity), ((1.0, quantity.unit.symbol),))


def researched(statements: Sequence[Statement], name: str, source: str) -> Project:
    """Searches as rows of the table of a project."""
    rows = [
        Row(one.name, round(one.rates["trials"].value), (), {figure: getattr(one, figure) for figure in FIGURES}, {})
        for one in statements
    ]
    return Project(name, tuple(rows), (source,), tuple({one.edition: None for one in statements}))
