"""Delegation tokens: those of a logical bucket are its stores', and stand in for their keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hadoop.routerfs import RouterFs, compiled, lake_routes
from spark.places import client

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from servers.store import Store

pytestmark = pytest.mark.slow
BINDINGS = "org.apache.hadoop.fs.s3a.auth.delegation."
OTHER = """
import java.security.PrivilegedExceptionAction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.Credentials;
import org.apache.hadoop.security.UserGroupInformation;

/** Another user, who has nothing but tokens. */
public final class Other {
  public static void create(Credentials tokens, Configuration conf, Path file) throws Exception {
    UserGroupInformation user = UserGroupInformation.createRemoteUser("other");
    user.addCredentials(tokens);
    PrivilegedExceptionAction<Void> work =
        () -> {
          try (FileSystem fs = FileSystem.newInstance(file.toUri(), conf)) {
            fs.create(file).close();
          }
          return null;
        };
    user.doAs(work);
  }
}
"""


@pytest.fixture(scope="module", autouse=True)
def _other(jvm: Any, classes: Path) -> None:
    compiled(jvm, "Other", OTHER, classes)


def permanent(store: Store) -> dict[str, str]:
    return {"access_key": store.access_key, "secret_key": store.secret_key}


def temporary(store: Store) -> dict[str, str]:
    """Keys of a session, as the store knows them."""
    number = 9 * 10**12
    return {
        "access_key": f"{store.access_key}-{number}",
        "secret_key": store.secret_key,
        "session_token": f"token-{number}",
    }


@pytest.mark.parametrize(
    ("binding", "keys"),
    [("FullCredentialsTokenBinding", permanent), ("SessionTokenBinding", temporary)],
)
def test_tokens_of_all_stores_stand_in_for_their_keys(
    jvm: Any, stores: tuple[Store, Store], binding: str, keys: Callable[[Store], dict[str, str]]
) -> None:
    hadoop = {"hadoop": {"fs.s3a.delegation.token.binding": BINDINGS + binding}}

    def opened(credentials: Callable[[Store], dict[str, str]]) -> RouterFs:
        routes = lake_routes(*stores)
        of_west, of_east = [client(s) | {"credentials": credentials(s)} | hadoop for s in stores]
        routes["clients"] = {"default": of_west, "east": of_east}
        return RouterFs(jvm, routes, "lake")

    fs = opened(keys)
    assert fs.java.getCanonicalServiceName() is None
    credentials = jvm.org.apache.hadoop.security.Credentials()
    tokens = fs.java.addDelegationTokens("renewer", credentials)
    services = {token.getService().toString() for token in tokens}
    assert services == {"s3r-default://lake", "s3r-east://real"}
    assert not list(fs.java.addDelegationTokens("renewer", credentials)), "each is there already"

    others = opened(lambda _: {"access_key": "nobody", "secret_key": "nothing"})
    for name in ("a", "team2/a"):
        jvm.Other.create(credentials, others.java.getConf(), others.path(name))
    places = (("lake", "a"), ("real", "team2/a"))
    for store, (bucket, name) in zip(stores, places, strict=True):
        signed = {request["access_key"] for request in store.requests()}
        assert store.keys(bucket) == [name]
        assert signed == {store.access_key, keys(store)["access_key"]}, (
            "its own, to make the bucket"
        )
