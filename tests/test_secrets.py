"""Secrets stay references: nothing that is shown, raised, dumped or logged has their values."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
import warnings

import pytest
from jvm import hadoop
from written import client, load_text

from s3r_spark.errors import RoutesError, SecretError
from s3r_spark.model import Credentials
from s3r_spark.routing import Routes
from s3r_spark.secrets import Secret, expand, is_sensitive, malformed, revealed

VALUE = "90210777"


def shown(secret: Secret) -> list[str]:
    logger = logging.LogRecord("x", 20, "x", 1, "%s %r", (secret, secret), None)
    return [
        repr(secret), str(secret), f"{secret}", f"{secret!s:>20}", format(secret), f"{[secret]}",
        f"{(secret,)!r}", logger.getMessage(), str(ValueError(secret)),
        "".join(traceback.format_exception_only(ValueError, ValueError(secret))),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", [VALUE, f"x{VALUE}", f"${{A}}{VALUE}", f"${{A:-{VALUE}}}", f"${{A:-{VALUE}}}${{B}}"]
)
def test_a_value_in_the_text_is_never_shown(text: str) -> None:
    secret = Secret(text)
    assert secret.is_plain
    assert set(shown(secret)) & {"***"}
    assert not [text for text in shown(secret) if VALUE in text]


def test_a_reference_is_shown_and_its_value_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A", VALUE)
    secret = Secret("${A}")
    assert not secret.is_plain
    assert repr(secret) == "${A}"
    assert not [text for text in shown(secret) if VALUE in text]
    assert VALUE.encode() not in pickle.dumps(secret)


def test_copies_are_equal_and_read_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("A", raising=False)
    secret = Secret("${A}")
    for other in (copy.copy(secret), copy.deepcopy(secret), pickle.loads(pickle.dumps(secret))):
        assert other == secret
        assert hash(other) == hash(secret)
        assert repr(other) == "${A}"
    assert Secret("${B}") != secret
    assert secret != "${A}"


def test_pydantic_dumps_show_no_value() -> None:
    keys = Credentials.model_validate({"access_key": VALUE, "secret_key": f"${{A:-{VALUE}}}"})
    for text in (
        repr(keys), str(keys), repr(keys.model_dump()), keys.model_dump_json(),
        json.dumps(keys.model_dump(mode="json")), repr(dict(keys)), repr(keys.model_copy()),
    ):  # fmt: skip
        assert VALUE not in text
        assert "***" in text


def test_a_secret_is_not_json() -> None:
    with pytest.raises(TypeError):
        json.dumps(Secret(VALUE))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("${A}", "a"),
        ("${A}-${EMPTY:-b}", "a-b"),
        ("${UNSET:-fall back}", "fall back"),
        ("${UNSET:-}", ""),
        ("${UNSET:-a:-b}", "a:-b"),
        ("$A", "$A"),
        ("$${A}", "$a"),
        ("${DOLLAR}", "${A}"),
    ],
)
def test_values(text: str, value: str) -> None:
    environ = {"A": "a", "EMPTY": "", "DOLLAR": "${A}"}
    assert Secret(text).reveal(environ) == value
    assert expand(text, environ) == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("${UNSET}", "the environment variable UNSET is not set"),
        ("${EMPTY}", "the environment variable EMPTY is empty, which is not set"),
        ("${EMPTY}${EMPTY}", "the environment variable EMPTY is empty, which is not set"),
        ("${EMPTY}${BARE}", "the environment variables EMPTY and BARE are empty, which is not set"),
    ],
)
def test_values_that_are_not_there(text: str, says: str) -> None:
    with pytest.raises(SecretError) as caught:
        Secret(text).reveal({"EMPTY": "", "BARE": ""})
    assert str(caught.value) == says


def test_a_secret_of_a_file_says_where_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONE", raising=False)
    monkeypatch.setenv("EMPTY", "")
    text = client("credentials: {access_key: '${GONE}', secret_key: '${EMPTY}'}")
    says = [
        "credentials.access_key: the environment variable GONE is not set",
        "credentials.secret_key: the environment variable EMPTY is empty, which is not set",
    ]
    for (_, secret), line in zip(load_text(text).clients["c"].secrets, says, strict=True):
        for one in (secret, pickle.loads(pickle.dumps(secret))):
            with pytest.raises(SecretError) as caught:
                one.reveal()
            assert str(caught.value).endswith(f"routes.yaml:3: client 'c': {line}")


@pytest.mark.parametrize(
    "text",
    ["${", "${A", "${}", "${a b}", "${1}", "${A:x}", "${${A}}", "${A:-{}}", "$A", "$MINIO_KEY"],
)
def test_malformed_references(text: str) -> None:
    assert malformed(text)
    with pytest.raises(ValueError, match=r"starts no reference|begins with a '\$' alone"):
        Secret.checked(text)


@pytest.mark.parametrize(
    "text", ["$", "{}", "$a", "$A-b", "$${A}", "$${A}{B}", "${A}${B:-c}", "${A:-}"]
)
def test_texts_that_are_well_formed(text: str) -> None:
    assert malformed(text) is None
    assert Secret.checked(text) == Secret(text)


@pytest.mark.parametrize(
    ("text", "hadoop"),
    [
        ("plain", "plain"),
        ("${A}", "${env.A}"),
        ("${A:-b}", "${env.A:-b}"),
        ("${A:-}", "${env.A:-}"),
        ("x${A}y${B_1}", "x${env.A}y${env.B_1}"),
        ("$A", "$A"),
    ],
)
def test_as_hadoop_spells_it(text: str, hadoop: str) -> None:
    assert Secret(text).for_hadoop() == hadoop


@pytest.mark.parametrize("text", ["${A:-b c}", "${A:-b$}"])
def test_what_hadoop_would_not_expand_is_refused(text: str) -> None:
    with pytest.raises(SecretError, match=r"set A, and leave the fallback out"):
        Secret(text).for_hadoop()


def test_names() -> None:
    assert Secret("a${B}${C:-d}").names == ("B", "C")


def test_revealed_reaches_into_maps_and_lists() -> None:
    data = {"a": Secret("${A}"), "b": [Secret("x"), 1], "c": "text"}
    assert revealed(data, {"A": "a"}) == {"a": "a", "b": ["x", 1], "c": "text"}


def test_options_that_hold_secrets() -> None:
    secret = [
        "fs.s3a.access.key", "fs.s3a.secret.key", "fs.s3a.session.token", "fs.s3a.proxy.password",
        "fs.s3a.encryption.key", "fs.s3a.server-side-encryption.key", "fs.s3a.SECRET_KEY",
    ]  # fmt: skip
    known = ["fs.s3a.endpoint", "fs.s3a.encryption.algorithm", "fs.s3a.connection.maximum"]
    assert [is_sensitive(name) for name in secret + known] == [True] * 7 + [False] * 3


# -- in a file ------------------------------------------------------------------------------------

LEAKS = [
    client("credentials: {access_key: a, secret_key: 90210777}"),
    client("credentials: {access_key: a, secret_key: 0x90210777}"),
    client("credentials: {access_key: a, secret_key: [90210777]}"),
    client("credentials: {access_key: a, secret_key: !!int x90210777}"),
    client("credentials: {access_key: a, secret_key: !90210777 x}"),
    client("credentials: {access_key: a, secret_key: *x90210777 }"),
    client("credentials: {access_key: a, secret_key: &x90210777 }"),
    client("credentials: {access_key: a, secret_key:90210777}"),
    client("credentials: {access_key: a, 90210777: }"),
    client("credentials: {access_key: a, secret_key: '${90210777'}"),
    client("credentials: [90210777]"),
    client("credentials: 90210777"),
    client("credentials: {access_key: '90210777'}"),
    client("credentials: {access_key: {x: '90210777'}}"),
    client("secret_key: 90210777"),
    client("hadoop: {fs.s3a.secret.key: '${90210777'}"),
    client("hadoop: {fs.s3a.secret.key: ['90210777']}"),
    client("hadoop: {fs.s3a.secret.key:90210777}"),
    client("hadoop: {fs.s3a.bucket.x.secret.key: '90210777'}"),
    client("botocore: {proxies: {http: '${90210777'}}"),
    client("endpoint_url: 'https://user:90210777@h'"),
    client("endpoint_url: 'user:90210777@h'"),
    client("endpoint_url: 'https://user:90210777@h℀st'"),
    client("endpoint_url: 'https://h?token=90210777'"),
    client("endpoint_url: 'https://h:90210777'"),
]


@pytest.mark.parametrize("text", LEAKS)
def test_no_error_shows_a_secret(text: str) -> None:
    with pytest.raises(RoutesError) as caught:
        load_text(text)
    seen: BaseException | None = caught.value
    while seen is not None:
        assert "90210777" not in str(seen)
        assert "90210777" not in repr(seen)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)


def test_nothing_that_is_loaded_shows_a_secret() -> None:
    routes = load_text(
        client(
            "credentials: {access_key: A90210777, secret_key: S90210777, session_token: T90210777}"
            ", hadoop: {fs.s3a.proxy.password: P90210777, fs.s3a.encryption.key: 90210777}, "
            "botocore: {proxies: {https: 'http://u:90210777@p'}}"
        )
    )
    file = routes._file
    shown = [
        repr(routes), str(routes), repr(file), str(file), repr(file.clients["c"]),
        repr(file.model_dump()), file.model_dump_json(), repr(file.model_dump(mode="json")),
        repr(dict(routes.clients)), repr(routes._source), str(routes.findings()),
        repr(routes.clients["c"].credentials), f"{routes.clients['c'].hadoop}", repr(routes.rules),
    ]  # fmt: skip
    assert not [text for text in shown if "90210777" in text]
    assert pickle.loads(pickle.dumps(routes)) == routes


def test_no_warning_shows_a_secret() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Routes.load(
            {"clients": {"default": {"credentials": {"access_key": VALUE, "secret_key": VALUE}}}}
        )
        findings = load_text(
            client("credentials: {access_key: a90210777, secret_key: b90210777}")
        ).findings()
    texts = [str(warning.message) for warning in caught] + [str(warning) for warning in findings]
    assert [text for text in texts if "plain-secret" in text]
    assert not [text for text in texts if VALUE in text]


@pytest.mark.slow
def test_hadoop_expands_what_is_written_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"S3R_A": "va/l+ue=", "S3R_EMPTY": "", "S3R_DOLLAR": "a$b$$"}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    texts = [
        "plain$", "${S3R_A}", "x${S3R_A}y${S3R_A}", "${S3R_EMPTY:-fall}", "${S3R_UNSET:-f:-b-c}",
        "${S3R_UNSET:-a/b+c=}", "$${S3R_A}", "${S3R_DOLLAR}", "${S3R_UNSET:-}", "ä{${S3R_A}}",
    ]  # fmt: skip
    with hadoop() as classes:
        configuration = classes.conf.Configuration(False)
        for text in texts:
            configuration.set("key", Secret(text).for_hadoop())
            assert configuration.get("key") == Secret(text).reveal(), text
