"""routes.yaml as text: plain data, the line of every node, and all that is wrong with it, by line.

Nothing in the file is executed or included: PyYAML's safe loader composes the nodes, and only plain
maps, lists and scalars are made of them.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from s3r_spark import yaml_syntax
from s3r_spark.errors import Position, Problem, RoutesError
from s3r_spark.yaml_syntax import NESTED

Loc = tuple[str | int, ...]
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TAG = "tag:yaml.org,2002:"
_TOO_MANY = 500_000  # values and keys: far above any real file, far below what hurts
_TOO_LARGE = 1 << 26  # bytes: 64 MiB
_TOO_DEEP = 32  # levels; PyYAML's C loader crashes the process at some ten thousand
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass
class Source:
    """The source of routes, for messages.

    Attributes:
        name: the file as the user named it, or `routes` for a dict.
        folder: what relative paths in it are relative to.
        lines: the line of each entry, by its path from the top; empty for a dict.
        columns: its column, likewise.
    """

    name: str = "routes"
    folder: Path = field(default_factory=Path.cwd)
    lines: dict[Loc, int] = field(default_factory=dict)
    columns: dict[Loc, int] = field(default_factory=dict)

    def line(self, loc: Loc) -> int:
        """The line of the nearest place that one is known for; 0: of none."""
        known = (self.lines.get(loc[:depth]) for depth in range(len(loc), -1, -1))
        return next((line for line in known if line is not None), 0)

    def position(self, loc: Loc) -> Position:
        """The nearest place that a line is known for, for programs."""
        at = next((loc[:n] for n in range(len(loc), -1, -1) if loc[:n] in self.lines), None)
        line, column = (0, 0) if at is None else (self.lines[at], self.columns.get(at, 0))
        names: dict[Any, str] = {}
        if len(loc) > 1 and isinstance(loc[1], str):
            names = {loc[0]: loc[1]}
        return Position(self.name, line, column, names.get("clients"), names.get("profiles"))

    def line_of(self, loc: Loc) -> str:
        """`routes.yaml:14: profile 'minio'`: the nearest place that a line is known for."""
        line = self.line(loc)
        where = f"{self.name}:{line}" if line else self.name
        kind = {"profiles": "profile", "clients": "client"}.get(str(loc[0]) if loc else "")
        name = loc[1] if len(loc) > 1 else None
        # A number is where a key stands that is no text.
        return f"{where}: {kind} {name!r}" if kind and isinstance(name, str) else where


class Problems:
    """All that is wrong with a file, one line each, in the order of its lines.

    Attributes:
        source: where the routes come from.
        places: where something is wrong.
        texts: what stands in the file where YAML made a number or a truth value of it.
    """

    def __init__(self, source: Source) -> None:
        self.source = source
        self.places: set[Loc] = set()
        self.texts: dict[Loc, str] = {}
        self._found: dict[tuple[int, str], Position] = {}  # told once each

    def add(self, loc: Loc, message: str) -> None:
        """Note what is wrong at a place."""
        self.places.add(loc)
        text = one_line(f"{self.source.line_of(loc)}: {message}")
        self._found.setdefault((self.source.line(loc), text), self.source.position(loc))

    def error(self) -> RoutesError | None:
        """Make the error that is to be raised; None: nothing is wrong."""
        keys = sorted(self._found, key=lambda key: key[0])
        if not keys:
            return None
        error = RoutesError("\n".join(text for _, text in keys))
        error.problems = [Problem(key[1], self._found[key]) for key in keys]
        return error


class Budget:
    """A limit of what routes may hold, counted while they are read, so that nothing hurts before.

    Attributes:
        name: the file's name, for the message.
        too_much: what the message says of more than that.
    """

    def __init__(self, name: str, too_much: str = "holds") -> None:
        self.name, self.too_much = name, too_much
        self._visited = 0

    def visit(self, depth: int) -> None:
        """Count a key or value.

        Raises:
            RoutesError: it is one too many, or lies too deep.
        """
        self._visited += 1
        if depth > _TOO_DEEP:
            raise RoutesError(one_line(f"{self.name}: {NESTED}"))
        if self._visited > _TOO_MANY:
            text = f"{self.name}: {self.too_much} more than {_TOO_MANY:,} values"
            raise RoutesError(one_line(f"{text}, which no routes need"))


def one_line(text: str) -> str:
    """The text with what would break its line, or a terminal, written as an escape."""
    return _UNSEEN.sub(lambda match: repr(match[0])[1:-1], text)


def parse(path: str, problems: Problems) -> Any:
    """The file's content as plain data; its lines go into the problems' source.

    Args:
        path: the file; `-` is standard input.
        problems: take what is wrong with it.

    Raises:
        RoutesError: it can't be read, or is no YAML at all.
    """
    source = problems.source
    if not path:
        raise RoutesError("routes is empty: give the path of a routes.yaml, or a dict")
    name = one_line(source.name)
    text = _text(path, name)
    failed, at = None, (0, 0)
    try:
        _count(text, Budget(source.name))
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        failed = f"{name}{yaml_syntax.why(error, text)}"
        if mark := getattr(error, "problem_mark", None):
            at = mark.line + 1, mark.column + 1
    if failed is not None:  # raised here, so that the error brings no piece of the file with it
        wrong = RoutesError(failed)
        wrong.problems = [Problem(failed, Position(source.name, *at))]
        raise wrong
    if node is None:
        raise RoutesError(f"{name}: is empty; it needs clients and profiles")
    return _Builder(problems).data(node, (), 0)


def _text(path: str, name: str) -> str:
    content = _content(path, name)
    if len(content) > _TOO_LARGE:
        raise RoutesError(f"{name}: is larger than {_TOO_LARGE >> 20} MiB, which no routes are")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RoutesError(f"{name}: is not UTF-8 text (byte {error.start})") from None


def _content(path: str, name: str) -> bytes:
    """The file's content, or as much of it as shows that it is too large."""
    if "\n" in path:
        raise RoutesError("routes is the text of a file; give its path, or a dict")
    try:
        if path == "-" and sys.stdin is not None:  # None: a shell has closed it (`<&-`)
            return sys.stdin.buffer.read(_TOO_LARGE + 1)
        with Path(path).open("rb") as file:
            return file.read(_TOO_LARGE + 1)
    except FileNotFoundError:
        hint = "; here routes are given, where boto3 takes 's3'" if path == "s3" else ""
        raise RoutesError(f"{name}: there is no such file{hint}") from None
    except IsADirectoryError:
        raise RoutesError(f"{name}: is a folder; name the routes.yaml in it") from None
    except OSError as error:
        raise RoutesError(f"{name}: can't be read: {error.strerror}") from error
    except ValueError:
        raise RoutesError(f"{name}: is no path of a file") from None


