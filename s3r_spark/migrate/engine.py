"""The engine that carries a small object: obstore, or boto3 where obstore can't say what is needed.

Large ones, copies within a store and all that isn't an object's bytes are boto3's.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from s3r_spark.migrate.lane import Lane
from s3r_spark.migrate.obstores import UnsayableError, obstore_of, refuse_unreachable
from s3r_spark.migrate.quick import QuickClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from s3r_spark.boto.copy_target import Target
    from s3r_spark.migrate.plan import Move
    from s3r_spark.migrate.sides import Side, Spot
    from s3r_spark.routing import Rule

__all__ = ["Engine", "engines", "is_read_by_obstore"]


_OBSTORE = "obstore"
_UNTOLD = "boto3 (lists don't say which have tags, or some have Expires)"


class Engine:
    """Gives the clients that small objects are carried with.

    Args:
        move: the migration.
    """

    def __init__(self, move: Move) -> None:
        self._move = move
        self._lanes: dict[tuple[str, ...], Lane | None] = {}
        self._stores: dict[tuple[bool, str, str], Any] = {}
        self._clients: dict[tuple[bool, str, str], Any] = {}
        self._lock = threading.RLock()

    def obstore(self, side: Side, name: str, bucket: str) -> Any:
        """Obstore's store of a bucket; each is made and tried once.

        Raises:
            UnsayableError: it can't be told what the client was told, or can't reach the store.
        """
        key = side is self._move.new, name, bucket
        with self._lock:
            if key not in self._stores:
                self._stores[key] = self._made(side, name, bucket)
            store = self._stores[key]
        if isinstance(store, UnsayableError):
            raise UnsayableError(*store.args)
        return store

    def _made(self, side: Side, name: str, bucket: str) -> Any:
        if self._move.only_boto3:
            return UnsayableError("--engine")
        entry, routes = side.routes.clients[name], side.routes
        try:
            store = obstore_of(side.router.stores.get(name), entry, routes.folder, bucket)
            refuse_unreachable(store)
        except UnsayableError as why:
            return why
        return store

    def lane(self, source: Spot, target: Spot) -> Lane | None:
        """The way of small objects between two buckets; None: boto3 or their store copies them."""
        way = source.rule.client, source.bucket, target.rule.client, target.bucket
        if way not in self._lanes:
            self._lanes[way] = self._lane(*way)
        return self._lanes[way]

    def writing(self, target: Target, client: str, bucket: str) -> Target:
        """A target that is written by obstore, if that can be."""
        target.client = self._client(self._move.new, client, bucket)
        return target

    def _lane(self, old: str, old_bucket: str, new: str, new_bucket: str) -> Lane | None:
        if self._move.is_one_store(old, new):
            return None
        source = self._client(self._move.old, old, old_bucket)
        target = self._client(self._move.new, new, new_bucket)
        if not (isinstance(source, QuickClient) and isinstance(target, QuickClient)):
            return None
        return Lane(source, target, self._move.creates(new))

    def _client(self, side: Side, name: str, bucket: str) -> Any:
        key = side is self._move.new, name, bucket
        with self._lock:
            if key not in self._clients:
                plain = side.router.stores.get(name).client
                self._clients[key] = plain
                with suppress(UnsayableError):
                    store = self.obstore(side, name, bucket)
                    self._clients[key] = QuickClient(plain, store, bucket)
            return self._clients[key]


def engines(move: Move, *, bare: bool) -> list[str]:
    """Say which engine carries small objects: one sentence for each store, from and to.

    Args:
        move: the migration.
        bare: whether there are any of which a list says that they have no tags.
    """
    out: dict[str, None] = {}
    for bucket, old, new in _rules(move):
        if move.is_one_store(old.client, new.client):
            out[f"copied by the store itself, client {new.client!r}"] = None
            continue
        for word, side, rule in (("from", move.old, old), ("to", move.new, new)):
            engine = _OBSTORE if bare or word == "to" else _UNTOLD
            try:
                move.engine.obstore(side, rule.client, rule.bucket(bucket))
            except UnsayableError as why:
                engine = f"boto3 ({why})"
            out[f"small objects {word} client {rule.client!r}: {engine}"] = None
    return list(out)


def is_read_by_obstore(move: Move) -> bool:
    """Tell whether any old place can be."""
    for bucket, old, new in _rules(move):
        if not move.is_one_store(old.client, new.client):
            with suppress(UnsayableError):
                move.engine.obstore(move.old, old.client, old.bucket(bucket))
                return True
    return False


def _rules(move: Move) -> Iterator[tuple[str, Rule, Rule]]:
    """The buckets of each change, with the rules that have them before and after."""
    for row in move.changes:
        for bucket in move.buckets(row):
            old, new = (side.routes.rule(bucket, row.example[1]) for side in (move.old, move.new))
            yield bucket, old, new
