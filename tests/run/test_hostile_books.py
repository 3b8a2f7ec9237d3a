"""Books that a stranger has had his hands on: nothing raises anything of its own, and the other runs stay readable."""

from __future__ import annotations

import json
import os
import shutil
import time
from copy import deepcopy
from io import StringIO
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import joulebook as jb
from joulebook.errors import JournalDamaged, LedgerError
from joulebook.index import Book
from joulebook.ledger.frame import frame, from_json, to_json, unframe
from joulebook.report import terminal, tree, view

SCHEMA = json.loads((Path(view.__file__).parent / "schema" / "statement-1.json").read_text(encoding="utf-8"))
FIGURES = ("it_energy", "energy", "carbon", "cost", "duration", "device_hours", "idle_baseline")
NONSENSE = [
    *(None, True, -1, 0, 2**62, 2**70, -(2**70), 1e300, 0.5, 5e-324, "", "/", "\ud800", "\x1b[31m\u202e", "x" * 5_000),
    *([], {}, [[]], [1, 2], {"a": 1}, ["+"], "nan"),
]


@pytest.fixture
def journal(tmp_path):
    """The one journal of a run that has stages; another run lies beside it."""
    with jb.track("beside"):
        pass
    with jb.track("victim", config={"lr": 0.1}) as run:
        for _ in range(2):
            with run.stage("outer"), run.stage("inner"):
                run.log(loss=0.5)
                time.sleep(0.03)
    (path,) = Path(Book().find(run.id).path).iterdir()
    shutil.copy(path, tmp_path / path.name)
    return path


def untouched(journal):
    """The bytes of the journal before anybody changed it."""
    return (journal.parents[3] / journal.name).read_bytes()


def everything(book):
    """Read all that can be read, in every form; only errors of ours may come out."""
    rows = book.rows(nested=True)
    json.dumps(rows, allow_nan=False)
    view.console(StringIO()).print(view.runs_table(rows))
    for row in rows:
        try:
            statement = book.statement(row["id"])
        except LedgerError:
            continue
        plain = json.loads(json.dumps(statement.as_dict(), allow_nan=False))
        jsonschema.validate(plain, SCHEMA)
        json.dumps(plain, ensure_ascii=False).encode("utf-8")
        view.console(StringIO()).print(view.show(statement))
        lines = "\n".join(terminal.summary(statement))
        assert "\x1b" not in lines
        for figure in FIGURES:
            quantity = getattr(statement, figure)
            if quantity is not None:
                tree.explanation(quantity)
    return rows


def paths_in(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths_in(item, (*path, key))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_true_checksums_over_nonsense_raise_nothing_of_their_own(journal, data):
    records = [from_json(unframe(line)) for line in untouched(journal).splitlines(keepends=True)]
    for _ in range(data.draw(st.integers(1, 3))):
        record = records[data.draw(st.integers(0, len(records) - 1))]
        places = [path for path in paths_in(record) if path and path != ("n",)]
        *above, last = data.draw(st.sampled_from(places))
        inside = record
        for key in above:
            inside = inside[key]
        inside[last] = deepcopy(data.draw(st.sampled_from(NONSENSE)))
    journal.write_bytes(b"".join(frame(to_json(record)) for record in records))
    assert len(everything(Book())) == 2


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_bytes_cut_flipped_and_doubled_raise_nothing_of_their_own(journal, data):
    content = bytearray(untouched(journal))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(content) - 1, 0)))
        match data.draw(st.sampled_from(["cut", "flip", "double", "insert"])):
            case "cut":
                del content[at:]
            case "flip" if content:
                content[at] ^= 1 << data.draw(st.integers(0, 7))
            case "double":
                content += content[at:]
            case _:
                content[at:at] = b"\n\0\xff"
    journal.write_bytes(content)
    assert len(everything(Book())) == 2


def replace_by_fifo(path):
    path.unlink()
    os.mkfifo(path)


def replace_by_link(path):
    path.unlink()
    path.symlink_to("/dev/zero")


def replace_by_folder(path):
    path.unlink()
    path.mkdir()


def empty_folder(path):
    path.unlink()


def huge(path):
    with path.open("wb") as file:
        file.truncate(200 << 20)


@pytest.mark.parametrize("change", [replace_by_fifo, replace_by_link, replace_by_folder, empty_folder, huge])
def test_a_journal_that_is_no_file_is_one_damaged_row(journal, change):
    change(journal)
    assert sorted(row["status"] for row in everything(Book())) == ["damaged", "finished"]
    with pytest.raises(JournalDamaged):
        Book().statement("last")


def test_a_run_of_a_newer_joulebook_spoils_nothing_beside_it(journal):
    records = [from_json(unframe(line)) for line in journal.read_bytes().splitlines(keepends=True)]
    records[0]["head"]["format"] = 2
    journal.write_bytes(b"".join(frame(to_json(record)) for record in records))
    with jb.track("after") as run:
        time.sleep(0.02)
    assert run.statement.status == "finished"
    rows = {row["name"] or row["problem"]: row for row in everything(Book())}
    assert any("upgrade joulebook" in name for name in rows)


def test_a_copied_run_is_a_run_of_its_own(journal):
    folder = journal.parent
    shutil.copytree(folder, folder.with_name(folder.name[:-12] + "0123456789ab"))
    rows = everything(Book())
    assert len({row["id"] for row in rows}) == len(rows) == 3
    assert "0123456789ab" in {row["id"] for row in rows}


def test_strangers_among_the_runs_are_left_alone(journal):
    runs = journal.parents[1]
    (runs / "notes.txt").write_text("mine")
    (runs / "20261399T999999.999-0123456789ab").mkdir()
    (runs / "20260101T000000.000-0123456789AB").mkdir()
    (runs / "20260101T000000.000-0123456789ac").symlink_to("/")
    (runs / "20260101T000000.000-0123456789ad").write_text("a file")
    os.mkfifo(runs / "20260101T000000.000-0123456789ae")
    (journal.parent / "1-zzzzzzzz.000.jsonl").write_text("not ours")
    assert len(everything(Book())) == 2


def test_a_run_that_begins_while_the_book_is_open_is_found(journal):
    book = Book()
    with jb.track("later"):
        time.sleep(0.02)
    assert book.statement("last").name == "later"


def test_names_of_any_characters_are_shown_and_found():
    for name in ("\x1b[31mred\x1b[0m", "<script>alert(1)</script>", "\u202edlrow", "x" * 10_000, "\udcff", "a/b", "\n"):
        with jb.track(name) as run, run.stage(name):
            time.sleep(0.01)
        assert Book().statement("last").run == run.id
    everything(Book())
