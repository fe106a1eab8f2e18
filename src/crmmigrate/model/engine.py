"""Which engine works on the rows, as migration.yaml and the command line say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ENGINES = ("local", "spark")


@dataclass(frozen=True)
class EngineSpec:
    """Where rows are worked on.

    Args:
        kind: `local`, this machine; `spark`, a cluster.
        master: of Spark, as `spark://HOST:7077`, `yarn`, `k8s://…`; `local[2]` is this machine with two tasks at a time.
        settings: of Spark, as in spark-defaults.conf (`spark.executor.memory: 8g`).
    """

    kind: Literal["local", "spark"] = field(default="local", metadata={"short": True})
    master: str = "local[*]"
    settings: dict[str, str] = field(default_factory=dict)
