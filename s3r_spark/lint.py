"""What works, but probably not as meant: findings that are warnings, each with a code."""

from __future__ import annotations

import os
import re
from bisect import bisect_left
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from s3r_spark import globs
from s3r_spark.dialects import dialect
from s3r_spark.errors import RoutesWarning
from s3r_spark.model import BUCKET
from s3r_spark.patterns import Patterns
from s3r_spark.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s3r_spark.document import Loc, Source
    from s3r_spark.model import Client, Profile, RoutesFile

CODES = {
    "shared-place": "two profiles write to one physical place",
    "mapped-into-logical": "a mapped place is itself a logical name of another profile",
    "plain-secret": "a secret's value stands in the file",
    "s3a-bucket-name": "S3A can't use the physical bucket's name",
    "dotted-bucket": "a bucket with a dot, asked for by host name, fails over https",
    "no-folder-slash": "a pattern takes more, or less, than the folder it seems to name",
    "dialect": "a pattern looks like another language than globs",
    "no-hadoop-path": "a key pattern takes only names that no Hadoop path can spell",
    "braces": "a key pattern has braces, which stand for themselves",
    "merged-buckets": "many buckets become one, and their keys can meet",
    "covered-together": "earlier profiles together take all names of a later one",
    "no-verify": "a server's certificate is not checked",
    "no-ca-file": "a private CA's file is not there, or can't be read",
    "odd-prefix": "wildcards or control characters in a physical prefix stand for themselves",
}
# java.net.URI.getHost() is null for a name whose last label starts with a digit or that has a `_`.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?|{_LABEL}")
_ODD = re.compile(r"[*?\[\x00-\x1f\x7f-\x9f]")
_TOGETHER = 20  # profiles above which it isn't asked what they cover together: it would take long

Found = tuple[str, str, str]  # code, profile, text


def findings(file: RoutesFile, source: Source) -> Iterator[RoutesWarning]:
    """All findings of a file, client by client and profile by profile."""

    def warning(code: str, loc: Loc, text: str) -> RoutesWarning:
        return RoutesWarning(f"{source.place(loc)}: {text}", code)

    for name, client in file.clients.items():
        at: Loc = ("clients", name)
        if not client.verify:
            text = "verify: false: anybody on the way can read and answer for the store"
            yield warning("no-verify", (*at, "verify"), text)
        if client.ca_bundle is not None and not _readable(source.folder / client.ca_bundle):
            text = f"ca_bundle: {str(client.ca_bundle)!r} is no file that can be read here"
            yield warning("no-ca-file", (*at, "ca_bundle"), text)
        for loc, value in _secrets(client) if source.lines else ():
            if value.is_plain:
                text = f"{loc[-1]} stands in the file: write ${{NAME}} and set that variable"
                yield warning("plain-secret", (*at, *loc), text)
    for name, profile in file.profiles.items():
        for code, text in (
            *_pattern(profile),
            *_dialects(profile),
            *_bucket(profile, file.clients.get(_client(profile, name))),
        ):
            yield warning(code, ("profiles", name), text)
    for code, name, text in (*_shared(file), *_into_logical(file), *_covered_together(file)):
        yield warning(code, ("profiles", name), text)


def _client(profile: Profile, name: str) -> str:
    return profile.client or name


# -- one entry ------------------------------------------------------------------------------------


def _readable(file: Path) -> bool:
    return os.path.isfile(file) and os.access(file, os.R_OK)  # noqa: PTH113 - raises for no path


def _secrets(client: Client) -> Iterator[tuple[Loc, Secret]]:
    """Every secret of a client, with its path from there."""
    places: list[tuple[Loc, Any]] = [
        (("credentials",), dict(client.credentials or ())),
        (("hadoop",), client.hadoop),
        (("botocore",), client.botocore),
    ]
    while places:
        loc, value = places.pop(0)
        if isinstance(value, Secret):
            yield loc, value
        elif isinstance(value, dict):
            places += [((*loc, key), inner) for key, inner in value.items()]


