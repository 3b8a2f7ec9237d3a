"""The list of runs: what it says is what the journals say, however it came about and whatever became of its file."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from joulebook.index import Book
from joulebook.index import listing as listing_room
from joulebook.ledger.cache import FORMAT, INDEX
from joulebook.ledger.frame import frame, from_json, to_json, unframe
from joulebook.ledger.query import Condition, Query
from joulebook.ledger.recording import EARLIEST_NS
from joulebook.testing.book import FIRST_WALL_NS, SECOND, generate_run, generate_runs

EVERYTHING = Query(limit=-1, nested=True)


@pytest.fixture(autouse=True)
def always_look(monkeypatch):
    monkeypatch.setattr(listing_room, "_FRESH_NS", -1)


def crowd(home, count, seed=3):
    """Runs of which many overlap on one boot."""
    random = Random(seed)
    return [
        generate_run(home, random, (FIRST_WALL_NS + at, 10**12 + at))
        for at in sorted(random.randrange(60 * SECOND) for _ in range(count))
    ]


def rewrite(run, change):
    """Change the records of a generated run's journal."""
    (path,) = run.folder.glob("*.jsonl")
    records = [from_json(unframe(line)) for line in path.read_bytes().splitlines(keepends=True)]
    path.write_bytes(b"".join(frame(to_json(record)) for record in change(records)))


def index_file(home):
    return home / f"index-{FORMAT}" / INDEX


def test_rows_say_what_is_true_of_the_runs(home):
    runs = {run.id: run for run in generate_runs(home, 30)}
    page = Book(home).listing.page(EVERYTHING)
    assert page.total == 30
    assert [row["id"] for row in page.rows] == list(reversed(runs))
    for row in page.rows:
        run = runs[row["id"]]
        assert (row["name"], row["region"] or "") == (run.name, run.region)
        assert row["status"] == (run.status or "interrupted")
        assert row["duration"]["value"] * 3600 == pytest.approx(run.duration_ns / 1e9, rel=0.05, abs=0.01)
        assert row["it_energy"]["value"] * 3.6e6 > 0.9 * run.package_uj / 1e6


def test_index_holds_the_energy_of_the_statement_to_the_microjoule(home):
    crowd(home, 12)
    book = Book(home)
    book.listing.page(EVERYTHING)
    for run, row in book.listing._index.rows(book.folders).items():
        whole = [
            entry
            for entry in Book(home).measurement(run).entries
            if not entry.span and not entry.labels.get("within") and "part" not in entry.labels
        ]
        assert row.energy_uj == sum(entry.energy_uj for entry in whole)


def test_index_that_grew_equals_one_made_at_once(home):
    random = Random(1)
    grown = []
    away = home.parent / "away"
    crowd(away, 25)
    folders = sorted((away / "runs").iterdir())
    random.shuffle(folders)
    (home / "runs").mkdir(parents=True)
    book = Book(home)
    for folder in folders:
        shutil.copytree(folder, home / "runs" / folder.name)
        grown.append(folder.name)
        if random.random() < 0.5:
            book.listing.page(EVERYTHING)
        if random.random() < 0.2:
            shutil.rmtree(home / "runs" / grown.pop(random.randrange(len(grown))))
    live = book.listing.digest()
    assert len(book.listing.page(EVERYTHING).rows) == len(grown)
    fresh = Book(home)
    fresh.listing.rebuild()
    assert fresh.listing.digest() == live


def test_runs_that_overlap_are_counted_again_when_one_comes_or_goes(home):
    first, second = (generate_run(home, Random(seed), (FIRST_WALL_NS, 10**12)) for seed in (5, 6))
    book = Book(home)
    both = {row["id"]: row["it_energy"]["value"] for row in book.listing.page(EVERYTHING).rows}
    shutil.rmtree(second.folder)
    (alone,) = book.listing.page(EVERYTHING).rows
    assert alone["id"] == first.id
    assert alone["it_energy"]["value"] > 1.2 * both[first.id]


def test_pages_together_are_the_whole_in_every_order(home):
    generate_runs(home, 23)
    listing = Book(home).listing
    for sort in ("started", "name", "status", "duration", "it_energy", "carbon", "cost"):
        for ascending in (False, True):
            asked = Query(sort=sort, ascending=ascending, limit=-1)
            whole = [row["id"] for row in listing.page(asked).rows]
            pages = [listing.page(asked._replace(limit=7, offset=at)) for at in range(0, 28, 7)]
            assert [row["id"] for page in pages for row in page.rows] == whole
            assert {page.total for page in pages} == {23}


