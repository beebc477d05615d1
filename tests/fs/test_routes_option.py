"""Where the routes come from, and which file systems are one and the same."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import fsspec
import fsspec.config
import pytest
import s3fs
import yaml
from fsspec.registry import get_filesystem_class

from s3r_spark import Routes, register, unregister
from s3r_spark.errors import RoutesError
from s3r_spark.fs import S3RFileSystem, filesystem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def content(address: str = "http://one:9000") -> dict[str, Any]:
    keys = {"access_key": "key", "secret_key": "secret"}
    store = {"service": "minio", "endpoint_url": address, "credentials": keys}
    return {"clients": {"default": store}}


def write(folder: Path, address: str) -> Path:
    file = folder / "routes.yaml"
    folder.mkdir(exist_ok=True)
    file.write_text(yaml.safe_dump(content(address)), encoding="utf-8")
    return file


def pickled(fs: Any) -> Any:
    return pickle.loads(pickle.dumps(fs))


def address(fs: Any) -> Any:
    return fs.routes.clients["default"].endpoint_url


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    unregister()
    fsspec.config.conf.pop("s3r", None)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, "http://one:9000")


def test_routes_may_be_a_path_a_dict_or_routes(file: Path) -> None:
    for routes in (str(file), file, content(), Routes.load(file)):
        assert address(S3RFileSystem(routes)) == "http://one:9000"
        assert address(fsspec.filesystem("s3r", routes=routes)) == "http://one:9000"
    with pytest.raises(TypeError, match="routes must be the path"):
        S3RFileSystem(7)
    with pytest.raises(RoutesError, match=r"none\.yaml: No such file"):
        S3RFileSystem("none.yaml")


def test_without_routes_it_says_how_to_give_them() -> None:
    with pytest.raises(RoutesError, match=r"s3r:// has no routes: .*FSSPEC_S3R_ROUTES"):
        fsspec.filesystem("s3r")


def test_routes_come_from_fsspecs_configuration(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FSSPEC_S3R_ROUTES", str(file))  # set after fsspec was imported
    assert address(fsspec.filesystem("s3r")) == "http://one:9000"
    fsspec.config.conf["s3r"] = {"routes": str(write(tmp_path / "b", "http://two:9000"))}
    assert address(fsspec.filesystem("s3r")) == "http://two:9000"
    assert address(fsspec.filesystem("s3r", routes=file)) == "http://one:9000"


@pytest.mark.parametrize("way", ["variable", pytest.param("file", marks=pytest.mark.slow)])
def test_a_process_may_be_told_from_outside(file: Path, tmp_path: Path, way: str) -> None:
    if way == "variable":
        variables = {"FSSPEC_S3R_ROUTES": str(file)}
    else:
        (tmp_path / "conf.json").write_text(json.dumps({"s3r": {"routes": str(file)}}))
        variables = {"FSSPEC_CONFIG_DIR": str(tmp_path)}
    program = (
        "import fsspec; fs, path = fsspec.url_to_fs('s3r://b/k'); "
        "print(path, fs.routes.clients['default'].endpoint_url)"
    )
    process = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | variables, capture_output=True, check=True
    )
    assert process.stdout.decode().split() == ["b/k", "http://one:9000"]


def test_what_is_a_stores_own_is_refused() -> None:
    for name in ("endpoint_url", "key", "secret", "client_kwargs", "anon"):
        with pytest.raises(TypeError, match=f"{name} .* under clients in the routes"):
            S3RFileSystem(content(), **{name: {"x": 1}})
    with pytest.raises(TypeError, match="unexpected option 'profile'"):
        S3RFileSystem(content(), profile="x")
    assert S3RFileSystem(content(), anon=False, use_ssl=True, key=None)
    assert S3RFileSystem(content(), default_block_size=1).default_block_size == 1


# -- one instance for one set of options -----------------------------------------------------------


def test_files_of_one_name_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = []
    for folder in ("one", "two"):
        write(tmp_path / folder, f"http://{folder}:9000")
        monkeypatch.chdir(tmp_path / folder)
        texts.append(S3RFileSystem("routes.yaml"))
    assert [address(fs) for fs in texts] == ["http://one:9000", "http://two:9000"]
    assert texts[0] != texts[1]
    assert S3RFileSystem("routes.yaml") is texts[1]
    assert S3RFileSystem(tmp_path / "one" / "routes.yaml") is texts[0]


def test_a_file_that_was_edited_is_another(file: Path) -> None:
    before = S3RFileSystem(file)
    write(file.parent, "http://two:9000")
    assert address(S3RFileSystem(file)) == "http://two:9000"
    assert address(before) == "http://one:9000"


def test_routes_that_look_alike_are_told_apart() -> None:
    one, two = (Routes.load(content(f"http://{name}:9000")) for name in ("one", "two"))
    assert repr(one) == repr(two)
    assert S3RFileSystem(one) is S3RFileSystem(one)
    assert S3RFileSystem(one) != S3RFileSystem(two)
    other = content()
    other["clients"]["default"]["credentials"]["secret_key"] = "another"
    assert S3RFileSystem(Routes.load(content())) != S3RFileSystem(Routes.load(other))


def test_a_pickled_file_system_is_the_same(file: Path) -> None:
    for routes in (file, content(), Routes.load(file)):
        fs = S3RFileSystem(routes, default_block_size=7)
        assert pickled(fs) == fs
    assert S3RFileSystem.from_json(S3RFileSystem(file).to_json()) == S3RFileSystem(file)


class Mine(S3RFileSystem):
    """Somebody's own, under the router's protocol."""


def test_a_pickled_file_system_is_of_its_class(file: Path) -> None:
    assert type(pickled(Mine(file))) is Mine
    assert pickled(Mine(file)) == Mine(file)
    register("s3", routes=file)
    fs = fsspec.filesystem("s3")
    assert pickled(type(fs)) is type(fs)
    unregister()
    assert pickled(fs) == fs  # as in a process in which nothing is registered
    assert pickled(type(fs)) is type(fs)


def test_json_has_a_file_system_of_its_class(file: Path) -> None:
    register("s3", routes=file)
    systems = [fsspec.filesystem("s3"), Mine(file), S3RFileSystem(content())]
    unregister()
    for fs in systems:
        again = fsspec.AbstractFileSystem.from_json(fs.to_json())
        assert type(again) is type(fs)
        assert again == fs


def test_json_has_no_form_for_routes(file: Path) -> None:
    fs = S3RFileSystem(Routes.load(file))
    for write_it in (fs.to_json, fs.to_dict):
        with pytest.raises(TypeError, match=r"routes\.yaml.* not written as JSON: .*the path"):
            write_it()


def test_classes_of_protocols_alone_can_be_imported() -> None:
    assert filesystem.__getattr__("S3RFileSystem_s3a").protocol == "s3a"
    for name in ("S3RFileSystem_", "Another_s3", "__path__"):
        with pytest.raises(AttributeError, match=name):
            getattr(filesystem, name)


def test_options_show_no_secret_of_routes() -> None:
    fs = S3RFileSystem(Routes.load(content()))
    assert "secret" not in repr(fs.storage_options).replace("secret_key", "")


def test_a_variable_that_says_something_else_makes_another_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = {"service": "generic", "endpoint_url": "${STORE_URL}"}
    content = {"clients": {"default": client}}
    file = tmp_path / "routes.yaml"
    file.write_text(json.dumps(content))
    for routes in (content, str(file)):
        addresses = []
        for name in ("dev", "prod", "dev"):
            monkeypatch.setenv("STORE_URL", f"http://{name}:9000")
            for options in ({}, {"skip_instance_cache": True}):
                fs = S3RFileSystem(routes, **options)
                addresses.append(fs.routes.clients["default"].endpoint_url)
                assert fs.storage_options["routes"] == routes
            assert S3RFileSystem(routes) is S3RFileSystem(routes)
        assert (
            addresses
            == [f"http://{name}:9000" for name in ("dev", "dev", "prod", "prod")]
            + ["http://dev:9000"] * 2
        )


def test_no_secret_can_be_guessed_from_what_tells_instances_apart(tmp_path: Path) -> None:
    """Else a weak one could be: by whoever sees the digest and knows the rest."""
    keys = {"access_key": "a", "secret_key": "weak"}
    file = tmp_path / "routes.yaml"
    file.write_text(json.dumps({"clients": {"default": {"credentials": keys}}}))
    code = (
        "import sys; from s3r_spark.fs import S3RFileSystem; from s3r_spark import Routes;"
        "fs = [S3RFileSystem(routes) for routes in (sys.argv[1], Routes.load(sys.argv[1]))];"
        "print([one.storage_options['routes'] for one in fs])"
    )
    process = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code, file],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    }
    assert len(process) == 2
    assert "weak" not in "".join(process)


# -- protocols -------------------------------------------------------------------------------------


def test_an_installation_changes_nothing_about_s3() -> None:
    assert get_filesystem_class("s3r") is S3RFileSystem
    for protocol in ("s3", "s3a"):
        assert get_filesystem_class(protocol) is s3fs.S3FileSystem


def test_protocols_are_taken_over_and_given_back(file: Path, tmp_path: Path) -> None:
    register("s3", "s3a", routes=file)
    other = write(tmp_path / "b", "http://two:9000")
    register("s3a", routes=other)
    s3, path = fsspec.url_to_fs("s3://bucket/key")
    assert (address(s3), path) == ("http://one:9000", "bucket/key")
    assert s3.unstrip_protocol(path) == "s3://bucket/key"
    s3a = fsspec.filesystem("s3a")
    assert address(s3a) == "http://two:9000"
    assert address(fsspec.filesystem("s3", routes=other)) == "http://two:9000"
    assert isinstance(s3, S3RFileSystem)
    assert pickled(s3) == s3
    assert pickled(s3).protocol == "s3"
    unregister("s3a")
    assert isinstance(fsspec.filesystem("s3"), S3RFileSystem)
    assert get_filesystem_class("s3a") is s3fs.S3FileSystem
    unregister()
    assert get_filesystem_class("s3") is s3fs.S3FileSystem
    assert type(fsspec.filesystem("s3", anon=True)) is s3fs.S3FileSystem
    assert get_filesystem_class("s3r") is S3RFileSystem


def test_registered_routes_are_the_defaults_of_s3r(file: Path) -> None:
    register(routes=file)
    register("s3")
    assert address(fsspec.filesystem("s3r")) == "http://one:9000"
    assert address(fsspec.filesystem("s3")) == "http://one:9000"
    unregister()
    with pytest.raises(RoutesError):
        fsspec.filesystem("s3r")


def test_what_was_there_before_comes_back(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The routes of fsspec's own configuration, and a class that somebody else has registered."""

    class Mine(s3fs.S3FileSystem):
        protocol = "mine"

    fsspec.register_implementation("mine", Mine)
    other = write(tmp_path / "b", "http://two:9000")
    monkeypatch.setitem(fsspec.config.conf, "s3r", {"routes": str(other)})
    for _ in range(2):  # the second time, what was there before is the router itself
        register("s3r", "mine", routes=file)
    assert address(fsspec.filesystem("s3r")) == "http://one:9000"
    assert address(fsspec.filesystem("mine")) == "http://one:9000"
    unregister()
    assert address(fsspec.filesystem("s3r")) == "http://two:9000"
    assert get_filesystem_class("mine") is Mine
    unregister()
    assert address(fsspec.filesystem("s3r")) == "http://two:9000"


