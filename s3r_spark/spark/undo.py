"""Undoing: what routes have set in a JVM or a session, so that other routes can take it back.

Values aren't noted: what the session had without the routes is made again, as Spark made it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from s3r_spark.hadoop.routes_plan import plan, values
from s3r_spark.spark import gateway

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from s3r_spark.routing import Routes

__all__ = [
    "IDENTITY",
    "OWNER",
    "Before",
    "before",
    "identity",
    "is_default",
    "note",
    "note_start",
    "take_back_start",
]

IDENTITY = "s3r.identity"
"""Names the routes that a session or a context follows."""

OWNER = "s3r.owner"
"""The session that has set the routes of a context."""

_RECORD = "s3r.settings"
# What nobody but routes has set. Without a record, a conf file of `s3r-spark conf` has.
_ROUTERS = (
    r"(fs\.s3r\.(client\.|routes|profiles|options)|fs\.s3r-"
    r"|mapreduce\.outputcommitter\.factory\.scheme\.s3r-)"
)


@dataclass(frozen=True)
class Before:
    """The settings of a session before routes, in so far as they have set something.

    Attributes:
        session: values in the session's own configuration, by name; None: nothing is set.
        hadoop: likewise in the Hadoop configuration of its context.
        defaults: the names in `hadoop` whose values are Hadoop's own defaults.
    """

    session: Mapping[str, str | None] = field(default_factory=dict)
    hadoop: Mapping[str, str | None] = field(default_factory=dict)
    defaults: frozenset[str] = frozenset()


def note_start(java: Any, names: Iterable[str]) -> None:
    """Remember what a session was started with, by Spark's names.

    PySpark passes settings to its JVM as arguments, which stay there as system properties: later
    sessions of the same JVM would start with them.
    """
    java.java.lang.System.setProperty(_RECORD, _text(names))


def take_back_start(java: Any) -> None:
    """Clear what an earlier session of a JVM was started with, before another one starts."""
    for name in _started(java):
        java.java.lang.System.clearProperty(name)


def note(names: Iterable[str], identity: str, owner: str) -> dict[str, str]:
    """The settings by which a session and a Hadoop configuration remember what routes have set.

    Args:
        names: Hadoop's or Spark's, as they are spelled there.
        identity: of the routes.
        owner: the session that they are set for.
    """
    return {_RECORD: _text(names), IDENTITY: identity, OWNER: owner}


def identity(routes: Routes, engine: str, version: str) -> str:
    """Make what tells routes apart within this process, their secrets included.

    The digest has a key that leaves the process never, so that no secret can be guessed by it.

    Args:
        routes: the routes.
        engine: the engine that was asked for.
        version: the Hadoop version.
    """
    chosen = plan(routes, engine, version)
    settings = {key: str(value) for key, value in {**chosen.plain, **values(chosen)}.items()}
    text = json.dumps([engine, chosen.engine.NAME, settings], sort_keys=True)
    return hashlib.blake2b(text.encode(errors="surrogateescape"), key=_key()).hexdigest()[:32]


@cache
def _key() -> bytes:
    return os.urandom(32)


def before(spark: Any, java: Any, *, of_context: bool) -> Before:
    """Read what a session would have had no routes been set.

    Args:
        spark: the session.
        java: its JVM; None for a Connect client, to which the server's settings then show again.
        of_context: whether the context's Hadoop configuration is meant too.
    """
    noted = _names(spark.conf.get(_RECORD, None))
    if java is None:
        return Before(dict.fromkeys(noted))
    spark_conf = gateway.context_of(spark).sc().getConf()  # a copy
    for name in _started(java):
        spark_conf.remove(name)
    session = {name: spark_conf.get(name) if spark_conf.contains(name) else None for name in noted}
    if not of_context:
        return Before(session)
    conf = gateway.hadoop_of(spark)
    plain = java.org.apache.spark.deploy.SparkHadoopUtil.get().newConfiguration(spark_conf)
    record = conf.getRaw(_RECORD)
    if record is None:
        names = [*conf.getValByRegex(f"^{_ROUTERS}").keySet().toArray()]
    else:
        names = _names(record)
    hadoop = {name: None if re.match(_ROUTERS, name) else plain.getRaw(name) for name in names}
    return Before(session, hadoop, frozenset(name for name in names if is_default(plain, name)))


def is_default(conf: Any, name: str) -> bool:
    """Tell whether nobody has set a name in a Hadoop configuration."""
    return [*(conf.getPropertySources(name) or ())] == ["core-default.xml"]


def _started(java: Any) -> list[str]:
    return _names(java.java.lang.System.getProperty(_RECORD))


def _text(names: Iterable[str]) -> str:
    # In hex, since Spark redacts a value in which it finds "secret" or "access.key"
    # (spark.redaction.regex), even from the Connect client that has set it.
    return json.dumps(sorted(names)).encode().hex()


def _names(text: str | None) -> list[str]:
    return json.loads(bytes.fromhex(text)) if text else []
