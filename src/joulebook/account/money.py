"""Money: what the electricity costs; and beside it hire, wear of one's own hardware, and carbon at a price.

Hire has the electricity within, so that it is an alternative to the other two: nothing here adds them up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import fsum, sqrt
from typing import Final

from joulebook.account.bought import HOURS, WEEK, Ownership, Tariff
from joulebook.account.carbon import multiplied
from joulebook.account.configuration import model_of
from joulebook.account.given import Given, amount_of
from joulebook.account.hours import by_hour_of_week, zone_of
from joulebook.account.knowledge import FoundFact
from joulebook.account.market import hours_of
from joulebook.account.mix import mean
from joulebook.account.overhead import cite, fact_or_none
from joulebook.account.terms import MONEY, Additions, Assumption, Context, Statement
from joulebook.errors import ConfigError, FactNotFound
from joulebook.quantity import Basis, Quantity, Source
from joulebook.units import UNITS

ANYWHERE: Final = "price.any"
PROPERTY: Final = "price.electricity"
PREEMPTIBLE, ON_DEMAND = "price.device_hour.preemptible", "price.device_hour.on_demand"
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
CURRENCIES: Final = tuple(symbol for symbol in UNITS if len(symbol) == 3 and symbol.isupper() and symbol.isalpha())


# -- rules ------------------------------------------------------------------------------------------------------


def money(statement: Statement, context: Context) -> Additions:
    """Energy times the price of electricity: given, of the tariff, of the country, or the range of all of them."""
    if context.hire is not None and context.price is None:
        return Additions()  # the hire has the electricity within, and is the cost
    found = _price(context)
    price, said = in_currency(found.quantity, context)
    lines, amount = multiplied(statement, MONEY, price, _currency(price))
    if amount is None:
        return Additions()
    assumptions = (found._replace(quantity=price.named("price")),)
    return Additions(totals={"cost": amount.named("cost")}, lines=lines, assumptions=assumptions, warnings=said)


def hire(statement: Statement, context: Context) -> Additions:
    """Device-hours times what such devices are hired for, from pre-emptible to on demand; nothing for unknown cards."""
    if context.hire is not None:
        return _hired(statement, context, context.hire)
    hours = _hours_borne(statement, context)
    rates = [(held, _rental(subject, context)) for subject, held in _held(context).items()]
    known = [(held, rate) for held, rate in rates if rate is not None]
    if hours is None or not known or len(known) < len(rates):
        return Additions()
    whole = fsum(held for held, _ in known)
    rate = known[0][1]
    if len(known) > 1:
        rate = mean([held / whole for held, _ in known], [one for _, one in known], "mean by device")
    rate = in_currency(rate, context)[0].named("price_hire")
    amount = (hours * rate).to(_currency(rate)).named("cost_hire")
    return Additions(totals={"cost_hire": amount}, assumptions=(Assumption("price_hire", rate, cite(rate), "hire"),))


def _hired(statement: Statement, context: Context, price: Quantity) -> Additions:
    """Device-hours at the price that whoever asks pays: what it costs, unless electricity is paid for apart."""
    if statement.device_hours is None:
        return Additions(warnings=("cost: no device-hours are known to be paid for",))
    rate = in_currency(price, context)[0].named("price_hire")
    amount = (statement.device_hours * rate).to(_currency(rate)).named("cost_hire")
    totals = {"cost_hire": amount} if context.price is not None else {"cost_hire": amount, "cost": amount.named("cost")}
    return Additions(totals=totals, assumptions=(Assumption("price_hire", rate, cite(rate), "given"),))


def owned(statement: Statement, context: Context) -> Additions:
    """Device-hours times what an hour of the hardware costs that was paid once: straight-line depreciation."""
    own = context.bought.ownership
    borne = _hours_borne(statement, context)
    if own is None or borne is None:
        return Additions()
    paid = own.price - own.resale if own.resale is not None else own.price
    hours = own.lifetime * Quantity.exact(own.devices, "device") * own.utilisation
    rate = in_currency((paid / hours).to(f"{own.price.unit.symbol}/device-h"), context)[0].named("price_owned")
    amount = (borne * rate).to(_currency(rate)).named("cost_owned")
    assumption = Assumption("price_owned", rate, f"{own.source} ({own.place})", "owned")
    return Additions(totals={"cost_owned": amount}, assumptions=(assumption,))


def carbon_price(statement: Statement, context: Context) -> Additions:
    """Location-based carbon at the price of a tonne, where one was given."""
    price = context.bought.carbon_price
    if price is None or statement.carbon is None:
        return Additions()
    price = in_currency(price, context)[0].named("carbon_price")
    amount = (statement.carbon * price).to(_currency(price)).named("cost_carbon")
    return Additions(totals={"cost_carbon": amount}, assumptions=(Assumption("carbon_price", price, cite(price)),))


def converted(amount: Quantity, currency: str, context: Context) -> Quantity:
    """An amount of money, or a price, in another currency by the rate of the day of the run.

    Raises `FactNotFound` where no dated, sourced rate is known.
    """
    own, slash, per = amount.unit.symbol.partition("/")
    if own == currency:
        return amount
    foreign = own if currency == "USD" else currency
    fact = context.catalog.find(
        f"currency.{foreign.lower()}", "exchange_rate", on=context.on, edition=context.edition or None
    )
    rate = fact.quantity().named(f"exchange rate, {fact.valid_from[:4]}")
    return (amount * rate if currency == "USD" else amount / rate).to(f"{currency}{slash}{per}")


def in_currency(price: Quantity, context: Context) -> tuple[Quantity, tuple[str, ...]]:
    """A price in the currency that the user wants, if a rate is known; and what is to be said if none is."""
    wanted = context.bought.currency
    try:
        return (converted(price, wanted, context) if wanted else price), ()
    except FactNotFound as error:
        return price, (f"cost: not converted to {wanted}: {error}",)


def _currency(price: Quantity) -> str:
    return price.unit.symbol.partition("/")[0]


def _price(context: Context) -> Assumption:
    if context.price is not None:
        given = context.price.named("price")
        return Assumption("price", given, cite(given), "given")
    if context.bought.tariff is not None:
        return _of_tariff(context.bought.tariff, context)
    if context.region:
        subject = context.catalog.resolve(context.region, "grid").subject
        country = subject.partition(".")[2].partition("-")[0]
        fact = fact_or_none(f"price.{country}", PROPERTY, context)
        if fact is not None:  # else the range below stands in, and names itself in the assumptions
            price = fact.quantity().named("price")
            note = f"{country.upper()} {fact.valid_from[:4]}"
            return Assumption("price", price, f"price.{country}: {cite(price, fact)}", note)
    fact = context.catalog.find(ANYWHERE, PROPERTY, on=context.on, edition=context.edition or None)
    price = fact.quantity().named("price")
    return Assumption("price", price, f"{ANYWHERE}: {cite(price, fact)}", "")


def _of_tariff(tariff: Tariff, context: Context) -> Assumption:
    """The mean of the tariff's rates by the energy used in their hours."""
    shares = [0.0] * len(tariff.rates)
    for hour, share in by_hour_of_week(context, zone_of(tariff.timezone)).items():
        shares[tariff.slots[hour]] += share
    used = [(share, rate) for share, rate in zip(shares, tariff.rates, strict=True) if share > 0]
    words = ", ".join(f"{100 * share:.3g} % at {rate.value:g}" for share, rate in used)
    price = used[0][1]
    if len(used) > 1:
        price = mean([share for share, _ in used], [rate for _, rate in used], f"tariff by energy: {words}")
    return Assumption("price", price.named("price"), f"{tariff.source} ({tariff.place}): {words}", "tariff")


