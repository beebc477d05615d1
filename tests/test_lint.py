"""Findings that are no errors: each code where it belongs, and not beside it."""

from __future__ import annotations

import textwrap
import warnings
from pathlib import Path

import pytest
import yaml
from written import load_text

from s3r_spark.errors import RoutesWarning
from s3r_spark.lint import CODES, s3a_bucket_problem
from s3r_spark.routing import Routes

HEAD = """\
clients:
  default: {region: us-east-1}
  m: {endpoint_url: "http://m"}
  https: {endpoint_url: "https://h", service: aws}
profiles:
"""

ROWS = yaml.safe_load(Path(__file__).with_name("lint-cases.yaml").read_text(encoding="utf-8"))


def found(text: str) -> list[tuple[str, str]]:
    """The findings of a file: code, and message from its line's number on."""
    return [
        (finding.code, str(finding).partition("routes.yaml:")[2])
        for finding in load_text(text).findings()
        if isinstance(finding, RoutesWarning)
    ]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["code"])
def test_profiles(row: dict[str, str]) -> None:
    code, bad, good = row["code"], row["bad"], row["good"]
    findings = found(HEAD + textwrap.indent(bad, "  "))
    # Of two names that differ in case alone, one is none of today's.
    ((its_code, text),) = [one for one in findings if code != "case-alone" or one[0] == code]
    line = (HEAD + bad).split("\n").index(next(b for b in bad.split("\n") if "found:" in b)) + 1
    assert its_code == code
    assert text.startswith(f"{line}: profile 'found': ")
    assert text.endswith(f" [{code}]")
    assert code not in {its_code for its_code, _ in found(HEAD + textwrap.indent(good, "  "))}


@pytest.mark.parametrize(
    ("secret", "fine"),
    [
        (
            "credentials: {access_key: abc, secret_key: '${B}'}",
            "credentials: {access_key: '${A}', secret_key: '${B}'}",
        ),
        (
            "credentials: {access_key: '${A}', secret_key: '${B:-abc}'}",
            "credentials: {access_key: '${A}', secret_key: '${B:-}'}",
        ),
        ("hadoop: {fs.s3a.proxy.password: abc}", "hadoop: {fs.s3a.proxy.username: abc}"),
        ("botocore: {proxies: {http: 'http://u:abc@p'}}", "botocore: {proxies: {http: '${P}'}}"),
        (
            "botocore: {proxies_config: {proxy_auth: abc}}",
            "botocore: {proxies_config: {proxy_ca_bundle: abc, proxy_client_cert: [abc, abc]}}",
        ),
        ("botocore: {s3: {token: abc}}", "botocore: {s3: {token: '${T}'}}"),
    ],
)
def test_plain_secrets(secret: str, fine: str) -> None:
    ((code, text),) = found("clients:\n  default:\n    " + secret)
    assert code == "plain-secret"
    assert text.startswith("3: client 'default': ")
    assert "abc" not in text
    assert found("clients:\n  default:\n    " + fine) == []


def test_a_dict_may_hold_secrets() -> None:
    keys = {"access_key": "a", "secret_key": "b"}
    assert Routes.load({"clients": {"default": {"credentials": keys}}}).findings() == []


def test_unchecked_certificates() -> None:
    ((code, text),) = found("clients:\n  default:\n    region: x\n    verify: false\n")
    assert (code, text[:22]) == ("no-verify", "4: client 'default': v")
    assert found("clients:\n  default:\n    region: x\n    verify: true\n") == []


def test_a_ca_that_is_not_there(tmp_path: Path) -> None:
    file = tmp_path / "routes.yaml"
    file.write_text("clients:\n  default:\n    ca_bundle: ca.pem\n")
    with pytest.warns(
        RoutesWarning, match=r"routes\.yaml:3: .* 'ca\.pem' is no file that"
    ) as caught:
        routes = Routes.load(file)
    assert [warning.message.code for warning in caught] == ["no-ca-file"]  # type: ignore[union-attr]
    (tmp_path / "ca.pem").mkdir()
    assert routes.findings()
    (tmp_path / "ca.pem").rmdir()
    (tmp_path / "ca.pem").touch()
    assert routes.findings() == []


def test_loading_warns_where_it_is_called() -> None:
    with pytest.warns(RoutesWarning, match=r"\[no-verify\]") as caught:
        Routes.load({"clients": {"default": {"verify": False}}})
    assert caught[0].filename == __file__


def test_every_code_is_tested() -> None:
    assert {row["code"] for row in ROWS} | {"plain-secret", "no-verify", "no-ca-file"} == set(CODES)


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("bucket", True), ("my-bucket1", True), ("1bucket", True), ("a.b-c.d", True),
        ("my_bucket", False), ("test-v1.1", False), ("-a", False), ("a-", False), ("a..b", False),
        ("a.b.", False), ("", False), ("a b", False), ("ä", False), ("a\n", False),
    ],
)  # fmt: skip
def test_names_that_s3a_can_use(name: str, fine: bool) -> None:
    assert (s3a_bucket_problem(name) is None) is fine


def test_a_plain_file_has_no_findings(tmp_path: Path) -> None:
    path = tmp_path / "routes.yaml"
    path.write_text(HEAD + "  m: {source_bucket_pattern: b, source_key_pattern: team2/*}\n")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        routes = Routes.load(path)
    assert routes.findings() == []


def test_places_meet_at_two_spellings_of_one_address() -> None:
    def codes(address: str) -> list[str]:
        clients = {
            "default": {"region": "us-east-1"},
            "one": {"endpoint_url": "http://127.0.0.1:9000"},
            "other": {"endpoint_url": address},
        }
        profiles = {
            "a": {"client": "one", "source_bucket_pattern": "a", "mapped_bucket_name": "x"},
            "b": {"client": "other", "source_bucket_pattern": "b", "mapped_bucket_name": "x"},
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            routes = Routes.load({"clients": clients, "profiles": profiles})
        return [finding.code for finding in routes.findings()]

    assert codes("http://LOCALHOST:9000") == ["shared-place"]
    assert codes("http://localhost:9001") == []
