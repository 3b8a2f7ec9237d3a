import os
import shutil
import subprocess
import sys

import pytest

from joulebook.errors import JournalDamaged
from joulebook.ledger.frame import frame, to_json
from joulebook.ledger.reader import read_segments
from joulebook.ledger.tail import Newcomers, Tail, alive
from joulebook.testing.recorded import instruments, recorded

HEAD = {"format": 1, "run": "a" * 12, "boot_id": "b", "boot_ns": 5, "channels": []}


def line(number, **content):
    return frame(to_json({"n": number, **(content or {"t": number})}))


def numbers(news, part="records"):
    return [record["n"] for one in news for record in getattr(one, part)]


@pytest.fixture
def segment(tmp_path):
    path = tmp_path / "12-0123abcd.000.jsonl"
    path.write_bytes(line(0, head=HEAD))
    return path


def append(path, data):
    with path.open("ab") as file:
        file.write(data)


def test_each_record_is_told_once_and_an_unfinished_one_when_it_is_finished(segment):
    tail = Tail(segment.parent)
    assert tail.news() == []
    append(segment, line(1) + line(2)[:9])
    (news,) = tail.news()
    assert (news.recorder, news.head, news.whole, numbers([news])) == ("12-0123abcd", HEAD, True, [1])
    assert tail.news() == []
    append(segment, line(2)[9:] + line(3))
    assert numbers(tail.news()) == [2, 3]
    assert tail.damaged == 0


def test_a_line_that_is_torn_for_ever_is_followed_by_the_next_segment(segment):
    tail = Tail(segment.parent)
    append(segment, line(1) + line(2)[:-5])
    assert numbers(tail.news()) == [1]
    append(segment.with_name("12-0123abcd.001.jsonl"), line(2, head=HEAD) + line(1) + line(3))
    assert numbers(tail.news()) == [3]  # 1 had been written already
    append(segment.with_name("12-0123abcd.001.jsonl"), line(4))
    assert numbers(tail.news()) == [4]


def test_damaged_lines_are_counted_and_passed_over(segment):
    append(segment, line(1) + line(2).replace(b"2", b"3", 1) + b"rubbish\n" + line(3))
    tail = Tail(segment.parent)
    assert numbers(tail.news()) == [1, 3]
    assert tail.damaged == 2


def test_the_end_of_a_long_journal_comes_first_and_its_beginning_in_slices(tmp_path):
    journal = recorded(instruments(), 600, stages=[(1, 590, "train")])
    path = journal.write(tmp_path)
    tail = Tail(path.parent, first=4_096)
    (first,) = tail.news(backlog=0)
    assert numbers([first])[-1] == len(journal.records)
    assert len(numbers([first])) < 20
    assert (first.old, first.whole) == ([], False)
    seen = numbers([first])
    looks = 0
    while tail.waiting:
        news = tail.news(backlog=20_000)
        assert numbers(news) == []
        seen += numbers(news, "old")
        looks += 1
    assert news[-1].whole
    assert sorted(seen) == [record["n"] for record in journal.records]
    assert looks > 3
    assert tail.news() == []


def test_what_is_read_in_pieces_is_what_the_reader_reads(tmp_path):
    path = recorded(instruments(), 60, stages=[(1, 50, "train")]).write(tmp_path)
    data = path.read_bytes()
    place = tmp_path / "followed"
    place.mkdir()
    tail, seen = Tail(place), []
    for start in range(0, len(data), 1_111):
        append(place / path.name, data[start : start + 1_111])
        seen += [record for one in tail.news() for record in one.records]
    (whole,) = read_segments(path.parent)
    assert seen == list(whole.records())


def test_a_folder_that_is_gone_is_told(segment):
    tail = Tail(segment.parent)
    tail.news()
    shutil.rmtree(segment.parent)
    with pytest.raises(JournalDamaged):
        tail.news()


def test_a_head_that_cannot_be_read_or_is_newer_is_not_followed(tmp_path):
    (tmp_path / "1-00000000.000.jsonl").write_bytes(b"rubbish\n" + line(1))
    (tmp_path / "2-00000000.000.jsonl").write_bytes(line(0, head={**HEAD, "format": 99}) + line(1))
    (tmp_path / "3-00000000.000.jsonl").symlink_to("/dev/zero")
    assert Tail(tmp_path).news() == []


def test_newcomers_are_listed_once_and_only_while_their_writer_lives(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    recorded(instruments(), 1, pid=gone.pid, seed=1).write(tmp_path)
    newcomers = Newcomers(tmp_path)
    assert newcomers.look() == []
    mine = recorded(instruments(), 1, seed=2)
    mine.write(tmp_path)
    assert [folder.id for folder in newcomers.look()] == [mine.head["run"]]
    assert newcomers.look() == []


def test_a_run_without_a_journal_yet_is_looked_at_again(tmp_path):
    journal = recorded(instruments(), 1, seed=3)
    path = journal.write(tmp_path)
    data = path.read_bytes()
    path.unlink()
    newcomers = Newcomers(tmp_path)
    assert newcomers.look() == []
    path.write_bytes(data)
    assert [folder.id for folder in newcomers.look()] == [journal.head["run"]]


def test_no_book_at_all_has_no_runs(tmp_path):
    assert Newcomers(tmp_path / "nothing").look() == []


def test_who_lives():
    assert alive(os.getpid())
    assert not any(alive(pid) for pid in (0, -1, True, None, "1", 1 << 40))
