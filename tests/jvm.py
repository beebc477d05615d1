"""A Java machine with Hadoop's own classes, to ask what they make of a text."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Of a machine that doesn't live long: a small heap, a fast start, and no look at released classes.
BRIEF = (
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:-BytecodeVerificationRemote",
)


@contextmanager
def hadoop() -> Iterator[Any]:
    """`org.apache.hadoop` of pyspark's jars; the machine's environment is this process's."""
    import pyspark  # noqa: PLC0415 - the everyday tests do without
    from py4j.java_gateway import JavaGateway  # noqa: PLC0415 - likewise

    jars = Path(pyspark.__file__).parent / "jars"
    gateway = JavaGateway.launch_gateway(classpath=f"{jars}/*", javaopts=[*BRIEF], die_on_exit=True)
    try:
        yield gateway.jvm.org.apache.hadoop
    finally:
        gateway.shutdown()
