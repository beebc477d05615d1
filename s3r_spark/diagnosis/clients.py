"""Findings of one client: the way to its store, its keys, and each of its places."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any
from urllib.request import proxy_bypass

from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies

from s3r_spark.addresses import Address
from s3r_spark.diagnosis import buckets
from s3r_spark.diagnosis.findings import Finding
from s3r_spark.diagnosis.keys import keys
from s3r_spark.diagnosis.network import network
from s3r_spark.diagnosis.reasons import ERRORS, code_of, reason, signed_for
from s3r_spark.errors import S3RError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from s3r_spark.boto.stores import Recipe
    from s3r_spark.diagnosis.places import Place
    from s3r_spark.model import Client

    Findings = Generator[Finding, None, None]

__all__ = ["examine", "examine_place"]

_DENIED = ("AccessDenied", "403", "Forbidden", "AllAccessDisabled", "MethodNotAllowed")


def examine(client: Client, recipe: Callable[[], Recipe], seconds: float) -> Findings:
    """Findings of a client itself, up to the first that leaves no way to its store.

    Args:
        client: its entry.
        recipe: what its boto3 client is made with.
        seconds: how long to wait at each step.
    """
    try:
        ingredients = recipe()
        s3 = ingredients.make()
    except (*ERRORS, S3RError, ValueError) as error:
        yield Finding("keys", "bad", *reason(error, client))
        return
    place = Address.of_url(s3.meta.endpoint_url)
    proxy = _proxy(s3.meta.endpoint_url, s3.meta.config.proxies)
    if proxy is not None:
        text = f"{place} is asked through the proxy {proxy}"
        yield Finding("network", "open", text)
    else:
        for finding in network(place, _authorities(ingredients), seconds):
            yield finding
            if finding.state == "bad" and finding.check != "clock":
                return
    finding = keys(client, ingredients.session)
    yield finding
    if finding.state == "good":
        yield from _identity(client, ingredients, s3)
    yield Finding("address", "good", _address(client, s3))


def _proxy(url: str, proxies: Any) -> str | None:
    """The proxy that requests go through, without what may be a password; None: there is none."""
    known = get_environ_proxies(url) if proxies is None else proxies
    proxy = known.get(url.partition(":")[0])
    if not proxy or (proxies is None and proxy_bypass(Address.of_url(url).host)):
        return None
    return str(Address.of_url(proxy if "://" in proxy else f"http://{proxy}"))


def _authorities(recipe: Recipe) -> str | None:
    """The PEM file that boto3 goes by; None: it checks nothing."""
    verify = recipe.arguments["verify"]
    if verify is False:
        return None
    if verify is None:
        session = recipe.session._session  # noqa: SLF001 - boto3 has no public way
        verify = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
    return get_cert_path(verify or True)  # type: ignore[no-any-return]


def _identity(client: Client, recipe: Recipe, s3: Any) -> Iterator[Finding]:
    """Ask whom the store takes us for, and so whether it takes the keys."""
    who = client.credentials
    if who is not None and who.anonymous:
        return
    if client.kind == "aws" and client.endpoint_url is None:
        yield _caller(client, recipe)
    try:
        answer = s3.list_buckets()
    except ERRORS as error:
        if code_of(error) in _DENIED:
            text = f"the keys may not list buckets ({code_of(error)}), which no job needs"
            yield Finding("identity", "open", text)
        else:
            yield Finding("identity", "bad", *reason(error, client))
        return
    owner = answer.get("Owner", {})
    name = owner.get("DisplayName") or owner.get("ID") or "somebody it doesn't name"
    count = len(answer.get("Buckets", []))
    text = f"the store knows the keys as {name}, with {count} bucket{'' if count == 1 else 's'}"
    yield Finding("identity", "good", text)


def _caller(client: Client, recipe: Recipe) -> Finding:
    region = recipe.arguments["region_name"] or recipe.session.region_name or "us-east-1"
    keys = {name: value for name, value in recipe.arguments.items() if name.startswith("aws_")}
    try:
        sts = recipe.session.client("sts", region_name=region, **keys)
        return Finding(
            "caller", "good", f"AWS knows the keys as {sts.get_caller_identity()['Arn']}"
        )
    except ERRORS as error:
        return Finding("caller", "bad", *reason(error, client))


def _address(client: Client, s3: Any) -> str:
    style = (s3.meta.config.s3 or {}).get("addressing_style")
    where = "path" if style == "path" else "host name"
    return f"{s3.meta.endpoint_url}, region {signed_for(client)}, the bucket in the {where}"


def examine_place(place: Place, s3: Any, client: Client, probe: str | None) -> Findings:
    """Findings of a place: what can be read, and, with a probe's folder, what can be changed.

    The folder is removed again, whatever happens.
    """
    regions: list[str] = []

    def note(request: Any, **_: Any) -> None:
        scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/", _text(request.headers, "Authorization"))
        regions.extend([scope[1]] if scope else [])

    s3.meta.events.register("before-send.s3", note)
    finding = None
    for finding in buckets.read(place, s3, client):
        yield finding
    if moved := [region for region in regions if region != regions[0]]:
        yield _elsewhere(client, place, moved[0])
    if probe is not None and place.read_only:
        yield Finding("put", "open", "access: read, so nothing is written")
        return
    looked_for = {"bucket", "list"}
    if probe is None or (finding and finding.check in looked_for and finding.state != "good"):
        return
    try:
        yield from buckets.write(place, s3, client, probe)
    finally:
        left = buckets.clean(place, s3, probe)
    if left is not None:
        yield left


def _text(headers: Any, name: str) -> str:
    value = headers.get(name, "")
    return value.decode() if isinstance(value, bytes) else str(value)


def _elsewhere(client: Client, place: Place, region: str) -> Finding:
    """A bucket that boto3 was sent on to another region for, and found."""
    text = f"{place.bucket!r} is in the region {region!r}, not {signed_for(client)!r}"
    if client.endpoint_url is None:
        return Finding("region", "open", f"{text}; it is found by asking twice")
    return Finding(
        "region", "bad", f"{text}; boto3 finds out, S3A may not", f"write region: {region}"
    )
