"""What the tests of rules have in common: a run in Germany, and settings from the text of a file."""

from __future__ import annotations

import pytest

from joulebook.account.terms import Context
from joulebook.facts.catalog import Catalog
from joulebook.index.priced import bought
from joulebook.settings import load
from joulebook.testing.facts import small_catalog


@pytest.fixture(scope="session")
def in_germany():
    """Make a context of a run in Germany in 2026."""
    catalog = small_catalog()

    def make(**fields):
        return Context(catalog, "2026-11-20", **{"run": "a3f9", "region": "de", **fields})

    return make


@pytest.fixture
def toml(tmp_path, in_germany):
    """Read what a joulebook.toml of some text says was bought; its first line is line 1."""

    def read(text, **fields):
        if text is not None:
            (tmp_path / "joulebook.toml").write_text(text)
        env = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "none")}
        return bought(load(env, str(tmp_path)), in_germany(**fields))

    return read


@pytest.fixture(scope="session")
def real():
    """The catalogue that is shipped."""
    return Catalog.open(own=False)