def _pattern(profile: Profile) -> Iterator[tuple[str, str]]:
    key, bucket = profile.key_pattern, profile.source_bucket_pattern
    mapped = profile.mapped_bucket_name
    if not globs.has_wildcard(key):
        if key.endswith("/"):
            text = f"{key!r} takes the object of that very name alone; the folder is {key + '*'!r}"
            yield "no-folder-slash", text
        elif "." not in key.rpartition("/")[2]:
            text = f"{key!r} takes the object of that very name alone; a folder is {key + '/*'!r}"
            yield "no-folder-slash", text
    elif key.endswith("*") and not globs.has_wildcard(key[:-1]) and key[-2:-1].isalnum():
        text = (
            f"{key!r} also takes names like {key[:-1] + '2/x'!r}; the folder "
            f"{key[:-1].rpartition('/')[2]!r} alone is {key[:-1] + '/*'!r}"
        )
        yield "no-folder-slash", text
    folder = globs.folder(key)
    if folder.startswith("/") or "//" in folder or {".", ".."} & set(folder.split("/")):
        text = (
            "no Hadoop path has a '/' at the start, '//', '.' or '..' in its key, so for Spark "
            f"{key!r} takes nothing"
        )
        yield "no-hadoop-path", text
    if "{" in key:
        text = f"the braces of {key!r} stand for themselves; of {{a,b}} write a profile for each"
        yield "braces", text
    if found := _ODD.search(profile.mapped_prefix or ""):
        text = f"mapped_prefix {profile.mapped_prefix!r}: {found[0]!r} stands for itself in a name"
        yield "odd-prefix", text
    if (
        globs.has_wildcard(bucket)
        and mapped
        and BUCKET not in mapped + (profile.mapped_prefix or "")
    ):
        text = (
            f"all buckets of {bucket!r} share {mapped!r}: keys of the same name meet there; put "
            f"{BUCKET} into mapped_prefix"
        )
        yield "merged-buckets", text


def _dialects(profile: Profile) -> Iterator[tuple[str, str]]:
    for pattern in (profile.source_bucket_pattern, profile.source_key_pattern or ""):
        if other := dialect(pattern):
            meant = " and ".join(map(repr, other.globs))
            each = ", with a profile for each" if len(other.globs) > 1 else ""
            text = f"{pattern!r} looks like {other.name}: {other.why}; write {meant}{each}"
            yield "dialect", text


def _bucket(profile: Profile, client: Client | None) -> Iterator[tuple[str, str]]:
    if not profile.spark:
        return
    logical = profile.source_bucket_pattern
    for bucket in profile.buckets or ([] if globs.has_wildcard(logical) else [logical]):
        name = (profile.mapped_bucket_name or BUCKET).replace(BUCKET, bucket)
        if why := s3a_bucket_problem(name):
            yield "s3a-bucket-name", f"Spark can't use the bucket {name!r}: {why}"
        elif "." in name and client is not None and not client.uses_path_style and _tls(client):
            text = (
                f"https fails for the bucket {name!r} as a host name, for no certificate covers "
                "its dots: give the client path_style: true"
            )
            yield "dotted-bucket", text


def _tls(client: Client) -> bool:
    return not (client.endpoint_url or "").startswith("http://")


def s3a_bucket_problem(bucket: str) -> str | None:
    """Why S3A can't use a physical bucket of this name, or None.

    Source of the rule: org.apache.hadoop.fs.s3a.S3AFileSystem.initialize takes URI.getHost().
    """
    if _HOST.fullmatch(bucket):
        return None
    return "S3A takes the name as a host name (letters, digits, '-', and '.' before a letter)"


# -- several entries ------------------------------------------------------------------------------


def _place(profile: Profile, name: str) -> tuple[str, str, str]:
    """Client, physical bucket (a pattern where it has one) and physical prefix."""
    logical = profile.source_bucket_pattern
    bucket = (profile.mapped_bucket_name or BUCKET).replace(BUCKET, logical)
    folder = globs.folder(profile.key_pattern)
    if profile.mapped_prefix is None:
        prefix = folder
    elif profile.prefix_mode == "prepend":
        prefix = profile.mapped_prefix + folder
    else:
        prefix = profile.mapped_prefix.rstrip("/") + "/" if profile.mapped_prefix else ""
    if globs.has_wildcard(logical) and BUCKET in prefix:
        prefix = prefix.partition(BUCKET)[0] + globs.head(logical)
    return _client(profile, name), bucket, prefix.replace(BUCKET, logical)


