"""`joulebook report` as its user types it: formats, files, several runs, the model card."""

from __future__ import annotations

import csv
import io
import json
import stat
import sys
from importlib.resources import files
from pathlib import Path

import pytest
from huggingface_hub.repocard import metadata_load
from jsonschema import Draft202012Validator

SCI = Draft202012Validator(json.loads((files("joulebook.report") / "schema/sci-1.json").read_text()))
STATEMENT = Draft202012Validator(json.loads((files("joulebook.report") / "schema/statement-1.json").read_text()))


@pytest.fixture
def recorded(joulebook):
    """Two runs, the second with a name that a spreadsheet would calculate."""
    for name in ("first", "=1+1"):
        done = joulebook("run", "-q", "--name", name, "--region", "FR", "--", sys.executable, "-c", "sum(range(10**6))")
        assert done.returncode == 0, done.stderr
    return joulebook


def test_markdown_is_what_comes_without_a_format(recorded):
    done = recorded("report", "first")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode("utf-8").startswith("# first ")
    several = recorded("report", "first", "last", "first")
    assert several.stdout.decode("utf-8").startswith("# Runs\n")
    assert several.stdout.decode("utf-8").count("\n## first ") == 1


def test_a_run_inside_a_run_inside_another_one_is_not_added_to_it(joulebook):
    inside = [sys.executable, "-m", "joulebook", "run", "-q", "--name"]
    done = joulebook("run", "-q", "--name", "outer", "--", *inside, "between", "--", *inside, "inner", "--", "true")
    assert done.returncode == 0, done.stderr
    lines = joulebook("report", "outer", "inner").stdout.decode("utf-8").splitlines()
    outer, _, together = ([cell.strip() for cell in line.split("|")] for line in lines[4:7])
    assert (together[1], together[3]) == ("together", outer[3])


def test_json_is_a_list_of_valid_statements(recorded):
    found = json.loads(recorded("report", "first", "last", "--json").stdout)
    assert [item["name"] for item in found] == ["first", "=1+1"]
    for item in found:
        STATEMENT.validate(item)
    assert found[0] == json.loads(recorded("show", "first", "--json").stdout)


def test_csv_is_guarded_unless_that_is_turned_off(recorded):
    def names(*options):
        text = recorded("report", "first", "last", "--csv", *options).stdout.decode("utf-8")
        return [row["name"] for row in csv.DictReader(io.StringIO(text, newline=""))]

    assert names() == ["first", "'=1+1"]
    assert names("--unguarded") == ["first", "=1+1"]
    assert set(names("--lines")) == {"first", "'=1+1"}


@pytest.mark.parametrize(
    ("suffix", "start"),
    [("md", b"# first"), ("tex", b"% joulebook"), ("bib", b"@misc{joulebook"), ("csv", b"run,name"), ("json", b"[\n")],
)
def test_suffix_decides_the_format(recorded, tmp_path, suffix, start):
    path = tmp_path / f"report.{suffix}"
    done = recorded("report", "first", "-o", str(path))
    assert (done.returncode, done.stdout) == (0, b"")
    assert done.stderr.decode() == f"joulebook: wrote {path}\n"
    assert path.read_bytes().startswith(start)
    assert list(tmp_path.glob(".*")) == []


def test_html_is_one_file(recorded, tmp_path):
    pytest.importorskip("altair")
    path = tmp_path / "report.html"
    done = recorded("report", "first", "last", "-o", str(path))
    assert done.returncode == 0, done.stderr
    assert "<!doctype html>" in path.read_text(encoding="utf-8")[:100].lower()


def test_file_keeps_its_permissions_and_a_link_stays_one(recorded, tmp_path):
    path, link = tmp_path / "real.csv", tmp_path / "link.csv"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    assert recorded("report", "first", "-o", str(link)).returncode == 0
    assert link.is_symlink()
    assert path.read_bytes().startswith(b"run,name")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_file_that_cannot_be_written_leaves_nothing(recorded, tmp_path):
    done = recorded("report", "first", "-o", str(tmp_path / "no" / "such.csv"))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"No such file" in done.stderr
    assert recorded("report", "first", "--csv", "-o", "/dev/null").returncode == 0
    assert not Path("/dev/null").is_file()


