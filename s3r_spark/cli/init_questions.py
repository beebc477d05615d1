"""The questions of `s3r-spark init`: what of a template is whoever's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
import yaml

from s3r_spark.source import read

if TYPE_CHECKING:
    from collections.abc import Iterator


def asked(text: str) -> str:
    """The text of a template's routes.yaml, with what its user has answered.

    Nothing is written yet, so that Ctrl-C leaves nothing behind.

    Args:
        text: the template's.
    """
    for question, value in _questions(text):

        def checked(answer: str, value: str = value) -> str:
            """Take an answer with which the file can be used."""
            _, problems = read(yaml.safe_load(_replaced(text, value, answer.strip())))  # noqa: B023 - asked at once
            if error := problems.error():
                raise click.UsageError(str(error))
            return answer.strip()

        answer = click.prompt(question, default=value, value_proc=checked)
        text = _replaced(text, value, answer)
    return text


def _questions(text: str) -> Iterator[tuple[str, str]]:
    """Questions, and the values of the template that they are about: each is asked for once."""
    data = yaml.safe_load(text)
    for name, client in data["clients"].items():
        if client and (url := client.get("endpoint_url")):
            yield f"endpoint of {name}", url
    profiles = data.get("profiles") or {}
    buckets = [profile["source_bucket_pattern"] for profile in profiles.values()]
    for bucket in dict.fromkeys(buckets[:1]):
        yield "bucket, as jobs name it", bucket
    patterns = [profile.get("source_key_pattern") or "" for profile in profiles.values()]
    folders = [pattern.removesuffix("/*") for pattern in patterns if pattern.endswith("/*")]
    for folder in dict.fromkeys(folders[:1]):
        yield "folder of it", folder


def _replaced(text: str, old: str, new: str) -> str:
    """The text with a value as a whole word in another's place."""
    return re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", lambda _: new, text)
