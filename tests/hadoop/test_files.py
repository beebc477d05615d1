"""What is written comes back from Spark, Hadoop and a shell as it went in, or is refused."""

from __future__ import annotations

import shlex
import signal
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from s3r_spark.errors import EngineError
from s3r_spark.hadoop.files import core_site, spark_defaults, submit_arguments, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TRICKS = (
    "\nspark.evil x", "\r\nspark.evil=x", "\\", "\\\n", "\\u0041", "#", "!", "=", ":", " ", "\t",
    "</value></property><property><name>evil</name><value>x", "]]>", "<!--", "-->", "&amp;",
    "&#10;", "'", '"',
    "'; evil '", "$(evil)", "`evil`", "${env.HOME}", "${evil:-x}", "$HOME", "*", "~",
    "--conf", " --conf evil=x", "\x01", "\x1f", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe", "é",
    "🦆", "\u3000", "\f", "\v",
)  # fmt: skip
KEYS = ("fs.s3a.a", "fs.viewfs.mounttable.b.link./team2", "fs.s3a.bucket.é.c")
values = st.lists(st.sampled_from(TRICKS) | st.text(max_size=4), max_size=6).map("".join)
maps = st.dictionaries(st.sampled_from(KEYS), values)
slowly = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def no_argument(value: str) -> bool:
    return "\0" in value or any("\ud800" <= char <= "\udfff" for char in value)


def no_property(value: str) -> bool:
    return no_argument(value) or (value != "" and min(value[0], value[-1]) <= " ")


def no_xml(value: str) -> bool:
    return no_argument(value) or any(
        char in "\ufffe\uffff" or (char < " " and char not in "\t\n\r") for char in value
    )


def written(make: Callable[[], str], values: Mapping[str, str], no: Callable[[str], bool]) -> str:
    """The text; empty where it was refused, as it must be then and only then."""
    if any(map(no, values.values())):
        with pytest.raises(EngineError):
            make()
        return ""
    return make()


@pytest.mark.slow
@slowly
@given(maps, values)
@example({"fs.s3a.a": "\n"}, "")
@example({"fs.s3a.a": "", "fs.s3a.bucket.é.c": "=x"}, "\n\\")
@example({"fs.s3a.a": "\ud800"}, "\ud800")
def test_spark_reads_back_what_spark_defaults_conf_was_given(
    jvm: Any, tmp_path: Path, properties: dict[str, str], heading: str
) -> None:
    text = written(lambda: spark_defaults(properties, heading), properties, no_property)
    if text:
        write(tmp_path / "spark-defaults.conf", text)
        read = jvm.org.apache.spark.util.Utils.getPropertiesFromFile(
            str(tmp_path / "spark-defaults.conf")
        )
        assert dict(jvm.scala.jdk.javaapi.CollectionConverters.asJava(read)) == properties


@slowly
@given(maps, values)
@example({"fs.s3a.a": "\r"}, "--->")
@example({"fs.s3a.a": ""}, "\x00\ud800-")
def test_hadoop_reads_back_what_core_site_xml_was_given(
    jvm: Any, tmp_path: Path, properties: dict[str, str], heading: str
) -> None:
    text = written(lambda: core_site(properties, heading), properties, no_xml)
    if text:
        write(tmp_path / "core-site.xml", text)
        hadoop = jvm.org.apache.hadoop
        conf = hadoop.conf.Configuration(False)
        conf.addResource(hadoop.fs.Path(str(tmp_path / "core-site.xml")))
        raw = {key: conf.getRaw(key) for key in properties if properties[key]}
        assert raw == {key: value for key, value in properties.items() if value}
        assert [conf.get(key) for key, value in properties.items() if not value] == [""] * (
            len(properties) - len(raw)
        )
        assert conf.size() == len(properties)


@slowly
@given(maps)
@example({"fs.s3a.a": "\n"})
def test_a_shell_reads_back_what_spark_submit_args_was_given(
    tmp_path: Path, properties: dict[str, str]
) -> None:
    text = written(lambda: submit_arguments(properties), properties, no_argument)
    if text:
        file = tmp_path / "spark-submit.args"
        write(file, text)
        script = f"""eval printf "'%s\\\\0'" start "$(cat {shlex.quote(str(file))})" """
        process = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
        expected = ["start"]
        for key, value in properties.items():
            expected += ["--conf", f"{key}={value}"]
        assert process.stdout.decode().split("\0")[:-1] == expected


@pytest.mark.parametrize("key", ["", "a b", "a=b", "a:b", "a\nb", "#a", "a\\"])
@pytest.mark.parametrize("make", [lambda s: spark_defaults(s, ""), submit_arguments,
                                  lambda s: core_site(s, "")])  # fmt: skip
def test_what_is_no_name_of_a_setting_is_refused(
    make: Callable[[dict[str, str]], str], key: str
) -> None:
    with pytest.raises(EngineError, match="is no name of a setting"):
        make({key: "x"})


def test_a_refusal_does_not_show_the_value() -> None:
    with pytest.raises(EngineError) as error:
        spark_defaults({"spark.hadoop.fs.s3a.secret.key": "hunter2 "}, "")
    assert "hunter2" not in str(error.value)


def test_a_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    write(tmp_path / "new" / "file", "text\n")
    assert stat.S_IMODE((tmp_path / "new" / "file").stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    file.chmod(0o644)
    write(file, "new")
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == ("new", 0o600)


def test_an_error_names_the_file_and_not_its_draft(tmp_path: Path) -> None:
    (tmp_path / "file" / "x").mkdir(parents=True)
    with pytest.raises(OSError, match="Is a directory") as caught:
        write(tmp_path / "file", "text")
    assert (caught.value.filename, caught.value.filename2) == (str(tmp_path / "file"), None)


LIMITED = """
import resource, signal, sys
from pathlib import Path
from s3r_spark.hadoop.files import write
signal.signal(signal.SIGXFSZ, getattr(signal, sys.argv[2]))
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
write(Path(sys.argv[1]), "x" * 100_000)
"""


@pytest.mark.parametrize("then", ["SIG_DFL", "SIG_IGN"])
def test_a_file_is_whole_or_as_it_was(tmp_path: Path, then: str) -> None:
    """The system stops the writer (SIG_DFL), or only the writing, after 10,000 bytes."""
    file = tmp_path / "file"
    file.write_text("old")
    process = subprocess.run(
        [sys.executable, "-c", LIMITED, str(file), then], capture_output=True, check=False
    )
    assert process.returncode == (-signal.SIGXFSZ if then == "SIG_DFL" else 1)
    assert file.read_text() == "old"
    if then == "SIG_IGN":
        assert list(tmp_path.iterdir()) == [file]
