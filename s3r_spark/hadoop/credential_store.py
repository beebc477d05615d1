"""Hadoop credential stores (JCEKS files), written by Hadoop itself.

`hadoop credential create -value` would show a secret in the list of processes; here it goes to the
JVM over py4j's socket. The file's own password is Hadoop's default, so it only obscures: what
protects it are its permissions.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from s3r_spark.errors import SecretError, SetupError
from s3r_spark.hadoop.java import java_problem
from s3r_spark.hadoop.packages import installed_spark_version
from s3r_spark.hadoop.routes_plan import store_uri

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_store(file: Path, secrets: Mapping[str, str]) -> None:
    """Write secrets to a new credential store, in place of one that is there.

    Args:
        file: the store's file; it gets the permissions 0600.
        secrets: values by alias.

    Raises:
        SecretError: a secret is no Unicode text.
        SetupError: there is no pyspark, or no Java that goes with it.
    """
    for alias, value in secrets.items():
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise SecretError(f"{alias}: the value is no Unicode text")
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra
        from pyspark.java_gateway import launch_gateway  # noqa: PLC0415 - an extra
    except ImportError:
        raise SetupError(
            "a credential store is written by Hadoop's own code: pip install 's3r-spark[spark]'"
        ) from None
    if problem := java_problem(installed_spark_version(oldest="3.5")):
        raise SetupError(problem)
    file = Path(os.path.realpath(file))  # a link stays one
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    with TemporaryFile() as log:  # Spark has much to say when it starts
        try:
            gateway = launch_gateway(popen_kwargs={"stdout": log, "stderr": log})
        except PySparkException as error:
            log.seek(0)
            text = log.read().decode(errors="replace").strip()
            raise SetupError(f"Java can't be started: {text or error}") from None
    try:
        hadoop = gateway.jvm.org.apache.hadoop
        conf = hadoop.conf.Configuration(False)  # noqa: FBT003 - Java knows no keywords
        conf.set("hadoop.security.credential.provider.path", store_uri(draft))
        factory = hadoop.security.alias.CredentialProviderFactory
        provider = factory.getProviders(conf).get(0)
        for alias, value in secrets.items():
            text = gateway.jvm.java.lang.StringBuilder(value)  # py4j makes a str of a String
            letters = gateway.new_array(gateway.jvm.char, text.length())
            text.getChars(0, text.length(), letters, 0)
            provider.createCredentialEntry(alias, letters)
        provider.flush()
        draft.chmod(0o600)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(f".{draft.name}.crc").unlink(missing_ok=True)
        gateway.shutdown()
        if gateway.proc is not None:
            gateway.proc.stdin.close()
            gateway.proc.wait()
