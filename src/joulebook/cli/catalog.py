"""`joulebook catalog`: what joulebook knows, where it comes from, and how to add a fact of one's own."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence

from joulebook.cli.output import put, put_json
from joulebook.errors import ConfigError, FactNotFound
from joulebook.facts.catalog import Catalog, Resolution, SourceCard
from joulebook.facts.fact import Fact
from joulebook.facts.names import KINDS, meanings, near
from joulebook.facts.own import adopt, forget
from joulebook.report.citations import reference
from joulebook.report.wording import plain

SCHEMA = "joulebook.catalog/1"
_SHOWN = 40
_WIDE = 400
_LABEL = 100


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook catalog`."""
    parser.add_argument("action", choices=("search", "show", "sources", "add"), help="what to do, see below")
    parser.add_argument("words", nargs="*", metavar="WORD", help="a name; words to search; a source's id; files")
    parser.add_argument("--all", action="store_true", dest="history", help="show: every year and source")
    parser.add_argument("--on", metavar="DAY", help="show: as it was on that day, YYYY-MM-DD")
    parser.add_argument("--kind", choices=KINDS, metavar="KIND", help="search: accelerator, cpu, grid, site, ...")
    parser.add_argument("--override", action="store_true", help="add: even what contradicts a shipped fact")
    parser.add_argument("--remove", action="store_true", help="add: do not use these files any more")
    parser.add_argument("--json", action="store_true", dest="as_json", help=f"schema {SCHEMA}")
    parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign] # --json may stand anywhere


def main(arguments: Namespace) -> int:
    """Search and show the facts that accounts are made of.

    Each value has its 90 % interval, date and source. A name that nothing has
    lists near names and ends with exit code 4. Facts of your own come before
    shipped ones, and each statement that uses one says so.

    examples:
      joulebook catalog show "NVIDIA H100 80GB HBM3"
      joulebook catalog show FR --all
      joulebook catalog search epyc 7763
      joulebook catalog sources
      joulebook catalog add my_facts.toml
    """
    verbs: dict[str, Callable[[Namespace], int]] = {"search": _search, "show": _show, "sources": _sources, "add": _add}
    if not arguments.words and arguments.action in ("show", "search"):
        raise ConfigError.bad("WORD", "", f"a name, such as  joulebook catalog {arguments.action} H100")
    return verbs[arguments.action](arguments)


def _search(arguments: Namespace) -> int:
    catalog = Catalog.open()
    parts = [part for word in arguments.words for part in word.lower().replace("-", " ").split()]
    found: dict[str, str] = {}
    for kind, word in catalog.words(arguments.kind or ""):
        if all(part in word for part in parts):
            resolution = _meant(catalog, word, kind)
            for subject in resolution:
                found.setdefault(subject, catalog.label(subject))
    if not found:
        words = " ".join(arguments.words)
        raise FactNotFound.nowhere(words, near(catalog, words))
    ordered = sorted(found.items(), key=lambda item: (len(item[1]), item[1]))
    if arguments.as_json:
        put_json({"schema": SCHEMA, "found": [{"subject": subject, "label": label} for subject, label in ordered]})
        return 0
    shown = ordered[:_SHOWN]
    put("".join(f"{plain(label, _LABEL):<44}  {subject}\n" for subject, label in shown))
    if len(ordered) > _SHOWN:
        put(f"and {len(ordered) - _SHOWN} more: give another word, or --json\n")
    return 0


def _meant(catalog: Catalog, word: str, kind: str) -> list[str]:
    try:
        return [catalog.resolve(word, kind, near=False).subject]
    except FactNotFound:  # a word that several subjects share
        return []


def _show(arguments: Namespace) -> int:
    catalog = Catalog.open()
    name = " ".join(arguments.words)
    found = [(one, _facts(catalog, one.subject, arguments)) for one in _related(catalog, meanings(catalog, name))]
    cards = {fact.source: catalog.source(fact.source) for _, facts in found for fact in facts}
    if arguments.as_json:
        put_json(
            {
                "schema": SCHEMA,
                "name": name,
                "edition": catalog.edition,
                "found": [_as_dict(catalog, one, facts) for one, facts in found],
                "sources": [card._asdict() for card in cards.values()],
            }
        )
        return 0
    for one, facts in found:
        put(_page(catalog, one, facts))
    put(_listed(cards.values()))
    return 0