def _hours_borne(statement: Statement, context: Context) -> Quantity | None:
    """The device-hours that a run has to pay: of a device that others used at the same time, its share of them.

    The devices are those of `device_hours`. Costs of runs that shared a machine add up to that of the machine.
    """
    held = context.machine.held if context.machine is not None else ()
    for kind in ("gpu", "cpu"):
        seconds = fsum(item.seconds for item in held if item.kind == kind)
        if seconds > 0:
            assert context.machine is not None  # noqa: S101 - it held something
            time = context.machine.time(seconds)
            return (time * Quantity.exact(1, "device")).to("device-h").named("device-hours x share")
    return statement.device_hours


def _held(context: Context) -> dict[str, float]:
    """Seconds for which the run held accelerators, by their subject; "" for those that are not known."""
    found: dict[str, float] = {}
    machine = context.machine
    for item in machine.held if machine is not None else ():
        if machine is not None and item.kind == "gpu" and item.seconds > 0:
            subject = machine.cards.get(model_of(item.name), "")
            found[subject] = found.get(subject, 0.0) + item.seconds
    return found


def _rental(subject: str, context: Context) -> Quantity | None:
    """The range of a device's price by the hour, its ends being facts of the year; None where none is known."""
    card = subject.partition(".")[2]
    for provider in _providers(context):
        rented = f"rental.{provider}.{card}"
        found = ((prop, fact_or_none(rented, prop, context)) for prop in (PREEMPTIBLE, ON_DEMAND))
        facts = {prop: fact for prop, fact in found if fact is not None}
        if facts:
            return _between(rented, facts)
    return None


