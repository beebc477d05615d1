"""Routing: against ten lines of fnmatch, and back again, on generated profiles and keys."""

from __future__ import annotations

import copy
import pickle
import random
from fnmatch import fnmatchcase
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from cases import load
from hypothesis import given, settings
from hypothesis import strategies as st

from s3r_spark import globs
from s3r_spark.errors import RoutesError, UnmatchedError
from s3r_spark.physical_index import Inverse, logical_buckets
from s3r_spark.routing import Meaning, Routes, Target

BUCKETS = ["b", "b1", "bä", "c-b", "[b]", "\U0001f600", "b\n"]
BUCKET_GLOBS = ["b", "b1", "b*", "*", "[bc]*", "*-b", "[!b]*", "?", "?b?", "[[]b]", "b?", "bä*"]
PARTS = ["t/", "t", "x/", "ä", "1", ".p", "\n", "[", "]", "-", "/"]
KEY_GLOBS = [
    "t/*", "t/x/*", "*.p", "t*", "*", "t/[0-9]*", "t/[!x]*", "x/?/*", "*x/*", "t/x/1", "ä*",
    "t/[[]*", "t/[]-]*", "?", "**", "t/**", "*/t/*", "t/x/*.p", "*[.]p", "t/?*",
]  # fmt: skip
PREFIXES = [None, "", "t", "m/n/", "v-", "{bucket}", "of/{bucket}/x", "{bucket}-"]
NAMES = [None, "b", "phys", "p-{bucket}", "{bucket}", "{bucket}{bucket}"]


def reference(profiles: dict[str, Any], bucket: str, key: str | None) -> tuple[str | None, str]:
    """What routing-cases.yaml says, in ten lines: the profile and the physical name."""
    for name, p in profiles.items():
        glob = p.get("source_key_pattern") or "*"
        whole = not glob.strip("*")
        if fnmatchcase(bucket, p["source_bucket_pattern"]) and (
            whole if key is None else fnmatchcase(key, glob)
        ):
            key, prefix = key or "", p.get("mapped_prefix")
            if prefix is not None and p.get("prefix_mode") != "prepend":
                fixed = glob[: min([glob.find(c) for c in "*?[" if c in glob] or [len(glob)])]
                key = key[fixed.rfind("/") + 1 :]
                prefix = prefix if not prefix or prefix.endswith("/") else prefix + "/"
            place = (p.get("mapped_bucket_name") or "{bucket}") + "/" + (prefix or "")
            return name, place.replace("{bucket}", bucket) + key
    return None, f"{bucket}/{key or ''}"


def profile(draw: random.Random) -> dict[str, Any]:
    entry = {
        "client": draw.choice(["default", "c1", "c2"]),
        "source_bucket_pattern": draw.choice(BUCKET_GLOBS),
        "source_key_pattern": draw.choice([None, *KEY_GLOBS, *KEY_GLOBS]),
        "mapped_bucket_name": draw.choice(NAMES),
        "mapped_prefix": draw.choice(PREFIXES),
    }
    if entry["mapped_prefix"] is not None and draw.random() < 0.3:
        entry["prefix_mode"] = "prepend"
    return {key: value for key, value in entry.items() if value is not None}


@cache  # to load them takes longer than most of what is tried with them
def generated(seed: int) -> tuple[dict[str, Any], Routes]:
    """Some profiles of which none covers another, and their routes."""
    draw = random.Random(seed)
    clients = {name: {"endpoint_url": f"http://{name}.test"} for name in ("default", "c1", "c2")}
    while True:
        profiles = {f"p{n}": profile(draw) for n in range(draw.randint(3, 10))}
        try:
            return profiles, load({"clients": clients, "profiles": profiles})
        except RoutesError as error:
            assert "can never match" in str(error)  # noqa: PT017 - the others are drawn again


