"""`joulebook recover` on journals of real runs that were killed, damaged, copied and kept elsewhere."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from joulebook.testing.recorded import instruments, recorded


@pytest.fixture
def book(environment):
    return Path(environment()["JOULEBOOK_HOME"])


@pytest.fixture
def quiet(environment, tmp_path):
    """An environment whose temporary folder nobody else uses."""
    (tmp_path / "tmp").mkdir()
    return {"TMPDIR": str(tmp_path / "tmp")}


def recover(joulebook, quiet, *options, code=0):
    done = joulebook("recover", "--json", *options, env=quiet)
    assert (done.returncode, b"Traceback" in done.stderr) == (code, False), done.stderr
    return json.loads(done.stdout)


def segment(book):
    (path,) = book.rglob("*.000.jsonl")
    return path


def test_a_killed_run_is_explained_with_its_energy(joulebook, spawn, book, quiet):
    meter = spawn(
        "run",
        "-q",
        "--name",
        "victim",
        "--",
        sys.executable,
        "-c",
        "import time; print('up', flush=True); time.sleep(5)",
    )
    assert meter.stdout.readline() == b"up\n"
    time.sleep(1.5)
    meter.kill()
    meter.wait()
    with segment(book).open("ab") as file:
        file.write(b"1234abcd 99 {")  # what a kill in the middle of a write leaves
    (run,) = recover(joulebook, quiet, "last")["runs"]
    assert (run["name"], run["status"], run["sound"]) == ("victim", "interrupted", True)
    assert run["recorders"][0]["torn_bytes"] == 13
    assert run["it_energy"]["value"] > 0
    text = joulebook("recover", "last", env=quiet).stdout.decode()
    assert "energy until its end" in text
    assert "never acknowledged" in text
    assert "0 with something to tell, 1 without an end" in joulebook("recover", env=quiet).stdout.decode()


def test_a_damaged_run_is_told_cleaned_and_readable_again(joulebook, book, quiet):
    joulebook("run", "-q", "--name", "one", "--", "sleep", "2.5")
    path = segment(book)
    data = bytearray(path.read_bytes())
    data[200] ^= 4  # a bit of the head: nothing can be read any more
    path.write_bytes(data)
    assert joulebook("show", "last").returncode == 5
    assert recover(joulebook, quiet, code=5)["runs"][0]["status"] == "unreadable"
    assert "a single bit has turned" in joulebook("recover", env=quiet).stdout.decode()
    assert recover(joulebook, quiet, "last", "--in-place", "--dry-run", code=5)["runs"][0]["cleaned"] is None
    (run,) = recover(joulebook, quiet, "last", "--in-place")["runs"]
    assert run["cleaned"][0]["repaired"] == 1
    assert path.with_name(f"{path.name}.damaged").read_bytes() == data
    assert joulebook("show", "one").returncode == 0
    assert recover(joulebook, quiet)["runs"] == []
    assert "nothing to clean" in joulebook("recover", "one", "--in-place", env=quiet).stdout.decode()


def test_a_clean_copy_goes_into_another_book_and_never_over_one(joulebook, book, quiet, tmp_path):
    recorded(instruments(), 20, pid=0).write(book)
    path = segment(book)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:5] + lines[7:]))
    other = tmp_path / "clean"
    (run,) = recover(joulebook, quiet, "last", "--write", str(other))["runs"]
    assert run["recorders"][0]["missing_s"] > 1
    assert len(run["cleaned"]) == 1
    assert joulebook("show", "last", env={"JOULEBOOK_HOME": str(other)}).returncode == 0
    again = joulebook("recover", "last", "--write", str(other), env=quiet)
    assert again.returncode == 5
    assert b"is not overwritten" in again.stderr


def test_runs_of_another_book_are_brought_in(joulebook, book, quiet, tmp_path):
    there = tmp_path / "node7"
    for number in range(3):
        recorded(instruments(), 5, seed=number, begin_s=1_000 + 100 * number, pid=0).write(there)
    assert len(recover(joulebook, quiet, str(there), "--dry-run")["runs"]) == 3
    assert not book.exists()
    found = recover(joulebook, quiet, str(there))
    assert {one["outcome"] for one in found["brought"]} == {"copied"}
    assert len(json.loads(joulebook("runs", "--json").stdout)) == 3
    assert {one["outcome"] for one in recover(joulebook, quiet, str(there))["brought"]} == {"here already"}


def test_another_run_with_the_same_id_is_refused_clearly(joulebook, book, quiet, tmp_path):
    recorded(instruments(), 5, seed=1, run="a" * 12, pid=0).write(book)
    other = recorded(instruments(), 5, seed=2, run="a" * 12, begin_s=3_000, pid=0).write(tmp_path / "there")
    done = joulebook("recover", str(other.parent), env=quiet)
    assert done.returncode == 5
    assert b"refused: another run of this book has its id" in done.stdout
    assert recover(joulebook, quiet, str(other.parent), "--new-id")["brought"][0]["outcome"] == "copied"
    assert len(json.loads(joulebook("runs", "--json").stdout)) == 2


def test_runs_of_a_clock_in_1970_are_named(joulebook, book, quiet):
    recorded(instruments(), 5, wall_ns=5 * 10**9, pid=0).write(book)
    assert "its clock was not set (1970-01-01" in joulebook("recover", env=quiet).stdout.decode()


def test_runs_that_were_kept_in_a_temporary_home_are_taken_over(joulebook, book, quiet):
    book.parent.mkdir(exist_ok=True)
    book.write_text("in the way: no book can be made here")
    joulebook("run", "-q", "--name", "stray", "--", "true", env=quiet)
    book.unlink()
    (home,) = Path(quiet["TMPDIR"]).glob("joulebook-*")
    found = recover(joulebook, quiet)
    assert found["temporary_homes"] == [str(home)]
    assert "1 run in 1 temporary home" in joulebook("recover", env=quiet).stdout.decode()
    assert recover(joulebook, quiet, "--take-over", "--dry-run")["brought"] == []
    assert home.exists()
    (one,) = recover(joulebook, quiet, "--take-over")["brought"]
    assert one["outcome"] == "copied"
    assert not home.exists()
    assert json.loads(joulebook("runs", "--json").stdout)[0]["name"] == "stray"


def test_a_temporary_home_that_holds_more_than_runs_stays(joulebook, book, quiet):
    home = Path(quiet["TMPDIR"]) / "joulebook-x"
    recorded(instruments(), 2, pid=0).write(home)
    home.chmod(0o700)
    (home / "thesis.txt").write_text("x")
    done = joulebook("recover", "--take-over", env=quiet)
    assert b"it stays, for it holds other files too" in done.stderr
    assert (home / "thesis.txt").exists()
    assert len(list((book / "runs").iterdir())) == 1


def test_a_running_run_is_not_cleaned(joulebook, spawn, quiet):
    running = spawn("run", "-q", "--", sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)")
    assert running.stdout.readline() == b"up\n"
    time.sleep(0.5)
    done = joulebook("recover", "last", "--in-place", env=quiet)
    assert done.returncode == 5
    assert b"is being recorded" in done.stderr


def test_hostile_journals_are_told_harmlessly(joulebook, book, quiet):
    hostile = "\x1b[31m\u202e\U0001f600<script>"
    path = recorded(instruments(), 5, name=hostile, run=hostile, wall_ns=7, pid=0).write(book)
    path.parent.rename(path.parent.with_name("19700101T000000.000-" + "a" * 12))
    os.mkfifo(book / "runs" / ("19700101T000000.000-" + "a" * 12) / "1-00000000.000.jsonl")
    text = joulebook("recover", env=quiet).stdout.decode()
    assert "\x1b" not in text
    assert "\\x1b[31m" in text
    assert "is not a regular file" in text


@pytest.mark.parametrize(
    "wrong", [["--in-place"], ["--write", "x"], ["/", "--in-place"], ["last", "--in-place", "--write", "x"]]
)
def test_wrong_options_are_usage(joulebook, quiet, wrong):
    assert joulebook("recover", *wrong, env=quiet).returncode == 2


def test_an_empty_book_and_a_place_without_runs(joulebook, quiet, tmp_path):
    assert recover(joulebook, quiet)["examined"] == 0
    done = joulebook("recover", str(tmp_path / "tmp"), env=quiet)
    assert done.returncode == 5
    assert b"holds no run" in done.stderr
    shutil.rmtree(tmp_path / "tmp")
