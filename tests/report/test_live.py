import json
from io import StringIO

import pytest
from rich.console import Console

from joulebook.meter.live import DeviceNow, RunNow, Snapshot
from joulebook.quantity import Basis, Quantity
from joulebook.report.live import SORTS, as_dict, line, ordered
from joulebook.report.live_view import screen

HOSTILE = "\x1b[31mred\x1b[0m \u202etxt.exe\u202c \U0001f600 <script>alert(1)</script>\r\n=cmd|' /C'!A0"


def watts(value, basis=Basis.MEASURED, spread=0.1):
    low, high = value * (1 - spread), value * (1 + spread)
    return Quantity.of(value, "W", low=low, high=high, basis=basis, source="s")


def joules(value):
    return Quantity.of(value, "J", low=value * 0.9, high=value * 1.1, basis=Basis.MEASURED, source="j")


def device(name="cpu-0", power=None, basis="measured", within=""):
    return DeviceNow(name, "package-0", "cpu", basis, within, "RAPL", power)


def run(run_id="a" * 12, **given):
    fields = {
        "id": run_id,
        "name": "train.py",
        "parent": "",
        "status": "running",
        "elapsed_s": 75.0,
        "silent_s": 0.2,
        "stage": "epoch/train",
        "stage_s": 3.0,
        "power": watts(50),
        "shared_with": 1,
        "energy": joules(9_000),
        "metrics": (("loss", 0.12345), ("step", 12_345_678)),
    }
    return RunNow(**fields | given)


def seen(*runs, devices=(), notices=(), power=None):
    return Snapshot(1_750_000_000 * 10**9, "journals", tuple(devices), power, tuple(runs), tuple(notices))


def shown(snapshot, width=80, height=24, **options):
    out = StringIO()
    Console(file=out, width=width, height=height, force_terminal=True, color_system=None).print(
        screen(snapshot, (width, height), **options)
    )
    return out.getvalue()


def test_a_screen_says_what_is_known_in_words():
    assumed = watts(8, Basis.ASSUMED, spread=0.7)
    text = shown(
        seen(
            run(),
            run("b" * 12, parent="a" * 12, power=None, energy=None, stage="", metrics=()),
            devices=[device(power=watts(90)), device("ram", assumed, "assumed"), device("core", None, within="cpu-0")],
            power=assumed + watts(90),
        ),
        width=120,
    )
    for words in ("measured", "assumed", "unknown", "90 W", "2.4-14 W", "shares with 1 run", "core", "(in cpu-0)"):
        assert words in text
    assert "epoch/train 3 s · loss 0.1235 · step 12345678" in text
    assert "9 kJ" in text
    assert "\n  bbbb" in text  # inside the run above it


@pytest.mark.parametrize("size", [(60, 15), (40, 10), (20, 6), (80, 24), (200, 60)])
def test_a_screen_fits_its_window_and_counts_what_does_not(size):
    devices = [device(f"cpu-{at}", watts(10 + at)) for at in range(12)]
    runs = [run(f"{at:012x}", name="a name that is much too long for a small window " * 3) for at in range(9)]
    text = shown(seen(*runs, devices=devices, power=watts(100), notices=["x" * 300]), *size, keys="q quit")
    lines = text.rstrip("\n").split("\n")
    assert all(len(row) <= size[0] for row in lines)
    if size[1] >= 15:
        assert len(lines) <= size[1]
    if size[1] < 60:
        assert "more" in text
    assert "q quit" in lines[-1]


def test_names_are_shown_harmlessly_and_kept_whole_for_programs():
    snapshot = seen(
        run(name=HOSTILE, stage=HOSTILE, metrics=((HOSTILE, HOSTILE),)),
        devices=[device(HOSTILE, watts(1), within=HOSTILE)],
        notices=[HOSTILE],
    )
    for text in (shown(snapshot, 200, 40), line(snapshot)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\r" not in text
    plain = json.loads(json.dumps(as_dict(snapshot), allow_nan=False))
    assert plain["runs"][0]["name"] == HOSTILE
    assert "\x1b" not in json.dumps(plain)


def test_a_look_as_a_document():
    plain = json.loads(json.dumps(as_dict(seen(run(power=None, energy=None), devices=[device()])), allow_nan=False))
    assert (plain["schema"], plain["source"], plain["power"]) == ("joulebook.top/1", "journals", None)
    assert plain["devices"][0]["power"] is None
    (one,) = plain["runs"]
    assert (one["power"], one["machine_energy"], one["parent"], one["stage"]) == (None, None, None, "epoch/train")
    assert one["metrics"] == {"loss": 0.12345, "step": 12_345_678}
    assert json.loads(json.dumps(as_dict(seen(run()))))["runs"][0]["machine_energy"]["unit"] == "J"


def test_a_look_as_a_line():
    text = line(seen(run(), run("b" * 12, status="finished", power=None, stage="", metrics=()), power=watts(60)))
    assert text.startswith("2025-06-15T15:06:40Z  60 W  ±10 % measured  |  aaaa train.py  50 W")
    assert "bbbb train.py  finished" in text
    assert "\n" not in text
    assert "no run is being recorded" in line(seen())
    assert "silent for 2 min 0 s" in line(seen(run(status="silent", silent_s=120)))


def test_runs_are_ordered_and_inner_ones_follow_theirs():
    runs = [
        run("a" * 12, power=watts(10), energy=joules(30), elapsed_s=1, name="z"),
        run("b" * 12, power=watts(20), energy=joules(20), elapsed_s=3, name="y"),
        run("c" * 12, power=None, energy=None, elapsed_s=2, name="x"),
        run("d" * 12, power=watts(5), energy=joules(5), parent="a" * 12, name="w"),
    ]
    orders = {sort: "".join(one.id[0] for _, one in ordered(runs, sort)) for sort in SORTS}
    assert orders == {"power": "badc", "energy": "adbc", "elapsed": "bcad", "name": "cbad"}
    circular = [run("a" * 12, parent="b" * 12), run("b" * 12, parent="a" * 12)]
    assert {one.id[0] for _, one in ordered(circular, "power")} == {"a", "b"}
