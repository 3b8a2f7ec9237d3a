"""The methods of an estimated search side by side, as a `rich` table: trials, full trainings, what each saves."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from joulebook.account.terms import Statement
from joulebook.quantity import Quantity
from joulebook.report.estimated_sheets import briefly
from joulebook.report.wording import percent, plain

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
    reached = statement.rates.get("best_share_reached")
    if reached is None:
        return table
    text = f" Random and Bayesian search find one of the best {percent(reached.value)}; a grid tries all of its points."
    return Group(table, Text(text))


def _cell(quantity: Quantity) -> str:
    """The interval, or the amount where it has none; pure numbers have no unit."""
    return briefly(quantity, {}).removesuffix(" 1").replace(" ", "\N{NO-BREAK SPACE}")
