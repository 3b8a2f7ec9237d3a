import os
import shutil
from pathlib import Path

import pytest

from joulebook.errors import LedgerError
from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.places import list_runs
from joulebook.ledger.transfer import bring, holds_only_runs, runs_at, temporary_homes
from joulebook.testing.recorded import instruments, recorded


@pytest.fixture
def there(tmp_path):
    return tmp_path / "there"


@pytest.fixture
def here(tmp_path):
    return tmp_path / "here"


def files(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def only(home):
    (run,) = list_runs(home)
    return run


def test_a_run_is_copied_byte_by_byte_with_its_times(there, here):
    segment = recorded(instruments(), 5).write(there)
    os.utime(segment, ns=(10**18, 10**18))
    (run,) = runs_at(there)
    brought = bring(run, here)
    assert (brought.outcome, brought.id) == ("copied", run.id)
    copy = only(here)
    assert Path(copy.path).name == segment.parent.name
    assert files(segment.parent) == files(here / "runs" / segment.parent.name)
    assert (here / "runs" / segment.parent.name / segment.name).stat().st_mtime_ns == 10**18
    assert bring(run, here).outcome == "here already"
    assert len(list((here / "runs").iterdir())) == 1


@pytest.mark.parametrize("of", ["book", "runs", "run", "renamed run"])
def test_where_runs_are_found(there, of):
    segment = recorded(instruments(), 2).write(there)
    place = {"book": there, "runs": there / "runs"}.get(of, segment.parent)
    if of == "renamed run":
        place = segment.parent.rename(there / "backup of my run")
    (run,) = runs_at(place)
    assert run.id == segment.parent.name[-12:]
    assert run.started_ns // 10**6 == recorded(instruments(), 2).head["wall_ns"] // 10**6


def test_a_place_without_runs_is_refused(tmp_path):
    with pytest.raises(LedgerError, match="holds no run"):
        runs_at(tmp_path)
    with pytest.raises(LedgerError, match="is no folder"):
        runs_at(tmp_path / "nothing")


def test_a_run_that_has_grown_is_completed_and_an_older_copy_changes_nothing(there, here):
    segment = recorded(instruments(), 5).write(there)
    data = segment.read_bytes()
    segment.write_bytes(data[:2_000])
    bring(only(there), here)
    segment.write_bytes(data)
    assert bring(only(there), here).outcome == "completed"
    copy = here / "runs" / segment.parent.name / segment.name
    assert copy.read_bytes() == data
    segment.write_bytes(data[:1_000])
    assert bring(only(there), here).outcome == "here already"
    assert copy.read_bytes() == data


def test_the_rest_of_a_run_that_was_kept_elsewhere_is_added(there, here):
    segment = recorded(instruments(), 5).write(there)
    bring(only(there), here)
    lines = segment.read_bytes().splitlines(keepends=True)
    second = segment.with_name(segment.name.replace(".000.", ".001."))
    second.write_bytes(lines[0] + lines[-1])
    segment.unlink()
    assert bring(only(there), here).outcome == "completed"
    assert set(files(here / "runs" / segment.parent.name)) == {segment.name, second.name}


def test_another_run_with_the_same_id_is_refused_or_kept_under_a_new_one(there, here):
    recorded(instruments(), 5, seed=1, run="a" * 12).write(there)
    recorded(instruments(), 5, seed=2, run="a" * 12, begin_s=2_000).write(here)
    before = files(here / "runs" / Path(only(here).path).name)
    brought = bring(only(there), here)
    assert brought.outcome == "refused"
    assert "another run of this book has its id" in brought.detail
    assert files(here / "runs" / Path(only(here).path).name) == before
    kept = bring(only(there), here, new_id=True)
    assert (kept.outcome, kept.id == "a" * 12) == ("copied", False)
    assert {run.id for run in list_runs(here)} == {"a" * 12, kept.id}


def test_a_changed_copy_is_refused(there, here):
    segment = recorded(instruments(), 5).write(there)
    bring(only(there), here)
    segment.write_bytes(segment.read_bytes().replace(b'"t"', b'"T"', 1))
    assert "differs" in bring(only(there), here).detail


def test_a_copy_that_fails_leaves_nothing(there, here, monkeypatch):
    recorded(instruments(), 5).write(there)

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        bring(only(there), here)
    assert list((here / "runs").iterdir()) == []


def test_links_and_devices_are_not_copied(there, here):
    segment = recorded(instruments(), 2).write(there)
    segment.with_name("9-00000000.000.jsonl").symlink_to("/etc/passwd")
    with pytest.raises(OSError):
        bring(only(there), here)
    assert not (here / "runs").exists() or list((here / "runs").iterdir()) == []


def test_a_journal_that_names_no_run_needs_a_name(tmp_path):
    path = tmp_path / "1-00000000.000.jsonl"
    path.write_bytes(frame(to_json({"n": 0, "head": {"format": 1, "run": "../../etc"}})))
    with pytest.raises(LedgerError, match="names no run"):
        runs_at(tmp_path)


def test_temporary_homes_are_those_of_this_user_with_runs_in_them(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    mine = tmp_path / "joulebook-abc"
    recorded(instruments(), 1).write(mine)
    mine.chmod(0o700)
    empty = tmp_path / "joulebook-empty"
    (empty / "runs").mkdir(parents=True)
    loose = tmp_path / "joulebook-loose"
    shutil.copytree(mine, loose)
    loose.chmod(0o777)
    (tmp_path / "joulebook-link").symlink_to(mine)
    assert temporary_homes() == [mine]
    assert holds_only_runs(mine)
    (mine / "thesis.txt").write_text("x")
    assert not holds_only_runs(mine)
