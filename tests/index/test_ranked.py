"""Runs of many ranks in a book: machines once, a share for each rank, and what is remarkable about them."""

from __future__ import annotations

import json
from random import Random
from zlib import crc32

import pytest

from joulebook.errors import RunNotFound
from joulebook.index import Book
from joulebook.ledger.query import Query
from joulebook.ledger.transfer import bring, runs_at
from joulebook.meter.ranks.together import status_of
from joulebook.sensors.base import POWER, Channel
from joulebook.testing.fake import Load, Script
from joulebook.testing.recorded import instruments, recorded

SECOND = 1_000_000_000
GROUP = "0123456789ab"
WALL = 1_780_000_000 * SECOND


def write(home, rank, *, begin=1_000.0, lasts=20.0, node="n0", attempt=0, of=4, group=GROUP, **head):
    """A rank that is recorded on this node; nodes have the same instruments and clocks."""
    head.setdefault("name", "ddp")
    steps = head.pop("steps", None) or [(at, at + 1.5, "step") for at in range(1, int(lasts) - 2, 2)]
    labels = {"group": group, "rank": rank, "of": of, "local": rank % 2, "attempt": attempt, "launcher": "torch"}
    return recorded(
        head.pop("scripts", None) or instruments(),
        lasts,
        stages=steps,
        begin_s=begin,
        seed=crc32(f"{node} {rank} {attempt} {begin} {group}".encode()),
        boot_id=f"boot of {node}",
        host=node,
        wall_ns=WALL + int((begin - 1_000) * SECOND),
        rank=labels,
        **head,
    ).write(home)


def rows(home, **query):
    return Book(home).listing.page(Query(**query)).rows


def it_energy(book, run):
    lines = book.statement(run).of_kind("it_energy", "")
    return {line.device: line.energy_uj for line in lines}


@pytest.fixture
def two_nodes(home):
    for rank in range(4):
        write(home, rank, node=f"n{rank // 2}", begin=1_000.0 + rank / 10)
    return home


def test_a_machine_is_counted_once_and_nodes_are_added(two_nodes, tmp_path):
    truth = {}
    for node, begin in (("n0", 1_000.0), ("n1", 1_000.2)):  # one process from the first rank's start to the last's end
        write(tmp_path / node, 0, node=node, begin=begin, lasts=20.1)
        book = Book(tmp_path / node)
        truth |= {f"{node} {device}": uj for device, uj in it_energy(book, book.folders.popitem()[0]).items()}
    book = Book(two_nodes)
    assert book.find("last").id == GROUP
    assert it_energy(book, "last") == pytest.approx(truth, rel=0.03)  # a power is sampled ten times a second


def test_the_shares_of_ranks_add_up_to_the_run_to_the_microjoule(two_nodes):
    book = Book(two_nodes)
    statement = book.statement(GROUP)
    assert [(line.rank, line.node) for line in statement.ranks] == [(0, "n0"), (1, "n0"), (2, "n1"), (3, "n1")]
    parts = sum(uj for line in statement.ranks for uj in it_energy(book, line.run).values())
    assert parts == sum(it_energy(book, GROUP).values())
    assert sum(line.it_energy.value for line in statement.ranks) == pytest.approx(statement.it_energy.value)
    assert any("bring" in text or "rank" in text for text in book.statement(statement.ranks[0].run).warnings)
    json.dumps(statement.as_dict())


def test_the_power_at_rest_of_a_model_is_in_the_lines_of_the_ranks(home):
    """The model of a processor has a channel for its power at rest, and one for the rest."""
    channels = [Channel(name, "cpu", "cpu", POWER, basis="modelled", limit_w=2_000.0) for name in ("idle", "active")]
    for rank in range(2):
        write(home, rank, of=2, scripts=[Script(Load.square(40, 200, 7.3), channel) for channel in channels])
    statement = Book(home).statement(GROUP)
    assert sum(line.it_energy.value for line in statement.ranks) == pytest.approx(statement.it_energy.value)


