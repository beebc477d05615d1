"""Spark, boto3 and fsspec by one file: the same bytes under the same names, whoever wrote them."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from botocore.exceptions import ClientError
from spark.places import PLACES, buckets, routes
from spark.sessions import builder, own_jvm

import s3r_spark

if TYPE_CHECKING:
    from servers.store import Store

pytestmark = pytest.mark.slow

# No Hadoop path can spell an empty, `.` or `..` part; all else must be the same for the three.
PARTS = ["a", "a-b", "größe", "x y", "50%", "q?", "h#1", "e=1", "c:d", "it's", "+", "{x}"]
STEPS = 60


class BySpark:
    """Hadoop's file system in a Spark session."""

    def __init__(self, spark: Any) -> None:
        self.spark, self.jvm = spark, spark._jvm
        self.conf = spark._jsc.hadoopConfiguration()

    def at(self, name: str) -> tuple[Any, Any]:
        path = self.jvm.org.apache.hadoop.fs.Path(name)
        return path.getFileSystem(self.conf), path

    def write(self, name: str, data: bytes) -> None:
        fs, path = self.at(name)
        out = fs.create(path, True)
        out.write(data)
        out.close()

    def read(self, name: str) -> bytes | None:
        fs, path = self.at(name)
        if not fs.exists(path):
            return None
        stream = fs.open(path)
        try:
            return bytes(self.jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
        finally:
            stream.close()

    def delete(self, name: str) -> None:
        fs, path = self.at(name)
        fs.delete(path, False)

    def names(self, root: str) -> set[str]:
        fs, path = self.at(root)
        if not fs.exists(path):
            return set()
        listing = fs.listFiles(path, True)
        out = set()
        while listing.hasNext():
            out.add(listing.next().getPath().toString())
        return out

    def contents(self, root: str) -> list[bytes]:
        """What a job reads of all files below a folder."""
        reader = self.spark.read.format("binaryFile").option("recursiveFileLookup", "true")
        return [bytes(row.content) for row in reader.load(root).select("content").collect()]


class ByBoto:
    """The boto3 client."""

    def __init__(self, data: Any) -> None:
        self.s3 = s3r_spark.client(data)

    @staticmethod
    def at(name: str) -> dict[str, str]:
        bucket, _, key = name.split("://")[1].partition("/")
        return {"Bucket": bucket, "Key": key}

    def write(self, name: str, data: bytes) -> None:
        self.s3.put_object(**self.at(name), Body=data)

    def read(self, name: str) -> bytes | None:
        try:
            return bytes(self.s3.get_object(**self.at(name))["Body"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchKey":
                raise
            return None

    def delete(self, name: str) -> None:
        self.s3.delete_object(**self.at(name))

    def names(self, root: str) -> set[str]:
        place, scheme = self.at(root), root.partition("://")[0]
        params = {"Bucket": place["Bucket"], "Prefix": place["Key"] + "/"}
        pages = self.s3.get_paginator("list_objects_v2").paginate(**params)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        # S3A leaves a marker, `folder/`, where it deletes the last file of a folder.
        return {f"{scheme}://{place['Bucket']}/{key}" for key in keys if not key.endswith("/")}


class ByFsspec:
    """The fsspec file system."""

    def __init__(self, data: Any) -> None:
        # The others' writes are to be seen at once.
        self.fs = fsspec.filesystem("s3r", routes=data, use_listings_cache=False)

    def write(self, name: str, data: bytes) -> None:
        with self.fs.open(name, "wb") as out:
            out.write(data)

    def read(self, name: str) -> bytes | None:
        try:
            return bytes(self.fs.cat_file(name))
        except FileNotFoundError:
            return None

    def delete(self, name: str) -> None:
        self.fs.rm_file(name)

    def names(self, root: str) -> set[str]:
        scheme = root.partition("://")[0]
        return {f"{scheme}://{name}" for name in self.fs.find(root) if not name.endswith("/")}


@pytest.mark.parametrize("engine", PLACES)
def test_all_see_the_same(engine: Any, west: Store, east: Store) -> None:
    """Random writes and deletes by each, read and listed by all."""
    for store in (west, east):
        for bucket in buckets(engine):
            store.make_bucket(bucket)
    routed = routes(engine, west, east)
    drawn = random.Random(f"names of {engine}")
    roots = [place.path for place in PLACES[engine].values()]
    model: dict[str, bytes] = {}
    with own_jvm():
        spark = s3r_spark.configure(builder(), routed, engine=engine).getOrCreate()
        spark_fs = BySpark(spark)
        ways: list[Any] = [spark_fs, ByBoto(routed), ByFsspec(routed)]
        for step in range(STEPS):
            way = ways[step % 3]
            if model and drawn.random() < 0.3:
                name = drawn.choice(sorted(model))
                way.delete(name)
                del model[name]
            else:
                depth = drawn.randint(1, 3)
                parts = [f"d-{part}" for part in drawn.sample(PARTS, depth - 1)]
                name = "/".join([drawn.choice(roots), *parts, drawn.choice(PARTS)])
                model[name] = f"{step} {name}".encode()
                way.write(name, model[name])
            assert [other.read(name) for other in ways] == [model.get(name)] * 3, name
        for root in roots:
            below = {name: data for name, data in model.items() if name.startswith(root + "/")}
            assert below, "nothing is left to compare"
            for way in ways:
                assert way.names(root) == set(below), type(way).__name__
            assert sorted(spark_fs.contents(root)) == sorted(below.values())