def keys(profiles: dict[str, Any], seed: int) -> list[str]:
    """Keys that the profiles' own globs take, or nearly, and some that just happen."""
    draw = random.Random(seed)
    patterns = [
        profile.get("source_key_pattern", "*")
        .replace("[0-9]", "7")
        .replace("[!x]", "t")
        .replace("*", "".join(draw.choices(PARTS, k=draw.randint(0, 2))))
        .replace("?", draw.choice("tx1ä"))
        for profile in profiles.values()
    ]
    return patterns + ["".join(draw.choices(PARTS, k=draw.randint(0, 5))) for _ in range(3)]


SEEDS = range(400)


def test_resolve_agrees_with_the_reference() -> None:
    count = matched = 0
    for seed in SEEDS:
        profiles, routes = generated(seed)
        for bucket, key in product(BUCKETS, [None, *keys(profiles, seed)]):
            target = routes.resolve(bucket, key)
            name, place = reference(profiles, bucket, key)
            client = profiles[name]["client"] if name else "default"
            assert (target.profile, target.client) == (name, client), (profiles, bucket, key)
            assert f"{target.bucket}/{target.key or ''}" == (
                place if key is not None else place.split("/")[0] + "/"
            )
            count += key is not None
            matched += key is not None and name is not None
    assert matched > count / 3


def test_the_inverse_is_the_inverse() -> None:
    matched = 0
    for seed in SEEDS:
        profiles, routes = generated(seed)
        for bucket, key in product(BUCKETS, keys(profiles, seed)):
            target = routes.resolve(bucket, key)
            assert target.key is not None
            assert routes.logical(target.profile, bucket, target.key) == key
            for name in {None, *profiles} - {target.profile}:  # nobody else has that name
                other = routes.logical(name, bucket, target.key)
                assert other is None or routes.resolve(bucket, other).profile == name
            matched += target.profile is not None
    assert matched > len(SEEDS)


def test_what_logical_gives_is_a_name_of_the_physical_key() -> None:
    count = 0
    for seed in SEEDS:
        profiles, routes = generated(seed)
        for bucket, key in product(BUCKETS, keys(profiles, seed)):
            for name in [None, *profiles]:
                logical = routes.logical(name, bucket, key)
                if logical is not None:
                    target = routes.resolve(bucket, logical)
                    assert (target.profile, target.key) == (name, key)
                    count += 1
    assert count > len(SEEDS)


def test_names_of_has_every_name_and_no_other() -> None:
    for seed in SEEDS:
        profiles, routes = generated(seed)
        for bucket, key in product(BUCKETS, keys(profiles, seed)):
            target = routes.resolve(bucket, key)
            assert target.key is not None
            meanings = routes.names_of(target.client, target.bucket, target.key)
            pattern = profiles[target.profile]["source_bucket_pattern"] if target.profile else None
            assert {
                Meaning(target.profile, bucket, key),
                Meaning(target.profile, pattern or bucket, key),
            } & set(meanings), (profiles, bucket, key, meanings)
            for meaning in meanings:
                if meaning.bucket not in BUCKET_GLOBS or meaning.bucket in BUCKETS:
                    there = routes.resolve(meaning.bucket, meaning.key)
                    assert there == target._replace(profile=meaning.profile)


def test_a_path_is_a_file_by_its_key_and_a_folder_by_its_key_with_a_slash() -> None:
    two = 0
    for seed in SEEDS[:100]:
        profiles, routes = generated(seed)
        for key in {"/".join(filter(None, key.split("/"))) for key in keys(profiles, seed)}:
            if {"", ".", ".."} & set(key.split("/")):
                continue
            file, folder = routes.resolve("b", key), routes.resolve("b", f"{key}/")
            targets = routes.path_targets(f"s3a://b/{key}")
            rule = routes.rule("b", f"{key}/")
            if file.profile == folder.profile or globs.folder(rule.key_pattern) == f"{key}/":
                expected = [folder]
            else:
                expected = [file, folder]
                two += 1
            assert targets == [t._replace(key=str(t.key).removesuffix("/")) for t in expected]
    assert two > 20