def _providers(context: Context) -> tuple[str, ...]:
    """Whose prices are looked for: those of the site, then those of all that are known."""
    try:
        site = context.catalog.resolve(context.site, "site").subject if context.site else ""
    except FactNotFound:
        site = ""
    return (*site.split(".")[1:2], "any")


def _between(rented: str, facts: Mapping[str, FoundFact]) -> Quantity:
    ends = [fact.quantity() for fact in facts.values()]
    low, high = min(end.low for end in ends), max(end.high for end in ends)
    years = (f"{prop.rpartition('.')[2].replace('_', ' ')} {fact.valid_from[:4]}" for prop, fact in facts.items())
    cited = dict.fromkeys(cite(end, fact) for end, fact in zip(ends, facts.values(), strict=True))
    return Quantity.of(
        sqrt(low * high),
        ends[0].unit,
        low=low,
        high=high,
        basis=min(end.basis for end in ends),
        source=Source(f"{rented} {', '.join(facts)}", f"{' to '.join(years)}: {'; '.join(cited)}"),
        name=rented,
    )


# -- reading [tariff], [ownership] and carbon_price ----------------------------------------------------------------


def tariff_of(table: Given | None) -> Tariff | None:
    """The tariff of a file. Raises `ConfigError`, with file and line, for one with holes or overlaps."""
    if table is None:
        return None
    table.only("currency", "timezone", "rate", "source")
    table.needs("currency", "timezone", "rate", "source")
    currency = table.text("currency").upper()
    if currency not in CURRENCIES:
        table.refuse("currency", f"one of {', '.join(CURRENCIES)}: no dated rate converts any other")
    name = table.text("timezone")
    try:
        zone_of(name)
    except (ValueError, OSError, KeyError):
        table.refuse("timezone", "the name of a time zone, such as Europe/Paris or UTC")
    slots: list[int | None] = [None] * WEEK
    rates = []
    for at, one in enumerate(table.within("rate")):
        one.only("days", "hours", "price")
        one.needs("price")
        for hour in _slots(one):
            if slots[hour] is not None:
                raise ConfigError(f"[[tariff.rate]] (from {one.place()}): {_when(hour)} has two prices; give it one")
            slots[hour] = at
        rates.append(_rate(one, currency, table.text("source")))
    holes = [hour for hour, slot in enumerate(slots) if slot is None]
    if holes:
        more = f" and {len(holes) - 1} more hours of the week" if len(holes) > 1 else ""
        raise ConfigError(
            f"[tariff] (from {table.place()}): it has no price for {_when(holes[0])}{more}; add a [[tariff.rate]]"
        )
    return Tariff(currency, name, tuple(rates), tuple(slot or 0 for slot in slots), table.text("source"), table.place())


