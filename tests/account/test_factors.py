"""No rule of an account holds a number of its own: factors are facts with a source, and units convert by themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import joulebook.account

FILES = sorted(Path(joulebook.account.__file__).parent.glob("*.py"))
HARMLESS = {
    0: "nothing",
    1: "a whole, or one less",
    2: "the middle of two",
    -1: "the other direction",
    100: "per cent, in a sentence",
    0.5: "the middle",
}
"""Numbers that may stand beside an operator, and what they are there."""
KNOWN = {
    ("activity.py", 1e9): "ns in a second of the clock",
    ("configuration.py", 2**30): "GiB, in a sentence",
    ("bought.py", 7): "days of a week",
    ("compare.py", 4): "draws that are remembered",
    ("hours.py", 900): "s in a quarter of an hour",
    ("hours.py", 1e9): "ns in a second",
}


def factors(path):
    """Each number that a file multiplies, divides or raises by, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div | ast.Pow):
            if all(isinstance(side, ast.Constant) for side in (node.left, node.right)):
                continue  # a constant by itself: seen where it is used
            for side in (node.left, node.right):
                try:
                    value = ast.literal_eval(side) if not isinstance(side, ast.BinOp) else eval_constant(side)
                except ValueError:
                    continue
                if isinstance(value, int | float):
                    yield node.lineno, value


def eval_constant(node):
    """The value of an expression of constants; ValueError for any other."""
    if not all(isinstance(part, ast.Constant | ast.BinOp | ast.operator) for part in ast.walk(node)):
        raise ValueError
    return eval(compile(ast.Expression(node), "", "eval"))


def defaults(path):
    """Each number that becomes an amount without a source: `Quantity.exact(3.5, ...)`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("exact", "of"):
            for argument in node.args[:1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, int | float):
                    yield node.lineno, argument.value


def test_there_are_rules():
    assert {"carbon.py", "embodied.py", "overhead.py", "water.py", "sci.py"} <= {path.name for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_rules_hold_no_factors(path):
    found = [
        f"{path.name}:{line}: {value!r}"
        for line, value in (*factors(path), *defaults(path))
        if value not in HARMLESS and (path.name, value) not in KNOWN
    ]
    assert not found, "a factor belongs into the catalogue, with its source"