def test_routes_that_cant_be_used_are_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text("clients: {}", encoding="utf-8")
    with pytest.raises(RoutesError, match=r"routes\.yaml"):
        register("s3", routes=file)
    assert get_filesystem_class("s3") is s3fs.S3FileSystem


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"key": "x"}, r"conf\['s3'\]: key would mean another thing"),
        ({"anon": False, "endpoint_url": "http://x"}, r"conf\['s3'\]: endpoint_url would mean"),
        ({"colour": "red"}, r"conf\['s3'\]: unexpected option 'colour'"),
    ],
)
def test_a_configuration_that_is_about_one_store_is_refused_at_once(
    file: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], why: str
) -> None:
    monkeypatch.setitem(fsspec.config.conf, "s3", dict(options))
    with pytest.raises(TypeError, match=why):
        register("s3a", "s3", routes=file)
    assert fsspec.config.conf["s3"] == options
    for protocol in ("s3", "s3a"):
        assert get_filesystem_class(protocol) is s3fs.S3FileSystem
    monkeypatch.setitem(fsspec.config.conf, "s3", {"anon": False, "default_block_size": 7})
    register("s3", routes=file)
    assert fsspec.filesystem("s3").default_block_size == 7


def test_another_file_systems_registration_is_left_alone() -> None:
    class Other(s3fs.S3FileSystem):
        protocol = "other"

    fsspec.register_implementation("other", Other)
    unregister()
    assert get_filesystem_class("other") is Other