def test_a_path_that_is_refused_as_a_file_can_be_a_folder() -> None:
    routes = load({
        "unmatched": "refuse",
        "clients": {"m": {"endpoint_url": "http://m"}},
        "profiles": {"m": {"source_bucket_pattern": "b", "source_key_pattern": "raw/2024-*/*"}},
    })  # fmt: skip
    assert routes.path_targets("s3a://b/raw/2024-01") == [Target("m", "m", "b", "raw/2024-01")]
    for path in ("s3a://b/raw", "s3a://b/raw/2023/", "s3a://b"):
        with pytest.raises(UnmatchedError):
            routes.resolve_path(path)


@pytest.mark.parametrize("bucket", ["s3a://lake/team2/x", "lake/team2", "s3:lake"])
def test_a_path_given_as_a_bucket_is_refused(bucket: str) -> None:
    with pytest.raises(RoutesError, match=f"{bucket!r} is no bucket: .* ask resolve_path"):
        load({"clients": {"default": {}}}).resolve(bucket)


def test_an_access_point_is_a_bucket() -> None:
    arn = "arn:aws:s3:us-east-1:123456789012:accesspoint/a"
    assert load({"clients": {"default": {}}}).resolve(arn, "k") == Target(None, "default", arn, "k")


def test_under_agrees_with_all_names_below() -> None:
    several = 0
    for seed in SEEDS:
        _, routes = generated(seed)
        steps = ["t/", "x/", "t", "/", "x", "1", ".p", "ä"]
        below = ["".join(parts) for n in range(4) for parts in product(steps, repeat=n)]
        draw = random.Random(seed)
        bucket, prefix = draw.choice(BUCKETS), draw.choice(["", "t", "t/", "t/x/", "x/", "ä"])
        names = [rule.name for rule in routes.under(bucket, prefix)]
        taken = {routes.resolve(bucket, prefix + text).profile for text in below}
        assert taken <= set(names)  # it may name one more: who comes first is not asked of a list
        order = [*routes.profiles, None]
        assert names == sorted(names, key=order.index)
        if None not in names:
            assert None not in taken
        for rule in routes.under(bucket, prefix)[:-1]:
            assert any(fnmatchcase(prefix + text, rule.key_pattern) for text in below) or (
                "[" in rule.key_pattern
            )
        several += len(names) > 1
    assert several > len(SEEDS) / 3


def test_under_is_what_the_plain_loop_finds() -> None:
    """Rules are looked up by how they begin; trying one after the other gives the same."""
    several = 0
    for seed in SEEDS[:100]:
        profiles, routes = generated(seed)
        below = [key[:end] for key in keys(profiles, seed) for end in range(len(key) + 1)]
        for bucket, prefix in product(BUCKETS, {"", *below}):
            expected = []
            for rule in routes.rules:
                if not fnmatchcase(bucket, rule.profile.source_bucket_pattern):
                    continue
                if globs.may_match_below(rule.key_pattern, prefix):
                    expected.append(rule)
                    if globs.owns_all_below(rule.key_pattern, prefix):
                        break
            else:
                expected.append(routes.default)
            assert routes.under(bucket, prefix) == expected, (profiles, bucket, prefix)
            several += len(expected) > 1
    assert several > 100


def test_names_of_is_what_the_plain_loop_finds() -> None:
    matched = 0
    for seed in SEEDS[:100]:
        profiles, routes = generated(seed)
        inverse = Inverse(routes.rules)
        for bucket, key in product([*BUCKETS, "phys", "p-b", "bb"], keys(profiles, seed)):
            for client in routes.clients:
                expected = [
                    rule
                    for rule in routes.rules
                    if rule.client == client
                    and any(
                        rule.logical_key(logical or "", key) is not None
                        for logical in logical_buckets(rule, bucket, key)
                    )
                ]
                candidates = inverse.rules(client, bucket, key)
                assert [rule for rule in candidates if rule in expected] == expected
                matched += bool(expected)
    assert matched > 100


def test_owns_is_who_the_name_goes_by() -> None:
    for seed in SEEDS[:100]:
        profiles, routes = generated(seed)
        for bucket, key in product(BUCKETS, keys(profiles, seed)):
            owners = [
                rule for rule in (*routes.rules, routes.default) if routes.owns(rule, bucket, key)
            ]
            assert owners == [routes.rule(bucket, key)]


