"""The stores of the routes as one fsspec file system, for pandas, pyarrow, dask and others.

How the router is shared between boto3 and aiobotocore, which s3fs speaks:

- Planning a call (which store, under which names, how its answer is read) waits for nothing, so it
  is one and the same code for both: `boto.requests`, `boto.responses` and what they call.
- The hooks on the client's events are the same handlers too. Those that wait for a store's own
  events hand on what the emitter gives, which aiobotocore's awaits; where more is done with it,
  `fs.hooks` overrides them in some lines each.
- A store's client is made by the same recipe (`boto.stores.recipes`): endpoint, region, trust and
  settings alike, and credentials that are one object, renewed once for both.
- What no single request can answer (merged lists, copies between stores, deletes that several
  stores take part in) is answered by the boto3 router's code, in a thread, with its plain boto3
  clients. These are rare beside reads and writes, which all go through aiobotocore; so no second
  form of that code is needed, and both give the same answers.

s3fs takes its client from a session, so the file system is s3fs's with a session of ours.
"""

from __future__ import annotations

try:
    import s3fs  # noqa: F401 - looked for here, so that what is missing is said once
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"s3r:// needs {error.name}: pip install 's3r-spark[fsspec]'", name=error.name
    ) from error

from s3r_spark.fs.filesystem import S3RFileSystem
from s3r_spark.fs.registry import register, unregister

__all__ = ["S3RFileSystem", "register", "unregister"]