def test_a_run_of_many_has_the_part_of_one_beside_another_run(home):
    for rank in range(3):
        write(home, rank, of=3)
    other = recorded(instruments(), 20, begin_s=1_000, seed=99, boot_id="boot of n0", wall_ns=WALL)
    other.write(home)
    book = Book(home)
    whole = sum(it_energy(book, GROUP).values())
    assert sum(it_energy(book, str(other.head["run"])).values()) == pytest.approx(whole, rel=0.01)
    assert book.statement(GROUP).shared_with == 1
    assert book.statement(str(other.head["run"])).shared_with == 1


def test_it_is_listed_once_with_what_its_statement_says(two_nodes):
    (row,) = rows(two_nodes)
    statement = Book(two_nodes).statement(GROUP)
    assert (row["id"], row["name"], row["ranks"], row["status"]) == (GROUP, "ddp", 4, "finished")
    assert row["it_energy"]["value"] == pytest.approx(statement.it_energy.to("kWh").value)
    every = rows(two_nodes, nested=True)
    assert {one["parent"] for one in every if one["id"] != GROUP} == {GROUP}
    assert len(every) == 5


def test_it_is_found_by_its_name_its_beginning_and_as_the_last(two_nodes):
    book = Book(two_nodes)
    assert {book.find(word).id for word in ("ddp", GROUP[:4], GROUP, "last")} == {GROUP}
    with pytest.raises(RunNotFound):
        book.find("last~1")


def test_it_is_found_in_a_large_book_as_in_a_small_one(two_nodes, monkeypatch):
    monkeypatch.setattr("joulebook.index.book._MANY", 3)
    book = Book(two_nodes)
    assert {book.find(word).id for word in ("ddp", GROUP[:4], GROUP, "last")} == {GROUP}
    assert book.statement("ddp").ranks


def test_an_index_that_grew_rank_by_rank_equals_one_made_at_once(home):
    random = Random(5)
    ranks = [(rank, launch) for launch in range(2) for rank in range(4)]
    random.shuffle(ranks)
    book = Book(home)
    for rank, launch in ranks:
        write(home, rank, node=f"n{rank // 2}", begin=1_000.0 + 100 * launch)
        Book(home).listing.digest()
    grown = Book(home).listing.digest()
    book = Book(home)
    book.listing.rebuild()
    assert book.listing.digest() == grown
    first, second = rows(home)[::-1]
    assert (first["id"], second["ranks"]) == (GROUP, 4)
    assert {launch.id for launch in Book(home).ranked} == {first["id"], second["id"]}


def test_ranks_that_go_leave_a_run_of_the_others(two_nodes):
    rows(two_nodes)
    folders = sorted((two_nodes / "runs").iterdir())
    for path in folders[:2]:
        (path / next(path.iterdir()).name).unlink()
        path.rmdir()
    (row,) = rows(two_nodes)
    assert row["ranks"] == 2
    assert any("2 of 4 ranks are in this book, without rank 0, rank 1" in text for text in warnings(two_nodes))


def warnings(home, run="last"):
    return Book(home).statement(run).warnings


def test_books_of_nodes_brought_together_are_one_run(tmp_path):
    here, there = tmp_path / "here", tmp_path / "there"
    for rank in range(4):
        write(here if rank < 2 else there, rank, node=f"n{rank // 2}")
    apart = [sum(it_energy(Book(home), "last").values()) for home in (here, there)]
    for run in runs_at(there):
        bring(run, here)
    assert sum(it_energy(Book(here), "last").values()) == sum(apart)
    assert Book(here).statement("last").run == GROUP


def test_a_rank_that_dies_is_named_and_the_others_go_on(home):
    write(home, 0, of=2)
    write(home, 1, of=2, lasts=8, status="", pid=0)
    statement = Book(home).statement("last")
    assert statement.status == "interrupted"
    assert [line.status for line in statement.ranks] == ["finished", "interrupted"]
    assert any(
        text.startswith("rank 1 on n0 interrupted 12 s before the last one ended") for text in statement.warnings
    )


def test_a_restart_is_part_of_the_run_and_its_waste_is_said(home):
    for rank in range(2):
        write(home, rank, of=2, lasts=8, status="failed")
    for rank in range(2):
        write(home, rank, of=2, begin=1_012, attempt=1)
    statement = Book(home).statement("last")
    assert statement.status == "finished"
    assert len(statement.ranks) == 4
    before = sum(line.it_energy.value for line in statement.ranks if line.attempt == 0)
    assert any(
        f"started anew once: the attempts before the last used {before:.3g} J" in text for text in statement.warnings
    )


