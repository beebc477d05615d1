"""Ways of jars to a session: as files, by a class path that is there already, or by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from s3r_spark.errors import SessionError, SetupError
from s3r_spark.hadoop import engines, ivy
from s3r_spark.hadoop.engines import common
from s3r_spark.hadoop.packages import Needed, has_cloud, jars_folder, merge, needed
from s3r_spark.spark import gateway, user_conf
from s3r_spark.spark.session_plan import BINDING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from s3r_spark.hadoop.routes_plan import Plan
    from s3r_spark.routing import Routes

__all__ = ["ByName", "Files", "Running", "Submitted"]

_PACKAGES, _EXCLUDES, _JARS = "spark.jars.packages", "spark.jars.excludes", "spark.jars"
_REPOSITORIES = "spark.jars.repositories"


@dataclass(frozen=True)
class Files:
    """Jars for a session that starts here.

    They are resolved here and named in spark.jars. Where the user names packages, ours join them:
    PySpark writes a builder's spark.jars back over what Spark resolves of spark.jars.packages, so
    that with both the executors of a cluster would lack the packages.

    Attributes:
        user: what the user has said to Spark.
        s3a: whether S3A's are wanted.
    """

    user: user_conf.UserConf
    s3a: bool

    def added(self, plan: Plan) -> dict[str, str]:
        """The settings that bring S3A's jars, and the engine's."""
        get, folder = self.user.get, jars_folder()
        add = needed(plan.version, get(_PACKAGES), get(_JARS), folder) if self.s3a else Needed()
        jar = plan.engine.lacking_jar(folder)
        if get(_PACKAGES) is not None:
            items_by_key: dict[str, Sequence[str]]
            items_by_key = {_PACKAGES: add.packages, _EXCLUDES: add.excludes}
            if jar is not None:
                items_by_key[_PACKAGES] = (*add.packages, jar.coordinate)
                items_by_key[_REPOSITORIES] = (jar.repository,)
            return self._merged({key: items for key, items in items_by_key.items() if items})
        files = [str(jar.file)] if jar else []
        if add.packages:
            files += map(str, self._resolved(add))
        return self._merged({_JARS: files}) if files else {}

    def has_cloud(self, added: Mapping[str, str]) -> bool:
        """Tell whether the user, the installation or what is added brings spark-hadoop-cloud."""
        named, files = (added.get(key, self.user.get(key)) for key in (_PACKAGES, _JARS))
        return has_cloud(named, files, jars_folder())

    def _resolved(self, add: Needed) -> tuple[Path, ...]:
        return ivy.resolve(
            add.packages,
            [*add.excludes, *filter(None, (self.user.get(_EXCLUDES) or "").split(","))],
            spark_jars=jars_folder(),
            home=self.user.get("spark.jars.ivy"),
            repositories=[url for url in (self.user.get(_REPOSITORIES) or "").split(",") if url],
            settings=self.user.get("spark.jars.ivySettings"),
        )

    def _merged(self, needed: Mapping[str, Sequence[str]]) -> dict[str, str]:
        out = {}
        for key, items in needed.items():
            merged = merge(self.user.get(key), items)
            if key in self.user.flags:  # --packages wins over any setting, so it must grow
                user_conf.replace_flag(key, merged)
            else:
                out[key] = merged
        return out


@dataclass(frozen=True)
class Submitted:
    """The class path of spark-submit's JVM, which takes no more jars.

    Attributes:
        java: the JVM.
    """

    java: Any

    def added(self, plan: Plan) -> dict[str, str]:
        """Nothing.

        Raises:
            SetupError: jars are missing; with the arguments that spark-submit needs.
        """
        lacking = [name for name in plan.engine.CLASSES if not gateway.can_load(self.java, name)]
        names, arguments = [], []
        if common.S3A in lacking:
            add = needed(plan.version)
            names.append("S3A")
            arguments += ["--packages", ",".join(add.packages)]
            arguments += ["--exclude-packages", ",".join(add.excludes)]
        if lacking[-1:] != [common.S3A] and lacking and (jar := plan.engine.lacking_jar(None)):
            names.append(plan.engine.NAME)
            arguments += ["--jars", str(jar.file)]
        if lacking:
            raise SetupError(
                f"this spark-submit has no {' and no '.join(names)} on its classpath, and a "
                f"builder can't add it any more; submit with\n  {' '.join(arguments)}\n"
                "or with the --properties-file that `s3r-spark conf` writes"
            )
        return {}

    def has_cloud(self, added: Mapping[str, str]) -> bool:
        """Tell whether the JVM can load spark-hadoop-cloud."""
        del added
        return gateway.can_load(self.java, BINDING)


@dataclass(frozen=True)
class Running:
    """The class path of a session that runs.

    Attributes:
        java: its JVM; None for a Connect server, of which nothing is known.
        routes: what it is to follow.
    """

    java: Any
    routes: Routes

    def added(self, plan: Plan) -> dict[str, str]:
        """Nothing.

        Raises:
            SessionError: the engine's own jar is missing. (Of S3A, a platform may have its own.)
        """
        needed = {*plan.engine.CLASSES} - {common.S3A}
        if self.java is None or all(gateway.can_load(self.java, name) for name in needed):
            return {}
        name = plan.engine.NAME
        text = (
            f"{plan.reason}; engine {name} can, but this session lacks the {name} jar: start one "
            "with s3r_spark.configure, or with the jars that `s3r-spark jars` fetches"
        )
        if other := engines.without_jar(self.routes, plan.version):
            text += f"; or ask for engine={other[-1]!r}, which needs none and does less"
        raise SessionError(text)

    def has_cloud(self, added: Mapping[str, str]) -> bool:
        """Tell whether the JVM can load spark-hadoop-cloud."""
        del added
        return self.java is not None and gateway.can_load(self.java, BINDING)


@dataclass(frozen=True)
class ByName:
    """Jars for those who read files of `s3r-spark conf`.

    Attributes:
        folder: the folder of jars of the Spark here, where it is the one meant.
        router_jar: where the engine's own jar lies for them: a .jar, or a folder that is a Maven
            repository with it; None: the one here.
        wanted: whether they are to get jars at all.
    """

    folder: Path | None
    router_jar: str | None
    wanted: bool

    def added(self, plan: Plan) -> dict[str, str]:
        """Jars as packages, which Spark fetches; the engine's own as a file where that is said.

        A driver that runs on Kubernetes fetches a job that lies on s3a:// when it has the packages,
        and before it has the files of spark.jars.
        """
        if not self.wanted:
            return {}
        add = needed(plan.version, folder=self.folder)
        jar = plan.engine.lacking_jar(self.folder)
        named, where = [*add.packages], self.router_jar
        out = {_PACKAGES: "", _EXCLUDES: ",".join(add.excludes)}
        if jar is not None and where is not None and where.endswith(".jar"):
            out[_JARS] = where
        elif jar is not None:
            named.append(jar.coordinate)
            is_path = where is not None and where.startswith("/")
            out[_REPOSITORIES] = f"file://{where}" if is_path else where or jar.repository
        out[_PACKAGES] = ",".join(named)
        return {key: value for key, value in out.items() if value}

    def has_cloud(self, added: Mapping[str, str]) -> bool:
        """Tell whether the packages or the Spark here bring spark-hadoop-cloud."""
        return has_cloud(added.get(_PACKAGES), None, self.folder)
