"""Engine viewfs: Hadoop's own mount tables under `s3a://`, by configuration alone.

`fs.s3a.impl` is org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme: a bucket with a mount
table follows it, a bucket without one goes to itself. It maps folders and bucket names, but it
reaches the stores by their physical bucket's name, so that name must tell the client.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote

from s3r_spark import globs
from s3r_spark.hadoop.engines import common
from s3r_spark.hadoop.versions import version_tuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.hadoop.client_options import Options, Stores
    from s3r_spark.routing import Routes, Rule

NAME = "viewfs"
ABOUT = "Hadoop's mount tables: folders and other bucket names too, by configuration alone"
COSTS = (
    "no rename across a mount, and no overwrite or delete of a mounted folder itself",
    "no trash for what is in a mount: `hadoop fs -rm` is refused there without -skipTrash",
    "no magic committer: files are committed by renaming, which S3 does by copying",
    "errors name physical paths only (s3r-spark resolve --physical tells the logical ones)",
)
OLDEST_HADOOP = "3.3.0"
FILE_SYSTEM = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme"
CLASSES = (common.S3A,)  # the mount tables' is Hadoop's own
USES_MAGIC = False
FOLLOWS_AT_ONCE = False
OWN_JAR = False

start_settings = common.no_settings
lacking_jar = common.no_jar
foreign_setting = common.no_foreign_setting
problem = common.no_problem
masks = common.no_masks

_STREAMING = "org.apache.spark.sql.execution.streaming"
_TABLE = "fs.viewfs.mounttable"
_GUARD = "/__s3r_no_logical_bucket"  # the one link of a table that lets nothing through


def refusals(routes: Routes) -> list[str]:
    """List what of the routes this engine can't do."""
    out = common.concrete(routes, NAME)
    for rule in routes.rules:
        if globs.has_wildcard(rule.key_pattern[:-1]):
            out.append(
                common.line(
                    routes, rule, f"a mount is one folder, not a pattern like {rule.key_pattern!r}"
                )
            )
    out += _prefix_problems(routes)
    if not out:
        out = [*_nested(routes), *_one_name_two_stores(routes)]
    return out


def _prefix_problems(routes: Routes) -> list[str]:
    """A mount replaces a folder by a folder, so a physical prefix must end where a folder does."""
    return [
        common.line(
            routes, rule, f"a mount can't put {rule.prefix!r} before a key: it must end in '/'"
        )
        for rule in routes.rules
        if rule.prefix and not rule.prefix.endswith("/")
    ]


def _mounts(routes: Routes) -> dict[str, list[Rule]]:
    """The rules that have a say in each logical bucket."""
    named: dict[str, set[Rule]] = defaultdict(set)
    for rule in routes.rules:
        for bucket in common.buckets(rule) or ():
            named[bucket].add(rule)
    mounts = {
        bucket: [rule for rule in routes.under(bucket) if rule in rules]
        for bucket, rules in named.items()
    }
    return {bucket: rules for bucket, rules in mounts.items() if rules}


def _nested(routes: Routes) -> Iterator[str]:
    for bucket, rules in _mounts(routes).items():
        mounts = [(globs.folder(rule.key_pattern), rule) for rule in rules if not rule.whole]
        by_folder: dict[str, list[Rule]] = defaultdict(list)
        for folder, rule in mounts:
            by_folder[folder].append(rule)
        for folder, rule in mounts:
            around = [by_folder.get(folder[:end], ()) for end in _ends(folder)]
            for outer in chain.from_iterable(around):
                if outer is not rule:
                    yield common.line(
                        routes,
                        rule,
                        f"its folder {bucket}/{folder} lies in that of profile {outer.name!r}, "
                        "and a mount can't lie in a mount",
                    )


def _ends(folder: str) -> Iterator[int]:
    """Find where the folders around a folder end, and it itself."""
    return (at for at in range(len(folder) + 1) if at == 0 or folder[at - 1] == "/")


def _one_name_two_stores(routes: Routes) -> Iterator[str]:
    """S3A knows a store by the bucket's name, so one name can't be on two clients."""
    owner: dict[str, tuple[str, Rule | None]] = {}
    for bucket, rules in _mounts(routes).items():
        uses: list[tuple[str, str, Rule | None]] = [
            (rule.bucket(bucket), rule.client, rule) for rule in rules
        ]
        if not any(rule.whole for rule in rules) and not routes.refuses_unmatched:
            uses.append((bucket, "default", None))  # what no profile of the bucket takes
        for physical, client, rule in uses:
            first, other = owner.setdefault(physical, (client, rule))
            if first != client:
                known = rule or other
                text = f"the bucket name {physical!r} is on two clients, {first!r} and {client!r}"
                yield common.line(routes, known, text) if known else text


def settings(routes: Routes, stores: Stores) -> Options:
    """The settings: a mount table a logical bucket, S3A's own for each physical one."""
    out: Options = {
        "fs.s3a.impl": FILE_SYSTEM,
        "fs.viewfs.overload.scheme.target.s3a.impl": common.HADOOPS_OWN["fs.s3a.impl"],
        # S3A's committers refuse a file system that is not S3A's own.
        "mapreduce.outputcommitter.factory.class": (
            "org.apache.hadoop.mapreduce.lib.output.FileOutputCommitterFactory"
        ),
        **common.global_settings(routes, dict(stores.options.get("default", {}))),
    }
    mounts = _mounts(routes)
    targets: dict[str, str] = {}
    for bucket, rules in mounts.items():
        table = f"{_TABLE}.{bucket}"
        for rule in rules:
            targets[rule.bucket(bucket)] = rule.client
            out.update(_link(table, bucket, rule))
        if not any(rule.whole for rule in rules) and not routes.refuses_unmatched:
            out[f"{table}.linkFallback"] = f"s3a://{bucket}/"
    for bucket, client in targets.items():
        if client == "default" and not routes.refuses_unmatched:
            continue  # the global settings are its own
        out.update(common.bucket_settings(bucket, stores.options[client]))
        if (
            bucket not in mounts
        ):  # as a logical name it would reach the client though no profile says so
            out[f"{_TABLE}.{bucket}.link.{_GUARD}"] = f"s3a://{bucket}/"
    return out


def _link(table: str, bucket: str, rule: Rule) -> Options:
    folder = globs.folder(rule.key_pattern)
    physical = rule.key(bucket, folder).removesuffix("/")
    place = f"s3a://{rule.bucket(bucket)}/{quote(physical)}"  # Hadoop reads it as a URI
    if rule.whole:
        return {f"{table}.linkFallback": place}
    return {f"{table}.link./{folder.removesuffix('/')}": place}


def session_settings(spark_version: str) -> dict[str, str]:
    """Tell Spark itself to write checkpoints by the FileSystem interface.

    By itself it goes through FileContext, which a mount table under s3a does not reach.
    """
    package = _STREAMING + (".checkpointing" if version_tuple(spark_version) >= (4, 1, 0) else "")
    manager = f"{package}.FileSystemBasedCheckpointFileManager"
    return {"spark.sql.streaming.checkpointFileManagerClass": manager}


def is_own(class_name: str) -> bool:
    """Tell whether a class is one that the engine puts where Hadoop has its own."""
    return class_name == FILE_SYSTEM
