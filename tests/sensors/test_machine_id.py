"""The name of a machine: the same each time, and not its id."""

from __future__ import annotations

import pytest

from joulebook.sensors.machine_id import machine_subject

ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "proc").mkdir()
    (tmp_path / "etc/machine-id").write_text(ID + "\n")
    (tmp_path / "proc/cpuinfo").write_text("processor : 0\nmodel name\t: Some CPU\n")
    return tmp_path


def test_it_is_stable_and_hides_the_id(root):
    name = machine_subject(str(root))
    assert name == machine_subject(f"{root}/")
    assert name.startswith("machine.")
    assert len(name) == len("machine.") + 12
    assert name.removeprefix("machine.") not in ID


def test_another_id_or_another_processor_is_another_machine(root):
    name = machine_subject(str(root))
    (root / "proc/cpuinfo").write_text("model name : Other CPU\n")
    other = machine_subject(str(root))
    (root / "etc/machine-id").write_text(ID[::-1])
    assert len({name, other, machine_subject(str(root))}) == 3


def test_a_machine_without_an_id_has_no_name(root):
    (root / "etc/machine-id").write_text("uninitialized\n")
    assert machine_subject(str(root)) == ""
    (root / "etc/machine-id").unlink()
    assert machine_subject(str(root)) == ""