def test_card_is_patched_into_a_readme_once(recorded, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_bytes(b"---\nlicense: mit  # free\n---\n# Title\n\nbytes \xff stay\n")
    command = ("report", "first", "--card", str(readme), "--training-type", "fine-tuning")
    assert recorded(*command).returncode == 0
    once = readme.read_bytes()
    assert once.startswith(b"---\nlicense: mit  # free\nco2_eq_emissions:\n  emissions: 0.0")
    assert b"---\n# Title\n\nbytes \xff stay\n" in once
    again = recorded(*command)
    assert b"says so already" in again.stderr
    assert readme.read_bytes() == once
    readme.write_bytes(once.replace(b"\xff", b""))
    assert metadata_load(readme)["co2_eq_emissions"]["training_type"] == "fine-tuning"


def test_card_of_its_own_and_cards_that_cannot_be(recorded, joulebook, tmp_path):
    done = recorded("report", "first", "--card", "-o", str(tmp_path / "card.md"))
    assert done.returncode == 0
    assert metadata_load(tmp_path / "card.md")["co2_eq_emissions"]["emissions"] > 0
    assert recorded("report", "first", "last", "--card").returncode == 2
    missing = recorded("report", "--card", "first")
    assert (missing.returncode, missing.stdout) == (2, b"")
    assert b"name the run before --card" in missing.stderr
    (tmp_path / "odd.md").write_text("---\nco2_eq_emissions: {a: 1}\n---\n")
    odd = recorded("report", "first", "--card", str(tmp_path / "odd.md"))
    assert odd.returncode == 5
    assert b"odd.md:2: expected" in odd.stderr


@pytest.mark.parametrize(
    "words", [("-o", "x.pdf"), ("--csv", "--json"), ("--lines",), ("--training-type", "x", "--json")]
)
def test_options_that_do_not_fit_are_refused(joulebook, words):
    done = joulebook("report", *words)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr


COUNTED = """
import joulebook as jb
with jb.track("counted", region="FR") as run:
    sum(range(10**6))
    run.count(answers=20, tokens=500)
    run.count(answers=5)
"""


def test_sci_has_totals_beside_rates_for_every_unit_that_was_counted(joulebook, bare, tmp_path):
    (tmp_path / "joulebook.toml").write_text('[hardware]\nembodied = "1500 kg"\n')
    done = bare(sys.executable, "-c", COUNTED)
    assert done.returncode == 0, done.stderr
    (found,) = json.loads(joulebook("report", "--sci", "--json", cwd=tmp_path).stdout)
    SCI.validate(found)
    assert {rate["unit"]: rate["count"] for rate in found["rates"]} == {"answers": 25, "tokens": 500}
    text = joulebook("report", "--sci", "--per", "answers").stdout.decode("utf-8")
    assert "ISO/IEC 21031:2024" in text
    assert "tokens" not in text
    refused = joulebook("report", "--sci", "--per", "cats")
    assert refused.returncode == 2
    assert b"run.count(answers=" in refused.stderr
    for options in (("--sci", "--html"), ("--per", "answers"), ("--sci", "--card")):
        assert joulebook("report", *options).returncode == 2
    assert found["total"]["value"] > found["embodied"]["value"] > 0


PROJECT = Draft202012Validator(json.loads((files("joulebook.report") / "schema/project-1.json").read_text()))
LABELLED = """
import joulebook as jb
with jb.track("anything", labels={"project": "digits"}):
    sum(range(10**5))
with jb.track("digitsother"):
    pass
"""


@pytest.fixture
def project(joulebook, bare):
    """Runs of a project by name and by label; one fails, one is stopped, and one is none of it."""
    inside = (sys.executable, "-m", "joulebook", "run", "-q", "--name", "digits-inside", "--", "true")
    assert joulebook("run", "-q", "--name", "digits", "--", *inside).returncode == 0
    for name, code in (("digits-2", "exit(3)"), ("other", "0")):
        joulebook("run", "-q", "--name", name, "--", sys.executable, "-c", code)
    sleep = ("--", sys.executable, "-c", "import time; time.sleep(30)")
    assert joulebook("run", "-q", "--name", "Digits/stopped", "--budget", "0.2 s", *sleep).returncode == 3
    assert bare(sys.executable, "-c", LABELLED).returncode == 0
    return joulebook


def test_project(project):
    found = json.loads(project("report", "--project", "digits", "--json").stdout)
    PROJECT.validate(found)
    assert [row["title"] for row in found["rows"]] == [
        "final model: anything",
        "tuned: all finished",
        "everything, also failed",
    ]
    assert [row["number"] for row in found["rows"]] == [1, 2, 4]
    rows = {row["id"]: row for row in json.loads(project("runs", "--nested", "--json").stdout)}
    names = sorted(rows[run]["name"] for run in found["rows"][-1]["runs"])
    assert names == ["Digits/stopped", "anything", "digits", "digits-2"]
    energies = [rows[run]["energy"]["value"] for run in found["rows"][-1]["runs"]]
    assert found["rows"][-1]["energy"]["value"] == pytest.approx(sum(energies))


def test_project_with_its_final_model_in_files(project, tmp_path):
    for suffix, begins in ((".md", "# What digits took"), (".tex", "% joulebook"), (".html", "<!doctype html>")):
        file = tmp_path / f"project{suffix}"
        done = project("report", "--project", "digits", "--final", "digits", "-o", str(file))
        assert done.returncode == 0, done.stderr
        assert file.read_text(encoding="utf-8").startswith(begins)
        assert "final model: digits" in file.read_text(encoding="utf-8")


def test_a_pattern_is_a_project(project):
    found = json.loads(project("report", "--project", "dig?ts*", "--json").stdout)
    rows = {row["id"]: row["name"] for row in json.loads(project("runs", "--json").stdout)}
    assert sorted(rows[run] for run in found["rows"][-1]["runs"]) == [
        "Digits/stopped", "digits", "digits-2", "digitsother",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--project", "nothing"], 4, "labels there are: digits"),
        (["--project", "digits", "--final", "other"], 4, "not one of the project's"),
        (["--project", "digits", "last"], 2, "leave out RUN"),
        (["--project", "digits", "--card"], 2, "markdown"),
        (["--final", "digits"], 2, "--project"),
    ],
)
def test_project_that_cannot_be(project, words, code, says):
    done = project("report", *words)
    assert done.returncode == code
    assert says in done.stderr.decode()
