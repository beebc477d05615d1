"""Loading routes.yaml: every mistake on a line of its own, with file, line, entry and field."""

from __future__ import annotations

import datetime as dt
import warnings
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import MISTAKES, load_text, mistakes

from s3r_spark.errors import RoutesError, RoutesWarning
from s3r_spark.routing import Routes
from s3r_spark.source import read


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSET", raising=False)


@pytest.mark.parametrize("row", MISTAKES["fields"], ids=lambda row: row["says"][:70])
def test_one_mistake_is_one_line(row: dict[str, str]) -> None:
    (line,) = mistakes(row["text"])
    says = row["says"]
    assert line.startswith(says[:-1]) if says.endswith("…") else line == says


def test_all_mistakes_at_once_in_the_order_of_their_lines() -> None:
    lines = mistakes("""\
        version: 1
        clients:
          default: {regin: us-east-1}
          minio: {service: minio, endpoint_url: "http://m:9000", endpoint_url: "http://n"}
        profiles:
          first: {client: minio, source_bucket_pattern: 7}
          second: {client: nimio, source_bucket_pattern: b}
          third:
            client: minio
            source_bucket_pattern: b
            mapped_prefix: /x
          fourth: {client: minio, source_bucket_pattern: c, source_key_pattern: !foo bar}
          2: {}
          fifth: {client: minio, source_bucket_pattern: d, mapped_prefix: "${UNSET}"}
          sixth: {client: minio, source_bucket_pattern: e}
          seventh: {client: minio, source_bucket_pattern: e, source_key_pattern: x/*}
    """)
    assert [line.split(": ")[0] for line in lines] == [
        f"{n}" for n in (3, 4, 6, 7, 11, 12, 13, 14, 16)
    ]
    assert "'endpoint_url' is there twice, the second time on line 4" in lines[1]
    assert "the key '2' is no text" in lines[6]
    assert "earlier profile 'sixth'" in lines[8]


def test_a_dict_gives_the_same_messages_without_a_line() -> None:
    profiles = {"default": {"source_bucket_pattern": 1}}
    with pytest.raises(RoutesError) as caught:
        Routes.load({"clients": {"default": {}}, "profiles": profiles})
    says = "routes: profile 'default': source_bucket_pattern: must be text: write \"1\""
    assert str(caught.value) == says


@pytest.mark.parametrize("source", [5, ["a"], b"routes.yaml", object()])
def test_what_is_neither_path_nor_dict(source: Any) -> None:
    with pytest.raises(TypeError, match="routes must be a path"):
        Routes.load(source)


def test_values_are_what_the_file_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLACE", "eu")
    monkeypatch.setenv("EMPTY", "")
    routes = load_text("""\
        clients:
          default: {region: "${PLACE}-west-1", verify: "${UNSET:-false}", ca_bundle: }
          c:
            service: "${EMPTY:-ceph}"
            endpoint_url: "http://h:1/"
            credentials: {role_arn: r, external_id: 2024-01-01}
            hadoop: {fs.s3a.a: 0755, fs.s3a.b: yes, fs.s3a.c: 1_000, fs.s3a.d: 1:30, fs.s3a.e: 64M}
        profiles:
          p: {client: c, source_bucket_pattern: "dev-*", buckets: [dev-a, dev-b]}
    """)
    default, client = routes.clients["default"], routes.clients["c"]
    assert (default.region, default.verify) == ("eu-west-1", False)
    assert (client.kind, client.endpoint_url) == ("ceph", "http://h:1")
    assert client.credentials is not None
    assert client.credentials.external_id == "2024-01-01"
    assert client.hadoop == {
        "fs.s3a.a": "0755", "fs.s3a.b": "true", "fs.s3a.c": "1_000", "fs.s3a.d": "1:30",
        "fs.s3a.e": "64M",
    }  # fmt: skip
    assert routes.profiles["p"].buckets == ("dev-a", "dev-b")


def test_the_expanded_value_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE", "${UNSET}")
    assert (
        load_text("clients: {default: {region: '${ONE}'}}").clients["default"].region == "${UNSET}"
    )


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    path = tmp_path / "a" / "routes.yaml"
    path.write_text("clients: {default: }\n")
    assert Routes.load(path).folder == tmp_path / "a"
    assert Routes.load(f"{tmp_path}/a/../a/routes.yaml").folder == tmp_path / "a"


# -- anything at all ------------------------------------------------------------------------------

WORDS = st.sampled_from([
    "clients", "profiles", "default", "unmatched", "refuse", "version", "p", "c", "client",
    "source_bucket_pattern", "source_key_pattern", "mapped_bucket_name", "mapped_prefix",
    "prefix_mode", "prepend", "buckets", "spark", "service", "minio", "endpoint_url", "http://h",
    "region", "credentials", "access_key", "secret_key", "aws_profile", "anonymous", "hadoop",
    "fs.s3a.x", "fs.s3a.secret.key", "botocore", "proxies", "${UNSET}", "${", "{bucket}", "b[", "*",
])  # fmt: skip
LEAVES = (
    WORDS
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=5)
    | st.binary(max_size=3)
    | st.dates()
    | st.just(PurePosixPath("x"))
    | st.just(dt.timezone.utc)
)
DATA = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            WORDS | LEAVES.filter(lambda x: x.__hash__ is not None), inner, max_size=5
        )
    ),
    max_leaves=25,
)
FIELD = st.dictionaries(WORDS, DATA, max_size=5)
ROUTES = st.fixed_dictionaries(
    {"clients": st.dictionaries(st.sampled_from(["default", "p", "c"]), FIELD | DATA, max_size=3)},
    optional={
        "profiles": st.dictionaries(
            st.sampled_from(["p", "c", ""]),
            st.fixed_dictionaries({"source_bucket_pattern": DATA}, optional={
                "client": DATA, "source_key_pattern": DATA, "mapped_bucket_name": DATA,
                "mapped_prefix": DATA, "prefix_mode": DATA, "buckets": DATA, "spark": DATA,
            }) | DATA,
            max_size=3,
        ),
        "unmatched": DATA,
        "version": DATA,
    },
)  # fmt: skip


def check(source: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RoutesWarning)
        try:
            Routes.load(source)
        except RoutesError as error:
            assert "nput should" not in str(error)  # noqa: PT017 - it may or may not be raised
            str(error).encode()


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(WORDS | LEAVES, DATA) | ROUTES)
def test_any_dict_loads_or_is_refused(source: dict[Any, Any]) -> None:
    check(source)


def test_data_in_itself_is_refused() -> None:
    inner: dict[str, Any] = {}
    inner["clients"] = inner
    with pytest.raises(RoutesError, match="is nested too deep, or in itself"):
        Routes.load(inner)


def test_an_error_brings_the_findings_of_the_rest() -> None:
    data = {
        "clients": {"default": {"verify": False}, "m": {"regoin": "x"}},
        "profiles": {"m": {"source_bucket_pattern": "b"}},
    }
    with pytest.raises(RoutesError) as caught:
        Routes.load(data)
    assert [finding.code for finding in caught.value.findings] == ["no-verify"]
    with pytest.raises(RoutesError) as caught:
        Routes.load({"clients": 5})
    assert list(caught.value.findings) == []


def test_the_source_is_left_as_it_was() -> None:
    data: dict[str, Any] = {"clients": {"default": None}, "profiles": None}
    read(data)
    assert data == {"clients": {"default": None}, "profiles": None}
