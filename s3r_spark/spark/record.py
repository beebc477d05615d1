"""What routes have set in a JVM or a session, by name, so that other routes can take it back.

Values aren't noted: what the session had without the routes is made again, as Spark made it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["note", "note_start", "take_back", "take_back_start"]

_RECORD = "s3r.settings"
# What nobody but routes has set. Without a record, a conf file of `s3r-spark conf` has.
_ROUTERS = (
    r"(fs\.s3r\.(client|profile)\.|fs\.s3r-|mapreduce\.outputcommitter\.factory\.scheme\.s3r-)"
)


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


def note(spark: Any, names: Iterable[str], java: Any = None) -> None:
    """Remember what was set in a session, by Hadoop's names or Spark's.

    Args:
        spark: the session.
        names: the settings.
        java: its JVM; None for a Connect client.
    """
    text = _text(names)
    spark.conf.set(_RECORD, text)
    if java is not None:
        _hadoop(spark).set(_RECORD, text)


def take_back(spark: Any, java: Any = None) -> None:
    """Make a session as it would be had no routes been set.

    Args:
        spark: the session.
        java: its JVM; None for a Connect client, to which the server's settings then show again.
    """
    noted = _names(spark.conf.get(_RECORD, None))
    if java is None:
        for name in noted:
            spark.conf.unset(name)
        return
    said = spark.sparkContext._jsc.sc().getConf()  # noqa: SLF001 - no public way; it is a copy
    for name in _started(java):
        said.remove(name)
    for name in noted:
        if said.contains(name):
            spark.conf.set(name, said.get(name))
        else:
            spark.conf.unset(name)
    conf = _hadoop(spark)
    before = java.org.apache.spark.deploy.SparkHadoopUtil.get().newConfiguration(said)
    record = conf.getRaw(_RECORD)
    if record is None:
        names = [*conf.getValByRegex(f"^{_ROUTERS}").keySet().toArray()]
    else:
        names = _names(record)
    for name in names:
        value = None if re.match(_ROUTERS, name) else before.getRaw(name)
        if value is None:
            conf.unset(name)
        else:
            conf.set(name, value)


def _hadoop(spark: Any) -> Any:
    return spark.sparkContext._jsc.hadoopConfiguration()  # noqa: SLF001 - no public way


def _started(java: Any) -> list[str]:
    return _names(java.java.lang.System.getProperty(_RECORD))


def _text(names: Iterable[str]) -> str:
    # In hex, since Spark redacts a value in which it finds "secret" or "access.key"
    # (spark.redaction.regex), even from the Connect client that has set it.
    return json.dumps(sorted(names)).encode().hex()


def _names(text: str | None) -> list[str]:
    return json.loads(bytes.fromhex(text)) if text else []
