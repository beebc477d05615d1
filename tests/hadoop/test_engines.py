"""Which engine can do what, what is said where none can, and the mount tables that are made."""

from __future__ import annotations

from typing import Any

import pytest
from cases import CASES, load

from s3r_spark.errors import EngineError
from s3r_spark.hadoop.engines import ENGINES, choose
from s3r_spark.hadoop.engines.common import REFUSED_PROVIDER
from s3r_spark.hadoop.routes_plan import settings
from s3r_spark.routing import Routes, Rule

CLIENTS: dict[str, Any] = {
    "default": {"endpoint_url": "http://default.test"},
    "one": {"endpoint_url": "http://one.test"},
    "two": {"endpoint_url": "http://two.test"},
}
TEAM2 = {
    "client": "one",
    "source_bucket_pattern": "shared",
    "source_key_pattern": "team2/*",
    "mapped_bucket_name": "real",
    "mapped_prefix": "data/team2",
}
WHOLE = {"client": "one", "source_bucket_pattern": "moved"}
BY_CONFIGURATION = ["s3a", "viewfs"]  # without code of our own


def routes(*profiles: dict[str, Any], **top: Any) -> dict[str, Any]:
    """Routes with clients default, one and two, and profiles p0, p1, …"""
    names = {f"p{number}": profile for number, profile in enumerate(profiles)}
    return {"clients": CLIENTS, "profiles": names, **top}


def refusal(routes: dict[str, Any], engine: Any) -> str:
    with pytest.raises(EngineError) as caught:
        choose(load(routes), engine)
    return str(caught.value)


def mounts(routes: dict[str, Any]) -> dict[str, str]:
    """The mount tables, by what stands behind `fs.viewfs.mounttable.`."""
    conf = settings(load(routes), engine="viewfs", hadoop_version="3.5.0")
    prefix = "fs.viewfs.mounttable."
    return {key.removeprefix(prefix): conf[key] for key in conf if key.startswith(prefix)}


def test_auto_takes_the_simplest_that_can() -> None:
    choice = choose(load(routes(WHOLE)))
    assert (choice.engine.NAME, choice.reason) == (
        "s3a",
        "it is the simplest, and does all that the routes ask",
    )
    choice = choose(load(routes(WHOLE, TEAM2)))
    assert choice.engine.NAME == "router"
    assert choice.reason.startswith("s3a can't: ")
    assert "profile 'p1'" in choice.reason
    assert "'team2/*'" in choice.reason
    assert choose(load(routes(WHOLE)), hadoop_version="3.3.6").engine.NAME == "s3a"


def test_auto_takes_viewfs_only_where_the_router_can_t_run() -> None:
    assert choose(load(routes(TEAM2)), hadoop_version="3.4.1").engine.NAME == "router"
    old = choose(load(routes(TEAM2)), hadoop_version="3.3.6")
    assert old.engine.NAME == "viewfs"
    assert old.reason.endswith("; router can't: it needs Hadoop 3.4.1 or newer, and this is 3.3.6")
    pattern = {**TEAM2, "source_key_pattern": "a/*/raw/*"}
    with pytest.raises(EngineError, match=r"(?s)no engine can do this:.*router: it needs Hadoop"):
        choose(load(routes(pattern)), hadoop_version="3.3.6")


def test_an_engine_can_be_asked_for() -> None:
    assert choose(load(routes(WHOLE)), "viewfs").reason == "it was asked for"
    text = refusal(routes(WHOLE, TEAM2), "s3a")
    assert "profile 'p1'" in text
    assert text.endswith("(engine router can do it)")
    with pytest.raises(EngineError, match="take one of auto, s3a, router, viewfs"):
        choose(load(routes(WHOLE)), "viewf")


@pytest.mark.parametrize("row", CASES["refused_for_spark"], ids=lambda row: str(row["pattern"]))
@pytest.mark.parametrize("engine", ["auto", *ENGINES])
def test_patterns_that_split_a_table(engine: Any, row: dict[str, str]) -> None:
    profile = {
        "client": "one",
        "source_bucket_pattern": "shared",
        "source_key_pattern": row["pattern"],
    }
    text = refusal(routes(profile), engine)
    assert "profile 'p0'" in text
    assert row["says"] in text
    assert "spark: false" in text


@pytest.mark.parametrize(
    ("pattern", "right"), [("team2/.*", "team2/*"), ("team2/", "team2/*"), ("a/b*", "a/b*/*")]
)
def test_the_pattern_that_owns_the_folder(pattern: str, right: str) -> None:
    profile = {"client": "one", "source_bucket_pattern": "b", "source_key_pattern": pattern}
    assert f"; write '{right}', or say" in refusal(routes(profile), "auto")
    assert load(routes({**profile, "source_key_pattern": right})).resolve("b", right).profile


