"""The machines of a Spark session: what the driver and each executor find of clients and places.

The session's own configuration goes along as Spark carries it to tasks that read files, so that
each machine has what a job would have there: its variables, its trust store, its network.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from s3r_spark.addresses import Address
from s3r_spark.diagnosis import facts
from s3r_spark.diagnosis.findings import Finding
from s3r_spark.endpoints import dns_suffix
from s3r_spark.errors import SessionError
from s3r_spark.hadoop.engines import common, router, viewfs
from s3r_spark.hadoop.routes_plan import plan
from s3r_spark.spark import gateway, nodes
from s3r_spark.spark.nodes import Nodes
from s3r_spark.spark.running_session import RunningSession

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from s3r_spark.diagnosis.places import Place
    from s3r_spark.model import Client
    from s3r_spark.routing import Routes

__all__ = ["Machines"]

_EXAMINATION = "s3r.hadoop.Examination"
_CHECK = "fs.s3r.check."
_NAMED = 3  # machines that a line names, if they have found the same
_GRACE = 2.0  # seconds for what the machines have found to come back
_ENGINES = {router.FILE_SYSTEM: router.NAME, viewfs.FILE_SYSTEM: viewfs.NAME}
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
        self._nodes = Nodes(spark, self._java)
        self._routes, self._write = routes, write
        self._places = [place for place in places if place.spark]
        self._conf = gateway.new_hadoop_of(spark)
        self._engine = _ENGINES.get(str(self._conf.get("fs.s3a.impl")), "s3a")
        self._found: dict[str, list[str]] = {}
        self._errors: list[Finding] = []

    def findings(self, seconds: float) -> list[Finding]:
        """The findings of all machines within a time; what is alike is told once."""
        if not gateway.can_load(self._java, common.S3A):
            text, mend = "this session has no S3A on its classpath", "use s3r_spark.configure"
            return [Finding("spark", "bad", text, mend, node="driver")]
        differences = list(self._other_routes())
        if differences:
            return differences
        self._ask(seconds)
        return [*_alike(self._by_node()), *self._errors]

    def _other_routes(self) -> Iterator[Finding]:
        """The first setting that the session has otherwise than the routes say."""
        planned = plan(self._routes, self._engine, self._session.versions.hadoop)
        for key, value in planned.plain.items():
            if (key.startswith(_PLACES) or key.endswith(_STORES)) and self._conf.get(key) != value:
                has = self._conf.get(key)
                text = f"the session follows other routes: {key} is {has or 'not set'} there"
                mend = "look at it with the routes that it has, or give it these by s3r_spark.apply"
                yield Finding("routes", "bad", text, mend, node="driver")
                return

    def _ask(self, seconds: float) -> None:
        self._conf.set(f"{_CHECK}clients", ",".join(self._asked()))
        self._conf.set(f"{_CHECK}seconds", str(max(1, round(seconds - _GRACE))))
        self._found, errors = self._nodes.ask(_EXAMINATION, self._conf, seconds)
        for node, why in errors.items():
            if why == nodes.LATE:
                finding = Finding("time", "bad", why, "is it busy with other jobs?", node=node)
            else:
                finding = Finding("spark", "bad", f"the check itself failed: {why}", node=node)
            self._errors.append(finding)

    def _asked(self) -> Iterator[str]:
        """The clients and places to look at, as `s3r.hadoop.Examination` reads them."""
        groups: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, place in enumerate(self._places):
            # With the engines of S3A settings are a bucket's, and so its places go by themselves.
            groups[place.client, self._prefix(place)].append(number)
        for (name, prefix), numbers in groups.items():
            yield urlencode(self._client(name, prefix, numbers))

    def _client(self, name: str, prefix: str, numbers: Sequence[int]) -> dict[str, str]:
        client = self._routes.clients[name]
        query = {"client": name, "prefix": prefix, "endpoint": _endpoint(client)}
        if proxy := self._conf.get(f"{prefix}proxy.host") or self._conf.get("fs.s3a.proxy.host"):
            query["proxy"] = proxy
        if names := _variables(client):
            query["variables"] = " ".join(names)
        for order, number in enumerate(numbers):
            place = self._places[number]
            fields = {"place": str(number), "uri": self._uri(place)}
            if self._write and not place.read_only:
                fields["probe"] = f"_s3r-spark-check-{secrets.token_hex(8)}"
            query[f"place.{order}"] = urlencode(fields)
        return query

    def _prefix(self, place: Place) -> str:
        if self._engine == "router":
            return f"fs.s3r.client.{router.encoded(place.client)}."
        return f"fs.s3a.bucket.{place.bucket}."

    def _uri(self, place: Place) -> str:
        scheme = f"s3r-{router.encoded(place.client)}" if self._engine == "router" else "s3a"
        return f"{scheme}://{place.bucket}/{place.prefix or place.key}"

    def _by_node(self) -> Iterator[Finding]:
        for name, texts in sorted(self._found.items(), key=lambda of: (of[0] != "driver", of)):
            node = self._nodes.name(name)
            for text in texts:
                fact = facts.read(text)
                if "client" not in fact:
                    continue
                client = self._routes.clients[fact["client"]]
                place = self._places[int(fact["place"])] if "place" in fact else None
                address = Address.of_url(_endpoint(client))
                finding = facts.finding(fact, client, place, address)
                at = place.name if place is not None else ""
                yield replace(finding, client=fact["client"], place=at, node=node)


def _alike(findings: Iterator[Finding]) -> list[Finding]:
    """Findings of several machines as one where they say the same; what is bad says its own."""
    nodes: dict[Finding, list[str]] = {}
    for finding in findings:
        key = finding if finding.state == "bad" else replace(finding, node="")
        nodes.setdefault(key, []).append(finding.node)
    return [replace(finding, node=_together(of)) for finding, of in nodes.items()]


def _together(nodes: list[str]) -> str:
    each = list(dict.fromkeys(nodes))
    more = len(each) - _NAMED
    return ", ".join(each) if more <= 1 else f"{', '.join(each[:_NAMED])} and {more} more"


def _endpoint(client: Client) -> str:
    """The address that S3A asks; AWS's own as the SDK finds it by the region."""
    if client.endpoint_url is not None:
        return client.endpoint_url
    region = client.region or "us-east-1"
    return f"https://s3.{region}.{dns_suffix(region)}"


def _variables(client: Client) -> Mapping[str, None]:
    """The environment variables that the client's keys are read from."""
    who = client.credentials
    if who is None:
        return {}
    secret = (who.access_key, who.secret_key, who.session_token)
    return dict.fromkeys(name for value in secret if value is not None for name in value.required)