def test_filters(home):
    runs = generate_runs(home, 40)
    listing = Book(home).listing

    def ids(**asked):
        return {row["id"] for row in listing.page(Query(limit=-1, **asked)).rows}

    assert ids(name="BERT") == {run.id for run in runs if "bert" in run.name}
    assert ids(name="bert-ft-*") == {run.id for run in runs if run.name.startswith("bert-ft-")}
    assert ids(name="%") == ids(name="_") == set()
    assert ids(status=("failed", "stopped")) == {run.id for run in runs if run.status in ("failed", "stopped")}
    assert ids(region="fr") == {run.id for run in runs if run.region == "FR"}
    assert ids(since_ns=runs[10].start_ns, until_ns=runs[20].start_ns + SECOND // 2) >= {run.id for run in runs[11:20]}
    assert ids(labels=(("project", "vision"),)) | ids(labels=(("project", "text"),)) == {run.id for run in runs}
    assert ids(labels=(('pro"ject', "x"),)) == set()
    rows = listing.page(Query(limit=-1)).rows
    heavy = {row["id"] for row in rows if row["carbon"]["value"] * 1e3 > 0.2}
    assert ids(conditions=(Condition("carbon", ">", 0.2),)) == heavy
    assert ids(conditions=(Condition("it_energy", "<", 1e9),)) == {
        row["id"] for row in rows if row["it_energy"]["value"] * 3.6e6 < 1e3
    }


def test_label_with_signs_of_a_path_in_it(home):
    run, _ = generate_runs(home, 2)
    rewrite(run, lambda records: [{"n": 0, "head": records[0]["head"] | {"labels": {'q"u.o$': "v"}}}, *records[1:]])
    assert [row["id"] for row in Book(home).listing.page(Query(labels=(('q"u.o$', "v"),))).rows] == [run.id]


def test_journal_that_was_changed_in_place_is_read_again(home):
    run, other = generate_runs(home, 2)
    listing = Book(home).listing
    assert listing.page(EVERYTHING).total == 2
    rewrite(run, lambda records: [{"n": 0, "head": records[0]["head"] | {"name": "changed"}}, *records[1:]])
    (path,) = other.folder.glob("*.jsonl")
    path.write_bytes(path.read_bytes()[:20])
    found = {row["id"]: row for row in listing.page(EVERYTHING).rows}
    assert found[run.id]["name"] == "changed"
    assert (found[other.id]["status"], found[other.id]["it_energy"]) == ("damaged", None)


def test_runs_that_name_themselves_or_each_other_as_parent_stand_alone(home):
    runs = generate_runs(home, 3)
    for run, parent in zip(runs, (runs[0], runs[2], runs[1]), strict=True):
        named = {"parent": parent.id}
        rewrite(run, lambda records, named=named: [{"n": 0, "head": records[0]["head"] | named}, *records[1:]])
    book = Book(home)
    assert book.listing.page(Query()).total == 3
    assert book.find("last").id == runs[2].id


def test_change_of_settings_prices_again(home, monkeypatch):
    generate_runs(home, 12)
    listing = Book(home).listing
    before = {row["id"]: row for row in listing.page(EVERYTHING).rows}
    monkeypatch.setenv("JOULEBOOK_REGION", "FR")
    after = {row["id"]: row for row in listing.page(EVERYTHING).rows}
    for run, row in before.items():
        changed = row["carbon"] != after[run]["carbon"]
        assert changed == (row["region"] is None)
        assert row["it_energy"] == after[run]["it_energy"]


KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from joulebook.index import Book
from joulebook.ledger.query import Query
left = int(sys.argv[2])
@event.listens_for(Engine, "before_cursor_execute")
def count(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
@event.listens_for(Engine, "commit")
def commit(*_):
    count()
Book(sys.argv[1]).listing.page(Query(limit=5))
print(int(sys.argv[2]) - left)
"""


def killed_at(home, statement):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(home), str(statement)], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode == 0


def kills(home, statements):
    """Kill an indexer at these statements, one after the other on the same book, and compare with a fresh index."""
    crowd(home, 12)
    expected = Book(home)
    expected.listing.rebuild()
    digest = expected.listing.digest()
    for statement in statements:
        shutil.rmtree(home / f"index-{FORMAT}")
        finished = killed_at(home, statement)
        killed_at(home, statement // 2)
        assert Book(home).listing.digest() == digest
        if finished:
            return


def test_indexer_killed_at_a_statement_leaves_nothing_wrong(home):
    kills(home, (0, 4, 11, 17, 20))


@pytest.mark.long
def test_indexer_killed_at_every_statement_leaves_nothing_wrong(home):
    kills(home, range(200))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_truncated_index_is_made_again(home, share):
    generate_runs(home, 30)
    expected = Book(home).listing.digest()
    path = index_file(home)
    os.truncate(path, int(share * path.stat().st_size))
    assert Book(home).listing.digest() == expected


@pytest.mark.parametrize("what", [b"", b"not a database", b"SQLite format 3\0" + bytes(2_000), None])
def test_file_that_is_no_index_is_replaced(home, what):
    generate_runs(home, 3)
    expected = Book(home).listing.digest()
    if what is None:  # opening a pipe would wait for ever
        index_file(home).unlink()
        os.mkfifo(index_file(home))
    else:
        index_file(home).write_bytes(what)
    assert Book(home).listing.digest() == expected


def test_flipped_bytes_of_an_index_never_raise(home):
    generate_runs(home, 20)
    Book(home).listing.page(EVERYTHING)
    whole = index_file(home).read_bytes()
    random = Random(7)
    for _ in range(25):
        broken = bytearray(whole)
        for _ in range(40):
            broken[random.randrange(len(broken))] ^= 1 << random.randrange(8)
        index_file(home).write_bytes(broken)
        listing = Book(home).listing
        listing.page(EVERYTHING)
        listing.close()


def test_index_deleted_while_it_is_open(home):
    generate_runs(home, 5)
    listing = Book(home).listing
    assert listing.page(EVERYTHING).total == 5
    shutil.rmtree(home / f"index-{FORMAT}")
    generate_run(home, Random(99), (FIRST_WALL_NS + 10**15, 10**15))
    assert listing.page(EVERYTHING).total == 6


def test_index_that_somebody_else_writes_to_is_left_aside(home, monkeypatch):
    monkeypatch.setattr("joulebook.ledger.run_index.BUSY_S", 0.05)
    generate_runs(home, 5)
    Book(home).listing.page(EVERYTHING)
    generate_run(home, Random(99), (FIRST_WALL_NS + 10**15, 10**15))
    other = sqlite3.connect(index_file(home), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    listing = Book(home).listing
    assert listing.page(EVERYTHING).total == 6
    assert "made anew" in listing.notice
    other.close()
    assert Book(home).listing.page(EVERYTHING).total == 6


def test_book_that_cannot_be_written_has_its_index_in_the_cache(home, monkeypatch):
    generate_runs(home, 4)
    monkeypatch.setattr(
        "joulebook.ledger.cache.file_system", lambda path, _: "nfs4" if "index" in path.name else "ext4"
    )
    assert Book(home).listing.page(EVERYTHING).total == 4
    assert not index_file(home).exists()
    assert len(list(Path(os.environ["XDG_CACHE_HOME"]).rglob(INDEX))) == 1


def test_without_any_place_the_list_is_made_anew(home, monkeypatch):
    generate_runs(home, 4)
    monkeypatch.setattr("joulebook.ledger.cache.file_system", lambda *_: "nfs")
    listing = Book(home).listing
    assert listing.page(EVERYTHING).total == 4
    assert "no place" in listing.notice


def test_index_of_another_format_is_not_touched(home):
    generate_runs(home, 3)
    newer = home / f"index-{FORMAT + 1}" / INDEX
    newer.parent.mkdir(parents=True)
    newer.write_bytes(b"of a newer joulebook")
    assert Book(home).listing.page(EVERYTHING).total == 3
    assert newer.read_bytes() == b"of a newer joulebook"


def test_two_folders_with_one_id_are_named_and_counted_once(home):
    (run,) = generate_runs(home, 1)
    shutil.copytree(run.folder, run.folder.with_name(f"20250101T000000.000-{run.id}"))
    (row,) = Book(home).listing.page(EVERYTHING).rows
    assert "another folder has this id" in row["problem"]
    assert any("another folder" in warning for warning in Book(home).statement(run.id[:6]).warnings)


def test_journals_of_another_machine_and_hostile_names(home):
    first, second = generate_runs(home, 2)

    def stranger(records):
        records[0]["head"] |= {"boot_id": "elsewhere", "name": "\x1b[31m\u202e<script>\U0001f600", "pid": os.getpid()}
        return records[:-1]

    rewrite(first, stranger)
    rows = {row["id"]: row for row in Book(home).listing.page(EVERYTHING).rows}
    assert rows[first.id]["status"] == "interrupted"
    assert rows[first.id]["name"] == "\x1b[31m\u202e<script>\U0001f600"
    assert rows[second.id]["it_energy"]["value"] > 0
    json.dumps(list(rows.values()), allow_nan=False)


@pytest.mark.parametrize("wall_ns", [0, 86_400 * SECOND, EARLIEST_NS - 86_400 * SECOND, FIRST_WALL_NS + 10**20])
def test_clock_that_cannot_be_right_is_named(home, wall_ns):
    run = generate_run(home, Random(1), (min(wall_ns, 4_000_000_000 * SECOND), 10**12))
    statement = Book(home).statement(run.id)
    assert any("clock: it said" in warning for warning in statement.warnings)
    assert statement.carbon is not None
    assert Book(home).listing.page(EVERYTHING).total == 1


def test_damaged_journal_is_a_row_that_says_so(home):
    good, bad = generate_runs(home, 2)
    (path,) = bad.folder.glob("*.jsonl")
    path.write_bytes(b"nothing of ours\n")
    rows = {row["id"]: row for row in Book(home).listing.page(EVERYTHING).rows}
    assert (rows[bad.id]["status"], rows[bad.id]["it_energy"]) == ("damaged", None)
    assert "nothing can be read" in rows[bad.id]["problem"]
    assert rows[good.id]["it_energy"]["value"] > 0


def test_run_that_goes_on_is_read_again(home):
    run = generate_run(home, Random(4), (FIRST_WALL_NS, 10**12))
    ended = next(iter(run.folder.glob("*.jsonl"))).read_bytes()
    rewrite(run, lambda records: records[:-1] if run.status else records)
    book = Book(home)
    assert book.listing.page(EVERYTHING).rows[0]["status"] == "interrupted"
    next(run.folder.glob("*.jsonl")).write_bytes(ended)
    book.release(run.id)
    book.listing.rebuild()
    assert book.listing.page(EVERYTHING).rows[0]["status"] == (run.status or "interrupted")


def test_rows_have_the_figures_of_the_statements(home):
    crowd(home, 8)
    book = Book(home)
    for row in book.listing.page(EVERYTHING).rows:
        plain = Book(home).statement(row["id"]).as_dict()
        for name in ("duration", "it_energy", "energy", "carbon", "cost"):
            assert row[name] == plain[name]


def test_many_processes_ask_a_new_book_at_once(home):
    crowd(home, 40)
    code = "import sys; from joulebook.index import Book; print(Book(sys.argv[1]).listing.digest())"
    asked = [
        subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, text=True) for _ in range(6)
    ]
    answers = {process.communicate(timeout=60)[0] for process in asked}
    assert answers == {Book(home).listing.digest() + "\n"}


def test_stages_beside_each_other_leave_the_whole_as_it_is(home):
    (run,) = generate_runs(home, 1, seed=2)

    def beside_each_other(records):
        start, end = records[1]["t"] - run.duration_ns, records[1]["t"]
        half = (end - start) // 2
        times = [start + 10, half // 2, half, half // 2 - 20]
        records[1]["e"] = [times, ["+", "+", "-", "-"], [[1, 0, "left"], [2, 0, "right"], 1, 2]]
        return records

    rewrite(run, beside_each_other)
    book = Book(home)
    statement = book.statement(run.id)
    (row,) = book.listing.page(EVERYTHING).rows
    assert row["it_energy"] == statement.as_dict()["it_energy"]
    assert {stage.span for stage in statement.stages} == {"left", "right"}
    parts = [line for line in statement.lines if line.kind == "it_energy" and line.span]
    whole = [line for line in statement.lines if line.kind == "it_energy" and not line.span]
    assert sum(line.energy_uj for line in parts) == sum(line.energy_uj for line in whole)
    assert sum(line.energy_uj for line in whole) > run.package_uj


def test_home_of_the_settings_is_the_book(home, tmp_path, monkeypatch):
    (run,) = generate_runs(home, 1)
    (tmp_path / "joulebook.toml").write_text(f'home = "{home.name}"\n')
    monkeypatch.chdir(tmp_path)
    assert list(Book().folders) == [run.id]


def test_trained_process_opens_no_index_whatever_lies_in_the_book(home):
    runs = generate_runs(home, 60)
    code = (
        "import sys; from joulebook.index import Book; book = Book(sys.argv[1], keep=False);"
        " book.statement(sys.argv[2]); book.history(sys.argv[2]); book.find(sys.argv[3]); print('sqlalchemy' in sys.modules)"
    )
    name = next(run.name for run in runs if [other.name for other in runs].count(run.name) == 1)
    command = [sys.executable, "-c", code, str(home), runs[0].id, name]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"
    assert not (home / f"index-{FORMAT}" / INDEX).exists()


def test_run_of_a_large_book_is_found_by_its_name(home):
    runs = generate_runs(home, 60)
    run = next(run for run in runs if [other.name for other in runs].count(run.name) == 1)
    assert Book(home).find(run.name).id == run.id


def test_a_year_that_no_database_can_hold_hides_no_other_run(home):
    plain = generate_run(home, Random(1), (FIRST_WALL_NS, 10**12))
    far = generate_run(home, Random(2), (16_725_225_600 * SECOND, 10**12))
    assert [row["id"] for row in Book(home).listing.page(EVERYTHING).rows] == [far.id, plain.id]


def test_settings_that_cannot_be_used_are_named_in_the_account(home, tmp_path, monkeypatch):
    (run,) = generate_runs(home, 1)
    (tmp_path / "joulebook.toml").write_text("region = 5\n")
    monkeypatch.chdir(tmp_path)
    assert any("joulebook.toml:1" in warning for warning in Book(home).statement(run.id).warnings)
