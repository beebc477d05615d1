"""Findings about what works, but probably not as meant: warnings, each with a code."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from s3r_spark import globs, overlaps
from s3r_spark.errors import RoutesWarning
from s3r_spark.glob_dialects import dialect
from s3r_spark.model import BUCKET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from s3r_spark.document import Loc, Source
    from s3r_spark.model import Client, Profile
    from s3r_spark.rules import Rule

CODES = {
    "shared-place": "two profiles write to one physical place",
    "read-place": "what may only be read can be written to by another name",
    "mapped-into-logical": "a mapped place is itself a logical name of another profile",
    "plain-secret": "a secret's value stands in the file",
    "case-alone": "two bucket names differ in case alone, and S3A by itself takes them for one",
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
    "odd-prefix": "wildcards in a physical prefix stand for themselves",
    "bucket-name": "no service of today gives a bucket this name",
}
# java.net.URI.getHost() is null for a name whose last label starts with a digit or that has a `_`.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?|{_LABEL}")
_ODD = re.compile(r"[*?\[]")
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; other services'
# buckets are no longer either, but some have shorter names.
_BUCKET_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?")


def findings(
    clients: Mapping[str, Client], rules: Sequence[Rule], source: Source
) -> Iterator[RoutesWarning]:
    """All findings of a file, client by client and profile by profile."""

    def warning(code: str, loc: Loc, text: str) -> RoutesWarning:
        return RoutesWarning(f"{source.line_of(loc)}: {text}", code, source.position(loc))

    for name, client in clients.items():
        at: Loc = ("clients", name)
        if not client.verify:
            text = "verify: false: anybody on the way can read and answer for the store"
            yield warning("no-verify", (*at, "verify"), text)
        if client.ca_bundle is not None and not _readable(source.folder / client.ca_bundle):
            text = f"ca_bundle: {str(client.ca_bundle)!r} is no file that can be read here"
            yield warning("no-ca-file", (*at, "ca_bundle"), text)
        for loc, value in client.secrets if source.lines else ():
            if value.is_plain:
                text = f"{loc[-1]} stands in the file: write ${{NAME}} and set that variable"
                yield warning("plain-secret", (*at, *loc), text)
    for code, name, text in dict.fromkeys(_of_profiles(clients, rules)):
        yield warning(code, ("profiles", name), text)
    for code, rule, text in overlaps.findings(rules, clients):
        yield warning(code, ("profiles", str(rule.name)), text)


# -- one entry ------------------------------------------------------------------------------------


def _of_profiles(
    clients: Mapping[str, Client], rules: Sequence[Rule]
) -> Iterator[tuple[str, str, str]]:
    """Code, profile and text; what all patterns of a list have in common comes once for each."""
    for rule in rules:
        for code, text in (
            *_pattern(rule.profile),
            *_dialects(rule.profile),
            *_bucket(rule.profile, clients.get(rule.client)),
        ):
            yield code, str(rule.name), text


def _readable(file: Path) -> bool:
    return os.path.isfile(file) and os.access(file, os.R_OK)  # noqa: PTH113 - raises for no path


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
            + (f": write {key.lstrip('/')!r}" if key.startswith("/") else "")
        )
        yield "no-hadoop-path", text
    if "{" in key:
        text = f"the braces of {key!r} stand for themselves; of {{a,b}} write a list of patterns"
        yield "braces", text
    if match := _ODD.search(profile.mapped_prefix or ""):
        text = f"mapped_prefix {profile.mapped_prefix!r}: {match[0]!r} stands for itself in a name"
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
    patterns = [(profile.source_bucket_pattern, "with a profile for each")]
    patterns += [(pattern, "as a list") for pattern in profile.key_patterns]
    for pattern, how in patterns:
        if other := dialect(pattern):
            meant = " and ".join(map(repr, other.globs))
            each = f", {how}" if len(other.globs) > 1 else ""
            text = f"{pattern!r} looks like {other.name}: {other.why}; write {meant}{each}"
            yield "dialect", text


def _bucket(profile: Profile, client: Client | None) -> Iterator[tuple[str, str]]:
    logical = profile.source_bucket_pattern
    for bucket in profile.buckets or ([] if globs.has_wildcard(logical) else [logical]):
        name = (profile.mapped_bucket_name or BUCKET).replace(BUCKET, bucket)
        why = s3a_bucket_problem(name) if profile.spark else None
        if why is None and not _BUCKET_NAME.fullmatch(name):
            text = (
                f"{name!r} is the name of old buckets at most: today's have small letters, digits, "
                "'-' and '.', and begin and end with a letter or digit"
            )
            yield "bucket-name", text
        if not profile.spark:
            continue
        if why:
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
    """The reason why S3A can't use a physical bucket of this name, or None.

    Source of the rule: org.apache.hadoop.fs.s3a.S3AFileSystem.initialize takes URI.getHost().
    """
    if _HOST.fullmatch(bucket):
        return None
    return "S3A takes the name as a host name (letters, digits, '-', and '.' before a letter)"
