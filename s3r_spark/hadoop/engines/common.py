"""Questions that all engines ask of the routes alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3r_spark import globs
from s3r_spark.glob_dialects import dialect
from s3r_spark.lint import s3a_bucket_problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from s3r_spark.hadoop.client_options import Options
    from s3r_spark.routing import Routes, Rule

S3A = "org.apache.hadoop.fs.s3a.S3AFileSystem"
HADOOPS_OWN = {
    "fs.s3a.impl": S3A,
    "fs.AbstractFileSystem.s3a.impl": "org.apache.hadoop.fs.s3a.S3A",
    "mapreduce.outputcommitter.factory.scheme.s3a": (
        "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory"
    ),
    "fs.s3a.impl.disable.cache": "false",
}
"""Hadoop's own values where engines put theirs."""

# Where a provider's class can't be loaded, S3A stops at once and its error shows the name.
REFUSED_PROVIDER = "no_profile_of_routes_yaml_matches_this_bucket.and_it_says_unmatched_refuse"


def refusals(routes: Routes) -> list[str]:
    """Find what no engine can do: patterns that would split a table over stores, odd buckets."""
    return [
        line(routes, rule, text)
        for rule in routes.rules
        if rule.profile.spark
        for text in (*_split_tables(rule), *_odd_buckets(rule))
    ]


def _split_tables(rule: Rule) -> Iterator[str]:
    pattern = rule.key_pattern
    if not owns_folders(pattern):
        yield (
            f"Spark can't use the key pattern {pattern!r}: it takes some files of a folder and "
            f"leaves others, so a table would be split over two stores; {_remedy(pattern)}, or say "
            "`spark: false` to leave it to boto3 and pandas"
        )


def _odd_buckets(rule: Rule) -> Iterator[str]:
    for physical in dict.fromkeys(map(rule.bucket, buckets(rule) or ())):
        if why := s3a_bucket_problem(physical):
            yield f"S3A can't use the bucket {physical!r}: {why}"


def _remedy(pattern: str) -> str:
    """Say how a pattern is made to own whole folders."""
    other = dialect(pattern)
    if other and all(map(owns_folders, other.globs)):
        return f"write {' and '.join(map(repr, other.globs))}"
    if pattern.endswith("*"):
        return f"write {pattern.removesuffix('*').rstrip('/') + '*/*'!r}"
    if pattern.endswith("/"):
        return f"write {pattern + '*'!r}"
    return "end it in '/*'"


def owns_folders(key_pattern: str) -> bool:
    """Tell whether a pattern takes whole folders only."""
    return key_pattern == "*" or key_pattern.endswith("/*")


def buckets(rule: Rule) -> list[str] | None:
    """The logical buckets of a rule by name; None where only a glob is known."""
    pattern = rule.profile.source_bucket_pattern
    if not globs.has_wildcard(pattern):
        return [pattern]
    named = rule.profile.buckets
    return list(named) if named is not None else None


def line(routes: Routes, rule: Rule, text: str) -> str:
    """A refusal with its place."""
    return f"{routes.line_of('profiles', str(rule.name))}: {text}"


def concrete(routes: Routes, engine: str) -> list[str]:
    """Refusals of what any engine without code of its own can't do."""
    out = []
    for rule in routes.rules:
        names = buckets(rule)
        if not rule.profile.spark:
            text = f"spark: false: {engine} can't keep Spark from the names it takes"
            out.append(line(routes, rule, text))
        elif names is None:
            pattern = rule.profile.source_bucket_pattern
            text = f"{engine} needs the names that {pattern!r} stands for: write buckets: [name, …]"
            out.append(line(routes, rule, text))
        if rule.read_only:
            text = f"access: read: {engine} can't keep Spark from writing there"
            out.append(line(routes, rule, text))
    if routes.default.read_only and not routes.refuses_unmatched:
        entry = routes.line_of("clients", "default")
        out.append(f"{entry}: access: read: {engine} can't keep Spark from writing there")
    return out


def global_settings(routes: Routes, default: Options) -> Options:
    """Find what holds for buckets that no profile names: the default client, or a refusal."""
    settings: Options = {f"fs.s3a.{key}": value for key, value in default.items()}
    if routes.refuses_unmatched:
        settings["fs.s3a.aws.credentials.provider"] = REFUSED_PROVIDER
    return settings


def bucket_settings(bucket: str, options: Options) -> Options:
    """A client's options for one of its buckets."""
    return {f"fs.s3a.bucket.{bucket}.{key}": value for key, value in options.items()}


def no_settings(_: object) -> dict[str, str]:
    """Nothing that Spark itself must be told."""
    return {}


def no_jar(_: Path | None) -> None:
    """No jar of ours."""
    return


def no_foreign_setting(_: Mapping[str, str], _user: Mapping[str, str]) -> None:
    """Nothing of other routes that would mix with these."""
    return


def no_problem(_: Any, _conf: Any) -> None:
    """Nothing that the engine itself would look at."""
    return


def no_masks(_: Mapping[str, str], _around: Iterable[str], _version: str) -> dict[str, str]:
    """Nothing that could be kept out: such routes are those of a whole context."""
    return {}


def scheme_keys(scheme: str) -> tuple[str, str, str, str]:
    """The settings that give a scheme to a file system.

    For itself, FileContext and committers, and whether Hadoop makes it anew for each call.
    """
    return (
        f"fs.{scheme}.impl",
        f"fs.AbstractFileSystem.{scheme}.impl",
        f"mapreduce.outputcommitter.factory.scheme.{scheme}",
        f"fs.{scheme}.impl.disable.cache",
    )
