"""Engine s3a: nothing but S3A's own settings per bucket.

Whole buckets under their own names, each on its client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3r_spark.hadoop.engines import common

if TYPE_CHECKING:
    from s3r_spark.hadoop.client_options import Options, Stores
    from s3r_spark.routing import Routes

NAME = "s3a"
ABOUT = "S3A's own settings per bucket: whole buckets on other services, under their own names"
COSTS: tuple[str, ...] = ()
OLDEST_HADOOP = "3.3.0"
FILE_SYSTEM = common.S3A
CLASSES = (common.S3A,)
USES_MAGIC = True
FOLLOWS_AT_ONCE = False
OWN_JAR = False

session_settings = start_settings = common.no_settings
lacking_jar = common.no_jar
foreign_setting = common.no_foreign_setting
problem = common.no_problem
masks = common.no_masks


def refusals(routes: Routes) -> list[str]:
    """List what of the routes this engine can't do."""
    out = common.concrete(routes, NAME)
    for rule in routes.rules:
        if not rule.whole:
            out.append(
                common.line(routes, rule, f"routes the folder {rule.key_pattern!r} of a bucket")
            )
        for bucket in common.buckets(rule) or ():
            if rule.bucket(bucket) != bucket:
                text = f"renames the bucket {bucket!r} to {rule.bucket(bucket)!r}"
                out.append(common.line(routes, rule, text))
        if rule.prefix:
            out.append(common.line(routes, rule, f"puts its keys below {rule.prefix!r}"))
    return out


def settings(routes: Routes, stores: Stores) -> Options:
    """The settings: the default client's for all buckets, each other client's for its own."""
    out = common.global_settings(routes, dict(stores.options.get("default", {})))
    for rule in routes.rules:
        for bucket in common.buckets(rule) or ():
            if routes.rule(bucket, None) is rule:
                out.update(common.bucket_settings(bucket, stores.options[rule.client]))
    return out


def is_own(class_name: str) -> bool:
    """Tell whether a class is the engine's: it has none."""
    del class_name
    return False
