import calendar
import os
import stat
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joulebook.errors import RunNotFound
from joulebook.ledger.journal import Journal
from joulebook.ledger.places import (
    Home,
    RunFolder,
    book_home,
    find_run,
    list_runs,
    new_run_id,
    run_folder,
    writable_home,
)

SECOND = 1_000_000_000
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="XDG folders")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "work" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work" / "deep")
    return tmp_path


@linux
def test_the_order_of_places(here):
    environ = {"HOME": "/home/u"}
    assert book_home(None, environ) == Home("/home/u/.local/share/joulebook", "user")
    environ["XDG_DATA_HOME"] = "/data"
    assert book_home(None, environ).path == "/data/joulebook"
    (here / "work" / ".joulebook").mkdir()
    assert book_home(None, environ) == Home(str(here / "work" / ".joulebook"), "folder")
    (here / "work" / "deep" / ".joulebook").mkdir()
    assert book_home(None, environ).path == str(here / "work" / "deep" / ".joulebook")
    environ["JOULEBOOK_HOME"] = "~/book"
    assert book_home(None, environ) == Home("/home/u/book", "JOULEBOOK_HOME")
    assert book_home("x", environ) == Home(str(here / "work" / "deep" / "x"), "argument")
    assert book_home(Path("/y"), environ).path == "/y"


@linux
def test_a_relative_xdg_folder_is_ignored_as_its_specification_says(here):
    assert book_home("", {"HOME": "/h", "XDG_DATA_HOME": "data"}).path == "/h/.local/share/joulebook"


def test_a_file_of_that_name_is_no_book(here):
    (here / "work" / ".joulebook").write_text("")
    assert book_home("", {"HOME": "/h"}).origin == "user"


def test_the_book_of_another_user_is_not_used_unasked(here, monkeypatch):
    (here / "work" / ".joulebook").mkdir()
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    if (here / "work" / ".joulebook").stat().st_uid == 0:
        os.chown(here / "work" / ".joulebook", 23_456, -1)
    home = book_home("", {"HOME": "/h"})
    assert home.origin == "user"
    assert "belongs to another user" in home.notice
    assert book_home("", {"JOULEBOOK_HOME": str(here / "work" / ".joulebook")}).notice == ""


@linux
def test_without_home_the_password_database_or_a_private_folder_stands_in(here, monkeypatch):
    monkeypatch.delenv("HOME", raising=False)
    assert Path(book_home("", {}).path).is_absolute()
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    home = book_home("", {})
    assert home.origin == "temporary"
    assert stat.S_IMODE(Path(home.path).stat().st_mode) == 0o700
    assert home.path in home.notice


def test_a_deleted_working_folder_is_no_reason_to_fail(here):
    (here / "work" / "deep").rmdir()
    assert book_home("", {"HOME": "/h"}).origin == "user"
    assert book_home("relative", {"HOME": "/h"}).origin == "user"
    journal = Journal("relative/run", {"run": "x"})
    assert not journal.close() or journal.notice


@pytest.mark.parametrize("path", ["/proc/no/such", "/dev/null/x", "/x\0y"])
def test_a_home_that_cannot_be_written_becomes_a_private_one(here, path):
    if "\0" in path:
        assert book_home(path, {"HOME": "/h"}).origin == "user"
        return
    home = writable_home(Home(path, "argument"))
    assert home.origin == "temporary"
    assert path in home.notice
    assert Path(home.path).is_dir()


def test_a_home_that_can_be_written_stays(here):
    home = Home(str(here / "book"), "argument")
    assert writable_home(home) == home
    assert stat.S_IMODE((here / "book" / "runs").stat().st_mode) == 0o700


def test_a_denied_home_becomes_a_private_one(here, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert writable_home(Home(str(here / "book"), "argument")).origin == "temporary"


def test_nothing_at_all_is_said_and_not_raised(here):
    class Nothing:
        def mkdir(self, path):
            raise OSError("no")

        def private_folder(self):
            raise OSError("none")

    home = writable_home(Home("/x", "argument"), Nothing())
    assert (home.path, home.origin) == ("", "temporary")
    assert "memory only" in home.notice


def test_run_ids_are_twelve_random_digits():
    ids = {new_run_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(len(run) == 12 and int(run, 16) >= 0 for run in ids)


@given(st.integers(0, 8_000_000_000_000))
def test_the_start_is_in_the_name_to_the_millisecond(tmp_path_factory, milliseconds):
    home = tmp_path_factory.mktemp("book")
    path = run_folder(home, milliseconds * 1_000_000 + 7, "0123456789ab")
    Path(path).mkdir(parents=True)
    assert list_runs(home) == [RunFolder("0123456789ab", milliseconds * 1_000_000, path)]
    stamp = Path(path).name.partition(".")[0]
    assert calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%S")) == milliseconds // 1_000


@pytest.fixture
def book(tmp_path):
    home = tmp_path / "book"
    for seconds, run in ((100, "aaaa00000000"), (300, "aabb00000000"), (200, "cccc00000000")):
        Path(run_folder(home, seconds * SECOND, run)).mkdir(parents=True)
    runs = home / "runs"
    for name in (
        "x",
        "20240101T000000-XYZ",
        "20241301T000000-0123456789ab",
        "20240101T000000-0123456789abc",
        "..",
        "nul\nl",
    ):
        (runs / name).mkdir(exist_ok=True)
    (runs / "20240101T000000.000-0123456789ab").write_text("a file")
    (runs / "20240102T000000-0123456789ab").symlink_to(tmp_path)
    return home


def test_runs_are_listed_newest_first_and_strangers_ignored(book):
    assert [run.id[:4] for run in list_runs(book)] == ["aabb", "cccc", "aaaa"]
    assert [run.started_ns for run in list_runs(book)] == [300 * SECOND, 200 * SECOND, 100 * SECOND]
    assert list_runs(book / "no") == []
    (book / "runs" / "19700101T000150-dddd00000000").mkdir()  # without milliseconds
    assert list_runs(book)[-2] == RunFolder(
        "dddd00000000", 110 * SECOND, str(book / "runs" / "19700101T000150-dddd00000000")
    )


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("last", "aabb"),
        ("last~0", "aabb"),
        ("last~2", "aaaa"),
        ("c", "cccc"),
        ("aab", "aabb"),
        ("aaaa00000000", "aaaa"),
    ],
)
def test_a_run_is_found(book, reference, expected):
    assert find_run(book, reference).id.startswith(expected)


@pytest.mark.parametrize("reference", ["last~3", "last~", "last~-1", "", "d", "../x", "aaaa000000000", "*", "LAST"])
def test_a_run_that_is_not_there_is_said(book, reference):
    with pytest.raises(RunNotFound, match="no run"):
        find_run(book, reference)


def test_an_ambiguous_reference_names_the_runs(book):
    with pytest.raises(RunNotFound, match="aabb00000000, aaaa00000000"):
        find_run(book, "a")


def test_names_are_asked_last(book):
    names = {"aaaa": "bert", "aabb": "c", "cccc": "twice"}

    def name_of(run):
        return names[run.id[:4]]

    assert find_run(book, "bert", name_of).id.startswith("aaaa")
    assert find_run(book, "c", name_of).id.startswith("cccc")
    names["aaaa"] = "twice"
    with pytest.raises(RunNotFound, match="ambiguous: cccc00000000, aaaa00000000"):
        find_run(book, "twice", name_of)
