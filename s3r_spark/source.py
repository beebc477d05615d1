"""routes.yaml to its model: variables read, fields checked, and what stands between entries."""

from __future__ import annotations

import difflib
import os
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from s3r_spark import globs
from s3r_spark.document import Budget, Loc, Problems, Source, parse, shown
from s3r_spark.errors import SecretError
from s3r_spark.indentation import indented
from s3r_spark.model import Client, Credentials, Profile, RoutesFile
from s3r_spark.patterns import Patterns
from s3r_spark.secrets import Secret, expand, hidden_in_botocore, is_sensitive, malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

_ENTRY = 2  # length of the path of a client or a profile: section, name
# In capitals, as variables are; `_$folder$` and the like are names of Hadoop's.
_BARE = re.compile(r"(?<![\w$])\$([A-Z][A-Z0-9_]+)(?![\w$])")
_SECRET_FIELDS = ("access_key", "secret_key", "session_token")


def read(routes: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[RoutesFile | None, Problems]:
    """Read and check routes.

    Args:
        routes: the path of a routes.yaml (`-`: standard input), or its content as a dict.

    Returns:
        What of them can be used, None if nothing, and what is wrong with the rest.

    Raises:
        RoutesError: they can't be read, or are no YAML.
        TypeError: it is neither a path nor a dict.
    """
    if isinstance(routes, (str, os.PathLike)):
        path = os.fspath(routes)
        if not isinstance(path, str):
            raise TypeError("routes must be a path of text, not of bytes")
        name = "stdin" if path == "-" else path
        problems = Problems(Source(name, Path(os.path.abspath(path)).parent))  # noqa: PTH100 - `..` goes
        data = indented(parse(path, problems), problems)
    elif isinstance(routes, Mapping):
        problems, data = Problems(Source()), routes
    else:
        raise TypeError(f"routes must be a path, a dict or Routes, not {type(routes).__name__}")
    data = _plain(data, (), problems, Budget(problems.source.name))
    file = _validated(data, problems)
    if file is None:
        if problems.error() is None:
            problems.add((), "can't be used")
        return None, problems
    for loc, message in _across(file, data):
        problems.add(loc, message)
    for name, client in file.clients.items():
        for keys, secret in client.secrets:
            secret.line = f"{problems.source.line_of(('clients', name, *keys))}: {'.'.join(keys)}"
    return file, problems


# -- plain data -----------------------------------------------------------------------------------


def _is_secret(loc: Loc) -> bool:
    """Tell whether what stands there stays a reference: model.py makes a Secret of it."""
    if loc[:1] != ("clients",) or len(loc) <= _ENTRY + 1:
        return False
    section, name = loc[_ENTRY : _ENTRY + 2]
    return (
        (section == "credentials" and name in _SECRET_FIELDS)
        or (section == "hadoop" and is_sensitive(str(name)))
        or (section == "botocore" and hidden_in_botocore(*loc[_ENTRY + 1 :]))
    )


def _plain(data: Any, loc: Loc, problems: Problems, budget: Budget) -> Any:
    """The data with `${NAME}` read from the environment wherever it is no secret."""
    budget.visit(len(loc))
    if isinstance(data, Mapping):
        out = {}
        for key, value in data.items():
            if isinstance(key, str):
                out[key] = _plain(value, (*loc, key), problems, budget)
            else:
                problems.add(loc, f"a key of the type {type(key).__name__} is no text")
        return out
    if isinstance(data, (list, tuple)):
        return [_plain(value, (*loc, i), problems, budget) for i, value in enumerate(data)]
    if isinstance(data, str):
        return data if "$" not in data or _is_secret(loc) else _expanded(data, loc, problems)
    if data is None or isinstance(data, (bool, int, float, Secret, PurePath)):
        return data
    problems.add(loc, f"{_field(loc)}can't be of the type {type(data).__name__}")
    return None


def _expanded(text: str, loc: Loc, problems: Problems) -> str:
    wrong = malformed(text)
    if wrong is None and (name := _BARE.search(text)):
        wrong = f"{name[0]!r} stands for itself: a variable is written ${{{name[1]}}}"
    if wrong:
        problems.add(loc, f"{_field(loc)}{wrong}")
        return text
    try:
        return expand(text)
    except SecretError as error:
        problems.add(loc, f"{_field(loc)}{error}: set it, or write ${{NAME:-fallback}}")
        return text


def _field(loc: Loc) -> str:
    """`credentials.secret_key: `, as a message about a field of an entry begins."""
    if loc[-1:] == ("[key]",):  # the key itself is what the message is about
        loc = loc[:-2]
    steps = [str(step).partition(":")[0] for step in (loc[_ENTRY:] or loc[:1])]
    return f"{'.'.join(steps)}: " if steps and len(loc) != _ENTRY else ""


# -- the model ------------------------------------------------------------------------------------


def _validated(data: Any, problems: Problems) -> RoutesFile | None:
    """The model of all that is right in the data; what is wrong is added to the problems.

    Entries with mistakes are left out and the rest is checked again, so that mistakes between
    entries show in the same run.
    """
    known = set(problems.places)  # one mistake is told once
    try:
        file = RoutesFile.model_validate(data)
    except ValidationError as error:
        items = error.errors(include_url=False, include_input=False)
        for item in items:
            item["loc"] = _untagged(item["loc"])
        known |= {item["loc"][:-1] for item in items if item["loc"][-1:] == ("[key]",)}
        entries = {place[:_ENTRY] for place in known}
        for item in items:
            loc: Loc = item["loc"]
            if loc not in known and not (len(loc) == _ENTRY and loc in entries):
                problems.add(loc, _words(item, data, problems.texts))
    else:
        if not known:
            return file
    bad: dict[str | int, set[str | int]] = defaultdict(set)
    for place in problems.places:
        if len(place) < _ENTRY:
            return None
        bad[place[0]].add(place[1])
    rest = {
        section: {k: v for k, v in entries.items() if k not in bad[section]}
        if isinstance(entries, dict)
        else entries
        for section, entries in data.items()
    }
    try:
        return RoutesFile.model_validate(rest)
    except ValidationError:
        return None


def _untagged(loc: Loc) -> Loc:
    """Leave out of a place what the model calls the forms of a key pattern."""
    return loc[:3] + loc[4:] if loc[2:3] == ("source_key_pattern",) else loc


_WORDS = {
    "missing": "is missing",
    "dict_type": "must be a map of keys and values",
    "model_type": "must be a map of keys and values",
    "model_attributes_type": "must be a map of keys and values",
    "tuple_type": "must be a list: write [one, another]",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "path_type": "must be the path of a file",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty: leave it out for all keys",
    "string_unicode": "must be Unicode text",
}


def _words(item: ErrorDetails, data: Any, texts: Mapping[Loc, str]) -> str:
    """One problem in the words of routes.yaml, not of the library that found it."""
    loc, kind = item["loc"], item["type"]
    if not loc:
        return "must be a map with the keys clients and profiles"
    value = _at(data, loc)
    if kind == "extra_forbidden":
        known = _fields(loc)
        if known == list(Client.model_fields) and loc[-1] in Credentials.model_fields:
            return f"unknown key {loc[-1]!r}: put it under credentials"
        return _unknown(str(loc[-1]), known)
    if kind == "string_too_short" and loc[-1:] == ("[key]",) and len(loc) == _ENTRY + 1:
        return "its name must not be empty"
    if kind == "missing":
        return f"{_field(loc).removesuffix(': ')} is missing"
    if kind == "string_type":
        text = _as_text(value, loc, texts)
    elif kind == "value_error":
        text = item["msg"].removeprefix("Value error, ")
    elif kind == "literal_error":
        text = f"must be {item['ctx']['expected']}"
    else:
        text = _WORDS.get(kind, "is not what belongs here")
    return f"{_field(loc)}{text}"


def _as_text(value: Any, loc: Loc, texts: Mapping[Loc, str]) -> str:
    """Say what to write where a text is wanted."""
    if isinstance(value, (dict, list)):
        return "must be text, not a list or map"
    if value is None or _is_secret(loc):
        return "must be text"
    return f'must be text: write "{texts.get(loc, value)}"'


def _at(data: Any, loc: Loc) -> Any:
    try:
        for step in loc:
            data = data[step]
    except (LookupError, TypeError):
        return None
    return data


def _unknown(name: str, known: list[str]) -> str:
    if ":" in name:  # `{secret_key:abc}` is a key without a value
        return f"unknown key {shown(name)}: write a blank behind the ':'"
    return f"unknown key {name!r}{likely(name, known)}"


def _fields(loc: Loc) -> list[str]:
    """The keys that are known where an unknown one stands."""
    model: type[BaseModel] = RoutesFile
    if len(loc) == _ENTRY + 1:
        model = Client if loc[0] == "clients" else Profile
    elif len(loc) > _ENTRY + 1:
        model = Credentials
    return list(model.model_fields)


def likely(name: str, known: list[str]) -> str:
    """Say what was probably meant, or else what is known, in brackets."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else f" (known here: {', '.join(known)})"


# -- between entries ------------------------------------------------------------------------------


def _across(file: RoutesFile, data: Any) -> Iterator[tuple[Loc, str]]:
    """Find what is wrong between entries that are right by themselves."""
    names = list(data.get("clients") or ())  # those with mistakes of their own are there too
    if "default" not in names and file.unmatched == "default":
        yield (
            ("clients",),
            (
                "the client 'default' is missing: it serves what no profile matches "
                "(or write `unmatched: refuse` at the top)"
            ),
        )
    known = set(names)
    for name, profile in file.profiles.items():
        client = profile.client or name
        if client not in known:
            loc: Loc = ("profiles", name, "client") if profile.client else ("profiles", name)
            hint = "" if profile.client else ", and its key client names none"
            yield loc, f"there is no client {client!r}{hint}{likely(client, names)}"
    for name, pattern, earlier, its in covered(file):
        if name == earlier:
            text = f"source_key_pattern: {pattern!r} can never match: {its!r} before it takes all"
            yield ("profiles", name, "source_key_pattern"), f"{text} its names; leave it out"
            continue
        what = f"its pattern {pattern!r} " if len(file.profiles[name].key_patterns) > 1 else ""
        yield (
            ("profiles", name),
            (
                f"{what}can never match: the earlier profile {earlier!r} takes all its names; "
                f"put {name!r} before it"
            ),
        )


def covered(file: RoutesFile) -> Iterator[tuple[str, str, str, str]]:
    """Each key pattern that one earlier pattern covers.

    A glob that covers another also matches a sample of it: only profiles that match such a sample
    are compared, and 10,000 profiles stay cheap.

    Yields:
        The profile and the pattern, and those that cover it.
    """
    profiles = [
        (name, single.source_bucket_pattern, single.key_pattern)
        for name, profile in file.profiles.items()
        for single in profile.singles
    ]
    buckets = Patterns()  # of the different bucket patterns
    keys: dict[str, tuple[int, Patterns]] = {}
    groups: list[tuple[str, Patterns]] = []
    for number, (name, bucket, key) in enumerate(profiles):
        bucket_sample, key_sample = globs.sample(bucket), globs.sample(key)
        earlier = sorted(
            other
            for group in buckets.all(bucket_sample)
            if _covers(groups[group][0], bucket)
            for other in groups[group][1].all(key_sample)
        )
        for other in earlier:
            by, _, its = profiles[other]
            if _covers(its, key):
                yield name, key, by, its
                break
        if bucket not in keys:
            buckets.add(bucket, len(groups))
            keys[bucket] = (len(groups), Patterns())
            groups.append((bucket, keys[bucket][1]))
        keys[bucket][1].add(key, number)


def _covers(glob: str, other: str) -> bool:
    return glob in {"*", other} or (globs.has_wildcard(glob) and globs.covers([glob], other))