def test_under_stops_where_one_rule_takes_all() -> None:
    routes = load({
        "clients": {"default": {}, "m": {"endpoint_url": "http://m"}},
        "profiles": {
            "deep": {"client": "m", "source_bucket_pattern": "b", "source_key_pattern": "t/x/*"},
            "team": {"client": "m", "source_bucket_pattern": "b", "source_key_pattern": "t/*"},
        },
    })  # fmt: skip
    for prefix, names in [
        ("", ["deep", "team", None]),
        ("t", ["deep", "team", None]),
        ("t/", ["deep", "team"]),
        ("t/x", ["deep", "team"]),
        ("t/x/", ["deep"]),
        ("t/x/y", ["deep"]),
        ("u", [None]),
    ]:
        assert [rule.name for rule in routes.under("b", prefix)] == names
    assert [rule.name for rule in routes.under("c")] == [None]


def test_refusing_routes_have_no_default() -> None:
    routes = load({
        "unmatched": "refuse",
        "clients": {"m": {"endpoint_url": "http://m"}},
        "profiles": {"m": {"source_bucket_pattern": "b", "source_key_pattern": "t/*"}},
    })  # fmt: skip
    assert routes.resolve("b", "t/x") == Target("m", "m", "b", "t/x")
    assert [rule.name for rule in routes.under("b")] == ["m"]
    assert routes.under("c") == []
    assert not routes.owns(routes.default, "b", "u")
    assert routes.logical(None, "b", "u") is None
    assert routes.names_of("default", "b", "u") == []
    for bucket, key in [("b", "u"), ("b", None), ("c", "t/x")]:
        with pytest.raises(UnmatchedError, match="says `unmatched: refuse`"):
            routes.resolve(bucket, key)
    with pytest.raises(LookupError):
        routes.resolve_path("s3a://b/u")


def test_a_rule_cuts_nothing_but_its_folder() -> None:
    rule = {"source_bucket_pattern": "lake", "source_key_pattern": "team2/*", "client": "default"}
    file: dict[str, Any] = {"clients": {"default": {}}, "profiles": {"t": rule}}
    for more, key in (({"mapped_prefix": "p"}, "p/x"), ({}, "team2/x")):
        file["profiles"]["t"] = {**rule, **more}
        taken = Routes.load(file).rules[0]
        assert taken.key("lake", "team2/x") == key
    file["profiles"]["t"] = {**rule, "mapped_prefix": "p"}
    for foreign in ("", "te", "team3/x"):
        with pytest.raises(ValueError, match=r"not under 'team2/', the folder of 't'"):
            Routes.load(file).rules[0].key("lake", foreign)


@pytest.mark.parametrize("source", ["routes.yaml", Path("routes.yaml")])
def test_routes_are_loaded_not_made(source: Any) -> None:
    with pytest.raises(TypeError, match=r"write Routes\.load\('routes\.yaml'\)"):
        Routes(source)


def test_an_unknown_profile_has_no_names() -> None:
    with pytest.raises(RoutesError, match="there is no profile 'p'"):
        load({"clients": {"default": {}}}).logical("p", "b", "k")


def test_pickled_and_copied_routes_are_equal() -> None:
    _, routes = generated(1)
    routes.resolve("b", "t/x")
    for other in (pickle.loads(pickle.dumps(routes)), copy.deepcopy(routes)):
        assert other == routes
        assert other.resolve("b", "t/x") == routes.resolve("b", "t/x")
    assert generated(2)[1] != routes
    assert Routes.load(routes) is routes
    with pytest.raises(TypeError):
        hash(routes)


