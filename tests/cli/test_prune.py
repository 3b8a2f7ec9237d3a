"""`joulebook prune` on books of generated and of running runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from joulebook.testing.book import generate_runs
from joulebook.testing.recorded import instruments, recorded


@pytest.fixture
def book(environment):
    return Path(environment()["JOULEBOOK_HOME"])


def prune(joulebook, *options):
    done = joulebook("prune", "--json", *options)
    assert (done.returncode, done.stderr) == (0, b"")
    return json.loads(done.stdout)


def ids(joulebook):
    return {row["id"]: row for row in json.loads(joulebook("runs", "--json", "--nested", "-n", "500").stdout)}


def settle(book):
    """Give generated runs the age that they claim, or those without an end might be somebody else's."""
    old = time.time() - 7_200
    for path in book.rglob("*.jsonl"):
        subprocess.run(["touch", "-d", f"@{old}", path], check=True)


def test_alone_it_changes_nothing(joulebook, book):
    generate_runs(book, 12)
    settle(book)
    before = {path: path.read_bytes() for path in book.rglob("*.jsonl")}
    text = joulebook("prune").stdout.decode()
    assert text.startswith("12 runs, ")
    assert "say which may go" in text
    shown = prune(joulebook, "--older-than", "90d")
    assert (len(shown["go"]), shown["done"]) == (12, False)
    assert {path: path.read_bytes() for path in book.rglob("*.jsonl")} == before


def test_rules_are_done_with_yes_and_the_list_follows(joulebook, book):
    runs = generate_runs(book, 30)
    settle(book)
    assert len(ids(joulebook)) == 30
    failed = {run.id for run in runs if run.status == "failed"}
    assert failed
    assert {run["id"] for run in prune(joulebook, "--status", "failed", "--yes")["gone"]} == failed
    assert set(ids(joulebook)) == {run.id for run in runs} - failed
    left = [run.id for run in runs if run.id not in failed]
    prune(joulebook, "--keep", "5", "--yes")
    assert set(ids(joulebook)) == set(left[-5:])
    text = joulebook("prune", left[-1][:8], "--yes").stdout.decode()
    assert "removed: 1 run" in text
    assert set(ids(joulebook)) == set(left[-5:-1])
    assert joulebook("prune", left[-1], "--yes").returncode == 4


def test_a_running_run_never_goes(joulebook, spawn, book):
    running = spawn("run", "-q", "--", sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")
    assert running.stdout.readline() == b"up\n"
    time.sleep(0.5)
    done = joulebook("prune", "--keep", "0", "--yes", "--force")
    assert b"it is being recorded" in done.stdout
    assert len(list((book / "runs").iterdir())) == 1


def test_a_run_that_shares_with_one_that_stays_is_kept_and_explained(joulebook, book):
    recorded(instruments(), 60, seed=1, run="a" * 12, pid=0).write(book)
    recorded(instruments(), 60, seed=2, run="b" * 12, begin_s=1_030, pid=0).write(book)
    before = ids(joulebook)
    text = joulebook("prune", "--keep", "1", "--yes").stdout.decode()
    assert "shares its machine with bbbb, which stays" in text
    assert "--force" in text
    assert ids(joulebook) == before
    text = joulebook("prune", "--keep", "1", "--thin", "--yes").stdout.decode()
    assert "1 run thinned" in text
    after = ids(joulebook)
    assert {run: row["it_energy"]["value"] for run, row in after.items()} == pytest.approx(
        {run: row["it_energy"]["value"] for run, row in before.items()}, rel=1e-8
    )
    prune(joulebook, "--keep", "1", "--force", "--yes")
    assert set(ids(joulebook)) == {"b" * 12}


def test_thinning_keeps_the_account(joulebook, book):
    stages = [(10, 200, "train"), (200, 290, "evaluate")]
    recorded(instruments(20_000_000), 300, stages=stages, pid=0).write(book)

    def account():
        plain = json.loads(joulebook("show", "last", "--json").stdout)
        return {
            (line["kind"], line["span"], line["device"]): line["energy_uj"]
            for line in plain["lines"]
            if line["kind"] == "it_energy"
        }

    before, size = account(), sum(path.stat().st_size for path in book.rglob("*.jsonl"))
    assert prune(joulebook, "last", "--thin")["thinned"][0]["after"] < 0.5 * size
    done = prune(joulebook, "last", "--thin", "--yes")
    assert done["thinned"][0]["why"] is None
    assert sum(path.stat().st_size for path in book.rglob("*.jsonl")) < 0.5 * size
    assert account() == pytest.approx(before, rel=1e-7)


def test_what_is_left_over_and_old_indexes_go_too(joulebook, book):
    generate_runs(book, 2)
    (book / "runs" / ".trash-00000000-x").mkdir()
    (book / "index-0").mkdir()
    (book / "index-0" / "book.sqlite").write_bytes(b"x" * 1_000)
    assert "--yes removes that too" in joulebook("prune").stdout.decode()
    assert len(prune(joulebook, "--yes")["waste"]) == 2
    assert not (book / "index-0").exists()
    assert len(ids(joulebook)) == 2


def test_names_are_shown_harmlessly(joulebook, book):
    recorded(instruments(), 2, name="x\x1b[31m\u202e\U0001f600", pid=0).write(book)
    text = joulebook("prune").stdout.decode()
    assert "x\\x1b[31m\\u202e\\U0001f600" in text
    assert "\x1b" not in text


def test_an_empty_book_and_wrong_options(joulebook):
    assert joulebook("prune", "--yes").stdout.startswith(b"0 runs, 0 B")
    for wrong in (["--older-than", "soon"], ["--larger-than", "much"], ["--keep", "-1"], ["--status", "sad"]):
        assert joulebook("prune", *wrong).returncode == 2
