"""One routes.yaml for every S3-compatible store that a Spark job, a notebook or a script uses."""

from __future__ import annotations