def test_a_run_of_stars_owns_the_folder_too() -> None:
    conf = settings(load(routes({**TEAM2, "source_key_pattern": "team2/**"})))
    assert conf == settings(load(routes(TEAM2)))


@pytest.mark.parametrize("engine", BY_CONFIGURATION)
def test_a_profile_that_is_not_for_spark(engine: Any) -> None:
    """Configuration can't keep Spark from its names, so nothing goes to the default store."""
    text = refusal(routes(TEAM2, {**WHOLE, "spark": False}), engine)
    assert "profile 'p1'" in text
    assert "spark: false" in text


def test_what_s3a_can_not() -> None:
    folder = {"client": "one", "source_bucket_pattern": "b", "source_key_pattern": "t/*"}
    assert "routes the folder 't/*'" in refusal(routes(folder), "s3a")
    renamed = {**WHOLE, "mapped_bucket_name": "real"}
    assert "renames the bucket 'moved' to 'real'" in refusal(routes(renamed), "s3a")
    below = {**WHOLE, "mapped_prefix": "below"}
    assert "puts its keys below 'below/'" in refusal(routes(below), "s3a")


def test_all_is_refused_at_once() -> None:
    text = refusal(
        routes(TEAM2, {**WHOLE, "mapped_bucket_name": "real", "mapped_prefix": "x"}), "s3a"
    )
    assert len(text.splitlines()) == 5


def test_a_bucket_glob_needs_names() -> None:
    glob = {"client": "one", "source_bucket_pattern": "dev-*"}
    for engine in BY_CONFIGURATION:
        assert "write buckets: [name, …]" in refusal(routes(glob), engine)
    named = {**glob, "buckets": ["dev-a", "dev-b"]}
    conf = settings(load(routes(named)), hadoop_version="3.5.0")
    for bucket in named["buckets"]:
        assert conf[f"fs.s3a.bucket.{bucket}.endpoint"] == "http://one.test"


def test_the_first_profile_has_its_buckets() -> None:
    first = {"client": "one", "source_bucket_pattern": "dev-a"}
    rest = {"client": "two", "source_bucket_pattern": "dev-*", "buckets": ["dev-a", "dev-b"]}
    conf = settings(load(routes(first, rest)), hadoop_version="3.5.0")
    assert conf["fs.s3a.bucket.dev-a.endpoint"] == "http://one.test"
    assert conf["fs.s3a.bucket.dev-b.endpoint"] == "http://two.test"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_bucket_that_s3a_can_not_use(engine: Any) -> None:
    bad = {"client": "one", "source_bucket_pattern": "my_bucket"}
    assert "S3A can't use the bucket 'my_bucket'" in refusal(routes(bad), engine)


def test_a_folder_in_a_folder_is_no_mount() -> None:
    inner = {**TEAM2, "client": "two", "source_key_pattern": "team2/special/*"}
    inner |= {"mapped_bucket_name": "special", "mapped_prefix": ""}
    text = refusal(routes(inner, TEAM2), "viewfs")
    assert "profile 'p0'" in text
    assert "shared/team2/special/ lies in that of profile 'p1'" in text