def _shared(file: RoutesFile) -> Iterator[Found]:
    """Profiles whose places lie in one another; sorted, a place comes before what is in it."""
    by_bucket: dict[tuple[str, str], list[tuple[str, str, str | None]]] = defaultdict(list)
    for name, profile in file.profiles.items():
        client, bucket, prefix = _place(profile, name)
        # Profiles of the same buckets that keep the keys can't meet: a name has one of them.
        kin = profile.source_bucket_pattern if profile.mapped_prefix is None else None
        by_bucket[client, bucket].append((prefix, name, kin))
    for (client, bucket), places in by_bucket.items():
        around: list[tuple[str, str, str | None]] = []
        for prefix, name, kin in sorted(places, key=lambda place: place[0]):
            while around and not prefix.startswith(around[-1][0]):
                around.pop()
            other = next((other for _, other, its in around if its is None or its != kin), None)
            if other is not None:
                where = f"{bucket}/{prefix} on {client!r}"
                yield "shared-place", name, f"writes to {where}, where profile {other!r} does too"
            if all(its != kin for _, _, its in around):  # its kin stands for it already
                around.append((prefix, name, kin))


def _into_logical(file: RoutesFile) -> Iterator[Found]:
    """Places whose name, used in a job, would lead elsewhere."""
    patterns, groups = Patterns(), dict[str, _ByHead]()
    for name, profile in file.profiles.items():
        logical = profile.source_bucket_pattern
        if logical not in groups:
            patterns.add(logical, len(groups))
            groups[logical] = _ByHead()
        groups[logical].add(profile.key_pattern, name)
    keys = list(groups.values())
    for name, profile in file.profiles.items():
        client, bucket, prefix = _place(profile, name)
        if profile.mapped_bucket_name is None or globs.has_wildcard(bucket):
            continue
        meeting = (o for group in patterns.all(bucket) for o in keys[group].meeting(prefix))
        if (other := next((o for o in meeting if o != name), None)) is not None:
            text = (
                f"its place {bucket}/{prefix} on {client!r} is also a logical name, which profile "
                f"{other!r} takes elsewhere"
            )
            yield "mapped-into-logical", name, text


class _ByHead:
    """Key patterns by what they begin with, to find those that can hold names below a prefix."""

    def __init__(self) -> None:
        self._by_head: dict[str, list[tuple[str, str]]] = {}
        self._heads: list[str] = []

    def add(self, glob: str, name: str) -> None:
        self._by_head.setdefault(globs.head(glob), []).append((glob, name))

    def meeting(self, prefix: str) -> Iterator[str]:
        if len(self._heads) != len(self._by_head):
            self._heads = sorted(self._by_head)
        for size in range(len(prefix)):
            for glob, name in self._by_head.get(prefix[:size], ()):
                if globs.may_match_below(glob, prefix):
                    yield name
        for at in range(bisect_left(self._heads, prefix), len(self._heads)):
            if not self._heads[at].startswith(prefix):
                break
            yield from (name for _, name in self._by_head[self._heads[at]])


def _covered_together(file: RoutesFile) -> Iterator[Found]:
    """Profiles that several earlier ones of the same bucket pattern take every name of."""
    earlier: dict[str, tuple[Patterns, list[tuple[str, str]]]] = {}
    for name, profile in file.profiles.items():
        key = profile.key_pattern
        patterns, same = earlier.setdefault(profile.source_bucket_pattern, (Patterns(), []))
        # Where no earlier one takes a sample of it, they don't take all together.
        if patterns.first(globs.sample(key), len(same)) < len(same):
            head = globs.head(key)
            meeting = [
                (other, pattern)
                for other, pattern in same
                if globs.head(pattern).startswith(head) or head.startswith(globs.head(pattern))
            ]
            together = [pattern for _, pattern in meeting]
            if 1 < len(meeting) <= _TOGETHER and globs.covers(together, key):
                names = ", ".join(repr(other) for other, _ in meeting)
                text = f"can never match: the earlier profiles {names} together take all its names"
                yield "covered-together", name, text
        patterns.add(key, len(same))
        same.append((name, key))
