"""JSON and YAML -> one kind of tree whose scalars know their line and column."""

from __future__ import annotations

import re
from json import JSONDecodeError
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Final, NamedTuple

from joulebook.audit.reading.amount import Place
from joulebook.errors import ExchangeError, MissingExtra

if TYPE_CHECKING:
    import yaml

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_SCALAR: Final = re.compile(r"-?\d[\d.eE+-]*|true|false|null|NaN|-?Infinity")
_DEEPEST: Final = 200


class Node(NamedTuple):
    """A mapping (`pairs`), a list (`items`) or a scalar (`text`)."""

    place: Place
    text: str = ""
    is_number: bool = False
    pairs: tuple[tuple[str, Node], ...] | None = None
    items: tuple[Node, ...] | None = None


class _Json:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line, self.behind = 1, 0

    def place(self, position: int) -> Place:
        """Line and column of a position; positions only grow."""
        self.line += self.text.count("\n", self.behind, position)
        self.behind = position
        return Place(self.line, position - self.text.rfind("\n", 0, position))

    def fail(self, expected: str) -> ExchangeError:
        place = self.place(min(self.at, len(self.text)))
        return ExchangeError(f"JSON ends or breaks at line {place.line}, column {place.column}: expected {expected}")

    def skip(self) -> str:
        self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr] # it matches nothing as well
        return self.text[self.at : self.at + 1]

    def string(self) -> str:
        try:
            value, self.at = scanstring(self.text, self.at + 1, False)
        except JSONDecodeError as error:
            raise self.fail("the end of a string") from error
        return str(value)

    def node(self, depth: int = 0) -> Node:
        char = self.skip()
        place = self.place(self.at)
        if depth > _DEEPEST:
            raise self.fail(f"at most {_DEEPEST} levels")
        if char == "{":
            return Node(place, pairs=tuple(self.members(depth)))
        if char == "[":
            return Node(place, items=tuple(self.elements(depth)))
        if char == '"':
            return Node(place._replace(column=place.column + 1), self.string())
        found = _SCALAR.match(self.text, self.at)
        if found is None:
            raise self.fail("a value")
        self.at = found.end()
        return Node(place, found[0], found[0][-1].isdigit())

    def members(self, depth: int) -> list[tuple[str, Node]]:
        self.at += 1
        pairs: list[tuple[str, Node]] = []
        while (char := self.skip()) != "}":
            if pairs and char == ",":
                self.at += 1
                char = self.skip()
            if char != '"':
                raise self.fail("a name in quotes")
            key = self.string()
            if self.skip() != ":":
                raise self.fail("a colon")
            self.at += 1
            pairs.append((key, self.node(depth + 1)))
            if self.skip() not in (",", "}"):
                raise self.fail("a comma or }")
        self.at += 1
        return pairs

    def elements(self, depth: int) -> list[Node]:
        self.at += 1
        items: list[Node] = []
        while (char := self.skip()) != "]":
            if items and char == ",":
                self.at += 1
            items.append(self.node(depth + 1))
            if self.skip() not in (",", "]"):
                raise self.fail("a comma or ]")
        self.at += 1
        return items


def json_nodes(text: str) -> list[Node]:
    """The values of a JSON text, or of lines of JSON; raises `ExchangeError` with line and column."""
    reader = _Json(text)
    found = []
    while reader.skip():
        found.append(reader.node())
    return found


def yaml_nodes(text: str, first_line: int = 1) -> list[Node]:
    """The documents of a YAML text; raises `ExchangeError` with the line, `MissingExtra` without PyYAML."""
    try:
        import yaml
    except ImportError as error:
        raise MissingExtra.of("format", "YAML", "yaml") from error
    try:
        composed = [root for root in yaml.compose_all(text, Loader=yaml.SafeLoader) if root is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark is not None else 0)
        problem = getattr(error, "problem", None) or "what YAML allows"
        raise ExchangeError(f"YAML breaks at line {line}: {problem}") from error
    return [_of_yaml(root, first_line - 1, 0) for root in composed]


def _of_yaml(node: yaml.Node, above: int, depth: int) -> Node:
    place = Place(node.start_mark.line + 1 + above, node.start_mark.column + 1)
    if depth > _DEEPEST:
        raise ExchangeError(f"YAML at line {place.line}: more than {_DEEPEST} levels")
    if isinstance(node.value, str):
        number = node.tag.endswith((":int", ":float"))
        return Node(place, node.value, number)
    if node.value and isinstance(node.value[0], tuple):
        pairs = tuple((str(key.value), _of_yaml(value, above, depth + 1)) for key, value in node.value)
        return Node(place, pairs=pairs)
    return Node(place, items=tuple(_of_yaml(item, above, depth + 1) for item in node.value))