def test_many_folders_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with each would take configure a minute for ten thousand."""
    under, calls = Routes.under, list[str]()

    def counted(self: Routes, bucket: str, prefix: str = "") -> list[Rule]:
        calls.append(bucket)
        return under(self, bucket, prefix)

    monkeypatch.setattr(Routes, "under", counted)
    folders = [
        {**TEAM2, "source_key_pattern": f"t{n}/*", "mapped_prefix": f"t{n}"} for n in range(200)
    ]
    assert choose(load(routes(*folders)), "viewfs").engine.NAME == "viewfs"
    assert len(calls) <= 4


def test_a_mount_is_one_folder() -> None:
    assert "not a pattern like 'team?/*'" in refusal(
        routes({**TEAM2, "source_key_pattern": "team?/*"}), "viewfs"
    )
    assert "not a pattern like 'a/*/b/*'" in refusal(
        routes({**TEAM2, "source_key_pattern": "a/*/b/*"}), "viewfs"
    )
    prepended = {**TEAM2, "prefix_mode": "prepend", "mapped_prefix": "v1-"}
    assert "must end in '/'" in refusal(routes(prepended), "viewfs")


def test_one_bucket_name_on_two_stores() -> None:
    text = refusal(routes({**TEAM2, "mapped_bucket_name": "shared"}), "viewfs")
    assert "the bucket name 'shared' is on two clients, 'one' and 'default'" in text
    other = {**TEAM2, "client": "two", "source_key_pattern": "team3/*"}
    text = refusal(routes(TEAM2, other), "viewfs")
    assert "the bucket name 'real' is on two clients, 'one' and 'two'" in text
    # Refused names need no default client, so the bucket of that name is nobody else's.
    alone = routes({**TEAM2, "mapped_bucket_name": "shared"}, unmatched="refuse")
    assert choose(load(alone), "viewfs").engine.NAME == "viewfs"


def test_mount_tables() -> None:
    renamed = {
        "client": "two",
        "source_bucket_pattern": "renamed",
        "mapped_bucket_name": "other",
        "mapped_prefix": "sub/{bucket}",
    }
    assert mounts(routes(TEAM2, renamed, WHOLE)) == {
        "shared.link./team2": "s3a://real/data/team2",
        "shared.linkFallback": "s3a://shared/",
        "renamed.linkFallback": "s3a://other/sub/renamed",
        "moved.linkFallback": "s3a://moved/",
        # What no profile names is not to be reached by its physical name.
        "real.link./__s3r_no_logical_bucket": "s3a://real/",
        "other.link./__s3r_no_logical_bucket": "s3a://other/",
    }


def test_prefixes_of_mounts() -> None:
    mount = {"client": "one", "source_bucket_pattern": "b", "source_key_pattern": "k/*"}
    assert mounts(routes({**mount, "mapped_bucket_name": "c"}))["b.link./k"] == "s3a://c/k"
    gone = {**mount, "mapped_bucket_name": "c", "mapped_prefix": ""}
    assert mounts(routes(gone))["b.link./k"] == "s3a://c/"
    before = {**mount, "mapped_bucket_name": "c", "mapped_prefix": "v1/", "prefix_mode": "prepend"}
    assert mounts(routes(before))["b.link./k"] == "s3a://c/v1/k"


def test_a_folder_of_the_default_client_has_its_settings_globally() -> None:
    to_default = {**TEAM2, "client": "default"}
    conf = settings(load(routes(to_default)), engine="viewfs", hadoop_version="3.5.0")
    assert conf["fs.s3a.endpoint"] == "http://default.test"
    assert not [key for key in conf if key.startswith("fs.s3a.bucket.")]


@pytest.mark.parametrize("engine", BY_CONFIGURATION)
def test_unmatched_names_are_refused(engine: Any) -> None:
    conf = settings(load(routes(WHOLE, unmatched="refuse")), engine=engine, hadoop_version="3.5.0")
    assert conf["fs.s3a.aws.credentials.provider"] == REFUSED_PROVIDER
    bucket = conf["fs.s3a.bucket.moved.aws.credentials.provider"]
    assert bucket != REFUSED_PROVIDER


def test_unmatched_folders_of_a_mounted_bucket_have_no_fallback() -> None:
    tables = mounts(routes(TEAM2, unmatched="refuse"))
    assert "shared.link./team2" in tables
    assert "shared.linkFallback" not in tables


@pytest.mark.parametrize("engine", BY_CONFIGURATION)
def test_refusing_with_a_profile_for_the_default_client(engine: Any) -> None:
    """Its buckets need settings of their own then, since the global ones refuse."""
    profile = {"client": "default", "source_bucket_pattern": "allowed"}
    conf = settings(
        load(routes(profile, unmatched="refuse")), engine=engine, hadoop_version="3.5.0"
    )
    assert conf["fs.s3a.bucket.allowed.endpoint"] == "http://default.test"
    assert conf["fs.s3a.bucket.allowed.aws.credentials.provider"] != REFUSED_PROVIDER


def test_what_may_only_be_read_is_kept_by_the_router_alone() -> None:
    clients = {**CLIENTS, "default": {**CLIENTS["default"], "access": "read"}}
    by_client = {**CLIENTS, "one": {**CLIENTS["one"], "access": "read"}}
    for frozen, place in (
        (routes({**WHOLE, "access": "read"}), "profile 'p0'"),
        ({**routes(WHOLE), "clients": by_client}, "profile 'p0'"),
        ({**routes(WHOLE), "clients": clients}, "client 'default'"),
    ):
        for engine in BY_CONFIGURATION:
            assert f"{place}: access: read: {engine} can't keep" in refusal(frozen, engine)
        assert choose(load(frozen)).engine.NAME == "router"
    known = {**routes(WHOLE), "clients": clients, "unmatched": "refuse"}
    assert choose(load(known)).engine.NAME == "s3a"
    conf = settings({**routes({**TEAM2, "access": "read"}), "clients": clients}, engine="router")
    assert conf["fs.s3r.unmatched"] == "read"
    assert conf["fs.s3r.routes"].endswith(";access=read")
