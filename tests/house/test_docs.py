"""The documents name commands, options, targets and files that exist, and leave no command out."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from joulebook.cli.app import VERBS
from joulebook.cli.estimate import KINDS

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), ROOT / "examples/README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FRAGMENT = "<!-- fragment -->"
"""On the line above a Python block: it is a piece of a longer program, compiled but not run."""


def blocks(language: str) -> Iterator[tuple[str, bool, str]]:
    """Page with line, whether it is a fragment, and text of every fenced block in that language."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for found in re.finditer(rf"({FRAGMENT}\n)?```{language}\n(.*?)```", text, re.DOTALL):
            line = text[: found.start(2)].count("\n") + 1
            yield f"{page.relative_to(ROOT)}:{line}", bool(found[1]), found[2]


def commands() -> list[tuple[str, list[str]]]:
    """Every `joulebook ...` and `make ...` line of the shell blocks."""
    lines = [
        (place, line.removeprefix("$ "))
        for place, _, text in blocks("(?:bash|console|sh)")
        for line in text.splitlines()
    ]
    split = [(place, shlex.split(line, comments=True)) for place, line in lines if re.match(r"(joulebook|make) ", line)]
    return [(place, words) for place, words in split if words]


@pytest.fixture(scope="module")
def help_pages() -> dict[str, str]:
    wide = {"COLUMNS": "200", "PATH": "/usr/bin:/bin"}
    asked = [[verb] for verb in VERBS] + [["estimate", kind] for kind in KINDS]
    return {
        " ".join(words): subprocess.run(
            [sys.executable, "-m", "joulebook", *words, "--help"], capture_output=True, text=True, check=True, env=wide
        ).stdout
        for words in asked
    }


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_is_documented(verb: str) -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert re.search(rf"\bjoulebook {verb}\b", pages), f"joulebook {verb} stands neither in README.md nor in docs/"


def test_help_fits_a_screen() -> None:
    narrow = {"COLUMNS": "80", "PATH": "/usr/bin:/bin"}
    kinds = [(["estimate", kind, "--help"], 90) for kind in KINDS]  # what is known of a piece of work is long
    for words, rows in (["--help"], 32), *(([verb, "--help"], 50) for verb in VERBS), *kinds:
        shown = subprocess.run(
            [sys.executable, "-m", "joulebook", *words], capture_output=True, text=True, check=True, env=narrow
        ).stdout.splitlines()
        assert len(shown) <= rows, words
        assert all(len(line) <= 80 or "[--" in line for line in shown), words


def test_documented_commands_and_options_exist(help_pages: dict[str, str]) -> None:
    shown = [(place, words) for place, words in commands() if words[0] == "joulebook"]
    assert shown
    for place, (_, verb, *words) in shown:
        assert verb in VERBS or verb in ("--version", "--help"), f"{place}: no command {verb}"
        own = words[: words.index("--")] if "--" in words else words
        page = " ".join([verb, *own[:1]]) if verb == "estimate" else verb
        assert page in help_pages, f"{place}: no {page}"
        for word in own:
            if word.startswith("-") and not word[1:2].isdigit():
                assert word.partition("=")[0] in help_pages[page], f"{place}: joulebook {verb} has no {word}"


def test_documented_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for place, words in commands():
        if words[0] == "make":
            for target in words[1:]:
                assert "=" in target or re.search(rf"^{target}:", makefile, re.MULTILINE), (
                    f"{place}: no target {target}"
                )


def test_python_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for place, is_fragment, text in blocks("python"):
        program = compile(text, place, "exec")
        if not is_fragment:
            done = subprocess.run(
                [sys.executable, "-c", text], capture_output=True, text=True, timeout=120, check=False
            )
            assert done.returncode == 0, f"{place}: {done.stderr}"
        assert program.co_code


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target, place in re.findall(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]+)?\)", page.read_text(encoding="utf-8")):
            file = page.parent / target if target else page
            assert file.exists(), f"{page.relative_to(ROOT)}: {target}"
            assert not place or place in anchors(file), f"{page.relative_to(ROOT)}: {target}{place}"


def anchors(page: Path) -> set[str]:
    """The links to headings of a page: small letters, hyphens for spaces, no other signs."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {"#" + re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_source_files_that_pages_name_exist() -> None:
    roots = (ROOT, ROOT / "src/joulebook", ROOT / "tests")
    for page in PAGES:
        for name in re.findall(r"`([a-z_]+/[a-z_./]+\.py)`", page.read_text(encoding="utf-8")):
            assert any((root / name).exists() for root in roots), f"{page.relative_to(ROOT)}: {name}"


def test_decisions_are_numbered_one_page_each() -> None:
    files = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert all(len(file.read_text(encoding="utf-8").splitlines()) <= 60 for file in files)