def _count(text: str, budget: Budget) -> None:
    """Refuse what would be composed too deep or too large, before anything is made of it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        elif isinstance(event, yaml.NodeEvent):
            depth += isinstance(event, yaml.CollectionStartEvent)
            budget.visit(depth)


class _Builder:
    """Makes plain data of YAML nodes, keeps their lines, refuses what a reader would not expect."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._budget = Budget(problems.source.name, "its aliases unfold to")
        self._lines = problems.source.lines
        self._scalars = yaml.SafeLoader("")

    def data(self, node: yaml.Node, loc: Loc, depth: int) -> Any:
        self._budget.visit(depth)
        self._note(loc, node)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, loc)
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._map(node, loc, depth)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.data(item, (*loc, i), depth + 1) for i, item in enumerate(node.value)]
        return self._bad_tag(loc)

    def _note(self, loc: Loc, node: yaml.Node) -> None:
        if loc not in self._lines:
            self._lines[loc] = node.start_mark.line + 1
            self._problems.source.columns[loc] = node.start_mark.column + 1

    def _bad_tag(self, loc: Loc) -> None:
        # The tag itself isn't shown: it may be a password that begins with `!`.
        name = f"{loc[-1]}: " if loc else ""
        self._problems.add(
            loc, f"{name}has a tag (!…), and none is known: quote what begins with !"
        )

    def _scalar(self, node: yaml.ScalarNode, loc: Loc) -> Any:
        kind = node.tag.removeprefix(_TAG)
        if kind in {"str", "timestamp", "value"}:  # no date is wanted anywhere, and `=` is a text
            return node.value
        if kind not in {"null", "bool", "int", "float"}:
            return self._bad_tag(loc)
        if kind in {"int", "float"} and loc[:1] == ("clients",) and loc[2:3] == ("hadoop",):
            return node.value  # as Hadoop spells it: 0755 is no octal number there
        self._problems.texts.setdefault(loc, node.value)
        if loc[:1] == ("clients",) and loc[2:3] == ("botocore",) and kind in {"int", "float"}:
            return self._number(node, loc)
        try:
            return self._scalars.construct_object(node)
        except (
            yaml.YAMLError,
            ValueError,
            LookupError,
        ):  # `!!int x`, or more digits than Python reads
            self._problems.add(loc, f"{loc[-1] if loc else 'it'}: must be text: put it in quotes")
            return None

    def _number(self, node: yaml.ScalarNode, loc: Loc) -> Any:
        if not _NUMBER.fullmatch(node.value):
            self._problems.add(
                loc,
                f"{'.'.join(map(str, loc[2:]))}: must be a plain number like 30 or 0.5: YAML reads "
                "0777 as 511 and 1:30 as 90",
            )
            return None
        return self._scalars.construct_object(node)

    def _map(self, node: yaml.MappingNode, loc: Loc, depth: int) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        inherited: dict[str, Any] = {}
        # What the map itself says comes first, so that its lines stand, not those of a base.
        for key, value in node.value:
            if key.tag == f"{_TAG}merge" or (name := self._name(key, loc)) is None:
                continue
            at, line = (*loc, name), key.start_mark.line + 1
            if name in entries:
                self._problems.add(
                    at, f"{shown(name)} is there twice, the second time on line {line}"
                )
                continue
            self._note(at, key)
            entries[name] = self.data(value, at, depth + 1)
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":  # `<<: *base`, or a list of such
                for base in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    inherited = {**self._base(base, loc, depth + 1), **inherited}
        return {**inherited, **entries}

    def _base(self, node: yaml.Node, loc: Loc, depth: int) -> dict[str, Any]:
        base = self.data(node, loc, depth)
        if isinstance(base, dict):
            return base
        self._problems.add(loc, "what << takes over must be a map")
        return {}

    def _name(self, key: yaml.Node, loc: Loc) -> str | None:
        is_scalar = isinstance(key, yaml.ScalarNode)
        if is_scalar and key.tag.removeprefix(_TAG) in {"str", "timestamp", "value"}:
            return str(key.value)
        # Below a client it may be a secret in the wrong place.
        is_shown = is_scalar and (loc[:1] != ("clients",) or len(loc) == 1)
        subject = f"the key {key.value!r}" if is_shown else "a key"
        at = (*loc, key.start_mark.index)
        self._note(at, key)
        self._problems.add(at, f"{subject} is no text: put it in quotes")
        return None


def shown(name: str) -> str:
    """A key as a message may show it: `secret_key:abc`, its blank forgotten, holds a value."""
    return repr(name if ":" not in name else name.partition(":")[0] + ":…")
