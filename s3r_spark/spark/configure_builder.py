"""Routes on a SparkSession builder: everything that a session needs before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from s3r_spark.routing import Routes
from s3r_spark.spark.routed_builder import RoutedBuilder

if TYPE_CHECKING:
    from s3r_spark.hadoop.engines import EngineName
    from s3r_spark.routing import RoutesLike

B = TypeVar("B")


def configure(
    builder: B,
    routes: RoutesLike | None = None,
    *,
    engine: EngineName = "auto",
    packages: bool = True,
    reach: bool = True,
) -> B:
    """Make a session follow routes.

    Secrets go on the builder as references (`${env.NAME}`), since PySpark passes a builder's
    options as arguments that every user of the machine can see; their values follow when the
    session is created, from where they reach the executors. What other routes have put on the
    builder before is taken off.

    Where a session runs already, `getOrCreate` gives it, and has it follow the routes as `apply`
    does; if it follows them already, nothing is done.

    Args:
        builder: `SparkSession.builder`, before or after settings of your own.
        routes: as `Routes.load` takes them; None: S3R_ROUTES, or the repository's routes.yaml.
        engine: `auto`, `s3a`, `router` or `viewfs`; see `s3r-spark explain`.
        packages: whether to add the jars that S3A needs, in so far as neither you nor the
            installation brings them.
        reach: whether to try, while Spark starts, if the stores can be reached: by a connection to
            each client's endpoint_url, in which nothing is asked.

    Returns:
        The same builder.

    Raises:
        TypeError: that is no builder.
        RoutesError: the routes can't be used.
        EngineError: the engine can't do what they ask.
        SecretError: a variable that a secret is read from isn't set.
        SessionError: the session is not of this process; AWS_ENDPOINT_URL or its like would take
            the place of AWS; fs.s3a.impl is set to a file system that knows no routes. What you set
            on the builder later is looked at by `getOrCreate`, which names the line.
        SetupError: Java or pyspark is missing or out of range; under spark-submit, the jars are.

    Warns:
        RoutesWarning: for what works, but probably not as meant; also where a setting of your own
            differs from the routes: yours stays. When the session is created, for stores that
            can't be reached.
    """
    _check_builder(builder)
    RoutedBuilder(builder, Routes.load(routes), engine, packages=packages, reach=reach).follow()
    return builder


def _check_builder(builder: Any) -> None:
    options = getattr(builder, "_options", None)
    if not isinstance(options, dict) or not callable(getattr(builder, "getOrCreate", None)):
        if isinstance(builder, type):
            text = f"the class {builder.__name__}: write configure(SparkSession.builder, …)"
        elif hasattr(builder, "conf"):
            text = f"a {type(builder).__name__}: a session that runs takes s3r_spark.apply"
        else:
            text = f"a {type(builder).__name__}"
        raise TypeError(f"configure takes SparkSession.builder, not {text}")
