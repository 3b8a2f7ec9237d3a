"""The recipes of docs/facts.md work as they are written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from textwrap import dedent

from joulebook.cli.app import main
from joulebook.facts.catalog import Catalog
from joulebook.facts.loader import DATA, load
from joulebook.facts.pack import pack

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "facts.md"


def test_a_fact_added_by_the_recipe_is_found(tmp_path):
    _, source, card = (
        dedent(block) for block in re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    )
    folder = shutil.copytree(DATA, tmp_path / "data")
    (folder / "sources_atlantis.toml").write_text(source, encoding="utf-8")
    (folder / "atlantis.toml").write_text(card, encoding="utf-8")
    catalog = Catalog(pack(load(folder)))
    fact = catalog.find(catalog.resolve("Atlantis", "grid").subject, "carbon_intensity.lifecycle.generation")
    assert (fact.value, str(fact.basis)) == (41.0, "reported")
    assert "Ministry of Energy of Atlantis" in fact.quantity().explain()
    assert catalog.edition != Catalog.open().edition


def test_a_fact_of_ones_own_added_by_the_recipe_is_used(tmp_path, monkeypatch, capsys):
    own = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)[0]
    (tmp_path / "my_facts.toml").write_text(own, encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    assert main(["catalog", "add", "my_facts.toml"]) == 0
    assert main(["catalog", "show", "Our Board 3"]) == 0
    shown = capsys.readouterr().out
    assert "275" in shown
    assert "your own" in shown
    assert main(["catalog", "add", "--remove", "my_facts.toml"]) == 0
    assert main(["catalog", "show", "Our Board 3"]) == 4


def test_the_page_names_the_ranges_that_the_files_have():
    text = (DOCS / "methods/facts.md").read_text(encoding="utf-8")
    for name in ("grid_names.toml", "cpu_names.toml"):
        head = (DATA / name).read_text(encoding="utf-8").partition("[[")[0]
        for low, high in re.findall(r"x ([\d.]+) to(?:\n#)? ([\d.]+)", head):
            assert f"x {low} to {high}" in text, (low, high)
