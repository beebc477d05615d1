"""The libraries that the package rests on, as they are installed here: what differs from tests."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any

from s3r_spark.private_apis import RELIED_ON, TESTED, state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s3r_spark.private_apis import State

__all__ = ["Library", "libraries", "library", "version_of"]

_VERBS: Mapping[State, str] = {
    "changed": "differs from every release that was tested",
    "unreadable": "has no source that could be held against what was tested",
    "gone": "is not there",
}


@dataclass(frozen=True)
class Library:
    """A library that the package rests on.

    Attributes:
        name: as it is imported and installed.
        version: the release that is installed; None: it isn't.
        states: of the functions that are relied on, by `module:name`; none where it isn't
            installed.
    """

    name: str
    version: str | None
    states: Mapping[str, State]

    @property
    def failures(self) -> list[str]:
        """Functions that aren't there, so that what rests on them fails: a line each."""
        return self._lines("gone")

    @property
    def differences(self) -> list[str]:
        """Functions that may do something else than what was tested: a line each."""
        return self._lines("changed", "unreadable")

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON."""
        return {
            "name": self.name,
            "version": self.version,
            "tested": list(TESTED[self.name]),
            "functions": dict(self.states),
        }

    def _lines(self, *states: State) -> list[str]:
        return [
            f"{self.name} {self.version}: {name} {_VERBS[state]}; relied on: {_reason(name)}"
            for name, state in self.states.items()
            if state in states
        ]


def libraries() -> list[Library]:
    """All libraries that are relied on, those that aren't installed too."""
    return [library(name) for name in TESTED]


def library(name: str) -> Library:
    """One of them, as it is here."""
    version = version_of(name)
    if version is None:
        return Library(name, None, {})
    states = {
        f"{module}:{function}": state(module, function)
        for module, functions in RELIED_ON.items()
        if module.partition(".")[0] == name
        for function in functions
    }
    return Library(name, version, states)


def version_of(name: str) -> str | None:
    """The release of a package that is installed; None: it isn't, as in a mere checkout."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _reason(name: str) -> str:
    module, _, function = name.partition(":")
    return RELIED_ON[module][function].on
