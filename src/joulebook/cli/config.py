"""`joulebook config`: the settings, which one won, and how to set one."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from joulebook import settings
from joulebook.cli.output import put, put_json
from joulebook.errors import ConfigError
from joulebook.facts.catalog import Catalog
from joulebook.meter.limits import limits_of

_KINDS = {"region": "grid", "site": "site"}


def add_arguments(parser: ArgumentParser) -> None:
    """The options of `joulebook config`."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="a setting, such as region")
    parser.add_argument("value", nargs="?", metavar="VALUE", help="its new value, kept in your user file")
    parser.add_argument("--unset", action="store_true", help="remove the setting from your user file")
    parser.add_argument("--json", action="store_true", dest="as_json", help="settings as JSON")


def main(arguments: Namespace) -> int:
    """Show all settings and where each comes from, or set one.

    examples:
      joulebook config
      joulebook config region FR
      joulebook config region --unset
    """
    name, value = arguments.name, arguments.value
    if arguments.unset and (name is None or value is not None):
        raise ConfigError("--unset takes the name of one setting and no value: joulebook config --unset region")
    if value is not None or arguments.unset:
        if value is not None and name in _KINDS:
            Catalog.open().resolve(value, _KINDS[name])
        if value is not None and name == "budget":
            limits_of(value)
        path = settings.write_user(name, value)
        masked = ",".join(map(settings.without_user, (value or "").split(",")))
        put(f"{name} = {masked}  (in {path})\n" if value is not None else f"{name} removed from {path}\n")
        return 0
    rows = settings.load().explain()
    if name is not None and name not in {row.name for row in rows}:
        raise ConfigError.bad("NAME", name, "one of " + ", ".join(row.name for row in rows))
    rows = [row for row in rows if name in (None, row.name)]
    if arguments.as_json:
        put_json([row._asdict() for row in rows])
        return 0
    for row in rows:
        shown = ",".join(row.value) if isinstance(row.value, tuple) else row.value
        put(f"{row.name:<14} {shown!s:<28} {row.origin}\n")
    return 0
