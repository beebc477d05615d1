"""The router in a Java machine without Spark, and the routes that most tests of it have."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jvm import BRIEF
from spark.places import client

from s3r_spark.hadoop import ivy
from s3r_spark.hadoop.jar import router_jar
from s3r_spark.hadoop.packages import excludes, installed_hadoop_version, jars_folder, packages
from s3r_spark.hadoop.routes_plan import settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from servers.store import Store

__all__ = ["SOON", "RouterFs", "compiled", "configuration", "lake_routes", "machine", "opened"]

CLIENT = ("api", "runtime")
TEAM2 = {"team2": {"source_key_pattern": "team2/*", "mapped_bucket_name": "real"}}
SOON = {"fs.s3a.retry.interval": "50ms", "fs.s3a.retry.limit": "3"}
OVERWRITE = RECURSIVE = DELETE = True


@contextmanager
def machine(version: str | None = None, classes: Path | None = None) -> Iterator[Any]:
    """A Java machine with Spark's jars, S3A's and the router's.

    Args:
        version: another Hadoop than that of the Spark here.
        classes: a folder with more classes.
    """
    from py4j.java_gateway import JavaGateway  # noqa: PLC0415 - the everyday tests do without

    folder = jars_folder()
    jars = ivy.resolve(
        packages(version or installed_hadoop_version()), excludes(), spark_jars=folder
    )
    theirs = [f"{folder}/*"]
    if version:
        clients = [f"org.apache.hadoop:hadoop-client-{part}:{version}" for part in CLIENT]
        jars = (*ivy.resolve(clients, spark_jars=folder, transitive=False), *jars)
        theirs = [str(jar) for jar in folder.glob("*.jar") if "hadoop-client" not in jar.name]
    more = [str(classes)] if classes else []
    path = ":".join([*more, str(router_jar().file), *map(str, jars), *theirs])
    gateway = JavaGateway.launch_gateway(classpath=path, javaopts=[*BRIEF], die_on_exit=True)
    try:
        yield gateway.jvm
    finally:
        gateway.shutdown()


def compiled(jvm: Any, name: str, source: str, classes: Path) -> None:
    """Compile a class into a folder that a machine has been started with."""
    file = classes / f"{name}.java"
    file.write_text(source, encoding="utf-8")
    of = jvm.java.lang.System.getProperty
    javac = Path(of("java.home")) / "bin" / "javac"
    command = [javac, "-proc:none", "-cp", of("java.class.path"), "-d", classes, file]
    subprocess.run(command, check=True)


def lake_routes(
    west: Store, east: Store, profiles: Mapping[str, Mapping[str, Any]] = TEAM2
) -> dict[str, Any]:
    """Routes of the bucket `lake`: what a profile takes is east's, the rest west's."""
    usual = {"client": "east", "source_bucket_pattern": "lake"}
    return {
        "clients": {"default": client(west), "east": client(east)},
        "profiles": {name: {**usual, **profile} for name, profile in profiles.items()},
    }


def opened(jvm: Any, west: Store, east: Store, profiles: Any = TEAM2, **options: str) -> RouterFs:
    """Open that bucket; what a store refuses is soon asked for again, and not often."""
    return RouterFs(jvm, lake_routes(west, east, profiles), "lake", **SOON, **options)


def configuration(jvm: Any, routes: dict[str, Any], engine: Any = "router", **options: str) -> Any:
    """Hadoop's configuration by routes, with the secrets in it."""
    conf = jvm.org.apache.hadoop.conf.Configuration()
    conf.set("fs.s3a.input.stream.type", "classic")
    version = jvm.org.apache.hadoop.util.VersionInfo.getVersion()
    properties = settings(routes, engine=engine, secrets="inline", hadoop_version=version)
    for key, value in {**properties, **options}.items():
        conf.set(key, value)
    return conf


class RouterFs:
    """One file system of the router, by plain strings; paths are as in `s3a://lake/a/b`.

    With `engine="s3a"` it is S3A's own, to compare.
    """

    def __init__(
        self,
        jvm: Any,
        routes: dict[str, Any],
        bucket: str,
        engine: Any = "router",
        **options: str,
    ) -> None:
        self._jvm = jvm
        conf = configuration(jvm, routes, engine, **options)
        self.root = f"s3a://{bucket}"
        uri = jvm.java.net.URI.create(self.root)
        self.java = jvm.org.apache.hadoop.fs.FileSystem.newInstance(uri, conf)

    def path(self, name: str) -> Any:
        return self._jvm.org.apache.hadoop.fs.Path(f"{self.root}/{name}")

    def create(self, name: str, body: bytes) -> None:
        out = self.java.create(self.path(name), not OVERWRITE)
        out.write(body)
        out.close()

    def put_local(self, file: Path, name: str) -> None:
        source = self._jvm.org.apache.hadoop.fs.Path(file.as_uri())
        self.java.copyFromLocalFile(not DELETE, OVERWRITE, source, self.path(name))

    def bulk_delete(self, *names: str) -> list[Any]:
        """What could not be deleted of files."""
        paths = self._jvm.java.util.ArrayList()
        for name in names:
            paths.add(self.path(name))
        return list(self.java.createBulkDelete(self.path("")).bulkDelete(paths))

    def start_upload(self, name: str) -> Any:
        """An upload of a file in parts, which its folder is asked for."""
        path = self.path(name)
        return self.java.createMultipartUploader(path.getParent()).build().startUpload(path).get()

    def read(self, name: str) -> bytes:
        stream = self.java.open(self.path(name))
        try:
            return bytes(stream.readAllBytes())
        finally:
            stream.close()

    def kind(self, name: str) -> str | None:
        """`file`, `folder`, or None where there is nothing."""
        if not self.java.exists(self.path(name)):
            return None
        return "file" if self.java.getFileStatus(self.path(name)).isFile() else "folder"

    def children(self, name: str) -> dict[str, str]:
        """The kinds of what is in a folder, by its last name."""
        statuses = self.java.listStatus(self.path(name))
        return {s.getPath().getName(): "file" if s.isFile() else "folder" for s in statuses}

    def files(self, name: str = "") -> dict[str, int]:
        """The lengths of all files below a folder, by their names from the root."""
        listing, out = self.java.listFiles(self.path(name), RECURSIVE), {}
        while listing.hasNext():
            status = listing.next()
            out[status.getPath().toString().removeprefix(f"{self.root}/")] = status.getLen()
        return out

    def glob(self, pattern: str) -> set[str]:
        statuses = self.java.globStatus(self.path(pattern)) or []
        return {s.getPath().toString().removeprefix(f"{self.root}/") for s in statuses}

    def delete(self, name: str, *, recursive: bool = True) -> bool:
        return bool(self.java.delete(self.path(name), recursive))

    def rename(self, old: str, new: str) -> bool:
        return bool(self.java.rename(self.path(old), self.path(new)))
