"""A fake /proc that tests write, and a clock that passes when told to."""

from __future__ import annotations

import pytest

from joulebook.testing.fake import VirtualClock


class FakeProc:
    """A /proc with the files that the sensors read; CPU times in ticks of 10 ms."""

    def __init__(self, root, cpus=2):
        self.root, self.cpus = root, cpus
        self.fields = {
            "user": 100,
            "nice": 0,
            "system": 50,
            "idle": 9_000,
            "iowait": 7,
            "irq": 1,
            "softirq": 2,
            "steal": 0,
        }
        self.write()

    def write(self):
        words = " ".join(str(value) for value in self.fields.values())
        lines = [f"cpu  {words} 0 0"] + [f"cpu{n} {words} 0 0" for n in range(self.cpus)] + ["intr 5 0 0", "ctxt 9", ""]
        (self.root / "stat").write_text("\n".join(lines))

    def work(self, **ticks):
        for name, more in ticks.items():
            self.fields[name] += more
        self.write()


@pytest.fixture(scope="session")
def make_proc(tmp_path_factory):
    """Makes fresh ones, for tests that try many."""
    return lambda: FakeProc(tmp_path_factory.mktemp("proc"))


@pytest.fixture
def proc(make_proc):
    return make_proc()


@pytest.fixture
def clock():
    return VirtualClock()
