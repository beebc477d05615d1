"""routes.yaml as text: read with the line of every node, checked as a whole, errors by line.

Nothing in the file is executed or included: PyYAML's safe loader composes the nodes, and only plain
maps, lists and scalars are made of them.
"""

from __future__ import annotations

import difflib
import os
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from s3r_spark import globs
from s3r_spark.errors import RoutesError, SecretError
from s3r_spark.model import Client, Credentials, Profile, RoutesFile
from s3r_spark.secrets import expand, is_sensitive, malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_T = TypeVar("_T")
Loc = tuple[str | int, ...]
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CREDENTIALS_DEPTH = 3
_TOO_MANY = 2_000_000  # nodes, aliases unfolded: far above any real file, far below what hurts
_SECRET_FIELDS = ("access_key", "secret_key", "session_token")


@dataclass
class Source:
    """Where routes were read from, to say so in a message.

    Attributes:
        name: the file as the user named it, or `routes` for a dict.
        folder: what relative paths in it are relative to.
        lines: the line of each entry, by its path from the top; empty for a dict.
    """

    name: str = "routes"
    folder: Path = field(default_factory=Path.cwd)
    lines: dict[Loc, int] = field(default_factory=dict)

    def place(self, loc: Loc) -> str:
        """`routes.yaml:14: profile 'minio'`: the nearest place that a line is known for."""
        where = self.name
        for depth in range(len(loc), -1, -1):
            if (line := self.lines.get(loc[:depth])) is not None:
                where = f"{self.name}:{line}"
                break
        kind = {"profiles": "profile", "clients": "client"}.get(str(loc[0]) if loc else "")
        return f"{where}: {kind} {loc[1]!r}" if kind and len(loc) > 1 else where


