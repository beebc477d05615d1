"""What works, but probably not as meant: findings that are warnings, each with a code."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from s3r_spark import globs
from s3r_spark.errors import RoutesWarning
from s3r_spark.model import BUCKET
from s3r_spark.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.model import Profile, RoutesFile
    from s3r_spark.source import Source

CODES = {
    "shared-place": "two profiles write to one physical place",
    "mapped-into-logical": "a mapped place is itself a logical name of another profile",
    "plain-secret": "a secret's value stands in the file",
    "s3a-bucket-name": "S3A can't use the physical bucket's name",
    "no-folder-slash": "a pattern takes more than the folder it seems to name",
    "merged-buckets": "many buckets become one, and their keys can meet",
    "covered-together": "earlier profiles together take all names of a later one",
    "no-verify": "a server's certificate is not checked",
}
# java.net.URI.getHost() is null for a name whose last label starts with a digit or that has a `_`.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?|{_LABEL}")


def findings(file: RoutesFile, source: Source) -> Iterator[RoutesWarning]:
    """All findings of a file, client by client and profile by profile."""

    def warning(code: str, loc: tuple[str, ...], text: str) -> RoutesWarning:
        return RoutesWarning(f"{source.place(loc)}: {text}", code)

    for name, client in file.clients.items():
        if not client.verify:
            yield warning(
                "no-verify",
                ("clients", name, "verify"),
                "verify: false: anybody on the way can read and answer for the store",
            )
        if source.lines:
            for what, value in _secrets(client.credentials, client.hadoop):
                if value.is_plain:
                    yield warning(
                        "plain-secret",
                        ("clients", name),
                        f"{what} stands in the file: write ${{NAME}} and set that variable",
                    )
    for name, profile in file.profiles.items():
        for code, text in _of_profile(profile):
            yield warning(code, ("profiles", name), text)
    for code, name, text in (*_shared(file), *_into_logical(file), *_covered_together(file)):
        yield warning(code, ("profiles", name), text)


def _secrets(credentials: object, hadoop: dict[str, str | Secret]) -> Iterator[tuple[str, Secret]]:
    for source in (dict(credentials or ()), hadoop):  # type: ignore[call-overload]  # a model iterates as pairs
        yield from ((key, value) for key, value in source.items() if isinstance(value, Secret))


def _of_profile(profile: Profile) -> Iterator[tuple[str, str]]:
    key, bucket = profile.source_key_pattern, profile.source_bucket_pattern
    mapped = profile.mapped_bucket_name
    if key and key.endswith("*") and not globs.has_wildcard(key[:-1]) and key[-2:-1].isalnum():
        last = key[:-1].rpartition("/")[2]
        yield (
            "no-folder-slash",
            f"{key!r} also takes names like {key[:-1] + '2/x'!r}; the folder {last!r} alone is {key[:-1] + '/*'!r}",
        )
    if (
        globs.has_wildcard(bucket)
        and mapped
        and BUCKET not in mapped + (profile.mapped_prefix or "")
    ):
        yield (
            "merged-buckets",
            f"all buckets of {bucket!r} share {mapped!r}: keys of the same name meet there; put {BUCKET} into mapped_prefix",
        )
    physical = mapped or bucket
    if (
        profile.spark
        and not globs.has_wildcard(physical)
        and BUCKET not in physical
        and (why := s3a_bucket_problem(physical))
    ):
        yield "s3a-bucket-name", f"Spark can't use the bucket {physical!r}: {why}"


def s3a_bucket_problem(bucket: str) -> str | None:
    """Why S3A can't use a physical bucket of this name, or None.

    Source of the rule: org.apache.hadoop.fs.s3a.S3AFileSystem.initialize takes URI.getHost().
    """
    if _HOST.fullmatch(bucket):
        return None
    return "S3A takes the name as a host name (letters, digits, '-', and '.' before a letter)"


def _place(profile: Profile, name: str) -> tuple[str, str, str]:
    """Client, physical bucket (a pattern where it has one) and physical prefix."""
    bucket = (profile.mapped_bucket_name or profile.source_bucket_pattern).replace(BUCKET, "*")
    folder = globs.folder(profile.source_key_pattern or "")
    if profile.mapped_prefix is None:
        prefix = folder
    elif profile.prefix_mode == "prepend":
        prefix = profile.mapped_prefix + folder
    else:
        prefix = profile.mapped_prefix.rstrip("/") + "/" if profile.mapped_prefix else ""
    return profile.client or name, bucket, prefix.partition(BUCKET)[0]


def _keeps_keys(profile: Profile) -> bool:
    return profile.mapped_prefix is None


def _shared(file: RoutesFile) -> Iterator[tuple[str, str, str]]:
    """Profiles whose places lie in one another: sorted, a place comes right before what is in it."""
    by_bucket: dict[tuple[str, str], list[tuple[str, str, Profile]]] = defaultdict(list)
    for name, profile in file.profiles.items():
        client, bucket, prefix = _place(profile, name)
        by_bucket[client, bucket].append((prefix, name, profile))
    for (client, bucket), places in by_bucket.items():
        open_places: list[tuple[str, str, Profile]] = []
        for prefix, name, profile in sorted(places, key=lambda place: place[0]):
            while open_places and not prefix.startswith(open_places[-1][0]):
                open_places.pop()
            for _, other, outer in open_places:
                same_names = (
                    profile.source_bucket_pattern == outer.source_bucket_pattern
                    and _keeps_keys(profile)
                    and _keeps_keys(outer)
                )
                if not same_names:
                    yield (
                        "shared-place",
                        name,
                        f"writes to {bucket}/{prefix} on {client!r}, where profile {other!r} writes too",
                    )
                    break
            open_places.append((prefix, name, profile))


def _into_logical(file: RoutesFile) -> Iterator[tuple[str, str, str]]:
    """Places whose name, used in a job, would lead elsewhere."""
    exact: dict[str, list[tuple[str, Profile]]] = defaultdict(list)
    globbed: list[tuple[str, Profile]] = []
    for name, profile in file.profiles.items():
        pattern = profile.source_bucket_pattern
        (globbed if globs.has_wildcard(pattern) else exact[pattern]).append((name, profile))
    for name, profile in file.profiles.items():
        client, bucket, prefix = _place(profile, name)
        if profile.mapped_bucket_name is None or globs.has_wildcard(bucket):
            continue
        for other, rule in (*exact.get(bucket, ()), *globbed):
            if (
                other != name
                and globs.compiled(rule.source_bucket_pattern)(bucket)
                and globs.may_match_below(rule.source_key_pattern or "*", prefix)
            ):
                yield (
                    "mapped-into-logical",
                    name,
                    f"its place {bucket}/{prefix} on {client!r} is also a logical name, which profile {other!r} takes elsewhere",
                )
                break


def _covered_together(file: RoutesFile) -> Iterator[tuple[str, str, str]]:
    """Profiles that several earlier ones of the same bucket pattern take every name of."""
    earlier: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, profile in file.profiles.items():
        key = profile.source_key_pattern or "*"
        same = earlier[profile.source_bucket_pattern]
        head = globs.head(key)
        # Only patterns that can meet this one matter, and few do.
        meeting = (
            [(n, k) for n, k in same if globs.head(k).startswith(head)] if len(same) <= 200 else []
        )  # noqa: PLR2004
        if len(meeting) > 1 and globs.covers([k for _, k in meeting], key):
            names = ", ".join(repr(n) for n, _ in meeting)
            yield (
                "covered-together",
                name,
                f"can never match: the earlier profiles {names} together take all its names",
            )
        same.append((name, key))
