"""`${NAME}` in routes.yaml: read from the environment late, and never shown where it is a secret.

A plain setting (an endpoint, a prefix) is expanded when the file is loaded. A secret stays a
`Secret`, that is the text as the file has it, until somebody asks for its value.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

from s3r_spark.errors import SecretError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}")


# `$NAME` alone, as a shell has it: no key, and no name of anything.
_BARE = re.compile(r"\$[A-Z_][A-Z0-9_]*")
# Names of settings whose values are secrets; org.apache.hadoop.conf.ConfigRedactor has a like list.
_SENSITIVE = re.compile(
    r"(secret|token|passw(or)?d|passphrase|credential|(secret|access|encryption|private)[._-]?key)$",
    re.IGNORECASE,
)


def is_sensitive(option: str) -> bool:
    """Tell whether a setting of this name holds a secret."""
    return _SENSITIVE.search(option) is not None


_NO_SECRETS = ("proxy_ca_bundle", "proxy_client_cert", "proxy_use_forwarding_for_https")


def hidden_in_botocore(*path: str | int) -> bool:
    """Tell if what stands at a path below `botocore` may be a secret, as a proxy's URL may be."""
    if path[:1] == ("proxies",) or (path[:1] == ("proxies_config",) and len(path) > 1):
        return path[1:2] not in [(name,) for name in _NO_SECRETS]
    return any(is_sensitive(str(step)) for step in path)


def malformed(text: str) -> str | None:
    """Find what is wrong with the references in a text, or None; the text isn't shown."""
    if _BARE.fullmatch(text):
        return "begins with a '$' alone: a variable is written ${NAME}"
    if "${" in _REFERENCE.sub("\0", text):
        return "has a '${' that starts no reference: write ${NAME} or ${NAME:-fallback}"
    return None


def variables_are(names: Iterable[str]) -> str:
    """The beginning of a sentence about environment variables: `the environment variable A is`."""
    some = list(dict.fromkeys(names))
    plural = len(some) > 1
    verb = "are" if plural else "is"
    return f"the environment variable{'s' * plural} {' and '.join(some)} {verb}"


def names_in(text: str) -> set[str]:
    """The environment variables that a text refers to."""
    return {match[1] for match in _REFERENCE.finditer(text)}


def expand(text: str, environ: Mapping[str, str] | None = None) -> str:
    """The text with each reference replaced by the variable, or by its fallback.

    As in a shell, the fallback of `:-` also stands in for a variable that is set but empty.

    Raises:
        SecretError: a variable without fallback isn't set.
    """
    env = os.environ if environ is None else environ

    def value(match: re.Match[str]) -> str:
        name, fallback = match.groups()
        text = env.get(name)
        if fallback is not None:
            return text or str(fallback)
        if text is None:
            raise SecretError(f"{variables_are([name])} not set")
        return text

    return _REFERENCE.sub(value, text)


class Secret:
    """A value that must not be seen: the text of the file, with its references unread.

    Equal secrets have the same text; neither `repr`, `str`, `format` nor pickling reads a variable.

    Attributes:
        line: where it stands (`routes.yaml:3: client 'minio': credentials.secret_key`), for
            messages; empty where that isn't known.
    """

    __slots__ = ("_text", "line")

    def __init__(self, text: str, line: str = "") -> None:
        self._text, self.line = text, line

    def reveal(self, environ: Mapping[str, str] | None = None) -> str:
        """The value itself.

        Raises:
            SecretError: a variable isn't set, or the value is empty and the file doesn't say
                with `:-` that it may be.
        """
        where = f"{self.line}: " if self.line else ""
        try:
            value = expand(self._text, environ)
        except SecretError as error:
            raise SecretError(f"{where}{error}") from None
        if not value and not any(match[2] == "" for match in _REFERENCE.finditer(self._text)):
            raise SecretError(f"{where}{variables_are(self.names)} empty, which is not set")
        return value

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that the value is read from."""
        return tuple(match[1] for match in _REFERENCE.finditer(self._text))

    @property
    def required(self) -> tuple[str, ...]:
        """Those variables for which there is no fallback."""
        return tuple(m[1] for m in _REFERENCE.finditer(self._text) if m[2] is None)

    @property
    def is_plain(self) -> bool:
        """Tell whether (part of) the value itself stands in the file, a fallback included."""
        fallback = any(match[2] for match in _REFERENCE.finditer(self._text))
        return fallback or bool(_REFERENCE.sub("", self._text))

    def parts(self) -> Iterator[str | tuple[str, str | None]]:
        """Texts as they stand there, and references as variable and fallback, in their order."""
        end = 0
        for match in _REFERENCE.finditer(self._text):
            if match.start() > end:
                yield self._text[end : match.start()]
            yield match[1], match[2]
            end = match.end()
        if end < len(self._text):
            yield self._text[end:]

    def for_hadoop(self, *, may_be_empty: bool = False) -> str:
        """The value as a reference that Hadoop's Configuration expands wherever it is read.

        Source of the rule: org.apache.hadoop.conf.Configuration.substituteVars, which knows
        `${env.NAME}` and `${env.NAME:-fallback}`, but takes one with a blank or a `$` in it as
        plain text.

        Args:
            may_be_empty: let an unset variable read as nothing; as it is, it reads as its name.

        Raises:
            SecretError: a fallback has a blank or a `$`.
        """
        for match in _REFERENCE.finditer(self._text):
            if match[2] and (" " in match[2] or "$" in match[2]):
                raise SecretError(
                    f"Hadoop can't read a fallback with a blank or '$' in it: set {match[1]}, "
                    "and leave the fallback out"
                )
        unset = ":-" if may_be_empty else ""
        return _REFERENCE.sub(
            lambda m: "${env." + m[1] + (unset if m[2] is None else f":-{m[2]}") + "}", self._text
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __repr__(self) -> str:
        """References are shown, values are not."""
        return "***" if self.is_plain else self._text

    __str__ = __repr__

    @classmethod
    def checked(cls, value: object) -> Secret:
        """A Secret of a text.

        Raises:
            ValueError: it is no text, or one with malformed references; the value isn't shown.
        """
        if isinstance(value, Secret):
            return value
        if not isinstance(value, str):
            raise ValueError("must be text: put it in quotes")  # noqa: TRY004 - pydantic wants ValueError
        if not value:
            raise ValueError("must not be empty")
        if problem := malformed(value):
            raise ValueError(problem)
        return cls(value)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, _handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Let pydantic take a text and give back its redacted form."""
        return core_schema.no_info_plain_validator_function(
            cls.checked, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _schema: core_schema.CoreSchema, _handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe a secret to editors."""
        return {"type": "string", "minLength": 1, "examples": ["${MINIO_SECRET_KEY}"]}


def revealed(data: Any, environ: Mapping[str, str] | None = None) -> Any:
    """Maps and lists with the value of each `Secret` in them, for whom it is meant.

    Raises:
        SecretError: a variable isn't set.
    """
    if isinstance(data, Secret):
        return data.reveal(environ)
    if isinstance(data, dict):
        return {key: revealed(value, environ) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [revealed(value, environ) for value in data]
    return data
