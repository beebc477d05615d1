"""The machines of a Spark session: what the driver and each executor find of clients and places.

The session's own configuration goes along as Spark carries it to tasks that read files, so that
each machine has what a job would have there: its variables, its trust store, its network.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from s3r_spark.addresses import Address
from s3r_spark.diagnosis import facts
from s3r_spark.diagnosis.findings import Finding
from s3r_spark.errors import SessionError
from s3r_spark.hadoop.engines import common, router
from s3r_spark.hadoop.jar import router_jar
from s3r_spark.hadoop.routes_plan import plan
from s3r_spark.spark import gateway
from s3r_spark.spark.running_session import RunningSession

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from s3r_spark.diagnosis.places import Place
    from s3r_spark.model import Client
    from s3r_spark.routing import Routes

__all__ = ["Machines"]

_EXAMINATION = "s3r.hadoop.Examination"
_INPUT = "s3r.hadoop.ExaminationInput"
_CHECK = "fs.s3r.check."
_EXECUTORS = "executors"
_ROUNDS = 3  # of tasks, until each executor has had one
_NAMED = 3  # machines that a line names, if they have found the same
_GRACE = 2.0  # seconds for what the machines have found to come back
_ENGINES = {"RouterFileSystem": "router", "ViewFileSystemOverloadScheme": "viewfs"}
# What says where names lead; what else differs is the user's own.
_PLACES = ("fs.s3r.routes", "fs.s3r.unmatched", "fs.viewfs.mounttable.")
_STORES = (".endpoint", ".endpoint.region")


class Machines:
    """The driver of a session, and its executors.

    Args:
        spark: the session.
        routes: the routes that it is to follow.
        places: what is to be looked at; those that Spark may not use are left out.
        write: whether to write there, too.

    Raises:
        TypeError: that is no session.
        SessionError: it is a Spark Connect client.
    """

    def __init__(self, spark: Any, routes: Routes, places: Sequence[Place], *, write: bool) -> None:
        if not hasattr(spark, "conf") or not hasattr(spark, "version"):
            raise TypeError(f"doctor takes a SparkSession, not {type(spark).__name__}")
        self._session = RunningSession(spark)
        if self._session.java is None:
            raise SessionError(
                "this is a Spark Connect client, from which neither the server's machine nor its "
                "executors can be looked at: call s3r_spark.doctor there, in a session of the "
                "server's own, or leave spark out to ask the stores from here"
            )
        self._java = self._session.java
        self._context = spark.sparkContext._jsc.sc()  # noqa: SLF001 - no public way
        self._routes, self._write = routes, write
        self._places = [place for place in places if place.spark]
        self._conf = spark._jsparkSession.sessionState().newHadoopConf()  # noqa: SLF001 - no public way
        file_system = str(self._conf.get("fs.s3a.impl") or "").rpartition(".")[2]
        self._engine = _ENGINES.get(file_system, "s3a")
        self._found: dict[str, list[str]] = {}
        self._errors: list[Finding] = []

    def findings(self, seconds: float) -> list[Finding]:
        """What all machines find within a time; what is alike is told once."""
        if not gateway.can_load(self._java, common.S3A):
            text, mend = "this session has no S3A on its classpath", "use s3r_spark.configure"
            return [Finding("spark", "bad", text, mend, node="driver")]
        told = list(self._other_routes())
        if told:
            return told
        self._ask(seconds)
        return [*_alike(self._by_node()), *self._errors]

    def _other_routes(self) -> Iterator[Finding]:
        """What the session has otherwise than the routes say."""
        planned = plan(self._routes, self._engine, self._session.versions.hadoop)
        for key, value in planned.plain.items():
            if (key.startswith(_PLACES) or key.endswith(_STORES)) and self._conf.get(key) != value:
                has = self._conf.get(key)
                text = f"the session follows other routes: {key} is {has or 'not set'} there"
                mend = "look at it with the routes that it has, or give it these by s3r_spark.apply"
                yield Finding("routes", "bad", text, mend, node="driver")
                return

    def _ask(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        self._conf.set(f"{_CHECK}clients", ",".join(self._asked()))
        self._conf.set(f"{_CHECK}seconds", str(max(1, round(seconds - _GRACE))))
        loader = self._loader()
        group = f"s3r-spark-check-{secrets.token_hex(4)}"
        threads = [
            threading.Thread(target=self._ask_driver, args=(loader,), daemon=True),
            threading.Thread(target=self._ask_executors, args=(loader, group, end), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join(max(0.0, end - time.monotonic()))
        finally:  # Ctrl-C too
            if threads[1].is_alive():
                with suppress(Exception):  # the session may be gone
                    self._context.cancelJobGroup(group)
        failed = {found.node for found in self._errors}
        for name in ("driver", *([] if self._context.isLocal() else self._executors())):
            if name not in self._found and not failed & {self._node(name), _EXECUTORS}:
                text, mend = "no answer in time", "is it busy with other jobs?"
                self._errors.append(Finding("time", "bad", text, mend, node=self._node(name)))

    def _loader(self) -> Any:
        """A class loader that has the router's jar, which executors get too where they lack it."""
        here = self._java.java.lang.Thread.currentThread().getContextClassLoader()
        if gateway.can_load(self._java, _EXAMINATION):
            return here
        file = router_jar().file
        self._context.addJar(str(file))
        urls = self._session.spark.sparkContext._gateway.new_array(self._java.java.net.URL, 1)  # noqa: SLF001
        urls[0] = self._java.java.io.File(str(file)).toURI().toURL()
        return self._java.java.net.URLClassLoader(urls, here)

    def _ask_driver(self, loader: Any) -> None:
        try:
            examination = loader.loadClass(_EXAMINATION).newInstance()
            self._found["driver"] = list(examination.apply(self._conf))
        except Exception as error:  # noqa: BLE001 - what nobody foresaw must not look healthy
            self._fail(error, self._node("driver"))

    def _ask_executors(self, loader: Any, group: str, end: float) -> None:
        if self._context.isLocal():
            return
        try:
            self._context.setJobGroup(group, "s3r-spark check", True)  # noqa: FBT003 - Java has no keywords
            for _ in range(_ROUNDS):
                living = self._executors()
                where = [f"executor_{h}_{n}" for n, h in living.items() if n not in self._found]
                if (living and not where) or time.monotonic() > end:
                    return
                self._run_tasks(loader, where or [""])  # without a name it waits for one to come
        except Exception as error:  # noqa: BLE001 - likewise
            self._fail(error, _EXECUTORS)

    def _run_tasks(self, loader: Any, where: Sequence[str]) -> None:
        """A task for each executor; Spark sends one to another, if the first is busy for long."""
        conf = self._java.org.apache.hadoop.conf.Configuration(self._conf)
        conf.set(f"{_CHECK}executors", ",".join(where))
        text = self._java.java.lang.Class.forName("java.lang.String")
        context = self._session.spark.sparkContext._jsc  # noqa: SLF001 - no public way
        rows = context.newAPIHadoopRDD(conf, loader.loadClass(_INPUT), text, text).collect()
        found = defaultdict(list)
        for row in rows:
            found[row._1()].append(row._2())  # noqa: SLF001 - Scala's name
        self._found.update(found)

    def _fail(self, error: Exception, node: str) -> None:
        java = getattr(error, "java_exception", None)
        text = str(java.getMessage() if java is not None else error).strip().partition("\n")[0]
        lacks = "ExaminationInput" in text
        mend = "the executors need the router's jar: `s3r-spark jars` fetches it" if lacks else ""
        failed = Finding("spark", "bad", f"the check itself failed: {text}", mend, node=node)
        self._errors.append(failed)

    def _executors(self) -> dict[str, str]:
        """The hosts of the executors that live, by their names."""
        listed = self._context.statusStore().executorList(True)  # noqa: FBT003 - Java has no keywords
        each = [listed.apply(number) for number in range(listed.size())]
        return {one.id(): one.hostPort().rpartition(":")[0] for one in each if one.id() != "driver"}

    def _node(self, name: str) -> str:
        if name == "driver":
            host = self._java.org.apache.hadoop.net.NetUtils.getHostname().partition("/")[0]
            return f"driver on {host}"
        return f"executor {name} on {self._executors().get(name, 'a host that is gone')}"

    def _asked(self) -> Iterator[str]:
        """What each machine is to look at, as `s3r.hadoop.Examination` reads it."""
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, place in enumerate(self._places):
            # With the engines of S3A settings are a bucket's, and so its places go by themselves.
            groups[place.client, self._prefix(place)].append(number)
        for (name, prefix), numbers in groups.items():
            yield urlencode(self._client(name, prefix, numbers))

    def _client(self, name: str, prefix: str, numbers: Sequence[int]) -> dict[str, str]:
        client = self._routes.clients[name]
        asked = {"client": name, "prefix": prefix, "endpoint": _endpoint(client)}
        if proxy := self._conf.get(f"{prefix}proxy.host") or self._conf.get("fs.s3a.proxy.host"):
            asked["proxy"] = proxy
        if names := _variables(client):
            asked["variables"] = " ".join(names)
        for order, number in enumerate(numbers):
            place = self._places[number]
            fields = {"place": str(number), "uri": self._uri(place)}
            if self._write and not place.read_only:
                fields["probe"] = f"_s3r-spark-check-{secrets.token_hex(8)}"
            asked[f"place.{order}"] = urlencode(fields)
        return asked

    def _prefix(self, place: Place) -> str:
        if self._engine == "router":
            return f"fs.s3r.client.{router.encoded(place.client)}."
        return f"fs.s3a.bucket.{place.bucket}."

    def _uri(self, place: Place) -> str:
        scheme = f"s3r-{router.encoded(place.client)}" if self._engine == "router" else "s3a"
        return f"{scheme}://{place.bucket}/{place.prefix or place.key}"

    def _by_node(self) -> Iterator[Finding]:
        for name, texts in sorted(self._found.items(), key=lambda of: (of[0] != "driver", of)):
            node = self._node(name)
            for text in texts:
                fact = facts.read(text)
                if "client" not in fact:
                    continue
                client = self._routes.clients[fact["client"]]
                place = self._places[int(fact["place"])] if "place" in fact else None
                address = Address.of_url(_endpoint(client))
                found = facts.finding(fact, client, place, address)
                at = place.name if place is not None else ""
                yield replace(found, client=fact["client"], place=at, node=node)


def _alike(findings: Iterator[Finding]) -> list[Finding]:
    """Findings of several machines as one where they say the same; what is bad says its own."""
    nodes: dict[Finding, list[str]] = {}
    for found in findings:
        key = found if found.state == "bad" else replace(found, node="")
        nodes.setdefault(key, []).append(found.node)
    return [replace(found, node=_together(of)) for found, of in nodes.items()]


def _together(nodes: list[str]) -> str:
    each = list(dict.fromkeys(nodes))
    more = len(each) - _NAMED
    return ", ".join(each) if more <= 1 else f"{', '.join(each[:_NAMED])} and {more} more"


def _endpoint(client: Client) -> str:
    """Where S3A asks; AWS's own as the SDK finds it by the region."""
    if client.endpoint_url is not None:
        return client.endpoint_url
    region = client.region or "us-east-1"
    china = ".cn" if region.startswith("cn-") else ""
    return f"https://s3.{region}.amazonaws.com{china}"


def _variables(client: Client) -> Mapping[str, None]:
    """The environment variables that the client's keys are read from."""
    who = client.credentials
    if who is None:
        return {}
    secret = (who.access_key, who.secret_key, who.session_token)
    return dict.fromkeys(name for value in secret if value is not None for name in value.required)
