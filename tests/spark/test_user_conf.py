"""What a user said to a Spark that has not started yet, read from where Spark will read it."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from s3r_spark.errors import SetupError
from s3r_spark.spark import user_conf

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = "spark.jars.packages"
JAVA = """
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;

class Load {
    /** Each file as Spark reads it: a line for each setting, in UTF-16 units as numbers. */
    public static void main(String[] files) throws Exception {
        for (String file : files) {
            Properties found = new Properties();
            InputStream bytes = new FileInputStream(file);
            try (Reader in = new InputStreamReader(bytes, StandardCharsets.UTF_8)) {
                found.load(in);
            }
            StringBuilder out = new StringBuilder("{");
            for (String key : new TreeSet<>(found.stringPropertyNames())) {
                if (out.length() > 1) out.append(",");
                out.append(quoted(key)).append(":").append(quoted(found.getProperty(key)));
            }
            System.out.println(out.append("}"));
        }
    }

    static String quoted(String text) {
        StringBuilder out = new StringBuilder("\\"");
        for (char c : text.toCharArray()) out.append(String.format("\\\\u%04x", (int) c));
        return out.append("\\"").toString();
    }
}
"""


@pytest.fixture
def conf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The spark-defaults.conf that Spark would read."""
    monkeypatch.setenv("SPARK_CONF_DIR", str(tmp_path))
    monkeypatch.delenv(user_conf.SUBMIT_ARGS, raising=False)
    return tmp_path / "spark-defaults.conf"


def submit(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(user_conf.SUBMIT_ARGS, f"{text} pyspark-shell")


def test_nothing_said(conf: Path) -> None:
    assert not conf.exists()
    assert user_conf.read({}) == user_conf.UserConf({}, {}, {})


def test_the_builder_wins_over_files(conf: Path) -> None:
    conf.write_text(f"{PACKAGES}  a:b:1\nspark.app.name=theirs\n")
    conf_read = user_conf.read({"spark.app.name": "mine", "spark.ui.enabled": False})
    assert conf_read.get("spark.app.name") == "mine"
    assert conf_read.get("spark.ui.enabled") == "False"
    assert conf_read.get(PACKAGES) == "a:b:1"


def test_arguments_win_over_files(conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conf.write_text("spark.one file\nspark.two file\nspark.three file\n")
    submit(monkeypatch, "--conf spark.one=arg --conf 'spark.two=a b' -c spark.four=4=4")
    conf_read = user_conf.read({"spark.one": "builder"})
    assert [conf_read.get(f"spark.{name}") for name in ("one", "two", "three", "four")] == [
        "builder",
        "a b",
        "file",
        "4=4",
    ]


def test_jars_by_arguments_win_over_the_builder(
    conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come after the builder's own arguments, and jars are looked up only once."""
    conf.write_text(f"{PACKAGES} file:file:1\n")
    submit(monkeypatch, f"--conf {PACKAGES}=conf:conf:1")
    assert user_conf.read({PACKAGES: "builder:b:1"}).get(PACKAGES) == "conf:conf:1"
    submit(monkeypatch, f"--packages flag:flag:1 --conf {PACKAGES}=conf:conf:1")
    assert user_conf.read({PACKAGES: "builder:b:1"}).get(PACKAGES) == "flag:flag:1"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("--packages a:b:1 -v", "--packages NEW -v"),
        ("--packages=a:b:1", "--packages=NEW"),
        (f"--conf {PACKAGES}=a:b:1", f"--conf {PACKAGES}=NEW"),
        (f"-c {PACKAGES}=a:b:1", f"-c {PACKAGES}=NEW"),
        (f"--conf={PACKAGES}=a:b:1", f"--conf={PACKAGES}=NEW"),
        (f"--name {PACKAGES}=x --packages a:b:1", f"--name {PACKAGES}=x --packages NEW"),
    ],
)
def test_jars_by_arguments_are_changed_where_they_stand(
    before: str, after: str, conf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not conf.exists()
    submit(monkeypatch, before)
    assert user_conf.read({}).flags == {PACKAGES: "a:b:1"}
    user_conf.replace_flag(PACKAGES, "NEW")
    assert user_conf.read({}).flags == {PACKAGES: "NEW"}
    assert os.environ[user_conf.SUBMIT_ARGS] == f"{after} pyspark-shell"


def test_a_properties_file_switches_the_defaults_off(
    conf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf.write_text("spark.one default\nspark.two default\n")
    other = tmp_path / "my own.conf"
    other.write_text("spark.one other\n")
    submit(monkeypatch, f"--properties-file '{other}'")
    assert user_conf.read({}).files == {"spark.one": "other"}
    submit(monkeypatch, f"--properties-file='{other}' --load-spark-defaults")
    assert user_conf.read({}).files == {"spark.one": "other", "spark.two": "default"}


def test_arguments_that_can_not_be_read(conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not conf.exists()
    submit(monkeypatch, "--conf 'spark.one=never closed")
    with pytest.raises(SetupError, match="PYSPARK_SUBMIT_ARGS can't be read"):
        user_conf.read({})


def test_a_conf_file_that_can_not_be_read(conf: Path) -> None:
    conf.mkdir()
    with pytest.raises(SetupError, match=r"spark-defaults\.conf can't be read"):
        user_conf.read({})


@pytest.mark.slow
@settings(
    max_examples=3,  # each starts a JVM, for many files
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@example(["a\\\n\nb=1", "\\\n#x=1\nb=2", "a=1\\\n  #2", ":", "a\u00a0b c", "a=\u00a0x\u2003"])
@example(
    ["a b\r\nc=d\\\r\n  e\rf:g", "\\u0061\\u00e4=\\ud83d\\ude00", "a=b\\", "k = v \t", "\\ a=x"]
)
@given(
    st.lists(
        st.text("abnrt=:#!\\ \t\f\r\n\x0b\x1f\u00a0\u2003ä😀.$", max_size=30),
        min_size=50,
        max_size=100,
    )
)
def test_conf_files_are_read_as_java_reads_them(tmp_path: Path, texts: list[str]) -> None:
    program = tmp_path / "Load.java"
    program.write_text(JAVA)
    files = [tmp_path / f"{number}.conf" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        # A bad \\u stops Java, and so Spark.
        file.write_bytes(
            text.replace("\\u", "u").encode() if "\\u0061" not in text else text.encode()
        )
    process = subprocess.run(
        ["java", str(program), *map(str, files)], capture_output=True, text=True, check=True
    )
    blanks = "".join(map(chr, range(33))).replace("\r", "").replace("\n", "")
    for file, line in zip(files, process.stdout.splitlines(), strict=True):
        expected = {key: value.strip(blanks) for key, value in json.loads(line).items()}
        properties = user_conf._properties(file)
        for settings_of in (expected, properties):
            settings_of.pop("", None)  # Spark takes none without a name
        assert properties == expected, file.read_bytes()