def _related(catalog: Catalog, found: Sequence[Resolution]) -> list[Resolution]:
    """With a country what its electricity costs, with an accelerator what it costs to hire."""
    more: list[Resolution] = []
    for one in found:
        kind, _, code = one.subject.partition(".")
        country = code.partition("-")[0]
        other, label = {
            "grid": (f"price.{country}", f"electricity in {country.upper()}"),
            "accelerator": (f"rental.any.{code}", f"hire of {one.label}, any provider"),
        }.get(kind, ("", ""))
        if other and catalog.properties(other):
            more.append(Resolution(other, label))
    return [*found, *more]


def _facts(catalog: Catalog, subject: str, arguments: Namespace) -> list[Fact]:
    facts: list[Fact] = []
    for prop in catalog.properties(subject):
        facts += (
            catalog.history(subject, prop) if arguments.history else catalog.find_all(subject, prop, on=arguments.on)
        )
    return facts


def _as_dict(catalog: Catalog, one: Resolution, facts: Iterable[Fact]) -> dict[str, object]:
    rows = [
        {**{key: value for key, value in fact._asdict().items() if key != "citation"}, "basis": str(fact.basis),
         "own": catalog.is_own(fact)}
        for fact in facts
    ]  # fmt: skip
    return {**one._asdict(), "facts": rows}


def _page(catalog: Catalog, one: Resolution, facts: Sequence[Fact]) -> str:
    lines = [f"{plain(one.label, _LABEL)}  ({one.subject})"]
    if one.warning:
        lines.append(f"  {plain(one.warning, _WIDE)}")
    notes = _notes(facts)
    rows = [(*_cells(catalog, fact), f"{notes[fact.note]})" if fact.note else "") for fact in facts]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))] if rows else []
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    lines += [f"  {row.rstrip()}" for row in padded]
    lines += [f"  {number}) {plain(note, _WIDE)}" for note, number in notes.items()]
    return "\n".join(lines) + "\n\n"


def _cells(catalog: Catalog, fact: Fact) -> tuple[str, ...]:
    exact = fact.low == fact.high
    interval = (
        "" if exact else f"{fact.low:.6g}-{fact.high:.6g}" if fact.low >= 0 else f"{fact.low:.6g} to {fact.high:.6g}"
    )
    unit = "" if fact.unit == "1" else fact.unit
    own = "your own" if catalog.is_own(fact) else ""
    return (
        fact.property,
        f"{fact.value:.6g}",
        interval,
        unit,
        fact.valid_from[:4],
        str(fact.basis),
        own,
        f"[{fact.source}]",
    )


def _notes(facts: Iterable[Fact]) -> dict[str, int]:
    notes = dict.fromkeys(fact.note for fact in facts if fact.note)
    return {note: number for number, note in enumerate(notes, 1)}


def _listed(cards: Iterable[SourceCard]) -> str:
    lines = ["Sources"]
    lines += [f"  [{card.id}] {plain(reference(card), _WIDE)}; {plain(card.licence)}" for card in cards]
    return "\n".join(lines) + "\n"


def _sources(arguments: Namespace) -> int:
    catalog = Catalog.open()
    cards = [catalog.source(identity) for identity in arguments.words] or catalog.sources()
    if arguments.as_json:
        put_json({"schema": SCHEMA, "edition": catalog.edition, "sources": [card._asdict() for card in cards]})
        return 0
    put(_listed(cards))
    if not arguments.words:
        put(f"{len(cards)} sources, edition {catalog.edition}\n")
    return 0


def _add(arguments: Namespace) -> int:
    kept = forget(arguments.words) if arguments.remove else adopt(arguments.words, override=arguments.override)
    if arguments.as_json:
        put_json({"schema": SCHEMA, **kept._asdict()})
        return 0
    put("".join(f"{plain(remark, _WIDE)}\n" for remark in kept.remarks))
    put(f"{kept.facts} facts of your own in {len(kept.files)} files, kept in {kept.folder}\n")
    return 0
