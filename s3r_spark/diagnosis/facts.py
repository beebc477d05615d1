"""Facts that a JVM found of clients and places (`s3r.hadoop.Examination`), in plain words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from botocore.exceptions import ClientError

from s3r_spark.diagnosis.findings import Finding
from s3r_spark.diagnosis.reasons import Reason, reason
from s3r_spark.secrets import variables_are

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from s3r_spark.addresses import Address
    from s3r_spark.diagnosis.findings import State
    from s3r_spark.diagnosis.places import Place
    from s3r_spark.model import Client

    Fact = Mapping[str, str]

__all__ = ["finding", "read"]

_TRUST = (
    "give driver and executors a trust store that has its CA (-Djavax.net.ssl.trustStore; see "
    "'Trust a private CA')"
)
_WAY = "look at endpoint_url, at the server, and at what may stand between (a firewall)"
_IS_HTTPS = "is it an https port?"
_IS_S3 = "is it the port of an S3 service?"
_JARS = "give the session the jars that `s3r-spark jars` fetches"
_LONGEST = 300  # letters of an error that nobody has foreseen

# What stands in an exception or its causes, and what it means; {place} is host:port. The first
# that is found tells.
_WORDS: Sequence[tuple[str, str, str]] = (
    ("Unsupported or unrecognized SSL message|plaintext connection",
     "{place} speaks plain http, not https", "write endpoint_url: http://{place}"),
    ("CertificateExpired", "the certificate has expired", "renew it on the server"),
    ("CertificateNotYetValid", "the certificate is not valid yet",
     "look at this machine's clock and the server's"),
    ("No (?:subject alternative|name matching)", "the certificate is not for {host}",
     "ask for the store by a name that its certificate has"),
    ("PKIX path|valid certification path",
     "the certificate is of no authority that this JVM trusts", _TRUST),
    ("Connection refused", "nobody listens on {place}", _WAY),
    ("[Cc]onnect timed out", "{place} does not answer in time", _WAY),
    ("Read timed out", "{place} takes the connection and says nothing in time", _IS_S3),
    ("UnknownHostException", "the name {host} is not known",
     "look at endpoint_url, and at that machine's DNS"),
    ("UnknownStoreException", "there is no bucket {bucket!r}", "look at its name, or make it"),
    ("'sso' service module|'ssooidc' service module|Sso(?:Oidc)?Client",
     "the AWS profile logs in by SSO, for which S3A lacks the AWS SDK's modules sso and ssooidc",
     "add software.amazon.awssdk:sso and :ssooidc, of the SDK's version, to spark.jars.packages"),
    ("No AWS [Cc]redentials|NoA[Ww][Ss]Credentials|NoAuthWithAWS|Unable to load credentials",
     "there are no keys: what credentials names has none on that machine",
     "write credentials: {{access_key, secret_key}}, or give the machine what they come from"),
    ("NoClassDefFoundError|ClassNotFoundException", "S3A lacks a class: {detail}", _JARS),
)  # fmt: skip
# By check, and by detail where that is a word: state, text, mend.
_GOOD: Mapping[tuple[str, str], tuple[State, str, str]] = {
    ("variables", ""): (
        "open",
        "{variables} not set there: S3A has what the driver has",
        "boto3 and fsspec in Python tasks would need it",
    ),
    ("network", ""): ("open", "asked through the proxy {detail}", ""),
    ("tls", ""): ("good", "trusted, certificate good for {detail}", ""),
    ("http", ""): ("good", "answers", ""),
    ("list", "objects"): ("good", "{uri} has objects", ""),
    ("list", "empty"): ("good", "{uri} is empty", ""),
    ("list", "nothing"): ("good", "nothing is at {uri}", ""),
    ("read", ""): ("good", "s3://{bucket}{detail}", ""),
    ("put", ""): ("good", "in {uri}", ""),
    ("delete", ""): ("good", "in {uri}", ""),
}
_BAD: Mapping[tuple[str, str], tuple[State, str, str]] = {
    ("variables", ""): (
        "bad",
        "{variables} not set there, and S3A's settings refer to that",
        "set it where that machine starts Spark, or have s3r_spark.configure carry the keys",
    ),
    ("time", ""): ("bad", "no answer in time", ""),
    ("name", ""): (
        "bad",
        "the name {detail} is not known",
        "look at endpoint_url, and at that machine's DNS",
    ),
    ("http", "tls"): ("bad", "{address} speaks https, not plain http", "write https://{address}"),
    ("http", "no http"): ("bad", "{address} answers no http", _IS_S3),
    ("clean up", ""): (
        "bad",
        "what was written to try is still there: s3://{bucket}{detail}",
        "delete it",
    ),
}
_HANDSHAKE = re.compile("SSL|handshake", re.IGNORECASE)


def read(text: str) -> Fact:
    """A fact, of the text that the JVM gives."""
    return dict(parse_qsl(text, keep_blank_values=True))


def finding(fact: Fact, client: Client, place: Place | None, address: Address) -> Finding:
    """The finding that a fact is to people.

    Args:
        fact: as `read` has it.
        client: whose fact it is.
        place: of which place; None: of the client whole.
        address: where its store listens.
    """
    check, detail = fact["check"], fact.get("detail", "")
    known = _GOOD if fact["ok"] == "true" else _BAD
    if row := known.get((check, detail)) or known.get((check, "")):
        state, text, mend = row
        variables = variables_are(detail.split(" and "))
        names = {"detail": detail, "variables": variables, "address": address}
        if place is not None:
            names |= {"bucket": place.bucket, "uri": place.uri}
            if place.key and detail == "nothing":  # as a file it was asked for
                state = "bad"
        return Finding(check, state, text.format(**names), mend.format(**names))
    if fact["ok"] == "true":
        return Finding(check, "good", detail)
    why = _reason(fact, client, place, address)
    if place is not None and "no bucket" in why.text:
        if not place.named:
            return Finding("bucket", "open", f"{why.text}, and so nothing in it")
        return Finding("bucket", "bad", *why)
    return Finding(check, "bad", *why)


def _reason(fact: Fact, client: Client, place: Place | None, address: Address) -> Reason:
    bucket = place.bucket if place is not None else ""
    if "status" in fact:
        code = fact.get("code", "null")
        known = code not in {"", "null"}
        answer = {
            "Error": {
                "Code": code if known else fact["status"],
                "Message": fact.get("message", "") if known else "",
            }
        }
        # Without words it is the answer to a HEAD.
        return reason(ClientError(answer, "Call" if known else "Head"), client, bucket)
    words, detail = fact.get("words", ""), fact.get("detail", "")
    names = {"place": address, "host": address.host, "bucket": bucket, "detail": detail}
    for pattern, text, mend in _WORDS:
        if re.search(pattern, words):
            return Reason(text.format(**names), mend.format(**names))
    error_text = f"{fact.get('error', '')}: {detail}"[:_LONGEST]
    if fact["check"] == "tls" or _HANDSHAKE.search(fact.get("error", "")):
        return Reason(f"no TLS with {address}: {error_text}", _IS_HTTPS)
    return Reason(error_text)
