"""The recipe for a sensor in ARCHITECTURE.md works as it stands: in a real run, and under the contract."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from joulebook.sensors import base
from joulebook.testing.contract import SensorContract

ROOT = Path(__file__).parents[2]
WATTS = 123.0
YOURS = f"from joulebook.sensors.base import POWER, Channel, Reading, boottime_ns\n\n\ndef read_microwatts():\n    return {WATTS * 1e6:.0f}\n\n\n"
"""What the page says that the reader brings: four imports and the reading of their own instrument."""


def recipe() -> str:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    section = page.partition("### A sensor: four lines")[2].partition("\n### ")[0]
    (block,) = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    return block


def named_in_the_text() -> set[str]:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    sentence = re.search(r"((?:`\w+`,? (?:and )?)+)come from `joulebook\.sensors\.base`", page)
    assert sentence is not None
    return set(re.findall(r"`(\w+)`", sentence[1]))


@pytest.fixture
def plug(tmp_path, monkeypatch):
    """The recipe as the module `module`, in a folder that is on the path."""
    (tmp_path / "module.py").write_text(YOURS + recipe(), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_recipe_has_four_lines_besides_the_class_and_needs_what_the_text_says():
    lines = [line for line in recipe().splitlines() if line.strip()]
    assert len(lines) == 4
    used = {name for name in vars(base) if re.search(rf"\b{name}\b", recipe())}
    assert named_in_the_text() == used == {"Channel", "Reading", "POWER", "boottime_ns"}


def test_recipe_measures_a_real_run(plug):
    book = plug / "book"
    env = {key: value for key, value in os.environ.items() if not key.startswith("JOULEBOOK_")}
    env |= {
        "PYTHONPATH": str(plug),
        "JOULEBOOK_SENSORS": "module:DeskPlug,cpu_model,ram_model",
        "JOULEBOOK_HOME": str(book),
    }
    command = [sys.executable, "-m", "joulebook", "run", "--json", str(plug / "account.json"), "--"]
    done = subprocess.run(
        [*command, sys.executable, "-c", "import time; time.sleep(0.5)"],
        env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    account = json.loads((plug / "account.json").read_text(encoding="utf-8"))
    energy, seconds = account["it_energy"], account["duration"]["value"] * 3600
    assert energy["basis"] == "measured"
    assert account["shares"] == {"measured": 1.0, "reported": 0.0, "modelled": 0.0, "assumed": 0.0}
    assert energy["value"] * 3.6e6 == pytest.approx(WATTS * seconds, rel=1e-3)
    assert {line["device"] for line in account["lines"] if line["kind"] == "it_energy"} == {"desk-plug"}


class TestDeskPlug(SensorContract):
    """The recipe keeps the contract of a sensor."""

    @pytest.fixture(autouse=True)
    def _module(self, plug, monkeypatch):
        monkeypatch.delitem(sys.modules, "module", raising=False)
        self.module = importlib.import_module("module")
        yield
        sys.modules.pop("module", None)

    def make_sensor(self, clock):
        self.module.boottime_ns = clock
        return self.module.DeskPlug()
