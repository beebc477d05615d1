"""routing-cases.yaml: the exact meaning of profiles, row by row."""

from __future__ import annotations

from typing import Any

import pytest
from cases import CASES, load, routes_dict

from s3r_spark.errors import RoutesError, UnmatchedError
from s3r_spark.routing import Target

Row = list[Any]


def rows(section: str, of: str = "resolve") -> list[Any]:
    return [
        pytest.param(routes_dict(case), row, id=f"{case.get('name', section)}: {row[:2]}")
        for case in CASES[section]
        for row in case.get(of, ())
    ]


@pytest.mark.parametrize(("routes", "row"), rows("cases"))
def test_objects(routes: dict[str, Any], row: Row) -> None:
    bucket, key, profile, client, physical_bucket, physical_key = row
    loaded = load(routes)
    assert loaded.resolve(bucket, key) == Target(profile, client, physical_bucket, physical_key)
    assert loaded.logical(profile, bucket, physical_key) == key
    meanings = [m for m in loaded.names_of(client, physical_bucket, physical_key) if m.key == key]
    pattern = loaded.profiles[profile].source_bucket_pattern if profile else bucket
    assert {(m.profile, m.bucket) for m in meanings} & {(profile, bucket), (profile, pattern)}


@pytest.mark.parametrize(("routes", "row"), rows("cases", "refused"))
def test_names_that_are_nobodys(routes: dict[str, Any], row: Row) -> None:
    bucket, key = row
    with pytest.raises(UnmatchedError, match=f"no profile of routes matches s3://{bucket}/"):
        load(routes).resolve(bucket, key)


@pytest.mark.parametrize(("routes", "row"), rows("hadoop"))
def test_hadoop_paths(routes: dict[str, Any], row: Row) -> None:
    path, profile, bucket, physical = row
    target = load(routes).resolve_path(path)
    assert (target.profile, target.bucket, f"/{target.key}") == (profile, bucket, physical)


@pytest.mark.parametrize(("routes", "row"), rows("hadoop_files"))
def test_paths_that_can_be_a_file_or_a_folder(routes: dict[str, Any], row: Row) -> None:
    path, *names = row
    loaded = load(routes)
    targets = loaded.path_targets(path)
    file, folder = targets[0], targets[-1]
    assert [*(file[0], *file[2:]), *(folder[0], *folder[2:])] == names
    assert loaded.resolve_path(path) == file
    assert loaded.resolve_path(f"{path}/") == folder
    assert len(targets) == len(set(targets))


@pytest.mark.parametrize(("routes", "row"), rows("bucket_calls"))
def test_calls_that_name_the_bucket_alone(routes: dict[str, Any], row: Row) -> None:
    bucket, profile, physical = row
    assert load(routes).resolve(bucket) == Target(profile, profile or "default", physical, None)


@pytest.mark.parametrize("case", CASES["invalid"], ids=lambda case: case["name"])
def test_invalid_files_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(RoutesError) as error:
        load(routes_dict(case))
    assert case["says"] in str(error.value)
    assert len(str(error.value).splitlines()) == 1, "one mistake, one line"