def test_more_buckets_than_are_remembered() -> None:
    """A glob meets any number of buckets; what is known of them is forgotten, never wrong."""
    routes = load({
        "clients": {"default": {}},
        "profiles": {
            "x": {"client": "default", "source_bucket_pattern": "b*", "source_key_pattern": "x/*"},
            "y": {"client": "default", "source_bucket_pattern": "*9"},
        },
    })  # fmt: skip
    for n in range(25_000):
        assert routes.resolve(f"b{n}", "x/1").profile == "x"
        assert routes.resolve(f"a{n}", "x/1").profile == ("y" if n % 10 == 9 else None)
    assert len(routes._buckets) <= 10_000
    assert len(routes._shared) <= 4


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("field", ["source_bucket_pattern", "source_key_pattern"])
def test_ten_thousand_profiles_that_cover_one_another_are_refused(field: str) -> None:
    profiles = {
        f"p{n}": {"client": "default", "source_bucket_pattern": "b", field: f"*{n}*"}
        for n in range(10_000)
    }
    with pytest.raises(RoutesError) as caught:
        load({"clients": {"default": {}}, "profiles": profiles})
    assert len(str(caught.value).splitlines()) == 10_000 - 10


@pytest.mark.parametrize(
    "body",
    [
        {"source_bucket_pattern": "b{n}"},
        {"source_bucket_pattern": "b", "source_key_pattern": "t{n}/*", "mapped_bucket_name": "b"},
        {"source_bucket_pattern": "b{n}-*", "mapped_prefix": "{{bucket}}"},
        {"source_bucket_pattern": "*-b{n}"},
        {"source_bucket_pattern": "[ab]{n}-*"},
        {"source_bucket_pattern": "b", "source_key_pattern": "t{n}/*/raw[0-9]/*.p"},
        {"source_bucket_pattern": "b", "source_key_pattern": "*.t{n}"},
        {"source_bucket_pattern": "b*", "source_key_pattern": "t{n}/*", "mapped_prefix": "x"},
    ],
)
@pytest.mark.slow
@pytest.mark.timeout(300)  # some take minutes where each is compared with each
def test_ten_thousand_profiles_load(body: dict[str, str]) -> None:
    profiles = {
        f"p{n}": {"client": "default", **{key: text.format(n=n) for key, text in body.items()}}
        for n in range(10_000)
    }
    routes = load({"clients": {"default": {}}, "profiles": profiles})
    for n in (0, 5_000, 9_999):
        bucket = profiles[f"p{n}"]["source_bucket_pattern"].replace("[ab]", "a").replace("*", "x")
        glob = profiles[f"p{n}"].get("source_key_pattern", "*")
        key = glob.replace("[0-9]", "7").replace("*", "x")
        assert routes.resolve(bucket, key).profile == f"p{n}"


# -- Hadoop paths ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "",
        "b/x",
        "/b/x",
        "s3a:/b/x",
        "s3a:b",
        "s3a:///x",
        "s3a://",
        "hdfs://b/x",
        "s3ax://b/x",
        "://b",
    ],
)
def test_what_is_no_path_of_a_bucket(path: str) -> None:
    with pytest.raises(RoutesError, match=r"is no path of a bucket: write s3a://bucket/key"):
        load({"clients": {"default": {}}}).resolve_path(path)


def test_a_path_with_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(RoutesError) as caught:
        load({"clients": {"default": {}}}).resolve_path("s3a://key:90210777@b/x")
    assert "90210777" not in str(caught.value)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("ab./:%?#ä *")))
def test_a_path_is_the_object_that_its_own_uri_names(key: str) -> None:
    """Normalising twice is normalising once."""
    routes = load({"clients": {"default": {}}})
    target = routes.resolve_path(f"s3a://b/{key}")
    assert routes.resolve_path(target.uri) == target


@pytest.mark.parametrize(("bucket", "key"), [("b", 5), (None, "k"), (b"b", "k"), ("b", b"k")])
def test_what_is_no_name_is_refused(bucket: Any, key: Any) -> None:
    routes = Routes.load({"clients": {"default": {}}})
    with pytest.raises(TypeError, match="bucket and key must be text"):
        routes.resolve(bucket, key)


@pytest.mark.parametrize("path", [None, 5, Path("s3a://b/k"), b"s3a://b/k"])
def test_what_is_no_path_is_refused(path: Any) -> None:
    routes = Routes.load({"clients": {"default": {}}})
    with pytest.raises(TypeError, match="a path must be text like s3a://bucket/key"):
        routes.resolve_path(path)