def ownership_of(table: Given | None) -> Ownership | None:
    """The hardware of a file. Raises `ConfigError` with file and line."""
    if table is None:
        return None
    table.only("price", "devices", "lifetime", "utilisation", "resale", "source")
    table.needs("price", "lifetime", "utilisation", "source")
    price = table.amount("price", "USD", "an amount such as 30000 USD")
    resale = table.amount("resale", "USD", "an amount such as 5000 USD") if "resale" in table.values else None
    if resale is not None and (resale.unit != price.unit or resale.high > price.low):
        table.refuse("resale", f"no more than the price, in {price.unit.symbol}")
    devices = table.number("devices", 1, 1e6, "how many devices the price bought") if "devices" in table.values else 1.0
    lifetime = table.amount("lifetime", "h", "a time such as 4 y or 35000 h")
    if lifetime.low <= 0:
        table.refuse("lifetime", "more than no time")
    least = 1e-3
    utilisation = table.number("utilisation", least, 1, f"the part of its life in which it works, from {least} to 1")
    told, place = table.text("source"), table.place()
    price = _sourced(price, Source(f"ownership {place}", f"{told} ({place})"), "price of the hardware")
    return Ownership(price, devices, lifetime.named("lifetime"), utilisation, resale, told, place)


def carbon_price_of(text: str, context: Context, origin: str) -> Quantity | None:
    """The price of a tonne that a setting gives, "190 USD/t" or a name such as "EU ETS allowance"."""
    if not text:
        return None
    given = amount_of(text, "USD/tCO2e")
    if given is not None:
        return given.named("carbon_price")
    try:
        subject = context.catalog.resolve(text, "carbon").subject
        fact = context.catalog.find(subject, "price.carbon", on=context.on, edition=context.edition or None)
    except FactNotFound as error:
        expected = f"a price such as 190 USD/t, or the name of one in the catalogue ({error})"
        raise ConfigError.bad("carbon_price", text, expected, origin) from error
    return fact.quantity().named(subject)


def _rate(table: Given, currency: str, source: str) -> Quantity:
    """A price of a tariff: a number, or a text with a range."""
    value = table.values["price"]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    found = amount_of(f"{value} {currency}/kWh" if number else value, f"{currency}/kWh")
    if found is None or found.unit.symbol.partition("/")[0] != currency:
        table.refuse("price", f"zero or more, by kWh in {currency}: 0.21, or 0.18..0.24 {currency}/kWh")
    place = table.place("price")
    return _sourced(found, Source(f"tariff {place}", f"{source} ({place})"), f"rate {table.at + 1}")


def _sourced(amount: Quantity, source: Source, name: str) -> Quantity:
    """The same amount, known from that source."""
    ends = (None, None) if amount.is_exact else (amount.low, amount.high)
    return Quantity.of(
        amount.value, amount.unit, low=ends[0], high=ends[1], basis=Basis.REPORTED, source=source, name=name
    )


def _slots(table: Given) -> Iterable[int]:
    """Hours of the week that a rate holds in; the hours after midnight of "22-6" belong to the day they lie in."""
    hours = hours_of(table, "hours") if "hours" in table.values else frozenset(range(HOURS))
    return [day * HOURS + hour for day in _days(table) for hour in sorted(hours)]


def _days(table: Given) -> Sequence[int]:
    """Days of the week from "mon-fri", "sat,sun" or "mon-thu,sat"."""
    if "days" not in table.values:
        return range(len(DAYS))
    found: list[int] = []
    for part in table.text("days").lower().split(","):
        first, _, last = (word.strip() for word in part.partition("-"))
        if first not in DAYS or (last or first) not in DAYS:
            table.refuse("days", "days such as mon-fri or sat,sun")
        start, end = DAYS.index(first), DAYS.index(last or first)
        found += range(start, end + 1) if start <= end else [*range(start, len(DAYS)), *range(end + 1)]
    if len(set(found)) < len(found):
        table.refuse("days", "each day once")
    return found


def _when(hour: int) -> str:
    return f"{DAYS[hour // HOURS]} {hour % HOURS:02}:00"
