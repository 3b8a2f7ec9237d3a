"""Formulas of the estimators, from Python to JavaScript: read from their own source, so that no twin can drift from it.

Only what a pure function of numbers needs is understood: arithmetic, conditions, loops, tuples, named tuples, `math`.
Anything else is `Untranslatable`, and the page then holds what that formula gave.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import json
import math
import operator
from collections.abc import Mapping, Sequence
from functools import partial
from math import isfinite, isnan
from textwrap import dedent
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, Final


class Untranslatable(Exception):
    """A formula that uses more than numbers."""


_KNOWN: Final[Mapping[object, str]] = {
    **{getattr(math, name): f"Math.{name}" for name in ("exp", "log2", "log10", "log1p", "expm1", "sqrt", "pow")},
    **{getattr(math, name): f"Math.{name}" for name in ("floor", "ceil", "tanh", "sin", "cos", "hypot", "trunc")},
    math.log: "py.log",
    math.fsum: "py.sum",
    math.prod: "py.prod",
    math.isfinite: "Number.isFinite",
    math.isnan: "Number.isNaN",
    builtins.abs: "Math.abs",
    builtins.min: "py.min",
    builtins.max: "py.max",
    builtins.sum: "py.sum",
    builtins.len: "py.len",
    builtins.round: "py.round",
    builtins.int: "Math.trunc",
    builtins.float: "Number",
    builtins.bool: "Boolean",
    builtins.range: "py.range",
    builtins.zip: "py.zip",
    builtins.enumerate: "py.enumerate",
    builtins.sorted: "py.sorted",
    builtins.list: "Array.from",
    builtins.tuple: "Array.from",
    builtins.any: "py.any",
    builtins.all: "py.all",
    operator.add: "py.add",
    operator.sub: "py.sub",
    operator.mul: "py.mul",
    operator.truediv: "py.div",
}
_BINARY: Final = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_CALLED: Final = {ast.Pow: "Math.pow", ast.FloorDiv: "py.floordiv", ast.Mod: "py.mod"}
_COMPARED: Final = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "===", ast.NotEq: "!=="}
_COMPARED_IDENTITY: Final = {ast.Is: "===", ast.IsNot: "!=="}


class Formulas:
    """The functions and the kinds of named tuples met so far, in JavaScript."""

    def __init__(self) -> None:
        self._names: dict[object, str] = {}
        self._kinds: dict[type, str] = {}
        self._sources: list[str] = []
        self._met = 0
        self.methods: dict[str, int] = {}
        """Names of the methods of those kinds, and how many parameters each has."""

    @property
    def script(self) -> str:
        """All of them, to be put before whatever calls them."""
        return "\n".join(self._sources)

    def call(self, function: Any, given: Sequence[str], named: Mapping[str, str] | None = None) -> str:  # noqa: ANN401
        """An expression for the function of these expressions. Raises `Untranslatable`."""
        given, named = list(given), dict(named or {})
        if isinstance(function, partial):
            bound = {name: self.constant(one) for name, one in function.keywords.items()}
            return self.call(function.func, [*map(self.constant, function.args), *given], {**bound, **named})
        if isinstance(function, MethodType):
            return self.call(function.__func__, [self.constant(function.__self__), *given], named)
        if isinstance(function, type) and hasattr(function, "_fields"):
            return self._made(function, given, named)
        if isinstance(function, FunctionType):
            return f"{self._named(function)}({', '.join(self._arguments(function, given, named))})"
        if _hashable(function) and function in _KNOWN:
            if named.keys() - {"strict"}:
                raise Untranslatable(f"{function}: keywords")
            return f"{_KNOWN[function]}({', '.join(given)})"
        if not isinstance(function, type | BuiltinFunctionType) and callable(function):
            return self.call(type(function).__call__, [self.constant(function), *given], named)
        raise Untranslatable(str(function))

    def constant(self, value: object) -> str:
        """A value of Python as JavaScript has it. Raises `Untranslatable`."""
        if value is None or isinstance(value, bool | str):
            return json.dumps(value).replace("<", "\\u003c")
        if isinstance(value, int | float):
            if isfinite(value):
                return repr(float(value)) if isinstance(value, float) else str(int(value))
            return "NaN" if isnan(value) else "Infinity" if value > 0 else "(-Infinity)"
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return self._made(type(value), [self.constant(one) for one in value], {})
        if isinstance(value, tuple | list):
            return f"[{', '.join(map(self.constant, value))}]"
        if isinstance(value, Mapping):
            return f"{{{', '.join(f'{json.dumps(_key(key))}: {self.constant(one)}' for key, one in value.items())}}}"
        raise Untranslatable(type(value).__name__)

    def _named(self, function: FunctionType) -> str:
        """The name of a function in the script; it is translated when it is met first."""
        key = (function.__code__, tuple(id(cell.cell_contents) for cell in function.__closure__ or ()))
        if key not in self._names:
            self._met += 1
            self._names[key] = name = f"f{self._met}_{function.__name__.strip('_<>')}"
            try:
                self._sources.append(_Body(self, function).text(name))
            except Untranslatable:
                del self._names[key]
                raise
        return self._names[key]

    def _kind(self, kind: Any) -> str:  # noqa: ANN401 - a class of named tuples
        """The class of a kind of named tuple, with those of its methods that are understood."""
        if kind not in self._kinds:
            self._kinds[kind] = name = f"{kind.__name__.strip('_')}{len(self._kinds)}"
            fields = ", ".join(kind._fields)
            kept = "".join(f"this.{field} = {field};" for field in kind._fields)
            within = ", ".join(f"this.{field}" for field in kind._fields)
            self._sources.append(
                f"class {name} {{constructor({fields}) {{{kept}}} *[Symbol.iterator]() {{yield* [{within}];}}}}"
            )
            for word, method in vars(kind).items():
                if isinstance(method, FunctionType) and not word.startswith("_"):
                    self._method(name, word, method)
        return self._kinds[kind]

    def _method(self, kind: str, word: str, method: FunctionType) -> None:
        count = len(inspect.signature(method).parameters) - 1
        try:
            called = self._named(method)
        except Untranslatable:
            return
        self.methods[word] = count
        self._sources.append(f"{kind}.prototype.{word} = function (...of) {{return {called}(this, ...of);}};")

    def _made(self, kind: Any, given: Sequence[str], named: Mapping[str, str]) -> str:  # noqa: ANN401 - as above
        if len(given) == 1 and given[0].startswith("...") and not named:  # all fields, from a list
            return f"new {self._kind(kind)}({given[0]})"
        values = dict(zip(kind._fields, given, strict=False)) | dict(named)
        for field, default in kind._field_defaults.items():
            values.setdefault(field, self.constant(default))
        if set(values) != set(kind._fields) or any(one.startswith("...") for one in given):
            raise Untranslatable(f"{kind.__name__}: its fields")
        return f"new {self._kind(kind)}({', '.join(values[field] for field in kind._fields)})"

    def _arguments(self, function: FunctionType, given: list[str], named: Mapping[str, str]) -> list[str]:
        """Arguments in the order of the parameters: positional, keyword-only, the rest."""
        parameters = inspect.signature(function).parameters.values()
        rest = any(one.kind is one.VAR_POSITIONAL for one in parameters)
        keyword_only = [one for one in parameters if one.kind is one.KEYWORD_ONLY]
        if any(one.startswith("...") for one in given):
            if keyword_only or named:
                raise Untranslatable(f"{function.__name__}: a spread with keywords")
            return given
        left, found = list(given), []
        for one in parameters:
            if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD):
                found.append(left.pop(0) if left else self._filled(one, named))
            elif one.kind is one.VAR_KEYWORD:
                raise Untranslatable(f"{function.__name__}: any keywords")
        found += [self._filled(one, named) for one in keyword_only]
        if left and not rest:
            raise Untranslatable(f"{function.__name__}: too many arguments")
        return found + left

    def _filled(self, parameter: inspect.Parameter, named: Mapping[str, str]) -> str:
        if parameter.name in named:
            return named[parameter.name]
        if parameter.default is parameter.empty:
            raise Untranslatable(f"{parameter.name} is not given")
        return self.constant(parameter.default)


def _key(key: object) -> str:
    """A key as JavaScript makes it of a value: true, 3, fp8."""
    return str(key).lower() if isinstance(key, bool) else str(key)


def _hashable(value: object) -> bool:
    return getattr(value, "__hash__", None) is not None


def _definition(tree: ast.Module, function: FunctionType) -> ast.FunctionDef:
    """The definition of a function; of a lambda one that returns its expression, where no other stands beside it."""
    if isinstance(tree.body[0], ast.FunctionDef):
        return tree.body[0]
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda)]
    if function.__name__ != "<lambda>" or len(found) != 1:
        raise Untranslatable(f"{function.__name__}: not a plain function")
    made = ast.parse("def function(): pass").body[0]
    assert isinstance(made, ast.FunctionDef)  # noqa: S101 - it was just written
    made.args, made.body = found[0].args, [ast.Return(found[0].body)]
    return made


class _Body:
    """One function on its way."""

    def __init__(self, formulas: Formulas, function: FunctionType) -> None:
        self._formulas, self._function = formulas, function
        try:
            tree = ast.parse(dedent(inspect.getsource(function)))
        except (OSError, TypeError, SyntaxError) as error:
            raise Untranslatable(f"{function.__name__}: no source") from error
        self._node = _definition(tree, function)
        known = inspect.getclosurevars(function)
        self._outer: dict[str, object] = {**known.builtins, **known.globals, **known.nonlocals}
        spec = self._node.args
        self._parameters = [one.arg for one in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
        self._rest = spec.vararg.arg if spec.vararg else ""

    def text(self, name: str) -> str:
        heads = [f"v_{one}" for one in self._parameters] + ([f"...v_{self._rest}"] if self._rest else [])
        known = {*self._parameters, self._rest}
        stored = {
            one.id for one in ast.walk(self._node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
        }
        self._locals = known | stored
        declared = "".join(f"let v_{one};" for one in sorted(stored - known))
        return f"function {name}({', '.join(heads)}) {{{declared}{self._block(self._node.body)}}}"

    # -- statements ------------------------------------------------------------------------------------------------

    def _block(self, body: Sequence[ast.stmt]) -> str:
        return "".join(map(self._statement, body))

    def _statement(self, node: ast.stmt) -> str:  # noqa: C901, PLR0911 - one case for each kind
        match node:
            case ast.Return(value):
                return f"return {self._of(value) if value else 'null'};"
            case ast.Assign([target], value) | ast.AnnAssign(target, _, ast.expr() as value):
                return f"{self._target(target)} = {self._of(value)};"
            case ast.AugAssign(target, op, value):
                plain = ast.BinOp(ast.Name(getattr(target, "id", ""), ast.Load()), op, value)
                return f"{self._target(target)} = {self._of(plain)};"
            case ast.If(test, body, orelse):
                other = f" else {{{self._block(orelse)}}}" if orelse else ""
                return f"if ({self._of(test)}) {{{self._block(body)}}}{other}"
            case ast.For(target, within, body, []):
                return f"for ({self._target(target)} of {self._of(within)}) {{{self._block(body)}}}"
            case ast.While(test, body, []):
                return f"while ({self._of(test)}) {{{self._block(body)}}}"
            case ast.Expr(ast.Constant()) | ast.Pass() | ast.Assert():
                return ""
            case ast.Expr(ast.Call(ast.Attribute(ast.Name() as listed, "append"), [one])):
                return f"{self._of(listed)}.push({self._of(one)});"
            case ast.Break():
                return "break;"
            case ast.Continue():
                return "continue;"
            case ast.Raise():
                return "return NaN;"
        raise Untranslatable(f"{self._function.__name__}: {ast.unparse(node)[:60]}")

    def _target(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return f"v_{node.id}"
        if isinstance(node, ast.Tuple):
            return f"[{', '.join(map(self._target, node.elts))}]"
        raise Untranslatable(ast.unparse(node))

    # -- expressions -----------------------------------------------------------------------------------------------

    def _of(self, node: ast.expr) -> str:  # noqa: C901, PLR0911, PLR0912 - one case for each kind
        match node:
            case ast.Constant(value):
                return self._formulas.constant(value)
            case ast.Name(name):
                return f"v_{name}" if name in self._locals else self._formulas.constant(self._found(node))
            case ast.Attribute(base, name):
                return (
                    self._formulas.constant(self._found(node)) if self._is_outer(base) else f"{self._of(base)}.{name}"
                )
            case ast.NamedExpr(ast.Name(name), value):
                return f"(v_{name} = {self._of(value)})"
            case ast.BinOp(left, op, right):
                if type(op) in _CALLED:
                    return f"{_CALLED[type(op)]}({self._of(left)}, {self._of(right)})"
                if type(op) in _BINARY:
                    return f"({self._of(left)} {_BINARY[type(op)]} {self._of(right)})"
            case ast.UnaryOp(op, operand):
                signs: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.UAdd: "+", ast.Not: "!"}
                if type(op) in signs:
                    return f"({signs[type(op)]}{self._of(operand)})"
            case ast.BoolOp(op, values):
                sign = " && " if isinstance(op, ast.And) else " || "
                return f"({sign.join(map(self._of, values))})"
            case ast.IfExp(test, body, orelse):
                return f"({self._of(test)} ? {self._of(body)} : {self._of(orelse)})"
            case ast.Compare():
                return self._compared(node)
            case ast.Tuple(elements) | ast.List(elements):
                return f"[{', '.join(map(self._of, elements))}]"
            case ast.Starred(value):
                return f"...{self._of(value)}"
            case ast.Subscript(value, ast.Slice(lower, upper, None)):
                ends = [self._of(lower) if lower else "0", *([self._of(upper)] if upper else [])]
                return f"{self._of(value)}.slice({', '.join(ends)})"
            case ast.Subscript(value, index):
                return f"py.at({self._of(value)}, {self._of(index)})"
            case ast.ListComp(made, [one]) | ast.GeneratorExp(made, [one]):
                return self._comprehended(made, one)
            case ast.Call():
                return self._called(node)
        raise Untranslatable(f"{self._function.__name__}: {ast.unparse(node)[:60]}")

    def _compared(self, node: ast.Compare) -> str:
        found, left = [], node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            sign = {**_COMPARED, **_COMPARED_IDENTITY}.get(type(op))
            if sign is None and not isinstance(op, ast.In):
                raise Untranslatable(ast.unparse(node))
            is_in = f"py.within({self._of(left)}, {self._of(right)})"
            found.append(f"{self._of(left)} {sign} {self._of(right)}" if sign else is_in)
            left = right
        return f"({' && '.join(found)})"

    def _comprehended(self, made: ast.expr, one: ast.comprehension) -> str:
        target = self._target(one.target)
        within = self._of(one.iter)
        for test in one.ifs:
            within += f".filter(({target}) => {self._of(test)})"
        return f"{within}.map(({target}) => {self._of(made)})"

    def _called(self, node: ast.Call) -> str:
        given = [self._of(one) for one in node.args]
        if any(one.arg is None for one in node.keywords):
            raise Untranslatable(ast.unparse(node))
        named = {str(one.arg): self._of(one.value) for one in node.keywords}
        match node.func:
            case ast.Name(name) if name in self._locals:
                return f"v_{name}({', '.join(given)})"
            case ast.Name():
                return self._formulas.call(self._found(node.func), given, named)
            case ast.Attribute(base) if self._is_outer(base):
                return self._formulas.call(self._found(node.func), given, named)
            case ast.Attribute(base, name):
                return self._method(self._of(base), name, given, named)
        raise Untranslatable(ast.unparse(node))

    def _method(self, base: str, name: str, given: Sequence[str], named: Mapping[str, str]) -> str:
        """A method of something that is computed."""
        if name in ("items", "values") and not given:
            return f"Object.{'entries' if name == 'items' else name}({base})"
        if name == "_replace" and not given:
            return f"py.replaced({base}, {{{', '.join(f'{key}: {one}' for key, one in named.items())}}})"
        if self._formulas.methods.get(name) == len(given) and not named:
            return f"{base}.{name}({', '.join(given)})"
        raise Untranslatable(f"{self._function.__name__}: {name}")

    def _is_outer(self, node: ast.expr) -> bool:
        """Whether an expression is a name from outside, or a field of one."""
        if isinstance(node, ast.Attribute):
            return self._is_outer(node.value)
        return isinstance(node, ast.Name) and node.id not in self._locals

    def _found(self, node: ast.expr) -> Any:  # noqa: ANN401 - whatever the name means
        """What a name outside the function means."""
        if isinstance(node, ast.Name):
            if node.id in self._outer:
                return self._outer[node.id]
            if node.id in self._function.__globals__:  # named within a comprehension alone
                return self._function.__globals__[node.id]
            if hasattr(builtins, node.id):
                return getattr(builtins, node.id)
        elif isinstance(node, ast.Attribute):
            base = self._found(node.value)
            if hasattr(base, node.attr):
                return getattr(base, node.attr)
        raise Untranslatable(f"{self._function.__name__}: {ast.unparse(node)}")
