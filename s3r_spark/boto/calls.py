"""One call on its way: which store it goes to, under which names, and how its answer is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3r_spark.boto.error_details import Place, logical_key
from s3r_spark.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3r_spark.boto.stores import Store
    from s3r_spark.routing import Rule

CONTEXT = "s3r"  # under which a call travels in botocore's request context


class Call:
    """A call on its way, carried in botocore's request context.

    Attributes:
        client: the name of the client whose store gets the request.
        store: that store, once it is there to be lent.
        rule: the rule that chose it.
        bucket: the logical bucket; None where the call names none.
        key: the logical key, or the prefix of a list; None where the call names none.
        physical: the bucket in the store.
        echoed: parameters as the caller gave them, where the answer repeats them.
        keys: logical keys by physical ones, where the rule alone can't tell (delete_objects).
        answer: answers the call in the store's stead, where one request can't.
        answered: whether that happened.
        parts: the rules that took part in such an answer.
        redirected: whether the store's client has sent the request on to another region.
    """

    __slots__ = (
        "answer",
        "answered",
        "bucket",
        "client",
        "echoed",
        "key",
        "keys",
        "parts",
        "physical",
        "redirected",
        "rule",
        "store",
    )

    def __init__(
        self,
        client: str,
        rule: Rule,
        bucket: str | None = None,
        physical: str = "",
        key: str | None = None,
    ) -> None:
        self.client, self.rule, self.bucket, self.physical = client, rule, bucket, physical
        self.key = key
        self.store: Store
        self.echoed: dict[str, Any] = {}
        self.keys: dict[str, str] = {}
        self.answer: Callable[[], dict[str, Any]] | None = None
        self.answered = self.redirected = False
        self.parts: list[Rule] = []

    @property
    def hears_of_answers(self) -> bool:
        """Tell whether the retries of the store's client count on hearing of the answer."""
        return self.store.keeps_quota and not self.answered

    @property
    def place(self) -> Place:
        """The place that its errors name."""
        return Place(self.rule, self.store, self.bucket, self.key)

    def logical_key(self, key: str) -> str:
        """The caller's name for a key of the store; the key itself where it has none."""
        if key in self.keys or self.bucket is None:
            return self.keys.get(key, key)
        return logical_key(self.rule, self.bucket, key)


def physical_key(rule: Rule, bucket: str, key: str) -> str:
    """The key in the rule's store.

    Raises:
        RefusedError: it is empty: a request without a key is one for the whole bucket.
    """
    physical = rule.key(bucket, key)
    if not physical:
        raise RefusedError(
            f"s3://{bucket}/{key} is the root of {rule.bucket(bucket)!r} itself by profile "
            f"{rule.name!r}, and no object: nothing is sent, since it would name the whole bucket"
        )
    return physical
