"""The recipe of docs/methods/facts.md works as it is written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from textwrap import dedent

from joulebook.facts.catalog import Catalog
from joulebook.facts.loader import DATA, load
from joulebook.facts.pack import pack

PAGE = Path(__file__).parents[2] / "docs/methods/facts.md"


def test_a_fact_added_by_the_recipe_is_found(tmp_path):
    source, card = (
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


def test_the_page_names_the_ranges_that_the_files_have():
    text = PAGE.read_text(encoding="utf-8")
    for name in ("grid_names.toml", "cpu_names.toml"):
        head = (DATA / name).read_text(encoding="utf-8").partition("[[")[0]
        for low, high in re.findall(r"x ([\d.]+) to(?:\n#)? ([\d.]+)", head):
            assert f"x {low} to {high}" in text, (low, high)