def test_a_number_that_two_processes_have_counts_both(home):
    write(home, 0, of=2)
    write(home, 0, of=2, begin=1_005.0)
    write(home, 1, of=2)
    statement = Book(home).statement("last")
    assert len(statement.ranks) == 3
    assert any(text.startswith("rank 0: more than one process had this number") for text in statement.warnings)


def test_a_smaller_world_after_a_restart_misses_nobody(home):
    for rank in range(4):
        write(home, rank, lasts=8, status="failed")
    for rank in range(3):
        write(home, rank, of=3, begin=1_012, attempt=1)
    assert not any("ranks are in this book" in text for text in warnings(home))


def test_the_slowest_rank_and_its_stage_are_named(home):
    for rank in range(3):
        length = 1.8 if rank == 2 else 1.0
        write(home, rank, of=3, steps=[(at, at + length, "forward") for at in range(1, 17, 2)])
    assert any(
        "straggler: rank 2 on n0 takes 1.8 times as long as the others in forward, or waits" in one
        for one in warnings(home)
    )


def test_ranks_alike_have_no_straggler(two_nodes):
    assert not any("straggler" in text for text in warnings(two_nodes))


def test_a_node_that_begins_much_later_is_said(home):
    write(home, 0, of=2, lasts=80)
    write(home, 1, of=2, node="n1", begin=1_060)
    assert any("n1 began 60 s after n0" in text for text in warnings(home))


def test_ranks_inside_a_run_of_joulebook_run_are_part_of_it(home):
    around = recorded(
        instruments(), 22, begin_s=999, seed=3, boot_id="boot of n0", wall_ns=WALL - SECOND, name="launch"
    )
    around.write(home)
    outer = str(around.head["run"])
    for rank in range(2):
        write(home, rank, of=2, parent=outer)
    book = Book(home)
    assert book.find("last").id == outer
    assert book.statement(outer).shared_with == 0
    assert book.around(GROUP) == {outer}
    inner = sum(it_energy(book, GROUP).values())
    assert inner < sum(it_energy(book, outer).values())
    assert [row["id"] for row in rows(home)] == [outer]


def test_a_damaged_rank_costs_itself_only(two_nodes):
    victim = next(path for path in (two_nodes / "runs").iterdir() if "-" in path.name)
    for path in victim.iterdir():
        path.write_bytes(b"rubbish\n")
    assert len(Book(two_nodes).statement(GROUP).ranks) == 3
    (row,) = rows(two_nodes)
    assert row["id"] == GROUP


def test_charts_show_each_machine(two_nodes):
    history = Book(two_nodes).history("last")
    assert {one.device for one in history.series} == {f"{n} {d}" for n in ("n0", "n1") for d in ("cpu-0", "gpu-0")}
    assert {band.path for band in history.bands} == {"step"}


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ([(0, "finished"), (0, "finished")], "finished"),
        ([(0, "finished"), (0, "interrupted")], "interrupted"),
        ([(0, "failed"), (0, "interrupted")], "failed"),
        ([(0, "running"), (0, "failed")], "running"),
        ([(0, "failed"), (1, "finished")], "finished"),
    ],
)
def test_the_status_of_all(ranks, expected):
    assert status_of(ranks) == expected


def test_ranks_hold_their_machines_together_once(two_nodes):
    """What making a machine emitted is borne once, whatever the number of ranks on it."""
    book = Book(two_nodes)
    found = book.measurement(book.find("last").id)
    held = {one.device: one for one in found.held}
    assert {one.node for one in found.held} == {"n0", "n1"}
    assert {device.partition(" ")[0] for device in held} == {"n0", "n1"}
    for one in found.held:
        assert one.seconds == pytest.approx(20.1, rel=0.03)
    ranks = [book.measurement(rank) for rank in book.ranked.ranks(GROUP)]
    parts = sum(one.seconds for rank in ranks for one in rank.held)
    assert sum(one.seconds for one in found.held) == pytest.approx(parts, rel=1e-12)
