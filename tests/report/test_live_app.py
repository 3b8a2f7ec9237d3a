import asyncio
import time

import pytest
from rich.text import Text

pytest.importorskip("textual")

from joulebook.meter.live import RunNow, Snapshot
from joulebook.quantity import Basis, Quantity
from joulebook.report.live_app import LiveApp, Stages


class Feed:
    """Two runs whose power changes with every look."""

    def __init__(self):
        self.looks = 0

    def look(self):
        self.looks += 1
        runs = [self.run("a" * 12, "first\x1b[31m", 10 + self.looks), self.run("b" * 12, "second", 5)]
        return Snapshot(10**18, "journals", (), None, tuple(runs), ("a notice",))

    @staticmethod
    def run(run, name, watts):
        power = Quantity.of(watts, "W", low=watts - 1, high=watts + 1, basis=Basis.MODELLED, source="s")
        return RunNow(run, name, "", "running", 5.0, 0.1, "train", 1.0, power, 1, None, (("loss", 0.5),))

    def wait(self, seconds, sleep):
        sleep(min(seconds, 0.05))


def use(keys, then=lambda _app: None, size=(60, 15)):
    """Press keys in the application; what `then` returns of it before it is left."""

    async def session():
        app = LiveApp(Feed(), lambda run: Text(f"stages of {run[0]}"), interval_s=0.05)
        async with app.run_test(size=size) as pilot:
            for key in ("", *keys):
                if key:
                    await pilot.press(key)
                await settle(app, pilot)
            found = then(app)
            await pilot.press("q")
            await pilot.press("q")
        return app, found

    async def settle(app, pilot):
        before, deadline = app._feed.looks, time.monotonic() + 10
        while app._feed.looks < before + 2 and not app._paused and time.monotonic() < deadline:
            await pilot.pause(0.02)

    return asyncio.run(session())


def cells(app):
    table = app.query_one("#runs")
    return [[str(cell) for cell in table.get_row_at(at)] for at in range(table.row_count)]


def test_the_screen_shows_runs_with_words_and_ends():
    app, rows = use([], cells)
    assert [row[0] for row in rows] == ["aaaa first\\x1b[31m", "bbbb second"]
    assert {row[3] for row in rows} == {"modelled"}
    assert "train 1 s · loss 0.5 · shares with 1 run" in rows[0][-1]
    assert not app.is_running


def test_keys_sort_and_pause():
    _, sort = use(["s"], lambda app: app._sort)
    assert sort == "energy"
    _, looks = use(["p"], lambda app: (app._paused, app._feed.looks))
    assert looks[0]


def test_enter_shows_the_stages_of_the_chosen_run_and_goes_back():
    def stages(app):
        return isinstance(app.screen, Stages), str(app.screen.query_one("#stages").render())

    _, (there, text) = use(["down", "enter"], stages)
    assert there
    assert "stages of b" in text
    _, back = use(["enter", "enter"], lambda app: isinstance(app.screen, Stages))
    assert not back
