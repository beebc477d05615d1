"""What notebooks show: tables in the place of reprs, and the magic %routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from s3r_spark import Diagnosis, Finding, Report, Routes, RoutesError, client

if TYPE_CHECKING:
    from pathlib import Path

ROUTES = {
    "clients": {"default": {"region": "us-east-1"}, "m": {"endpoint_url": "http://m.test"}},
    "profiles": {
        "team<2>": {
            "client": "m",
            "source_bucket_pattern": "lake",
            "source_key_pattern": "team2/*",
            "mapped_bucket_name": "minio-lake",
        }
    },
}
FILE = """\
clients: {default: {region: us-east-1}, m: {endpoint_url: "http://m.test"}}
profiles:
  team2: {client: m, source_bucket_pattern: lake, source_key_pattern: team2/*}
"""
MORE = """\
clients: {default: {region: us-east-1}, m: {endpoint_url: "http://m.test"}}
profiles:
  known: {client: m, source_bucket_pattern: "logs-*", buckets: [logs-a, logs-b]}
  any: {client: m, source_bucket_pattern: "west-*", source_key_pattern: "raw/*/x/*"}
  named: {client: m, source_bucket_pattern: lake, source_key_pattern: ["a b/*", "é/*"]}
"""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    (tmp_path / "routes.yaml").write_text(FILE, encoding="utf-8")
    settings = {"HistoryManager": {"enabled": False}}
    shell = InteractiveShell(config=Config(settings))
    shell.run_line_magic("load_ext", "s3r_spark")
    return shell


def html(shown: Any) -> str:
    text = shown._repr_html_()
    assert isinstance(text, str)
    return text


def test_tables_stand_for_reprs() -> None:
    routes = Routes.load(ROUTES)
    table = html(routes)
    for cell in ("team&lt;2&gt;", "s3a://lake/team2/*", "minio-lake/team2/*", "anything else"):
        assert f"<td>{cell}</td>" in table
    assert "<td>s3://minio-lake/team2/x</td>" in html(routes.resolve("lake", "team2/x"))
    applied = tuple(f"fs.s3a.option{number}" for number in range(43))
    report = Report("router", "it was asked for", applied, (), (), ("a <sentence>",))
    assert html(report).count("<tr>") == 4
    assert str(report).splitlines() == [
        "engine router: it was asked for",
        "43 settings made",
        "a <sentence>",
    ]
    assert "fs.s3a" not in repr(report)
    assert "a &lt;sentence&gt;" in html(report)
    finding = Finding("keys", "bad", "wrong", "write others", client="m")
    assert "<td>write others</td>" in html(Diagnosis((finding,)))


def test_clients_and_file_systems_name_their_routes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "routes.yaml").write_text(FILE, encoding="utf-8")
    assert repr(client("routes.yaml")) == "<S3 client by the routes 'routes.yaml'>"
    fs = fsspec.filesystem("s3r", routes="routes.yaml", skip_instance_cache=True)
    assert repr(fs) == f"<s3r:// file system by the routes '{tmp_path / 'routes.yaml'}'>"


def test_the_magic_draws_routes_and_tells_where_names_go(shell: Any) -> None:
    drawn = shell.run_line_magic("routes", "")
    assert html(drawn).startswith("<svg")
    assert repr(drawn).startswith("Routes('routes.yaml'")
    told = shell.run_line_magic("routes", "routes.yaml s3a://lake/team2/x s3r://lake/x")
    assert (
        repr(told) == "s3a://lake/team2/x  s3://lake/team2/x  m\ns3r://lake/x  s3://lake/x  default"
    )
    assert "<td>team2</td>" in html(told)
    with pytest.raises(RoutesError, match=r"nowhere\.yaml: there is no such file"):
        shell.run_line_magic("routes", "nowhere.yaml")


def completed(shell: Any, line: str) -> list[str]:
    """The lines that Tab offers at the end of one."""
    with provisionalcompleter():
        offers = list(shell.Completer.completions(line, len(line)))
    return [line[: offer.start] + offer.text + line[offer.end :] for offer in offers]


def test_names_that_the_routes_know_are_completed(shell: Any, tmp_path: Path) -> None:
    both = ["%routes s3a://lake/", "%routes s3a://lake/team2/"]
    files = ["%routes ipython", "%routes routes.yaml"]
    assert sorted(completed(shell, "%routes ")) == sorted([*files, *both])
    assert completed(shell, "%routes s3a://la") == both
    assert completed(shell, "%routes s3a://lake/t") == both[1:]
    assert completed(shell, " routes s3r://lake/x s3:") == [
        " routes s3r://lake/x s3://lake/",
        " routes s3r://lake/x s3://lake/team2/",
    ]
    (tmp_path / "more.yaml").write_text(MORE, encoding="utf-8")
    start = "%routes more.yaml s3a"
    names = ("lake/", "lake/é/", "logs-a/", "logs-b/", "west-")
    assert completed(shell, start) == [f"{start}://{name}" for name in names]
    assert not [line for line in completed(shell, "%routes nowhere.yaml s") if "://" in line]
    shell.run_line_magic("reload_ext", "s3r_spark")
    assert completed(shell, "%routes s3a://lake/t") == both[1:]
    assert "sorted" in completed(shell, "sor")
