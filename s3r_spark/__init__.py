"""One routes.yaml for every S3-compatible store that a Spark job, a notebook or a script uses.

    import s3r_spark
    spark = s3r_spark.configure(SparkSession.builder, "routes.yaml").getOrCreate()
    spark.read.parquet("s3a://example-bucket/team2/x")  # wherever routes.yaml says it is
    s3 = s3r_spark.client("routes.yaml")  # the same for code that speaks boto3
    s3r_spark.register(routes="routes.yaml")  # and for what speaks fsspec:
    pandas.read_parquet("s3r://example-bucket/team2/x")

Names are loaded when they are first used: importing the package imports neither pyspark nor boto3
nor fsspec.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from s3r_spark.boto.factory import client, resource
    from s3r_spark.boto.session import session
    from s3r_spark.diagnosis.doctor import doctor
    from s3r_spark.diagnosis.findings import Diagnosis, Finding
    from s3r_spark.errors import (
        EngineError,
        RefusedError,
        RoutesError,
        RoutesWarning,
        S3RError,
        SecretError,
        SessionError,
        SetupError,
        UnmatchedError,
    )
    from s3r_spark.fs.registry import register, unregister
    from s3r_spark.hadoop.routes_plan import settings
    from s3r_spark.routing import Meaning, Routes, Target
    from s3r_spark.rules import Rule
    from s3r_spark.spark.apply_to_session import Report, apply
    from s3r_spark.spark.configure_builder import configure
    from s3r_spark.spark.report import report

    __version__: str

__all__ = [
    "Diagnosis",
    "EngineError",
    "Finding",
    "Meaning",
    "RefusedError",
    "Report",
    "Routes",
    "RoutesError",
    "RoutesWarning",
    "Rule",
    "S3RError",
    "SecretError",
    "SessionError",
    "SetupError",
    "Target",
    "UnmatchedError",
    "__version__",
    "apply",
    "client",
    "configure",
    "doctor",
    "register",
    "report",
    "resource",
    "session",
    "settings",
    "unregister",
]

_HOME = {
    "Diagnosis": "diagnosis.findings",
    "Finding": "diagnosis.findings",
    "Meaning": "routing",
    "Report": "spark.apply_to_session",
    "Routes": "routing",
    "Rule": "rules",
    "Target": "routing",
    "apply": "spark.apply_to_session",
    "client": "boto.factory",
    "configure": "spark.configure_builder",
    "doctor": "diagnosis.doctor",
    "register": "fs.registry",
    "report": "spark.report",
    "resource": "boto.factory",
    "session": "boto.session",
    "settings": "hadoop.routes_plan",
    "unregister": "fs.registry",
}


if not TYPE_CHECKING:  # or a checker would take any name for one that is here

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if name == "__version__":
            value = import_module("importlib.metadata").version("s3r-spark")
        else:
            try:
                module = import_module(f"{__name__}.{_HOME.get(name, 'errors')}")
            except ModuleNotFoundError as error:
                return _without(name, error)
            value = getattr(module, name)
        globals()[name] = value  # asked for once
        return value


def _without(name: str, error: ModuleNotFoundError) -> Any:
    """Make a stand-in for a function whose extra isn't installed: it says so when it is called."""

    def missing(*_: Any, **_named: Any) -> Any:
        raise ModuleNotFoundError(str(error), name=error.name)

    missing.__name__ = missing.__qualname__ = name
    missing.__doc__ = f"Not installed: {error}"
    return missing


def load_ipython_extension(shell: Any) -> None:
    """Bring the magic `%routes`: what `%load_ext s3r_spark` calls."""
    import_module("s3r_spark.notebook").register_magics(shell)


def __dir__() -> list[str]:
    return sorted(__all__)