class _Problems:
    """All that is wrong with a file, in the order of its lines."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._found: list[tuple[int, str]] = []

    def add(self, loc: Loc, message: str) -> None:
        place = self._source.place(loc)
        line = next(
            (
                self._source.lines[loc[:n]]
                for n in range(len(loc), -1, -1)
                if loc[:n] in self._source.lines
            ),
            0,
        )
        text = f"{place}: {message}"
        if (line, text) not in self._found:
            self._found.append((line, text))

    def raise_any(self) -> None:
        if self._found:
            raise RoutesError(
                "\n".join(text for _, text in sorted(self._found, key=lambda f: f[0]))
            )


def read(routes: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[RoutesFile, Source]:
    """Read and check routes.

    Args:
        routes: the path of a routes.yaml, or its content as a dict.

    Raises:
        RoutesError: with one line for each thing that is wrong.
    """
    if isinstance(routes, (str, os.PathLike)):
        source = Source(os.fspath(routes), Path(routes).absolute().parent)
        data = _parse(source)
    elif isinstance(routes, dict):
        source, data = Source(), routes
    else:
        raise TypeError(f"routes must be a path, a dict or Routes, not {type(routes).__name__}")
    problems = _Problems(source)
    data = _expanded(data, (), problems)
    file = _validated(data, problems)
    if file is not None:
        for loc, message in _across(file, data):
            problems.add(loc, message)
    problems.raise_any()
    assert file is not None  # noqa: S101 - where it is, a problem was raised
    return file, source


# -- text to plain data ---------------------------------------------------------------------------


def _parse(source: Source) -> Any:
    try:
        text = Path(source.name).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RoutesError(f"{source.name}: there is no such file") from None
    except IsADirectoryError:
        raise RoutesError(f"{source.name}: is a folder; name the routes.yaml in it") from None
    except UnicodeDecodeError as error:
        raise RoutesError(f"{source.name}: is not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise RoutesError(f"{source.name}: can't be read: {error.strerror}") from error
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f":{mark.line + 1}" if mark else ""
        raise RoutesError(f"{source.name}{at}: is not YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        # A character that YAML forbids: the reader knows its position, not its line.
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise RoutesError(
            f"{source.name}:{line}: is not YAML: {getattr(error, 'reason', error)}"
        ) from None
    if node is None:
        raise RoutesError(f"{source.name}: is empty; it needs clients and profiles")
    return _Builder(source).build(node)


class _Builder:
    """Makes plain data of YAML nodes, keeps their lines, refuses what a reader would not expect."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._scalars = yaml.SafeLoader("")
        self._problems = _Problems(source)
        self._count = 0

    def build(self, node: yaml.Node) -> Any:
        data = self._data(node, ())
        self._problems.raise_any()
        return data

    def _data(self, node: yaml.Node, loc: Loc) -> Any:
        self._count += 1
        if self._count > _TOO_MANY:
            raise RoutesError(f"{self._source.name}: its aliases (*name) unfold to too much")
        self._source.lines.setdefault(loc, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._map(node, loc)
        if isinstance(node, yaml.SequenceNode):
            return [self._data(item, (*loc, i)) for i, item in enumerate(node.value)]
        if not node.tag.startswith("tag:yaml.org,2002:"):
            self._problems.add(loc, f"the tag {node.tag} is not known here")
            return None
        try:
            return self._scalars.construct_object(node)
        except (yaml.YAMLError, ValueError):
            self._problems.add(loc, f"{node.value!r} is not what its tag {node.tag} says")
            return None

    def _map(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        out: dict[str, Any] = {}
        inherited: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":  # `<<: *base`, or a list of such
                for base in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    found = self._data(base, loc)
                    inherited = {**(found if isinstance(found, dict) else {}), **inherited}
                continue
            name = self._name(key, loc)
            if name is None:
                continue
            at = (*loc, name)
            if name in out:
                self._problems.add(
                    at,
                    f"{name!r} is there twice, the second time on line {key.start_mark.line + 1}",
                )
                continue
            self._source.lines[at] = key.start_mark.line + 1
            out[name] = self._data(value, at)
        return {**inherited, **out}

    def _name(self, key: yaml.Node, loc: Loc) -> str | None:
        name = self._scalars.construct_object(key) if isinstance(key, yaml.ScalarNode) else None
        if isinstance(name, str):
            return name
        shown = key.value if isinstance(key, yaml.ScalarNode) else "(a list or a map)"
        at = (*loc, shown)
        self._source.lines[at] = key.start_mark.line + 1
        self._problems.add(at, f"the key {shown} is no text: put it in quotes")
        return None


# -- plain data to the model ----------------------------------------------------------------------


def _is_secret(loc: Loc) -> bool:
    """Whether what stands there stays a reference: model.py makes a Secret of it."""
    return loc[0] == "clients" and (
        (len(loc) > _CREDENTIALS_DEPTH and loc[2] == "credentials" and loc[3] in _SECRET_FIELDS)
        or (len(loc) > _CREDENTIALS_DEPTH and loc[2] == "hadoop" and is_sensitive(str(loc[3])))
        or (len(loc) > _CREDENTIALS_DEPTH and loc[2] == "botocore" and loc[3] == "proxies")
    )


def _expanded(data: Any, loc: Loc, problems: _Problems) -> Any:
    """The data with `${NAME}` read from the environment wherever it is no secret."""
    if isinstance(data, dict):
        return {key: _expanded(value, (*loc, key), problems) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_expanded(value, (*loc, i), problems) for i, value in enumerate(data)]
    if not isinstance(data, str) or "${" not in data or _is_secret(loc):
        return data
    what = f"{loc[-1]}: " if loc else ""
    if wrong := malformed(data):
        problems.add(loc, f"{what}{wrong}")
        return data
    try:
        return expand(data)
    except SecretError as error:
        problems.add(loc, f"{what}{error}: set it, or write ${{NAME:-fallback}}")
        return data


def _validated(data: Any, problems: _Problems) -> RoutesFile | None:
    """The model of all that is right in the data; what is wrong is added to the problems.

    Entries with mistakes are left out and the rest is checked again, so that mistakes between
    entries show in the same run.
    """
    try:
        return RoutesFile.model_validate(data)
    except ValidationError as error:
        bad: dict[str, set[str]] = defaultdict(set)
        top = False
        for item in error.errors(include_url=False, include_input=False):
            loc: Loc = item["loc"]
            top = top or len(loc) < 2 or not isinstance(data, dict)  # noqa: PLR2004 - section, name
            if not top:
                bad[str(loc[0])].add(str(loc[1]))
            problems.add(loc, _words(loc, item["type"], item["msg"], data))
        if top:
            return None
        rest = {
            section: {k: v for k, v in entries.items() if k not in bad[section]}
            if section in bad
            else entries
            for section, entries in data.items()
        }
        try:
            return RoutesFile.model_validate(rest)
        except ValidationError:
            return None


def _words(loc: Loc, kind: str, message: str, data: Any) -> str:
    """One problem in the words of routes.yaml, not of the library that found it."""
    if not loc:
        return "must be a map with the keys clients and profiles"
    name = str(loc[-1])
    if kind == "extra_forbidden":
        return f"unknown key {name!r}{_likely(name, _fields(loc))}"
    if kind == "missing":
        return f"{name} is missing"
    if kind == "value_error":
        text = message.removeprefix("Value error, ")
        return text if len(loc) in {0, 2} else f"{'.'.join(map(str, loc[2:] or loc))}: {text}"
    what = ".".join(map(str, loc[2:] or loc))
    if kind == "string_type":
        given = data
        for step in loc:
            given = given[step] if isinstance(given, dict) and step in given else None
        if given is None or _is_secret(loc):
            return f"{what}: must be text"
        return (
            f'{what}: must be text: write "{given}"'
            if isinstance(given, (int, float))
            else f"{what}: must be text, not a list or map"
        )
    if kind in {"dict_type", "model_type"}:
        return f"{what}: must be a map of keys and values"
    return f"{what}: {message[0].lower()}{message[1:]}"


def _fields(loc: Loc) -> list[str]:
    """The keys that are known where an unknown one stands."""
    model: type[BaseModel] = RoutesFile
    if len(loc) == 3:  # noqa: PLR2004 - section, name, key
        model = Client if loc[0] == "clients" else Profile
    elif len(loc) > 3:  # noqa: PLR2004
        model = Credentials
    return list(model.model_fields)


def _likely(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else f" (known here: {', '.join(known)})"


# -- between entries ------------------------------------------------------------------------------


def _across(file: RoutesFile, data: Any) -> Iterator[tuple[Loc, str]]:
    """What is wrong between entries that are right by themselves."""
    names = list(data.get("clients") or ())  # those with mistakes of their own are there too
    if "default" not in names and file.unmatched == "default":
        yield (
            ("clients",),
            (
                "the client 'default' is missing: it serves what no profile matches "
                "(or write `unmatched: refuse` at the top)"
            ),
        )
    for name, profile in file.profiles.items():
        wanted = profile.client or name
        if wanted not in names:
            loc: Loc = ("profiles", name, "client") if profile.client else ("profiles", name)
            hint = "" if profile.client else ", and its key client names none"
            yield loc, f"there is no client {wanted!r}{hint}{_likely(wanted, names)}"
    for name, earlier in covered(file):
        yield (
            ("profiles", name),
            (
                f"can never match: the earlier profile {earlier!r} takes all its names; put {name!r} before it"
            ),
        )


def covered(file: RoutesFile) -> Iterator[tuple[str, str]]:
    """Each profile that one earlier profile covers, with the name of that one.

    A glob that covers another also matches a sample of it, so its fixed head is how the sample
    begins: only profiles with such heads are compared, and 10,000 profiles stay cheap.
    """
    heads: dict[str, dict[str, list[tuple[str, Profile]]]] = {}
    for name, profile in file.profiles.items():
        bucket, key = profile.source_bucket_pattern, profile.source_key_pattern or "*"
        candidates = (
            found
            for by_key in _by_head(heads, globs.sample(bucket))
            for some in _by_head(by_key, globs.sample(key))
            for found in some
        )
        for other, rule in candidates:
            if _covers(rule.source_bucket_pattern, bucket) and _covers(
                rule.source_key_pattern or "*", key
            ):
                yield name, other
                break
        by_key = heads.setdefault(globs.head(bucket), {})
        by_key.setdefault(globs.head(key), []).append((name, profile))


def _covers(glob: str, other: str) -> bool:
    return glob in {"*", other} or (globs.has_wildcard(glob) and globs.covers([glob], other))


def _by_head(heads: Mapping[str, _T], text: str) -> Iterator[_T]:
    """The entries whose head the text begins with."""
    return (heads[text[:n]] for n in range(len(text) + 1) if text[:n] in heads)
