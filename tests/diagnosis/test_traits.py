"""What stores are measured to do, and what follows for their entries."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from diagnosis.conftest import entry, routes
from servers.ceph import start_ceph
from servers.minio import start_minio
from servers.seaweed import start_seaweed
from servers.versity import start_versity

from s3r_spark import doctor
from s3r_spark.diagnosis.measure import entry_for
from s3r_spark.diagnosis.traits import TRAITS
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from diagnosis.conftest import Measured
    from servers.store import Store

ALL = {trait.name for trait in TRAITS}
LACKS = {
    "minio": {"dot_segments", "double_slash", "file_and_folder"},
    "versitygw": {"dot_segments", "double_slash", "file_and_folder"},
    "garage": {"conditional_put", "conditional_complete", "put_if_match"},
    "seaweedfs": {
        "byte_order",
        "byte_order_with_delimiter",
        "dot_segments",
        "double_slash",
        "odd_keys",
    },
    "ceph": {
        "checksums_are_checked",
        "chunked_signing",
        "conditional_complete",
        "full_object_checksums",
        "put_if_match",
        "trailing_checksums",
    },
}


def fitting(entry: dict[str, Any], lacks: set[str]) -> dict[str, Any]:
    """The entry that a store gets which has all traits but these."""
    client = Routes.load({"clients": {"default": entry}}).clients["default"]
    data = yaml.safe_load(entry_for("it", client, {name: name not in lacks for name in ALL}))
    Routes.load({"clients": {"default": data["it"]}})  # it can be used as it is
    fitted: dict[str, Any] = data["it"]
    del fitted["endpoint_url"]
    return fitted


HTTP = {"endpoint_url": "http://store.test"}
NO_CONDITIONS = {"conditional_put"}
NO_CHECKSUMS = {"trailing_checksums"}
NO_ORDER = {"byte_order"}


@pytest.mark.parametrize("kind", ["minio", "versitygw", "ceph", "seaweedfs", "garage"])
def test_a_store_as_its_preset_says_needs_no_more(kind: str) -> None:
    lacks = LACKS[kind]
    fitted = fitting({**HTTP, "service": kind, "region": "x"}, lacks)
    assert fitted == {"service": kind, "region": "x"}


def test_what_a_store_lacks_of_its_preset_is_switched_off() -> None:
    minio = {**HTTP, "service": "minio"}
    assert fitting(minio, NO_CONDITIONS)["hadoop"] == {"fs.s3a.create.conditional.enabled": "false"}
    fitted = fitting(minio, NO_CHECKSUMS)
    assert fitted["service"] == "minio"
    assert fitted["hadoop"] == {"fs.s3a.checksum.generation": "false"}
    assert fitted["botocore"] == dict.fromkeys(
        ("request_checksum_calculation", "response_checksum_validation"), "when_required"
    )
    assert fitting(minio, {"path_style"})["path_style"] is False
    signer = {"fs.s3a.s3.signing-algorithm": "AWS4UnsignedPayloadSignerType"}
    assert fitting(minio, {"chunked_signing"})["hadoop"] == signer
    https = {"endpoint_url": "https://store.test", "service": "minio"}
    assert "hadoop" not in fitting(https, {"chunked_signing"})
    # Of the order of lists no single setting tells.
    assert fitting(minio, NO_ORDER)["service"] == "seaweedfs"


def test_an_unknown_store_gets_the_preset_that_it_is_most_like() -> None:
    assert fitting(HTTP, set())["service"] == "minio"
    assert fitting(HTTP, NO_CONDITIONS)["service"] == "garage"
    assert fitting(HTTP, NO_CONDITIONS | NO_CHECKSUMS)["service"] == "ceph"
    assert fitting(HTTP, NO_CONDITIONS | NO_CHECKSUMS | NO_ORDER)["service"] != "minio"


def test_what_is_measured_is_told(measured: Measured) -> None:
    diagnosis = measured.diagnosis
    assert set(diagnosis.traits["one"]) == ALL
    lacks = {name for name, has in diagnosis.traits["one"].items() if has is False}
    assert lacks == {"checksums_are_checked", "full_object_checksums"}  # as moto is
    assert diagnosis.traits["one"]["virtual_hosts"] is None  # it has a number for a name
    texts = [finding.text for finding in diagnosis.findings if finding.check == "measured"]
    assert len(texts) == len(ALL)
    assert "PUT honours If-None-Match: *: yes" in texts
    # service generic asks for nothing of that
    unused = [finding.text for finding in diagnosis.findings if finding.check == "preset"]
    assert [text.partition(",")[0] for text in unused] == [
        "this store has conditional writes",
        "this store has byte-ordered lists",
        "this store has payload checksums",
    ]
    assert diagnosis.healthy
    assert yaml.safe_load(diagnosis.presets["one"])["one"]["service"] == "minio"


@pytest.mark.slow
def test_settings_of_ones_own_count_too(west: Store) -> None:
    west.make_bucket("data")
    on = {"fs.s3a.create.conditional.enabled": "true"}
    sums = {"request_checksum_calculation": "when_supported"}
    diagnosis = doctor(routes(one=entry(west, hadoop=on, botocore=sums)), write=True)
    unused = [finding.text for finding in diagnosis.findings if finding.check == "preset"]
    assert [text.partition(",")[0] for text in unused] == ["this store has byte-ordered lists"]


def test_without_time_nothing_is_claimed(west: Store) -> None:
    west.make_bucket("data")
    diagnosis = doctor(routes(one=entry(west)), write=True, timeout=0.6)
    assert {finding.text for finding in diagnosis.bad} == {"no answer in time"}
    assert diagnosis.presets == {}
    assert west.keys("data") == []


@pytest.mark.slow
@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("start", [start_minio, start_seaweed, start_versity, start_ceph])
def test_presets_are_what_is_measured(
    start: Callable[..., Any], tmp_path: Path, *, tls: bool
) -> None:
    with start(tmp_path / "server", tls=tls) as store:
        check_preset(store)


@pytest.mark.slow
def test_garage(garage_store: Store) -> None:
    check_preset(garage_store)
    garage_store.clear()


def check_preset(store: Store) -> None:
    """A store has the traits that are known of it, and its preset asks for no others."""
    store.make_bucket("data")
    diagnosis = doctor(routes(one=entry(store)), write=True, timeout=120)
    traits = diagnosis.traits["one"]
    assert {name for name, has in traits.items() if has is False} == LACKS[store.kind]
    assert [finding for finding in diagnosis.findings if finding.check == "preset"] == []
    assert diagnosis.healthy
    assert store.keys("data") == []


@pytest.mark.slow
def test_a_preset_that_does_not_fit(seaweed_store: Store, ceph_store: Store) -> None:
    for store, lacks, fits in (
        (seaweed_store, ["byte-ordered lists"], "seaweedfs"),
        (ceph_store, ["conditional writes", "payload checksums"], "minio"),
    ):
        store.make_bucket("data")
        try:
            diagnosis = doctor(routes(one=entry(store, service="minio")), write=True, timeout=120)
            texts = [finding.text for finding in diagnosis.bad if "counts on" in finding.text]
            assert [text.partition("counts on ")[2].partition(",")[0] for text in texts] == lacks
            better = yaml.safe_load(diagnosis.presets["one"])["one"]
            assert better["service"] == fits
            fitted = doctor(routes(one=entry(store, **better)), write=True, timeout=120)
            assert fitted.healthy
        finally:
            store.clear()


@pytest.mark.slow
def test_buckets_in_host_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def known(host: Any, *rest: Any, **more: Any) -> Any:
        """Names below localhost, which not every resolver knows."""
        return real("127.0.0.1" if str(host).endswith("localhost") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", known)
    with start_versity(tmp_path / "versity", by_host=True) as store:
        store.make_bucket("data")
        diagnosis = doctor(routes(one=entry(store, path_style=False)), write=True, timeout=60)
        assert diagnosis.healthy
        assert diagnosis.traits["one"]["virtual_hosts"] is True
