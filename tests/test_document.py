"""The text of routes.yaml: what is no YAML, or more than plain data, is refused by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from written import MISTAKES, load_text, mistakes

from s3r_spark.document import Problems, Source, parse
from s3r_spark.errors import RoutesError
from s3r_spark.routing import Routes

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UNSET", raising=False)


@pytest.mark.parametrize("row", MISTAKES["texts"], ids=lambda row: row["text"][:40])
def test_texts_that_are_no_routes(row: dict[str, str]) -> None:
    (line,) = mistakes(row["text"])
    says = row["says"]
    assert line.startswith(says[:-1]) if says.endswith("…") else line == says


@pytest.mark.parametrize("text", ["[" * 200_000, "- " * 200_000, "{a: " * 200_000])
def test_deep_nesting_is_refused_before_it_crashes_the_process(text: str) -> None:
    assert mistakes(text) == ["is nested too deep, or in itself"]


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"k{n}: v\n" for n in range(300_000)),
        "clients: [" + "a, " * 600_000 + "]",
        "clients: {default: }\nprofiles:\n" + "  p: {source_bucket_pattern: b}\n" * 200_000,
    ],
    ids=["keys", "list", "profiles"],
)
def test_more_than_any_routes_hold_is_refused_while_it_is_counted(text: str) -> None:
    assert mistakes(text) == ["holds more than 500,000 values, which no routes need"]


def test_a_file_without_an_end_is_refused() -> None:
    with pytest.raises(RoutesError, match=r"^/dev/zero: is larger than 64 MiB"):
        Routes.load("/dev/zero")


def test_a_dict_can_be_too_much_too() -> None:
    with pytest.raises(RoutesError, match=r"^routes: holds more than 500,000 values"):
        Routes.load({"clients": {"default": {}}, "profiles": [{}] * 600_000})


def test_other_encodings_are_refused() -> None:
    assert mistakes("clients: {}".encode("utf-16")) == ["is not UTF-8 text (byte 0)"]
    assert mistakes(b"clients: {d\xe4: }\n") == ["is not UTF-8 text (byte 11)"]


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path, says in [
        ("none.yaml", "none.yaml: there is no such file"),
        (".", ".: is a folder; name the routes.yaml in it"),
        ("s3", "s3: there is no such file; here routes are given, where boto3 takes 's3'"),
        ("", "routes is empty: give the path of a routes.yaml, or a dict"),
        ("a\0b", r"a\x00b: is no path of a file"),
        ("x" * 5000, f"{'x' * 5000}: can't be read: File name too long"),
        ("clients:\n  default:\n", "routes is the text of a file; give its path, or a dict"),
    ]:
        with pytest.raises(RoutesError) as caught:
            Routes.load(path)
        assert str(caught.value) == says


def test_bom_and_crlf_are_fine() -> None:
    text = "\ufeff" + "clients:\n  default: {region: eu-west-1}\n".replace("\n", "\r\n")
    assert load_text(text.encode()).clients["default"].region == "eu-west-1"


def test_merge_keys_and_aliases() -> None:
    routes = load_text("""\
        clients:
          default: &base {region: us-east-1, hadoop: {fs.s3a.threads.max: 0755}}
          other:
            region: eu-west-1
            <<: *base
          both: {<<: [{region: first}, {region: second, path_style: true}]}
    """)
    assert routes.clients["other"].region == "eu-west-1"
    assert routes.clients["other"].hadoop == {"fs.s3a.threads.max": "0755"}
    assert routes.clients["both"].region == "first"
    assert routes.clients["both"].path_style is True


def test_a_mistake_in_what_is_taken_over_is_told_where_it_stands() -> None:
    (line,) = mistakes("""\
        clients:
          default: {}
          base: &base
            region: x
          other:
            <<: [{regoin: y}, *base]
    """)
    assert line.startswith("6: client 'other': unknown key 'regoin'")


def test_pure_python_yaml_agrees(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML may have been built without its C part."""
    monkeypatch.setattr("s3r_spark.document._Loader", yaml.SafeLoader)
    assert load_text("clients: {default: }\n").clients
    assert mistakes("[" * 2000) == ["is nested too deep, or in itself"]
    for text in ("a: *geheim", "a: !geheim!x b", "a: &geheim 1\nb: &geheim 2", 'a: "\\g"'):
        (line,) = mistakes(text)
        assert "geheim" not in line
        assert "'g'" not in line


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.sampled_from("ab:-?*&!|>'\"%@`#,[]{}<\t\n $0.~"), max_size=40))
def test_any_text_parses_or_is_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8")
    problems = Problems(Source(str(path)))
    try:
        parse(problems.source.name, problems)
    except RoutesError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017 - it may or may not be raised
