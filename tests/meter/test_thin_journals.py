import pytest

from joulebook.ledger.reader import read_segments
from joulebook.ledger.recording import read_recordings
from joulebook.ledger.retention import on_disk
from joulebook.meter.claimed import Scene
from joulebook.meter.measured import totals
from joulebook.meter.thin_journals import clusters, thin
from joulebook.testing.recorded import instruments, recorded


def energies(home):
    groups = {}
    for one in on_disk(home, "now"):
        groups[one.id] = read_recordings(one.path)
        for recording in groups[one.id]:
            recording.head["run"] = one.id
    return {
        run: totals(Scene(group, [other for name, other in groups.items() if name != run])).energy_uj
        for run, group in groups.items()
    }


def thin_all(home, *, write=True, chosen=None):
    runs = on_disk(home, "now")
    paths = {run.path for run in runs if chosen is None or run.id in chosen}
    return {one.run.id: one for cluster in clusters(runs) for one in thin(cluster, paths, write=write)}


def test_old_runs_get_small_and_their_energies_stay(tmp_path):
    first = recorded(instruments(100_000_000), 400, seed=1, run="a" * 12, stages=[(5, 300, "train")])
    second = recorded(instruments(), 300, seed=2, run="b" * 12, begin_s=1_250)
    for journal in (first, second):
        journal.write(tmp_path)
    before = energies(tmp_path)
    shown = thin_all(tmp_path, write=False)
    assert {one.why for one in shown.values()} == {""}
    assert energies(tmp_path) == before
    done = thin_all(tmp_path)
    assert all(abs(done[run.id].after - run.bytes) < 500 for run in on_disk(tmp_path, "now"))
    assert all(one.after < 0.5 * one.before for one in done.values())
    assert energies(tmp_path) == pytest.approx(before, rel=1e-8)
    (file,) = read_segments(next(run.path for run in on_disk(tmp_path, "now") if run.id == "a" * 12))
    assert file.head["thinned"] == 10.0
    again = thin_all(tmp_path)
    assert {one.why for one in again.values()} == {"it is thinned already"}


def test_only_the_chosen_ones_are_touched(tmp_path):
    kept = recorded(instruments(), 100, seed=1, run="a" * 12).write(tmp_path)
    recorded(instruments(), 100, seed=2, run="b" * 12, begin_s=1_050).write(tmp_path)
    data, before = kept.read_bytes(), energies(tmp_path)
    assert set(thin_all(tmp_path, chosen={"b" * 12})) == {"b" * 12}
    assert kept.read_bytes() == data
    assert energies(tmp_path) == pytest.approx(before, rel=1e-8)


def test_a_run_beside_one_that_is_being_recorded_waits(tmp_path):
    recorded(instruments(), 100, seed=1, run="a" * 12, boot_id="now").write(tmp_path)
    recorded(instruments(), 100, seed=2, run="b" * 12, begin_s=1_050, boot_id="now", status="").write(tmp_path)
    assert "it is being recorded" in thin_all(tmp_path)["a" * 12].why


def test_damaged_short_and_divided_journals_are_left_as_they_are(tmp_path):
    damaged = recorded(instruments(), 100, seed=1, run="a" * 12).write(tmp_path)
    lines = damaged.read_bytes().splitlines(keepends=True)
    damaged.write_bytes(b"".join(lines[:5] + lines[6:]))
    recorded(instruments(), 3, seed=2, run="b" * 12, begin_s=2_000).write(tmp_path)
    divided = recorded(instruments(), 100, seed=3, run="c" * 12, begin_s=3_000).write(tmp_path)
    (divided.parent / divided.name.replace(".000.", ".001.")).write_bytes(divided.read_bytes())
    found = thin_all(tmp_path)
    assert "damaged" in found["a" * 12].why
    assert "nothing to gain" in found["b" * 12].why
    assert "several parts" in found["c" * 12].why


def test_a_full_disk_leaves_the_run_as_it_was(tmp_path, monkeypatch):
    segment = recorded(instruments(), 100).write(tmp_path)
    data = segment.read_bytes()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    (one,) = thin_all(tmp_path).values()
    assert (one.why, one.after) == ("No space left on device", one.before)
    assert [path.name for path in segment.parent.iterdir()] == [segment.name]
    assert segment.read_bytes() == data


def test_a_difference_that_would_show_stops_it(tmp_path, monkeypatch):
    segment = recorded(instruments(), 100).write(tmp_path)
    data = segment.read_bytes()
    monkeypatch.setattr(
        "joulebook.meter.thin_journals.differences", lambda *_: ["the whole run, cpu-0: its energy changes"]
    )
    (one,) = thin_all(tmp_path).values()
    assert "would not stay as they are" in one.why
    assert segment.read_bytes() == data


def test_many_runs_beside_each_other_are_not_tried(tmp_path, monkeypatch):
    monkeypatch.setattr("joulebook.meter.thin_journals.MOST_RUNS", 2)
    for number in range(3):
        recorded(instruments(), 60, seed=number, run=f"{number}" * 12, begin_s=1_000 + number).write(tmp_path)
    assert all("too many" in one.why for one in thin_all(tmp_path).values())
