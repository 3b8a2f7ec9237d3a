"""Habits of the source: sizes, docstrings, no swallowed errors, no unfinished ends, no words that do not belong."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = sorted((ROOT / "src").rglob("*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef
LINES, FUNCTION_LINES, PARAMETERS, BROAD = 400, 60, 8, 12


def where(path: Path, node: ast.AST | None = None) -> str:
    return f"{path.relative_to(ROOT)}{f':{node.lineno}' if isinstance(node, (ast.stmt, ast.expr, ast.excepthandler)) else ''}"


def nodes(kind: type | tuple[type, ...]) -> Iterator[tuple[Path, ast.AST, str]]:
    """Every node of that kind in the source, with the text of its first line."""
    for path in SRC:
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, kind):
                yield path, node, lines[node.lineno - 1]


def tracked() -> list[Path]:
    """The files that belong to the repository."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_there_is_source() -> None:
    assert len(SRC) > 10


def test_files_stay_short() -> None:
    assert [where(path) for path in SRC if len(path.read_text(encoding="utf-8").splitlines()) > LINES] == []


def test_functions_stay_short() -> None:
    long = [
        where(path, node) for path, node, _ in nodes(Function) if node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


def test_functions_take_few_parameters() -> None:
    many = []
    for path, node, _ in nodes(Function):
        names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        is_command = path.parent.name == "cli"  # a parameter there is an option of the command line
        if not is_command and len([name for name in names if name not in ("self", "cls")]) > PARAMETERS:
            many.append(where(path, node))
    assert many == []


def test_every_module_says_what_lives_there() -> None:
    assert [where(path) for path in SRC if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []


def test_broad_excepts_are_few_and_explained() -> None:
    found = []
    for path, node, line in nodes(ast.ExceptHandler):
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        if any(
            kind is None or (isinstance(kind, ast.Name) and kind.id in ("Exception", "BaseException")) for kind in kinds
        ):
            found.append((where(path, node), "#" in line and len(line.partition("#")[2].split(" - ")[-1]) > 15))
    assert [place for place, explained in found if not explained] == []
    assert len(found) <= BROAD, found


def test_own_imports_inside_functions_are_explained() -> None:
    late = []
    for path, node, _ in nodes(Function):
        lines = path.read_text(encoding="utf-8").splitlines()
        for inner in ast.walk(node):
            own = isinstance(inner, ast.ImportFrom) and (inner.level or (inner.module or "").startswith("joulebook"))
            if own and "#" not in lines[inner.lineno - 1]:
                late.append(where(path, inner))
    assert late == []


def test_no_file_lives_under_a_name_that_says_nothing() -> None:
    empty = {"core", "utils", "util", "common", "helpers", "helper", "manager", "service", "misc"}
    assert [where(path) for path in SRC if empty & {path.stem, *path.relative_to(ROOT).parent.parts}] == []


def test_nothing_is_left_unfinished() -> None:
    marks = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")) + r")\b")
    found = [where(path) for path in tracked() if path.suffix in (".py", ".md", ".toml") and marks.search(read(path))]
    assert found == []


def test_repository_names_no_machine_and_no_registry() -> None:
    words = [
        "/wo" + "rk/",
        "/ro" + "ot/",
        "pypi" + ".org",
        "python" + "hosted",
        "index" + "-url",
        "Co-Authored" + "-By",
    ]
    found = [(where(path), word) for path in tracked() for word in words if word in read(path)]
    assert found == []


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
