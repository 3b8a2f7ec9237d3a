"""What is kept of long recordings gives the same account as reading them again, or is not used."""

from __future__ import annotations

import shutil
from random import Random

import pytest

from joulebook.index import Book
from joulebook.index import book as book_room
from joulebook.index.stored import Stored, decode, encode
from joulebook.ledger.cache import FORMAT, cache_folder, file_system, kept
from joulebook.testing.book import FIRST_WALL_NS, generate_run, generate_runs


@pytest.fixture
def keeping(monkeypatch):
    """Every run counts as a long one."""
    monkeypatch.setattr(book_room, "KEPT_BYTES", 1)


def same(one, other):
    assert one.as_dict() == other.as_dict()
    for name in ("duration", "it_energy", "energy", "carbon", "cost"):
        assert getattr(one, name) == getattr(other, name)  # draw by draw
    assert [line.quantity for line in one.lines] == [line.quantity for line in other.lines]
    assert one.it_energy.explain() == other.it_energy.explain()


def test_kept_measurement_has_the_same_draws_and_the_same_trace(home):
    generate_run(home, Random(8), (FIRST_WALL_NS, 10**12))
    generate_run(home, Random(9), (FIRST_WALL_NS, 10**12))
    book = Book(home)
    for run in book.folders:
        stored = Stored("x", "finished", 1, 2, book.measurement(run), book.history(run))
        assert decode(encode(stored)) == stored


def test_long_run_is_read_once(home, keeping, monkeypatch):
    (run,) = generate_runs(home, 1)
    first = Book(home).statement(run.id)
    assert kept(home / f"index-{FORMAT}", run.id)
    again = Book(home)
    monkeypatch.setattr(again, "recordings", None)
    same(first, again.statement(run.id))
    assert again.history(run.id).series
    assert again.status(run.id) == (run.status or "interrupted")


def test_what_is_kept_is_dropped_when_the_runs_beside_it_change(home, keeping):
    runs = [generate_run(home, Random(seed), (FIRST_WALL_NS, 10**12)) for seed in (5, 6)]
    shared = Book(home).statement(runs[0].id)
    shutil.rmtree(runs[1].folder)
    alone = Book(home).statement(runs[0].id)
    assert alone.it_energy.value > 1.2 * shared.it_energy.value
    same(alone, Book(home, keep=False).statement(runs[0].id))


@pytest.mark.parametrize("damage", [lambda text: text[:-5], lambda _: b"", lambda text: text[::-1]])
def test_damaged_keepsake_is_not_used(home, keeping, damage):
    (run,) = generate_runs(home, 1)
    first = Book(home).statement(run.id)
    path = home / f"index-{FORMAT}" / f"{run.id}.kept"
    path.write_bytes(damage(path.read_bytes()))
    same(first, Book(home).statement(run.id))


def test_trained_process_keeps_nothing(home, keeping):
    (run,) = generate_runs(home, 1)
    Book(home, keep=False).statement(run.id)
    assert not (home / f"index-{FORMAT}").exists() or not list((home / f"index-{FORMAT}").iterdir())


def test_history_has_every_peak_and_the_energy(home):
    (run,) = generate_runs(home, 1, seed=5)
    book = Book(home)
    history = book.history(run.id)
    for series in history.series:
        entry = next(e for e in book.measurement(run.id).entries if not e.span and e.device == series.device)
        joules = sum(watts * series.step_ns / 1e9 for watts in series.mean_w[:-1])
        last = (run.duration_ns - series.step_ns * (len(series.mean_w) - 1)) / 1e9
        joules += series.mean_w[-1] * last
        assert joules == pytest.approx(entry.energy_uj / 1e6, rel=2e-3)
        for low, mean, high in zip(series.low_w, series.mean_w, series.high_w, strict=True):
            assert low <= mean <= high
    coarse = book.history(run.id, bins=7)
    for fine, rough in zip(history.series, coarse.series, strict=True):
        assert max(rough.high_w) == max(fine.high_w)
        assert min(rough.low_w) == min(fine.low_w)
    assert {band.path for band in history.bands} == {"step"}


MOUNTS = """\
22 1 0:20 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
23 22 0:21 / /home rw - nfs4 server:/home rw
24 23 0:22 / /home/me/my\\040disk rw - ext4 /dev/sdb1 rw
damaged line
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/var/x", "ext4"), ("/home/me", "nfs4"), ("/home/me/my disk/book", "ext4"), ("/homestead", "ext4")],
)
def test_file_system_of_a_path(tmp_path, path, expected):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    assert file_system(tmp_path.__class__(path), mounts) == expected


def test_cache_folder_of_a_home_on_a_network_is_in_the_cache(tmp_path):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 1 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path}/home rw - nfs server:/ rw\n")
    place = cache_folder(tmp_path / "home", mounts)
    assert place is not None
    assert (tmp_path / "cache") in place.parents
    assert cache_folder(tmp_path / "other", mounts) == tmp_path / "other" / f"index-{FORMAT}"
