"""Random operations over three stores and overlapping profiles, against a dictionary."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from boto.conftest import entry
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from servers.minio import start_minio
from servers.seaweed import start_seaweed

from s3r_spark.boto import client

if TYPE_CHECKING:
    from servers.store import Store

# Names whose order by folder is not their order by byte: "a/" comes behind "a-b" and "a b".
FOLDERS = st.sampled_from(["t", "a", "a-b", "a b", "a.b", "b"])
LEAVES = st.sampled_from(["f", "f-1", "f.pq", "g h.pq", "fé"])
KEYS = st.builds(
    lambda folders, leaf: "/".join([*folders, leaf]), st.lists(FOLDERS, max_size=3), LEAVES
)
PREFIXES = st.one_of(
    st.just(""),
    st.builds(lambda folders: "/".join([*folders, ""]), st.lists(FOLDERS, min_size=1, max_size=2)),
    st.sampled_from(["t", "t/a", "a", "t/a-", "a-b/f"]),
)
PROFILES = {
    "special": {
        "client": "second",
        "source_bucket_pattern": "data",
        "source_key_pattern": "t/a/*",
        "mapped_bucket_name": "second-bucket",
        "mapped_prefix": "deep/special",
    },
    "parquet": {
        "client": "third",
        "source_bucket_pattern": "data",
        "source_key_pattern": "*.pq",
        "mapped_prefix": "pq",
    },
    "team": {
        "client": "second",
        "source_bucket_pattern": "data",
        "source_key_pattern": "t/*",
        "mapped_bucket_name": "second-bucket",
        "mapped_prefix": "team",
    },
    "dashed": {
        "client": "third",
        "source_bucket_pattern": "data",
        "source_key_pattern": "a-*",
    },
}


def grouped(keys: list[str], prefix: str) -> list[str]:
    """What a list with the delimiter "/" has to show."""
    prefixes: set[str] = set()
    for key in keys:
        head, slash, _ = key[len(prefix) :].partition("/")
        prefixes.add(prefix + head + slash)
    return sorted(prefixes)


class Router(RuleBasedStateMachine):
    """One bucket of the router, and a dictionary that has to have the same objects."""

    stores: tuple[Store, Store, Store]

    @property
    def shows_empty_folders(self) -> bool:
        return any(store.kind == "seaweedfs" for store in self.stores)

    @initialize()
    def start(self) -> None:
        first, second, third = self.stores
        clients = {"default": entry(first), "second": entry(second), "third": entry(third)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the profiles overlap, as they are meant to
            self.s3 = client({"clients": clients, "profiles": PROFILES})
        for store, bucket in ((first, "data"), (second, "second-bucket"), (third, "data")):
            if bucket in store.buckets():
                store.empty_bucket(bucket)
            else:
                store.make_bucket(bucket)
            store.put(bucket, "stray", b"nobody's, or the default's")
        self.model: dict[str, bytes] = {"stray": b"nobody's, or the default's"}

    @rule(key=KEYS, body=st.binary(max_size=20))
    def put(self, key: str, body: bytes) -> None:
        self.s3.put_object(Bucket="data", Key=key, Body=body)
        self.model[key] = body

    @rule(key=KEYS)
    def put_behind_the_routers_back(self, key: str) -> None:
        """An object in the default store under a name that goes elsewhere stays hidden."""
        if self.s3._s3r_router.routes.rule("data", key).name is not None:
            self.stores[0].put("data", key, b"shadowed")

    @rule(key=KEYS)
    def get(self, key: str) -> None:
        try:
            body = self.s3.get_object(Bucket="data", Key=key)["Body"].read()
        except self.s3.exceptions.NoSuchKey:
            body = None
        assert body == self.model.get(key)

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket="data", Key=key)
        self.model.pop(key, None)

    @rule(keys=st.lists(KEYS, min_size=1, max_size=5, unique=True))
    def delete_many(self, keys: list[str]) -> None:
        objects = [{"Key": key} for key in keys]
        response = self.s3.delete_objects(Bucket="data", Delete={"Objects": objects})
        assert "Errors" not in response
        assert [entry["Key"] for entry in response["Deleted"]] == keys
        for key in keys:
            self.model.pop(key, None)

    @rule(source=KEYS, to=KEYS)
    def copy(self, source: str, to: str) -> None:
        if source == to:
            return  # S3 refuses a copy onto itself
        place = {"Bucket": "data", "Key": source}
        if source in self.model:
            self.s3.copy_object(Bucket="data", Key=to, CopySource=place)
            self.model[to] = self.model[source]
        else:
            with pytest.raises(self.s3.exceptions.ClientError, match=r"NoSuchKey|CopySource"):
                self.s3.copy_object(Bucket="data", Key=to, CopySource=place)

    @rule(
        prefix=PREFIXES,
        size=st.sampled_from([1, 2, 3, 7, 1000]),
        after=st.one_of(st.just(""), KEYS),
        old=st.booleans(),
    )
    def list_all(self, prefix: str, size: int, after: str, old: bool) -> None:
        expected = sorted(k for k in self.model if k.startswith(prefix) and k > after)
        name = "list_objects" if old else "list_objects_v2"
        marker = {"Marker" if old else "StartAfter": after} if after else {}
        pages = self.s3.get_paginator(name).paginate(
            Bucket="data", Prefix=prefix, PaginationConfig={"PageSize": size}, **marker
        )
        keys = [keys["Key"] for page in pages for keys in page.get("Contents", ())]
        assert keys == expected

    @rule(prefix=PREFIXES, size=st.sampled_from([1, 2, 1000]))
    def list_folder(self, prefix: str, size: int) -> None:
        expected = grouped([key for key in self.model if key.startswith(prefix)], prefix)
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket="data", Prefix=prefix, Delimiter="/", PaginationConfig={"PageSize": size}
        )
        shown: list[str] = []
        for page in pages:
            entries = [entry["Key"] for entry in page.get("Contents", ())]
            entries += [entry["Prefix"] for entry in page.get("CommonPrefixes", ())]
            assert page["KeyCount"] == len(entries) <= size
            shown += sorted(entries)
        if self.shows_empty_folders and len(self.s3._s3r_router.routes.under("data", prefix)) == 1:
            # That store's own list, as a plain client gets it: with folders that are empty now.
            shown = [name for name in shown if name in expected or not name.endswith("/")]
        assert shown == expected


def run(stores: tuple[Store, Store, Store], examples: int, steps: int) -> None:
    machine = type("Machine", (Router,), {"stores": stores})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            # Shrinking an example over real servers takes longer than reading it.
            phases=[Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_moto_agrees_with_a_dictionary(east: Store, west: Store, north: Store) -> None:
    run((east, west, north), examples=3, steps=30)


@pytest.mark.slow
@pytest.mark.parametrize("order", ["minio first", "seaweed first"])
def test_real_servers_agree_with_a_dictionary(
    minio_store: Store, seaweed_store: Store, tmp_path: Any, order: str
) -> None:
    with start_minio(tmp_path / "minio") as other:
        stores: tuple[Store, Store, Store] = (minio_store, seaweed_store, other)
        if order == "seaweed first":
            with start_seaweed(tmp_path / "seaweed") as second:
                run((seaweed_store, minio_store, second), examples=25, steps=50)
        else:
            run(stores, examples=25, steps=50)
        for store in stores:
            store.clear()
